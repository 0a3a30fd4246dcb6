"""A loaded model predicts what the saved one did."""

from __future__ import annotations

import numpy as np
import pytest
import sklearn
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from tests.persistence.objects import MODELS, fitted


@pytest.mark.filterwarnings("ignore:The file holds rows")
@pytest.mark.parametrize("name", MODELS)
def test_a_loaded_model_predicts_the_same_bits(name, table, there_and_back):
    model, X = fitted(name, table)
    np.testing.assert_array_equal(there_and_back(model).predict_proba(X), model.predict_proba(X))


def test_a_text_pipeline_predicts_the_same_bits(there_and_back):
    texts = [f"the {colour} {animal}" for colour in ("red", "blue") for animal in ("cat", "dog")]
    model = make_pipeline(
        TfidfVectorizer(dtype=np.float32, stop_words="english"), LogisticRegression()
    ).fit(texts, [True, True, False, False])
    loaded = there_and_back(model)
    np.testing.assert_array_equal(loaded.predict_proba(texts), model.predict_proba(texts))
    assert loaded.predict(["red"]).tolist() == [True]


def test_a_frozen_model_stays_frozen(table, there_and_back):
    X, y = table
    loaded = there_and_back(FrozenEstimator(LogisticRegression().fit(X, y)))
    assert isinstance(loaded, FrozenEstimator)


def test_metadata_requests_are_kept(there_and_back):
    with sklearn.config_context(enable_metadata_routing=True):
        model = LogisticRegression().set_fit_request(sample_weight=True)
        loaded = there_and_back(make_pipeline(model))[0]
        assert loaded.get_metadata_routing().fit.requests == {"sample_weight": True}
        assert loaded.get_metadata_routing().fit.owner is loaded
