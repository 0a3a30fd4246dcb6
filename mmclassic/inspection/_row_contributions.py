"""row_contributions: what each modality says for and against each class of a row."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from mmclassic.fusion._log_rule import LogRuleHead
from mmclassic.inspection._labels import modality_names

# Brackets, so that no modality has this name.
INTERCEPT = "(intercept)"


def row_contributions(model, X, *, scores=None):
    """The additive parts of each row's log-odds: one for each modality, and an intercept.

    A log pool multiplies powers of probabilities, so it adds their logarithms. A part above 0
    speaks for the class, below 0 against it; the difference between two classes is what the
    modality adds to the log-odds of one against the other.

    Parameters
    ----------
    model : LateFusionClassifier, fitted
        With the head :class:`LogPool` or :class:`GatedPool`, or a search over one.
    X : frame or array-like of shape (n_samples, n_columns), or None
    scores : array-like of shape (n_samples, n_modalities, n_classes), default=None
        ``model.score_table(X)`` in hand, instead of X.

    Returns
    -------
    frame : pandas.DataFrame of shape (n_samples, (n_modalities + 1) * n_classes)
        Columns are (part, class) pairs; the last part is "(intercept)". Parts of a modality that a
        row lacks are 0. Each part has the mean 0 over the classes. The softmax of the sum over
        parts is ``predict_proba(X)``.

    Raises
    ------
    ValueError
        If the rule of the head is not a sum of logarithms.

    See Also
    --------
    modality_shapley : For whole tables, and any head.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from mmclassic import LateFusionClassifier, row_contributions
    >>> X, y = load_iris(return_X_y=True)
    >>> model = LateFusionClassifier(
    ...     [("sepal", GaussianNB(), [0, 1]), ("petal", GaussianNB(), [2, 3])]
    ... ).fit(X, y)
    >>> row_contributions(model, X[70:71])["petal"].round(1)
    class     0     1     2
    0     -22.9  10.8  12.1
    """
    import pandas as pd

    head = _additive_head(model)
    if (X is None) == (scores is None):
        raise ValueError("Pass X or scores, one of them.")
    scores = model.score_table(X) if scores is None else np.asarray(scores, dtype=np.float64)
    parts = head.contributions(model._prepare_scores(scores))
    nothing = np.isnan(scores).all(axis=(1, 2))
    logs = np.log(np.maximum(model.class_prior_, np.finfo(np.float64).tiny))
    parts[nothing] = 0
    parts[nothing, -1] = logs - logs.mean()
    columns = pd.MultiIndex.from_product(
        [[*modality_names(model), INTERCEPT], model.classes_], names=["part", "class"]
    )
    index = X.index if isinstance(X, pd.DataFrame) else None
    return pd.DataFrame(parts.reshape(len(parts), -1), columns=columns, index=index)


def _additive_head(model: Any) -> Any:
    """The fitted head, if it adds up logarithms."""
    check_is_fitted(model)
    if hasattr(model, "label_models_"):
        raise ValueError("Pass one of model.label_models_: each label has a sum of its own.")
    head = getattr(model.fusion_, "best_estimator_", model.fusion_)
    if not isinstance(head, LogRuleHead):
        raise ValueError(
            f"The rule of {type(head).__name__} is no sum of logarithms: row_contributions needs "
            "LogPool or GatedPool. modality_shapley takes any head."
        )
    return head
