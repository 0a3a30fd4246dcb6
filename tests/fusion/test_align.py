"""Columns for classes that a model did not see."""

from __future__ import annotations

import numpy as np

from mmclassic.fusion._align import align_classes


def test_an_unseen_class_gets_its_prior_then_rows_sum_to_one():
    prior = np.array([0.2, 0.3, 0.5])
    aligned = align_classes(np.array([[0.9, 0.1], [0.0, 1.0]]), np.array([2, 0]), prior)
    np.testing.assert_allclose(aligned * 1.3, [[0.1, 0.3, 0.9], [1.0, 0.3, 0.0]])


def test_nothing_unseen_changes_nothing():
    probabilities = np.random.default_rng(0).dirichlet([1, 1, 1], size=7)
    aligned = align_classes(probabilities, np.arange(3), np.full(3, 1 / 3))
    np.testing.assert_allclose(aligned, probabilities)
