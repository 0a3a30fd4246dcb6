"""The types that a model file may name: an explicit list, never what the file asks for."""

from __future__ import annotations

from collections.abc import Iterable

# The estimators, heads and records of this library that a model can hold.
OWN_TYPES = (
    "mmclassic.audio._mfcc.MFCCVectorizer",
    "mmclassic.fusion._block_scaler.BlockScaler",
    "mmclassic.fusion._early.EarlyFusionClassifier",
    "mmclassic.fusion._feature_pooling.FeaturePooling",
    "mmclassic.fusion._early_regressor.EarlyFusionRegressor",
    "mmclassic.fusion._late.LateFusionClassifier",
    "mmclassic.fusion._late_regressor.LateFusionRegressor",
    "mmclassic.fusion._log_pool.LogPool",
    "mmclassic.tabular._categories.CategoryColumns",
    "mmclassic.tabular._numbers.NumberColumns",
    "mmclassic.fusion._gated_pool.GatedPool",
    "mmclassic.fusion._median_regressor.MedianRegressor",
    "mmclassic.fusion._precomputed.Precomputed",
    "mmclassic.fusion._stacked_regressor.StackedRegressor",
    "mmclassic.fusion._stacking.Stacking",
    "mmclassic.fusion._voting.Voting",
    "mmclassic.fusion._weighted_sum.WeightedSum",
    "mmclassic.fusion._weighted_sum_regressor.WeightedSumRegressor",
    "mmclassic.image._backbone.BackboneVectorizer",
    "mmclassic.image._color_histogram.ColorHistogramVectorizer",
    "mmclassic.image._conv.ConvVectorizer",
    "mmclassic.image._hog.HOGVectorizer",
    "mmclassic.image._lbp.LBPVectorizer",
    "mmclassic.inspection._conformal.ConformalClassifier",
    "mmclassic.joint._autoencoder.MultimodalAutoencoder",
    "mmclassic.joint._block_values.BlockValues",
    "mmclassic.joint._classifier.JointClassifier",
    "mmclassic.joint._linear_code.LinearCode",
    "mmclassic.joint._network_code.NetworkCode",
    "mmclassic.joint._retrieval.CrossModalRetriever",
    "mmclassic.media._union.CellUnion",
    "mmclassic.media._limits.Limits",
    "mmclassic.text._bag_of_words.BagOfWordsVectorizer",
    "mmclassic.text._hashed_terms.HashedTerms",
    "mmclassic.text._terms.Terms",
    "mmclassic.text._word2vec.Word2VecVectorizer",
    "mmclassic.recipes._few_rows.FoldsOrAll",
    "mmclassic.persistence._pack.PackedDict",
    "mmclassic.persistence._pack.PackedArray",
    "mmclassic.persistence._pack.PackedBytes",
    "mmclassic.persistence._pack.PackedList",
    "mmclassic.persistence._pack.PackedRequest",
)

# Functions that fitted vectorizers, and searches over heads, refer to by name.
OWN_FUNCTIONS = (
    "mmclassic.fusion._log_loss.negative_log_loss",
    "mmclassic.text._tokenize.split_tokens",
    "mmclassic.text._tokenize.tokenize",
)

