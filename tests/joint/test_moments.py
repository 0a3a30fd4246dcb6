"""The EM algorithm of the linear codes: likelihoods with gaps, and how many factors there are."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import multivariate_normal
from sklearn.datasets import load_iris

from mmclassic import MultimodalAutoencoder
from mmclassic.joint._linear_code import fit_linear_code
from mmclassic.joint._moments import expected_moments, rows_with

WAYS = np.random.default_rng(5).normal(size=(2, 8))
COVARIANCE = WAYS.T @ WAYS + 0.25 * np.eye(8)
IRIS = np.random.default_rng(0).permutation(load_iris().data)
FLOWERS = [("s", "passthrough", [0, 1]), ("p", "passthrough", [2, 3])]


def two_factors(n_rows, seed):
    return np.random.default_rng(seed).multivariate_normal(np.zeros(8), COVARIANCE, n_rows)


def log_likelihood_of(code, rows):
    covariance = code.loadings @ code.loadings.T + np.diag(code.noise)
    return multivariate_normal(code.mean, covariance).logpdf(rows).mean()


@pytest.mark.parametrize("factors", [False, True])
@pytest.mark.parametrize("n_components", [2, 64])
def test_incomplete_rows_do_not_spoil_the_likelihood(factors, n_components):
    """The truth is the oracle: more rows come nearer to it, also where they lack a half."""
    complete, lacking, others = two_factors(300, 1), two_factors(1000, 2), two_factors(2000, 3)
    there = np.ones((1300, 8), dtype=bool)
    there[300::2, :4] = False
    there[301::2, 4:] = False
    options = {"n_components": n_components, "factors": factors}
    alone, _ = fit_linear_code(complete, there[:300], **options)
    code, n_rounds = fit_linear_code(np.vstack([complete, lacking]), there, **options)
    truth = multivariate_normal(np.zeros(8), COVARIANCE).logpdf(others).mean()
    found = log_likelihood_of(code, others)
    assert truth - 0.06 < found < truth
    assert found > log_likelihood_of(alone, others)
    assert 1 < n_rounds < 50


def test_moments_are_those_of_the_conditional_distribution():
    values = two_factors(40, 4)
    there = np.ones((40, 8), dtype=bool)
    there[:15, :3] = False
    noise = np.full(8, 0.25)
    mean, covariance = expected_moments(values, there, np.zeros(8), WAYS.T, noise)
    gain = np.linalg.solve(COVARIANCE[3:, 3:], COVARIANCE[3:, :3])
    filled = values.copy()
    filled[:15, :3] = values[:15, 3:] @ gain
    expected = np.cov(filled.T, bias=True)
    expected[:3, :3] += 15 / 40 * (COVARIANCE[:3, :3] - COVARIANCE[:3, 3:] @ gain)
    np.testing.assert_allclose(mean, filled.mean(axis=0))
    np.testing.assert_allclose(covariance, expected)
    rows = rows_with(mean, covariance)
    np.testing.assert_allclose(rows.mean(axis=0), mean)
    np.testing.assert_allclose(np.cov(rows.T, bias=True), covariance)


def test_rows_that_have_nothing_change_nothing():
    values, there = two_factors(60, 5), np.ones((60, 8), dtype=bool)
    there[:20] = False
    code, _ = fit_linear_code(values, there, 2)
    expected, _ = fit_linear_code(values[20:], there[20:], 2)
    np.testing.assert_allclose(code.mean, expected.mean)
    np.testing.assert_allclose(code.noise, expected.noise)
    np.testing.assert_allclose(
        code.loadings @ code.loadings.T, expected.loadings @ expected.loadings.T
    )


@pytest.mark.parametrize("n_components", [4, 64])
def test_more_factors_than_features_are_as_one_fewer_than_these(n_components):
    models = [
        MultimodalAutoencoder(FLOWERS, method="factor_analysis", n_components=k).fit(IRIS[:100])
        for k in (1, 3, n_components)
    ]
    assert models[-1].transform(IRIS).shape == (150, 3)
    one, three, many = (model.score(IRIS[100:]) for model in models)
    assert many == pytest.approx(three, abs=1e-6)
    assert many > one


def test_too_few_rows_for_factors():
    model = MultimodalAutoencoder(FLOWERS, method="factor_analysis")
    with pytest.raises(ValueError, match="needs 3 rows or more that differ, got n_samples=2"):
        model.fit(IRIS[:2])
    assert np.isfinite(model.fit(IRIS[:3]).score_samples(IRIS)).all()
    assert model.transform(IRIS).shape == (150, 1)


def test_many_components_of_few_rows_do_not_invent_what_is_absent():
    """Worse than the mean, an error of one, is what a code does that expects too much."""
    rng = np.random.default_rng(2)
    ways = np.random.default_rng(1).normal(size=(6, 120))
    views = [rng.normal(size=(n, 6)) @ ways + 2 * rng.normal(size=(n, 120)) for n in (100, 300)]
    lot = np.random.default_rng(0).random(100)
    views[0][lot < 0.25, :60] = np.nan
    views[0][lot > 0.75, 60:] = np.nan
    blocks = [("l", "passthrough", slice(0, 60)), ("r", "passthrough", slice(60, 120))]
    filled = MultimodalAutoencoder(blocks).fit(views[0]).reconstruct(views[1], missing="l")
    own = views[1][:, :60]
    assert ((filled[:, :60] - own) ** 2).sum() < 0.85 * ((own - own.mean(axis=0)) ** 2).sum()
