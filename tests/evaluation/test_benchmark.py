"""The benchmark against the naive way of doing the same, and what it refuses."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable

import cv2
import numpy as np
import pandas as pd
import pytest
import soundfile
from joblib import parallel_config
from sklearn.base import clone
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold, ShuffleSplit, StratifiedKFold
from threadpoolctl import threadpool_limits

import mmclassic.audio._mfcc
import mmclassic.image._reading
import mmclassic.recipes
from mmclassic import (
    DataQualityWarning,
    EarlyFusionClassifier,
    LateFusionClassifier,
    UnreadableCellsError,
    benchmark,
    load_demo,
    make_early_fusion,
    make_late_fusion,
)
from mmclassic.evaluation._class_task import make_heads
from mmclassic.evaluation._metrics import GREATER_IS_BETTER

N_ROWS = 60
COLUMNS = {"text": "text", "image": "image", "audio": "audio"}
QUICK = {"text": "text", "categorical": "colour"}
HEADS = list(make_heads(3))


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """On tables this small, threads that wait for each other take most of the time."""
    with threadpool_limits(1):
        yield


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> pd.DataFrame:
    """Sixty rows of three classes: sentences, PNG and WAV files, a colour; a few are missing."""
    folder = tmp_path_factory.mktemp("files")
    rng = np.random.default_rng(0)
    words = [["sun", "warm", "dry"], ["rain", "wet", "grey"], ["snow", "cold", "white"]]
    rows = []
    for row in range(N_ROWS):
        label = row % 3
        picture = rng.integers(0, 120, size=(16, 16, 3), dtype=np.uint8)
        picture[:, :: 2 + label] += 60
        cv2.imwrite(str(folder / f"{row}.png"), picture)
        tone = np.sin(np.arange(1600) * (0.1 + 0.2 * label)) + rng.normal(size=1600)
        soundfile.write(folder / f"{row}.wav", 0.1 * tone, 8000)
        rows.append(
            {
                "text": " ".join(rng.choice([*words[label], "the", "day", "was"], size=4)),
                "image": str(folder / f"{row}.png"),
                "audio": str(folder / f"{row}.wav"),
                "colour": rng.choice(["red", "green", "blue", ["red", "green", "blue"][label]]),
                "author": f"author {row // 5}",
                "part": "test" if row >= 42 else "train",
                "label": ["sunny", "rainy", "snowy"][label],
            }
        )
    table = pd.DataFrame(rows)
    for column, gap in (("text", 4), ("image", 8), ("audio", 13)):
        table[column] = table[column].astype(object)
        table.loc[gap, column] = None
    return table


@pytest.fixture(scope="module")
def result(files):
    return benchmark(files, "label", **COLUMNS, cv=3)


@pytest.fixture(scope="module")
def quick(files):
    return benchmark(files, "label", **QUICK, cv=3)


def predicted(result, name: str) -> np.ndarray:
    """Probabilities of one model, in the order of the table's rows."""
    frame = result.predictions.query("model == @name").sort_values("row")
    return frame.filter(like="probability_").to_numpy()


def folds_of(result) -> list[np.ndarray]:
    """Tested rows of each fold."""
    return [fold.rows for fold in result.outcomes[0].folds]


# What it costs


def counting(decode: Callable, seen: Counter) -> Callable:
    def decode_and_count(cell, *arguments, **options):
        seen[cell] += 1
        return decode(cell, *arguments, **options)

    return decode_and_count


def test_each_file_is_decoded_once(files, monkeypatch):
    """Five outer folds, inner folds, early fusion and a final model: one decode per file."""
    seen: Counter = Counter()
    for module, name in (
        (mmclassic.image._reading, "decode_image"),
        (mmclassic.audio._mfcc, "decode_audio"),
    ):
        monkeypatch.setattr(module, name, counting(getattr(module, name), seen))
    outcome = benchmark(files, "label", **COLUMNS, cv=5, cache=None)
    outcome.best_model("log_pool")
    outcome.best_model("early fusion")
    assert set(seen) == {*files["image"].dropna(), *files["audio"].dropna()}
    assert set(seen.values()) == {1}


@pytest.fixture
def fits(monkeypatch) -> Counter:
    """How often the classifier of each modality was fitted, by its C."""
    seen: Counter = Counter()

    class Counted(LogisticRegression):
        def fit(self, X, y, sample_weight=None):
            seen[self.C] += 1
            return super().fit(X, y, sample_weight)

    monkeypatch.setattr(mmclassic.recipes._parts, "LogisticRegression", Counted)
    return seen


