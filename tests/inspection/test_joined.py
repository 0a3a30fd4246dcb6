"""A member that reads the columns of others: nothing is removed from under it in silence."""

from __future__ import annotations

import pandas as pd
import pytest
from sklearn.datasets import load_iris

from mmclassic import (
    ConformalClassifier,
    make_late_fusion,
    modality_ablation,
    modality_shapley,
    robustness_curve,
)


@pytest.fixture(scope="module")
def fitted():
    X, y = load_iris(return_X_y=True)
    table = pd.DataFrame(X, columns=list("abcd"))
    table["words"] = [f"kind {label}" for label in y]
    model = make_late_fusion(text="words", numeric=["a", "b"], early=True, cv=3, random_state=0)
    return model.fit(table, y), table, y


@pytest.mark.parametrize(
    "ask",
    [
        lambda model, X, y: modality_ablation(model, X, y),
        lambda model, X, y: modality_shapley(model, X, y),
        lambda model, X, y: robustness_curve(model, X, y, modality="text"),
        lambda model, X, y: ConformalClassifier(model).fit(X, y),
        lambda model, X, y: ConformalClassifier(model).fit_cross_fitted(y),
    ],
)
def test_what_masks_modalities_refuses_it(fitted, ask):
    with pytest.raises(ValueError, match=r"'early' \(EarlyFusionClassifier\) reads the columns"):
        ask(*fitted)
