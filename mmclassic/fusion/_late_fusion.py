"""What the late fusions of classification and of regression share."""

from __future__ import annotations

from sklearn.utils import Bunch
from sklearn.utils._repr_html.estimator import _VisualBlock
from sklearn.utils.validation import check_is_fitted

from mmclassic.fusion._composition import ModalityComposition


class LateFusion(ModalityComposition):
    """A composition over ``modalities`` with a head, ``fusion``."""

    @property
    def named_modalities_(self):
        """Fitted estimators by the name of their modality."""
        check_is_fitted(self)
        return Bunch(**{name: estimator for name, estimator, _ in self.modalities_})

    def _to_portable(self):
        """Forget training scores and what belongs to this machine, before the model is saved."""
        if hasattr(self, "cross_fit_scores_"):
            del self.cross_fit_scores_
        self.unreadable_cells_ = []
        self.memory = None

    def _sk_visual_block_(self):
        """The HTML diagram: the modalities side by side, then the head."""
        fitted = getattr(self, "modalities_", self.modalities)
        branches = _VisualBlock(
            "parallel",
            [estimator for _, estimator, _ in fitted],
            names=[name for name, _, _ in fitted],
            name_details=[str(columns) for _, _, columns in fitted],
            dash_wrapped=False,
        )
        head = getattr(self, "fusion_", self.fusion)
        if isinstance(head, str):
            last = _VisualBlock("single", head, names=head, name_details=head)
        else:
            last = _VisualBlock("parallel", [head], names=["fusion"], dash_wrapped=False)
        return _VisualBlock("serial", (branches, last), dash_wrapped=False)
