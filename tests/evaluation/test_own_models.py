"""The user's own estimators beside the others: on the same folds, fitted as scikit-learn would."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.svm import LinearSVC

from mmclassic import benchmark, make_late_fusion
from tests.evaluation.small_tables import COLUMNS, folds_of, make_table, outcome_of

TABLE = make_table()
ENCODER = ColumnTransformer(
    [("one hot", OneHotEncoder(handle_unknown="ignore"), ["shape", "colour"])]
)
PIPELINE = make_pipeline(ENCODER, LogisticRegression())


@pytest.fixture(scope="module")
def result():
    own = {"mine": PIPELINE, "fusion": make_late_fusion(**COLUMNS, cv=3)}
    return benchmark(TABLE, "label", **COLUMNS, cv=3, models=own)


def test_an_own_model_equals_cross_val_predict_on_the_same_folds(result):
    expected = cross_val_predict(
        PIPELINE, TABLE, TABLE["label"], cv=StratifiedKFold(3), method="predict_proba"
    )
    for fold in outcome_of(result, "mine").folds:
        np.testing.assert_allclose(fold.outputs, expected[fold.rows], atol=1e-12)


def test_an_own_fusion_is_fitted_on_the_training_rows_of_each_fold(result):
    for test, fold in zip(folds_of(result), outcome_of(result, "fusion").folds, strict=True):
        train = TABLE.drop(index=test)
        expected = make_late_fusion(**COLUMNS, cv=3).fit(train, train["label"])
        probabilities = expected.predict_proba(TABLE.iloc[test])
        np.testing.assert_allclose(fold.outputs, probabilities, atol=1e-12)


def test_an_own_model_stands_in_every_frame_and_can_be_fitted(result):
    frame = result.frame.set_index("model")
    assert frame["family"][["mine", "fusion"]].tolist() == ["own", "own"]
    assert (frame["fit_seconds"][["mine", "fusion"]] > 0).all()
    assert {"mine", "fusion"} <= set(result.comparisons["rival"])
    assert not hasattr(PIPELINE[-1], "coef_")  # a clone was fitted
    fitted = result.best_model("mine")
    expected = PIPELINE.fit(TABLE, TABLE["label"]).predict_proba(TABLE)
    np.testing.assert_array_equal(fitted.predict_proba(TABLE), expected)


def test_the_report_names_the_family(result, tmp_path):
    page = result.to_html(tmp_path / "report.html").read_text("utf-8")
    assert "your own models" in page
    assert 'class="family own"' in page


def test_classes_that_training_rows_lack_get_their_prior():
    """Folds in which one class is tested only."""
    labels = np.repeat(["cat", "dog", "owl"], 20)
    order = np.argsort(np.arange(60) % 20 // 5, kind="stable")
    table = TABLE.assign(label=labels)
    number = np.empty(60, dtype=int)
    number[order] = np.arange(60) // 15
    number[labels == "owl"] = 3
    given = [(np.flatnonzero(number != k), np.flatnonzero(number == k)) for k in range(4)]
    ours = benchmark(table, "label", **COLUMNS, cv=given, models={"mine": PIPELINE})
    probabilities = outcome_of(ours, "mine").folds[3].outputs
    # As in the class prior's own answers, here beside probabilities that sum to one.
    prior = outcome_of(ours, "class prior").folds[3].outputs[:, 2]
    np.testing.assert_allclose(probabilities[:, 2], prior / (1 + prior))
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)


class GroupCounter(DummyClassifier):
    """Remembers which groups it was given."""

    seen: list = []

    def fit(self, X, y, groups=None):
        self.seen.append(groups)
        return super().fit(X, y)


def test_groups_go_to_those_whose_fit_takes_them():
    GroupCounter.seen.clear()
    own = {"mine": PIPELINE, "grouped": GroupCounter()}
    ours = benchmark(TABLE, "label", **COLUMNS, cv=3, groups="owner", models=own)
    expected = [set(TABLE["owner"].drop(index=test)) for test in folds_of(ours)]
    assert [set(groups) for groups in GroupCounter.seen] == expected


@pytest.mark.parametrize(
    ("models", "message"),
    [
        ([PIPELINE], "models takes a dict from name to estimator"),
        ({"text": PIPELINE}, "'text' is no name, or that of another model"),
        ({"early fusion": PIPELINE}, "'early fusion' is no name, or that of another model"),
        ({" ": PIPELINE}, "' ' is no name"),
        ({"mine": Ridge()}, r"models\['mine'\] is no classifier: Ridge"),
        ({"mine": LinearSVC()}, r"models\['mine'\] lacks predict_proba: LinearSVC gives no prob"),
    ],
)
def test_bad_models(models, message):
    with pytest.raises(ValueError, match=message):
        benchmark(TABLE, "label", **COLUMNS, cv=3, models=models)


def test_a_model_that_fails_is_named():
    with pytest.raises(ValueError) as caught:
        benchmark(TABLE, "label", **COLUMNS, cv=3, models={"raw": LogisticRegression()})
    assert caught.value.__notes__ == ["This is models['raw'], on fold 0 of the benchmark."]
