"""Results for several labels at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from sklearn.metrics import precision_recall_fscore_support, roc_auc_score

from mmclassic.evaluation._evidence import Evidence
from mmclassic.evaluation._label_metrics import LABEL_METRICS, predicted_labels
from mmclassic.evaluation._label_task import both
from mmclassic.evaluation._outcome import ModelOutcome
from mmclassic.evaluation._overlap import overlap_frame, overlap_in_bars
from mmclassic.evaluation._row_words import RowWords
from mmclassic.evaluation._rows_to_look_at import APART, N_SHOWN, WRONG, choose_rows
from mmclassic.evaluation._view import View, outputs_of, shown_range

if TYPE_CHECKING:
    import pandas as pd

NO_LABEL = "no label"
# A label that fewer rows have is called rare.
FEW = 10


class LabelView(View):
    """An indicator, and the probability of each label."""

    kind = "multilabel"
    metrics = LABEL_METRICS
    words = RowWords()
    answers = "yes-or-no questions"

    @property
    def twin_codes(self) -> np.ndarray:
        return np.unique(self.y, axis=0, return_inverse=True)[1].reshape(-1)

    def columns(self, rows, outputs):
        names = [f"probability_{label}" for label in self.classes.tolist()]
        return {
            "label": self.names(self.y[rows]),
            "prediction": self.names(predicted_labels(outputs)),
            **dict(zip(names, outputs.T, strict=True)),
        }

    def names(self, indicator: np.ndarray) -> np.ndarray:
        """The labels of each row in one text."""
        texts = [", ".join(self.classes[row == 1].tolist()) or NO_LABEL for row in indicator]
        return np.array(texts, dtype=object)

    def rows_frame(self, evidence: Evidence) -> pd.DataFrame:
        """As of a classification: label and prediction name all labels of a row; ``confidence`` is
        the mean over labels of the greater probability, ``disagreement`` the mean over labels of
        the deviation of the modalities' probabilities.
        """
        import pandas as pd

        true, outputs = self.y[evidence.rows], evidence.fuse(evidence.scores)
        wrong = (predicted_labels(outputs) != true).any(axis=1)
        # How sure the wrong labels are, of wrong rows; the mean certainty tells of all labels.
        sure = np.where(true == 1, 1 - outputs, outputs).max(axis=1)
        apart = _apart(evidence.scores)
        chosen = choose_rows(wrong, sure, apart, N_SHOWN, (WRONG, APART))
        places = np.array([place for place, _ in chosen], dtype=int)
        columns = {
            "row": evidence.rows[places],
            "fold": evidence.fold_numbers[places],
            "why": [why for _, why in chosen],
            "label": self.names(true[places]),
            "prediction": self.names(predicted_labels(outputs[places])),
            "confidence": certainty(outputs[places]),
            "disagreement": apart[places],
        }
        for index, name in enumerate(evidence.modalities):
            own, there = evidence.scores[places, index], evidence.present[places, index]
            said = self.names(predicted_labels(np.nan_to_num(own)))
            said[~there] = None
            columns[f"{name}_prediction"] = said
            columns[f"{name}_confidence"] = np.where(there, certainty(own), np.nan)
        return pd.DataFrame(columns)

    def overlap_frame(self, evidence: Evidence) -> pd.DataFrame:
        return overlap_frame(evidence, self._right(evidence))

    def overlap_section(self, evidence, fused):
        return overlap_in_bars(evidence, self._right(evidence), fused)

    def _right(self, evidence: Evidence) -> np.ndarray:
        """Which modality has all labels of which row right."""
        said = predicted_labels(np.nan_to_num(evidence.scores))
        right = (said == self.y[evidence.rows][:, None]).all(axis=2)
        return right & evidence.present

    def balance(self):
        counts = self.y.sum(axis=0)
        small, large = int(counts.argmin()), int(counts.argmax())
        detail = (
            f"From {counts[small]:,} rows ({self.classes[small]}) to {counts[large]:,} "
            f"({self.classes[large]}) have a label; {int((~self.y.any(axis=1)).sum()):,} have none."
        )
        severity = "warning" if counts[small] < FEW else "note"
        return "label balance", None, int(counts[small]), severity, detail

    def fact(self):
        counts = self.y.sum(axis=0)
        each = shown_range(counts.min(), counts.max())
        mean = self.y.sum(axis=1).mean()
        return "Labels", f"{len(self.classes)}, each of {each} rows; {mean:.1f} a row on average"

    def errors(self, outcome):
        frame = label_frame(outcome, self.y, self.classes)
        lines = [
            {
                "label": record["label"],
                "n_rows": f"{record['n_rows']:,}",
                "width": f"{100 * record['f1']:.1f}",
                "figures": [
                    "–" if np.isnan(record[name]) else f"{record[name]:.3f}"
                    for name in ("f1", "precision", "recall", "roc_auc")
                ],
            }
            for record in frame.to_dict("records")
        ]
        return {"label_lines": lines}

    def pooled(self, outcome):
        rows, probabilities = outputs_of(outcome)
        return self.y[rows].ravel(), both(np.clip(probabilities, 0, 1).ravel())

    def in_short(self):
        return f"{len(self.classes)} labels"


def label_frame(outcome: ModelOutcome, y: np.ndarray, labels: np.ndarray) -> pd.DataFrame:
    """One row per label: how one model finds it in the test rows of all folds.

    Returns
    -------
    frame : DataFrame
        ``label``, ``n_rows`` that have it, ``f1``, ``precision``, ``recall``, ``roc_auc``.
    """
    import pandas as pd

    rows, outputs = outputs_of(outcome)
    true = y[rows]
    precision, recall, f1, counts = precision_recall_fscore_support(
        true, predicted_labels(outputs), average=None, zero_division=0.0
    )
    areas = [
        roc_auc_score(true[:, k], outputs[:, k]) if 0 < true[:, k].mean() < 1 else float("nan")
        for k in range(true.shape[1])
    ]
    return pd.DataFrame(
        {
            "label": labels,
            "n_rows": counts.astype(int),
            "f1": f1,
            "precision": precision,
            "recall": recall,
            "roc_auc": areas,
        }
    )


def certainty(probabilities: np.ndarray) -> np.ndarray:
    """Mean over labels of the greater of the probabilities of having and of not having it.

    Examples
    --------
    >>> certainty(np.array([[0.9, 0.3]]))
    array([0.8])
    """
    return np.maximum(probabilities, 1 - probabilities).mean(axis=1)


def _apart(scores: np.ndarray) -> np.ndarray:
    """Mean over labels of the deviation of a row's modalities; 0 where they agree on all labels."""
    there = ~np.isnan(scores[:, :, :1])
    counts = np.maximum(there.sum(axis=1), 1)
    filled = np.nan_to_num(scores)
    mean = filled.sum(axis=1) / counts
    squares = np.where(there, (filled - mean[:, None]) ** 2, 0.0)
    deviation = np.sqrt(squares.sum(axis=1) / counts).mean(axis=1)
    votes = (predicted_labels(filled) * there).sum(axis=1)
    return np.where(((votes > 0) & (votes < counts)).any(axis=1), deviation, 0.0)
