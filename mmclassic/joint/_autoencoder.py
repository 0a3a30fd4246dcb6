"""MultimodalAutoencoder: one code for all modalities, from which each is decoded."""

from __future__ import annotations

from numbers import Integral, Real

import numpy as np
from sklearn.base import TransformerMixin, _fit_context
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_is_fitted

from mmclassic._threads import one_thread
from mmclassic.joint._absent_blocks import blocks_without
from mmclassic.joint._block_values import fit_block_values
from mmclassic.joint._density_method import DensityMethod
from mmclassic.joint._gaussian import log_likelihood
from mmclassic.joint._inputs import check_code
from mmclassic.joint._linear_code import fit_linear_code
from mmclassic.joint._network import check_layers
from mmclassic.joint._network_code import fit_network_code
from mmclassic.modalities._block_composition import BlockComposition
from mmclassic.modalities._read_blocks import blocks_to_fit


class MultimodalAutoencoder(TransformerMixin, BlockComposition):
    """One code for all modalities, and the modalities from the code.

    :meth:`reconstruct` fills in what a row lacks; :meth:`score_samples` tells how unusual it is.

    Parameters
    ----------
    modalities : list of (name, transformer, columns)
        As in ColumnTransformer; each transformer should end in :class:`BlockScaler`, or give rows
        of length about one, as tf-idf does. "passthrough" takes the columns as they are. Each block
        is brought to a variance of one.
    method : {"pca", "factor_analysis", "mlp"}, default="pca"
        "pca": joint principal components, and a reduced-rank regression of what is absent on what
        is there; both in closed form. "factor_analysis": a noise for each feature, and what is
        absent by its expectation. "mlp": scikit-learn's multilayer perceptron, trained while whole
        modalities drop out; it has no density, and so no ``score``.
    n_components : int, default=64
        Width of the code, and rank of the regressions; fewer where there are not as many: at most
        the number of rows or features, in "factor_analysis" one less than features.
    width : int, default=128
        Most principal components of each block that "pca" and "mlp" are fitted on.
    hidden_layer_sizes : tuple of int, default=(100,)
        Of "mlp": layers before the code, and in reverse behind it.
    dropout : float, default=0.5
        Of "mlp": probability with which a modality is dropped from a row in an epoch.
    alpha : float, default=0.001
        Of "mlp": strength of the L2 penalty.
    max_iter : int, default=200
        Of "mlp": epochs at most; a fifth of the rows tells when to stop.
    on_unreadable : {"raise", "missing"}, default="raise"
        Whether unreadable cells end the call, or count as missing with one warning.
    max_error_rate : float, default=0.05
        In ``fit``, the share of unreadable cells of a modality above which "missing" raises.
    random_state : int, RandomState instance or None, default=None
        Of "mlp", and of randomised solvers for large blocks.

    Attributes
    ----------
    modalities_ : list of (name, fitted transformer, columns)
    block_slices_, block_feature_names_ : dict from name to slice, and ndarray of str objects
        Where each modality's features are among those of ``inverse_transform``; their names.
    n_iter_ : int
        Epochs of "mlp"; else how often the code was fitted to fill in what training rows lack.
    unreadable_cells_ : list of CellError
    n_features_in_ : int
    feature_names_in_ : ndarray of str objects

    See Also
    --------
    JointClassifier : A code that is learned from labels.

    Notes
    -----
    Training rows may lack modalities: the code is fitted anew to the moments that it expects of
    complete rows, until these do not change (EM). A row that has nothing is at the mean of all.
    "factor_analysis" works on the features themselves: reduce blocks of thousands of features
    first, of which it has one factor fewer at most: with more the noise is not determined.

    References
    ----------
    J. Ngiam, A. Khosla, M. Kim, J. Nam, H. Lee, A. Ng: Multimodal deep learning. ICML 2011.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from mmclassic import BlockScaler, MultimodalAutoencoder
    >>> X, _ = load_iris(return_X_y=True)
    >>> model = MultimodalAutoencoder(
    ...     [("sepal", BlockScaler(), [0, 1]), ("petal", BlockScaler(), [2, 3])], n_components=2
    ... ).fit(X)
    >>> model.transform(X).shape
    (150, 2)
    >>> model.reconstruct(X[:1], missing="petal").round(2)
    array([[-0.64,  0.72, -0.71, -0.64]])
    """

    _parameter_constraints: dict = {
        "modalities": [list],
        "method": [StrOptions({"pca", "factor_analysis", "mlp"})],
        "n_components": [Interval(Integral, 1, None, closed="left")],
        "width": [Interval(Integral, 1, None, closed="left")],
        "hidden_layer_sizes": ["array-like"],
        "dropout": [Interval(Real, 0, 1, closed="left")],
        "alpha": [Interval(Real, 0, None, closed="left")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "on_unreadable": [StrOptions({"raise", "missing"})],
        "max_error_rate": [Interval(Real, 0, 1, closed="both")],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        modalities,
        *,
        method="pca",
        n_components=64,
        width=128,
        hidden_layer_sizes=(100,),
        dropout=0.5,
        alpha=0.001,
        max_iter=200,
        on_unreadable="raise",
        max_error_rate=0.05,
        random_state=None,
    ):
        self.modalities = modalities
        self.method = method
        self.n_components = n_components
        self.width = width
        self.hidden_layer_sizes = hidden_layer_sizes
        self.dropout = dropout
        self.alpha = alpha
        self.max_iter = max_iter
        self.on_unreadable = on_unreadable
        self.max_error_rate = max_error_rate
        self.random_state = random_state

    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X, y=None):
        """Fit the transformers and the code.

        Parameters
        ----------
        X : frame, or array-like of shape (n_samples, n_columns)
        y : array-like of shape (n_samples,), optional
            For transformers that learn from labels.

        Returns
        -------
        self : object
        """
        check_layers(self.hidden_layer_sizes)
        data, self.unreadable_cells_ = blocks_to_fit(self, X)
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        with one_thread():
            features, present = self._fit_features(data, None if y is None else np.asarray(y))
            whole = self.method == "factor_analysis"
            self._values = fit_block_values(features, present, None if whole else self.width, seed)
            values, there = self._values.join(features, present)
            self._code, self.n_iter_ = fit_linear_code(
                values, there, self.n_components, factors=whole, random_state=seed
            )
            if self.method == "mlp":
                self._code = self._fit_network(values, present, seed)
                self.n_iter_ = len(self._code.network.loss_curve_)
        return self

    def _fit_network(self, values, present, seed):
        sizes = self._values.sizes
        target = self._code.fill(values, np.repeat(present, sizes, axis=1))
        return fit_network_code(
            target,
            present,
            sizes,
            hidden_layer_sizes=tuple(self.hidden_layer_sizes),
            n_components=self.n_components,
            dropout=self.dropout,
            alpha=self.alpha,
            max_iter=self.max_iter,
            random_state=seed,
        )

    def transform(self, X):
        """The codes of rows.

        Parameters
        ----------
        X : frame, or array-like of shape (n_samples, n_columns)

        Returns
        -------
        code : ndarray of shape (n_samples, n_components), float64
        """
        with one_thread():
            values, there = self._values_of(X)[:2]
            return self._code.encode(values, there)

    def inverse_transform(self, X):
        """The features of all modalities, from codes.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_components)
            ValueError if its width is not that of the code.

        Returns
        -------
        features : ndarray of shape (n_samples, n_features), float64
            As the modalities' transformers give them, side by side.
        """
        check_is_fitted(self)
        code = check_code(X, self._code.n_components)
        with one_thread():
            return self._values.to_features(self._code.decode(code))

    def reconstruct(self, X, missing=None):
        """The features of rows, with what is absent filled in from the rest.

        Parameters
        ----------
        X : frame, or array-like of shape (n_samples, n_columns)
        missing : str or list of str, optional
            Modalities to be filled in for every row: they are not read, and a frame need not have
            their columns, where all are named. ValueError if there is no such modality.

        Returns
        -------
        features : ndarray of shape (n_samples, n_features), float64
            What is there is as it was; the rest at its mean for rows that have nothing. "pca" draws
            what it fills in towards the mean: its regressions add 0.1 times the mean variance to
            the variances of what is there, lest a few rows with many features fit noise.
        """
        with one_thread():
            values, there, features, present = self._values_of(X, missing)
            filled = self._values.to_features(self._code.fill(values, there))
            own = np.hstack([b if isinstance(b, np.ndarray) else b.toarray() for b in features])
            widths = [len(mean) for mean in self._means]
            return np.where(np.repeat(present, widths, axis=1), own, filled)

    @DensityMethod
    def score_samples(self, X):
        """Logarithm of the density of each row: the lower, the more unusual. Not for "mlp".

        Parameters
        ----------
        X : frame, or array-like of shape (n_samples, n_columns)

        Returns
        -------
        logarithms : ndarray of shape (n_samples,), float64
            Of scaled features ("factor_analysis"), or of their principal components ("pca"). A row
            that lacks modalities is judged by the others: compare it with rows of its kind.
        """
        with one_thread():
            values, there = self._values_of(X)[:2]
            code = self._code
            return log_likelihood(values - code.mean, there, code.loadings, code.noise)

    @DensityMethod
    def score(self, X, y=None):
        """Mean of ``score_samples(X)``, for a search over ``n_components``. Not for "mlp".

        Parameters
        ----------
        X : frame, or array-like of shape (n_samples, n_columns)
        y : ignored
        """
        return float(self.score_samples(X).mean())

    def _values_of(self, X, missing=None):
        """Values and which are there; features and which blocks are there."""
        check_is_fitted(self)
        features, present = self._features_of(blocks_without(self, X, missing))
        return *self._values.join(features, present), features, present

    def get_feature_names_out(self, input_features=None):
        """Names of the parts of the code: "code0", "code1", …

        Parameters
        ----------
        input_features : ignored

        Returns
        -------
        names : ndarray of str objects, shape (n_components,)
        """
        check_is_fitted(self)
        names = [f"code{number}" for number in range(self._code.n_components)]
        return np.array(names, dtype=object)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.required = False
        return tags
