"""make_early_fusion: the default features of each medium, joined."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mmclassic.fusion import EarlyFusionClassifier
from mmclassic.recipes._parts import early_block, name_columns


def make_early_fusion(
    *,
    text: str | Sequence[str] | None = None,
    image: str | Sequence[str] | None = None,
    audio: str | Sequence[str] | None = None,
    numeric: str | Sequence[str] | None = None,
    categorical: str | Sequence[str] | None = None,
    backbone: Any = None,
    cache: Any = None,
    cv: Any = 5,
    on_unreadable: str = "raise",
    class_weight: str | None = None,
    hashed: bool = False,
    redact: bool | Sequence[str] = False,
    random_state: int | None = None,
    n_jobs: int | None = None,
) -> EarlyFusionClassifier:
    """An early fusion of the default features of each medium, with tuned C and temperature.

    Parameters
    ----------
    text, image, audio, numeric, categorical : str or sequence of str, optional
        As in :func:`make_late_fusion`.
    backbone : path or bytes, optional
        An ONNX file: its features take the place of HOG and the colour histogram.
    cache : path, optional
        The store of features of pictures and recordings.
    cv : int, splitter or iterable, default=5
        Folds that choose C and the temperature.
    on_unreadable : {"raise", "missing"}, default="raise"
        Whether unreadable cells end the call, or count as missing.
    class_weight : "balanced", optional
        Rare classes count as much as frequent ones.
    hashed, redact : bool, default=False
        As in :func:`make_late_fusion`.
    random_state : int, optional
        Shuffles the folds; None keeps them in the order of the table.
    n_jobs : int, optional
        Folds, and reading of cells, in parallel.

    Returns
    -------
    model : EarlyFusionClassifier
        Not fitted.

    Raises
    ------
    ValueError
        If no column is named.

    Examples
    --------
    >>> from mmclassic import load_demo, make_early_fusion
    >>> table = load_demo(n_samples=60)
    >>> model = make_early_fusion(text="text", audio="audio", cv=2).fit(table, table["label"])
    >>> model.predict_proba(table[:3]).shape
    (3, 10)
    """
    options = {"backbone": backbone, "cache": cache, "n_jobs": n_jobs}
    options |= {"hashed": hashed, "redact": redact}
    named = name_columns(
        text=text, image=image, audio=audio, numeric=numeric, categorical=categorical
    )
    modalities = [(name, early_block(medium, options), columns) for name, medium, columns in named]
    return EarlyFusionClassifier(
        modalities,
        cv=cv,
        on_unreadable=on_unreadable,
        class_weight=class_weight,
        random_state=random_state,
        n_jobs=n_jobs,
    )
