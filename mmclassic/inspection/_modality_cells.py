"""The cells of one modality of a fitted fusion: their medium, and how they are decoded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline
from sklearn.utils import _safe_indexing, get_tags

from mmclassic._cells import as_cells
from mmclassic._errors import UnreadableCell
from mmclassic.fusion import Precomputed
from mmclassic.inspection._damage_table import is_number_column
from mmclassic.media import Limits, decode_audio, decode_image, decode_text


def steps_of(estimator: Any) -> Iterator[Any]:
    """The steps of pipelines, also of frozen, searched and nested ones, from first to last."""
    estimator = getattr(estimator, "best_estimator_", estimator)
    if isinstance(estimator, FrozenEstimator):
        yield from steps_of(estimator.estimator)
    elif isinstance(estimator, Pipeline):
        for _, step in estimator.steps:
            yield from steps_of(step)
    else:
        yield estimator


def reader_of(estimator: Any) -> Any:
    """The step that reads cells and says what they are, or None.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from mmclassic.image import HOGVectorizer
    >>> reader_of(make_pipeline(HOGVectorizer(size=(16, 16)), "passthrough"))
    HOGVectorizer(size=(16, 16))
    """
    for step in steps_of(estimator):
        if getattr(step, "_medium", None) is not None:
            return step
    return None


def media_of(estimator: Any, part: Any) -> list[str]:
    """What the cells of a modality are: one medium; for ordinary columns one or two.

    Parameters
    ----------
    estimator : fitted estimator
        Of the modality.
    part : frame, array or column
        Its columns.

    Returns
    -------
    media : list of str
        Among "image", "audio", "text", "numeric" and "categorical"; none where it is unknown.

    Examples
    --------
    >>> from sklearn.naive_bayes import GaussianNB
    >>> media_of(GaussianNB(), np.ones((3, 2)))
    ['numeric']
    """
    reader = reader_of(estimator)
    if reader is not None:
        return [reader._medium]
    first = next(steps_of(estimator))
    if isinstance(first, Precomputed):
        return []  # probabilities with noise would be none
    tags = None if isinstance(first, str) or first is None else get_tags(first).input_tags
    if tags is not None and tags.string and not tags.two_d_array:
        return ["text"]  # a text vectorizer of scikit-learn
    numeric = [is_number_column(cells) for cells in columns_in(part)]
    simple = [_is_simple(cells) for cells in columns_in(part)]
    found = []
    if any(numeric):
        found.append("numeric")
    if not all(numeric) and all(simple):
        found.append("categorical")
    return found


def _is_simple(cells: list) -> bool:
    return not any(isinstance(cell, np.ndarray | tuple | list | dict | bytes) for cell in cells)


def part_of(X: Any, columns: Any) -> Any:
    """The columns of a modality: a column for a single name, otherwise a table.

    Examples
    --------
    >>> part_of(np.array([[1, 2], [3, 4]]), [1])
    array([[2],
           [4]])
    """
    return _safe_indexing(X, columns(X) if callable(columns) else columns, axis=1)


def columns_in(part: Any) -> list[list]:
    """A column, or the columns of a table, each as a list of cells."""
    if hasattr(part, "columns"):
        return [as_cells(_safe_indexing(part, [place], axis=1)) for place in range(part.shape[1])]
    if getattr(part, "ndim", 1) == 2:
        return [list(part[:, place]) for place in range(part.shape[1])]
    return [as_cells(part)]


def decode_cell(cell: Any, medium: str, reader: Any) -> Any:
    """A cell as its damages take it: str, uint8 (h, w, 3) RGB, or float32 samples.

    A picture is decoded whole and in colour, so that it is damaged as the user's file would be,
    whatever the vectorizer then looks at.

    Raises
    ------
    UnreadableCell

    Examples
    --------
    >>> decode_cell(b"a cat", "text", None)
    'a cat'
    """
    limits = getattr(reader, "limits", None) or Limits()
    if medium == "text":
        encoding = getattr(reader, "encoding", "utf-8")
        return decode_text(cell, encoding=encoding, limits=limits)
    where = {"limits": limits, "root": reader.root, "allow_paths": reader.allow_paths}
    if medium == "image":
        return decode_image(cell, **where)
    return decode_audio(cell, sampling_rate=sampling_rate_of(reader), **where)


def decode_or_none(cell: Any, medium: str, reader: Any) -> Any:
    """As :func:`decode_cell`; None where it cannot be read."""
    try:
        return decode_cell(cell, medium, reader)
    except UnreadableCell:
        return None  # the score table has named it, or counts it as missing


def sampling_rate_of(reader: Any) -> int:
    """The rate at which a reader of sound, or the first one in a union, takes it."""
    first = reader.transformers[0][1] if hasattr(reader, "transformers") else reader
    return first.sampling_rate
