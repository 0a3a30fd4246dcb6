"""Which invariant holds for which head, on tables that hypothesis draws.

``HOLDS`` is the matrix: a head that is not in a row breaks that invariant by design, and the
reason stands beside the row.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression

from mmclassic import GatedPool, LogPool, Stacking, Voting, WeightedSum

HEADS = {
    "mean": WeightedSum(),
    "learned": WeightedSum("learned"),
    "greedy": WeightedSum("greedy", n_rounds=4),
    "soft": Voting(),
    "hard": Voting(rule="hard"),
    "max": Voting(rule="max"),
    "min": Voting(rule="min"),
    "median": Voting(rule="median"),
    "product": Voting(rule="product"),
    "entropy": Voting(rule="entropy"),
    "log_pool": LogPool(),
    "gated": GatedPool(),
    "stacking": Stacking(LogisticRegression(max_iter=300)),
}
ALL = set(HEADS)
FIXED = {"mean", "soft", "hard", "max", "min", "median", "product", "entropy"}
HOLDS = {
    "distributions": ALL,
    "rows_are_independent": ALL,
    "nothing_gives_the_prior": ALL,
    # Greedy selection breaks ties by position.
    "order_of_modalities": ALL - {"greedy"},
    # Greedy weights are chosen once and scaled; the others are fitted for each pattern.
    "absent_is_never_had": ALL - {"greedy"},
    # Votes and products do not average; the fitted rules have intercepts and sharpen.
    "unanimity": {"mean", "soft", "median", "max", "min", "entropy", "learned", "greedy"},
    # A second copy is a second vote: only rules of extremes do not mind. The mean of two equal
    # modalities and a third is another mean.
    "copies_of_one_modality": {"mean", "soft", "max", "min", "median", "hard", "entropy"},
    # Rules without labels' prior treat classes alike; fitted ones do so up to their solver.
    "names_of_classes": FIXED | {"log_pool", "gated", "learned"},
}
# What a solver may leave open.
TOLERANCE = dict.fromkeys(FIXED, 1e-9) | {"learned": 2e-2, "greedy": 1e-9}
TOLERANCE |= dict.fromkeys(("log_pool", "gated"), 2e-2) | {"stacking": 2e-2}


@st.composite
def tables(draw, missing=True):
    """A score table and labels: small integers as odds, zeros among them; some NaN."""
    n_samples = draw(st.integers(4, 8))
    n_modalities = draw(st.integers(1, 3))
    n_classes = draw(st.integers(2, 3))
    shape = (n_samples, n_modalities, n_classes)
    odds = draw(arrays(np.float64, shape, elements=st.integers(0, 9).map(float)))
    odds[odds.sum(axis=2) == 0] = 1.0
    scores = odds / odds.sum(axis=2, keepdims=True)
    if missing:
        gaps = draw(arrays(np.bool_, shape[:2], elements=st.booleans()))
        scores[gaps & draw(arrays(np.bool_, shape[:2], elements=st.booleans()))] = np.nan
    y = draw(arrays(np.int64, n_samples, elements=st.integers(0, n_classes - 1)))
    return scores, y


def of(invariant):
    """Parametrise over the heads for which an invariant holds."""
    return pytest.mark.parametrize("name", sorted(HOLDS[invariant]))


def check(test):
    quick = [HealthCheck.too_slow, HealthCheck.data_too_large]
    return settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=quick)(
        test
    )


def fitted(name, scores, y):
    return clone(HEADS[name]).fit(scores, y)


def close(name, found, expected):
    np.testing.assert_allclose(found, expected, atol=TOLERANCE[name])


@of("distributions")
@check
@given(table=tables())
def test_distributions(name, table):
    scores, y = table
    fused = fitted(name, scores, y).predict_proba(scores)
    assert np.isfinite(fused).all()
    assert (fused >= 0).all()
    np.testing.assert_allclose(fused.sum(axis=1), 1)


@of("rows_are_independent")
@check
@given(table=tables(), seed=st.integers(0, 99))
def test_rows_are_independent(name, table, seed):
    scores, y = table
    head = fitted(name, scores, y)
    rows = np.random.default_rng(seed).permutation(len(y))[: len(y) // 2 + 1]
    together = head.predict_proba(scores)[rows]
    np.testing.assert_allclose(head.predict_proba(scores[rows]), together, atol=1e-12)


@of("nothing_gives_the_prior")
@check
@given(table=tables())
def test_nothing_gives_the_prior(name, table):
    scores, y = table
    nothing = np.full((1, *scores.shape[1:]), np.nan)
    prior = np.bincount(y, minlength=scores.shape[2]) / len(y)
    fused = fitted(name, scores, y).predict_proba(nothing)
    np.testing.assert_allclose(fused[0], prior)


@of("order_of_modalities")
@check
@given(table=tables(), seed=st.integers(0, 99))
def test_order_of_modalities(name, table, seed):
    scores, y = table
    order = np.random.default_rng(seed).permutation(scores.shape[1])
    expected = fitted(name, scores, y).predict_proba(scores)
    close(name, fitted(name, scores[:, order], y).predict_proba(scores[:, order]), expected)


@of("absent_is_never_had")
@check
@given(table=tables(missing=False))
def test_absent_is_never_had(name, table):
    scores, y = table
    if scores.shape[1] == 1:
        return
    removed = scores.copy()
    removed[:, 0] = np.nan
    expected = fitted(name, scores[:, 1:], y).predict_proba(scores[:, 1:])
    close(name, fitted(name, scores, y).predict_proba(removed), expected)


@of("unanimity")
@check
@given(table=tables(missing=False))
def test_unanimity(name, table):
    scores, y = table
    agreed = np.repeat(scores[:, :1], 3, axis=1)
    fused = fitted(name, agreed, y).predict_proba(agreed)
    np.testing.assert_allclose(fused, scores[:, 0], atol=1e-6)


@of("copies_of_one_modality")
@check
@given(table=tables())
def test_copies_of_one_modality(name, table):
    """All modalities twice: nothing changes."""
    scores, y = table
    twice = np.repeat(scores, 2, axis=1)
    expected = fitted(name, scores, y).predict_proba(scores)
    close(name, fitted(name, twice, y).predict_proba(twice), expected)


@of("names_of_classes")
@check
@given(table=tables())
def test_names_of_classes(name, table):
    scores, y = table
    order = np.arange(scores.shape[2])[::-1]
    renamed = fitted(name, scores[:, :, order], order[y]).predict_proba(scores[:, :, order])
    if name == "hard":
        ties = (scores == np.nanmax(scores, axis=2, keepdims=True, initial=0)).sum(axis=2) > 1
        clear = ~ties.any(axis=1)
        renamed, scores = renamed[clear], scores[clear]
        if not len(scores):
            return
        expected = fitted(name, *table).predict_proba(scores)
    else:
        expected = fitted(name, scores, y).predict_proba(scores)
    close(name, renamed[:, order], expected)


@check
@given(table=tables(), weights=arrays(np.float64, 3, elements=st.integers(0, 5).map(float)))
def test_weights_scale_and_select(table, weights):
    """Weights count by their ratios; a modality without weight is as good as absent."""
    scores, y = table
    weights = weights[: scores.shape[1]]
    if not weights.any():
        with pytest.raises(ValueError, match="All weights are zero"):
            WeightedSum(weights).fit(scores, y)
        return
    expected = WeightedSum(weights).fit(scores, y).predict_proba(scores)
    scaled = WeightedSum(weights * 7).fit(scores, y).predict_proba(scores)
    np.testing.assert_allclose(scaled, expected)
    heard = np.where((weights > 0)[None, :, None], scores, np.nan)
    np.testing.assert_allclose(WeightedSum(weights).fit(scores, y).predict_proba(heard), expected)
