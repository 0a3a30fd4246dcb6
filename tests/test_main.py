"""``python -m mmclassic`` is the command."""

from __future__ import annotations

import subprocess
import sys

import mmclassic


def test_it_is_the_command():
    command = [sys.executable, "-m", "mmclassic", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert mmclassic.__version__ in done.stdout
