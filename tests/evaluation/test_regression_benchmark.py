"""A benchmark of numbers against naive nested loops over the models of the recipes."""

from __future__ import annotations

import json
import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.metrics import mean_absolute_error, r2_score
from sklearn.model_selection import KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from mmclassic import (
    benchmark,
    make_early_fusion_regressor,
    make_late_fusion_regressor,
    save,
)
from mmclassic.evaluation._number_metrics import NAMES
from mmclassic.evaluation._number_task import NumberTask, number_heads
from mmclassic.evaluation._report import render_report
from tests.evaluation.small_tables import COLUMNS, folds_of, outcome_of


def make_numbers(n_rows: int = 72, seed: int = 0) -> pd.DataFrame:
    """Prices that shape and colour tell a part of each; some colours are missing."""
    rng = np.random.default_rng(seed)
    shape, colour = rng.integers(0, 4, (2, n_rows))
    table = pd.DataFrame(
        {
            "shape": [f"shape{value}" for value in shape],
            "colour": [f"colour{value}" for value in colour],
            "price": 100 + 10 * shape + 6 * colour + 4 * rng.normal(size=n_rows),
            "owner": [f"owner {row // 6}" for row in range(n_rows)],
        }
    )
    table.loc[rng.random(n_rows) < 0.1, "colour"] = None
    return table


TABLE = make_numbers()
PRICE = TABLE["price"].to_numpy()


@pytest.fixture(scope="module")
def result():
    return benchmark(TABLE, "price", **COLUMNS, cv=4, robustness=True, learning_curve=(0.5, 1.0))


def naive(result, make, **options):
    """Each fold predicted by a model whose inner folds are the other outer folds."""
    folds = folds_of(result)
    for outer, test in enumerate(folds):
        train = np.setdiff1d(np.arange(len(TABLE)), test)
        inner = [np.searchsorted(train, rows) for k, rows in enumerate(folds) if k != outer]
        splits = [(np.setdiff1d(np.arange(len(train)), rows), rows) for rows in inner]
        model = make(**COLUMNS, cv=splits, **options)
        yield outer, test, model.fit(TABLE.iloc[train], PRICE[train])


@pytest.mark.parametrize("name", number_heads())
def test_a_head_equals_the_naive_nested_loop(result, name):
    for outer, test, model in naive(
        result, make_late_fusion_regressor, fusion=number_heads()[name]
    ):
        found = outcome_of(result, name).folds[outer].outputs[:, 0]
        np.testing.assert_allclose(found, model.predict(TABLE.iloc[test]), rtol=1e-6)


def test_early_fusion_equals_the_naive_nested_loop(result):
    for outer, test, model in naive(result, make_early_fusion_regressor):
        found = outcome_of(result, "early fusion").folds[outer].outputs[:, 0]
        np.testing.assert_allclose(found, model.predict(TABLE.iloc[test]), rtol=1e-4)


def test_a_modality_alone_and_the_mean(result):
    [(_, estimator, _)] = make_late_fusion_regressor(text="colour").modalities
    for fold in outcome_of(result, "text").folds:
        train = TABLE.drop(index=fold.rows)
        kept, test = train["colour"].notna(), TABLE.iloc[fold.rows]
        fitted = estimator.fit(train["colour"][kept], train["price"][kept])
        expected = np.full(len(test), train["price"].mean())
        there = test["colour"].notna().to_numpy()
        expected[there] = fitted.predict(test["colour"][there])
        np.testing.assert_allclose(fold.outputs[:, 0], expected, rtol=1e-5)
        mean = outcome_of(result, "target mean").folds[fold.fold].outputs
        np.testing.assert_allclose(mean, train["price"].mean())


def test_the_best_modality_is_chosen_on_the_training_rows(result):
    for fold in outcome_of(result, "best modality").folds:
        others = [f for f in folds_of(result) if not np.array_equal(f, fold.rows)]
        scores = {}
        for name in ("text", "categorical"):
            column = COLUMNS[name]
            inner = np.concatenate(others)
            predicted = np.empty(len(TABLE))
            for rows in others:
                model = make_late_fusion_regressor(**{name: column}, fusion="mean")
                train = np.setdiff1d(inner, rows)
                fitted = model.fit(TABLE.iloc[train], PRICE[train])
                predicted[rows] = fitted.predict(TABLE.iloc[rows])
            scores[name] = r2_score(PRICE[inner], predicted[inner])
        best = max(scores, key=lambda name: scores[name])
        np.testing.assert_array_equal(
            fold.outputs, outcome_of(result, best).folds[fold.fold].outputs
        )


