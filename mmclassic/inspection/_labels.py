"""Labels and names as a fitted fusion knows them, and the fusion in its wrapper."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.frozen import FrozenEstimator
from sklearn.utils import column_or_1d


def codes_of(y: Any, classes: Any) -> np.ndarray:
    """Position of each label among the classes of a model.

    Parameters
    ----------
    y : array-like of shape (n_samples,)
    classes : ndarray of shape (n_classes,)
        In sorted order.

    Returns
    -------
    codes : ndarray of shape (n_samples,), int

    Raises
    ------
    ValueError
        Naming the labels that the model does not know, and the first row that has one.

    Examples
    --------
    >>> codes_of(["no", "yes", "no"], np.array(["no", "yes"]))
    array([0, 1, 0])
    """
    labels = column_or_1d(np.asarray(y.to_list() if hasattr(y, "to_list") else y), warn=True)
    position = {label: code for code, label in enumerate(np.asarray(classes).tolist())}
    codes = np.array([position.get(label, -1) for label in labels.tolist()], dtype=int)
    if (codes < 0).any():
        unknown = list(dict.fromkeys(labels[codes < 0].tolist()))[:5]
        raise ValueError(
            f"y has labels that the model does not know: {unknown}, first in row "
            f"{int((codes < 0).argmax())}. It knows {list(position)[:10]}."
        )
    return codes


def modality_names(model: Any) -> list[str]:
    """Names of the modalities of a fitted fusion.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> modality_names(SimpleNamespace(modalities_=[("text", None, "caption")]))
    ['text']
    """
    models = getattr(model, "label_models_", [model])
    return [name for name, _, _ in models[0].modalities_]


def unfrozen(model: Any) -> Any:
    """The estimator inside FrozenEstimator, which lends out bound methods of it.

    Examples
    --------
    >>> from sklearn.naive_bayes import GaussianNB
    >>> unfrozen(FrozenEstimator(GaussianNB()))
    GaussianNB()
    """
    while isinstance(model, FrozenEstimator):
        model = model.estimator
    return model
