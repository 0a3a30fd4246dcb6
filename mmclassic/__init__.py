"""scikit-learn for tables whose cells are text, pictures and sound.

Every public name can be imported from here; its module is loaded on first use, so that
``import mmclassic`` stays light and text alone never pays for pictures or sound.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # what __getattr__ does, for type checkers and editors
    from mmclassic._errors import CellError as CellError
    from mmclassic._errors import DataQualityWarning as DataQualityWarning
    from mmclassic._errors import UnreadableCellsError as UnreadableCellsError
    from mmclassic.audio import MFCCVectorizer as MFCCVectorizer
    from mmclassic.datasets import load_demo as load_demo
    from mmclassic.datasets import read_table as read_table
    from mmclassic.evaluation import BenchmarkResult as BenchmarkResult
    from mmclassic.evaluation import benchmark as benchmark
    from mmclassic.evaluation import check_table as check_table
    from mmclassic.extraction import extract as extract
    from mmclassic.fusion import BlockScaler as BlockScaler
    from mmclassic.fusion import EarlyFusionClassifier as EarlyFusionClassifier
    from mmclassic.fusion import EarlyFusionRegressor as EarlyFusionRegressor
    from mmclassic.fusion import FeaturePooling as FeaturePooling
    from mmclassic.fusion import GatedPool as GatedPool
    from mmclassic.fusion import LateFusionClassifier as LateFusionClassifier
    from mmclassic.fusion import LateFusionRegressor as LateFusionRegressor
    from mmclassic.fusion import LogPool as LogPool
    from mmclassic.fusion import MedianRegressor as MedianRegressor
    from mmclassic.fusion import Precomputed as Precomputed
    from mmclassic.fusion import StackedRegressor as StackedRegressor
    from mmclassic.fusion import Stacking as Stacking
    from mmclassic.fusion import Voting as Voting
    from mmclassic.fusion import WeightedSum as WeightedSum
    from mmclassic.fusion import WeightedSumRegressor as WeightedSumRegressor
    from mmclassic.fusion import compile_model as compile_model
    from mmclassic.fusion import cross_fit_scores as cross_fit_scores
    from mmclassic.fusion import negative_log_loss as negative_log_loss
    from mmclassic.fusion import scores_from_frame as scores_from_frame
    from mmclassic.fusion import scores_to_frame as scores_to_frame
    from mmclassic.fusion import simplex_grid as simplex_grid
    from mmclassic.image import BackboneVectorizer as BackboneVectorizer
    from mmclassic.image import ColorHistogramVectorizer as ColorHistogramVectorizer
    from mmclassic.image import ConvVectorizer as ConvVectorizer
    from mmclassic.image import HOGVectorizer as HOGVectorizer
    from mmclassic.image import LBPVectorizer as LBPVectorizer
    from mmclassic.inspection import ConformalClassifier as ConformalClassifier
    from mmclassic.inspection import FusionWeightsDisplay as FusionWeightsDisplay
    from mmclassic.inspection import ModalityContributionDisplay as ModalityContributionDisplay
    from mmclassic.inspection import ReliabilityDisplay as ReliabilityDisplay
    from mmclassic.inspection import RiskCoverageDisplay as RiskCoverageDisplay
    from mmclassic.inspection import RobustnessDisplay as RobustnessDisplay
    from mmclassic.inspection import abstain as abstain
    from mmclassic.inspection import agreement as agreement
    from mmclassic.inspection import cross_validated_fusion as cross_validated_fusion
    from mmclassic.inspection import modality_ablation as modality_ablation
    from mmclassic.inspection import modality_shapley as modality_shapley
    from mmclassic.inspection import reliability_curve as reliability_curve
    from mmclassic.inspection import review_sheet as review_sheet
    from mmclassic.inspection import risk_coverage_curve as risk_coverage_curve
    from mmclassic.inspection import robustness_curve as robustness_curve
    from mmclassic.inspection import row_contributions as row_contributions
    from mmclassic.inspection import top_features as top_features
    from mmclassic.joint import CrossModalRetriever as CrossModalRetriever
    from mmclassic.joint import JointClassifier as JointClassifier
    from mmclassic.joint import MultimodalAutoencoder as MultimodalAutoencoder
    from mmclassic.joint import mean_average_precision as mean_average_precision
    from mmclassic.joint import mean_reciprocal_rank as mean_reciprocal_rank
    from mmclassic.joint import recall_at_k as recall_at_k
    from mmclassic.media import CellUnion as CellUnion
    from mmclassic.media import Limits as Limits
    from mmclassic.persistence import load as load
    from mmclassic.persistence import read_card as read_card
    from mmclassic.persistence import save as save
    from mmclassic.recipes import make_early_fusion as make_early_fusion
    from mmclassic.recipes import (
        make_early_fusion_regressor as make_early_fusion_regressor,
    )
    from mmclassic.recipes import make_joint_fusion as make_joint_fusion
    from mmclassic.recipes import make_late_fusion as make_late_fusion
    from mmclassic.recipes import (
        make_late_fusion_regressor as make_late_fusion_regressor,
    )
    from mmclassic.tabular import CategoryColumns as CategoryColumns
    from mmclassic.tabular import NumberColumns as NumberColumns
    from mmclassic.text import BagOfWordsVectorizer as BagOfWordsVectorizer
    from mmclassic.text import Word2VecVectorizer as Word2VecVectorizer
    from mmclassic.text import redact as redact
    from mmclassic.text import tokenize as tokenize

__version__ = "0.1.0.dev0"

# The one list of public names: where each of them lives.
_HOMES = {
    "make_late_fusion": "mmclassic.recipes",
    "make_early_fusion": "mmclassic.recipes",
    "make_joint_fusion": "mmclassic.recipes",
    "make_late_fusion_regressor": "mmclassic.recipes",
    "make_early_fusion_regressor": "mmclassic.recipes",
    "benchmark": "mmclassic.evaluation",
    "BenchmarkResult": "mmclassic.evaluation",
    "check_table": "mmclassic.evaluation",
    "LateFusionClassifier": "mmclassic.fusion",
    "LateFusionRegressor": "mmclassic.fusion",
    "EarlyFusionClassifier": "mmclassic.fusion",
    "FeaturePooling": "mmclassic.fusion",
    "EarlyFusionRegressor": "mmclassic.fusion",
    "LogPool": "mmclassic.fusion",
    "GatedPool": "mmclassic.fusion",
    "WeightedSum": "mmclassic.fusion",
    "Voting": "mmclassic.fusion",
    "Stacking": "mmclassic.fusion",
    "WeightedSumRegressor": "mmclassic.fusion",
    "MedianRegressor": "mmclassic.fusion",
    "StackedRegressor": "mmclassic.fusion",
    "Precomputed": "mmclassic.fusion",
    "BlockScaler": "mmclassic.fusion",
    "compile_model": "mmclassic.fusion",
    "cross_fit_scores": "mmclassic.fusion",
    "simplex_grid": "mmclassic.fusion",
    "negative_log_loss": "mmclassic.fusion",
    "scores_to_frame": "mmclassic.fusion",
    "scores_from_frame": "mmclassic.fusion",
    "JointClassifier": "mmclassic.joint",
    "MultimodalAutoencoder": "mmclassic.joint",
    "CrossModalRetriever": "mmclassic.joint",
    "mean_average_precision": "mmclassic.joint",
    "mean_reciprocal_rank": "mmclassic.joint",
    "recall_at_k": "mmclassic.joint",
    "BagOfWordsVectorizer": "mmclassic.text",
    "Word2VecVectorizer": "mmclassic.text",
    "tokenize": "mmclassic.text",
    "redact": "mmclassic.text",
    "HOGVectorizer": "mmclassic.image",
    "ColorHistogramVectorizer": "mmclassic.image",
    "LBPVectorizer": "mmclassic.image",
    "ConvVectorizer": "mmclassic.image",
    "BackboneVectorizer": "mmclassic.image",
    "MFCCVectorizer": "mmclassic.audio",
    "NumberColumns": "mmclassic.tabular",
    "CategoryColumns": "mmclassic.tabular",
    "CellUnion": "mmclassic.media",
    "Limits": "mmclassic.media",
    "modality_ablation": "mmclassic.inspection",
    "modality_shapley": "mmclassic.inspection",
    "row_contributions": "mmclassic.inspection",
    "top_features": "mmclassic.inspection",
    "ConformalClassifier": "mmclassic.inspection",
    "cross_validated_fusion": "mmclassic.inspection",
    "abstain": "mmclassic.inspection",
    "risk_coverage_curve": "mmclassic.inspection",
    "reliability_curve": "mmclassic.inspection",
    "robustness_curve": "mmclassic.inspection",
    "review_sheet": "mmclassic.inspection",
    "agreement": "mmclassic.inspection",
    "FusionWeightsDisplay": "mmclassic.inspection",
    "ModalityContributionDisplay": "mmclassic.inspection",
    "ReliabilityDisplay": "mmclassic.inspection",
    "RiskCoverageDisplay": "mmclassic.inspection",
    "RobustnessDisplay": "mmclassic.inspection",
    "extract": "mmclassic.extraction",
    "load_demo": "mmclassic.datasets",
    "read_table": "mmclassic.datasets",
    "save": "mmclassic.persistence",
    "load": "mmclassic.persistence",
    "read_card": "mmclassic.persistence",
    "CellError": "mmclassic._errors",
    "UnreadableCellsError": "mmclassic._errors",
    "DataQualityWarning": "mmclassic._errors",
}
_ROOMS = sorted({home.split(".")[1] for home in _HOMES.values()} - {"_errors"})

__all__ = [*_HOMES, "__version__"]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        value = getattr(import_module(_HOMES[name]), name)
    elif name in _ROOMS:
        value = import_module(f"mmclassic.{name}")
    else:
        raise AttributeError(f"module 'mmclassic' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*__all__, *_ROOMS])
