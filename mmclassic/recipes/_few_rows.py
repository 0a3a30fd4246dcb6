"""Folds for a stack within a modality that may be there in a handful of rows only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from sklearn.model_selection import KFold


class FoldsOrAll(KFold):
    """Folds as :class:`sklearn.model_selection.KFold`; all rows against themselves if too few.

    Examples
    --------
    >>> [(train.tolist(), test.tolist()) for train, test in FoldsOrAll(3).split([[0]] * 3)]
    [([0, 1, 2], [0, 1, 2])]
    >>> len(list(FoldsOrAll(3).split([[0]] * 6)))
    3
    """

    def split(
        self, X: Any, y: Any = None, groups: Any = None
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Rows to train and to test on.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
        y, groups : ignored

        Yields
        ------
        train, test : ndarray of int
        """
        if len(X) >= 2 * self.n_splits:
            yield from super().split(X, y, groups)
        else:
            yield np.arange(len(X)), np.arange(len(X))
