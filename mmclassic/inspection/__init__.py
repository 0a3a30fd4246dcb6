"""Inspection: what each modality brings, and how sure an answer is. No base model is refitted."""

from mmclassic.inspection._agreement import agreement
from mmclassic.inspection._conformal import ConformalClassifier
from mmclassic.inspection._contribution_display import ModalityContributionDisplay
from mmclassic.inspection._contributions import modality_ablation, modality_shapley
from mmclassic.inspection._cross_validated import cross_validated_fusion
from mmclassic.inspection._reliability import reliability_curve
from mmclassic.inspection._reliability_display import ReliabilityDisplay
from mmclassic.inspection._review_sheet import review_sheet
from mmclassic.inspection._risk_coverage_display import RiskCoverageDisplay
from mmclassic.inspection._robustness import robustness_curve
from mmclassic.inspection._robustness_display import RobustnessDisplay
from mmclassic.inspection._row_contributions import row_contributions
from mmclassic.inspection._selective import abstain, risk_coverage_curve
from mmclassic.inspection._subsets import ablate, shapley, values_by_subset
from mmclassic.inspection._top_features import top_features
from mmclassic.inspection._weights_display import FusionWeightsDisplay

__all__ = [
    "modality_ablation",
    "modality_shapley",
    "row_contributions",
    "top_features",
    "ConformalClassifier",
    "cross_validated_fusion",
    "abstain",
    "risk_coverage_curve",
    "reliability_curve",
    "robustness_curve",
    "review_sheet",
    "agreement",
    "FusionWeightsDisplay",
    "ModalityContributionDisplay",
    "ReliabilityDisplay",
    "RiskCoverageDisplay",
    "RobustnessDisplay",
    "ablate",
    "shapley",
    "values_by_subset",
]
