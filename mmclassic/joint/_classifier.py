"""JointClassifier: one network for all modalities, which drop out while it is trained."""

from __future__ import annotations

from numbers import Integral, Real

import numpy as np
from joblib import delayed
from sklearn.base import TransformerMixin, _fit_context
from sklearn.neural_network import MLPClassifier
from sklearn.utils import check_random_state, compute_sample_weight
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import _num_samples, check_is_fitted

from mmclassic._parallel import run_all
from mmclassic._threads import one_thread
from mmclassic.joint._held_out import held_out_folds
from mmclassic.joint._inputs import join_inputs, project
from mmclassic.joint._network import check_layers, forward, train_classifier
from mmclassic.modalities._block_composition import BlockComposition
from mmclassic.modalities._blocks import check_blocks
from mmclassic.modalities._labels import check_groups, encode_labels
from mmclassic.modalities._principal import block_components
from mmclassic.modalities._probabilities import ProbabilisticClassifier
from mmclassic.modalities._read_blocks import blocks_to_fit

# Each network holds out one of at least so many folds.
MIN_FOLDS = 5


class JointClassifier(TransformerMixin, ProbabilisticClassifier, BlockComposition):
    """A network with one input for each modality and shared hidden layers.

    Each modality is projected to its principal components; they go side by side, with one column
    for each modality that says whether it is there, into scikit-learn's multilayer perceptron. In
    every epoch whole modalities are dropped from rows at random, so that rows that lack some are
    nothing new. Several networks are trained, each without one fold of the rows, on which it stops
    early; their probabilities are averaged.

    Parameters
    ----------
    modalities : list of (name, transformer, columns)
        As in ColumnTransformer. "passthrough" takes the columns as they are: scale them first
        (:class:`BlockScaler`) where their units differ.
    hidden_layer_sizes : tuple of int, default=(100,)
        Units of the shared layers.
    width : int, default=128
        Most components of each modality.
    dropout : float, default=0.2
        Probability with which a modality is dropped from a row in an epoch; the last one of a row
        stays.
    n_networks : int, default=5
        Each holds out another fold: the n-th part of the rows, or a fifth where there are fewer
        networks.
    alpha : float, default=0.1
        Strength of the L2 penalty.
    learning_rate_init : float, default=0.003
    batch_size : int, default=32
    max_iter : int, default=200
        Epochs at most.
    n_iter_no_change : int, default=20
        Training stops after so many epochs without a better log-loss of the fold held out; the
        weights of the best epoch are kept.
    class_weight : None, "balanced" or dict from label to float, default=None
        What rows count. "balanced": rare classes as much as frequent ones.
    on_unreadable : {"raise", "missing"}, default="raise"
        Whether unreadable cells end the call, or count as missing with one warning.
    max_error_rate : float, default=0.05
        In ``fit``, the share of unreadable cells of a modality above which "missing" raises.
    random_state : int, RandomState instance or None, default=None
        Of folds, first weights, batches and what is dropped.
    n_jobs : int, default=None
        Networks in parallel.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    modalities_ : list of (name, fitted transformer, columns)
    projections_ : list of PCA, or None for a modality that does not vary
    networks_ : list of MLPClassifier
    n_iter_ : int
        Epochs of the network that was trained longest.
    class_prior_ : ndarray of shape (n_classes,)
    unreadable_cells_ : list of CellError
    n_features_in_ : int
    feature_names_in_ : ndarray of str objects

    See Also
    --------
    EarlyFusionClassifier : A linear model of the same features.
    MultimodalAutoencoder : A code that is learned without labels.

    Notes
    -----
    The defaults were chosen on several splits of three tables, of which benchmarks/results/joint.md
    holds the results.

    References
    ----------
    J. Ngiam, A. Khosla, M. Kim, J. Nam, H. Lee, A. Ng: Multimodal deep learning. ICML 2011.

    N. Neverova, C. Wolf, G. Taylor, F. Nebout: ModDrop: adaptive multi-modal gesture recognition.
    IEEE TPAMI 38(8):1692-1706, 2016. (Dropout of whole modalities.)

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from mmclassic import BlockScaler, JointClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> model = JointClassifier(
    ...     [("sepal", BlockScaler(), [0, 1]), ("petal", BlockScaler(), [2, 3])],
    ...     max_iter=20, n_networks=1, random_state=0,
    ... ).fit(X, y)
    >>> model.predict(X[:2])
    array([0, 0])
    >>> model.transform(X).shape
    (150, 100)
    """

    _parameter_constraints: dict = {
        "modalities": [list],
        "hidden_layer_sizes": ["array-like"],
        "width": [Interval(Integral, 1, None, closed="left")],
        "dropout": [Interval(Real, 0, 1, closed="left")],
        "n_networks": [Interval(Integral, 1, None, closed="left")],
        "alpha": [Interval(Real, 0, None, closed="left")],
        "learning_rate_init": [Interval(Real, 0, None, closed="neither")],
        "batch_size": [Interval(Integral, 1, None, closed="left")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "n_iter_no_change": [Interval(Integral, 1, None, closed="left")],
        "class_weight": [StrOptions({"balanced"}), dict, None],
        "on_unreadable": [StrOptions({"raise", "missing"})],
        "max_error_rate": [Interval(Real, 0, 1, closed="both")],
        "random_state": ["random_state"],
        "n_jobs": [Integral, None],
    }

    def __init__(
        self,
        modalities,
        *,
        hidden_layer_sizes=(100,),
        width=128,
        dropout=0.2,
        n_networks=5,
        alpha=0.1,
        learning_rate_init=0.003,
        batch_size=32,
        max_iter=200,
        n_iter_no_change=20,
        class_weight=None,
        on_unreadable="raise",
        max_error_rate=0.05,
        random_state=None,
        n_jobs=None,
    ):
        self.modalities = modalities
        self.hidden_layer_sizes = hidden_layer_sizes
        self.width = width
        self.dropout = dropout
        self.n_networks = n_networks
        self.alpha = alpha
        self.learning_rate_init = learning_rate_init
        self.batch_size = batch_size
        self.max_iter = max_iter
        self.n_iter_no_change = n_iter_no_change
        self.class_weight = class_weight
        self.on_unreadable = on_unreadable
        self.max_error_rate = max_error_rate
        self.random_state = random_state
        self.n_jobs = n_jobs

    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X, y, groups=None):
        """Fit the transformers, the projections and the networks.

        Parameters
        ----------
        X : frame, or array-like of shape (n_samples, n_columns)
        y : array-like of shape (n_samples,)
        groups : array-like of shape (n_samples,), optional
            Rows of one group are held out together.

        Returns
        -------
        self : object

        Raises
        ------
        UnreadableCellsError
            After all cells were tried.
        ValueError
            If labels are missing or of one class only, or a modality has no row.
        """
        check_blocks(self.modalities)
        check_layers(self.hidden_layer_sizes)
        self.classes_, codes = encode_labels(y)
        if len(codes) != _num_samples(X):
            raise ValueError(f"X has {_num_samples(X)} rows, y has {len(codes)}.")
        groups = None if groups is None else check_groups(groups)
        data, self.unreadable_cells_ = blocks_to_fit(self, X)
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        self.class_prior_ = np.bincount(codes) / len(codes)
        with one_thread():
            features, present = self._fit_features(data, self.classes_[codes])
            self.projections_ = [
                block_components(block[present[:, m]], self.width, seed)
                for m, block in enumerate(features)
            ]
            pairs = zip(self.projections_, features, strict=True)
            components = [project(projection, block) for projection, block in pairs]
        n_folds = max(self.n_networks, MIN_FOLDS)
        folds = held_out_folds(codes, n_folds, seed, groups)
        weight = None
        if self.class_weight is not None:
            weight = compute_sample_weight(self.class_weight, self.classes_[codes])
        fits = (
            delayed(train_classifier)(
                self._network(seed + k),
                components,
                present,
                codes,
                folds == k % (folds.max() + 1),
                dropout=self.dropout,
                patience=self.n_iter_no_change,
                sample_weight=weight,
            )
            for k in range(self.n_networks)
        )
        self.networks_ = run_all(fits, self.n_jobs)
        self.n_iter_ = max(len(network.loss_curve_) for network in self.networks_)
        return self

    def _network(self, seed):
        return MLPClassifier(
            hidden_layer_sizes=tuple(self.hidden_layer_sizes),
            alpha=self.alpha,
            learning_rate_init=self.learning_rate_init,
            batch_size=self.batch_size,
            max_iter=self.max_iter,
            random_state=seed % 2**31,
        )

    def _inputs(self, X):
        """What the networks see of other rows, and which rows have anything."""
        with one_thread():
            features, present = self._features(X)
            pairs = zip(self.projections_, features, strict=True)
            components = [project(projection, block) for projection, block in pairs]
        return join_inputs(components, present), present.any(axis=1)

    def predict_proba(self, X):
        """Class probabilities, the mean over the networks.

        Parameters
        ----------
        X : frame, or array-like of shape (n_samples, n_columns)

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes), float64
            The class prior for rows that have nothing.
        """
        inputs, has_any = self._inputs(X)
        probabilities = np.tile(self.class_prior_, (len(inputs), 1))
        if has_any.any():
            with one_thread():
                found = [network.predict_proba(inputs[has_any]) for network in self.networks_]
            probabilities[has_any] = np.mean(found, axis=0)
        return probabilities

    def transform(self, X):
        """The hidden code: the units of the last shared layer, those of all networks side by side.

        Parameters
        ----------
        X : frame, or array-like of shape (n_samples, n_columns)

        Returns
        -------
        code : ndarray of shape (n_samples, n_networks * hidden_layer_sizes[-1]), float64
        """
        inputs, _ = self._inputs(X)
        with one_thread():
            return np.hstack([forward(network, inputs) for network in self.networks_])

    def get_feature_names_out(self, input_features=None):
        """Names of the units of the hidden code, such as "network0__unit7".

        Parameters
        ----------
        input_features : ignored

        Returns
        -------
        names : ndarray of str objects, shape (n_networks * hidden_layer_sizes[-1],)
        """
        check_is_fitted(self)
        units = range(self.networks_[0].intercepts_[-2].shape[0])
        names = [f"network{k}__unit{unit}" for k in range(len(self.networks_)) for unit in units]
        return np.array(names, dtype=object)
