"""Pictures and signals that the tests of this folder share."""

from __future__ import annotations

import cv2
import numpy as np
import pytest


@pytest.fixture(scope="session")
def picture() -> np.ndarray:
    """A smooth colour picture, 48 high and 64 wide, with no symmetry."""
    coarse = np.random.default_rng(0).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    return cv2.resize(coarse, (64, 48), interpolation=cv2.INTER_LINEAR)


@pytest.fixture(scope="session")
def tone() -> np.ndarray:
    """One second of two sines at 16 kHz, float32."""
    time = np.arange(16000) / 16000
    signal = 0.4 * np.sin(2 * np.pi * 440 * time) + 0.1 * np.sin(2 * np.pi * 1234 * time)
    return signal.astype(np.float32)
