"""Results made from synthetic outcomes, without any model."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from mmclassic.evaluation import BenchmarkResult
from mmclassic.evaluation._outcome import FoldOutcome, ModelOutcome

# name, family, how strongly the true class stands out of the noise
MODELS = (
    ("prior", "prior", 0.0),
    ("text", "modality", 1.0),
    ("image", "modality", 2.0),
    ("early", "early", 2.5),
    ("log_pool", "late", 4.0),
    ("voting", "late", 3.0),
)


def make_outcomes(
    y: np.ndarray, n_classes: int, folds: list[np.ndarray], models=MODELS
) -> list[ModelOutcome]:
    """Models that know the true class more or less well."""
    rng = np.random.default_rng(0)
    outcomes = []
    for name, family, strength in models:
        logits = rng.normal(size=(len(y), n_classes)) * (strength > 0)
        logits += strength * np.eye(n_classes)[y]
        probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        parts = tuple(
            FoldOutcome(fold, rows, probabilities[rows], 1.5 + fold, 0.25)
            for fold, rows in enumerate(folds)
        )
        outcomes.append(ModelOutcome(name, family, name == "log_pool", parts))
    return outcomes


@pytest.fixture
def make_result() -> Callable[..., BenchmarkResult]:
    """make_result(labels=[…], n_folds=3, …) gives a BenchmarkResult of 120 rows."""

    def make(labels=("bird", "cat", "dog"), n_folds=3, n_rows=120, models=MODELS, **options):
        rng = np.random.default_rng(1)
        y = rng.permutation(np.arange(n_rows) % len(labels))
        folds = np.array_split(rng.permutation(n_rows), max(n_folds, 4))[:n_folds]
        outcomes = make_outcomes(y, len(labels), folds, models)
        return BenchmarkResult(outcomes, y, np.array(labels), **options)

    return make
