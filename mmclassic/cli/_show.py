"""What the command says of a model file, and writes into one."""

from __future__ import annotations

import json
from typing import Any

import numpy as np


def shown(path: str, *, as_json: bool) -> str:
    """The card of a model file, as text or as JSON; the model is not loaded."""
    from mmclassic.persistence import read_card
    from mmclassic.persistence._card_text import card_text

    card = read_card(path)
    return json.dumps(card, indent=2) if as_json else card_text(card)


def judged(result: Any) -> dict:
    """Scores of the best model of a benchmark on rows that it was not fitted on, for its card."""
    best = result.frame.iloc[0]
    names = [f"{score}_{part}" for score in ("accuracy", "log_loss") for part in ("mean", "std")]
    known = {name: round(float(best[name]), 4) for name in names if best.get(name, np.nan) >= 0}
    return {"best of a benchmark": best["model"], **known}
