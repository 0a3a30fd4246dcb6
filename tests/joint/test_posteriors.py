"""The semantic space: probabilities of a logistic regression, compared by their cosine."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse
from scipy.special import softmax
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss

from mmclassic.joint import _principal
from mmclassic.joint._posteriors import (
    CONSTANT,
    best_candidate,
    posterior_codes,
    posterior_maps,
)
from mmclassic.joint._principal import FeatureSpace, lossless_space, principal_space


def labelled(n_classes, n_features=6, n_rows=90):
    rng = np.random.default_rng(n_classes)
    codes = np.arange(n_rows) % n_classes
    X = rng.normal(size=(n_rows, n_features)) + rng.normal(size=(n_classes, n_features))[codes]
    return X, codes


@pytest.mark.parametrize("n_classes", [2, 4])
@pytest.mark.parametrize("n_features", [6, 200])
def test_margins_are_those_of_a_logistic_regression_on_the_features(n_classes, n_features):
    X, codes = labelled(n_classes, n_features)
    scale = np.sqrt(X.var(axis=0).sum())
    found = posterior_maps(principal_space(X), codes, n_classes, [0.5, 4.0])
    for one, inverse_penalty in zip(found, [0.5, 4.0], strict=True):
        model = LogisticRegression(C=inverse_penalty, max_iter=5000, tol=1e-8)
        model.fit((X - X.mean(axis=0)) / scale, codes)
        expected = model.predict_proba((X - X.mean(axis=0)) / scale)
        np.testing.assert_allclose(softmax(one(X), axis=1), expected, atol=2e-3)


@pytest.mark.parametrize("as_sparse", [False, True])
def test_a_long_and_wide_block_is_fitted_as_it_is(monkeypatch, as_sparse):
    X, codes = labelled(3, 30)
    X = X - X.mean(axis=0)
    features = sparse.csr_array(X) if as_sparse else X + 5
    [by_components] = posterior_maps(lossless_space(features), codes, 3, [4.0])
    monkeypatch.setattr(_principal, "MAX_EXACT", 10)
    space = lossless_space(features)
    assert isinstance(space, FeatureSpace)
    [as_it_is] = posterior_maps(space, codes, 3, [4.0])
    np.testing.assert_allclose(
        softmax(as_it_is(features), axis=1), softmax(by_components(features), axis=1), atol=2e-3
    )


def test_a_class_without_rows_has_no_probability():
    X, codes = labelled(2)
    [one] = posterior_maps(principal_space(X), codes * 2, 3, [1.0])
    probabilities = softmax(one(X), axis=1)
    assert (probabilities[:, 1] == 0).all()
    assert np.isfinite(posterior_codes(one(X))).all()


def test_a_single_class_is_certain():
    X, _ = labelled(2)
    [one] = posterior_maps(principal_space(X), np.ones(len(X), dtype=int), 3, [1.0])
    np.testing.assert_array_equal(softmax(one(X), axis=1), np.tile([0.0, 1.0, 0.0], (len(X), 1)))


def test_the_cosine_by_hand():
    margins = np.log([[0.7, 0.2, 0.1], [0.1, 0.1, 0.8]])
    codes = posterior_codes(margins)
    first, second = np.exp(margins) - 1 / 3
    constant = CONSTANT**2 / 3
    expected = (first @ second + constant) / np.sqrt(
        (first @ first + constant) * (second @ second + constant)
    )
    assert codes[0] @ codes[1] == pytest.approx(expected)
    np.testing.assert_allclose(np.linalg.norm(codes, axis=1), 1)


def test_two_classes_are_ranked_by_degrees():
    codes = posterior_codes(np.array([[4.0, 0.0], [2.0, 0.0], [1.0, 0.0], [0.0, 4.0]]))
    assert (np.diff(codes[0] @ codes.T) < 0).all()


def test_the_best_candidate_has_the_least_log_loss():
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 3, 50)
    margins = [rng.normal(size=(50, 3)) * width + width * np.eye(3)[codes] for width in (0.1, 2, 9)]
    losses = [log_loss(codes, softmax(one, axis=1)) for one in margins]
    assert best_candidate(margins, codes) == int(np.argmin(losses))


def test_an_impossible_class_costs_much_but_not_all():
    certain = np.array([[0.0, -np.inf]] * 9)
    assert best_candidate([certain, np.zeros((9, 2))], np.array([0] * 8 + [1])) == 1
    assert best_candidate([certain, np.zeros((9, 2))], np.array([0] * 9)) == 0
