"""Search in blocks finds what a whole matrix and a full sort find."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmclassic.joint import _search
from mmclassic.joint._search import top_k, unit_rows


def by_full_sort(queries, items, k):
    products = queries.astype(np.float64) @ items.astype(np.float64).T
    order = np.argsort(-products, axis=1, kind="stable")[:, :k]
    return np.take_along_axis(products, order, axis=1), order


@pytest.fixture
def small_blocks(monkeypatch):
    monkeypatch.setattr(_search, "QUERY_BLOCK", 7)
    monkeypatch.setattr(_search, "ITEM_BLOCK", 11)


@pytest.mark.parametrize("k", [1, 3, 10, 60])
@pytest.mark.parametrize("order", ["any", "rising", "falling"])
def test_the_same_as_a_full_sort(small_blocks, k, order):
    rng = np.random.default_rng(0)
    queries, items = rng.normal(size=(20, 4)), rng.normal(size=(60, 4))
    if order != "any":
        place = np.argsort(items @ queries[0])
        items = items[place if order == "rising" else place[::-1]]
    similarities, rows = top_k(queries, items, k)
    expected_similarities, expected_rows = by_full_sort(queries, items, k)
    np.testing.assert_array_equal(rows, expected_rows)
    np.testing.assert_allclose(similarities, expected_similarities)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_of_equal_ones_the_first(data):
    """Small whole numbers: products are exact, and many are equal."""
    sizes = st.integers(1, 40)
    n_queries, n_items, k = data.draw(sizes), data.draw(sizes), data.draw(st.integers(1, 12))
    rng = np.random.default_rng(data.draw(st.integers(0, 1000)))
    queries = rng.integers(-1, 2, (n_queries, 2)).astype(np.float32)
    items = rng.integers(-1, 2, (n_items, 2)).astype(np.float32)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_search, "QUERY_BLOCK", 5)
        patch.setattr(_search, "ITEM_BLOCK", data.draw(st.integers(1, 50)))
        similarities, rows = top_k(queries, items, k)
    expected_similarities, expected_rows = by_full_sort(queries, items, k)
    found = min(k, n_items)
    np.testing.assert_array_equal(rows[:, :found], expected_rows)
    np.testing.assert_array_equal(similarities[:, :found], expected_similarities)
    assert (rows[:, found:] == -1).all()
    assert np.isnan(similarities[:, found:]).all()


def test_nothing_to_search_or_to_ask():
    similarities, rows = top_k(np.ones((2, 3)), np.zeros((0, 3)), 2)
    assert (rows == -1).all()
    assert np.isnan(similarities).all()
    assert top_k(np.zeros((0, 3)), np.ones((2, 3)), 2)[1].shape == (0, 2)


def test_rows_of_zeros_stay():
    np.testing.assert_array_equal(unit_rows(np.array([[0.0, 0.0], [0.0, 2.0]])), [[0, 0], [0, 1]])
