"""Results of a classification."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mmclassic.evaluation._evidence import Evidence
from mmclassic.evaluation._figures import confusion_map, most_confused
from mmclassic.evaluation._metrics import CLASS_METRICS
from mmclassic.evaluation._overlap import overlap_frame, overlap_in_bars, right_classes
from mmclassic.evaluation._row_words import RowWords
from mmclassic.evaluation._rows_to_look_at import rows_frame
from mmclassic.evaluation._tables import confusion_frame
from mmclassic.evaluation._view import View, outputs_of, shown_range

if TYPE_CHECKING:
    import pandas as pd

# Above this share of the largest class and the smallest, classes are called uneven.
UNEVEN = 10.0


class ClassView(View):
    """Codes of classes, and class probabilities."""

    kind = "classification"
    metrics = CLASS_METRICS
    words = RowWords()
    answers = "rows"

    @property
    def n_outputs(self) -> int:
        return len(self.classes)

    @property
    def twin_codes(self) -> np.ndarray:
        return self.y

    @property
    def names_in_text(self) -> np.ndarray:
        return self.classes

    def columns(self, rows, outputs):
        names = [f"probability_{label}" for label in self.classes.tolist()]
        return {
            "label": self.classes[self.y[rows]],
            "prediction": self.classes[outputs.argmax(axis=1)],
            **dict(zip(names, outputs.T, strict=True)),
        }

    def rows_frame(self, evidence: Evidence) -> pd.DataFrame:
        return rows_frame(evidence, self.y, self.classes)

    def overlap_frame(self, evidence: Evidence) -> pd.DataFrame:
        return overlap_frame(evidence, right_classes(evidence, self.y))

    def overlap_section(self, evidence, fused):
        return overlap_in_bars(evidence, right_classes(evidence, self.y), fused)

    def balance(self):
        counts = np.bincount(self.y, minlength=len(self.classes))
        small, large = int(counts.argmin()), int(counts.argmax())
        if counts[small] == counts[large]:
            return "class balance", None, 0, "ok", f"Every class has {counts[small]:,} rows."
        uneven = counts[large] > UNEVEN * counts[small]
        detail = (
            f"From {counts[small]:,} rows ({self.classes[small]}) to {counts[large]:,} "
            f"({self.classes[large]})."
        )
        if uneven:
            detail += " Read balanced accuracy beside accuracy."
        severity = "warning" if uneven else "note"
        return "class balance", None, int(counts[small]), severity, detail

    def fact(self):
        counts = np.bincount(self.y, minlength=len(self.classes))
        each = shown_range(counts.min(), counts.max())
        return "Classes", f"{len(self.classes)}, with {each} rows each"

    def errors(self, outcome):
        from markupsafe import Markup

        matrix = confusion_frame(outcome, self.y, self.classes)
        # The SVG is made by an XML writer, which has escaped the labels in it.
        drawing = Markup(confusion_map(matrix, outcome.name))
        return {"confusion": drawing, "confusions": most_confused(matrix)}

    def pooled(self, outcome):
        rows, probabilities = outputs_of(outcome)
        return self.y[rows], probabilities / probabilities.sum(axis=1, keepdims=True)
