"""What a benchmark keeps: the tables and heads behind the scores of the default fusion."""

from __future__ import annotations

import numpy as np

from mmclassic import benchmark, load_demo
from tests.evaluation.conftest import make_evidence


def test_evidence_gives_the_probabilities_that_were_judged(demo_result):
    evidence = demo_result.evidence
    assert evidence.modalities == ("text", "image", "audio")
    outcome = next(outcome for outcome in demo_result.outcomes if outcome.default)
    judged = np.concatenate([fold.outputs for fold in outcome.folds])
    np.testing.assert_array_equal(evidence.fuse(evidence.scores), judged)
    np.testing.assert_array_equal(evidence.rows, np.concatenate([f.rows for f in outcome.folds]))
    np.testing.assert_array_equal(
        evidence.fold_numbers, np.repeat([f.fold for f in outcome.folds], [30, 30, 30])
    )


def test_evidence_holds_what_each_modality_says_of_rows_it_has_not_seen(demo_result):
    for index, name in enumerate(demo_result.evidence.modalities):
        outcome = next(outcome for outcome in demo_result.outcomes if outcome.name == name)
        judged = np.concatenate([fold.outputs for fold in outcome.folds])
        there = demo_result.evidence.present[:, index]
        np.testing.assert_allclose(demo_result.evidence.scores[there, index], judged[there])


def test_an_official_split_has_one_fold_of_evidence():
    table = load_demo(n_samples=120, random_state=1)
    table["label"] = table["label"] % 2
    table["part"] = ["test" if row % 3 == 0 else "train" for row in range(120)]
    result = benchmark(table, "label", text="text", split="part", cv=3)
    np.testing.assert_array_equal(result.evidence.rows, np.arange(0, 120, 3))
    assert result.overlap.empty  # one modality has no pair
    assert result.weights["std"].isna().all()


def test_presence_is_read_from_the_tables():
    evidence, _ = make_evidence()
    np.testing.assert_array_equal(evidence.present, ~np.isnan(evidence.scores).any(axis=2))
    assert 0 < (~evidence.present).sum() < evidence.present.size / 2
