"""What the late fusions of classification and of regression share."""

from __future__ import annotations

import numpy as np
from sklearn.callback import CallbackSupportMixin
from sklearn.utils import Bunch
from sklearn.utils._repr_html.estimator import _VisualBlock
from sklearn.utils.validation import check_is_fitted

from mmclassic.fusion._fit_monitor import FitMonitor
from mmclassic.fusion._fit_record import fit_time
from mmclassic.modalities._composition import ModalityComposition


class LateFusion(CallbackSupportMixin, ModalityComposition):
    """A composition over ``modalities`` with a head, ``fusion``."""

    def _start_monitor(self, X, y, params, splits):
        """Tell callbacks that the fit begins: reading, then some stages for each target."""
        n_stages = sum(2 if folds is None else 3 for folds in splits)
        context = self._init_callback_context(max_subtasks=1 + n_stages)
        context.call_on_fit_task_begin(estimator=self, X=X, y=y, metadata=_weight_among(params))
        return FitMonitor(self, context)

    def _end_monitor(self, X, y, params):
        """Tell callbacks that the fit ends; a scoring one judges the fitted model."""
        self._fitted = fit_time()
        self._callback_fit_ctx.call_on_fit_task_end(
            estimator=self, X=X, y=y, metadata=_weight_among(params), reconstruction_attributes={}
        )
        return self

    @property
    def named_modalities_(self):
        """Fitted estimators by the name of their modality."""
        check_is_fitted(self)
        return Bunch(**{name: estimator for name, estimator, _ in self.modalities_})

    def modalities_used(self, scores):
        """Which modalities each row of a score table is fused from.

        Parameters
        ----------
        scores : array-like of shape (n_samples, n_modalities, n_classes)
            As ``score_table`` gives it: ``fuse`` makes the prediction of the same table, so that
            no cell is read twice.

        Returns
        -------
        used : DataFrame of bool of shape (n_samples, n_modalities)
            Columns are the names of the modalities. A row without any gets the prior.

        Examples
        --------
        >>> import numpy as np
        >>> from sklearn.naive_bayes import GaussianNB
        >>> from mmclassic import LateFusionClassifier
        >>> X = np.array([[0.0, 1.0], [1.0, 0.0], [0.2, 0.9], [0.9, 0.3]])
        >>> model = LateFusionClassifier(
        ...     [("left", GaussianNB(), [0]), ("right", GaussianNB(), [1])], cv=2
        ... ).fit(X, [0, 1, 0, 1])
        >>> model.modalities_used(model.score_table([[0.5, np.nan]]))
           left  right
        0  True  False
        """
        import pandas as pd

        check_is_fitted(self)
        scores = np.asarray(scores, dtype=np.float64)
        models = getattr(self, "label_models_", [self])
        names = [name for name, _, _ in models[0].modalities_]
        if scores.ndim != 3 or scores.shape[1] != len(names):
            raise ValueError(
                f"Expected a score table of shape (n_samples, {len(names)}, n_classes), as "
                f"score_table(X) gives it; got {scores.shape}."
            )
        return pd.DataFrame(~np.isnan(scores).all(axis=2), columns=names)

    def _to_portable(self):
        """Forget training scores and what belongs to this machine, before the model is saved."""
        for name in ["cross_fit_scores_", "_labels_checksum"]:
            self.__dict__.pop(name, None)
        self.unreadable_cells_ = []
        self.memory = None
        self.set_callbacks()

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


def _weight_among(params: dict) -> dict:
    """What a callback may hand to a scorer: of all metadata only sample_weight."""
    return {key: params[key] for key in ["sample_weight"] if params.get(key) is not None}
