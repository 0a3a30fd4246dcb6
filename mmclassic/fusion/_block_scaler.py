"""BlockScaler: one scale for blocks of any width."""

from __future__ import annotations

import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data


class BlockScaler(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Standardise each feature of a block, then divide the block by the root of its width.

    The sum of all variances is then one, whatever the width: one ``C`` of a logistic regression
    serves every block, and no block dominates in early fusion. NaN are left out of the means and
    stay NaN. Sparse blocks are scaled without centring, so that they stay sparse.

    Attributes
    ----------
    mean_ : ndarray of shape (n_features,)
        Zeros for sparse input.
    scale_ : ndarray of shape (n_features,)
        Standard deviation times the root of the number of features that vary; 1 for constant ones.
    n_features_in_ : int
    feature_names_in_ : ndarray of str objects, shape (n_features,)

    See Also
    --------
    sklearn.preprocessing.StandardScaler : The same without the division by the width.

    Examples
    --------
    >>> import numpy as np
    >>> from mmclassic import BlockScaler
    >>> block = BlockScaler().fit_transform(np.array([[1.0, 10.0], [3.0, 30.0]]))
    >>> float(round(block.var(axis=0).sum(), 6))
    1.0
    """

    _parameter_constraints: dict = {}

    def fit(self, X, y=None):
        """Learn the means and scales.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
        y : ignored

        Returns
        -------
        self : object
        """
        X = self._check(X, reset=True)
        if sparse.issparse(X):
            self.mean_ = np.zeros(X.shape[1])
            deviation = _sparse_deviation(X)
        else:
            self.mean_, deviation = _moments(X)
        varies = deviation > 10 * np.finfo(X.dtype).eps * np.maximum(np.abs(self.mean_), 1e-30)
        width = np.sqrt(max(varies.sum(), 1))
        self.scale_ = np.where(varies, deviation * width, 1.0)
        return self

    def transform(self, X):
        """Scale a block.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)

        Returns
        -------
        block : {ndarray, sparse matrix} of shape (n_samples, n_features)
            In the precision of X.
        """
        check_is_fitted(self)
        X = self._check(X, reset=False)
        if sparse.issparse(X):
            return (X @ sparse.diags_array(1 / self.scale_, dtype=X.dtype)).tocsr()
        return (X - self.mean_.astype(X.dtype)) / self.scale_.astype(X.dtype)

    def _check(self, X, *, reset):
        return validate_data(
            self,
            X,
            accept_sparse="csr",
            dtype=[np.float64, np.float32],
            ensure_all_finite="allow-nan",
            reset=reset,
        )

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.input_tags.allow_nan = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags


def _moments(X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of each column in double precision; 0 where all is NaN."""
    there = ~np.isnan(X)
    count = np.maximum(there.sum(axis=0), 1)
    mean = np.where(there, X, 0).sum(axis=0, dtype=np.float64) / count
    deviation = np.where(there, X - mean, 0)
    return mean, np.sqrt((deviation**2).sum(axis=0) / count)


def _sparse_deviation(X) -> np.ndarray:
    """Standard deviation of each column of a CSR matrix in double precision, without its NaN."""
    unknown = np.isnan(X.data)
    values = np.where(unknown, 0, X.data)
    width = X.shape[1]
    count = X.shape[0] - np.bincount(X.indices[unknown], minlength=width)
    mean = np.bincount(X.indices, weights=values, minlength=width) / np.maximum(count, 1)
    # The zeros that are not stored deviate by the mean.
    n_stored = np.bincount(X.indices[~unknown], minlength=width)
    shift = np.where(unknown, 0, values - mean[X.indices]) ** 2
    square = np.bincount(X.indices, weights=shift, minlength=width) + (count - n_stored) * mean**2
    return np.sqrt(square / np.maximum(count, 1))
