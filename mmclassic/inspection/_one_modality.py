"""One modality of a fitted fusion as a model of its own, to score other cells in its place."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline

from mmclassic._cells import object_column
from mmclassic.inspection._modality_cells import columns_in, media_of, part_of, reader_of


class OneModality:
    """A modality of a fitted fusion, its cells in a table, and the scores of other cells.

    The model is shared and stays as it is; only this modality's estimator is asked.

    Parameters
    ----------
    model : LateFusionClassifier or LateFusionRegressor, fitted
    place : int
        Position of the modality.
    X : frame or array of shape (n_samples, n_columns)

    Attributes
    ----------
    name : str
    part : frame, array or column
        The modality's columns of X.
    columns : list of list
        The cells of each of them.
    media : list of str
    reader : estimator or None

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from mmclassic import LateFusionClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> model = LateFusionClassifier(
    ...     [("sepal", GaussianNB(), [0, 1]), ("petal", GaussianNB(), [2, 3])]
    ... ).fit(X, y)
    >>> petal = OneModality(model, 1, X)
    >>> petal.media, petal.scores([[1.4], [0.2]]).round(2)
    (['numeric'], array([[1., 0., 0.]]))
    """

    def __init__(self, model, place, X):
        models = getattr(model, "label_models_", [model])
        self.name, estimator, columns = models[0].modalities_[place]
        self.part = part_of(X, columns)
        self.columns = columns_in(self.part)
        self.media = media_of(estimator, self.part)
        self.reader = reader_of(estimator)
        self._view = _view_of(model, place, self._columns_of_view())
        self._remember_columns()

    def _columns_of_view(self) -> Any:
        """How the view selects its columns from a table that has no others."""
        if self._is_frame:
            return [str(name) for name in self.part.columns]
        return 0 if getattr(self.part, "ndim", 1) == 1 else slice(None)

    @property
    def _is_frame(self) -> bool:
        return hasattr(self.part, "columns")

    def _remember_columns(self) -> None:
        """Let the view expect its own columns in place of the model's."""
        self._view.n_features_in_ = len(self.columns)
        if self._is_frame:
            self._view.feature_names_in_ = object_column([str(c) for c in self.part.columns])
        elif hasattr(self._view, "feature_names_in_"):
            del self._view.feature_names_in_

    def scores(self, columns: list[list]) -> np.ndarray:
        """Scores of some cells, by the modality's estimator.

        Parameters
        ----------
        columns : list of list
            The cells of each column.

        Returns
        -------
        scores : ndarray of shape (n_rows, n_classes)
            NaN where all cells of a row are missing.
        """
        return self._view.score_table(self._table_of(columns))[:, 0]

    def _table_of(self, columns: list[list]) -> Any:
        """Cells as a table of the kind that the modality was fitted on."""
        if not self._is_frame:
            if getattr(self.part, "ndim", 1) == 2 and self.part.dtype.kind in "biuf":
                return np.column_stack([np.asarray(cells, dtype=float) for cells in columns])
            return np.column_stack([object_column(cells) for cells in columns])
        import pandas as pd

        dtypes = [getattr(self.part[name], "dtype", None) for name in self.part.columns]
        series = [
            pd.Series(cells, dtype=dtype if isinstance(dtype, pd.CategoricalDtype) else None)
            for cells, dtype in zip(columns, dtypes, strict=True)
        ]
        return pd.concat(series, axis=1, keys=[str(name) for name in self.part.columns])


def _view_of(model: Any, place: int, columns: Any) -> Any:
    """A copy of a fitted fusion that has one modality, and shares all that is fitted."""
    view = copy.copy(model)
    if hasattr(model, "label_models_"):
        view.label_models_ = [_view_of(part, place, columns) for part in model.label_models_]
        view.modalities = view.label_models_[0].modalities_
        return view
    name, estimator, _ = model.modalities_[place]
    # Damaged cells are not worth keeping in a store.
    view.modalities_ = [(name, without_store(estimator), columns)]
    view.modalities = view.modalities_
    if hasattr(model, "temperatures_"):
        view.temperatures_ = model.temperatures_[place : place + 1]
    return view


def without_store(estimator: Any) -> Any:
    """An estimator whose vectorizers keep no store, sharing everything else.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from mmclassic.image import HOGVectorizer
    >>> pipeline = make_pipeline(HOGVectorizer(cache="features.db"), "passthrough")
    >>> without_store(pipeline)[0].cache, pipeline[0].cache
    (None, 'features.db')
    """
    if getattr(estimator, "best_estimator_", None) is not None:
        estimator = copy.copy(estimator)
        estimator.best_estimator_ = without_store(estimator.best_estimator_)
    elif isinstance(estimator, FrozenEstimator):
        return FrozenEstimator(without_store(estimator.estimator))
    elif isinstance(estimator, Pipeline):
        estimator = copy.copy(estimator)
        estimator.steps = [(name, without_store(step)) for name, step in estimator.steps]
    elif getattr(estimator, "cache", None) is not None:
        estimator = copy.copy(estimator)
        estimator.cache = None
    return estimator
