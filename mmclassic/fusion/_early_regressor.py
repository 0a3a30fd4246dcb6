"""EarlyFusionRegressor: the features of all modalities side by side, one regressor on top."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral, Real

import numpy as np
from joblib import delayed
from sklearn.base import RegressorMixin, _fit_context
from sklearn.linear_model import Ridge
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import _num_samples

from mmclassic._parallel import run_all
from mmclassic.fusion._early_fusion import EarlyFusion
from mmclassic.fusion._early_member import fit_early
from mmclassic.fusion._folds import split_rows
from mmclassic.fusion._regression_folds import regression_splitter
from mmclassic.fusion._row_space import join
from mmclassic.fusion._target import check_target, target_mean
from mmclassic.modalities._blocks import check_blocks
from mmclassic.modalities._labels import check_groups
from mmclassic.modalities._modality import Modality
from mmclassic.modalities._read_blocks import blocks_to_fit

# The candidates for the penalty of early fusion, on blocks of total variance one: the scale of the
# target does not matter.
ALPHAS = (0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)


def choose_alpha(predictions: np.ndarray, target: np.ndarray) -> int:
    """The candidate with the least cross-fitted squared error.

    Parameters
    ----------
    predictions : ndarray of shape (n_samples, n_candidates)
    target : ndarray of shape (n_samples,)

    Examples
    --------
    >>> choose_alpha(np.array([[1.0, 2.0], [5.0, 4.0]]), np.array([2.0, 4.0]))
    1
    """
    return int(((predictions - target[:, None]) ** 2).mean(axis=0).argmin())


def ridge_candidates(alphas: Sequence[float]) -> list[Ridge]:
    """One unfitted regressor per penalty.

    Examples
    --------
    >>> ridge_candidates([3.0])
    [Ridge(alpha=3.0)]
    """
    return [Ridge(alpha=alpha) for alpha in alphas]


class EarlyFusionRegressor(RegressorMixin, EarlyFusion):
    """Ridge regression on the features of all modalities, joined.

    The rival of late fusion, and the twin of :class:`EarlyFusionClassifier`. Its penalty is tuned
    on one cross-fit. A block, or a feature, that a row lacks is given its mean over the training
    rows of the fold; a sparse block (words) is then empty.

    Parameters
    ----------
    modalities : list of (name, transformer, columns)
        As in ColumnTransformer; each transformer should end in :class:`BlockScaler`, or give rows
        of length about one, as tf-idf does. "passthrough" takes the columns as they are.
    alphas : sequence of float, default=(0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
        Candidates for the strength of the L2 penalty.
    cv : int, splitter or iterable, default=5
        Folds that choose the penalty. An int means consecutive folds, grouped where ``groups`` is
        given.
    on_unreadable : {"raise", "missing"}, default="raise"
        Whether unreadable cells end the call, or count as missing with one warning.
    max_error_rate : float, default=0.05
        In ``fit``, the share of unreadable cells of a modality above which "missing" raises.
    random_state : int, default=None
        An int shuffles the folds of an int ``cv``; None keeps the order of the table.
    n_jobs : int, default=None
        Folds in parallel.

    Attributes
    ----------
    modalities_ : list of (name, fitted transformer, columns)
    regressor_ : Ridge
        On the joined features.
    alpha_ : float
        The chosen penalty.
    target_mean_ : float
        Mean of the target in training: what a row that has nothing gets.
    unreadable_cells_ : list of CellError
    n_features_in_ : int
    feature_names_in_ : ndarray of str objects

    See Also
    --------
    LateFusionRegressor : One regressor per modality.
    make_early_fusion_regressor : This with good defaults for each medium.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from mmclassic import BlockScaler, EarlyFusionRegressor
    >>> X, y = load_diabetes(return_X_y=True)
    >>> model = EarlyFusionRegressor(
    ...     [("body", BlockScaler(), slice(0, 4)), ("blood", BlockScaler(), slice(4, 10))]
    ... ).fit(X, y)
    >>> model.predict(X[:2]).round()
    array([206.,  68.])
    """

    _parameter_constraints: dict = {
        "modalities": [list],
        "alphas": ["array-like"],
        "cv": ["cv_object"],
        "on_unreadable": [StrOptions({"raise", "missing"})],
        "max_error_rate": [Interval(Real, 0, 1, closed="both")],
        "random_state": [Integral, None],
        "n_jobs": [Integral, None],
    }

    def __init__(
        self,
        modalities,
        *,
        alphas=ALPHAS,
        cv=5,
        on_unreadable="raise",
        max_error_rate=0.05,
        random_state=None,
        n_jobs=None,
    ):
        self.modalities = modalities
        self.alphas = alphas
        self.cv = cv
        self.on_unreadable = on_unreadable
        self.max_error_rate = max_error_rate
        self.random_state = random_state
        self.n_jobs = n_jobs

    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X, y, groups=None):
        """Fit the transformers and the regressor.

        Parameters
        ----------
        X : frame, or array-like of shape (n_samples, n_columns)
        y : array-like of shape (n_samples,)
        groups : array-like of shape (n_samples,), optional
            Rows of one group share a fold.

        Returns
        -------
        self : object

        Raises
        ------
        UnreadableCellsError
            After all cells were tried.
        ValueError
            If the target is missing, infinite or no number in some row.
        """
        if not len(self.alphas) or min(self.alphas) <= 0:
            raise ValueError(f"alphas must be one positive number or more, got {self.alphas!r}.")
        check_blocks(self.modalities)
        target = check_target(y)
        if len(target) != _num_samples(X):
            raise ValueError(f"X has {_num_samples(X)} rows, y has {len(target)}.")
        groups = None if groups is None else check_groups(groups)
        splitter = regression_splitter(self.cv, target, groups, random_state=self.random_state)
        splits = split_rows(splitter, target, groups)
        data, self.unreadable_cells_ = blocks_to_fit(self, X)

        def fit_and_predict(train, test):
            member = fit_early(data, target, train, ridge_candidates(self.alphas))
            return member.predictions(data, test)

        results = run_all((delayed(fit_and_predict)(*split) for split in splits), self.n_jobs)
        tested = np.concatenate([test for _, test in splits])
        return self._fit_read(data, target, choose_alpha(np.concatenate(results), target[tested]))

    def _fit_read(self, data: list[Modality], target, choice, rows=None):
        """Fit on modalities that were read, with the chosen candidate."""
        rows = np.arange(len(target)) if rows is None else rows
        self.alpha_ = float(self.alphas[choice])
        self.target_mean_ = target_mean(target[rows])
        member = fit_early(data, target, rows, ridge_candidates([self.alpha_]))
        self.regressor_ = self._keep(data, member)
        return self

    def predict(self, X):
        """Predictions.

        Parameters
        ----------
        X : frame, or array-like of shape (n_samples, n_columns)

        Returns
        -------
        y : ndarray of shape (n_samples,), float64
            ``target_mean_`` for rows that have nothing.
        """
        blocks, present = self._features(X)
        if not len(present):
            return np.empty(0)
        predicted = self.regressor_.predict(join(blocks))
        return np.where(present.any(axis=1), predicted, self.target_mean_)
