"""Shared spaces: one network or one code for all modalities, and search from one to another."""

from mmclassic.joint._autoencoder import MultimodalAutoencoder
from mmclassic.joint._classifier import JointClassifier
from mmclassic.joint._retrieval import CrossModalRetriever
from mmclassic.joint._retrieval_metrics import (
    mean_average_precision,
    mean_reciprocal_rank,
    recall_at_k,
)

__all__ = [
    "CrossModalRetriever",
    "JointClassifier",
    "MultimodalAutoencoder",
    "mean_average_precision",
    "mean_reciprocal_rank",
    "recall_at_k",
]
