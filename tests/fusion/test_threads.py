"""One thread inside, as many as before outside."""

from __future__ import annotations

import pytest
import scipy.linalg  # noqa: F401  # loads a BLAS of its own
from sklearn.naive_bayes import GaussianNB
from threadpoolctl import threadpool_info, threadpool_limits

from mmclassic import LateFusionClassifier, Stacking
from mmclassic.fusion._threads import one_thread
from tests.fusion.examples import LEFT, make_scores, make_table


def threads():
    return {pool["num_threads"] for pool in threadpool_info()}


@pytest.fixture
def two_threads():
    with threadpool_limits(2):
        if threads() != {2}:
            pytest.skip("the libraries of this machine have no second thread")
        yield


def test_the_limit_holds_inside_only(two_threads):
    for _ in range(2):
        with one_thread():
            assert threads() == {1}
        assert threads() == {2}


class Watching(GaussianNB):
    """Notes the threads that its fit has."""

    seen: set = set()

    def fit(self, X, y, sample_weight=None):
        self.seen.update(threads())
        return super().fit(X, y, sample_weight)


def test_base_models_and_heads_are_fitted_in_one_thread(two_threads):
    for fit in (
        lambda: LateFusionClassifier([("left", Watching(), LEFT)], "mean").fit(*make_table()),
        lambda: Stacking(Watching()).fit(*make_scores()),
    ):
        Watching.seen.clear()
        fit()
        assert Watching.seen == {1}
    assert threads() == {2}
