"""Counters that start at nothing in every test."""

from __future__ import annotations

import pytest

from tests.fusion.examples import CentredNumber, CountedBayes, NumberVectorizer, WeightedBayes


@pytest.fixture(autouse=True)
def empty_counters():
    """Forget what earlier tests fitted and decoded."""
    for notes in (
        CountedBayes.fits,
        WeightedBayes.weights,
        NumberVectorizer.decoded,
        CentredNumber.decoded,
    ):
        notes.clear()
