"""compile_model against the model itself, for every step and classifier that can be folded."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.decomposition import PCA, TruncatedSVD
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_selection import SelectKBest, VarianceThreshold
from sklearn.frozen import FrozenEstimator
from sklearn.impute import SimpleImputer
from sklearn.linear_model import (
    LogisticRegression,
    LogisticRegressionCV,
    RidgeClassifier,
    SGDClassifier,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MaxAbsScaler,
    MinMaxScaler,
    Normalizer,
    RobustScaler,
    StandardScaler,
)
from sklearn.svm import SVC, LinearSVC

from mmclassic import (
    BlockScaler,
    compile_model,
)
from tests.fusion.compile_examples import SLICES, assert_equal, late, logistic, make_rows, with_gaps

STEPS = {
    "none": (),
    "standard": (StandardScaler(),),
    "uncentred": (StandardScaler(with_mean=False),),
    "min_max": (MinMaxScaler((-1, 3)),),
    "max_abs": (MaxAbsScaler(), MinMaxScaler()),
    "robust": (RobustScaler(), BlockScaler()),
    "pca": (StandardScaler(), PCA(3, whiten=True), MinMaxScaler(), SelectKBest(k=2)),
    "svd": (BlockScaler(), SelectKBest(k=4), "passthrough", TruncatedSVD(3), StandardScaler()),
    "nested": (FunctionTransformer(), make_pipeline(VarianceThreshold(), PCA(2)), StandardScaler()),
}


@pytest.mark.parametrize("steps", STEPS)
def test_linear_steps_are_folded(steps):
    X, y = make_rows()
    members = [make_pipeline(*STEPS[steps], LogisticRegression(max_iter=5000))] * 3
    assert_equal(late(*members).fit(X, y), X, with_gaps(X))


CLASSIFIERS = {
    "logistic_cv": LogisticRegressionCV(
        Cs=2, cv=2, l1_ratios=(0,), scoring="neg_log_loss", use_legacy_attributes=False
    ),
    "discriminant": LinearDiscriminantAnalysis(),
    "ridge": RidgeClassifier(),
    "svm": LinearSVC(),
    "sgd": SGDClassifier(loss="log_loss", random_state=0),
    "hinge": SGDClassifier(loss="hinge", random_state=0),
    "frozen": None,
}


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("name", CLASSIFIERS)
def test_linear_classifiers_are_folded(name, n_classes):
    X, y = make_rows(n_classes=n_classes)
    classifier = CLASSIFIERS[name] or FrozenEstimator(logistic().fit(X[:, SLICES["image"]], y))
    model = late(logistic(), make_pipeline(StandardScaler(), classifier), logistic())
    if name == "frozen":
        model.set_params(image=classifier)
    assert_equal(model.fit(X, y), X, with_gaps(X))


def test_a_linear_svc_of_two_classes_is_folded():
    X, y = make_rows(n_classes=2)
    svc = make_pipeline(StandardScaler(), SVC(kernel="linear"))
    assert_equal(late(svc, logistic(), svc).fit(X, y), X, with_gaps(X))


@pytest.mark.parametrize(
    "last", [LogisticRegression(), SGDClassifier(loss="log_loss"), LinearSVC()]
)
@pytest.mark.parametrize("n_seen", [2, 3])
def test_a_class_that_a_modality_never_saw_gets_its_prior(last, n_seen):
    X, y = make_rows(200, n_classes=4)
    X[y >= n_seen, SLICES["image"]] = np.nan
    member = make_pipeline(StandardScaler(), last)
    model = late(logistic(), member, logistic()).fit(X, np.array(list("abcd"))[y])
    assert len(model.modalities_[1][1].classes_) == n_seen
    whole = make_rows(200, n_classes=4)[0]
    assert_equal(model, X, whole, with_gaps(whole))


def test_an_imputer_fills_single_gaps_and_leaves_missing_modalities_missing():
    X, y = make_rows()
    rng = np.random.default_rng(0)
    X[rng.random(X.shape) < 0.2] = np.nan
    members = (
        make_pipeline(
            SimpleImputer(),
            StandardScaler(),
            SimpleImputer(strategy="constant", fill_value=7.0),  # nothing is left to fill
            LogisticRegression(),
        ),
        make_pipeline(StandardScaler(), SimpleImputer(strategy="median"), LogisticRegression()),
        make_pipeline(BlockScaler(), SimpleImputer(strategy="constant"), logistic()),
    )
    assert_equal(late(*members).fit(X, y), X, with_gaps(X))


STUBBORN = {
    "forest": (RandomForestClassifier(5), r"Modality 'image'.*RandomForest.*not one of the linear"),
    "rbf": (make_pipeline(StandardScaler(), SVC()), r"step 'svc', SVC: only kernel=\"linear\""),
    "normalizer": (
        make_pipeline(Normalizer(), LinearDiscriminantAnalysis()),
        r"'normalizer', Normalizer",
    ),
    "clip": (
        make_pipeline(MinMaxScaler(clip=True), LinearDiscriminantAnalysis()),
        r"clip=True is not",
    ),
    "function": (
        make_pipeline(FunctionTransformer(np.abs), RidgeClassifier()),
        r"only the identity",
    ),
    "indicator": (
        make_pipeline(SimpleImputer(add_indicator=True), LinearDiscriminantAnalysis()),
        r"step 'simpleimputer'.*without indicator",
    ),
    "late_imputer": (
        make_pipeline(StandardScaler(), PCA(2), SimpleImputer(), LogisticRegression()),
        r"before steps that mix columns",
    ),
    "huber": (SGDClassifier(loss="modified_huber"), r"clipped probabilities"),
    "calibrated": (CalibratedClassifierCV(LinearSVC(), cv=2), r"What can be folded: standard"),
}


@pytest.mark.parametrize("name", STUBBORN)
def test_it_says_which_modality_and_step_cannot_be_folded(name):
    estimator, match = STUBBORN[name]
    X, y = make_rows()
    model = late(logistic(), estimator, logistic(), fusion="mean").fit(X, y)
    with pytest.raises(ValueError, match=match):
        compile_model(model)
