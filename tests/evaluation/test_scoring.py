"""scikit-learn's scorers as further columns, against the same scorers on fitted models."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import fbeta_score, get_scorer, make_scorer, matthews_corrcoef
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from mmclassic import benchmark
from mmclassic.evaluation._scoring import make_scoring
from tests.evaluation.small_tables import COLUMNS, folds_of, make_table

TABLE = make_table()
MODEL = make_pipeline(OneHotEncoder(handle_unknown="ignore"), LogisticRegression())
OTHER = make_scorer(matthews_corrcoef)
F2 = make_scorer(fbeta_score, beta=2, average="macro")
SCORERS = {"mcc": "matthews_corrcoef", "f2": F2, "auc": "roc_auc_ovo", "loss": "neg_log_loss"}
CLASSES = np.array(["no", "yes"])


@pytest.fixture(scope="module")
def result():
    return benchmark(
        TABLE[["shape", "colour", "label"]],
        "label",
        **COLUMNS,
        cv=3,
        scoring=SCORERS,
        metric="mcc",
        models={"mine": make_own()},
    )


def make_own():
    from sklearn.compose import ColumnTransformer

    kept = ColumnTransformer([("kept", "passthrough", ["shape", "colour"])])
    return make_pipeline(kept, MODEL)


@pytest.mark.parametrize("name", SCORERS)
def test_a_column_is_what_the_scorer_says_of_the_fitted_model(result, name):
    scorer = SCORERS[name] if callable(SCORERS[name]) else get_scorer(SCORERS[name])
    own = result.folds.query("model == 'mine'")
    for test, value in zip(folds_of(result), own[name], strict=True):
        train = TABLE.drop(index=test)
        fitted = make_own().fit(train, train["label"])
        expected = scorer(fitted, TABLE.iloc[test], TABLE["label"].iloc[test])
        assert value == pytest.approx(expected, abs=1e-9)
    row = result.frame.query("model == 'mine'").iloc[0]
    assert row[f"{name}_mean"] == pytest.approx(own[name].mean())


def test_a_scorer_can_rank_and_decide(result):
    assert result.frame["mcc_mean"].is_monotonic_decreasing
    assert "has mcc 0." in result.verdict
    comparison = result.comparisons.set_index("rival").loc["text"]
    values = result.folds.pivot(index="fold", columns="model", values="mcc")
    assert comparison["gain"] == pytest.approx((values["log_pool"] - values["text"]).mean())
    assert comparison["test"] == "corrected t"


def test_every_form_of_the_result_shows_the_columns(result, tmp_path):
    assert "| mcc | f2 | auc | loss |" in result.to_markdown()
    assert "f2" in result.to_latex(metrics=["f2"])
    page = result.to_html(tmp_path / "report.html").read_text("utf-8")
    assert ">mcc&nbsp;" in page
    assert "interval, in points" not in page  # the unit of a scorer is unknown
    assert '"mcc_mean"' in result.to_json()


def test_scores_below_zero_are_drawn(tmp_path):
    ours = benchmark(TABLE, "label", **COLUMNS, cv=3, scoring="neg_log_loss", metric="neg_log_loss")
    assert (ours.frame["neg_log_loss_mean"] < 0).all()
    values = ours.frame[["neg_log_loss_mean", "log_loss_mean"]].to_numpy()
    np.testing.assert_allclose(-values[:, 0], values[:, 1])
    assert "neg log loss" in ours.to_html(tmp_path / "report.html").read_text("utf-8")


def test_undefined_without_a_class_and_an_error_with_all():
    scoring = make_scoring({"auc": "roc_auc_ovr"}, np.array(["a", "b", "c"]))
    probabilities = np.full((4, 3), 1 / 3)
    assert np.isnan(scoring(np.array([0, 1, 0, 1]), probabilities)["auc"])
    assert scoring(np.array([0, 1, 2, 1]), probabilities)["auc"] == 0.5
    needs_words = make_scoring("roc_auc", np.array(["a", "b", "c"]))
    with pytest.raises(ValueError, match="scoring: 'roc_auc' fails: multi_class must be"):
        needs_words(np.array([0, 1, 2, 1]), probabilities)


@pytest.mark.parametrize(
    ("scoring", "names"),
    [
        (None, []),
        ("jaccard_macro", ["jaccard_macro"]),
        (["jaccard_macro", OTHER], ["jaccard_macro", "matthews_corrcoef"]),
        ({"mine": OTHER}, ["mine"]),
    ],
)
def test_all_that_scikit_learn_takes(scoring, names):
    made = make_scoring(scoring, CLASSES)
    assert list(made.scorers) == names
    y, probabilities = np.array([0, 1]), np.array([[0.9, 0.1], [0.8, 0.2]])
    again = pickle.loads(pickle.dumps(made))
    assert again(y, probabilities) == made(y, probabilities)
    assert list(made(y, probabilities)) == made.names


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"scoring": "f1_macro"}, "'f1_macro' is a column of every benchmark; name yours"),
        ({"scoring": {"family": F2}}, "'family' is a column of every benchmark"),
        ({"scoring": 3}, "scoring=3 is no scorer"),
        ({"scoring": "f2"}, "The 'scoring' parameter|is not a valid scoring value"),
        ({"scoring": {"f2": F2}, "metric": "mcc"}, "metric='mcc' is unknown.*, f2"),
    ],
)
def test_bad_scoring(options, message):
    with pytest.raises(ValueError, match=message):
        benchmark(TABLE, "label", **COLUMNS, cv=3, **options)
