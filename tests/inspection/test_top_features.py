"""top_features through pipelines: names, scales, signs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.decomposition import PCA
from sklearn.feature_selection import SelectKBest
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, MaxAbsScaler, MinMaxScaler, StandardScaler
from sklearn.svm import SVC, LinearSVC

from mmclassic import (
    BagOfWordsVectorizer,
    BlockScaler,
    LateFusionClassifier,
    LateFusionRegressor,
    load_demo,
    make_late_fusion,
    top_features,
)
from tests.fusion.examples import make_table


def fit(estimator, columns=("a", "b", "c", "d"), n_classes=3):
    X, y = make_table(150, n_classes)
    X = X * [0.5, 1, 2, 4]
    model = LateFusionClassifier([("all", estimator, list(columns))], fusion="mean")
    return model.fit(X, y), X, y


@pytest.mark.parametrize(
    "scaler",
    [
        StandardScaler(),
        make_pipeline(StandardScaler(), StandardScaler(with_std=False)),
        BlockScaler(),
        MaxAbsScaler(),
        MinMaxScaler((-1, 3)),
        make_pipeline(SimpleImputer(), MaxAbsScaler(), StandardScaler()),
    ],
    ids=str,
)
def test_per_unit_is_the_slope_of_the_decision(scaler):
    model, X, _ = fit(make_pipeline(scaler, LogisticRegression(max_iter=1000)))
    frame = top_features(model, "all", n=4)
    pipeline = model.named_modalities_["all"]
    for place, name in enumerate("abcd"):
        moved = X.copy()
        moved[name] += 1
        slope = (pipeline.decision_function(moved) - pipeline.decision_function(X))[0]
        for label in range(3):
            one = frame[(frame["class"] == label) & (frame["feature"] == name)]
            assert one["per_unit"].item() == pytest.approx(slope[label], rel=1e-6)
            assert one["coefficient"].item() == pipeline[-1].coef_[label, place]


def test_sorted_within_each_class():
    model, _, _ = fit(make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)))
    frame = top_features(model, "all", n=3)
    assert frame["class"].tolist() == [0] * 3 + [1] * 3 + [2] * 3
    for _, part in frame.groupby("class"):
        assert part["coefficient"].is_monotonic_decreasing
    assert frame.groupby("class")["feature"].first().tolist()[0] == "a"  # as the table is made


@pytest.mark.parametrize("linear", [LogisticRegression(), LinearSVC(), SVC(kernel="linear")])
def test_two_classes_have_opposite_signs(linear):
    model, _, _ = fit(make_pipeline(StandardScaler(), linear), n_classes=2)
    first, second = (part for _, part in top_features(model, "all", n=4).groupby("class"))
    assert first["feature"].tolist() == second["feature"].tolist()[::-1]
    assert np.allclose(first["coefficient"], -second["coefficient"][::-1])


def test_words_and_other_media():
    table = load_demo(n_samples=120)
    model = make_late_fusion(text="text", image="image").fit(table, table["label"])
    words = top_features(model, "text", n=2)
    assert len(words) == 20
    assert words["feature"].str.match("(word|char)__").all()
    assert np.array_equal(words["coefficient"], words["per_unit"])
    assert (words["coefficient"] > 0).all()
    pictures = top_features(model, "image", n=1)
    assert pictures["feature"].str.contains("hog").any()
    assert not np.allclose(pictures["coefficient"], pictures["per_unit"])


def test_selected_features_and_models_from_a_search():
    search = GridSearchCV(LogisticRegression(), {"C": [0.1, 1]}, cv=2)
    model, _, _ = fit(make_pipeline(StandardScaler(), SelectKBest(k=2), search))
    frame = top_features(model, "all")
    assert len(frame) == 6
    names = model.named_modalities_["all"][:-1].get_feature_names_out()
    assert set(frame["feature"]) == set(names)
    assert np.array_equal(frame["coefficient"], frame["per_unit"])  # the scaler is further away


def test_no_pipeline_no_names():
    X, y = make_table(90)
    model = LateFusionClassifier([("m", LogisticRegression(), [1, 2])], fusion="mean")
    frame = top_features(model.fit(X.to_numpy(), y), "m", n=1)
    assert set(frame["feature"]) <= {"x0", "x1"}
    model, _, _ = fit(make_pipeline(PCA(2), LogisticRegression(max_iter=1000)))
    assert set(top_features(model, "all")["feature"]) == {"pca0", "pca1"}


def test_sparse_coefficients():
    words = BagOfWordsVectorizer(words=(1, 1), characters=None)
    table = pd.DataFrame({"text": ["good film", "bad film"] * 6})
    member = make_pipeline(words, LogisticRegression(max_iter=1000))
    model = LateFusionClassifier([("t", member, "text")], fusion="mean").fit(table, [1, 0] * 6)
    before = top_features(model, "t", n=2)
    model.named_modalities_["t"][-1].sparsify()
    assert top_features(model, "t", n=2).equals(before)


def test_a_regressor():
    X = pd.DataFrame(np.random.default_rng(0).normal(size=(60, 2)), columns=["up", "down"])
    model = LateFusionRegressor([("m", Ridge(), ["up", "down"])]).fit(X, X["up"] - 5 * X["down"])
    frame = top_features(model, "m")
    assert frame["feature"].tolist() == ["down", "up"]
    assert frame["coefficient"].round().tolist() == [-5, 1]
    assert frame["class"].isna().all()


@pytest.mark.parametrize(
    ("estimator", "modality", "n", "message"),
    [
        (GaussianNB(), "all", 5, "GaussianNB, has no coef_: top_features needs"),
        (SVC(), "all", 5, "SVC, has no coef_"),
        (SVC(kernel="linear"), "all", 5, "6 rows of coefficients for 4 classes"),
        (
            make_pipeline(FunctionTransformer(np.abs), LogisticRegression(max_iter=1000)),
            "all", 5, "FunctionTransformer of modality 'all' has no get_feature_names_out",
        ),
        (LogisticRegression(max_iter=1000), "text", 5, r"no modality 'text': it has \['all'\]"),
        (LogisticRegression(max_iter=1000), "all", 0, "n must be at least 1, got 0"),
    ],
)  # fmt: skip
def test_what_it_refuses(estimator, modality, n, message):
    model, _, _ = fit(estimator, n_classes=4)
    with pytest.raises(ValueError, match=message):
        top_features(model, modality, n=n)


def test_hashed_terms_have_no_words_to_show():
    table = pd.DataFrame({"text": ["good film", "bad film", "good plot", "bad plot"] * 3})
    words = BagOfWordsVectorizer(hashed=True, words=(1, 1), characters=None)
    model = LateFusionClassifier([("text", make_pipeline(words, LogisticRegression()), "text")])
    model.fit(table, ["yes", "no", "yes", "no"] * 3)
    with pytest.warns(UserWarning, match=r"terms of modality 'text' are hashed: .*hashed=False"):
        frame = top_features(model, "text", n=1)
    assert frame["feature"].str.fullmatch(r"word__hashed_\d+").all()
    assert frame["coefficient"].gt(0).all()
