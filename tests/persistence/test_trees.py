"""Trees that point outside of their arrays are refused."""

from __future__ import annotations

import numpy as np
import pytest

from mmclassic.persistence import load, save
from tests.persistence.objects import fitted


def spoil_forest(model):
    state = model.estimators_[0].tree_.__getstate__()
    state["nodes"]["feature"][0] = 10**6
    model.estimators_[0].tree_.__setstate__(state)


def spoil_children(model):
    state = model.estimators_[0].tree_.__getstate__()
    state["nodes"]["left_child"][0] = 0  # a circle
    model.estimators_[0].tree_.__setstate__(state)


def spoil_ensemble(model):
    model.n_features_in_ = 2


def spoil_boosted_feature(model):
    model._predictors[0][0].nodes["feature_idx"][0] = 99


def spoil_boosted_child(model):
    model._predictors[0][0].nodes["right"][0] = 10**6


def spoil_width(model):
    model.estimators_ = np.hstack([model.estimators_] * 4)


def spoil_neighbours(model):
    state = list(model._tree.__getstate__())
    state[1] = state[1] + 10**6
    model._tree.__setstate__(tuple(state))


@pytest.mark.filterwarnings("ignore:The file holds rows")
@pytest.mark.parametrize(
    ("name", "spoil"),
    [
        ("forest", spoil_forest),
        ("forest", spoil_children),
        ("forest", spoil_ensemble),
        ("gradient boosting", spoil_ensemble),
        ("gradient boosting", spoil_width),
        ("boosted trees", spoil_boosted_feature),
        ("boosted trees", spoil_boosted_child),
        ("boosted trees", spoil_ensemble),
        ("neighbours", spoil_neighbours),
        ("ball tree", spoil_neighbours),
    ],
)
def test_trees_that_point_outside_are_refused(name, spoil, table, tmp_path):
    model, _ = fitted(name, table)
    spoil(model)
    save(model, tmp_path / "model.mmc")
    with pytest.raises(ValueError, match=r"forged: a sklearn.* has indices out of range"):
        load(tmp_path / "model.mmc")
