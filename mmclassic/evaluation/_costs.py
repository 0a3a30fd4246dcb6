"""What a benchmark takes up: a fitted model on disk, the whole of it in memory."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from mmclassic.persistence import save


def peak_megabytes() -> float:
    """Most memory that this process has held so far, in MB; NaN where the system does not tell.

    Examples
    --------
    >>> peak_megabytes() > 10
    True
    """
    try:
        import resource
    except ImportError:  # Windows
        return float("nan")
    unit = 1e6 if sys.platform == "darwin" else 1e3
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def model_bytes(fit: Callable[[str], Any], names: Iterable[str]) -> dict[str, float]:
    """Size of every model, fitted and saved; NaN for one that cannot be saved.

    Parameters
    ----------
    fit : callable
        From a name to a fitted model.
    names : iterable of str

    Returns
    -------
    sizes : dict of str to float
        Bytes of the file that :func:`mmclassic.save` writes, compressed.

    Examples
    --------
    >>> from sklearn.dummy import DummyClassifier
    >>> sizes = model_bytes(lambda name: DummyClassifier().fit([[0], [0]], [0, 1]), ["prior"])
    >>> 100 < sizes["prior"] < 100_000
    True
    """
    sizes = {}
    with TemporaryDirectory() as folder:
        path = Path(folder) / "model.mmc"
        for name in names:
            model = fit(name)
            try:
                save(model, path)
            except ValueError:  # a user's own, with a lambda in it
                sizes[name] = float("nan")
            else:
                sizes[name] = float(path.stat().st_size)
    return sizes
