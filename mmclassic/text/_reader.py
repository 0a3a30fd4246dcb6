"""What the vectorizers of text share: how a column of cells becomes documents."""

from __future__ import annotations

import numpy as np

from mmclassic._cells import is_missing, object_column
from mmclassic._errors import CellError, UnreadableCellsError
from mmclassic.media._read import read_column
from mmclassic.media._text import decode_text
from mmclassic.media._vectorizer import READING_CONSTRAINTS, CellReader

# Parameters that every reader of text has, in addition to its own, and their constraints.
TEXT_CONSTRAINTS: dict = {
    "lowercase": ["boolean"],
    "encoding": [str],
    "limits": READING_CONSTRAINTS["limits"],
    "on_unreadable": READING_CONSTRAINTS["on_unreadable"],
}


class TextReader(CellReader):
    """A fitted transformer of a column of texts.

    Subclasses have the parameters of ``TEXT_CONSTRAINTS``.
    """

    def read_cells(self, X) -> tuple[np.ndarray, list[CellError]]:
        """Texts of every cell: the half of the work that learns nothing.

        Parameters
        ----------
        X : column of n cells

        Returns
        -------
        texts : ndarray of str objects, shape (n,)
            None for missing and unreadable cells. ``fit`` and ``transform`` take this column
            as they take X, with the same results.
        errors : list of CellError
            The unreadable cells, numbered by position in X.
        """
        self._validate_params()
        results, errors = read_column(X, self._decode)
        # Bytes may hold a blank text, which is as missing as a blank string.
        return object_column([None if is_missing(text) else text for text in results]), errors

    def _decode(self, cell) -> str:
        return decode_text(cell, encoding=self.encoding, limits=self._limits_in_force())

    def _documents_to_fit(self, X) -> tuple[list[str], np.ndarray]:
        """Texts that are there, and a boolean array of shape (n,): which rows they are."""
        texts, errors = self.read_cells(X)
        present = np.array([text is not None for text in texts], dtype=bool)
        if errors and not present.any():
            raise UnreadableCellsError(errors, len(texts), "Not one cell could be read.")
        self._settle(errors, len(texts))
        if not present.any():
            raise ValueError(
                f"All {len(texts)} texts are missing or blank: there is nothing to learn from."
            )
        self._remember_column(X)
        return list(texts[present]), present

    def _documents_to_transform(self, X) -> list[str | None]:
        """One text per row, None where it is missing."""
        texts, errors = self.read_cells(X)
        self._settle(errors, len(texts))
        return list(texts)

    def _to_portable(self) -> None:
        """Nothing of a text vectorizer belongs to one machine."""
