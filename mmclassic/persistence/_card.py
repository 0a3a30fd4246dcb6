"""The card of a model: what it is, for people and for programs that do not load it."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from inspect import signature
from pathlib import PurePath
from typing import Any

import numpy as np
import sklearn
from sklearn.base import BaseEstimator
from sklearn.pipeline import Pipeline

from mmclassic import __version__
from mmclassic.persistence._archive import FORMAT, read_card_of

# Settings that say nothing about the model, or belong to a machine.
_LEFT_OUT = frozenset(
    {"root", "allow_paths", "cache", "memory", "n_jobs", "verbose", "steps", "modalities"}
)
# A setting longer than this is named by its type.
_LONGEST_SETTING = 300


def make_card(model: Any, *, embedded: list[dict], rows_in: list[str], notes: dict) -> dict:
    """The card of a model that is ready to be saved.

    Parameters
    ----------
    model : estimator
    embedded : list of dict
        Files inside, as :func:`embedded_file` describes them.
    rows_in : list of str
        Kinds of models inside that keep rows of the training table.
    notes : dict
        What who saves it wants to say.
    """
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return {
        "format": FORMAT,
        **describe(model, rows_in),
        "fitted": getattr(model, "_fitted", None),
        "saved": now,
        "versions": {**versions(), "numpy": np.__version__},
        "cross_fitted_scores": _scores_of(model),
        "notes": notes,
        "embedded": embedded,
    }


def versions() -> dict[str, str]:
    """Of the packages whose estimators have settings."""
    return {"mmclassic": __version__, "scikit-learn": sklearn.__version__}


def describe(model: Any, rows_in: list[str]) -> dict:
    """What can be told of the model itself, and so be compared once it is loaded."""
    head = getattr(model, "fusion_", getattr(model, "fusion", None))
    return {
        "model": f"{type(model).__module__}.{type(model).__qualname__}",
        "columns": plain(getattr(model, "feature_names_in_", None)),
        "classes": plain(getattr(model, "classes_", None)),
        "modalities": [
            {"name": str(name), "columns": plain(columns), "steps": _steps_of(estimator)}
            for name, estimator, columns in _modalities_of(model)
        ],
        "steps": [] if _modalities_of(model) else _steps_of(model),
        "fusion": head if isinstance(head, str) or head is None else _step_of(head),
        "holds_training_rows": rows_in,
    }


def read_card(path: str | os.PathLike) -> dict:
    """The card of a model file, without loading, or even unpacking, the model.

    Whoever made the file wrote the card, too: :func:`load` compares what it says of the model
    (columns, classes, modalities, settings) with the model; dates, scores and notes cannot be
    checked.

    Parameters
    ----------
    path : path-like
        A file that :func:`save` wrote.

    Returns
    -------
    card : dict
        What JSON can hold: ``format``, ``model`` (its type), ``columns``, ``classes``,
        ``modalities`` (``name``, ``columns`` and ``steps``, each with the settings that are not
        the default), ``steps`` of other models, ``fusion``, ``holds_training_rows``, ``fitted``
        and ``saved`` (UTC), ``versions``, ``cross_fitted_scores`` (of every modality, on rows it
        was not fitted on; None where no cross-fit was needed), ``notes``, ``embedded`` (files
        inside, with their SHA-256), ``bytes`` (of the file) and ``unpacked_bytes`` (of the model).

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is no model file, is damaged, or has a newer format.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from sklearn.linear_model import LogisticRegression
    >>> from mmclassic import read_card, save
    >>> with TemporaryDirectory() as folder:
    ...     save(LogisticRegression(C=3).fit([[0.0], [1.0]], ["no", "yes"]), Path(folder) / "m")
    ...     card = read_card(Path(folder) / "m")
    >>> card["classes"], card["steps"]
    (['no', 'yes'], [{'type': 'LogisticRegression', 'settings': {'C': 3}}])
    """
    card, unpacked = read_card_of(path)
    return {**card, "bytes": os.path.getsize(path), "unpacked_bytes": unpacked}


def plain(value: Any) -> Any:
    """``value`` in types that JSON has, the same whenever the value is the same.

    Examples
    --------
    >>> plain((np.float64(0.5), slice(1, 4), np.abs, PurePath("a"), {"b", None, 1}))
    [0.5, 'slice(1, 4, None)', 'absolute', 'a', ['b', 1, None]]
    """
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, set | frozenset):  # in an order that is the same in every process
        return sorted(map(plain, value), key=repr)
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    if isinstance(value, dict):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, str | int | float | bool | None):
        return value
    if isinstance(value, slice | PurePath):
        return str(value)
    return getattr(value, "__name__", type(value).__name__)


def _modalities_of(model: Any) -> list:
    models = getattr(model, "label_models_", [model])
    modalities = getattr(models[0], "modalities_", getattr(model, "modalities", None))
    return modalities if isinstance(modalities, list) else []


def _steps_of(estimator: Any) -> list[dict]:
    if isinstance(estimator, Pipeline):
        return [step for _, part in estimator.steps for step in _steps_of(part)]
    return [_step_of(estimator)]


def _step_of(estimator: Any) -> dict:
    """Type of an estimator, and its settings that are not the default."""
    if not isinstance(estimator, BaseEstimator):
        return {"type": plain(estimator), "settings": {}}
    parameters = signature(type(estimator).__init__).parameters
    settings = {}
    for name in type(estimator)._get_param_names():
        default = getattr(parameters.get(name), "default", None)
        # A model may be older than a parameter of its class.
        shown = _short(getattr(estimator, name, default))
        if name not in _LEFT_OUT and shown != _short(default):
            settings[name] = shown
    return {"type": type(estimator).__name__, "settings": settings}


def _short(value: Any) -> Any:
    """A setting in types that JSON has; only the type of one that is long."""
    # Of a pair of words and their vectors, the parts are long.
    parts = value if isinstance(value, tuple | list) else [value]
    sizes = [part.size if isinstance(part, np.ndarray) else _length(part) for part in parts]
    if sum(sizes) > _LONGEST_SETTING or len(json.dumps(plain(value))) > _LONGEST_SETTING:
        return type(value).__name__
    return plain(value)


def _length(value: Any) -> int:
    return len(value) if isinstance(value, str | bytes | list | tuple | dict | set) else 1


def _scores_of(model: Any) -> dict | None:
    """Cross-fitted scores by modality; of several labels, by label."""
    if hasattr(model, "label_models_"):
        labels = {str(i): _scores_of(own) for i, own in enumerate(model.label_models_)}
        return labels if any(labels.values()) else None
    return getattr(model, "_cross_fitted", None)
