"""The logarithmic pool against numerical gradients, brute force and its own promises."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import log_softmax
from sklearn.metrics import log_loss

from mmclassic import LogPool, WeightedSum
from mmclassic.fusion import _log_rule
from mmclassic.fusion._log_pool import pool_log
from mmclassic.fusion._log_rule import fit_log_pool
from mmclassic.fusion._scores import FLOOR, fit_temperature, log_scores
from tests.fusion.examples import make_scores


def objective(point, logs, y, share, centre, l2):
    """What the pool minimises, written down a second time."""
    n_modalities = logs.shape[1]
    logits = np.tensordot(logs, point[:n_modalities], axes=(1, 0)) + point[n_modalities:]
    own = log_softmax(logits, axis=1)[np.arange(len(y)), y]
    return -(share * own).sum() + l2 * ((point - centre) ** 2).sum()


@pytest.fixture
def problem():
    scores, y = make_scores(40, 2, 3, seed=3)
    centre = np.array([0.5, 0.5]), np.zeros(3)
    return log_scores(scores), y, np.random.default_rng(0).random(40) + 0.1, centre


def test_pool_by_hand():
    scores = np.array([[[0.5, 0.3, 0.2], [0.1, 0.6, 0.3]]])
    expected = np.array([0.5, 0.3, 0.2]) ** 2 * np.array([0.1, 0.6, 0.3]) ** 0.5
    found = pool_log(scores, np.array([2, 0.5]))
    np.testing.assert_allclose(found[0], expected / expected.sum())
    expected *= [1, 2, 3]
    found = pool_log(scores, np.array([2, 0.5]), np.log([1, 2, 3]))
    np.testing.assert_allclose(found[0], expected / expected.sum())


def test_a_zero_is_no_veto():
    scores = np.array([[[0.0, 1.0], [0.9, 0.1]]])
    pooled = pool_log(scores, np.ones(2))
    np.testing.assert_allclose(pooled[0, 0] / pooled[0, 1], 9 * FLOOR / 2)


def test_the_gradient_given_to_the_solver_is_the_gradient(problem, monkeypatch):
    """The loss handed to L-BFGS-B against finite differences, at random points."""
    caught = {}

    def spy(loss, start, **options):
        caught["loss"], caught["start"] = loss, start
        return minimize(loss, start, **options)

    monkeypatch.setattr(_log_rule, "minimize", spy)
    logs, y, weight, centre = problem
    fit_log_pool(logs, y, weight, centre, l2=0.05)
    rng = np.random.default_rng(1)
    for _ in range(5):
        point = rng.normal(size=5)
        value, gradient = caught["loss"](point)
        share = weight / weight.sum()
        arguments = (logs, y, share, np.concatenate(centre), 0.05)
        assert value == pytest.approx(objective(point, *arguments))
        step = 1e-6 * np.eye(5)
        numerical = [
            (objective(point + h, *arguments) - objective(point - h, *arguments)) / 2e-6
            for h in step
        ]
        np.testing.assert_allclose(gradient, numerical, atol=1e-7)


@pytest.mark.parametrize("intercepts", [True, False])
def test_the_minimum_against_a_solver_without_gradient(problem, intercepts):
    logs, y, weight, centre = problem
    found = fit_log_pool(logs, y, weight, centre, l2=0.01, intercepts=intercepts)
    arguments = (logs, y, weight / weight.sum(), np.concatenate(centre), 0.01)

    def loss(point):
        return objective(np.r_[point, np.zeros(0 if intercepts else 3)], *arguments)

    start = np.concatenate(centre) if intercepts else centre[0]
    bounds = [(0, None)] * 2 + [(None, None)] * (len(start) - 2)
    options = {"xatol": 1e-9, "fatol": 1e-12, "maxiter": 20_000, "maxfev": 20_000}
    expected = minimize(loss, start, method="Nelder-Mead", bounds=bounds, options=options)
    assert objective(np.concatenate(found), *arguments) <= expected.fun + 1e-8
    np.testing.assert_allclose(found[0], expected.x[:2], atol=2e-3)
    if not intercepts:
        assert not found[1].any()


def test_weights_are_never_negative():
    scores, y = make_scores(90, 2)
    scores[:, 0] = 1 / scores[:, 1]  # a modality that says the reverse of the truth
    scores[:, 0] /= scores[:, 0].sum(axis=1, keepdims=True)
    head = LogPool(l2=0).fit(scores, y)
    assert 0 <= head.weights_[0] < 1e-3
    assert head.weights_[1] > 0.5


def test_strong_shrinkage_is_the_geometric_mean_of_modalities_that_are_not_too_sure():
    scores, y = make_scores()
    head = LogPool(l2=1e6).fit(scores, y)
    logs = log_scores(scores)
    temperatures = np.array([max(1, fit_temperature(logs[:, m], y)) for m in range(3)])
    assert (temperatures == 1).tolist() == [False, True, True]
    np.testing.assert_allclose(head.weights_, 1 / (3 * temperatures), atol=1e-5)
    expected = np.exp((logs / temperatures[:, None]).mean(axis=1))
    expected /= expected.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(head.predict_proba(scores), expected, atol=1e-4)


def test_it_calibrates_by_itself():
    """Probabilities sharpened threefold: the weight of the only modality undoes it."""
    rng = np.random.default_rng(0)
    truth = rng.dirichlet([2, 2, 2], size=4000)
    y = np.array([rng.choice(3, p=row) for row in truth])
    sharp = truth**3 / (truth**3).sum(axis=1, keepdims=True)
    head = LogPool(l2=0).fit(sharp[:, None], y)
    assert head.weights_[0] == pytest.approx(1 / 3, abs=0.03)
    fused = head.predict_proba(sharp[:, None])
    assert log_loss(y, fused) < log_loss(y, sharp) - 0.2
    assert log_loss(y, fused) == pytest.approx(log_loss(y, truth), abs=0.01)


def test_without_missing_rows_every_pattern_equals_a_fusion_of_its_modalities():
    scores, y = make_scores()
    head = LogPool().fit(scores, y)
    for pattern, weights, intercepts in zip(
        head.patterns_, head.pattern_weights_, head.pattern_intercepts_, strict=True
    ):
        alone = LogPool().fit(scores[:, pattern], y)
        np.testing.assert_allclose(weights[pattern], alone.weights_, atol=1e-4)
        assert not weights[~pattern].any()
        np.testing.assert_allclose(intercepts, alone.intercepts_, atol=1e-4)


def test_rare_patterns_shrink_to_the_common_rule():
    """A pattern that one row has moves little from the rule of all rows."""
    scores, y = make_scores(200, 2)
    scores[1:, 0] = np.nan
    head = LogPool().fit(scores, y)
    both = head.patterns_.all(axis=1).nonzero()[0][0]
    np.testing.assert_allclose(head.pattern_weights_[both], head.common_weights_, atol=0.1)
    right = head.patterns_.tolist().index([False, True])
    assert head.pattern_weights_[right, 1] > 0.8


def test_beyond_six_modalities_unseen_patterns_take_the_common_rule():
    scores, y = make_scores(120, 7)
    scores[:60, 0] = np.nan
    head = LogPool().fit(scores, y)
    assert len(head.patterns_) == 2
    unseen = scores[60:].copy()
    unseen[:, 1:3] = np.nan
    expected = pool_log(
        np.delete(unseen, [1, 2], axis=1),
        np.delete(head.common_weights_, [1, 2]) * 7 / 5,
        head.common_intercepts_,
    )
    np.testing.assert_allclose(head.predict_proba(unseen), expected)


def test_a_pattern_that_nobody_has_takes_the_common_rule():
    scores, y = make_scores(60, 2)
    scores[::2, 0] = np.nan
    scores[1::2, 1] = np.nan
    head = LogPool().fit(scores, y)
    np.testing.assert_allclose(head.weights_, head.common_weights_)


def test_nothing_to_learn_from_gives_the_prior():
    scores, y = make_scores(9)
    scores[:] = np.nan
    head = LogPool().fit(scores, y)
    np.testing.assert_allclose(head.predict_proba(scores), np.tile(head.class_prior_, (9, 1)))
    np.testing.assert_allclose(head.weights_, 1 / 3)


def test_intercepts_follow_the_prior():
    """Modalities fitted on balanced classes, rows in which class 0 is four times as frequent."""
    scores, y = make_scores(300, 2, 2)
    rows = np.r_[np.flatnonzero(y == 0), np.flatnonzero(y == 1)[:40]]
    with_intercepts = LogPool(l2=0).fit(scores[rows], y[rows])
    assert with_intercepts.intercepts_[0] > with_intercepts.intercepts_[1] + 0.3
    losses = [
        log_loss(y[rows], head.fit(scores[rows], y[rows]).predict_proba(scores[rows]))
        for head in (LogPool(l2=0), LogPool(l2=0, intercepts=False))
    ]
    assert losses[0] < losses[1]


@pytest.mark.parametrize(
    ("parameters", "match"),
    [
        ({"l2": -1.0}, "'l2' parameter"),
        ({"l2": "strong"}, "'l2' parameter"),
        ({"intercepts": 3}, "'intercepts' parameter"),
    ],
)
def test_bad_parameters(parameters, match):
    with pytest.raises(ValueError, match=match):
        LogPool(**parameters).fit(*make_scores())


def test_real_views_beat_the_mean(shared_data):
    """UCI multiple features, 300 training rows, six views and mixed classifiers."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedShuffleSplit
    from sklearn.naive_bayes import GaussianNB
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    from mmclassic import LateFusionClassifier

    views = ["fac", "fou", "kar", "mor", "pix", "zer"]
    blocks = [
        np.loadtxt(shared_data / "mfeat" / f"mfeat-{view}.csv", delimiter=",", skiprows=1)
        for view in views
    ]
    y = blocks[0][:, -1].astype(int)
    ends = np.cumsum([0] + [block.shape[1] - 1 for block in blocks])
    X = np.hstack([block[:, :-1] for block in blocks])
    modalities = []
    for index, view in enumerate(views):
        wide = blocks[index].shape[1] > 100
        kind = GaussianNB() if wide else LogisticRegression(max_iter=300)
        columns = slice(ends[index], ends[index + 1])
        modalities.append((view, make_pipeline(StandardScaler(), kind), columns))
    wins = 0
    splitter = StratifiedShuffleSplit(5, train_size=300, test_size=700, random_state=0)
    for train, test in splitter.split(X, y):
        model = LateFusionClassifier(modalities, cv=3).fit(X[train], y[train])
        table = model.score_table(X[test])
        mean = WeightedSum().fit(table, y[test])
        wins += log_loss(y[test], model.fuse(table)) < log_loss(y[test], mean.predict_proba(table))
    assert wins >= 4
