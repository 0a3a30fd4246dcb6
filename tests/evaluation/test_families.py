"""Joint models in a benchmark: on the same folds, from the same reading, fitted as alone."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import clone

from mmclassic import JointClassifier, benchmark, make_early_fusion, make_joint_fusion, save
from mmclassic.evaluation._joint_models import make_joint_models
from tests.evaluation.small_tables import COLUMNS, folds_of, make_table, outcome_of

TABLE = make_table()
FAMILIES = ("late", "early", "joint")
NAMES = ["joint network", "joint code", "feature pooling"]


@pytest.fixture(scope="module")
def result():
    return benchmark(TABLE, "label", **COLUMNS, cv=3, families=FAMILIES, groups="owner")


def test_joint_models_stand_beside_the_others(result):
    frame = result.frame.set_index("model")
    assert frame.loc[NAMES, "family"].tolist() == ["joint"] * 3
    plain = benchmark(TABLE, "label", **COLUMNS, cv=3, groups="owner")
    assert set(frame.index) - set(plain.frame["model"]) == set(NAMES)
    for name in plain.frame["model"]:
        for own, other in zip(
            outcome_of(result, name).folds, outcome_of(plain, name).folds, strict=True
        ):
            np.testing.assert_array_equal(own.outputs, other.outputs)


@pytest.mark.parametrize("name", NAMES)
def test_they_are_fitted_on_the_training_rows_of_each_fold(result, name):
    early = make_early_fusion(**COLUMNS)
    model = make_joint_models(FAMILIES, early.modalities)[name]
    test = folds_of(result)[1]
    train = TABLE.drop(index=test)
    given = {"groups": train["owner"]} if isinstance(model, JointClassifier) else {}
    expected = clone(model).fit(train, train["label"], **given).predict_proba(TABLE.iloc[test])
    found = outcome_of(result, name).folds[1].outputs
    np.testing.assert_allclose(found, expected, atol=1e-9)


@pytest.mark.parametrize("name", NAMES)
def test_they_can_be_fitted_for_use_and_saved(result, name, tmp_path):
    model = result.best_model(name)
    assert model.predict_proba(TABLE[:4]).shape == (4, 3)
    save(model, tmp_path / "model.mmc")


def test_the_report_names_the_family(result, tmp_path):
    page = result.to_html(tmp_path / "report.html").read_text("utf-8")
    assert "joint models" in page
    assert 'class="family joint"' in page


def test_the_recipe_is_the_network(result):
    model = make_joint_fusion(**COLUMNS)
    assert isinstance(model, JointClassifier)
    assert [name for name, _, _ in model.modalities] == [
        name for name, _, _ in make_early_fusion(**COLUMNS).modalities
    ]


@pytest.mark.parametrize("families", ["joint", ("late",), ("late", "early", "deep"), ()])
def test_bad_families(families):
    with pytest.raises(ValueError, match='families takes "late" and "early"'):
        benchmark(TABLE, "label", **COLUMNS, cv=3, families=families)


def test_their_names_are_taken():
    own = {"joint code": make_joint_fusion(**COLUMNS)}
    with pytest.raises(ValueError, match="'joint code' is no name, or that of another model"):
        benchmark(TABLE, "label", **COLUMNS, cv=3, families=FAMILIES, models=own)
