"""What the early fusions of classification and of regression share."""

from __future__ import annotations

from typing import Any

from mmclassic.fusion._early_member import EarlyMember
from mmclassic.fusion._fit_record import fit_time
from mmclassic.modalities._block_composition import BlockComposition
from mmclassic.modalities._modality import Modality


class EarlyFusion(BlockComposition):
    """A composition over ``modalities`` with one linear model on the joined features."""

    def _keep(self, data: list[Modality], member: EarlyMember) -> Any:
        """Keep the fitted transformers; the linear model, its coefficients those of features."""
        self._keep_blocks(data, member.blocks)
        model = member.models[0]
        model.coef_ = member.space.coefficients(model.coef_)
        model.n_features_in_ = model.coef_.shape[-1]
        self._fitted = fit_time()
        return model

    def get_feature_names_out(self, input_features=None):
        """Names of the joined features, in the order of the linear model's coefficients.

        Parameters
        ----------
        input_features : ignored

        Returns
        -------
        names : ndarray of str objects, shape (n_features,)
            Each with the name of its block first, such as "image__hog0".
        """
        return self.block_feature_names_