def test_fifteen_base_fits_for_five_folds_and_one_for_the_final_model(files, fits):
    outcome = benchmark(files, "label", text="text", audio="audio", cv=5)
    assert fits == {10: 15, 3: 15}  # C of text and of sound
    assert outcome.about["base fits per modality"] == 16
    outcome.best_model("log_pool")
    assert fits == {10: 16, 3: 16}


def test_six_base_fits_for_an_official_split(files, fits):
    outcome = benchmark(files, "label", text="text", audio="audio", split="part")
    assert fits == {10: 6, 3: 6}
    assert outcome.about["base fits per modality"] == 6


# What it computes


def inner_splits(folds: list[np.ndarray], outer: int) -> tuple[np.ndarray, list[tuple]]:
    """Training rows of an outer fold, and the other folds as splits of these rows."""
    train = np.sort(np.concatenate([rows for k, rows in enumerate(folds) if k != outer]))
    position = np.searchsorted(train, np.arange(N_ROWS))
    return train, [
        (
            np.setdiff1d(np.arange(len(train)), position[rows]),
            np.sort(position[rows]),
        )
        for k, rows in enumerate(folds)
        if k != outer
    ]


@pytest.mark.parametrize("name", HEADS)
def test_a_head_equals_the_naive_nested_loop(files, result, name):
    folds = folds_of(result)
    probabilities = predicted(result, name)
    for outer, test in enumerate(folds):
        train, splits = inner_splits(folds, outer)
        naive = make_late_fusion(**COLUMNS, cv=splits, fusion=make_heads(3)[name])
        naive.fit(files.iloc[train], files["label"].iloc[train])
        expected = naive.predict_proba(files.iloc[test])
        np.testing.assert_allclose(probabilities[test], expected, atol=1e-9)


def test_early_fusion_equals_the_naive_nested_loop(files, result):
    folds = folds_of(result)
    for outer, test in enumerate(folds):
        train, splits = inner_splits(folds, outer)
        naive = make_early_fusion(**COLUMNS, cv=splits)
        naive.fit(files.iloc[train], files["label"].iloc[train])
        expected = naive.predict_proba(files.iloc[test])
        np.testing.assert_allclose(predicted(result, "early fusion")[test], expected, atol=1e-9)


@pytest.mark.parametrize("name", COLUMNS)
def test_a_modality_alone_equals_its_classifier_fitted_by_hand(files, result, name):
    [(_, estimator, column)] = make_late_fusion(**{name: COLUMNS[name]}).modalities
    probabilities = predicted(result, name)
    for test in folds_of(result):
        train = np.setdiff1d(np.arange(N_ROWS), test)
        train, there = (rows[files[column].notna().to_numpy()[rows]] for rows in (train, test))
        fitted = clone(estimator).fit(files[column].iloc[train], files["label"].iloc[train])
        expected = fitted.predict_proba(files[column].iloc[there])
        np.testing.assert_allclose(probabilities[there], expected, atol=1e-6)


def test_rows_without_a_modality_get_the_prior_of_its_training_rows(files, result):
    for name in COLUMNS:
        [gap] = np.flatnonzero(files[name].isna())
        [test] = [rows for rows in folds_of(result) if gap in rows]
        train = np.setdiff1d(np.arange(N_ROWS), test)
        prior = DummyClassifier().fit(np.zeros((len(train), 1)), files["label"].iloc[train])
        np.testing.assert_allclose(predicted(result, name)[gap], prior.class_prior_)
        np.testing.assert_allclose(predicted(result, "class prior")[gap], prior.class_prior_)


def test_int_cv_is_scikit_learns_stratified_folds(files, result):
    expected = [test for _, test in StratifiedKFold(3).split(files, files["label"])]
    assert all(map(np.array_equal, folds_of(result), expected))


def test_random_state_shuffles_the_folds(files, quick):
    ours = benchmark(files, "label", **QUICK, cv=3, random_state=4)
    splitter = StratifiedKFold(3, shuffle=True, random_state=4)
    expected = [test for _, test in splitter.split(files, files["label"])]
    assert all(map(np.array_equal, folds_of(ours), expected))
    assert not np.array_equal(folds_of(ours)[0], folds_of(quick)[0])


