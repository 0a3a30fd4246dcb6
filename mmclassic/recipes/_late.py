"""make_late_fusion: the default classifier of each medium, fused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mmclassic.fusion import EarlyFusionClassifier, LateFusionClassifier
from mmclassic.recipes._parts import all_columns, early_block, late_member, name_columns


def make_late_fusion(
    *,
    text: str | Sequence[str] | None = None,
    image: str | Sequence[str] | None = None,
    audio: str | Sequence[str] | None = None,
    numeric: str | Sequence[str] | None = None,
    categorical: str | Sequence[str] | None = None,
    backbone: Any = None,
    fusion: Any = "log_pool",
    early: bool = False,
    cache: Any = None,
    cv: Any = 5,
    on_unreadable: str = "raise",
    class_weight: str | None = None,
    hashed: bool = False,
    redact: bool | Sequence[str] = False,
    random_state: int | None = None,
    n_jobs: int | None = None,
) -> LateFusionClassifier:
    """A late fusion with the default vectorizer and classifier of each medium.

    Parameters
    ----------
    text, image, audio : str or sequence of str, optional
        Columns of the medium; each is a modality of its own. A single column gives a modality
        called "text", "image" or "audio"; several give "text:caption", "text:title" and so on.
    numeric, categorical : str or sequence of str, optional
        The numeric columns make one modality together, the categorical ones another.
    backbone : path or bytes, optional
        An ONNX file: its features take the place of HOG and the colour histogram.
    fusion : head or str, default="log_pool"
        As in :class:`LateFusionClassifier`.
    early : bool, default=False
        Whether an early fusion of all columns joins as one more member, "early". It is
        cross-fitted like the others, and no file is read twice. What removes modalities from the
        score table (ablation, robustness, conformal sets) refuses such a fusion.
    cache : path, optional
        The store of features of pictures and recordings.
    cv : int, splitter or iterable, default=5
        Folds of the cross-fit.
    on_unreadable : {"raise", "missing"}, default="raise"
        Whether unreadable cells end the call, or count as missing.
    class_weight : "balanced", optional
        Rare classes count as much as frequent ones in each modality's classifier. The head is
        fitted on the rows as they are and learns how frequent classes are: to weigh it too, as
        :func:`benchmark` does, pass ``sample_weight`` to ``fit`` in place of this.
    hashed : bool, default=False
        Keep hashed columns of texts in place of their words, so that the model can be shared
        without them.
    redact : bool or sequence of str, default=False
        What :func:`redact` replaces in texts first: some of "url", "email", "phone" and
        "number"; True for all.
    random_state : int, optional
        Seeds the models and shuffles the folds; None keeps the folds in the order of the table.
    n_jobs : int, optional
        Fits, and reading of cells, in parallel.

    Returns
    -------
    model : LateFusionClassifier
        Not fitted.

    Raises
    ------
    ValueError
        If no column is named.

    See Also
    --------
    make_early_fusion : The same features side by side.
    benchmark : How good this is on a table, beside its rivals.

    Examples
    --------
    >>> from mmclassic import load_demo, make_late_fusion
    >>> table = load_demo(n_samples=60)
    >>> model = make_late_fusion(text="text", audio="audio", cv=2).fit(table, table["label"])
    >>> model.predict_proba(table[:3]).shape
    (3, 10)
    """
    options = {"backbone": backbone, "cache": cache, "n_jobs": n_jobs}
    options |= {"hashed": hashed, "redact": redact}
    options["class_weight"] = class_weight
    named = name_columns(
        text=text, image=image, audio=audio, numeric=numeric, categorical=categorical
    )
    modalities = [
        (name, late_member(medium, random_state or 0, options), columns)
        for name, medium, columns in named
    ]
    if early:
        blocks = [(name, early_block(medium, options), columns) for name, medium, columns in named]
        joined = EarlyFusionClassifier(
            blocks,
            cv=cv if isinstance(cv, int) else 5,  # folds by row are no folds of a part of the rows
            on_unreadable=on_unreadable,
            class_weight=class_weight,
            random_state=random_state,
        )
        modalities.append(("early", joined, all_columns(named)))
    return LateFusionClassifier(
        modalities,
        fusion,
        cv=cv,
        on_unreadable=on_unreadable,
        random_state=random_state,
        n_jobs=n_jobs,
    )