# Parts of fitted scikit-learn models that skops does not trust by itself. Each was looked
# at: making one from any arguments or attributes has no effect outside of itself. Trees
# are checked after loading (_indices.py, _compiled_models.py).
SKLEARN_TYPES = (
    "sklearn._loss.loss.HalfTweedieLoss",
    "sklearn._loss.loss.HalfTweedieLossIdentity",
    "sklearn.calibration._CalibratedClassifier",
    "sklearn.calibration._SigmoidCalibration",
    "sklearn.calibration._TemperatureScaling",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.gaussian_process._gpc._BinaryGaussianProcessClassifierLaplace",
    "sklearn.gaussian_process.kernels.ConstantKernel",
    "sklearn.gaussian_process.kernels.DotProduct",
    "sklearn.gaussian_process.kernels.Matern",
    "sklearn.gaussian_process.kernels.Product",
    "sklearn.gaussian_process.kernels.RBF",
    "sklearn.gaussian_process.kernels.Sum",
    "sklearn.gaussian_process.kernels.WhiteKernel",
    "sklearn.metrics._dist_metrics.ChebyshevDistance64",
    "sklearn.metrics._dist_metrics.EuclideanDistance64",
    "sklearn.metrics._dist_metrics.ManhattanDistance64",
    "sklearn.metrics._dist_metrics.MinkowskiDistance64",
    "sklearn.metrics._scorer._PassthroughScorer",
    "sklearn.metrics._scorer._Scorer",
    "sklearn.model_selection._split.GroupKFold",
    "sklearn.model_selection._split.GroupShuffleSplit",
    "sklearn.model_selection._split.KFold",
    "sklearn.model_selection._split.LeaveOneGroupOut",
    "sklearn.model_selection._split.LeaveOneOut",
    "sklearn.model_selection._split.PredefinedSplit",
    "sklearn.model_selection._split.RepeatedKFold",
    "sklearn.model_selection._split.RepeatedStratifiedKFold",
    "sklearn.model_selection._split.ShuffleSplit",
    "sklearn.model_selection._split.StratifiedGroupKFold",
    "sklearn.model_selection._split.StratifiedKFold",
    "sklearn.model_selection._split.StratifiedShuffleSplit",
    "sklearn.model_selection._split.TimeSeriesSplit",
    "sklearn.multiclass._ConstantPredictor",
    "sklearn.neighbors._ball_tree.BallTree",
    "sklearn.neighbors._kd_tree.KDTree",
    "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
    "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
    "sklearn.tree._tree.Tree",
    "sklearn.utils._bunch.Bunch",
)

# Pure functions that scorers, feature selection and boosting refer to by name.
SKLEARN_FUNCTIONS = (
    "sklearn.feature_selection._mutual_info.mutual_info_classif",
    "sklearn.feature_selection._univariate_selection.chi2",
    "sklearn.feature_selection._univariate_selection.f_classif",
    "sklearn.feature_selection._univariate_selection.f_regression",
    "sklearn.metrics._classification.accuracy_score",
    "sklearn.metrics._classification.balanced_accuracy_score",
    "sklearn.metrics._classification.brier_score_loss",
    "sklearn.metrics._classification.f1_score",
    "sklearn.metrics._classification.log_loss",
    "sklearn.metrics._classification.matthews_corrcoef",
    "sklearn.metrics._classification.precision_score",
    "sklearn.metrics._classification.recall_score",
    "sklearn.metrics._ranking.average_precision_score",
    "sklearn.metrics._ranking.roc_auc_score",
    "sklearn.metrics._regression.mean_absolute_error",
    "sklearn.metrics._regression.mean_squared_error",
    "sklearn.metrics._regression.r2_score",
    "sklearn.metrics._regression.root_mean_squared_error",
    "sklearn.utils.validation.check_array",
)

PLAIN_TYPES = (
    "builtins.dict",
    "builtins.frozenset",
    "functools.partial",  # of a function that is trusted itself
    "numpy.dtype",
    "scipy.sparse._csc.csc_array",
    "scipy.sparse._csc.csc_matrix",
    "scipy.sparse._csr.csr_array",
    "scipy.sparse._csr.csr_matrix",
)

TRUSTED = frozenset((*OWN_TYPES, *OWN_FUNCTIONS, *SKLEARN_TYPES, *SKLEARN_FUNCTIONS, *PLAIN_TYPES))


def names_of(types: Iterable[str | type]) -> set[str]:
    """Full names of types, which are given as names or as the types themselves.

    Examples
    --------
    >>> from sklearn.svm import SVC
    >>> sorted(names_of([SVC, "my_package.Model"]))
    ['my_package.Model', 'sklearn.svm._classes.SVC']
    """
    if isinstance(types, str | type):
        raise ValueError(f"trusted must be a list of types or of their names, got {types!r}.")
    return {
        one if isinstance(one, str) else f"{one.__module__}.{one.__qualname__}" for one in types
    }
