"""A card as text for a terminal."""

from __future__ import annotations

import json
from typing import Any

# Of classes, columns and the like.
_MOST_SHOWN = 20
_WIDTH = 10


def card_text(card: dict) -> str:
    """What a card says, one thing on a line.

    Parameters
    ----------
    card : dict
        As :func:`read_card` gives it. It need not be true, nor complete.

    Returns
    -------
    text : str
        Every character can be printed: a card cannot steer the terminal that shows it.

    Examples
    --------
    >>> print(card_text({"model": "sklearn.svm.SVC", "classes": ["a", "b"], "bytes": 2048}))
    model      SVC (sklearn.svm.SVC), 2 kB
    fitted     not recorded
    classes    2: a, b
    """
    name = str(card.get("model", "unknown"))
    lines = [
        ("model", f"{name.rpartition('.')[2]} ({name}), {_sizes(card)}"),
        ("fitted", card.get("fitted") or "not recorded"),
        ("saved", card.get("saved")),
        ("versions", _pairs(card.get("versions"))),
        ("classes", _counted(card.get("classes"))),
        ("columns", _counted(card.get("columns"))),
        ("steps", _chain(card.get("steps"))),
        *_modalities(card),
        ("fusion", _step(card["fusion"]) if card.get("fusion") else None),
        ("rows", _rows(card)),
        *_several("notes", card.get("notes")),
        *(("inside", text) for text in dict.fromkeys(map(_pairs, _list(card.get("embedded"))))),
    ]
    shown = [f"{title:<{_WIDTH}} {_printable(text)}" for title, text in lines if text]
    return "\n".join(shown)


def _printable(text: Any) -> str:
    """Text with what does not print written out.

    >>> _printable("a\\x1b[2Jb")
    'a\\\\x1b[2Jb'
    """
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in str(text))


def _list(value: Any) -> list:
    return value if isinstance(value, list) else []


def _sizes(card: dict) -> str:
    sizes = [(card.get("bytes"), ""), (card.get("unpacked_bytes"), " unpacked")]
    return ", ".join(f"{_size(n)}{what}" for n, what in sizes if isinstance(n, int))


def _size(n_bytes: int) -> str:
    return f"{n_bytes / 1e6:.1f} MB" if n_bytes >= 1e5 else f"{max(1, round(n_bytes / 1e3))} kB"


def _pairs(value: Any) -> str | None:
    if not isinstance(value, dict):
        return None
    return ", ".join(f"{name} {_short(part)}" for name, part in value.items())


def _short(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _counted(value: Any) -> str | None:
    """How many there are, and the first of them."""
    if not isinstance(value, list):
        return None
    more = ", …" if len(value) > _MOST_SHOWN else ""
    return f"{len(value)}: {', '.join(map(_short, value[:_MOST_SHOWN]))}{more}"


def _step(step: Any) -> str:
    if not isinstance(step, dict):
        return _short(step)
    settings = step.get("settings")
    given = settings.items() if isinstance(settings, dict) else ()
    inside = ", ".join(f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in given)
    return f"{step.get('type')}({inside})"


def _chain(steps: Any) -> str:
    return " > ".join(map(_step, _list(steps)))


def _modalities(card: dict) -> list[tuple[str, str]]:
    """A line for each modality, and one for its scores."""
    scores = card.get("cross_fitted_scores")
    lines = []
    for modality in _list(card.get("modalities")):
        if not isinstance(modality, dict):
            continue
        name, columns = modality.get("name"), modality.get("columns")
        whose = "" if columns == name else f" ({_counted(columns) or _short(columns)})"
        lines.append(("modality", f"{name}{whose}: {_chain(modality.get('steps'))}"))
        own = scores.get(name) if isinstance(scores, dict) and isinstance(name, str) else None
        if isinstance(own, dict):
            lines.append(("", f"{name}, cross-fitted: {_pairs(own)}"))
    return lines


def _several(title: str, value: Any) -> list[tuple[str, str]]:
    if not isinstance(value, dict):
        return []
    return [(title, f"{name}: {_short(part)}") for name, part in value.items()]


def _rows(card: dict) -> str | None:
    holders = card.get("holds_training_rows")
    if not isinstance(holders, list):
        return None
    if not holders:
        return "no row of the training table is kept"
    return f"rows of the training table are kept, by {', '.join(map(_short, holders))}"
