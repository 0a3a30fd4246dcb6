"""Objects that the tests of saving share; each can be imported by its name."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    StackingClassifier,
)
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC, LinearSVC

from mmclassic.media._vectorizer import READING_CONSTRAINTS, CellVectorizer
from mmclassic.persistence._archive import CARD, pack_archive


class Holder(BaseEstimator):
    """An estimator with one attribute; of another package, as far as trust goes."""

    def __init__(self, value=None):
        self.value = value


class Lengths(CellVectorizer):
    """A vectorizer of cells that reads no file."""

    _parameter_constraints: dict = {**READING_CONSTRAINTS}

    def __init__(
        self,
        *,
        root=None,
        allow_paths=True,
        limits=None,
        cache=None,
        on_unreadable="raise",
        n_jobs=None,
    ):
        self.root = root
        self.allow_paths = allow_paths
        self.limits = limits
        self.cache = cache
        self.on_unreadable = on_unreadable
        self.n_jobs = n_jobs

    def _decode(self, cell):
        return np.asarray(cell)

    def _extract(self, array):
        return np.array([array.size, array.sum()])

    def _feature_names(self):
        return ["size", "sum"]


class Carrier(TransformerMixin, BaseEstimator):
    """Names a file, and carries it inside once it is portable."""

    def __init__(self, model, *, root=None, allow_paths=True, cache=None):
        self.model = model
        self.root = root
        self.allow_paths = allow_paths
        self.cache = cache

    def _to_portable(self):
        if not isinstance(self.model, bytes):
            self.model = Path(self.model).read_bytes()


def module_function(X):
    return X


def card(**changes):
    return {"format": 1, "embedded": []} | changes


def write(folder, some_card, payload):
    (folder / "model.mmc").write_bytes(pack_archive(some_card, payload))


def read_card(folder):
    with zipfile.ZipFile(folder / "model.mmc") as archive:
        return json.loads(archive.read(CARD))


MODELS = {
    "pipeline": make_pipeline(StandardScaler(), LogisticRegression()),
    "boosted trees": HistGradientBoostingClassifier(max_iter=3, categorical_features=[3]),
    "early stopping": HistGradientBoostingClassifier(max_iter=3, early_stopping=True),
    "gradient boosting": GradientBoostingClassifier(n_estimators=3),
    "forest": RandomForestClassifier(3, random_state=0),
    "neighbours": KNeighborsClassifier(algorithm="kd_tree"),
    "ball tree": KNeighborsClassifier(algorithm="ball_tree"),
    "network": MLPClassifier((4,), max_iter=5, random_state=0),
    "sigmoid": CalibratedClassifierCV(SVC(), ensemble=False),
    "temperature": CalibratedClassifierCV(LinearSVC(), method="temperature"),
    "isotonic": CalibratedClassifierCV(LinearSVC(), method="isotonic"),
    "stack": StackingClassifier([("a", LogisticRegression()), ("b", SVC())]),
    "selection": make_pipeline(SelectKBest(k=2), LogisticRegression()),
    "columns": make_pipeline(
        ColumnTransformer([("a", StandardScaler(), [0, 1]), ("b", "passthrough", slice(2, 4))]),
        LogisticRegression(),
    ),
    "search": GridSearchCV(
        LogisticRegression(), {"C": [1, 2]}, scoring="neg_log_loss", cv=StratifiedKFold(3)
    ),
    "function": make_pipeline(FunctionTransformer(np.abs), LogisticRegression()),
}


def fitted(name, table):
    X, y = table
    X = X if name != "boosted trees" else np.c_[X[:, :3], np.arange(len(X)) % 5]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("warnings.warn", lambda *_, **__: None)  # too few iterations
        return MODELS[name].fit(X, y), X
