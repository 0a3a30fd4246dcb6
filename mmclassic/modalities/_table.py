"""The table and the list of modalities, checked."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

import numpy as np
from sklearn.utils.validation import _check_feature_names, _check_n_features, validate_data


def check_modalities(modalities: Any) -> list[tuple]:
    """The modalities that are not dropped, after checks.

    Raises
    ------
    ValueError
        If an item is no (name, estimator, columns), a name is taken or has "__", or none is left.
    TypeError
        If an estimator cannot be fitted.
    """
    for item in modalities:
        if not isinstance(item, tuple | list) or len(item) != 3 or not isinstance(item[0], str):
            raise ValueError(f"modalities takes (name, estimator, columns) triples, got {item!r}.")
    names = [name for name, _, _ in modalities]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"Two modalities are called {name!r}: names must differ.")
        if "__" in name or name in _RESERVED:
            raise ValueError(
                f"A modality cannot be called {name!r}: no double underscore, no parameter's name."
            )
    for name, estimator, _ in modalities:
        if not _is_dropped(estimator) and not hasattr(estimator, "fit"):
            raise TypeError(f"Modality {name!r}: {estimator!r} is no estimator.")
    active = [tuple(item) for item in modalities if not _is_dropped(item[1])]
    if not active:
        raise ValueError("There is no modality to fuse: pass at least one that is not 'drop'.")
    return active


_RESERVED = {
    "modalities", "fusion", "cv", "calibration", "missing", "on_unreadable", "max_error_rate",
    "random_state", "memory", "n_jobs", "verbose", "Cs", "class_weight", "projection", "width",
    "weights", "regularization", "hidden_layer_sizes", "dropout", "n_networks", "alpha",
    "learning_rate_init", "batch_size", "max_iter", "n_iter_no_change", "n_components", "method",
}  # fmt: skip


def _is_dropped(estimator: Any) -> bool:
    return isinstance(estimator, str) and estimator == "drop"


def check_table(owner: Any, X: Any, *, reset: bool) -> Any:
    """The table: a frame as it is, anything else as a 2-d array.

    Parameters
    ----------
    owner : estimator
        Gets, or is held against, ``n_features_in_`` and ``feature_names_in_``.
    X : frame or array-like of shape (n_samples, n_columns)
    reset : bool
        True in ``fit``.

    Raises
    ------
    ValueError
        If columns are absent, or twice there.
    """
    if not reset and _is_plain(owner, X):
        return X
    if not hasattr(X, "columns"):
        if type(X) is dict or (isinstance(X, list) and X and isinstance(X[0], dict)):
            raise ValueError(
                f"Expected a table, got a {type(X).__name__} of cells by name: pass "
                "pandas.DataFrame(X)."
            )
        if isinstance(X, list) and X and isinstance(X[0], list | tuple):
            X = np.array(X, dtype=object) if any(isinstance(v, str) for v in X[0]) else X
        return validate_data(
            owner, X, dtype=None, ensure_all_finite=False, reset=reset,
            ensure_min_samples=1 if reset else 0,
        )  # fmt: skip
    names = [str(name) for name in X.columns]
    twice = (
        sorted({name for name in names if names.count(name) > 1})
        if len(set(names)) < len(names)
        else []
    )
    if twice:
        raise ValueError(f"The table has several columns called {', '.join(twice)}: rename them.")
    needed = named_columns(owner.modalities)
    if needed is None:
        _check_feature_names(owner, X, reset=reset)
        _check_n_features(owner, X, reset=reset)
        return X
    for name in needed:
        if name not in names:
            close = get_close_matches(name, names, n=1)
            hint = f" Did you mean {close[0]!r}?" if close else ""
            raise ValueError(
                f"The table has no column {name!r}; it has: {', '.join(names[:20])}.{hint}"
            )
    if reset:
        if len(X) == 0:
            raise ValueError("The table has no rows (0 samples); a minimum of 1 is required.")
        _check_feature_names(owner, X, reset=True)
        _check_n_features(owner, X, reset=True)
    return X


def _is_plain(owner: Any, X: Any) -> bool:
    """A numeric array with the right columns, which needs no check: a service pays for each."""
    return (
        type(X) is np.ndarray
        and X.dtype.kind in "fiub"
        and X.ndim == 2
        and X.shape[1] == owner.n_features_in_
        and not hasattr(owner, "feature_names_in_")
    )


def named_columns(modalities: Any) -> list[str] | None:
    """Names of the columns that are read, or None where some are given in another way.

    Examples
    --------
    >>> named_columns([("a", None, "caption"), ("b", None, ["age", "price"])])
    ['caption', 'age', 'price']
    >>> named_columns([("a", None, 0)])
    """
    names = []
    for _, estimator, columns in modalities:
        if _is_dropped(estimator):
            continue
        several = columns if isinstance(columns, list | tuple) else [columns]
        if not all(isinstance(column, str) for column in several):
            return None
        names += list(several)
    return names
