"""How a row is told in the report: its truth, the fusion's answer, what each modality says."""

from __future__ import annotations

import math
from dataclasses import dataclass

from mmclassic.evaluation._metric_names import shown_number
from mmclassic.evaluation._svg import shown_text


@dataclass(frozen=True)
class Answer:
    """An answer as shown: ``right`` is None where an answer is neither right nor wrong."""

    text: str
    note: str
    right: bool | None


class RowWords:
    """Rows of classes, or of several labels in one text.

    Examples
    --------
    >>> RowWords().answer({"label": "cat", "prediction": "dog", "confidence": 0.873})
    Answer(text='dog', note='87\\xa0% sure', right=False)
    """

    def truth(self, record: dict) -> str:
        """The true value."""
        return shown_text(record["label"], 60)

    def answer(self, record: dict) -> Answer:
        """What the fusion says."""
        sure = f"{sureness(record['confidence'])} sure"
        right = bool(record["label"] == record["prediction"])
        return Answer(shown_text(record["prediction"], 60), sure, right)

    def part(self, record: dict, modality: str) -> Answer | None:
        """What a modality says alone; None where the row lacks it."""
        confidence = record[f"{modality}_confidence"]
        if math.isnan(confidence):
            return None
        said = record[f"{modality}_prediction"]
        return Answer(shown_text(said, 60), sureness(confidence), bool(said == record["label"]))


class NumberWords(RowWords):
    """Rows of numbers.

    Examples
    --------
    >>> NumberWords().answer({"label": 3.0, "prediction": 4.5, "error": 1.5})
    Answer(text='4.5', note='1.5 too high', right=None)
    """

    def truth(self, record):
        return shown_number(record["label"])

    def answer(self, record):
        return Answer(shown_number(record["prediction"]), off(record["error"]), None)

    def part(self, record, modality):
        said = record[f"{modality}_prediction"]
        if math.isnan(said):
            return None
        return Answer(shown_number(said), off(said - record["label"]), None)


def off(error: float) -> str:
    """A signed error in words.

    Examples
    --------
    >>> off(-1250.4), off(0.0)
    ('1,250 too low', 'exact')
    """
    if error == 0:
        return "exact"
    return f"{shown_number(abs(error))} too {'high' if error > 0 else 'low'}"


def sureness(confidence: float) -> str:
    r"""A confidence in words; only what is certain is called so.

    Examples
    --------
    >>> sureness(0.873), sureness(0.9997), sureness(1.0)
    ('87\xa0%', 'over 99\xa0%', '100\xa0%')
    """
    if 0.99 < confidence < 1:
        return "over 99\u00a0%"
    return f"{100 * confidence:.0f}\u00a0%"
