"""robustness_curve: only the damaged modality changes, and it changes as it should."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from mmclassic import (
    BagOfWordsVectorizer,
    BlockScaler,
    CategoryColumns,
    CellUnion,
    ColorHistogramVectorizer,
    DataQualityWarning,
    EarlyFusionClassifier,
    HOGVectorizer,
    LateFusionClassifier,
    LateFusionRegressor,
    MFCCVectorizer,
    NumberColumns,
    Precomputed,
    load_demo,
    make_late_fusion,
    negative_log_loss,
    robustness_curve,
)
from mmclassic.inspection._damage_text import text_typing_errors
from mmclassic.inspection._damages import DAMAGES
from mmclassic.inspection._robustness import confidence_and_error
from mmclassic.inspection._seeds import Seeder


def word_model(text=None):
    words = BagOfWordsVectorizer(words=(1, 1), characters=(1, 2))
    return make_pipeline(text or words, LogisticRegression())


@pytest.fixture(scope="module")
def demo():
    table = load_demo(n_samples=120, random_state=1)
    image = make_pipeline(
        CellUnion([("hog", HOGVectorizer(size=(32, 32))), ("color", ColorHistogramVectorizer())]),
        BlockScaler(),
        LogisticRegression(),
    )
    audio = make_pipeline(MFCCVectorizer(sampling_rate=8000), BlockScaler(), LogisticRegression())
    modalities = [("text", word_model(), "text"), ("image", image, "image"),
                  ("audio", audio, "audio")]  # fmt: skip
    model = LateFusionClassifier(modalities, fusion="mean").fit(table[:80], table["label"][:80])
    return model, table[80:].reset_index(drop=True)


def value(curve, metric="accuracy", **where):
    rows = curve[curve["metric"] == metric]
    for column, wanted in where.items():
        rows = rows[rows[column] == wanted]
    assert len(rows) == 1
    return rows["value"].iloc[0]


def test_every_medium_has_its_damages(demo):
    model, table = demo
    curve = robustness_curve(model, table, table["label"])
    kinds = curve.groupby("modality")["kind"].agg(lambda kinds: list(dict.fromkeys(kinds)))
    assert {name: kinds[name] for name in kinds.index} == {
        medium: [*DAMAGES[medium], "missing"] for medium in ("text", "image", "audio")
    }
    assert list(curve["metric"].unique()) == [
        "accuracy", "neg_log_loss", "confidence", "calibration_error",
    ]  # fmt: skip
    assert curve["value"].notna().all()
    clean = curve[(curve["level"] == 0) & (curve["metric"] == "accuracy")]["value"]
    assert set(clean) == {model.score(table, table["label"])}
    worst = value(curve, kind="noise", modality="audio", severity=-5.0, metric="neg_log_loss")
    best = value(curve, kind="noise", modality="audio", level=0, metric="neg_log_loss")
    assert worst < best


def test_it_is_what_the_model_says_of_the_damaged_table(demo):
    model, table = demo
    severity, seeder = 0.3, Seeder(7)
    damaged = table.copy()
    damaged["text"] = [
        None if pd.isna(text)
        else text_typing_errors(text, severity, np.random.default_rng(seeder(text)))
        for text in table["text"]
    ]  # fmt: skip
    curve = robustness_curve(
        model, table, table["label"], modality="text", kinds="typing_errors",
        severities=[severity], random_state=7,
    )  # fmt: skip
    wanted = negative_log_loss(model, damaged, table["label"])
    assert value(curve, "neg_log_loss", level=1) == pytest.approx(wanted, abs=1e-12)
    assert wanted != negative_log_loss(model, table, table["label"])
    confidence, error = confidence_and_error(
        table["label"], model.predict_proba(damaged), model.classes_
    )
    assert value(curve, "confidence", level=1) == pytest.approx(confidence)
    assert value(curve, "calibration_error", level=1) == pytest.approx(error)


def test_a_picture_is_damaged_whole_and_in_colour(demo):
    model, table = demo
    seeder, noise = Seeder(0), DAMAGES["image"]["noise"].function
    damaged = table.copy()
    damaged["image"] = [
        None if picture is None
        else noise(color, 60, np.random.default_rng(seeder(color)))
        for picture in table["image"]
        for color in [None if picture is None else np.repeat(picture[:, :, None], 3, axis=2)]
    ]  # fmt: skip
    curve = robustness_curve(
        model, table, table["label"], modality="image", kinds="noise", severities=[60]
    )
    wanted = negative_log_loss(model, damaged, table["label"])
    assert value(curve, "neg_log_loss", level=1) == pytest.approx(wanted, abs=1e-6)


def test_all_missing_equals_without(demo):
    model, table = demo
    curve = robustness_curve(model, table, table["label"], kinds="missing", severities=[0, 1])
    last = curve[curve["level"] == 2]
    assert np.array_equal(last["value"], last["without"])
    first, none = curve[curve["level"] == 1], curve[curve["level"] == 0]
    assert np.array_equal(first["value"], none["value"])


def test_only_the_damaged_modality_is_asked(demo, monkeypatch):
    model, table = demo
    seen = []
    for kind in (BagOfWordsVectorizer, MFCCVectorizer, CellUnion):
        original = kind.read_cells

        def read_cells(self, X, original=original, kind=kind):
            seen.append(kind)
            return original(self, X)

        monkeypatch.setattr(kind, "read_cells", read_cells)
    robustness_curve(model, table, table["label"], modality="audio", kinds="clipping")
    # Once for the table, then two chunks of rows at four severities.
    assert seen.count(BagOfWordsVectorizer) == seen.count(CellUnion) == 1
    assert seen.count(MFCCVectorizer) == 1 + 2 * 4


def test_the_order_of_the_rows_does_not_matter(demo):
    model, table = demo
    order = np.random.default_rng(0).permutation(len(table))
    options = {"severities": {"typing_errors": [0.4], "noise": [10], "missing": [0.5]}}
    options["kinds"] = ["typing_errors", "noise", "missing"]
    there = robustness_curve(model, table, table["label"], **options)
    back = robustness_curve(model, table.iloc[order], table["label"].iloc[order], **options)
    pd.testing.assert_frame_equal(there, back)
    other = robustness_curve(model, table, table["label"], random_state=1, **options)
    assert not there.equals(other)


def test_model_and_table_stay_as_they_were_and_no_store_grows(demo, tmp_path):
    _, table = demo
    store = tmp_path / "features.db"
    image = make_pipeline(HOGVectorizer(size=(32, 32), cache=str(store)), LogisticRegression())
    model = LateFusionClassifier([("image", image, "image"), ("text", word_model(), "text")])
    model.fit(table, table["label"] % 2)
    before = model.score_table(table)
    size, copied = store.stat().st_size, table.copy()
    robustness_curve(model, table, table["label"] % 2, modality="image", kinds="blur")
    assert np.array_equal(model.score_table(table), before, equal_nan=True)
    assert store.stat().st_size == size
    assert model.named_modalities_["image"][0].cache == str(store)
    assert all(a is b for a, b in zip(table["image"], copied["image"], strict=True))


def test_unreadable_cells_count_as_missing_where_the_model_says_so():
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"text": ["good film", "bad film"] * 20, "x": rng.normal(size=40)})
    table["text"] = table["text"].astype(object)
    model = LateFusionClassifier(
        [("text", word_model(), "text"), ("x", GaussianNB(), ["x"])], on_unreadable="missing"
    ).fit(table, [1, 0] * 20)
    table.loc[3, "text"] = 17
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        curve = robustness_curve(model, table, [1, 0] * 20, modality="text")
    assert [one.category for one in caught] == [DataQualityWarning]
    assert curve["value"].notna().all()


def mixed_table(n_rows=60):
    rng = np.random.default_rng(0)
    y = np.arange(n_rows) % 2
    table = pd.DataFrame({
        "age": rng.normal(size=n_rows) + 2 * y,
        "color": np.where(rng.random(n_rows) < 0.8, y, 1 - y),
        "p0": 0.4 + 0.2 * (y == 0),
        "note": np.where(y == 1, "good", "bad"),
    })  # fmt: skip
    table["p1"] = 1 - table["p0"]
    table.loc[4, "age"] = np.nan
    return table, y


def test_columns_of_numbers_categories_and_probabilities():
    table, y = mixed_table()
    boosted = make_pipeline(NumberColumns(), make_pipeline(BlockScaler(), LogisticRegression()))
    one_hot = make_pipeline(CategoryColumns(), OneHotEncoder(), LogisticRegression())
    both = make_pipeline(
        make_column_transformer(
            (OneHotEncoder(handle_unknown="ignore"), ["color"]), remainder="passthrough"
        ),
        LogisticRegression(),
    )
    modalities = [
        ("numbers", boosted, ["age"]),
        ("categories", one_hot, ["color"]),
        ("scores", Precomputed(), ["p0", "p1"]),
        ("words", make_pipeline(CountVectorizer(), LogisticRegression()), "note"),
        ("searched", GridSearchCV(both, {"logisticregression__C": [1.0]}, cv=2), ["color", "p0"]),
    ]
    whole = table.notna().all(axis=1)
    model = LateFusionClassifier(modalities, fusion="mean").fit(table[whole], y[whole])
    curve = robustness_curve(model, table, y)
    kinds = curve.groupby("modality")["kind"].unique()
    assert {name: list(found) for name, found in kinds.items()} == {
        "numbers": ["noise", "missing"],
        "categories": ["replaced", "missing"],
        "scores": ["missing"],
        "words": [*DAMAGES["text"], "missing"],
        "searched": ["noise", "missing"],
    }
    loss = curve[curve["metric"] == "neg_log_loss"]
    for name, kind in (("numbers", "noise"), ("categories", "replaced")):
        values = loss[(loss["modality"] == name) & (loss["kind"] == kind)]["value"]
        assert len(set(values)) == len(values)


def test_polars_and_pandas_are_alike():
    polars = pytest.importorskip("polars")
    table, y = mixed_table()
    curves = []
    for frame in (table, polars.from_dict(table.to_dict(orient="list"))):
        model = make_late_fusion(text="note", numeric=["age", "p0"], categorical="color", cv=2)
        curves.append(robustness_curve(model.fit(frame, y), frame, y))
    pd.testing.assert_frame_equal(*curves)


def test_numeric_arrays_and_columns_by_position():
    rng = np.random.default_rng(0)
    y = np.arange(80) % 2
    X = rng.normal(size=(80, 4)) + y[:, None]
    model = LateFusionClassifier(
        [("a", GaussianNB(), slice(0, 2)), ("b", LogisticRegression(), [2, 3])], fusion="mean"
    ).fit(X, y)
    curve = robustness_curve(model, X, y, modality="b", kinds="noise", severities=[0, 1])
    assert value(curve, "neg_log_loss", level=0) == pytest.approx(
        value(curve, "neg_log_loss", level=1)
    )
    assert value(curve, "neg_log_loss", level=2) < value(curve, "neg_log_loss", level=0)


def test_regressors_and_labels_have_their_own_metrics():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 4))
    halves = [("a", Ridge(), [0, 1]), ("b", Ridge(), [2, 3])]
    regressor = LateFusionRegressor(halves).fit(X, X.sum(axis=1))
    curve = robustness_curve(regressor, X, X.sum(axis=1), modality="a", kinds="noise")
    assert list(curve["metric"].unique()) == ["r2", "neg_root_mean_squared_error"]
    assert value(curve, "r2", level=4) < value(curve, "r2", level=0)

    labels = (X[:, [0, 2]] > 0).astype(int)
    logistic = [("a", LogisticRegression(), [0, 1]), ("b", LogisticRegression(), [2, 3])]
    several = LateFusionClassifier(logistic, fusion="mean").fit(X, labels)
    curve = robustness_curve(several, X, labels, kinds="noise", severities=[0.0, 2.0])
    assert list(curve["metric"].unique()) == ["accuracy", "neg_log_loss"]
    a = {"modality": "a", "metric": "neg_log_loss"}
    assert value(curve, level=1, **a) == pytest.approx(value(curve, level=0, **a))
    assert value(curve, level=2, **a) < value(curve, level=0, **a)


def test_an_error_under_damage_says_which_damage_it_was():
    X = np.arange(40)[:, None] % 2
    codes = make_pipeline(OneHotEncoder(), LogisticRegression())
    model = LateFusionClassifier([("codes", codes, [0])], fusion="mean").fit(X, X[:, 0])
    with pytest.raises(ValueError, match="unknown categories") as caught:
        robustness_curve(model, X, X[:, 0])
    assert "'codes' was damaged by 'noise'" in caught.value.__notes__[0]


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"modality": "smell"}, "no modality 'smell'; there are .'text', 'image', 'audio'"),
        ({"kinds": "rust"}, "no kind of damage 'rust'; there are: .*typing_errors"),
        ({"modality": "text", "kinds": "jpeg"}, "no kind of damage 'jpeg'"),
        ({"kinds": "occlusion", "severities": [2]}, "'occlusion' .* between 0 and 1, got 2"),
        ({"random_state": None}, "random_state must be an integer, got None"),
        ({"scoring": "beauty"}, "beauty"),
    ],
)
def test_wrong_arguments_are_refused(demo, options, match):
    model, table = demo
    with pytest.raises(ValueError, match=match):
        robustness_curve(model, table, table["label"], **options)


def test_other_models_and_lengths_are_refused(demo):
    model, table = demo
    with pytest.raises(ValueError, match=r"needs a late fusion.*EarlyFusionClassifier has none"):
        robustness_curve(EarlyFusionClassifier([]), table, table["label"])
    with pytest.raises(ValueError, match="X has 40 rows, y has 39"):
        robustness_curve(model, table, table["label"][1:], kinds="missing")


def test_confidence_and_error_by_hand():
    probabilities = np.repeat([[0.8, 0.2], [0.4, 0.6]], 50, axis=0)
    y = np.r_[np.zeros(40), np.ones(10), np.ones(25), np.zeros(25)].astype(int)
    confidence, error = confidence_and_error(y, probabilities, [0, 1])
    assert confidence == pytest.approx(0.7)
    assert error == pytest.approx((0 + 0.1) / 2)  # .8 is right, .6 says .5
