"""A result as JSON."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from mmclassic.evaluation._result import BenchmarkResult

# What a result made by hand may lack.
FROM_EVIDENCE = ("contributions", "overlap", "weights", "rows_to_look_at")
FRAMES = ("frame", "folds", "comparisons", "calibration", "data_quality")


def json_of(result: BenchmarkResult) -> str:
    """All frames and words of a result; what it cannot tell is null, and so is NaN."""
    from mmclassic import __version__

    content: dict[str, Any] = {
        "mmclassic": __version__,
        "verdict": result.verdict,
        "task": result.task,
        "metric": result.metric,
        "classes": result.classes,
        "about": result.about,
        "notes": result.notes,
    }
    has_evidence = result.evidence is not None
    for name in (*FRAMES, *FROM_EVIDENCE):
        known = has_evidence or name not in FROM_EVIDENCE
        frame = getattr(result, name) if known else None
        content[name] = None if frame is None else frame.to_dict("records")
    for name in ("learning_curve", "robustness"):
        curve = getattr(result, name)
        content[name] = None if curve is None else curve.to_dict("records")
    return json.dumps(plain(content), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def plain(value: Any) -> Any:
    """A value in the types that JSON knows.

    Examples
    --------
    >>> plain({1: np.float64("nan"), "rows": np.arange(2), "flag": np.True_})
    {'1': None, 'rows': [0, 1], 'flag': True}
    """
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set):
        return [plain(item) for item in value]
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if value is None or isinstance(value, bool | int) else str(value)
