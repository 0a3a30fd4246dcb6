"""Write a model to a file that holds no code."""

from __future__ import annotations

import copy
import os
import warnings
from functools import partial
from types import FunctionType
from typing import Any

from mmclassic.persistence._archive import write_archive
from mmclassic.persistence._arrays import store_sparse
from mmclassic.persistence._card import make_card, plain
from mmclassic.persistence._environment import (
    embedded_file,
    forget_memory,
    refuse_file_reader,
    set_reading,
)
from mmclassic.persistence._graph import rebuild
from mmclassic.persistence._pack import Packer
from mmclassic.persistence._rows import holds_rows, warning_of


def save(model: Any, path: str | os.PathLike, *, notes: dict | None = None) -> None:
    """Save a model so that :func:`load` gives it back, here or on another machine.

    The file is a zip of ``card.json``, which says what the model is, and ``model.skops``,
    written by skops: names of types, numbers and text, no pickle. It is complete or not
    there: an existing file is replaced only when the new one is on disk.

    Left out is what belongs to this machine or to the training data: ``root``, ``cache``
    and ``memory``, and the cross-fitted training scores. The network of a
    ``BackboneVectorizer`` travels inside. The model itself is not changed.

    Parameters
    ----------
    model : estimator
        Fitted or not; mmclassic's, scikit-learn's, or a pipeline of both. Estimators of
        other packages can be saved; loading them needs ``trusted=``.
    path : path-like
        File to write, by habit ending in ``.mmc``. Its folder must exist.
    notes : dict, optional
        What the card shall say besides: scores on held-out rows, where the data is from, who to
        ask. Anything that JSON can hold; it is not checked when the model is loaded.

    Raises
    ------
    FileNotFoundError
        If the file's folder does not exist.
    ValueError
        If the model holds a function or a class that no other program can import (a
        lambda, or one defined in the main script or within a function), or an object that
        the format cannot hold.

    Warns
    -----
    UserWarning
        If the model keeps rows of the training table (nearest neighbours, support vectors,
        Gaussian processes), which then are in the file.

    See Also
    --------
    load : The way back.
    read_card : What the file says of the model.

    Notes
    -----
    The format is that of skops (https://skops.readthedocs.io/en/stable/persistence.html).

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from sklearn.linear_model import LogisticRegression
    >>> from mmclassic import load, save
    >>> model = LogisticRegression().fit([[0.0], [1.0]], ["no", "yes"])
    >>> with TemporaryDirectory() as folder:
    ...     save(model, Path(folder) / "model.mmc")
    ...     load(Path(folder) / "model.mmc").predict([[0.9]])
    array(['yes'], dtype='<U3')
    """
    import skops.io  # imports all of scikit-learn, half a second

    embedded: list[dict] = []
    holders: set[str] = set()
    enter = partial(_enter, embedded=embedded, holders=holders)
    try:
        portable = rebuild(copy.deepcopy(model), enter=enter)
        said = plain(notes or {})
        card = make_card(portable, embedded=embedded, rows_in=sorted(holders), notes=said)
        payload = store_sparse(skops.io.dumps(rebuild(portable, enter=Packer())))
    except RecursionError as error:
        raise ValueError(
            f"This {type(model).__name__} holds an object that refers to itself, or is nested too "
            "deeply, and cannot be saved."
        ) from error
    except TypeError as error:
        raise ValueError(f"This {type(model).__name__} cannot be saved: {error}") from error
    write_archive(path, card, payload)
    if holders:
        warnings.warn(warning_of(sorted(holders)), UserWarning, stacklevel=2)


def _enter(value: Any, embedded: list[dict], holders: set[str]) -> Any:
    """One part of the copied model, made portable before its own parts are."""
    if type(value).__module__.startswith("gensim.") and hasattr(value, "index_to_key"):
        from mmclassic.text._word_vectors import as_word_vectors

        return as_word_vectors(value)  # also where a search tries several
    _refuse_code(value)
    refuse_file_reader(value)
    if hasattr(value, "_to_portable") and not isinstance(value, type):
        value._to_portable()
    forget_memory(set_reading(value, root=None, allow_paths=getattr(value, "allow_paths", True)))
    file = embedded_file(value)
    if file is not None:
        embedded.append(file)
    if holds_rows(value):
        holders.add(type(value).__name__)
    return value


def _refuse_code(value: Any) -> None:
    """Raise if ``value`` is, or is made by, code that cannot be imported by its name."""
    is_function = isinstance(value, FunctionType)
    code = value if is_function or isinstance(value, type) else type(value)
    is_nested = "<" in code.__qualname__ or (is_function and "." in code.__qualname__)
    if code.__module__ == "__main__" or is_nested:
        kind = "function" if is_function else "class"
        raise ValueError(
            f"The model holds the {kind} {code.__module__}.{code.__qualname__}, which no other "
            "program can import. Move it to the top level of a module of its own, build the model "
            "with it from there, and name it in trusted= when loading."
        )
