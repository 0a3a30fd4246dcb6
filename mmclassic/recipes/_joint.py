"""make_joint_fusion: one network on the default features of each medium."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mmclassic.joint import JointClassifier
from mmclassic.recipes._parts import early_block, name_columns


def make_joint_fusion(
    *,
    text: str | Sequence[str] | None = None,
    image: str | Sequence[str] | None = None,
    audio: str | Sequence[str] | None = None,
    numeric: str | Sequence[str] | None = None,
    categorical: str | Sequence[str] | None = None,
    backbone: Any = None,
    cache: Any = None,
    on_unreadable: str = "raise",
    class_weight: str | None = None,
    hashed: bool = False,
    redact: bool | Sequence[str] = False,
    random_state: int | None = None,
    n_jobs: int | None = None,
) -> JointClassifier:
    """One network for the default features of all media; see :class:`JointClassifier`.

    Parameters
    ----------
    text, image, audio, numeric, categorical : str or sequence of str, optional
        As in :func:`make_late_fusion`.
    backbone : path or bytes, optional
        An ONNX file: its features take the place of HOG and the colour histogram.
    cache : path, optional
        The store of features of pictures and recordings.
    on_unreadable : {"raise", "missing"}, default="raise"
        Whether unreadable cells end the call, or count as missing.
    class_weight : "balanced", optional
        Rare classes count as much as frequent ones.
    hashed, redact : bool, default=False
        As in :func:`make_late_fusion`.
    random_state : int, optional
        Of the networks; None is as 0.
    n_jobs : int, optional
        Networks, and reading of cells, in parallel.

    Returns
    -------
    model : JointClassifier
        Not fitted.

    Raises
    ------
    ValueError
        If no column is named.

    Examples
    --------
    >>> from mmclassic import load_demo, make_joint_fusion
    >>> table = load_demo(n_samples=60)
    >>> model = make_joint_fusion(text="text", audio="audio").fit(table, table["label"])
    >>> model.predict_proba(table[:3]).shape
    (3, 10)
    """
    options = {"backbone": backbone, "cache": cache, "n_jobs": n_jobs}
    options |= {"hashed": hashed, "redact": redact}
    named = name_columns(
        text=text, image=image, audio=audio, numeric=numeric, categorical=categorical
    )
    return JointClassifier(
        [(name, early_block(medium, options), columns) for name, medium, columns in named],
        on_unreadable=on_unreadable,
        class_weight=class_weight,
        random_state=random_state or 0,
        n_jobs=n_jobs,
    )
