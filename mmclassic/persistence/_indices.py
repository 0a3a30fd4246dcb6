"""Whether indices in a loaded model point only at what exists.

scikit-learn follows the indices in fitted trees without checking them, so a crafted file
of trusted types could read or write outside of an array when the model predicts.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from scipy import sparse

from mmclassic.persistence._compiled_models import COMPILED_CHECKS, is_between, is_sound_sparse


def check_indices(value: Any) -> Any:
    """``value``, unless it is a tree, an ensemble or the like with indices out of range.

    Parameters
    ----------
    value : object
        Any part of a loaded model.

    Returns
    -------
    value : object

    Raises
    ------
    ValueError
        If the indices are out of range.
    """
    name = f"{type(value).__module__}.{type(value).__name__}"
    check = is_sound_sparse if sparse.issparse(value) else _CHECKS.get(name)
    if check is not None:
        try:
            sound = check(value)
        except (AttributeError, IndexError, KeyError, TypeError, ValueError):
            sound = False
        if not sound:
            raise ValueError(f"a {name} has indices out of range")
    return value


def _is_sound_tree(tree: Any) -> bool:
    if not 0 < tree.node_count <= tree.capacity:
        return False
    left, right, feature = tree.children_left, tree.children_right, tree.feature
    inner = left != -1
    own = np.arange(tree.node_count)
    return bool(
        is_between(left[inner], own[inner] + 1, tree.node_count)
        and is_between(right[inner], own[inner] + 1, tree.node_count)
        and is_between(feature[inner], 0, tree.n_features)
    )


def _is_sound_tree_model(model: Any) -> bool:
    # Compiled code takes tree_ for a tree without asking.
    module = sys.modules["sklearn.tree._tree"]
    return not hasattr(model, "tree_") or (
        type(model.tree_) is module.Tree and model.tree_.n_features == model.n_features_in_
    )


def _is_sound_forest(model: Any) -> bool:
    if not hasattr(model, "estimators_"):
        return True
    models = np.ravel(np.array(model.estimators_, dtype=object))
    if not all(_is_sound_tree_model(one) for one in models):
        return False
    trees = [one.tree_ for one in models]
    if hasattr(model, "n_trees_per_iteration_"):  # gradient boosting adds in place, per class
        shape = np.shape(np.array(model.estimators_, dtype=object))
        if shape[1] != model.n_trees_per_iteration_ or any(t.n_outputs != 1 for t in trees):
            return False
    return all(tree.n_features == model.n_features_in_ for tree in trees)


def _is_sound_predictor(predictor: Any) -> bool:
    module = sys.modules["sklearn.ensemble._hist_gradient_boosting.common"]
    nodes = predictor.nodes
    if nodes.dtype != module.PREDICTOR_RECORD_DTYPE or nodes.ndim != 1 or not len(nodes):
        return False
    inner = nodes["is_leaf"] == 0
    own = np.arange(len(nodes))[inner]
    categorical = nodes[inner & (nodes["is_categorical"] != 0)]
    n_bitsets = min(len(predictor.raw_left_cat_bitsets), len(predictor.binned_left_cat_bitsets))
    return bool(
        is_between(nodes["left"][inner], own + 1, len(nodes))
        and is_between(nodes["right"][inner], own + 1, len(nodes))
        and is_between(nodes["feature_idx"][inner], 0, np.inf)
        and is_between(categorical["bitset_idx"], 0, n_bitsets)
        and all(
            bitsets.shape[1:] == (8,)
            for bitsets in (predictor.raw_left_cat_bitsets, predictor.binned_left_cat_bitsets)
        )
    )


def _is_sound_boosting(model: Any) -> bool:
    if not hasattr(model, "_predictors"):
        return True
    n_features = model.n_features_in_
    bins = model._bin_mapper
    if len(bins.is_categorical_) != n_features or len(bins.bin_thresholds_) != n_features:
        return False
    for nodes in (predictor.nodes for row in model._predictors for predictor in row):
        if not is_between(nodes["feature_idx"], 0, n_features):
            return False
        categorical = nodes["feature_idx"][nodes["is_categorical"] != 0]
        if not np.all(np.asarray(bins.is_categorical_)[categorical]):
            return False
    return True


def _is_sound_neighbour_tree(tree: Any) -> bool:
    data, order, nodes, bounds, _, _, n_nodes, *_, metric, _ = tree.__getstate__()
    if data.ndim != 2 or order.shape != (len(data),) or nodes.shape != (n_nodes,) or not n_nodes:
        return False
    inner = np.flatnonzero(nodes["is_leaf"] == 0)
    n_bounds = 2 if type(tree).__name__ == "KDTree" else 1
    weights = metric.__getstate__()[1] if type(metric).__name__ == "MinkowskiDistance64" else ()
    return bool(
        len(weights) in (0, data.shape[1])
        and bounds.shape == (n_bounds, n_nodes, data.shape[1])
        and is_between(order, 0, len(data))
        and is_between(nodes["idx_start"], 0, len(data) + 1)
        and is_between(nodes["idx_end"], 0, len(data) + 1)
        and is_between(2 * inner + 2, 0, n_nodes)
    )


_CHECKS = {
    **COMPILED_CHECKS,
    "sklearn.tree._tree.Tree": _is_sound_tree,
    "sklearn.neighbors._kd_tree.KDTree": _is_sound_neighbour_tree,
    "sklearn.neighbors._ball_tree.BallTree": _is_sound_neighbour_tree,
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor": _is_sound_predictor,
    **{
        f"sklearn.ensemble._hist_gradient_boosting.gradient_boosting.HistGradientBoosting{kind}": (
            _is_sound_boosting
        )
        for kind in ("Classifier", "Regressor")
    },
    **{
        f"sklearn.tree._classes.{name}": _is_sound_tree_model
        for name in (
            "DecisionTreeClassifier",
            "DecisionTreeRegressor",
            "ExtraTreeClassifier",
            "ExtraTreeRegressor",
        )
    },
    **{
        f"sklearn.ensemble.{name}": _is_sound_forest
        for name in (
            "_forest.RandomForestClassifier",
            "_forest.RandomForestRegressor",
            "_forest.ExtraTreesClassifier",
            "_forest.ExtraTreesRegressor",
            "_forest.RandomTreesEmbedding",
            "_gb.GradientBoostingClassifier",
            "_gb.GradientBoostingRegressor",
        )
    },
}
