"""What every regression head promises; heads by name, and searches over heads."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV, GroupKFold, KFold
from sklearn.preprocessing import StandardScaler

from mmclassic import MedianRegressor, StackedRegressor, WeightedSumRegressor, simplex_grid
from mmclassic.fusion._heads import fit_head, learns_from_scores
from mmclassic.fusion._regression_head import check_predictions
from mmclassic.fusion._regression_heads import REGRESSION_HEADS, make_regression_head
from tests.fusion.regression_examples import make_predictions

HEADS = {
    "mean": WeightedSumRegressor(),
    "weighted sum": WeightedSumRegressor([0.5, 0.2, 0.3]),
    "learned": WeightedSumRegressor("learned"),
    "median": MedianRegressor(),
    "stacked": StackedRegressor(),
    "stacked ridge": StackedRegressor(Ridge(3.0)),
}
NAMES = ["text", "image", "audio"]


@pytest.fixture(params=list(HEADS))
def head(request):
    return clone(HEADS[request.param])


def without_member(head, absent):
    """The head for the other modalities."""
    other = clone(head)
    if isinstance(getattr(head, "weights", None), list):
        other.set_params(weights=[w for m, w in enumerate(head.weights) if m != absent])
    return other


# What every head promises


@pytest.mark.parametrize("missing", [0.0, 0.4])
def test_it_is_better_than_the_mean_of_the_target(head, missing):
    scores, y = make_predictions(missing=missing)
    fused = head.fit(scores, y).predict(scores)
    assert fused.shape == (90,)
    assert fused.dtype == np.float64
    assert np.isfinite(fused).all()
    assert head.score(scores, y) > 0.5


def test_a_row_without_anything_gets_the_mean_of_the_target(head):
    scores, y = make_predictions(missing=0.2)
    scores[4] = np.nan
    weight = np.where(y > 10, 3.0, 1.0)
    head.fit(scores, y, sample_weight=weight)
    assert head.target_mean_ == pytest.approx((y * weight).sum() / weight.sum())
    assert head.predict(scores)[4] == head.target_mean_


@pytest.mark.parametrize("absent", [0, 1, 2])
def test_a_missing_modality_equals_a_fusion_without_it(head, absent):
    """Fitted on complete rows: NaN at predict is the same as never having had the modality."""
    scores, y = make_predictions()
    kept = [m for m in range(3) if m != absent]
    expected = without_member(head, absent).fit(scores[:, kept], y).predict(scores[:, kept])
    removed = scores.copy()
    removed[:, absent] = np.nan
    np.testing.assert_allclose(head.fit(scores, y).predict(removed), expected)


def test_permuting_modalities_with_their_weights_changes_nothing(head):
    scores, y = make_predictions(missing=0.2)
    order = [2, 0, 1]
    permuted = clone(head)
    if isinstance(getattr(head, "weights", None), list):
        permuted.set_params(weights=[head.weights[m] for m in order])
    permuted.fit(scores[:, order], y)
    fused = head.fit(scores, y).predict(scores)
    np.testing.assert_allclose(permuted.predict(scores[:, order]), fused)


def test_the_order_of_training_rows_does_not_matter(head):
    scores, y = make_predictions(missing=0.2)
    order = np.random.default_rng(0).permutation(len(y))
    fused = clone(head).fit(scores[order], y[order]).predict(scores)
    np.testing.assert_allclose(fused, head.fit(scores, y).predict(scores))


def test_rows_do_not_depend_on_each_other(head):
    scores, y = make_predictions(missing=0.3)
    fused = head.fit(scores, y).predict(scores)
    rows = [7, 3, 3, 55]
    np.testing.assert_allclose(head.predict(scores[rows]), fused[rows], rtol=1e-12)


def test_the_unit_of_the_target_does_not_matter(head):
    """Prices in cents, or temperatures in Fahrenheit, are fused as those in euros, or Celsius."""
    if isinstance(getattr(head, "final_estimator", None), Ridge):
        pytest.skip("a ridge with a fixed penalty depends on the unit; that is the user's choice")
    scores, y = make_predictions(missing=0.2)
    fused = head.fit(scores, y).predict(scores)
    other = clone(head).fit(1e-3 * scores + 32, 1e-3 * y + 32).predict(1e-3 * scores + 32)
    np.testing.assert_allclose(other, 1e-3 * fused + 32)


def test_a_row_without_weight_is_no_row(head):
    scores, y = make_predictions(missing=0.2)
    weight = np.arange(90) % 3 / 2
    weighted = clone(head).fit(scores, y, sample_weight=weight)
    without = clone(head).fit(scores[weight > 0], y[weight > 0], sample_weight=weight[weight > 0])
    np.testing.assert_array_equal(weighted.predict(scores), without.predict(scores))
    assert weighted.target_mean_ == without.target_mean_


@pytest.mark.parametrize("name", [name for name in HEADS if name != "stacked"])
def test_a_weight_of_two_is_a_row_twice(name):
    """Not for RidgeCV, which leaves one row out at a time: a twin remains."""
    scores, y = make_predictions(missing=0.1)
    weight = np.random.default_rng(0).integers(0, 3, size=len(y))
    weighted = clone(HEADS[name]).fit(scores, y, sample_weight=weight)
    repeated = clone(HEADS[name]).fit(np.repeat(scores, weight, axis=0), np.repeat(y, weight))
    np.testing.assert_allclose(weighted.predict(scores), repeated.predict(scores))


def test_it_is_an_estimator(head):
    scores, y = make_predictions(missing=0.2)
    before = scores.copy(), y.copy()
    expected = head.fit(scores, y).predict(scores)
    np.testing.assert_array_equal(head.fit(scores, y).predict(scores), expected)
    np.testing.assert_array_equal(clone(head).fit(scores, y).predict(scores), expected)
    model = pickle.dumps(head)
    np.testing.assert_array_equal(pickle.loads(model).predict(scores), expected)
    assert pickle.dumps(head) == model
    assert head.modality_names_ == ["0", "1", "2"]
    np.testing.assert_array_equal(scores, before[0])
    np.testing.assert_array_equal(y, before[1])
    assert head.predict(scores[:0]).shape == (0,)


# Heads by name, and searches over heads


def test_heads_by_name():
    assert set(REGRESSION_HEADS) == {"mean", "weighted_sum", "median", "stacking"}
    for name, kind in REGRESSION_HEADS.items():
        assert type(make_regression_head(name)) is kind
    given = StackedRegressor(Ridge())
    made = make_regression_head(given)
    assert made is not given
    with pytest.raises(ValueError, match=r"'log_pool' is no head: use one of .*median"):
        make_regression_head("log_pool")


def test_which_heads_learn():
    learning = {name for name, head in HEADS.items() if learns_from_scores(head)}
    assert learning == {"learned", "stacked", "stacked ridge"}


@pytest.mark.parametrize("cv", [4, None, KFold(4)])
def test_a_search_over_weights(cv):
    scores, y = make_predictions(missing=0.2)
    grid = {"weights": simplex_grid(3, step=0.5)}
    search = GridSearchCV(WeightedSumRegressor(), grid, cv=cv)
    weight = np.random.default_rng(0).random(90)
    fitted = fit_head(search, scores, y, NAMES, sample_weight=weight)
    assert fitted.best_estimator_.modality_names_ == NAMES
    assert fitted.best_estimator_.target_mean_ == pytest.approx(np.average(y, weights=weight))
    splits = list((cv if isinstance(cv, KFold) else KFold(cv or 5)).split(scores))
    assert fitted.n_splits_ == len(splits)


@pytest.mark.parametrize("cv", [3, None, GroupKFold(3)])
def test_a_search_keeps_groups_together(cv):
    scores, y = make_predictions()
    groups = np.arange(90) // 6
    grid = {"weights": simplex_grid(3, step=0.5)}
    fitted = fit_head(GridSearchCV(WeightedSumRegressor(), grid, cv=cv), scores, y, NAMES,
                      groups=groups)  # fmt: skip
    splitter = cv if isinstance(cv, GroupKFold) else GroupKFold(cv or 5)
    splits = list(splitter.split(scores, y, groups))
    explicit = fit_head(GridSearchCV(WeightedSumRegressor(), grid, cv=splits), scores, y, NAMES)
    np.testing.assert_array_equal(
        fitted.cv_results_["mean_test_score"], explicit.cv_results_["mean_test_score"]
    )


def test_the_folds_of_a_search_are_never_more_than_rows_or_groups():
    scores, y = make_predictions(40)
    search = GridSearchCV(WeightedSumRegressor(), {"weights": [(1, 1, 1)]}, cv=10)
    assert fit_head(clone(search), scores, y, NAMES, groups=np.arange(40) % 4).n_splits_ == 4
    assert fit_head(clone(search), scores, y, NAMES).n_splits_ == 10
    assert fit_head(clone(search), scores[:12], y[:12], NAMES).n_splits_ == 6  # R² needs two rows


# What is refused

SCORES, Y = make_predictions(12)
INFINITE = SCORES.copy()
INFINITE[2, 1] = np.inf


@pytest.mark.parametrize(
    ("scores", "y", "params", "match"),
    [
        (SCORES[:, :, 0], Y, {}, r"\(n_samples, n_modalities, 1\), got \(12, 3\)"),
        (np.tile(SCORES, 2), Y, {}, r"got \(12, 3, 2\)"),
        (SCORES[:, :0], Y, {}, r"got \(12, 0, 1\)"),
        (INFINITE, Y, {}, "row 2, modality 1 is infinite"),
        (SCORES[:0], Y[:0], {}, "y holds no values"),
        (SCORES, Y[:5], {}, "y has 5 values for 12 rows"),
        (
            SCORES,
            np.where(np.arange(12) == 3, np.nan, Y),
            {},
            r"missing .* in 1 rows, the first: \[3\]",
        ),
        (SCORES, Y, {"modality_names": ["a", "b"]}, "2 names for 3 modalities"),
        (SCORES, Y, {"sample_weight": np.ones(5)}, "sample_weight.shape"),
        (SCORES, Y, {"sample_weight": -np.ones(12)}, "Negative values"),
        (SCORES, Y, {"sample_weight": np.zeros(12)}, "at least one non-zero"),
    ],
)
def test_what_fit_refuses(scores, y, params, match, head):
    with pytest.raises(ValueError, match=match):
        head.fit(scores, y, **params)


@pytest.mark.parametrize(
    ("head", "match"),
    [
        (WeightedSumRegressor([1, 2]), r"shape \(2,\) for 3 modalities \(text, image, audio\)"),
        (WeightedSumRegressor([1, -2, 1]), "weight of modality 'image' is -2"),
        (WeightedSumRegressor([1, np.nan, 1]), "weight of modality 'image' is nan"),
        (WeightedSumRegressor([0, 0, 0]), "All weights are zero"),
        (WeightedSumRegressor({"text": 1}), r"absent: \['image', 'audio'\]"),
        (WeightedSumRegressor("greedy"), "'weights' parameter"),
        (StackedRegressor("ridge"), "'final_estimator' parameter"),
        (StackedRegressor(StandardScaler()), "'final_estimator' parameter"),
    ],
)
def test_bad_parameters(head, match):
    with pytest.raises(ValueError, match=match):
        head.fit(SCORES, Y, modality_names=NAMES)


def test_what_predict_refuses(head):
    with pytest.raises(NotFittedError):
        head.predict(SCORES)
    head.fit(SCORES, Y)
    with pytest.raises(ValueError, match="has 2 modalities, the head was fitted on 3"):
        head.predict(SCORES[:, :2])
    with pytest.raises(ValueError, match="has the shape"):
        head.predict(SCORES[:, :, 0])


def test_tables_of_other_types_are_taken():
    assert check_predictions(SCORES.astype(np.float32)).dtype == np.float64
    assert check_predictions(SCORES.tolist()).shape == (12, 3)