def test_folds_are_scikit_learns(result):
    for found, (_, test) in zip(folds_of(result), KFold(4).split(TABLE), strict=True):
        np.testing.assert_array_equal(found, test)
    grouped = benchmark(TABLE, "price", **COLUMNS, cv=3, groups="owner")
    for test in folds_of(grouped):
        assert not set(TABLE["owner"].iloc[test]) & set(TABLE["owner"].drop(index=test))


def test_as_many_base_fits_as_a_classification(monkeypatch):
    fits = []

    def counted(task, member, train, rows):
        fits.append(member.name)
        return original(task, member, train, rows)

    original = NumberTask.fit_and_score
    monkeypatch.setattr(NumberTask, "fit_and_score", counted)
    benchmark(TABLE, "price", **COLUMNS, cv=4)
    assert {name: fits.count(name) for name in fits} == dict.fromkeys(
        ["text", "categorical", "early fusion"], 10
    )


def test_the_frame(result):
    assert result.task == "regression"
    assert result.metric == "r2"
    assert result.metrics == list(NAMES)
    assert set(result.frame["model"]) == {
        *("target mean", "text", "categorical", "best modality", "early fusion"),
        *number_heads(),
    }
    assert result.frame["r2_mean"].is_monotonic_decreasing
    row = result.frame.set_index("model").loc["stacking"]
    own = outcome_of(result, "stacking").folds
    errors = [mean_absolute_error(PRICE[fold.rows], fold.outputs) for fold in own]
    assert row["mean_absolute_error_mean"] == pytest.approx(np.mean(errors))
    by_error = benchmark(TABLE, "price", **COLUMNS, cv=3, metric="mean_absolute_error")
    assert by_error.frame["mean_absolute_error_mean"].is_monotonic_increasing
    assert "mean absolute error" in by_error.verdict


def test_predictions_and_rows(result):
    own = result.predictions.query("model == 'weighted_sum'").set_index("row")
    np.testing.assert_allclose(own["error"], own["prediction"] - own["label"])
    rows = result.rows_to_look_at
    large = rows[rows["why"] == "large error"]
    assert large["error"].abs().max() == pytest.approx(own["error"].abs().max())
    assert (large["error"].abs().diff().dropna() <= 0).all()
    np.testing.assert_allclose(rows["prediction"], own["prediction"].loc[rows["row"]])


def test_comparisons_and_verdict(result):
    frame = result.comparisons.set_index("rival")
    assert set(frame["test"]) == {"paired t"}
    assert frame["gain"]["target mean"] > 0
    assert frame["p"]["target mean"] < 0.001
    assert "It beats the target mean" in result.verdict
    repeated = benchmark(TABLE, "price", **COLUMNS, cv=3, n_repeats=2)
    assert set(repeated.comparisons["test"]) == {"corrected t"}
    split = np.where(np.arange(len(TABLE)) % 3, "train", "test")
    official = benchmark(TABLE, "price", **COLUMNS, cv=3, split=split)
    assert official.folds["fold"].nunique() == 1
    assert np.isfinite(official.comparisons["low"]).all()


def test_contributions_sum_to_the_gain(result):
    frame = result.contributions
    default = result.frame[result.frame["default"]].iloc[0]
    mean = result.frame.set_index("model").loc["target mean"]
    gain = default["r2_mean"] - mean["r2_mean"]
    assert frame["r2_shapley"].sum() == pytest.approx(gain, abs=1e-9)
    assert (result.overlap["n_rows"] == TABLE["colour"].notna().sum()).all()
    assert result.weights is not None
    assert result.calibration is None
    with pytest.raises(ValueError, match="A regression benchmark has no confusion matrix"):
        result.confusion()


def test_robustness_is_of_a_fusion_that_has_not_seen_the_rows(result):
    frame = result.robustness
    test = folds_of(result)[0]
    assert result.about["robustness rows"] == len(test)
    start = frame.query("metric == 'r2' and level == 0")["value"]
    expected = r2_score(PRICE[test], outcome_of(result, "weighted_sum").folds[0].outputs)
    np.testing.assert_allclose(start, expected, rtol=1e-6)


def test_the_learning_curve_ends_at_the_leaderboard(result):
    whole = result.learning_curve.query("share == 1.0").set_index("model")["mean"]
    assert whole["weighted_sum"] == result.frame.set_index("model")["r2_mean"]["weighted_sum"]


