"""compile_model against the model itself, for every head, policy and kind of table."""

from __future__ import annotations

import pickle
from dataclasses import FrozenInstanceError

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.decomposition import PCA
from sklearn.linear_model import (
    Lasso,
    LogisticRegression,
    Ridge,
)
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    RobustScaler,
    StandardScaler,
)
from sklearn.tree import DecisionTreeClassifier

from mmclassic import (
    BlockScaler,
    EarlyFusionClassifier,
    GatedPool,
    LateFusionClassifier,
    LateFusionRegressor,
    LogPool,
    Stacking,
    Voting,
    WeightedSum,
    compile_model,
    simplex_grid,
)
from tests.fusion.compile_examples import (
    NAMES,
    SLICES,
    assert_equal,
    late,
    logistic,
    make_rows,
    with_gaps,
)

HEADS = {
    "log_pool": LogPool(),
    "no_intercepts": LogPool(intercepts=False),
    "mean": WeightedSum(),
    "weights": WeightedSum([3, 1, 0]),
    "learned": WeightedSum("learned"),
    "grid": GridSearchCV(WeightedSum(), {"weights": simplex_grid(3, step=0.5)}, cv=2),
    "soft": Voting(rule="soft"),
    "median": Voting(rule="median"),
    "stacking": Stacking(),
    "stacked_tree": Stacking(DecisionTreeClassifier(max_depth=3)),
    "gated": GatedPool(),
}


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("head", HEADS)
def test_every_head_gives_what_the_model_gives(head, n_classes):
    X, y = make_rows(n_classes=n_classes)
    assert_equal(late(fusion=HEADS[head]).fit(with_gaps(X), y), X, with_gaps(X, seed=2))


@pytest.mark.parametrize("missing", ["skip", "drop", "fill"])
@pytest.mark.parametrize("calibration", [None, "temperature"])
def test_policies_for_missing_modalities_and_calibration(missing, calibration):
    X, y = make_rows()
    model = late(missing=missing, calibration=calibration).fit(with_gaps(X), y)
    assert_equal(model, X, with_gaps(X, seed=2))


def test_columns_may_overlap_be_left_out_and_be_given_in_any_order():
    X, y = make_rows()
    modalities = [
        ("a", logistic(), [7, 2, 3]),
        ("b", make_pipeline(RobustScaler(), LogisticRegression()), np.arange(15) % 4 == 3),
        ("c", logistic(), slice(-3, None)),
    ]
    model = LateFusionClassifier(modalities, cv=3).fit(X, y)
    gaps = X.copy()
    gaps[:, 0] = np.nan  # no modality reads it
    gaps[::2, [7, 2, 3]] = np.nan
    gaps[1::4, 12:] = np.nan
    gaps[::2, 11] = np.nan
    gaps[::2, 15 - 12 :: 4] = np.nan
    assert_equal(model, X, gaps)


@pytest.mark.parametrize(
    "as_frame",
    [lambda X, names: pd.DataFrame(X, columns=names), pl.DataFrame],
    ids=["pandas", "polars"],
)
def test_frames_are_read_by_name(as_frame):
    X, y = make_rows()
    columns = {"text": NAMES[:5], "image": NAMES[5:11], "audio": NAMES[:10:-1]}
    modalities = [(name, logistic(), part) for name, part in columns.items()]
    model = LateFusionClassifier(modalities, cv=3).fit(as_frame(with_gaps(X), NAMES), y)
    table = as_frame(with_gaps(X, seed=2), NAMES)
    assert_equal(model, as_frame(X, NAMES), table, table[[*NAMES[::-1]]])
    compiled = compile_model(model)
    assert compiled.feature_names_in_.tolist() == NAMES
    expected = model.predict_proba(table)
    np.testing.assert_allclose(compiled.predict_proba(table.to_numpy()), expected, atol=1e-9)


def test_frames_of_objects_and_whole_numbers():
    X, y = make_rows()
    frame = pd.DataFrame(X.round(), columns=NAMES)
    frame[NAMES[:5]] = frame[NAMES[:5]].astype("Int64")
    frame[NAMES[5]] = frame[NAMES[5]].astype(int)
    columns = {"text": NAMES[:5], "image": slice("image0", "image5"), "audio": [11, 12, 13, 14]}
    modalities = [(name, logistic(), part) for name, part in columns.items()]
    model = LateFusionClassifier(modalities, cv=3).fit(frame, y)
    gaps = frame.copy()
    gaps.iloc[::3, :5] = pd.NA
    assert_equal(model, frame, gaps)
    objects = gaps.astype(object).where(gaps.notna(), None)
    np.testing.assert_allclose(
        compile_model(model).predict_proba(objects), model.predict_proba(gaps), atol=1e-9
    )


def test_wide_modalities_are_multiplied_one_by_one():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(60, 6000)), np.arange(60) % 3
    modalities = [("a", logistic(), slice(0, 2500)), ("b", logistic(), slice(2500, 6000))]
    model = LateFusionClassifier(modalities, cv=2).fit(X, y)
    assert compile_model(model).table.side_by_side
    gaps = X.copy()
    gaps[::2, :2500] = np.nan
    assert_equal(model, X, gaps)


