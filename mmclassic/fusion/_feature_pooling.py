"""FeaturePooling: the blocks of all modalities projected to one width, and summed."""

from __future__ import annotations

import warnings
from numbers import Integral, Real

import numpy as np
from sklearn.base import TransformerMixin, _fit_context
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_is_fitted

from mmclassic._errors import DataQualityWarning
from mmclassic.fusion._projections import canonical_projections, principal_projection
from mmclassic.fusion._separation import as_targets, learn_weights, pool
from mmclassic.fusion._weights import check_weights
from mmclassic.modalities._block_composition import BlockComposition
from mmclassic.modalities._read_blocks import blocks_to_fit


class FeaturePooling(TransformerMixin, BlockComposition):
    """Weighted sum of the blocks of all modalities: F = Σ λ_m F_m.

    Each block is projected to the same width, by principal components or canonical variates, each
    of which is standardised; then the blocks are summed with their weights λ.

    Parameters
    ----------
    modalities : list of (name, transformer, columns)
        As in ColumnTransformer. "passthrough" takes the columns as they are.
    projection : {"pca", "cca"}, default="cca"
        "pca": the principal components of each block, which know nothing of the others. "cca":
        canonical variates, so that what is summed belongs together.
    width : int, default=32
        Components of each block, and of the sum. With "pca" a block that has fewer adds nothing to
        the last ones; with "cca" there are as many variates as all blocks together have components,
        and a block takes part in all of them by mixtures of its own.
    weights : None, "learned", array-like of shape (n_modalities,) or mapping, default=None
        λ, scaled to sum to one: equal, by hand (also by the name of a modality), or learned from y
        in ``fit``: those for which the classes (a number) explain most of the variance of F, by the
        trace of S_T⁻¹ S_B. Where ``width`` is so large that F holds all that the blocks hold, any
        weights do equally well, and they are equal: choose a width below the blocks' features. Also
        a parameter for GridSearchCV, on ``simplex_grid``.
    regularization : float, default=1.0
        Of "cca": what is added to the variances of each block, in units of their mean.
    on_unreadable : {"raise", "missing"}, default="raise"
        Whether unreadable cells end the call, or count as missing with one warning.
    max_error_rate : float, default=0.05
        In ``fit``, the share of unreadable cells of a modality above which "missing" raises.
    random_state : int, default=None
        Of the randomised solver for principal components of large blocks. None is as 0.

    Attributes
    ----------
    modalities_ : list of (name, fitted transformer, columns)
    projections_ : list of (ndarray of shape (n_features,), ndarray of shape (n_features, width))
        Of each block: what is subtracted, and the matrix behind it.
    weights_ : ndarray of shape (n_modalities,)
    unreadable_cells_ : list of CellError
    n_features_in_ : int
    feature_names_in_ : ndarray of str objects

    See Also
    --------
    EarlyFusionClassifier : Blocks side by side in place of a sum.

    Notes
    -----
    A row that lacks a block has the block's weight shared out among its others, in proportion to
    theirs; one that has nothing is at zero, the mean of every block. A single feature that is
    missing is at its mean. Principal components are learned from the rows that have a block,
    canonical variates from the rows that have all of them; where there are fewer than two of
    these, principal components take their place, with a warning.

    References
    ----------
    Q.-S. Sun, S.-G. Zeng, Y. Liu, P.-A. Heng, D.-S. Xia: A new method of feature fusion and its
    application in image recognition. Pattern Recognition 38(12):2437-2448, 2005. (The sum of
    canonical variates.)

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from mmclassic import FeaturePooling
    >>> X, y = load_iris(return_X_y=True)
    >>> pooling = FeaturePooling(
    ...     [("sepal", "passthrough", [0, 1]), ("petal", "passthrough", [2, 3])], width=2
    ... )
    >>> pooling.fit_transform(X).shape
    (150, 2)
    """

    _parameter_constraints: dict = {
        "modalities": [list],
        "projection": [StrOptions({"pca", "cca"})],
        "width": [Interval(Integral, 1, None, closed="left")],
        "weights": [None, StrOptions({"learned"}), "array-like", dict],
        "regularization": [Interval(Real, 0, None, closed="left")],
        "on_unreadable": [StrOptions({"raise", "missing"})],
        "max_error_rate": [Interval(Real, 0, 1, closed="both")],
        "random_state": [Integral, None],
    }

    def __init__(
        self,
        modalities,
        *,
        projection="cca",
        width=32,
        weights=None,
        regularization=1.0,
        on_unreadable="raise",
        max_error_rate=0.05,
        random_state=None,
    ):
        self.modalities = modalities
        self.projection = projection
        self.width = width
        self.weights = weights
        self.regularization = regularization
        self.on_unreadable = on_unreadable
        self.max_error_rate = max_error_rate
        self.random_state = random_state

    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X, y=None):
        """Fit the blocks' transformers, the projections and, if they are learned, the weights.

        Parameters
        ----------
        X : frame, or array-like of shape (n_samples, n_columns)
        y : array-like of shape (n_samples,), optional
            Needed for learned weights.

        Returns
        -------
        self : object

        Raises
        ------
        UnreadableCellsError
            After all cells were tried.
        ValueError
            If weights do not fit the modalities, y does not suffice to learn them, or a block has
            no row.
        """
        data, self.unreadable_cells_ = blocks_to_fit(self, X)
        names = [block.name for block in data]
        targets = self._targets(y, len(data[0].position))
        if targets is None:
            self.weights_ = check_weights(self.weights, names)
        features, present = self._fit_features(data, None if y is None else np.asarray(y))
        self.projections_ = [(one.mean, one.matrix) for one in self._projections(features, present)]
        if targets is not None:
            self.weights_ = learn_weights(self._components(features, present), targets)
        return self

    def _targets(self, y, n_samples):
        """Indicators of classes, or numbers, that weights are learned from; None if none are."""
        if not (isinstance(self.weights, str) and self.weights == "learned"):
            return None
        return as_targets(y, n_samples)

    def _projections(self, features, present):
        seed = self.random_state or 0
        complete = present.all(axis=1)
        if len(complete) < 2:
            raise ValueError(
                f"FeaturePooling needs two rows or more, got n_samples={len(complete)}."
            )
        if self.projection == "cca" and complete.sum() < 2:
            warnings.warn(
                f'projection="cca" needs two rows or more that have all modalities, of '
                f'{len(complete)} there are {complete.sum()}: "pca" is used in its place.',
                DataQualityWarning,
                stacklevel=4,
            )
        if self.projection == "pca" or complete.sum() < 2:
            return [
                principal_projection(block[present[:, m]], self.width, seed)
                for m, block in enumerate(features)
            ]
        whole = [block[complete] for block in features]
        return canonical_projections(whole, self.width, self.regularization, seed)

    def _components(self, features, present):
        """Shape (n_samples, n_modalities, width); NaN across a block that a row lacks."""
        parts = [
            np.asarray(block @ matrix) - mean @ matrix
            for block, (mean, matrix) in zip(features, self.projections_, strict=True)
        ]
        return np.where(present[:, :, None], np.stack(parts, axis=1), np.nan)

    def transform(self, X):
        """The pooled features.

        Parameters
        ----------
        X : frame, or array-like of shape (n_samples, n_columns)

        Returns
        -------
        pooled : ndarray of shape (n_samples, width), float64
        """
        return pool(self._components(*self._features(X)), self.weights_)

    def get_feature_names_out(self, input_features=None):
        """Names of the pooled features: "pooled0", "pooled1", …

        Parameters
        ----------
        input_features : ignored

        Returns
        -------
        names : ndarray of str objects, shape (width,)
        """
        check_is_fitted(self)
        return np.array([f"pooled{number}" for number in range(self.width)], dtype=object)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.required = False
        return tags
