"""What models that see the features of all modalities at once share."""

from __future__ import annotations

import numpy as np
from sklearn.utils.validation import check_is_fitted

from mmclassic.modalities._blocks import FittedBlocks, block_names, fit_blocks
from mmclassic.modalities._composition import ModalityComposition
from mmclassic.modalities._read_blocks import blocks_to_apply


class BlockComposition(ModalityComposition):
    """A composition over ``modalities`` whose estimators are transformers.

    Inside another model it is given what was read (ReadBlocks), and reads nothing itself.
    """

    _joins_blocks = True

    def _fit_features(self, data, labels):
        """Fit the transformers; features of each block, and which rows have it.

        Returns
        -------
        features : list of {ndarray, CSR array} of shape (n_samples, width), float64
            The mean where a row lacks a block; zeros in sparse ones.
        present : bool ndarray of shape (n_samples, n_modalities)
        """
        present = np.stack([block.present for block in data], axis=1)
        blocks, features = fit_blocks(data, labels, np.arange(len(present)))
        self._keep_blocks(data, blocks)
        return features, present

    def _keep_blocks(self, data, blocks):
        """Keep the fitted transformers, whole again, and the means that stand for absent blocks."""
        for block, transformer in zip(data, blocks.transformers, strict=True):
            if transformer is None:
                raise ValueError(f"Modality {block.name!r} has no row to fit on: leave it out.")
        self._means = blocks.means
        self.modalities_ = [
            (block.name, block.whole(transformer), block.columns)
            for block, transformer in zip(data, blocks.transformers, strict=True)
        ]

    def _features(self, X):
        """The same of other rows."""
        check_is_fitted(self)
        return self._features_of(blocks_to_apply(self, X))

    def _features_of(self, data):
        """The same of blocks that were read."""
        rows = np.arange(len(data[0].position))
        widths = [len(mean) for mean in self._means]
        fitted = FittedBlocks([block.estimator for block in data], widths, self._means)
        return fitted.features(data, rows), np.stack([block.present for block in data], axis=1)

    @property
    def block_slices_(self):
        """Where each modality's features are among those of all blocks side by side."""
        fitted = self._of_blocks()
        ends = np.cumsum([len(mean) for mean in fitted._means])
        pairs = zip(fitted.modalities_, fitted._means, ends, strict=True)
        return {name: slice(int(end) - len(mean), int(end)) for (name, _, _), mean, end in pairs}

    @property
    def block_feature_names_(self):
        """The names of the features of all blocks side by side, such as "image__hog0"."""
        fitted = self._of_blocks()
        named = zip(fitted.modalities_, fitted._means, strict=True)
        names = [block_names(name, block, len(mean)) for (name, block, _), mean in named]
        return np.array([one for block in names for one in block], dtype=object)

    def _of_blocks(self):
        """This model, or the first of those of several labels, which have blocks of their own."""
        check_is_fitted(self)
        return getattr(self, "label_models_", [self])[0]

    def _to_portable(self):
        """Forget which cells could not be read, before the model is saved."""
        self.unreadable_cells_ = []
