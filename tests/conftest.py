"""Fixtures that several folders share."""

from __future__ import annotations

from pathlib import Path

import matplotlib
import pytest
from threadpoolctl import threadpool_limits

matplotlib.use("Agg")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data beside the checkout; tests that need it are skipped without it."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the real data beside the checkout (../shared/data) is absent")
    return folder


@pytest.fixture(autouse=True, scope="session")
def one_thread_for_small_matrices():
    """The tests' matrices are small: threads would wait for each other."""
    with threadpool_limits(1):
        yield


def pytest_make_parametrize_id(val):
    """Bytes are no name: some files hold the second in which they were made, which differs
    between the processes that share the tests."""
    return f"{len(val)} bytes" if isinstance(val, bytes) else None
