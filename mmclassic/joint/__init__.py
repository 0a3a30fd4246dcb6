"""Joint models: one network, or one code, for all modalities."""

from mmclassic.joint._autoencoder import MultimodalAutoencoder
from mmclassic.joint._classifier import JointClassifier

__all__ = [
    "JointClassifier",
    "MultimodalAutoencoder",
]
