"""Whether the trees in a loaded model point only at nodes and features that exist.

scikit-learn follows the indices in fitted trees without checking them, so a crafted file
of trusted types could read or write outside of an array when the model predicts.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np


def check_trees(value: Any) -> Any:
    """``value``, unless it is a tree, or an ensemble, with indices out of range.

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
    check = _CHECKS.get(name)
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
        _between(left[inner], own[inner] + 1, tree.node_count)
        and _between(right[inner], own[inner] + 1, tree.node_count)
        and _between(feature[inner], 0, tree.n_features)
    )


def _is_sound_tree_model(model: Any) -> bool:
    return not hasattr(model, "tree_") or model.tree_.n_features == model.n_features_in_


def _is_sound_forest(model: Any) -> bool:
    if not hasattr(model, "estimators_"):
        return True
    trees = [tree.tree_ for tree in np.ravel(np.array(model.estimators_, dtype=object))]
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
        _between(nodes["left"][inner], own + 1, len(nodes))
        and _between(nodes["right"][inner], own + 1, len(nodes))
        and _between(nodes["feature_idx"][inner], 0, np.inf)
        and _between(categorical["bitset_idx"], 0, n_bitsets)
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
    used = [predictor.nodes["feature_idx"] for row in model._predictors for predictor in row]
    return all(_between(features, 0, n_features) for features in used)


def _is_sound_neighbour_tree(tree: Any) -> bool:
    data, order, nodes, bounds, _, _, n_nodes, *_ = tree.__getstate__()
    if data.ndim != 2 or order.shape != (len(data),) or nodes.shape != (n_nodes,) or not n_nodes:
        return False
    inner = np.flatnonzero(nodes["is_leaf"] == 0)
    return bool(
        bounds.shape[1:] == (n_nodes, data.shape[1])
        and _between(order, 0, len(data))
        and _between(nodes["idx_start"], 0, len(data) + 1)
        and _between(nodes["idx_end"], 0, len(data) + 1)
        and _between(2 * inner + 2, 0, n_nodes)
    )


def _between(values: np.ndarray, low: Any, above: Any) -> bool:
    return bool(np.all(values >= low) and np.all(values < above))


_CHECKS = {
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