def test_large_means_cost_no_digits():
    X, y = make_rows()
    assert_equal(late().fit(X + 1e7, y), X + 1e7)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_early_fusion(n_classes):
    X, y = make_rows(n_classes=n_classes)
    steps = (BlockScaler(), make_pipeline(StandardScaler(), PCA(3)), make_pipeline(BlockScaler()))
    triples = zip(SLICES.items(), steps, strict=True)
    modalities = [(name, step, part) for (name, part), step in triples]
    model = EarlyFusionClassifier(modalities, cv=3).fit(with_gaps(X), y)
    partly = with_gaps(X, seed=2)
    partly[3, [0, 12]] = np.nan
    assert_equal(model, X, partly)


@pytest.mark.parametrize("fusion", ["mean", "median", "stacking"])
@pytest.mark.parametrize("missing", ["skip", "fill"])
def test_regression(fusion, missing):
    X, _ = make_rows()
    y = X @ np.random.default_rng(3).normal(size=15)
    members = (make_pipeline(StandardScaler(), Ridge()), Lasso(), Ridge())
    triples = zip(SLICES.items(), members, strict=True)
    modalities = [(name, member, part) for (name, part), member in triples]
    model = LateFusionRegressor(modalities, fusion=fusion, missing=missing, cv=3)
    model.fit(with_gaps(X), y)
    compiled = compile_model(model)
    for table in (X, with_gaps(X, seed=2), X[:1], X[:0]):
        np.testing.assert_allclose(compiled.predict(table), model.predict(table), rtol=1e-9)


def test_more_modalities_than_patterns_can_be_listed_for():
    X, y = make_rows()
    modalities = [(f"m{i}", logistic(), [i, i + 1]) for i in range(0, 14, 2)]
    rng = np.random.default_rng(0)
    gaps = X.copy()
    for i in range(0, 14, 2):
        gaps[rng.random(len(X)) < 0.3, i : i + 2] = np.nan
    assert_equal(LateFusionClassifier(modalities, cv=3).fit(X, y), X, gaps)


def test_no_rows_give_no_rows():
    X, y = make_rows()
    assert compile_model(late().fit(X, y)).predict_proba(X[:0]).shape == (0, 3)


def test_it_is_immutable_can_be_pickled_and_knows_nothing_of_later_fits():
    X, y = make_rows()
    model = late().fit(X, y)
    compiled, expected = compile_model(model), model.predict_proba(X)
    model.fit(X, (y + 1) % 3)
    model.fusion_.weights_ *= 0
    copy = pickle.loads(pickle.dumps(compiled))
    for one in (compiled, copy):
        np.testing.assert_allclose(one.predict_proba(X), expected, atol=1e-9)
    with pytest.raises(FrozenInstanceError):
        compiled.classes_ = np.arange(3)
    one.predict_proba(X)[:] = 7
    np.testing.assert_allclose(one.predict_proba(X), expected, atol=1e-9)
    assert not hasattr(compiled, "feature_names_in_")
    assert compiled.n_features_in_ == 15


def test_other_models_and_tables_are_refused():
    X, y = make_rows()
    with pytest.raises(TypeError, match=r"takes a fitted LateFusionClassifier.*got Logistic"):
        compile_model(LogisticRegression())
    chosen = LateFusionClassifier([("a", logistic(), lambda _: [0, 1])], cv=3).fit(X, y)
    with pytest.raises(ValueError, match="'a' chooses its columns by a function"):
        compile_model(chosen)
    labels = late(fusion="mean").fit(X, np.stack([y == 0, y == 1], axis=1).astype(int))
    with pytest.raises(ValueError, match="several labels"):
        compile_model(labels)


BAD_TABLES = {
    "one_row_flat": (lambda X: X[0], "2-d array"),
    "columns": (lambda X: X[:, :4], "4 columns, the model was fitted on 15"),
    "infinite": (lambda X: np.where(np.arange(15) == 6, np.inf, X), "Row 0, column 6 is infinite"),
    "infinite_and_gaps": (
        lambda X: np.where(np.arange(15) == 6, np.inf, with_gaps(X)), "column 6 is infinite",
    ),
    "partly": (
        lambda X: np.where(np.arange(15) == 6, np.nan, X),
        "Row 0, column 6 of modality 'image' is NaN",
    ),
    "words": (lambda X: np.full(X.shape, "cat"), "could not convert string to float"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_TABLES)
def test_tables_that_the_model_refuses_are_refused(name):
    X, y = make_rows()
    model = late().fit(X, y)
    make, match = BAD_TABLES[name]
    with pytest.raises(ValueError, match=match):
        compile_model(model).predict_proba(make(X))
    with pytest.raises(ValueError):
        model.predict_proba(make(X))


def test_a_frame_without_a_column_is_refused():
    X, y = make_rows()
    frame = pd.DataFrame(X, columns=NAMES)
    model = LateFusionClassifier([("text", logistic(), NAMES[:5])], cv=3).fit(frame, y)
    with pytest.raises(ValueError, match="no column 'text3'"):
        compile_model(model).predict_proba(frame.drop(columns="text3"))
