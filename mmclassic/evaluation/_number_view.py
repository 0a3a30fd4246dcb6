"""Results of a regression."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from mmclassic.evaluation._evidence import Evidence
from mmclassic.evaluation._metric_names import shown_number
from mmclassic.evaluation._number_figures import predicted_and_true, residuals
from mmclassic.evaluation._number_metrics import NUMBER_METRICS
from mmclassic.evaluation._row_words import NumberWords
from mmclassic.evaluation._rows_to_look_at import APART, N_SHOWN, choose_rows
from mmclassic.evaluation._view import View, outputs_of

if TYPE_CHECKING:
    import pandas as pd

LARGE = "large error"
# Beyond so many quartile distances from the quartiles, a value is called far out (J. Tukey).
FAR = 3.0
PAIR_COLUMNS = ["first", "second", "n_rows", "error_correlation", "mean_distance", "oracle"]


class NumberView(View):
    """Numbers, and predicted numbers."""

    kind = "regression"
    metrics = NUMBER_METRICS
    words = NumberWords()

    @property
    def twin_codes(self) -> np.ndarray:
        return self.y

    def columns(self, rows, outputs):
        predicted = outputs[:, 0]
        return {"label": self.y[rows], "prediction": predicted, "error": predicted - self.y[rows]}

    def rows_frame(self, evidence: Evidence) -> pd.DataFrame:
        """``row``, ``fold``, ``why``, ``label``, ``prediction``, ``error`` (signed),
        ``disagreement`` (deviation of the modalities' predictions), ``<modality>_prediction``.
        """
        import pandas as pd

        true, predicted = self.y[evidence.rows], evidence.fuse(evidence.scores)[:, 0]
        apart = spread(evidence.scores[:, :, 0])
        size = np.abs(predicted - true)
        chosen = choose_rows(size > 0, size, apart, N_SHOWN, (LARGE, APART))
        places = np.array([place for place, _ in chosen], dtype=int)
        columns = {
            "row": evidence.rows[places],
            "fold": evidence.fold_numbers[places],
            "why": [why for _, why in chosen],
            "label": true[places],
            "prediction": predicted[places],
            "error": (predicted - true)[places],
            "disagreement": apart[places],
        }
        for index, name in enumerate(evidence.modalities):
            columns[f"{name}_prediction"] = evidence.scores[places, index, 0]
        return pd.DataFrame(columns)

    def overlap_frame(self, evidence: Evidence) -> pd.DataFrame:
        """``first``, ``second``, ``n_rows`` that have both, ``error_correlation``,
        ``mean_distance`` of their predictions, and ``oracle``: the mean absolute error of always
        taking the better one.
        """
        import pandas as pd

        errors = evidence.scores[:, :, 0] - self.y[evidence.rows][:, None]
        records = []
        for a, b in combinations(range(len(evidence.modalities)), 2):
            pair = errors[~np.isnan(errors[:, [a, b]]).any(axis=1)][:, [a, b]]
            told = len(pair) > 2 and pair.std(axis=0).all()
            records.append(
                (
                    evidence.modalities[a],
                    evidence.modalities[b],
                    len(pair),
                    float(np.corrcoef(pair.T)[0, 1]) if told else float("nan"),
                    float(np.abs(pair[:, 0] - pair[:, 1]).mean()) if len(pair) else float("nan"),
                    float(np.abs(pair).min(axis=1).mean()) if len(pair) else float("nan"),
                )
            )
        return pd.DataFrame.from_records(records, columns=PAIR_COLUMNS)

    def overlap_section(self, evidence, fused):
        frame = self.overlap_frame(evidence)
        if not len(frame):
            return None
        lines = [
            {
                "pair": f"{record['first']}, {record['second']}",
                "n_rows": f"{record['n_rows']:,}",
                "correlation": _two_digits(record["error_correlation"]),
                "distance": shown_number(record["mean_distance"]),
                "oracle": shown_number(record["oracle"]),
            }
            for record in frame.to_dict("records")
        ]
        return {"numbers": lines, "pairs": None}

    def balance(self):
        low, high = np.quantile(self.y, [0.25, 0.75])
        beyond = FAR * (high - low)
        far = np.flatnonzero((self.y < low - beyond) | (self.y > high + beyond))
        detail = f"{self._spread_in_words()}."
        if not len(far) or beyond == 0:
            return "target", None, 0, "ok", detail
        first = ", ".join(f"row {row}: {shown_number(self.y[row])}" for row in far[:3])
        detail += (
            f" {len(far):,} values are far out ({first}): a few of them can decide the squared "
            "errors. Read the absolute errors beside them."
        )
        return "target", None, len(far), "note", detail

    def fact(self):
        return "Numbers", self._spread_in_words()

    def _spread_in_words(self) -> str:
        low, middle, high = (shown_number(v) for v in np.quantile(self.y, [0, 0.5, 1]))
        return f"from {low} to {high}, median {middle}, deviation {shown_number(self.y.std())}"

    def errors(self, outcome):
        from markupsafe import Markup

        rows, outputs = outputs_of(outcome)
        true, predicted = self.y[rows], outputs[:, 0]
        return {
            "scatter": Markup(predicted_and_true(true, predicted, outcome.name)),
            "residuals": Markup(residuals(true, predicted, outcome.name)),
            "error_words": errors_in_words(true, predicted),
        }

    def in_short(self):
        return "a regression"


def spread(predictions: np.ndarray) -> np.ndarray:
    """Deviation of each row's predictions from their mean; 0 where there is one or none.

    Examples
    --------
    >>> spread(np.array([[1.0, 3.0], [np.nan, 2.0], [np.nan, np.nan]]))
    array([1., 0., 0.])
    """
    there = ~np.isnan(predictions)
    counts = np.maximum(there.sum(axis=1), 1)
    mean = np.nansum(predictions, axis=1) / counts
    squares = np.where(there, (predictions - mean[:, None]) ** 2, 0.0)
    return np.sqrt(squares.sum(axis=1) / counts)


def errors_in_words(true: np.ndarray, predicted: np.ndarray) -> str:
    """How far predictions are off, for most rows and on average.

    Examples
    --------
    >>> errors_in_words(np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.5, 5.0]))
    'Half of the rows are off by at most 0.5, nine in ten by at most 1.7. On average the predictions
    are 0.8333 too high.'
    """
    half, most = (shown_number(v) for v in np.quantile(np.abs(predicted - true), [0.5, 0.9]))
    mean = float(np.mean(predicted - true))
    words = f"Half of the rows are off by at most {half}, nine in ten by at most {most}."
    bias = shown_number(abs(mean))
    return f"{words} On average the predictions are {bias} too {'high' if mean > 0 else 'low'}."


def _two_digits(value: float) -> str:
    return "–" if np.isnan(value) else f"{value:.2f}"
