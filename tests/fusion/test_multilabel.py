"""Indicator targets: one binary fusion per label."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.datasets import make_multilabel_classification
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.svm import SVC

from mmclassic import LateFusionClassifier, load, save
from mmclassic.fusion._multilabel import is_indicator, split_indicator

X, Y = make_multilabel_classification(120, n_features=8, n_classes=3, random_state=0)
MODALITIES = [("a", GaussianNB(), [0, 1, 2, 3]), ("b", SVC(), slice(4, 8))]


def test_what_an_indicator_is():
    assert is_indicator(Y)
    assert is_indicator(sparse.csr_array(Y))
    assert is_indicator(pd.DataFrame(Y))
    assert not is_indicator(Y[:, :1])  # a column of labels
    assert not is_indicator(Y[:, 0])


def test_each_label_is_the_fusion_fitted_on_it_alone():
    model = LateFusionClassifier(MODALITIES).fit(X, Y)
    probabilities = model.predict_proba(X)
    assert probabilities.shape == (120, 3)
    assert model.score_table(X).shape == (120, 2, 3)
    for label in range(3):
        alone = LateFusionClassifier(MODALITIES).fit(X, Y[:, label])
        np.testing.assert_allclose(probabilities[:, label], alone.predict_proba(X)[:, 1])
    np.testing.assert_array_equal(model.predict(X), probabilities > 0.5)
    np.testing.assert_array_equal(model.fuse(model.score_table(X)), probabilities)


@pytest.mark.parametrize("form", [sparse.csr_array, pd.DataFrame, np.ndarray.tolist])
def test_forms_of_the_indicator(form):
    expected = LateFusionClassifier(MODALITIES[:1]).fit(X, Y).predict_proba(X)
    found = LateFusionClassifier(MODALITIES[:1]).fit(X, form(Y)).predict_proba(X)
    np.testing.assert_array_equal(found, expected)


def test_missing_modalities():
    gaps = X.copy()
    gaps[:10, :4] = np.nan
    gaps[10:12] = np.nan
    model = LateFusionClassifier(MODALITIES).fit(gaps, Y)
    scores = model.score_table(gaps)
    assert np.isnan(scores[:12, 0]).all()
    assert np.isnan(scores[10:12, 1]).all()
    probabilities = model.predict_proba(gaps)
    priors = [part.class_prior_[1] for part in model.label_models_]
    np.testing.assert_allclose(probabilities[10:12], [priors, priors])


def test_cells_are_read_once():
    calls = []

    def read(part):
        calls.append(len(part))
        return part

    pipeline = make_pipeline(FunctionTransformer(read), LogisticRegression())
    model = LateFusionClassifier([("a", pipeline, [0, 1, 2])]).fit(X, Y)
    assert calls == [120]
    model.predict_proba(X[:5])
    assert calls == [120, 5]


def test_scikit_learn_tools_take_it():
    found = cross_val_predict(LateFusionClassifier(MODALITIES[:1]), X, Y, cv=3)
    assert found.shape == Y.shape
    assert (found == Y).mean() > 0.6


def test_a_single_target_after_an_indicator_forgets_it():
    model = LateFusionClassifier(MODALITIES[:1]).fit(X, Y)
    model.fit(X, Y[:, 0])
    assert not hasattr(model, "label_models_")
    assert model.predict(X).shape == (120,)


@pytest.mark.filterwarnings("ignore:The file holds rows")
def test_it_can_be_saved(tmp_path):
    model = LateFusionClassifier(MODALITIES).fit(X, Y)
    save(model, tmp_path / "model.mmc")
    loaded = load(tmp_path / "model.mmc")
    np.testing.assert_array_equal(loaded.predict_proba(X), model.predict_proba(X))


def test_bad_indicators():
    constant = Y.copy()
    constant[:, 1] = 0
    with pytest.raises(ValueError, match=r"Label 1: no row has it \(one class only\)"):
        LateFusionClassifier(MODALITIES).fit(X, constant)
    with pytest.raises(ValueError, match="Label 'rock': every row has it"):
        split_indicator(pd.DataFrame({"jazz": [0, 1], "rock": [1, 1]}))
    gaps = pd.DataFrame(Y).astype("Int64")
    gaps.iloc[4, 1] = pd.NA
    for y in (gaps, gaps.to_numpy(dtype=float, na_value=np.nan), gaps.to_numpy(na_value=None)):
        with pytest.raises(ValueError, match=r"y is missing .* in 1 rows, the first: \[4\]"):
            LateFusionClassifier(MODALITIES).fit(X, y)
    model = LateFusionClassifier(MODALITIES[:1]).fit(X, Y)
    with pytest.raises(ValueError, match=r"score table of 3 labels .* got \(120, 1, 2\)"):
        model.fuse(model.score_table(X)[:, :, :2])
    with pytest.raises(ValueError, match="X has 120 rows, y has 119"):
        LateFusionClassifier(MODALITIES).fit(X, Y[1:])
