"""Overlap of errors against a contingency table."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mmclassic.evaluation._evidence import Evidence, FoldEvidence
from mmclassic.evaluation._overlap import (
    error_overlap,
    oracle_accuracy,
    overlap_frame,
    right_classes,
)
from tests.evaluation.conftest import make_evidence


def test_counts_are_those_of_a_contingency_table():
    rng = np.random.default_rng(0)
    first, second = rng.random(500) < 0.7, rng.random(500) < 0.5
    overlap = error_overlap(first, second)
    table = pd.crosstab(first, second)
    a, b = table.loc[True, True], table.loc[True, False]
    c, d = table.loc[False, True], table.loc[False, False]
    assert [overlap[k] for k in ("both_right", "only_first", "only_second", "none_right")] == [
        *(a, b, c, d)
    ]
    odds = (a * d) / (b * c)
    assert overlap["q_statistic"] == pytest.approx((odds - 1) / (odds + 1))  # Yule's Q
    assert overlap["disagreement"] == pytest.approx(np.mean(first != second))
    assert overlap["oracle"] == pytest.approx(np.mean(first | second))


@pytest.mark.parametrize(
    ("first", "second", "q"),
    [([1, 0, 1, 0], [1, 0, 1, 0], 1.0), ([1, 0], [0, 1], -1.0), ([1, 1, 0, 0], [1, 0, 1, 0], 0.0)],
)
def test_q_at_its_ends(first, second, q):
    assert error_overlap(np.array(first, bool), np.array(second, bool))["q_statistic"] == q


def test_q_without_meaning_is_nan():
    assert np.isnan(error_overlap(np.array([True]), np.array([True]))["q_statistic"])
    assert np.isnan(error_overlap(np.array([], bool), np.array([], bool))["disagreement"])


def test_pairs_count_only_rows_that_have_both():
    evidence, y = make_evidence()
    frame = overlap_frame(evidence, right_classes(evidence, y))
    assert frame[["first", "second"]].to_numpy().tolist() == [
        ["text", "image"],
        ["text", "audio"],
        ["image", "audio"],
    ]
    both = evidence.present[:, 0] & evidence.present[:, 1]
    assert frame["n_rows"].iloc[0] == both.sum() < len(y)
    parts = frame[["both_right", "only_first", "only_second", "none_right"]].sum(axis=1)
    assert parts.tolist() == frame["n_rows"].tolist()


def test_oracle_needs_one_that_is_right():
    nothing = [np.nan, np.nan]
    scores = np.array(
        [[[0.9, 0.1], [0.2, 0.8]], [[0.9, 0.1], [0.8, 0.2]], [nothing, [0.3, 0.7]], [nothing] * 2]
    )
    evidence = Evidence(("text", "image"), (FoldEvidence(np.array([3, 2, 1, 0]), scores, None),))
    y = np.array([0, 1, 1, 1])
    expected = [[False, True], [False, False], [False, True], [False, False]]
    assert right_classes(evidence, y).tolist() == expected
    assert oracle_accuracy(right_classes(evidence, y)) == 0.5
