"""One model, whichever door it is built by; and the defaults behind the doors."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn import config_context
from sklearn.base import clone
from sklearn.ensemble import VotingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from mmclassic import (
    BackboneVectorizer,
    BagOfWordsVectorizer,
    BlockScaler,
    CategoryColumns,
    CellUnion,
    ColorHistogramVectorizer,
    EarlyFusionClassifier,
    HOGVectorizer,
    LateFusionClassifier,
    LogPool,
    MFCCVectorizer,
    NumberColumns,
    WeightedSum,
    benchmark,
    load,
    load_demo,
    make_early_fusion,
    make_late_fusion,
    make_late_fusion_regressor,
    save,
)

BOTH = pytest.mark.parametrize("make", [make_late_fusion, make_early_fusion])
EVERYTHING = {
    "text": "caption",
    "image": "photo",
    "audio": "clip",
    "numeric": ["age", "price"],
    "categorical": "shop",
}


def named(model):
    return [(name, columns) for name, _, columns in model.modalities]


def steps(model, name):
    """Types of the steps of a modality."""
    estimator = next(estimator for n, estimator, _ in model.modalities if n == name)
    return [type(step) for _, step in getattr(estimator, "steps", [("", estimator)])]


# Names and columns


@BOTH
def test_one_column_gives_a_modality_named_after_its_medium(make):
    assert named(make(**EVERYTHING)) == [
        ("text", "caption"),
        ("image", "photo"),
        ("audio", "clip"),
        ("numeric", ["age", "price"]),
        ("categorical", ["shop"]),
    ]
    assert named(make(text=["caption"], numeric="age")) == [
        ("text", "caption"),
        ("numeric", ["age"]),
    ]


@BOTH
def test_several_columns_give_a_modality_each(make):
    model = make(text=["title", "caption"], image=("front", "back"))
    assert named(model) == [
        ("text:title", "title"),
        ("text:caption", "caption"),
        ("image:front", "front"),
        ("image:back", "back"),
    ]


@BOTH
def test_double_underscores_are_no_part_of_a_name(make):
    """Else set_params would take the name apart."""
    model = make(text=["post__title", "post__body"])
    assert named(model) == [("text:post_title", "post__title"), ("text:post_body", "post__body")]
    table = pd.DataFrame(
        {"post__title": ["a cat", "a dog"] * 10, "post__body": ["it sleeps", "it barks"] * 10}
    )
    assert model.set_params(cv=2).fit(table, [0, 1] * 10).score(table, [0, 1] * 10) == 1


@BOTH
@pytest.mark.parametrize("columns", [{}, {"text": None, "image": []}, {"numeric": ()}])
def test_nothing_named_is_an_error(make, columns):
    with pytest.raises(ValueError, match="Name at least one column with text=, image=, audio="):
        make(**columns)


# Defaults


def test_the_defaults_of_late_fusion():
    model = make_late_fusion(**EVERYTHING)
    assert isinstance(model, LateFusionClassifier)
    assert steps(model, "text") == [BagOfWordsVectorizer, LogisticRegression]
    assert steps(model, "image") == [CellUnion, BlockScaler, LogisticRegression]
    assert steps(model, "audio") == [MFCCVectorizer, BlockScaler, LogisticRegression]
    numbers = [NumberColumns, SimpleImputer, StandardScaler]
    assert steps(model, "numeric") == [*numbers, VotingClassifier]
    assert steps(model, "categorical") == [CategoryColumns, OneHotEncoder, LogisticRegression]
    parameters = model.get_params()
    assert parameters["text__logisticregression__C"] == 10
    assert parameters["image__logisticregression__C"] == 3
    assert parameters["audio__logisticregression__C"] == 3
    members = [type(member) for _, member in parameters["image__cellunion__transformers"]]
    assert members == [HOGVectorizer, ColorHistogramVectorizer]
    assert model.fusion == "log_pool"


@BOTH
def test_class_weight_reaches_every_classifier(make):
    parameters = make(**EVERYTHING, class_weight="balanced").get_params()
    weights = [value for key, value in parameters.items() if key.endswith("class_weight")]
    assert weights == ["balanced"] * (6 if make is make_late_fusion else 1)


def test_the_defaults_of_early_fusion():
    model = make_early_fusion(**EVERYTHING)
    assert isinstance(model, EarlyFusionClassifier)
    assert steps(model, "text") == [BagOfWordsVectorizer]
    assert steps(model, "image") == [CellUnion, BlockScaler]
    assert steps(model, "audio") == [MFCCVectorizer, BlockScaler]
    assert steps(model, "numeric")[-1] is BlockScaler
    assert steps(model, "categorical") == [CategoryColumns, OneHotEncoder]


@BOTH
def test_a_backbone_takes_the_place_of_the_picture_features(make):
    model = make(image="photo", text="caption", backbone="net.onnx", cache="store.sqlite")
    assert steps(model, "image")[0] is BackboneVectorizer
    parameters = model.get_params()
    assert parameters["image__backbonevectorizer__model"] == "net.onnx"
    assert parameters["image__backbonevectorizer__cache"] == "store.sqlite"


@BOTH
def test_options_reach_their_places(make):
    model = make(
        text="caption",
        audio="clip",
        image="photo",
        cv=3,
        on_unreadable="missing",
        random_state=7,
        n_jobs=2,
        cache="store.sqlite",
        hashed=True,
        redact=["email"],
    )
    parameters = model.get_params()
    assert parameters["text__bagofwordsvectorizer__hashed"] is True
    assert parameters["text__bagofwordsvectorizer__redact"] == ["email"]
    assert parameters["cv"] == 3
    assert parameters["on_unreadable"] == "missing"
    assert parameters["random_state"] == 7
    assert parameters["n_jobs"] == 2
    for reader in ("audio__mfccvectorizer", "image__cellunion"):
        assert parameters[f"{reader}__cache"] == "store.sqlite"
        assert parameters[f"{reader}__n_jobs"] == 2


def test_the_head_is_taken_as_it_is():
    head = WeightedSum([1, 3])
    assert make_late_fusion(text="a", audio="b", fusion=head).fusion is head
    assert make_late_fusion(text="a", fusion="stacking").fusion == "stacking"
    seeded = make_late_fusion(numeric="a", random_state=5).get_params()
    assert seeded["numeric__votingclassifier__boosting__random_state"] == 5


@BOTH
def test_a_model_made_twice_shares_nothing(make):
    first, second = make(**EVERYTHING), make(**EVERYTHING)
    assert repr(first) == repr(second)
    for (_, one, _), (_, other, _) in zip(first.modalities, second.modalities, strict=True):
        assert one is not other
    assert repr(clone(first)) == repr(first)


# The same model by every door


@pytest.fixture(scope="module")
def demo():
    return load_demo(n_samples=80)


@pytest.fixture(scope="module")
def judged(demo):
    return benchmark(demo, "label", text="text", audio="audio", cv=3, random_state=0)


def test_late_fusion_by_three_doors(demo, judged):
    made = make_late_fusion(text="text", audio="audio", cv=3, random_state=0)
    made.fit(demo, demo["label"])
    expected = made.predict_proba(demo)
    by_hand = LateFusionClassifier(
        [
            (
                "text",
                make_pipeline(
                    BagOfWordsVectorizer(characters="auto"),
                    LogisticRegression(C=10, max_iter=1000),
                ),
                "text",
            ),
            (
                "audio",
                make_pipeline(
                    MFCCVectorizer(), BlockScaler(), LogisticRegression(C=3, max_iter=1000)
                ),
                "audio",
            ),
        ],
        fusion=LogPool(intercepts=True, l2=0.01),
        cv=3,
        random_state=0,
    ).fit(demo, demo["label"])
    np.testing.assert_array_equal(by_hand.predict_proba(demo), expected)
    best = judged.best_model("log_pool")
    np.testing.assert_array_equal(best.predict_proba(demo), expected)
    np.testing.assert_array_equal(best.score_table(demo), made.score_table(demo))
    np.testing.assert_array_equal(best.classes_, made.classes_)
    assert repr(best) == repr(made)


def test_early_fusion_by_two_doors(demo, judged):
    made = make_early_fusion(text="text", audio="audio", cv=3, random_state=0)
    made.fit(demo, demo["label"])
    best = judged.best_model("early fusion")
    assert best.C_ == made.C_
    np.testing.assert_array_equal(best.predict_proba(demo), made.predict_proba(demo))


def test_a_modality_alone_is_a_late_fusion_of_one(demo, judged):
    alone = make_late_fusion(text="text", fusion="voting", cv=3, random_state=0)
    alone.fit(demo, demo["label"])
    best = judged.best_model("text")
    np.testing.assert_array_equal(best.predict_proba(demo), alone.predict_proba(demo))


@pytest.mark.parametrize("make", [make_late_fusion, make_early_fusion])
def test_the_global_output_setting_does_no_harm(make):
    table = load_demo(n_samples=80)
    table = table.assign(kind=["a", "b"] * 40, size=np.arange(80.0))
    model = make(text="text", categorical="kind", numeric="size", cv=3)
    expected = clone(model).fit(table, table["label"]).predict_proba(table)
    with config_context(transform_output="pandas"):
        found = clone(model).fit(table, table["label"]).predict_proba(table)
    np.testing.assert_allclose(found, expected, atol=1e-9)


# Numbers


def test_weights_reach_the_models_of_numbers():
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"a": rng.normal(size=60), "b": rng.normal(size=60)})
    labels = np.where(table["a"] + rng.normal(size=60) > 0, "yes", "no")
    weight = np.where(labels == "yes", 9.0, 1.0)
    model = make_late_fusion(numeric=["a", "b"], cv=3)
    even = model.fit(table, labels).predict_proba(table)[:, 1]
    model.fit(table, labels, sample_weight=weight)
    assert model.predict_proba(table)[:, 1].mean() > even.mean() + 0.1
    regression = make_late_fusion_regressor(numeric=["a", "b"], cv=3)
    target = table["a"] + (table["b"] > 0)
    assert np.isfinite(regression.fit(table, target, sample_weight=weight).predict(table)).all()


def test_regressions_of_numbers_follow_lines_and_bends():
    """Trees cannot go on beyond the numbers they saw, lines cannot follow steps."""
    x = np.random.default_rng(0).uniform(0, 10, 300)
    table, line, steps_of_x = pd.DataFrame({"a": x}), 2 * x, np.floor(x) % 3
    model = make_late_fusion_regressor(numeric="a", cv=3)
    low, beyond = x < 8, x > 9
    found = model.fit(table[low], line[low]).predict(table[beyond])
    assert np.abs(found - line[beyond]).max() < 2
    found = model.fit(table[:200], steps_of_x[:200]).predict(table[200:])
    assert np.abs(found - steps_of_x[200:]).mean() < 0.2


@pytest.mark.parametrize("n_numbers", [1, 2, 3, 5, 7])
def test_numbers_in_a_handful_of_rows(n_numbers, tmp_path):
    """Too few for the folds of a stack; the texts are there in all rows."""
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"a": [f"word{i % 3} other" for i in range(30)], "b": np.nan})
    target = np.arange(30) % 3 + rng.normal(size=30) / 10
    table.loc[: 3 * n_numbers - 1 : 3, "b"] = 1.0
    for columns in ({"text": "a", "numeric": "b"}, {"text": "a"}):
        model = make_late_fusion_regressor(**columns, cv=3).fit(table, target)
        assert model.score(table, target) > 0.5
    alone = make_late_fusion_regressor(numeric="b", cv=2)
    few = pd.DataFrame({"b": np.arange(n_numbers + 3.0)})
    alone.fit(few, few["b"] * 2.0)
    save(alone, tmp_path / "m.mmc")
    np.testing.assert_array_equal(load(tmp_path / "m.mmc").predict(few), alone.predict(few))


def test_the_global_output_setting_does_no_harm_to_regressions():
    table = pd.DataFrame({"a": np.arange(30.0), "b": np.arange(30.0) % 4})
    model = make_late_fusion_regressor(numeric=["a", "b"], cv=3)
    plain = model.fit(table, table["a"]).predict(table)
    with config_context(transform_output="pandas"):
        again = clone(model).fit(table, table["a"])
        np.testing.assert_array_equal(again.predict(table), plain)


def test_weights_of_the_stack_are_not_negative():
    parameters = make_late_fusion_regressor(numeric="a").get_params()
    assert parameters["numeric__stackingregressor__final_estimator__positive"] is True


def test_numbers_that_are_all_missing_or_all_the_same():
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"a": rng.normal(size=40), "gone": np.nan, "same": 7.0})
    labels = np.where(table["a"] > 0, "yes", "no")
    model = make_late_fusion(numeric=["a", "gone", "same"], cv=3).fit(table, labels)
    assert np.mean(model.predict(table) == labels) > 0.9
    regression = make_late_fusion_regressor(numeric=["a", "gone", "same"], cv=3)
    assert regression.fit(table, table["a"]).score(table, table["a"]) > 0.8
