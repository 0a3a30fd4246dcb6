"""Nested parameters of ``(name, estimator, columns)`` triples."""

from __future__ import annotations

from sklearn.utils import get_tags
from sklearn.utils.metaestimators import _BaseComposition


class ModalityComposition(_BaseComposition):
    """A composition over ``self.modalities``: scikit-learn's machinery reads pairs, not triples."""

    @property
    def _pairs(self):
        try:
            return [(name, estimator) for name, estimator, _ in self.modalities]
        except (TypeError, ValueError):
            return self.modalities

    @_pairs.setter
    def _pairs(self, pairs):
        try:
            self.modalities = [
                (name, estimator, columns)
                for (name, estimator), (_, _, columns) in zip(pairs, self.modalities, strict=True)
            ]
        except (TypeError, ValueError):
            self.modalities = pairs

    def get_params(self, deep=True):
        """Parameters of this estimator and of the modalities' estimators.

        Parameters
        ----------
        deep : bool, default=True

        Returns
        -------
        params : dict
        """
        return self._get_params("_pairs", deep=deep)

    def set_params(self, **kwargs):
        """Set parameters, also of a modality's estimator, or replace one by its name.

        Parameters
        ----------
        **kwargs : dict
            Such as ``text__logisticregression__C=3`` or ``image="drop"``.

        Returns
        -------
        self : object
        """
        self._set_params("_pairs", **kwargs)
        return self

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        # A modality without any value is missing; one with some goes to its estimator.
        tags.input_tags.allow_nan = all(
            get_tags(estimator).input_tags.allow_nan for estimator in self._fittable()
        )
        tags.input_tags.string = True
        return tags

    def _fittable(self):
        """The estimators, without what is dropped; none where modalities are malformed."""
        try:
            return [estimator for _, estimator in self._pairs if hasattr(estimator, "fit")]
        except (TypeError, ValueError):
            return []
