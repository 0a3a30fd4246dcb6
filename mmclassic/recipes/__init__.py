"""Good defaults for each medium: the models that every door of mmclassic builds."""

from mmclassic.recipes._early import make_early_fusion
from mmclassic.recipes._joint import make_joint_fusion
from mmclassic.recipes._late import make_late_fusion
from mmclassic.recipes._regression import make_early_fusion_regressor, make_late_fusion_regressor

__all__ = [
    "make_late_fusion",
    "make_early_fusion",
    "make_joint_fusion",
    "make_late_fusion_regressor",
    "make_early_fusion_regressor",
]