@pytest.mark.parametrize("name", [*number_heads(), "early fusion", "text", "target mean"])
def test_best_model_is_that_of_the_recipe_and_can_be_saved(result, name, tmp_path):
    folds = folds_of(result)
    splits = [(np.setdiff1d(np.arange(len(TABLE)), rows), rows) for rows in folds]
    if name == "early fusion":
        recipe = make_early_fusion_regressor(**COLUMNS, cv=splits)
    elif name == "text":
        recipe = make_late_fusion_regressor(text="colour", fusion="mean")
    else:
        recipe = make_late_fusion_regressor(**COLUMNS, cv=splits, fusion=number_heads().get(name))
    model = result.best_model(name)
    save(model, tmp_path / "model.mmc")
    if name == "target mean":
        assert model.predict(np.zeros((1, 1))) == pytest.approx(PRICE.mean())
    else:
        expected = recipe.fit(TABLE, PRICE).predict(TABLE)
        np.testing.assert_allclose(model.predict(TABLE), expected, rtol=1e-4)


def test_own_models_and_scorers():
    kept = ColumnTransformer([("kept", OneHotEncoder(handle_unknown="ignore"), ["shape"])])
    own = make_pipeline(kept, LinearRegression())
    result = benchmark(
        TABLE, "price", **COLUMNS, cv=3, models={"mine": own}, scoring="neg_max_error", metric="r2"
    )
    for fold in outcome_of(result, "mine").folds:
        train = TABLE.drop(index=fold.rows)
        fitted = own.fit(train, train["price"])
        np.testing.assert_allclose(fold.outputs[:, 0], fitted.predict(TABLE.iloc[fold.rows]))
        largest = np.abs(fold.outputs[:, 0] - PRICE[fold.rows]).max()
        row = result.folds.query(f"model == 'mine' and fold == {fold.fold}").iloc[0]
        assert row["neg_max_error"] == pytest.approx(-largest)
    with pytest.raises(ValueError, match="is no regressor"):
        benchmark(TABLE, "price", **COLUMNS, models={"mine": LogisticRegression()})
    with pytest.raises(ValueError, match="is a column of every benchmark"):
        benchmark(TABLE, "price", **COLUMNS, scoring={"r2": "r2"})


def test_whole_numbers_as_numbers():
    table = TABLE.assign(price=np.round(PRICE).astype(int))
    assert benchmark(table, "price", **COLUMNS, cv=3, task="regression").task == "regression"
    with pytest.raises(ValueError, match='Pass task="regression" to predict numbers'):
        benchmark(table, "price", **COLUMNS, cv=3)


def test_every_form_of_the_result(result, tmp_path):
    assert "a regression" in repr(result)
    assert "root_mean_squared_error_mean" in result._repr_html_()
    assert "R²" in result.to_markdown()
    content = json.loads(result.to_json())
    assert content["task"] == "regression"
    assert content["calibration"] is None
    assert content["robustness"][0]["metric"] == "r2"
    again = pickle.loads(pickle.dumps(result))
    assert again.verdict == result.verdict
    page = render_report(result, result.robustness)
    assert 'id="confusion' not in page
    assert "Predicted and true" in page
    assert "too low" in page
    assert "None" not in page.split("<main>")[1].split("again")[0]


def test_a_fold_whose_targets_are_all_the_same_is_left_out():
    """R² is undefined there: means and tests run over the other folds."""
    table = TABLE.assign(price=np.where(np.arange(len(TABLE)) < 18, 100.0, PRICE))
    result = benchmark(table, "price", **COLUMNS, cv=4)
    assert np.isnan(result.folds["r2"]).sum() == len(result.frame)
    assert np.isfinite(result.frame["r2_mean"]).all()
    assert np.isfinite(result.comparisons["gain"]).all()
    assert np.isfinite(result.contributions["r2_alone"]).all()
    render_report(result)


def test_equal_models_are_seldom_told_apart():
    """The paired test of rows, on models that differ by chance only."""
    from mmclassic.evaluation._comparison import compare_models
    from mmclassic.evaluation._number_metrics import NUMBER_METRICS
    from mmclassic.evaluation._outcome import FoldOutcome, ModelOutcome
    from mmclassic.evaluation._scoring import Scoring

    scoring, clear = Scoring({}, np.array([]), NUMBER_METRICS), 0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        y = rng.normal(size=80)
        folds = np.array_split(rng.permutation(80), 4)
        models = []
        for name in ("a", "b"):
            outputs = (y + rng.normal(size=80))[:, None]
            parts = [FoldOutcome(k, rows, outputs[rows], 0, 0) for k, rows in enumerate(folds)]
            models.append(ModelOutcome(name, "late", False, tuple(parts)))
        found = compare_models(*models, y, "r2", scoring=scoring)
        assert found.test == "paired t"
        assert found.low < found.gain < found.high
        clear += found.clear
    assert clear <= 11  # the binomial 99 % bound around 5 of 100


def test_a_ridge_is_the_default_of_each_medium():
    model = make_late_fusion_regressor(text="a", image="b", audio="c", categorical="d")
    assert all(isinstance(estimator[-1], Ridge) for _, estimator, _ in model.modalities)
