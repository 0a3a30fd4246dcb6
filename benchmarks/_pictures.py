"""Photographs made up: smooth colours, shapes with edges, and the noise of a camera."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np


def photograph(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """A picture (height, width, 3) uint8 that compresses about as well as a photograph."""
    coarse = rng.integers(0, 256, (height // 80 + 2, width // 80 + 2, 3)).astype(np.float32)
    picture = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    for _ in range(25):
        color = rng.integers(0, 256, 3).tolist()
        x, y = int(rng.integers(0, width)), int(rng.integers(0, height))
        if rng.random() < 0.5:
            cv2.circle(picture, (x, y), int(rng.integers(5, height // 6)), color, -1)
        else:
            far = (x + int(rng.integers(5, width // 4)), y + int(rng.integers(5, height // 4)))
            cv2.rectangle(picture, (x, y), far, color, -1)
    grain = rng.normal(0, 12, (height // 2, width // 2)).astype(np.float32)
    picture += cv2.resize(grain, (width, height))[:, :, None]
    return np.clip(picture, 0, 255).astype(np.uint8)


def write_photographs(folder: Path, n: int, height: int, width: int, seed: int = 0) -> list[str]:
    """Paths of ``n`` JPEG files of quality 90."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    paths = [str(folder / f"{i}.jpg") for i in range(n)]
    for path in paths:
        cv2.imwrite(path, photograph(rng, height, width), [cv2.IMWRITE_JPEG_QUALITY, 90])
    return paths
