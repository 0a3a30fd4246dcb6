"""Results made from synthetic outcomes, without any model."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from mmclassic import benchmark, load_demo
from mmclassic._threads import one_thread
from mmclassic.evaluation import BenchmarkResult
from mmclassic.evaluation._evidence import Evidence, FoldEvidence
from mmclassic.evaluation._outcome import FoldOutcome, ModelOutcome
from mmclassic.fusion import LogPool

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


def make_evidence(n_modalities=3, n_classes=3, n_rows=90, n_folds=3, seed=0):
    """Evidence of random score tables with gaps, whose heads were fitted elsewhere; and labels."""
    rng = np.random.default_rng(seed)

    def table(labels):
        logits = rng.normal(size=(len(labels), n_modalities, n_classes))
        logits += np.linspace(2, 0.5, n_modalities)[:, None] * np.eye(n_classes)[labels][:, None]
        scores = np.exp(logits) / np.exp(logits).sum(axis=2, keepdims=True)
        scores[rng.random((len(labels), n_modalities)) < 0.1] = np.nan
        return scores

    y = rng.integers(0, n_classes, n_rows)
    folds = []
    for rows in np.array_split(rng.permutation(n_rows), n_folds):
        rows, train = np.sort(rows), rng.integers(0, n_classes, 100)
        head = LogPool().fit(table(train), train)
        folds.append(FoldEvidence(rows, table(y[rows]), head))
    names = ("text", "image", "audio", "numeric")[:n_modalities]
    return Evidence(names, tuple(folds)), y


@pytest.fixture(scope="session")
def demo_result() -> BenchmarkResult:
    """A real benchmark of ninety rows of the embedded table, with its evidence and cells."""
    table = load_demo(n_samples=90, random_state=0)
    with one_thread():
        return benchmark(table, "label", text="text", image="image", audio="audio", cv=3)
