"""A convolutional layer learned without labels: whitened patches and a k-means dictionary."""

from __future__ import annotations

from itertools import product
from numbers import Integral, Real
from typing import ClassVar

import numpy as np
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_is_fitted

from mmclassic._cells import object_column
from mmclassic._errors import UnreadableCellsError
from mmclassic._threads import one_thread
from mmclassic.image._convolve import Layer, conv_kernels
from mmclassic.image._filters import learn_layer
from mmclassic.image._kernels import kernels
from mmclassic.image._reading import ImageReader, PictureNeeds, as_grey
from mmclassic.image._resize import resize
from mmclassic.image._small_pictures import ConvolvingReader, PixelStore
from mmclassic.media._chunks import OneByOne
from mmclassic.media._read import read_column, read_matrix
from mmclassic.media._store import settings_of
from mmclassic.media._vectorizer import READING_CONSTRAINTS

COUNTS = ("n_filters", "patch_size", "stride", "pool", "n_patches")
EPSILONS = ("contrast_epsilon", "whitening_epsilon")


class ConvVectorizer(ImageReader):
    """Features of a one-layer convolutional network whose filters are learned without labels.

    ``fit`` cuts random patches from the pictures, normalises their contrast, whitens them and
    clusters them: the centres are the filters. ``transform`` compares every patch of a picture
    with every filter; how much nearer than average a filter is gets summed over equal areas.

    Parameters
    ----------
    size : int, default=32
        Pictures are stretched to ``size`` x ``size`` pixels.
    color : bool, default=True
        Whether patches have three channels, or one of grey.
    filters : {"kmeans", "pca", "random"}, default="kmeans"
        Centres of clusters of the patches; their principal directions; or patches at random.
    n_filters : int, default=200
        More is better and slower.
    patch_size : int, default=7
        Side of a patch, in pixels.
    stride : int, default=1
        From one patch to the next, in pixels. Larger is faster and worse.
    pool : int, default=3
        Activations are summed over ``pool`` x ``pool`` equal areas of the picture.
    n_patches : int, default=50_000
        What ``fit`` learns from and holds in memory, beside the pictures at their small size.
    contrast_epsilon : float, default=10.0
        Added to the variance of a patch (pixels from 0 to 255) before dividing by its root.
    whitening_epsilon : float, default=0.1
        Added to the variances of the principal directions before dividing by their roots.
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
        Mean of the normalised patches; ``n_values = patch_size * patch_size * n_channels``.
    whitening_ : ndarray of shape (n_values, n_directions), float32
        The principal directions of the patches, scaled; those that hardly vary are left out.
    filters_ : ndarray of shape (n_filters, n_directions), float32
        In the space of whitened patches.
    n_features_in_ : int
        1, the column.
    feature_names_in_ : ndarray of shape (1,)
        Name of the column, where it has one.

    Notes
    -----
    The authors sum over quadrants of pictures with patches of 6. Patches of 7 and nine areas were
    better on all three of the tables of ``benchmarks/conv_accuracy.py``.

    See Also
    --------
    BackboneVectorizer : Features of a deep network trained elsewhere.
    HOGVectorizer : Nothing to learn, and faster.
    mmclassic.media.decode_image : How cells are read: orientation, alpha, 10 to 16 bits, JPEGs.

    References
    ----------
    A. Coates, H. Lee and A. Y. Ng, "An analysis of single-layer networks in unsupervised
    feature learning", AISTATS 2011; the two epsilons are those of the authors' program.
    A. Coates and A. Y. Ng, "The importance of encoding versus training with sparse coding and
    vector quantization", ICML 2011 (random patches).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> pictures = list(rng.integers(0, 256, size=(20, 16, 16, 3), dtype=np.uint8))
    >>> vectorizer = ConvVectorizer(size=16, n_filters=5, n_patches=500)
    >>> vectorizer.fit_transform(pictures).shape
    (20, 45)
    """

    # Raised when the small pictures change, so that no store hands out old ones.
    _feature_version = 2

    _parameter_constraints: ClassVar[dict] = {
        **READING_CONSTRAINTS,
        "size": [Interval(Integral, 4, None, closed="left")],
        "color": ["boolean"],
        "filters": [StrOptions({"kmeans", "pca", "random"})],
        "random_state": ["random_state"],
        **{name: [Interval(Integral, 1, None, closed="left")] for name in COUNTS},
        **{name: [Interval(Real, 0, None, closed="neither")] for name in EPSILONS},
    }

    def __init__(
        self,
        *,
        size=32,
        color=True,
        filters="kmeans",
        n_filters=200,
        patch_size=7,
        stride=1,
        pool=3,
        n_patches=50_000,
        contrast_epsilon=10.0,
        whitening_epsilon=0.1,
        random_state=0,
        root=None,
        allow_paths=True,
        limits=None,
        cache=None,
        on_unreadable="raise",
        n_jobs=None,
    ):
        self.size = size
        self.color = color
        self.filters = filters
        self.n_filters = n_filters
        self.patch_size = patch_size
        self.stride = stride
        self.pool = pool
        self.n_patches = n_patches
        self.contrast_epsilon = contrast_epsilon
        self.whitening_epsilon = whitening_epsilon
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
            low = f"n_patches={self.n_patches} must be at least n_filters={self.n_filters}."
            raise ValueError(low)
        n_places = (self.size - self.patch_size) // self.stride + 1
        if self.pool > n_places:
            raise ValueError(f"pool={self.pool} must be at most {n_places}, the patches in a row.")

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
            If all cells are missing.
        """
        self._learn(X)
        return self

    def fit_transform(self, X, y=None, **fit_params):
        """Fit, then transform; every cell is read once."""
        return self._features(self._learn(X), None)[0]

    def transform(self, X):
        """Features of every picture, which are read and forgotten chunk by chunk.

        Parameters
        ----------
        X : column of n pictures

        Returns
        -------
        features : ndarray of shape (n, n_features), float32
            NaN rows for missing cells, and for those that ``on_unreadable`` lets pass.
        """
        check_is_fitted(self)
        self._validate_params()
        self._check_column(X)
        features, errors = self._features(X, self._store())
        self._settle(errors, len(features))
        return features

    def read_cells(self, X):
        """Small pictures of all cells, the half of the work that needs nothing learned.

        Parameters
        ----------
        X : column of n pictures

        Returns
        -------
        images : object ndarray of shape (n,)
            Arrays (size, size, 3), or (size, size) with ``color=False``, uint8; None where there
            is no picture. ``fit`` and ``transform`` take them as cells, with the same result.
        errors : list of CellError
        """
        self._validate_params()
        kernels()  # compiled code is loaded once, before threads start
        store = self._store()
        images, errors = read_column(X, self._small_picture, store=store, n_jobs=self.n_jobs)
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
        places = product(*map(range, (self.pool, self.pool, len(self.filters_))))
        return np.asarray(["conv_row{}_column{}_filter{}".format(*p) for p in places], dtype=object)

    def _needs(self):
        return PictureNeeds(grey=not self.color, at_least=(self.size, self.size))

    def _store(self) -> PixelStore | None:
        if self.cache is None:
            return None
        # Small pictures depend on nothing else.
        plain = ConvVectorizer(size=self.size, color=self.color, limits=self.limits)
        return PixelStore(self.cache, settings_of(plain), self.root, allow_paths=self.allow_paths)

    def _small_picture(self, cell) -> np.ndarray:
        shape = (self.size, self.size, 3) if self.color else (self.size, self.size)
        if isinstance(cell, np.ndarray) and cell.dtype == np.uint8 and cell.shape == shape:
            return cell  # it may be one of ours
        image = self._decode(cell)
        return resize(image if self.color else as_grey(image), self.size, self.size)

    def _learn(self, X) -> np.ndarray:
        """Set the fitted attributes; the small pictures."""
        images, errors = self.read_cells(X)
        present = [np.atleast_3d(image) for image in images if image is not None]
        if errors and not present:
            raise UnreadableCellsError(errors, len(images), "Not one cell could be read.")
        self._settle(errors, len(images))
        if not present:
            raise ValueError(f"ConvVectorizer needs pictures: all {len(images)} cells are missing.")
        self._remember_column(X)
        # One thread: how BLAS adds depends on their number.
        with one_thread():
            self.mean_, self.whitening_, self.filters_ = learn_layer(
                present,
                self.filters,
                self.n_filters,
                side=self.patch_size,
                n_patches=self.n_patches,
                contrast_epsilon=self.contrast_epsilon,
                whitening_epsilon=self.whitening_epsilon,
                rng=check_random_state(self.random_state),
            )
        return images

    def _features(self, X, store: PixelStore | None):
        """Features of every picture, and the errors."""
        learned = (self.mean_, self.whitening_, self.filters_)
        layer = Layer(*learned, self.patch_size, self.stride, self.pool, self.contrast_epsilon)
        kernels()  # compiled code is loaded once, before threads start
        conv_kernels()
        reader = ConvolvingReader(OneByOne(self._small_picture), layer, store)
        return read_matrix(X, reader, lambda: self.pool**2 * len(self.filters_), n_jobs=self.n_jobs)
