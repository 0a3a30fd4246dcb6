"""Counters that start at nothing in every test."""

from tests.fusion.conftest import empty_counters as empty_counters
