"""What all stateless vectorizers of cells share: read each cell once, one row each."""

from __future__ import annotations

import os
from collections.abc import Iterable
from numbers import Integral

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils._param_validation import StrOptions

from mmclassic._cells import as_cells, column_name, object_column, repeatable
from mmclassic._errors import CellError, UnreadableCellsError, settle
from mmclassic.media._chunks import ChunkReader, OneByOne
from mmclassic.media._limits import Limits
from mmclassic.media._read import CHUNK, read_matrix
from mmclassic.media._store import CellStore, settings_of

_USUAL = Limits()

# Parameters that every reader of cells has, in addition to its own, and their constraints.
READING_CONSTRAINTS: dict = {
    "root": [str, os.PathLike, None],
    "allow_paths": ["boolean"],
    "limits": [Limits, None],
    "cache": [str, os.PathLike, None],
    "on_unreadable": [StrOptions({"raise", "missing"})],
    "n_jobs": [Integral, None],
}


class CellReader(TransformerMixin, BaseEstimator):
    """A transformer of a column of pictures or recordings.

    Subclasses have the parameters of ``READING_CONSTRAINTS`` and say how one cell is
    decoded (``_decode``).
    """

    def _decode(self, cell):
        """One present cell as an array; raises UnreadableCell."""
        raise NotImplementedError

    def _limits_in_force(self) -> Limits:
        return _USUAL if self.limits is None else self.limits

    def _remember_column(self, X) -> None:
        """Note name and number of columns, as scikit-learn's transformers do."""
        self.n_features_in_ = 1
        name = column_name(X) if hasattr(X, "columns") else None
        if name is not None:
            self.feature_names_in_ = object_column([name])
        elif hasattr(self, "feature_names_in_"):
            del self.feature_names_in_

    def _check_column(self, X) -> None:
        """Refuse a frame whose column is called otherwise than the fitted one's."""
        name = column_name(X) if hasattr(X, "columns") else None
        fitted = getattr(self, "feature_names_in_", [name])[0]
        if name is not None and name != fitted:
            raise ValueError(
                "The feature names should match those that were passed during fit: the column is "
                f"{name!r}, and was {fitted!r}."
            )

    def _to_portable(self) -> None:
        """Forget what belongs to this machine, before the model is saved."""
        self.cache = None

    def _settle(self, errors, n_cells) -> None:
        # Up through settle, this, the method, and scikit-learn's wrapper for set_output.
        settle(errors, n_cells, self.on_unreadable, stacklevel=5)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.input_tags.one_d_array = True
        tags.input_tags.string = True
        tags.input_tags.allow_nan = True
        tags.transformer_tags.preserves_dtype = []
        return tags


class CellVectorizer(CellReader):
    """A stateless vectorizer: one cell in, one float32 row out, nothing learned.

    Subclasses say how one cell is decoded (``_decode``), how one decoded array becomes
    features (``_extract``), and how the features are called (``_feature_names``).
    """

    # Raised by a subclass when its numbers change, so that no store hands out old ones.
    _feature_version = 1

    # How many cells are read, and kept in the store, together.
    _cells_per_chunk = CHUNK

    def _extract(self, array: np.ndarray) -> np.ndarray:
        """Features of one decoded cell, shape (n_features,)."""
        raise NotImplementedError

    def _feature_names(self) -> list[str]:
        """Names of the features, in order."""
        raise NotImplementedError

    def _start(self) -> None:
        """Prepare what all cells share (a network, a filter bank) before threads start.

        Called once per call and, where joblib uses processes, once per chunk there: it must
        be cheap where everything is ready.
        """

    def _settings(self) -> dict:
        """Everything that changes the result, for the store."""
        return settings_of(self)

    def fit(self, X, y=None):
        """Check the parameters; nothing is learned and no cell is opened.

        Parameters
        ----------
        X : column of cells
        y : ignored

        Returns
        -------
        self : object
        """
        self._validate_params()
        as_cells(X)  # refuses what is no column
        self._remember_column(X)
        return self

    def fit_transform(self, X, y=None, **fit_params):
        """Fit, then transform; an error if not one cell can be read."""
        X = repeatable(X)  # it is gone through twice
        values, errors = self.fit(X, y).read_cells(X)
        if errors and all(np.isnan(row).all() for row in values):
            raise UnreadableCellsError(errors, len(values), "Not one cell could be read.")
        self._settle(errors, len(values))
        return values

    def transform(self, X):
        """Features of every cell.

        Parameters
        ----------
        X : column of n cells

        Returns
        -------
        features : ndarray of shape (n, n_features), float32
            NaN rows for missing cells, and for unreadable ones with
            ``on_unreadable="missing"``.

        Raises
        ------
        UnreadableCellsError
            With ``on_unreadable="raise"``, after all cells were tried.
        """
        self._check_column(X)
        values, errors = self.read_cells(X)
        self._settle(errors, len(values))
        return values

    def read_cells(self, X) -> tuple[np.ndarray, list[CellError]]:
        """Features of every cell, and the errors instead of a raise or a warning.

        Parameters
        ----------
        X : column of n cells

        Returns
        -------
        features : ndarray of shape (n, n_features), float32
            NaN rows for missing and unreadable cells.
        errors : list of CellError
        """
        self._validate_params()
        self._start()
        reader = ChunkReader(self._features_of_all, self._store(), self._start)
        return read_matrix(
            X,
            reader,
            lambda: len(self._feature_names()),
            n_jobs=self.n_jobs,
            chunk=self._cells_per_chunk,
        )

    def _store(self) -> CellStore | None:
        if self.cache is None:
            return None
        return CellStore(self.cache, self._settings(), self.root, allow_paths=self.allow_paths)

    def _features_of_all(self, cells: list) -> Iterable:
        """Features of the cells of a chunk, or UnreadableCell in their place.

        One by one, so that one decoded cell is in memory at a time. A subclass that gains
        from many at once overrides this, and ``_cells_per_chunk``.
        """
        return OneByOne(self._features_of)(cells)

    def _features_of(self, cell) -> np.ndarray:
        return np.asarray(self._extract(self._decode(cell)), dtype=np.float32)

    def get_feature_names_out(self, input_features=None):
        """Names of the output features.

        Parameters
        ----------
        input_features : ignored, or the name of the column

        Returns
        -------
        names : ndarray of str objects, shape (n_features,)
        """
        return np.asarray(self._feature_names(), dtype=object)

    def __sklearn_is_fitted__(self):
        return True

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        return tags
