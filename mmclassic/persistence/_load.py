"""Read a model from a file, running no code of the file's choice."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Iterable
from functools import partial
from typing import Any

from mmclassic.persistence._archive import Payload, read_archive
from mmclassic.persistence._card import describe, versions
from mmclassic.persistence._environment import (
    check_network,
    complete,
    embedded_file,
    forget_memory,
    refuse_file_reader,
    set_reading,
)
from mmclassic.persistence._graph import rebuild
from mmclassic.persistence._indices import check_indices
from mmclassic.persistence._pack import Unpacker
from mmclassic.persistence._rows import holds_rows
from mmclassic.persistence._schema import CALLED, check_schema
from mmclassic.persistence._trusted import TRUSTED, names_of


def load(
    path: str | os.PathLike,
    *,
    root: str | os.PathLike | None = None,
    allow_paths: bool = True,
    trusted: Iterable[str | type] = (),
    max_bytes: int = 2 * 2**30,
) -> Any:
    """Load a model that :func:`save` wrote.

    Only types of mmclassic and scikit-learn that are on an explicit list are made; a file
    that names any other is refused before anything in it is built.

    Parameters
    ----------
    path : path-like
        The file.
    root : path-like, optional
        Folder that paths in cells are relative to, and that they may not leave. None: the
        current folder, and no confinement.
    allow_paths : bool, default=True
        Whether a cell may be a path. A service that is sent pictures as bytes says False.
    trusted : iterable of types or of their full names, default=()
        Further types that the file may name, such as estimators of other packages. Name
        only what you know; never pass on what a file asks for.
    max_bytes : int, default=2 GiB
        Largest size of the unpacked model.

    Returns
    -------
    model : estimator
        Without ``cache`` and ``memory``; ``root`` and ``allow_paths`` set wherever cells
        are read.

    Raises
    ------
    FileNotFoundError
        If there is no such file, or no folder `root`.
    ValueError
        If the file is no model of mmclassic's, is damaged, too large, of a newer format, or
        names types that are not trusted.

    Warns
    -----
    sklearn.exceptions.InconsistentVersionWarning
        If the model was fitted by another version of scikit-learn.
    UserWarning
        If its card names another version of mmclassic or scikit-learn; the settings in the
        card are then not compared with the model's.

    See Also
    --------
    save : Writes the file.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from mmclassic import load, save
    >>> with TemporaryDirectory() as folder:
    ...     save(GaussianNB().fit([[0.0], [1.0]], [3, 7]), Path(folder) / "model.mmc")
    ...     load(Path(folder) / "model.mmc", allow_paths=False).predict([[0.9]])
    array([7])
    """
    if root is not None and not os.path.isdir(root):
        raise FileNotFoundError(f"There is no folder root={os.fspath(root)!r}.")
    card, payload = read_archive(path, max_bytes)
    own = names_of(trusted)
    same_versions = _same_versions(card)
    embedded: list[dict] = []
    holders: set[str] = set()
    leave = partial(
        _leave,
        unpack=Unpacker(max_bytes),
        root=root,
        allow_paths=allow_paths,
        embedded=embedded,
        holders=holders,
    )
    try:
        model = rebuild(_construct(payload, own), leave=leave)
        if _sorted(embedded) != _sorted(card.get("embedded", [])):
            raise ValueError("the SHA-256 of a file inside is not the one in its card")
        _compare(card, describe(model, sorted(holders)), settings=same_versions)
    except (UntrustedTypesError, Warning):
        raise
    except Exception as error:  # a forged file can fail in any way, MemoryError among them
        raise ValueError(f"{os.fspath(path)} is damaged or forged: {error}") from error
    return model


class UntrustedTypesError(ValueError):
    """A model file names types that nobody trusted."""


def _construct(payload: Payload, own: set[str]) -> Any:
    """The model that skops reads, if it is made of trusted types, or the caller's own, only."""
    import skops.io  # imports all of scikit-learn, half a second

    asked = set(skops.io.get_untrusted_types(data=payload.content))
    strangers = sorted(asked - TRUSTED - own)
    if strangers:
        raise UntrustedTypesError(
            f"The file names types that are not trusted: {', '.join(strangers)}. Where you know "
            f"each of them and where the file comes from, pass trusted={strangers!r}."
        )
    check_schema(payload.schema, CALLED | own)
    return skops.io.loads(payload.content, trusted=sorted(asked))


def _same_versions(card: dict) -> bool:
    """Whether the card names the versions that are here; warns if not. An old one names none."""
    named = card.get("versions")
    here = versions()
    if named is None or (isinstance(named, dict) and here.items() <= named.items()):
        return True
    warnings.warn(
        f"The model was saved by {json.dumps(named)[:120]} and is loaded by {json.dumps(here)}: "
        "compare some predictions with known ones before you rely on it.",
        UserWarning,
        stacklevel=3,
    )
    return False


def _compare(card: dict, description: dict, *, settings: bool) -> None:
    """Refuse a card that says something else of the model than the model."""
    for name, true in description.items():
        said = card.get(name, true)
        if not settings:  # which of them are the defaults depends on the version
            said, true = _without_settings(said), _without_settings(true)
        if json.dumps(said) != json.dumps(true):
            raise ValueError(
                f"its card says {name} = {json.dumps(said)[:80]}, the model {json.dumps(true)[:80]}"
            )


def _without_settings(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_settings(part) for part in value]
    if isinstance(value, dict):
        return {key: _without_settings(part) for key, part in value.items() if key != "settings"}
    return value


def _leave(
    value: Any,
    *,
    unpack: Unpacker,
    root: Any,
    allow_paths: bool,
    embedded: list[dict],
    holders: set[str],
) -> Any:
    """One part of the loaded model, after its own parts."""
    value = complete(unpack(value))
    for check in (check_indices, check_network, refuse_file_reader):
        check(value)
    forget_memory(set_reading(value, root=root, allow_paths=allow_paths))
    file = embedded_file(value)
    if file is not None:
        embedded.append(file)
    if holds_rows(value):
        holders.add(type(value).__name__)
    return value


def _sorted(files: list[dict]) -> list:
    return sorted(files, key=lambda file: str(sorted(file.items())))