def test_the_frame(result):
    metrics = [f"{name}_{kind}" for name in GREATER_IS_BETTER for kind in ("mean", "std")]
    assert result.frame.columns.tolist() == [
        *("model", "family", "default"),
        *metrics,
        *("fit_seconds", "predict_seconds"),
    ]
    assert {"log_pool", "mean", "weighted_sum", "voting", "product", "stacking"} <= set(HEADS)
    names = ["class prior", *COLUMNS, "best modality", "early fusion", *HEADS]
    assert sorted(result.frame["model"]) == sorted(names)
    assert result.frame.loc[result.frame["default"], "model"].tolist() == ["log_pool"]
    assert result.frame["family"].value_counts().to_dict() == {
        "late": len(HEADS),
        "modality": 3,
        "choice": 1,
        "early": 1,
        "prior": 1,
    }
    seconds = result.frame.set_index("model")["fit_seconds"]
    # A head pays for the fits of all modalities, one that learns for the inner ones as well.
    assert seconds["log_pool"] > seconds["mean"] > seconds["text"] > 0


def test_one_modality_alone(files):
    frame = benchmark(files, "label", text="text", cv=3).frame
    assert set(frame["model"]) >= {"text", "log_pool", "early fusion", "mean"}


# Final models


@pytest.mark.parametrize("name", HEADS)
def test_best_model_is_the_late_fusion_of_the_recipe(files, result, name):
    model = result.best_model(name)
    recipe = make_late_fusion(**COLUMNS, cv=3, fusion=make_heads(3)[name])
    recipe.fit(files, files["label"])
    np.testing.assert_array_equal(model.predict_proba(files), recipe.predict_proba(files))


def test_best_model_with_shuffled_and_grouped_folds_is_the_recipes_too(files):
    options = {"cv": 3, "random_state": 5}
    outcome = benchmark(files, "label", text="text", audio="audio", groups="author", **options)
    recipe = make_late_fusion(text="text", audio="audio", **options)
    recipe.fit(files, files["label"], groups=files["author"])
    model = outcome.best_model("log_pool")
    assert model.fusion == "log_pool"
    np.testing.assert_array_equal(model.predict_proba(files), recipe.predict_proba(files))
    np.testing.assert_array_equal(model.cross_fit_scores_, recipe.cross_fit_scores_)


def test_best_model_of_the_other_families(files, result):
    early = result.best_model("early fusion")
    assert isinstance(early, EarlyFusionClassifier)
    recipe = make_early_fusion(**COLUMNS, cv=3).fit(files, files["label"])
    np.testing.assert_array_equal(early.predict_proba(files), recipe.predict_proba(files))
    text = result.best_model("text")
    assert isinstance(text, LateFusionClassifier)
    assert [name for name, _, _ in text.modalities_] == ["text"]
    [(_, estimator, column)] = make_late_fusion(text="text").modalities
    there = files[files["text"].notna()]
    expected = estimator.fit(there[column], there["label"]).predict_proba(there[column])
    np.testing.assert_allclose(text.predict_proba(there), expected, atol=1e-6)
    prior = result.best_model("class prior").predict_proba(files)
    np.testing.assert_allclose(prior, np.full((N_ROWS, 3), 1 / 3))


def test_the_best_modality_is_chosen_on_the_training_rows(files, result):
    """In each fold the outcome is that of one modality; the final model is one modality's."""
    by_name = {outcome.name: outcome for outcome in result.outcomes}
    for k, fold in enumerate(by_name["best modality"].folds):
        matches = [np.array_equal(fold.outputs, by_name[name].folds[k].outputs) for name in COLUMNS]
        assert sum(matches) == 1
    model = result.best_model("best modality")
    scores = make_late_fusion(**COLUMNS, cv=3).fit(files, files["label"]).cross_fit_scores_
    right = (
        np.nan_to_num(scores, nan=1 / 3).argmax(axis=2)
        == np.searchsorted(model.classes_, files["label"].to_numpy())[:, None]
    )
    assert [name for name, _, _ in model.modalities_] == [
        list(COLUMNS)[right.mean(axis=0).argmax()]
    ]


def test_best_model_without_a_name_is_the_first_of_the_frame(files, result):
    best = result.best_model().predict_proba(files)
    named = result.best_model(result.frame["model"].iloc[0]).predict_proba(files)
    np.testing.assert_array_equal(best, named)


# Folds


def test_groups_never_straddle_folds(files):
    outcome = benchmark(files, "label", text="text", groups="author", cv=3)
    for test in folds_of(outcome):
        rest = np.setdiff1d(np.arange(N_ROWS), test)
        assert not set(files["author"].iloc[test]) & set(files["author"].iloc[rest])
    as_values = benchmark(files, "label", text="text", groups=files["author"], cv=3)
    assert as_values.predictions.equals(outcome.predictions)
    assert "grouped" in outcome.about["splitter"]


