"""Outcomes refuse what cannot be scored."""

from __future__ import annotations

import numpy as np
import pytest

from mmclassic.evaluation._outcome import FoldOutcome, ModelOutcome

FOLD = FoldOutcome(0, np.array([3]), np.array([[0.5, 0.5]]), 0.0, 0.0)


@pytest.mark.parametrize(
    ("rows", "probabilities", "match"),
    [
        ([], np.zeros((0, 2)), "needs rows"),
        ([1, 2], np.zeros((2,)), "shape"),
        ([1, 2], np.zeros((3, 2)), "2 rows but outputs of 3"),
    ],
)
def test_fold_shapes(rows, probabilities, match):
    with pytest.raises(ValueError, match=match):
        FoldOutcome(0, np.array(rows), probabilities, 0.0, 0.0)


def test_model_needs_a_known_family_and_folds():
    with pytest.raises(ValueError, match=r"'text' must be one of .* got 'base'"):
        ModelOutcome("text", "base", False, (FOLD,))
    with pytest.raises(ValueError, match="'text' has no folds"):
        ModelOutcome("text", "modality", False, ())
