"""The section of a report on damage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mmclassic.evaluation._insight_figures import damage_curves
from mmclassic.evaluation._metric_names import metric_in_words, shown_value

if TYPE_CHECKING:
    import pandas as pd


def robustness_section(frame: pd.DataFrame, n_rows: int | None = None) -> dict[str, Any]:
    """One picture per modality, all to one scale, and what is worst in words.

    Parameters
    ----------
    frame : DataFrame
    n_rows : int, optional
        Test rows behind it, where known.
    """
    from markupsafe import Markup

    metrics = list(dict.fromkeys(frame["metric"]))
    frame = frame[frame["metric"] == ("accuracy" if "accuracy" in metrics else metrics[0])]
    values = frame[["value", "without"]].to_numpy(dtype=float)
    # R² has no lower bound: far below the mean of the target the curve may leave the picture.
    high = float(np.nanmax(values))
    low = max(float(np.nanmin(values)), high - 2.0)
    span = max(high - low, 0.1)  # small changes should look small
    limits = (high - 1.45 * span, high + 0.05 * span)  # below is room for the legend
    drawings = [
        (str(name), Markup(damage_curves(own, str(name), f"damage-{number}", limits)))
        for number, (name, own) in enumerate(frame.groupby("modality", sort=False))
    ]
    rows = "" if n_rows is None else f"Measured on {n_rows:,} test rows of one fold. "
    return {"drawings": drawings, "sentence": rows + damage_in_words(frame)}


def damage_in_words(frame: pd.DataFrame) -> str:
    """The kind of damage that costs most at its worst.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"modality": "text", "kind": "missing", "level": [0, 1],
    ...                       "metric": "accuracy", "value": [0.9, 0.6], "without": 0.6})
    >>> damage_in_words(frame)
    'Undamaged: accuracy 0.900. Worst: missing cells in text, 0.600 at the greatest severity.'
    """
    metric = str(frame["metric"].iloc[0])
    start = frame.loc[frame["level"] == 0, "value"].iloc[0]
    last = frame.groupby(["modality", "kind"], sort=False).last()["value"].dropna()
    words = f"Undamaged: {metric_in_words(metric)} {shown_value(float(start), metric)}."
    if not len(last):
        return words
    place = int(np.argmin(last.to_numpy()))
    modality, kind = (
        str(names[place]).replace("_", " ") for names in zip(*last.index, strict=True)
    )
    worst = shown_value(float(last.min()), metric)
    kind = "missing cells" if kind == "missing" else kind
    return f"{words} Worst: {kind} in {modality}, {worst} at the greatest severity."
