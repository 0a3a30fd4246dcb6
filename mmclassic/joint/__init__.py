"""Shared spaces of modalities: codes in which they can be compared."""

from mmclassic.joint._retrieval import CrossModalRetriever
from mmclassic.joint._retrieval_metrics import (
    mean_average_precision,
    mean_reciprocal_rank,
    recall_at_k,
)

__all__ = [
    "CrossModalRetriever",
    "mean_average_precision",
    "mean_reciprocal_rank",
    "recall_at_k",
]
