"""Models that keep rows of the table that they were fitted on."""

from __future__ import annotations

from typing import Any

from sklearn.base import BaseEstimator

# Where scikit-learn's estimators keep rows, all of them or some: neighbours; support vectors;
# Gaussian processes; kernel ridge and kernel PCA; label propagation.
_ROWS = ("_fit_X", "support_vectors_", "X_train_", "X_fit_", "X_")


def holds_rows(value: Any) -> bool:
    """Whether a part of a model keeps rows that it was fitted on.

    Examples
    --------
    >>> from sklearn.neighbors import KNeighborsClassifier
    >>> model = KNeighborsClassifier(1)
    >>> holds_rows(model), holds_rows(model.fit([[0.0], [1.0]], [0, 1]))
    (False, True)
    """
    if not isinstance(value, BaseEstimator):
        return False
    return any(getattr(vars(value).get(name), "size", 0) for name in _ROWS)


def warning_of(holders: list[str]) -> str:
    """What somebody who saves such models should know."""
    return (
        f"The file holds rows of the training table, as the features that they became: "
        f"{', '.join(holders)} cannot predict without them. Share it only with people who may see "
        "these rows, or use a model that keeps coefficients only, such as LogisticRegression. "
        "The card of the file says so, too."
    )
