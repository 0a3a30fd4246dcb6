"""A convolutional layer learned without labels: whitened patches and a k-means dictionary."""

from __future__ import annotations

from itertools import product
from numbers import Integral, Real
from typing import ClassVar

import numpy as np
from joblib import Parallel, delayed
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_is_fitted
from threadpoolctl import threadpool_limits

from mmclassic._cells import object_column
from mmclassic._errors import UnreadableCellsError
from mmclassic.image._patches import (
    activate,
    all_patches,
    cluster_centers,
    normalise_contrast,
    pool,
    random_patches,
    zca_whitening,
)
from mmclassic.image._reading import ImageReader, resize
from mmclassic.media._read import read_column, stack_rows
from mmclassic.media._store import CellStore, settings_of
from mmclassic.media._vectorizer import READING_CONSTRAINTS


class ConvVectorizer(ImageReader):
    """Features of a one-layer convolutional network whose filters are learned without labels.

    ``fit`` cuts random patches from the pictures, normalises their contrast, whitens them and
    clusters them: the centres are the filters. ``transform`` compares every patch of a picture
    with every filter and sums the activations over the quadrants of the picture.

    Parameters
    ----------
    size : int, default=32
        Pictures are stretched to ``size`` x ``size`` pixels.
    patch_size : int, default=6
        Side of a patch, in pixels.
    n_filters : int, default=100
        Centres of k-means. More is better and slower.
    n_patches : int, default=50_000
        Patches that ``fit`` learns from; these, and the pictures at their small size, are all
        that it holds in memory.
    contrast_epsilon : float, default=10.0
        Added to the variance of a patch (pixels from 0 to 255) before dividing by its root.
    whitening_epsilon : float, default=0.1
        Added to the eigenvalues of the patches' covariance before dividing by their roots.
    activation : {"triangle", "hard"}, default="triangle"
        "triangle": how much nearer than average a filter is, 0 if it is farther; "hard": 1 for
        the nearest filter.
    pooling : {"quadrants", "whole"}, default="quadrants"
        Where activations are summed.
    random_state : int, RandomState or None, default=0
        Which patches are drawn, and how k-means starts.
    root : path-like, optional
        Folder that relative paths start from and that no path may leave.
    allow_paths : bool, default=True
        Whether cells may name files at all.
    limits : Limits, optional
        How large a cell may be; ``None`` means ``Limits()``.
    cache : path-like, optional
        File that keeps the decoded small pictures across runs.
    on_unreadable : {"raise", "missing"}, default="raise"
        Whether cells that cannot be read raise one error, or give NaN rows and one warning.
    n_jobs : int, optional
        Threads; the features do not depend on it.

    Attributes
    ----------
    mean_ : ndarray of shape (n_values,), float32
        Mean of the normalised patches; ``n_values = patch_size * patch_size * 3``.
    whitening_ : ndarray of shape (n_values, n_values), float32
    filters_ : ndarray of shape (n_filters, n_values), float32
        Centres, in the space of whitened patches.
    n_features_in_ : int
        1, the column.
    feature_names_in_ : ndarray of shape (1,)
        Name of the column, where it has one.

    See Also
    --------
    BackboneVectorizer : Features of a deep network trained elsewhere.
    HOGVectorizer : Nothing to learn, and faster.

    References
    ----------
    A. Coates, H. Lee and A. Y. Ng, "An analysis of single-layer networks in unsupervised
    feature learning", AISTATS 2011. The two epsilons are those of the authors' program.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> pictures = list(rng.integers(0, 256, size=(20, 16, 16, 3), dtype=np.uint8))
    >>> vectorizer = ConvVectorizer(size=16, n_filters=5, n_patches=500)
    >>> vectorizer.fit_transform(pictures).shape
    (20, 20)
    """

    # Raised when the small pictures change, so that no store hands out old ones.
    _feature_version = 1

    _parameter_constraints: ClassVar[dict] = {
        **READING_CONSTRAINTS,
        "size": [Interval(Integral, 4, None, closed="left")],
        "patch_size": [Interval(Integral, 1, None, closed="left")],
        "n_filters": [Interval(Integral, 1, None, closed="left")],
        "n_patches": [Interval(Integral, 1, None, closed="left")],
        "contrast_epsilon": [Interval(Real, 0, None, closed="neither")],
        "whitening_epsilon": [Interval(Real, 0, None, closed="neither")],
        "activation": [StrOptions({"triangle", "hard"})],
        "pooling": [StrOptions({"quadrants", "whole"})],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        *,
        size=32,
        patch_size=6,
        n_filters=100,
        n_patches=50_000,
        contrast_epsilon=10.0,
        whitening_epsilon=0.1,
        activation="triangle",
        pooling="quadrants",
        random_state=0,
        root=None,
        allow_paths=True,
        limits=None,
        cache=None,
        on_unreadable="raise",
        n_jobs=None,
    ):
        self.size = size
        self.patch_size = patch_size
        self.n_filters = n_filters
        self.n_patches = n_patches
        self.contrast_epsilon = contrast_epsilon
        self.whitening_epsilon = whitening_epsilon
        self.activation = activation
        self.pooling = pooling
        self.random_state = random_state
        self.root = root
        self.allow_paths = allow_paths
        self.limits = limits
        self.cache = cache
        self.on_unreadable = on_unreadable
        self.n_jobs = n_jobs

    def _validate_params(self):
        super()._validate_params()
        if self.patch_size >= self.size:
            raise ValueError(f"patch_size={self.patch_size} must be smaller than size={self.size}.")
        if self.n_patches < self.n_filters:
            raise ValueError(
                f"n_patches={self.n_patches} must be at least n_filters={self.n_filters}."
            )

    def fit(self, X, y=None):
        """Learn whitening and filters from random patches of the pictures.

        Parameters
        ----------
        X : column of pictures
        y : ignored

        Returns
        -------
        self : object

        Raises
        ------
        UnreadableCellsError
            For unreadable cells with ``on_unreadable="raise"``, or if no cell can be read.
        ValueError
            If no cell holds a picture.
        """
        self._learn(X)
        return self

    def fit_transform(self, X, y=None, **fit_params):
        """Fit, then transform; every cell is read once."""
        return self._features(self._learn(X))

    def transform(self, X):
        """Features of every picture.

        Parameters
        ----------
        X : column of n pictures

        Returns
        -------
        features : ndarray of shape (n, n_features), float32
            NaN rows for missing cells, and for unreadable ones with
            ``on_unreadable="missing"``.
        """
        check_is_fitted(self)
        images, errors = self.read_cells(X)
        self._settle(errors, len(images))
        return self._features(images)

    def read_cells(self, X):
        """Small pictures of all cells, the half of the work that needs nothing learned.

        Parameters
        ----------
        X : column of n pictures

        Returns
        -------
        images : object ndarray of shape (n,)
            Arrays (size, size, 3), uint8; None where a cell is missing or unreadable. ``fit``
            and ``transform`` take them in place of the cells, with the same result.
        errors : list of CellError
        """
        self._validate_params()
        store = None
        if self.cache is not None:
            settings = self._decoding_settings()
            store = CellStore(self.cache, settings, self.root, allow_paths=self.allow_paths)
        flat, errors = read_column(X, self._small_picture, store=store, n_jobs=self.n_jobs)
        shape = (self.size, self.size, 3)
        images = [None if row is None else row.astype(np.uint8).reshape(shape) for row in flat]
        return object_column(images), errors

    def get_feature_names_out(self, input_features=None):
        """Names of the output features.

        Parameters
        ----------
        input_features : ignored, or the name of the column

        Returns
        -------
        names : ndarray of str objects, shape (n_features,)
        """
        check_is_fitted(self)
        filters = range(len(self.filters_))
        if self.pooling == "whole":
            return np.asarray([f"conv_filter{i}" for i in filters], dtype=object)
        places = product(("top", "bottom"), ("left", "right"), filters)
        return np.asarray(["conv_{}_{}_filter{}".format(*p) for p in places], dtype=object)

    def _decoding_settings(self) -> dict:
        """What the small pictures depend on: the size, and whatever every reader depends on."""
        return settings_of(ConvVectorizer(size=self.size, patch_size=1, limits=self.limits))

    def _small_picture(self, cell) -> np.ndarray:
        """Picture at its small size, flat; float32 because that is what a store keeps."""
        small = resize(self._decode(cell), self.size, self.size)
        return small.astype(np.float32).ravel()

    def _learn(self, X) -> np.ndarray:
        """Set the fitted attributes; the small pictures."""
        images, errors = self.read_cells(X)
        present = [image for image in images if image is not None]
        if errors and not present:
            raise UnreadableCellsError(errors, len(images), "Not one cell could be read.")
        self._settle(errors, len(images))
        if not present:
            raise ValueError(f"ConvVectorizer needs pictures: all {len(images)} cells are missing.")
        self._remember_column(X)
        rng = check_random_state(self.random_state)
        patches = random_patches(present, self.patch_size, self.n_patches, rng)
        patches = normalise_contrast(patches, self.contrast_epsilon)
        self.mean_, self.whitening_ = zca_whitening(patches, self.whitening_epsilon)
        patches = (patches - self.mean_) @ self.whitening_
        self.filters_ = cluster_centers(patches, self.n_filters, rng)
        return images

    def _features(self, images) -> np.ndarray:
        width = len(self.filters_) * (4 if self.pooling == "quadrants" else 1)
        # The matrices are small: threads within a product would only get in each other's way.
        with threadpool_limits(1, user_api="blas"):
            rows = Parallel(n_jobs=self.n_jobs, prefer="threads")(
                delayed(self._convolve)(image) for image in images
            )
        return stack_rows(rows, width)

    def _convolve(self, image: np.ndarray | None) -> np.ndarray | None:
        """Features of one picture; its own matrix products, so that no other row matters."""
        if image is None:
            return None
        patches = all_patches(image, self.patch_size)
        height, width, n_values = patches.shape
        patches = normalise_contrast(patches.reshape(-1, n_values), self.contrast_epsilon)
        patches = (patches - self.mean_) @ self.whitening_
        activations = activate(patches, self.filters_, self.activation)
        return pool(activations.reshape(height, width, -1), self.pooling)