def test_an_official_split(files):
    outcome = benchmark(files, "label", **QUICK, split="part", cv=3)
    assert [rows.tolist() for rows in folds_of(outcome)] == [list(range(42, 60))]
    assert outcome.about["splitter"] == "one official split: 42 training rows, 18 test rows"
    train = files.iloc[:42]
    recipe = make_late_fusion(**QUICK, cv=3).fit(train, train["label"])
    expected = recipe.predict_proba(files.iloc[42:])
    np.testing.assert_allclose(predicted(outcome, "log_pool"), expected, atol=1e-9)
    # The final model is the one that was judged.
    final = outcome.best_model("log_pool").predict_proba(files.iloc[42:])
    np.testing.assert_allclose(final, expected, atol=1e-9)


def test_a_split_spelled_otherwise(files):
    spelled = files["part"].str.upper() + " "
    outcome = benchmark(files, "label", text="text", split=spelled, cv=3)
    assert [rows.tolist() for rows in folds_of(outcome)] == [list(range(42, 60))]


def test_a_splitter_that_is_a_partition(files):
    outcome = benchmark(files, "label", **QUICK, cv=KFold(3, shuffle=True, random_state=0))
    expected = [test for _, test in KFold(3, shuffle=True, random_state=0).split(files)]
    assert all(map(np.array_equal, folds_of(outcome), expected))


def test_folds_that_are_given(files, quick):
    given = list(StratifiedKFold(3).split(files, files["label"]))
    ours = benchmark(files, "label", **QUICK, cv=given)
    assert ours.predictions.equals(quick.predictions)


def test_too_many_folds_are_reduced_with_a_note(files):
    few = files.drop(index=np.flatnonzero(files["label"] == "snowy")[3:])
    with pytest.warns(DataQualityWarning, match="cv=5 was reduced to 3 folds") as caught:
        outcome = benchmark(few, "label", **QUICK)
    assert len(caught) == 1
    assert len(folds_of(outcome)) == 3
    [note] = outcome.notes
    assert "the smallest class has 3 rows" in note


# Tables and labels


def test_polars_and_pandas_give_the_same(files):
    polars = pytest.importorskip("polars")
    columns = {"image": "image", "categorical": ["colour"]}
    outcome = benchmark(files, "label", **columns, groups="author", cv=3)
    table = polars.DataFrame(files.to_dict(orient="list"))
    ours = benchmark(table, "label", **columns, groups="author", cv=3)
    assert ours.predictions.equals(outcome.predictions)
    np.testing.assert_array_equal(
        ours.best_model("log_pool").predict_proba(table),
        outcome.best_model("log_pool").predict_proba(files),
    )


def test_n_jobs_changes_nothing(files, result):
    with parallel_config("threading"):  # starting processes would take longer than the fits
        ours = benchmark(files, "label", **COLUMNS, cv=3, n_jobs=2)
    pd.testing.assert_frame_equal(ours.predictions, result.predictions)


def test_the_target_as_values(files, quick):
    given = benchmark(files.drop(columns="label"), files["label"].to_numpy(), **QUICK, cv=3)
    assert given.predictions.equals(quick.predictions)
    assert (quick.about["target"], given.about["target"]) == ("label", "labels")


@pytest.mark.parametrize("kind", [int, str, bool])
def test_labels_of_every_type(files, kind):
    codes = np.arange(N_ROWS) % 3
    labels = {
        int: codes + 7,
        str: files["label"].to_numpy(dtype=str),
        bool: codes == 1,
    }[kind]
    outcome = benchmark(files, labels, text="text", cv=3)
    assert outcome.classes.tolist() == sorted(set(labels.tolist()))
    frame = outcome.predictions.query("model == 'log_pool'").sort_values("row")
    assert frame["label"].tolist() == labels.tolist()
    assert set(frame["prediction"]) <= set(labels.tolist())
    assert set(outcome.best_model("log_pool").predict(files)) <= set(labels.tolist())


def test_an_index_of_the_table_means_nothing(files, quick):
    shuffled = files.set_index(np.random.default_rng(0).permutation(N_ROWS))
    assert benchmark(shuffled, "label", **QUICK, cv=3).predictions.equals(quick.predictions)


# Bad cells


@pytest.fixture
def damaged(files, tmp_path) -> pd.DataFrame:
    """One picture of 59 and one recording of 59 cannot be read."""
    table = files.copy()
    (tmp_path / "broken.png").write_bytes(b"no picture")
    (tmp_path / "broken.wav").write_bytes(b"")
    table.loc[17, "image"] = str(tmp_path / "broken.png")
    table.loc[31, "audio"] = str(tmp_path / "broken.wav")
    return table


