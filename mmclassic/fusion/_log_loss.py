"""Log-loss over all classes that a model knows, as a scorer."""

from __future__ import annotations

import numpy as np


def negative_log_loss(estimator, X, y, sample_weight=None) -> float:
    """Scorer: minus the mean log-loss, also on rows that lack some of the classes.

    scikit-learn's "neg_log_loss" refuses a fold without every class, so that a search over grouped
    folds gives NaN for all candidates; this one takes the classes from the model.

    Parameters
    ----------
    estimator : fitted classifier with predict_proba
        A head, a fusion, or any other.
    X : its input, such as a score table or a table
    y : array-like of shape (n_samples,)
        Labels that the estimator knows.
    sample_weight : array-like of shape (n_samples,), optional

    Returns
    -------
    score : float
        At most 0; greater is better.

    Raises
    ------
    ValueError
        If y has labels that the estimator does not know.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.model_selection import GridSearchCV
    >>> from mmclassic import WeightedSum, negative_log_loss, simplex_grid
    >>> search = GridSearchCV(
    ...     WeightedSum(), {"weights": simplex_grid(2, step=0.5)}, scoring=negative_log_loss, cv=2
    ... )
    >>> scores = np.array([[[0.9, 0.1], [0.5, 0.5]], [[0.1, 0.9], [0.5, 0.5]]] * 2)
    >>> search.fit(scores, [0, 1, 0, 1]).best_params_
    {'weights': (1.0, 0.0)}
    """
    y = np.asarray(y)
    columns = np.clip(np.searchsorted(estimator.classes_, y), 0, len(estimator.classes_) - 1)
    known = np.asarray(estimator.classes_)[columns] == y
    if not known.all():
        raise ValueError(f"y has labels that the model does not know: {np.unique(y[~known])}.")
    own = estimator.predict_proba(X)[np.arange(len(y)), columns]
    logs = np.log(np.maximum(own, np.finfo(np.float64).eps))
    return float(np.average(logs, weights=sample_weight))
