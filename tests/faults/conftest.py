"""What the tests of faults share."""

from __future__ import annotations

import subprocess

import pytest

from tests.faults.work import write_table


@pytest.fixture
def table(tmp_path):
    """The table of ``tests.faults.work``, in ``tmp_path / "data"``."""
    (tmp_path / "data").mkdir()
    return write_table(tmp_path / "data")


@pytest.fixture
def small_disk(tmp_path):
    """A folder on a disk of one megabyte."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("a small disk can be mounted by root on Linux only")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)
