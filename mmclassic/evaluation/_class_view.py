"""Results of a classification."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mmclassic.evaluation._balance import class_balance
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
        return class_balance(self.y, self.classes)

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
