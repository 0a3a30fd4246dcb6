"""Counts against dense ones by hand, compiled and in numpy; weights against scikit-learn."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.feature_extraction.text import TfidfTransformer

from mmclassic.text import _count
from mmclassic.text._count import (
    count_terms,
    document_frequencies,
    renumbered,
    total_frequencies,
)
from mmclassic.text._encoded import Encoded
from mmclassic.text._term_weights import inverse_document_frequencies, weigh_terms

N_TERMS = 60


@pytest.fixture(params=[False, True], ids=["numpy", "compiled"])
def way(request, monkeypatch):
    if request.param:
        import mmclassic.text._terms_kernel  # noqa: F401
    else:
        monkeypatch.delitem(sys.modules, "mmclassic.text._terms_kernel", raising=False)


def _random(seed=0):
    """Rows of up to 40 of 15 parts, each of up to 12 terms; and dense counts by hand."""
    rng = np.random.default_rng(seed)
    sizes, part_sizes = rng.integers(0, 40, 25), rng.integers(0, 12, 15)
    ends, part_ends = np.cumsum([0, *sizes]), np.cumsum([0, *part_sizes])
    ids = rng.integers(0, 15, ends[-1], dtype=np.int32)
    parts = rng.integers(0, N_TERMS, part_ends[-1], dtype=np.int32)
    dense = np.zeros((25, N_TERMS))
    for row in range(25):
        for part in ids[ends[row] : ends[row + 1]]:
            np.add.at(dense[row], parts[part_ends[part] : part_ends[part + 1]], 1)
    terms = [f"term{i}" for i in range(N_TERMS)]
    return Encoded(parts, part_ends, terms, (ids, ends)), dense


@pytest.mark.usefixtures("way")
def test_counts_by_hand():
    encoded, dense = _random()
    counts = count_terms(encoded, N_TERMS)
    assert counts.dtype == np.float32
    assert_array_equal(counts.toarray(), dense)
    anew = sparse.csr_matrix((counts.data, counts.indices, counts.indptr), shape=counts.shape)
    anew.check_format(full_check=True)
    assert anew.has_canonical_format
    assert_array_equal(document_frequencies(encoded), (dense > 0).sum(axis=0))
    assert_array_equal(total_frequencies(encoded), dense.sum(axis=0))


@pytest.mark.usefixtures("way")
def test_counts_in_the_place_of_the_terms():
    encoded, dense = _random(3)
    ids, row_ends = encoded.row_parts
    parts = np.concatenate(
        [encoded.parts[encoded.part_ends[i] : encoded.part_ends[i + 1]] for i in ids]
    )
    sizes = np.diff(encoded.part_ends)[ids]
    ends = np.concatenate([[0], np.cumsum(sizes)])[row_ends]
    rows = Encoded(parts.copy(), ends, encoded.terms)
    assert_array_equal(count_terms(rows, N_TERMS, overwrite=True).toarray(), dense)
    rows = Encoded(parts.copy(), ends, encoded.terms)
    assert_array_equal(count_terms(rows.rows(5, 9), N_TERMS).toarray(), dense[5:9])
    assert_array_equal(total_frequencies(rows.rows(5, 9)), dense[5:9].sum(axis=0))
    assert_array_equal(count_terms(encoded.rows(5, 9), N_TERMS).toarray(), dense[5:9])


@pytest.mark.usefixtures("way")
def test_terms_left_out():
    encoded, dense = _random(1)
    columns = np.where(np.arange(N_TERMS) % 3, N_TERMS - 1 - np.arange(N_TERMS), -1)
    counts = count_terms(renumbered(encoded, columns.astype(np.int32)), N_TERMS)
    expected = np.zeros_like(dense)
    expected[:, columns[columns >= 0]] = dense[:, columns >= 0]
    assert_array_equal(counts.toarray(), expected)


@pytest.mark.usefixtures("way")
def test_no_rows_and_no_terms():
    none = np.zeros(0, dtype=np.int32)
    empty = Encoded(none, np.zeros(1, dtype=np.int64), [])
    assert count_terms(empty, 3).shape == (0, 3)
    empty = Encoded(none, np.zeros(3, dtype=np.int64), [])
    assert_array_equal(count_terms(empty, 2).toarray(), np.zeros((2, 2)))


def test_numpy_counts_do_not_overflow():
    """Row times number of columns is beyond 32 bits."""
    numbers = np.full(50_000, 99_999, dtype=np.int32)
    encoded = Encoded(numbers, np.arange(50_001), [])
    _, columns, ends = _count._count_plain(encoded, 100_000)
    assert (columns == 99_999).all()
    assert_array_equal(ends, np.arange(50_001))


@pytest.mark.parametrize("sublinear_tf", [True, False])
@pytest.mark.parametrize("norm", ["l1", "l2", None])
def test_weights_are_those_of_scikit_learn(sublinear_tf, norm):
    counts = count_terms(_random(2)[0], N_TERMS)
    oracle = TfidfTransformer(sublinear_tf=sublinear_tf, norm=norm).fit(counts)
    idf = inverse_document_frequencies((counts.toarray() > 0).sum(axis=0), counts.shape[0])
    assert_allclose(idf, oracle.idf_, rtol=1e-6)
    weights = weigh_terms(counts.copy(), idf, sublinear_tf=sublinear_tf, norm=norm)
    assert weights.dtype == np.float32
    assert_allclose(weights.toarray(), oracle.transform(counts).toarray(), rtol=2e-6)
