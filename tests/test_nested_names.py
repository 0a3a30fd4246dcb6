"""Parameters deep inside a fusion: set by name, and searched over by name."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from mmclassic import (
    BagOfWordsVectorizer,
    BlockScaler,
    HOGVectorizer,
    LateFusionClassifier,
    WeightedSum,
    load_demo,
)

NAME = "image__hogvectorizer__orientations"


@pytest.fixture(scope="module")
def table():
    return load_demo(n_samples=60)


def fusion(**options):
    hog = HOGVectorizer(size=(32, 32), **options)
    return LateFusionClassifier(
        [
            ("text", make_pipeline(BagOfWordsVectorizer(), LogisticRegression()), "text"),
            ("image", make_pipeline(hog, BlockScaler(), LogisticRegression()), "image"),
        ],
        WeightedSum(),
    )


def test_a_parameter_of_a_vectorizer_is_set_by_its_name(table):
    model = fusion().set_params(**{NAME: 12}).fit(table, table["label"])
    expected = fusion(orientations=12).fit(table, table["label"])
    np.testing.assert_array_equal(model.predict_proba(table), expected.predict_proba(table))
    assert model.get_params()[NAME] == 12


def test_a_search_over_it(table):
    search = GridSearchCV(fusion(), {NAME: [4, 12], "fusion__weights": [None, [1, 2]]}, cv=2)
    search.fit(table, table["label"])
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    by_hand = GridSearchCV(fusion(orientations=4), {"fusion__weights": [None, [1, 2]]}, cv=2)
    by_hand.fit(table, table["label"])
    np.testing.assert_allclose(
        search.cv_results_["mean_test_score"][[p[NAME] == 4 for p in search.cv_results_["params"]]],
        by_hand.cv_results_["mean_test_score"],
    )
