"""What the vectorizers of text share: how a column of cells becomes documents."""

from __future__ import annotations

import codecs

import numpy as np
from sklearn.utils._param_validation import StrOptions

from mmclassic._cells import as_cells, column_name
from mmclassic._errors import CellError, UnreadableCellsError
from mmclassic.media._text import decode_text, decode_texts
from mmclassic.media._vectorizer import READING_CONSTRAINTS, CellReader
from mmclassic.text._redact import check_kinds, redact
from mmclassic.text._tokenizers import TOKENIZERS

# Parameters that every reader of text has, in addition to its own, and their constraints.
TEXT_CONSTRAINTS: dict = {
    "lowercase": ["boolean"],
    "tokenizer": [StrOptions(set(TOKENIZERS))],
    "redact": ["boolean", list, tuple],
    "encoding": [str],
    "limits": READING_CONSTRAINTS["limits"],
    "on_unreadable": READING_CONSTRAINTS["on_unreadable"],
}


class TextReader(CellReader):
    """A fitted transformer of a column of texts.

    Subclasses have the parameters of ``TEXT_CONSTRAINTS``.
    """

    # What its cells are, for those who damage or show them.
    _medium = "text"

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
        texts, errors = self._read(X)
        column = np.empty(len(texts), dtype=object)
        column[:] = texts
        return column, errors

    def _decode(self, cell) -> str:
        return decode_text(cell, encoding=self.encoding, limits=self._limits_in_force())

    def _read(self, X) -> tuple[list[str | None], list[CellError]]:
        self._validate_params()
        check_kinds(self.redact)
        try:
            codecs.lookup(self.encoding)
        except LookupError:
            raise ValueError(f"There is no encoding={self.encoding!r}.") from None
        return decode_texts(
            as_cells(X),
            name=column_name(X),
            encoding=self.encoding,
            limits=self._limits_in_force(),
        )

    def _documents_to_fit(self, X) -> tuple[list[str], np.ndarray]:
        """Texts that are there, and a boolean array of shape (n,): which rows they are."""
        texts, errors = self._read(X)
        present, documents = self._present(texts)
        if errors and not documents:
            raise UnreadableCellsError(errors, len(texts), "Not one cell could be read.")
        self._settle(errors, len(texts))
        if not documents:
            raise ValueError(
                f"All {len(texts)} texts are missing or blank: there is nothing to learn from."
            )
        self._remember_column(X)
        return documents, present

    def _documents_to_transform(self, X) -> tuple[list[str], np.ndarray]:
        """As :meth:`_documents_to_fit`, but there may be none."""
        self._check_column(X)
        texts, errors = self._read(X)
        self._settle(errors, len(texts))
        present, documents = self._present(texts)
        return documents, present

    def _present(self, texts: list[str | None]) -> tuple[np.ndarray, list[str]]:
        """Which texts are there, as a boolean array, and these texts, redacted."""
        present = np.fromiter((text is not None for text in texts), dtype=bool, count=len(texts))
        documents = [text for text in texts if text is not None]
        # Not where cells are read: what read_cells gives is read again, and must not have grown.
        kinds = check_kinds(self.redact)
        if kinds:
            documents = [redact(text, kinds) for text in documents]
        return present, documents

    def _to_portable(self) -> None:
        """Nothing of a text vectorizer belongs to one machine."""
