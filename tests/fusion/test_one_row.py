"""The short ways of one row give what the long ways give, and leave the table alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer, StandardScaler

from mmclassic import LateFusionClassifier
from tests.fusion.compile_examples import NAMES, SLICES, make_rows, with_gaps


def in_place(*first):
    return make_pipeline(*first, StandardScaler(copy=False), LogisticRegression(max_iter=1000))


@pytest.mark.parametrize("as_frame", [False, True])
def test_steps_that_work_in_place_do_not_change_the_table(as_frame):
    X, y = make_rows()
    table = pd.DataFrame(X.copy(), columns=NAMES) if as_frame else X.copy()
    first = () if as_frame else (Normalizer(copy=False),)
    modalities = [(n, in_place(*first), NAMES[p] if as_frame else p) for n, p in SLICES.items()]
    model = LateFusionClassifier(modalities, cv=3).fit(table, y)
    expected = model.predict_proba(table)
    np.testing.assert_array_equal(np.asarray(table), X)
    np.testing.assert_allclose(model.predict_proba(table), expected, atol=1e-12)
    model.predict_proba(table[:1])
    np.testing.assert_array_equal(np.asarray(table), X)


def test_one_row_gets_what_it_gets_in_a_table():
    X, y = make_rows()
    modalities = [(n, LogisticRegression(max_iter=5000), p) for n, p in SLICES.items()]
    model = LateFusionClassifier(modalities, cv=3).fit(X, y)
    gaps = with_gaps(X)
    whole = model.predict_proba(gaps)
    for row in range(0, 120, 10):
        np.testing.assert_allclose(model.predict_proba(gaps[row : row + 1])[0], whole[row])


def test_an_array_of_another_width_is_refused():
    X, y = make_rows()
    model = LateFusionClassifier([("a", LogisticRegression(max_iter=5000), [0, 1])], cv=3)
    with pytest.raises(ValueError, match=r"X has 4 features, but .* is expecting 15"):
        model.fit(X, y).predict_proba(X[:, :4])
