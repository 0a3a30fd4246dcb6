"""Good defaults for each medium where the target is a number; the twins of those for classes.

The figures behind the defaults are in ``benchmarks/results/regression_models.md``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sklearn.ensemble import HistGradientBoostingRegressor, StackingRegressor
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mmclassic.fusion import EarlyFusionRegressor, LateFusionRegressor, WeightedSumRegressor
from mmclassic.recipes._few_rows import FoldsOrAll
from mmclassic.recipes._parts import early_block, features, name_columns, numbers, one_hot

# Penalties; rows of features have a length of about one, so the number of features matters little.
ALPHAS = {"text": 0.3, "image": 3.0, "audio": 0.3}


def make_late_fusion_regressor(
    *,
    text: str | Sequence[str] | None = None,
    image: str | Sequence[str] | None = None,
    audio: str | Sequence[str] | None = None,
    numeric: str | Sequence[str] | None = None,
    categorical: str | Sequence[str] | None = None,
    backbone: Any = None,
    hashed: bool = False,
    redact: bool | Sequence[str] = False,
    fusion: Any = None,
    cache: Any = None,
    cv: Any = 5,
    on_unreadable: str = "raise",
    random_state: int | None = None,
    n_jobs: int | None = None,
) -> LateFusionRegressor:
    """A late fusion with the default vectorizer and regressor of each medium.

    Parameters
    ----------
    text, image, audio : str or sequence of str, optional
        Columns of the medium; each is a modality of its own. A single column gives a modality
        called "text", "image" or "audio"; several give "text:caption", "text:title" and so on.
    numeric, categorical : str or sequence of str, optional
        The numeric columns make one modality together, the categorical ones another.
    backbone : path or bytes, optional
        An ONNX file: its features take the place of HOG and the colour histogram.
    hashed, redact : bool, default=False
        As in :func:`make_late_fusion`.
    fusion : head or str, optional
        As in :class:`LateFusionRegressor`. None: ``WeightedSumRegressor("learned")``.
    cache : path, optional
        The store of features of pictures and recordings.
    cv : int, splitter or iterable, default=5
        Folds of the cross-fit.
    on_unreadable : {"raise", "missing"}, default="raise"
        Whether unreadable cells end the call, or count as missing.
    random_state : int, optional
        Seeds the models and shuffles the folds; None keeps the folds in the order of the table.
    n_jobs : int, optional
        Fits, and reading of cells, in parallel.

    Returns
    -------
    model : LateFusionRegressor
        Not fitted.

    Raises
    ------
    ValueError
        If no column is named.

    See Also
    --------
    make_late_fusion : The same for classes.
    benchmark : How good this is on a table, beside its rivals.

    Examples
    --------
    >>> from mmclassic import load_demo, make_late_fusion_regressor
    >>> table = load_demo(n_samples=60)
    >>> model = make_late_fusion_regressor(text="text", audio="audio", cv=2)
    >>> model.fit(table, table["label"]).predict(table[:3]).shape
    (3,)
    """
    options = {"backbone": backbone, "cache": cache, "n_jobs": n_jobs}
    options |= {"hashed": hashed, "redact": redact}
    named = name_columns(
        text=text, image=image, audio=audio, numeric=numeric, categorical=categorical
    )
    modalities = [
        (name, _late_regressor(medium, random_state or 0, options), columns)
        for name, medium, columns in named
    ]
    return LateFusionRegressor(
        modalities,
        WeightedSumRegressor("learned") if fusion is None else fusion,
        cv=cv,
        on_unreadable=on_unreadable,
        random_state=random_state,
        n_jobs=n_jobs,
    )


def make_early_fusion_regressor(
    *,
    text: str | Sequence[str] | None = None,
    image: str | Sequence[str] | None = None,
    audio: str | Sequence[str] | None = None,
    numeric: str | Sequence[str] | None = None,
    categorical: str | Sequence[str] | None = None,
    backbone: Any = None,
    hashed: bool = False,
    redact: bool | Sequence[str] = False,
    cache: Any = None,
    cv: Any = 5,
    on_unreadable: str = "raise",
    random_state: int | None = None,
    n_jobs: int | None = None,
) -> EarlyFusionRegressor:
    """An early fusion of the default features of each medium, with a tuned penalty.

    Parameters
    ----------
    text, image, audio, numeric, categorical : str or sequence of str, optional
        As in :func:`make_late_fusion_regressor`.
    backbone : path or bytes, optional
        An ONNX file: its features take the place of HOG and the colour histogram.
    hashed, redact : bool, default=False
        As in :func:`make_late_fusion`.
    cache : path, optional
        The store of features of pictures and recordings.
    cv : int, splitter or iterable, default=5
        Folds that choose the penalty.
    on_unreadable : {"raise", "missing"}, default="raise"
        Whether unreadable cells end the call, or count as missing.
    random_state : int, optional
        Shuffles the folds; None keeps them in the order of the table.
    n_jobs : int, optional
        Folds, and reading of cells, in parallel.

    Returns
    -------
    model : EarlyFusionRegressor
        Not fitted.

    Raises
    ------
    ValueError
        If no column is named.

    Examples
    --------
    >>> from mmclassic import load_demo, make_early_fusion_regressor
    >>> table = load_demo(n_samples=60)
    >>> model = make_early_fusion_regressor(text="text", audio="audio", cv=2)
    >>> model.fit(table, table["label"]).predict(table[:3]).shape
    (3,)
    """
    options = {"backbone": backbone, "cache": cache, "n_jobs": n_jobs}
    options |= {"hashed": hashed, "redact": redact}
    named = name_columns(
        text=text, image=image, audio=audio, numeric=numeric, categorical=categorical
    )
    modalities = [(name, early_block(medium, options), columns) for name, medium, columns in named]
    return EarlyFusionRegressor(
        modalities,
        cv=cv,
        on_unreadable=on_unreadable,
        random_state=random_state,
        n_jobs=n_jobs,
    )


def _late_regressor(medium: str, random_state: int, options: dict) -> Any:
    """The regressor of one modality."""
    if medium == "numeric":
        boosting = HistGradientBoostingRegressor(
            learning_rate=0.05, max_leaf_nodes=8, random_state=random_state
        )
        # Trees cannot go on beyond the numbers they saw, straight lines cannot bend.
        stack = StackingRegressor(
            [("boosting", boosting), ("linear", Ridge())],
            LinearRegression(positive=True),
            cv=FoldsOrAll(3, shuffle=True, random_state=random_state),
        )
        # Arrays within the stack, whatever the global setting of set_output.
        stack.set_output(transform="default")
        return make_pipeline(*numbers(StandardScaler()), stack)
    if medium == "categorical":
        return make_pipeline(*one_hot(), Ridge())
    return make_pipeline(*features(medium, options), Ridge(alpha=ALPHAS[medium]))
