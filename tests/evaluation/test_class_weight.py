"""Rare classes, and what a model takes up on disk."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import compute_sample_weight

from mmclassic import (
    LateFusionClassifier,
    LogPool,
    benchmark,
    make_early_fusion,
    make_late_fusion,
    save,
)
from tests.evaluation.small_tables import COLUMNS, folds_of, make_table, outcome_of


def make_rare() -> pd.DataFrame:
    """A hundred and five rows, one in seven of the class that is looked for."""
    table = make_table(180, labels=("common", "rare"))
    rare = np.flatnonzero(table["label"] == "rare")[15:]
    return table.drop(index=rare).reset_index(drop=True)


TABLE = make_rare()


@pytest.fixture(scope="module")
def plain():
    return benchmark(TABLE, "label", **COLUMNS, cv=3)


@pytest.fixture(scope="module")
def balanced():
    return benchmark(TABLE, "label", **COLUMNS, cv=3, class_weight="balanced")


@pytest.mark.parametrize("name", ["text", "categorical", "log_pool", "early fusion", "stacking"])
def test_more_of_the_rare_class_is_found(plain, balanced, name):
    found = [result.confusion(name).loc["rare", "rare"] for result in (plain, balanced)]
    assert found[1] > found[0]
    assert "class weight" in balanced.about
    assert "class weight" not in plain.about


def test_a_modality_alone_is_the_recipe_with_class_weight(balanced):
    [(_, estimator, _)] = make_late_fusion(text="colour", class_weight="balanced").modalities
    for fold in outcome_of(balanced, "text").folds:
        train = TABLE.drop(index=fold.rows)
        fitted = estimator.fit(train["colour"], train["label"])
        expected = fitted.predict_proba(TABLE["colour"].iloc[fold.rows])
        np.testing.assert_allclose(fold.outputs, expected, atol=1e-6)


def test_early_fusion_is_the_recipe_with_class_weight(balanced):
    folds = folds_of(balanced)
    for outer, test in enumerate(folds):
        train = np.setdiff1d(np.arange(len(TABLE)), test)
        inner = [np.searchsorted(train, rows) for k, rows in enumerate(folds) if k != outer]
        splits = [(np.setdiff1d(np.arange(len(train)), rows), rows) for rows in inner]
        model = make_early_fusion(**COLUMNS, cv=splits, class_weight="balanced")
        model.fit(TABLE.iloc[train], TABLE["label"].iloc[train])
        np.testing.assert_allclose(
            outcome_of(balanced, "early fusion").folds[outer].outputs,
            model.predict_proba(TABLE.iloc[test]),
            atol=1e-9,
        )


def test_the_head_is_fitted_with_balanced_weights(balanced):
    """On the rows' cross-fitted table, which the final model keeps."""
    model = balanced.best_model("log_pool")
    assert isinstance(model, LateFusionClassifier)
    codes = (TABLE["label"] == "rare").to_numpy().astype(int)
    head = LogPool().fit(
        model.cross_fit_scores_, codes, sample_weight=compute_sample_weight("balanced", codes)
    )
    scores = model.score_table(TABLE)
    np.testing.assert_allclose(model.fuse(scores), head.predict_proba(scores), atol=1e-9)
    assert (
        np.abs(
            model.fuse(scores) - LogPool().fit(model.cross_fit_scores_, codes).predict_proba(scores)
        ).max()
        > 0.05
    )


# Costs


def test_sizes_are_those_of_the_saved_files(tmp_path):
    own = {
        "constant": DummyClassifier(),
        "secret": make_pipeline(FunctionTransformer(lambda X: X), DummyClassifier()),
    }
    result = benchmark(TABLE, "label", **COLUMNS, cv=3, costs=True, models=own)
    sizes = result.frame.set_index("model")["model_bytes"]
    for name in ("text", "log_pool", "constant"):
        save(result.best_model(name), tmp_path / "model")
        # The card holds the time of saving, and names of objects differ.
        assert sizes[name] == pytest.approx((tmp_path / "model").stat().st_size, rel=0.02)
    assert np.isnan(sizes["secret"])  # a lambda cannot be saved
    assert sizes["log_pool"] > sizes["text"] > sizes["class prior"] > 100
    assert "size (MB)" in result.to_markdown()
    assert result.about["peak memory of the process (MB)"] > 50
    page = result.to_html(tmp_path / "report.html").read_text("utf-8")
    assert "size (MB)" in page


def test_without_costs_there_is_no_column(plain):
    assert "model_bytes" not in plain.frame
    assert "size (MB)" not in plain.to_markdown()
