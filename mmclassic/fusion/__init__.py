"""Fusion: from the columns of a table to scores, and from scores to one prediction."""

from mmclassic.fusion._block_scaler import BlockScaler
from mmclassic.fusion._compile import compile_model
from mmclassic.fusion._cross_fit_scores import cross_fit_scores
from mmclassic.fusion._early import EarlyFusionClassifier
from mmclassic.fusion._early_regressor import EarlyFusionRegressor
from mmclassic.fusion._feature_pooling import FeaturePooling
from mmclassic.fusion._gated_pool import GatedPool
from mmclassic.fusion._late import LateFusionClassifier
from mmclassic.fusion._late_regressor import LateFusionRegressor
from mmclassic.fusion._log_loss import negative_log_loss
from mmclassic.fusion._log_pool import LogPool
from mmclassic.fusion._median_regressor import MedianRegressor
from mmclassic.fusion._precomputed import Precomputed
from mmclassic.fusion._score_frame import scores_from_frame, scores_to_frame
from mmclassic.fusion._stacked_regressor import StackedRegressor
from mmclassic.fusion._stacking import Stacking
from mmclassic.fusion._voting import Voting
from mmclassic.fusion._weighted_sum import WeightedSum
from mmclassic.fusion._weighted_sum_regressor import WeightedSumRegressor
from mmclassic.fusion._weights import simplex_grid

__all__ = [
    "LateFusionClassifier",
    "LateFusionRegressor",
    "EarlyFusionClassifier",
    "FeaturePooling",
    "EarlyFusionRegressor",
    "LogPool",
    "GatedPool",
    "WeightedSum",
    "Voting",
    "Stacking",
    "WeightedSumRegressor",
    "MedianRegressor",
    "StackedRegressor",
    "Precomputed",
    "BlockScaler",
    "compile_model",
    "cross_fit_scores",
    "simplex_grid",
    "negative_log_loss",
    "scores_to_frame",
    "scores_from_frame",
]
