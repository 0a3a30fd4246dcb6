"""Features of the cells of one part, here or on another machine; and what they depend on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from sklearn.base import clone

from mmclassic._cells import missing_mask, object_column
from mmclassic._errors import CellError
from mmclassic.extraction._chunks import Chunk
from mmclassic.media._cell_key import cell_digest, digest
from mmclassic.media._source import describe
from mmclassic.media._vectorizer import CellVectorizer

# Raised when parts are written in another way, so that none of the old are taken for new.
_LAYOUT = 1


class PartReader:
    """From the cells of a part to features and errors; a copy may go to another process.

    Parameters
    ----------
    vectorizers : dict from column to CellVectorizer
    """

    def __init__(self, vectorizers: Mapping[str, CellVectorizer]):
        self.vectorizers = dict(vectorizers)
        self._settings_digest = digest(json.dumps(self.settings(), sort_keys=True).encode())

    def __call__(self, cells: Mapping[str, list]) -> tuple[list[np.ndarray], list[CellError]]:
        """Features of every column, shape (n_rows, n_features), and the unreadable cells."""
        import pandas as pd

        features, errors = [], []
        for column, vectorizer in self.vectorizers.items():
            named = pd.Series(object_column(cells[column]), name=column, dtype=object)
            values, unreadable = vectorizer.read_cells(named)
            features.append(values)
            errors += unreadable
        return features, errors

    def with_jobs(self, n_jobs: int | None) -> PartReader:
        """The same with another number of workers."""
        members = self.vectorizers.items()
        return PartReader({c: clone(v).set_params(n_jobs=n_jobs) for c, v in members})

    def names(self) -> list[list[str]]:
        """Names of the features of every column."""
        return [
            [f"{column}__{name}" for name in vectorizer.get_feature_names_out()]
            for column, vectorizer in self.vectorizers.items()
        ]

    def settings(self) -> dict:
        """All that beside the cells decides the features, in words that JSON can hold."""
        members = self.vectorizers.items()
        return {"layout": _LAYOUT, "vectorizers": {c: v._settings() for c, v in members}}

    def n_cells(self, chunk: Chunk) -> dict[str, int]:
        """How many cells of each column are there."""
        return {c: int((~missing_mask(chunk.cells[c])).sum()) for c in self.vectorizers}

    def fingerprint(self, chunk: Chunk) -> str:
        """Digest of a part's rows, of the files that they name, and of the settings.

        Parameters
        ----------
        chunk : Chunk

        Returns
        -------
        fingerprint : str
            Another where a file was changed since, or where anything of the part was.
        """
        parts = [self._settings_digest, str(chunk.start).encode()]
        for column, vectorizer in self.vectorizers.items():
            reading = (vectorizer.root, vectorizer.allow_paths)
            parts += [_identity(cell, *reading) for cell in chunk.cells[column]]
        parts += [repr((name, kept.to_pylist())).encode() for name, kept in chunk.kept.items()]
        return digest(*parts).hex()


def _identity(cell: Any, root: Any, allow_paths: bool) -> bytes:
    """What a cell is: content, or file and its times; for what cannot be read, what it says."""
    known = cell_digest(cell, root, allow_paths)
    return b"?" + describe(cell).encode() if known is None else known