def test_unreadable_cells_end_the_benchmark(damaged):
    with pytest.raises(UnreadableCellsError) as caught:
        benchmark(damaged, "label", **COLUMNS, cv=3)
    found = [(error.row, error.column, error.source) for error in caught.value.errors]
    assert [(row, column) for row, column, _ in found] == [(17, "image"), (31, "audio")]
    assert all("broken." in source for _, _, source in found)


def test_unreadable_cells_as_missing(damaged):
    with pytest.warns(DataQualityWarning, match="2 of 177 cells cannot be read") as caught:
        outcome = benchmark(damaged, "label", **COLUMNS, cv=3, on_unreadable="missing")
    assert len(caught) == 1
    assert outcome.notes == [str(caught[0].message)]
    assert outcome.about["missing"] == {"text": 1, "image": 1, "audio": 1}
    assert outcome.about["unreadable"] == {"text": 0, "image": 1, "audio": 1}
    gaps = damaged.copy()
    gaps.loc[17, "image"] = gaps.loc[31, "audio"] = None
    assert benchmark(gaps, "label", **COLUMNS, cv=3).predictions.equals(outcome.predictions)
    with warnings.catch_warnings():  # the cells were read: a final model says nothing again
        warnings.simplefilter("error")
        model = outcome.best_model("log_pool")
    assert [error.row for error in model.unreadable_cells_] == [17, 31]


def test_too_many_unreadable_cells(damaged):
    options = {"cv": 3, "on_unreadable": "missing", "max_error_rate": 0.01}
    with pytest.raises(UnreadableCellsError, match=r"max_error_rate=0.01 of modality 'image'"):
        benchmark(damaged, "label", **COLUMNS, **options)


# Bad input


def official(*words: str) -> list[str]:
    return [words[row % len(words)] for row in range(N_ROWS)]


def missing_labels() -> list:
    return [None, *["a", "b"] * 29, "a"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"metric": "acuracy"}, "metric='acuracy' is unknown: use one of accuracy, "),
        ({"target": "lable"}, "target: the table has no column 'lable'; it has: text, image"),
        ({"groups": "speaker"}, "groups: the table has no column 'speaker'"),
        ({"split": "fold"}, "split: the table has no column 'fold'"),
        ({"text": "txet"}, "txet"),
        ({"target": ["a", "b"]}, "target has 2 values, the table has 60 rows"),
        ({"groups": ["a", "b"]}, "groups has 2 values, the table has 60 rows"),
        ({"target": ["a"] * N_ROWS}, "one class only"),
        ({"target": missing_labels()}, r"missing \(NaN, None or blank\) in 1 rows, the first: .0."),
        ({"target": "text"}, "Column 'text' is the target: it cannot be a feature as well"),
        ({"groups": "colour"}, "Column 'colour' is the groups"),
        ({"split": "colour"}, "Column 'colour' is the split"),
        ({"cv": 1}, "cv must be at least 2 folds, got 1"),
        ({"cv": 2}, "A benchmark needs at least 3 folds, got 2"),
        ({"cv": KFold(3), "split": "part"}, "With split=, cv is the number of folds"),
        ({"cv": ShuffleSplit(3, random_state=0)}, "more than once"),
        ({"cv": ShuffleSplit(1, random_state=0)}, "cv must be a partition"),
        ({"split": official("train")}, 'split must say "train" or "test"'),
        ({"split": official("train", "dev", "test")}, "'dev'"),
        ({"split": official("train", "train", "test")}, "lack the classes .*snowy"),
        ({"groups": ["one"] * N_ROWS}, "a single group"),
        ({"text": None, "categorical": None}, "Name at least one column"),
    ],
)
def test_bad_arguments(files, options, message):
    with pytest.raises(ValueError, match=message):
        benchmark(files, **{"target": "label", **QUICK, **options})


def test_a_modality_that_no_row_has(files):
    with pytest.raises(ValueError, match="'text' has no cell that could be read: leave it out"):
        benchmark(files.assign(text=None), "label", **QUICK)


# The embedded table


def test_the_demo_table():
    outcome = benchmark(load_demo(n_samples=90), "label", text="text", audio="audio", cv=3)
    accuracy = outcome.frame.set_index("model")["accuracy_mean"]
    assert accuracy["log_pool"] > max(accuracy["text"], accuracy["audio"])
    assert accuracy["text"] > accuracy["class prior"]
