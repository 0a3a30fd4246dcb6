"""The ways to damage the cells of each medium: their names, units and usual severities."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from numbers import Real
from typing import Any, NamedTuple

from mmclassic.inspection import _damage_audio as audio
from mmclassic.inspection import _damage_image as image
from mmclassic.inspection import _damage_table as table
from mmclassic.inspection import _damage_text as text


class Damage(NamedTuple):
    """One way to damage a cell.

    Parameters
    ----------
    unit : str
        What a severity counts, for axes.
    severities : tuple of float
        The usual ones, from little to much damage.
    low, high : float
        The least and the greatest severity there is.
    undamaged : float
        The severity that means no damage.
    function : callable or None
        None for "missing", which needs no cell.
    """

    unit: str
    severities: tuple[float, ...]
    low: float
    high: float
    undamaged: float
    function: Callable | None


_SHARES = (0.1, 0.25, 0.5, 0.75)
_INFINITE = float("inf")
_UNKNOWN = float("nan")  # of a quality or a rate, as the cell has it

MISSING = Damage("share of rows", (0.1, 0.25, 0.5, 0.75, 1.0), 0, 1, 0, None)

DAMAGES: dict[str, dict[str, Damage]] = {
    "image": {
        "noise": Damage("deviation, grey levels of 255", (10, 25, 50, 100), 0, 255, 0,
                        image.image_noise),
        "blur": Damage("deviation, % of shorter side", (1, 2, 4, 8), 0, 50, 0, image.image_blur),
        "jpeg": Damage("JPEG quality", (75, 50, 25, 10, 5), 1, 100, _UNKNOWN, image.image_jpeg),
        "occlusion": Damage("share of area", _SHARES, 0, 1, 0, image.image_occlusion),
    },
    "audio": {
        "noise": Damage("signal to noise, dB", (20, 10, 5, 0, -5), -100, 200, _INFINITE,
                        audio.audio_noise),
        "clipping": Damage("share of samples", _SHARES, 0, 0.99, 0, audio.audio_clipping),
        "dropped_pieces": Damage("share of 50 ms pieces", _SHARES, 0, 1, 0,
                                 audio.audio_dropped_pieces),
        "resampling": Damage("sampling rate, Hz", (8000, 4000, 2000, 1000), 100, 1e6, _UNKNOWN,
                             audio.audio_resampling),
    },
    "text": {
        "typing_errors": Damage("share of letters", (0.02, 0.05, 0.1, 0.2, 0.4), 0, 1, 0,
                                text.text_typing_errors),
        "dropped_words": Damage("share of words", _SHARES, 0, 1, 0, text.text_dropped_words),
        "shuffled_words": Damage("share of words", (0.25, 0.5, 1.0), 0, 1, 0,
                                 text.text_shuffled_words),
    },
    "numeric": {
        "noise": Damage("standard deviations", (0.25, 0.5, 1, 2), 0, 1e6, 0, table.number_noise),
    },
    "categorical": {
        "replaced": Damage("share of cells", _SHARES, 0, 1, 0, table.replaced_categories),
    },
}  # fmt: skip


def damages_of(media: Sequence[str]) -> dict[str, Damage]:
    """All damages of a modality, by name; every modality can be missing.

    Parameters
    ----------
    media : sequence of str
        Among "image", "audio", "text", "numeric" and "categorical"; none where it is unknown.

    Examples
    --------
    >>> list(damages_of(["text"])), list(damages_of([]))
    (['typing_errors', 'dropped_words', 'shuffled_words', 'missing'], ['missing'])
    """
    found = {kind: damage for medium in media for kind, damage in DAMAGES[medium].items()}
    return {**found, "missing": MISSING}


def choose_damages(
    modalities: Mapping[str, Mapping[str, Damage]], kinds: Any
) -> dict[str, dict[str, Damage]]:
    """For each modality the damages that were asked for and that it can have.

    Parameters
    ----------
    modalities : dict from the name of a modality to its damages
    kinds : None, str or sequence of str
        None means all.

    Raises
    ------
    ValueError
        Naming a kind that no modality can have, and those there are.

    Examples
    --------
    >>> chosen = choose_damages({"text": damages_of(["text"]), "other": damages_of([])}, "missing")
    >>> {name: list(damages) for name, damages in chosen.items()}
    {'text': ['missing'], 'other': ['missing']}
    """
    if kinds is None:
        return {name: dict(damages) for name, damages in modalities.items()}
    wanted = [kinds] if isinstance(kinds, str) else list(kinds)
    known = {kind for damages in modalities.values() for kind in damages}
    for kind in wanted:
        if kind not in known:
            there = {name: list(damages) for name, damages in modalities.items()}
            raise ValueError(f"There is no kind of damage {kind!r}; there are: {there}.")
    return {
        name: {kind: damages[kind] for kind in wanted if kind in damages}
        for name, damages in modalities.items()
    }


def severities_of(kind: str, damage: Damage, severities: Any) -> list[float]:
    """The severities of one kind of damage, after checks.

    Parameters
    ----------
    kind : str
    damage : Damage
    severities : None, sequence of float, or dict from kind to sequence of float
        None, and kinds that the dict does not name, mean the usual ones.

    Raises
    ------
    ValueError
        Naming the severity that is no number or out of range.

    Examples
    --------
    >>> severities_of("occlusion", DAMAGES["image"]["occlusion"], {"occlusion": [0.5]})
    [0.5]
    """
    given = severities.get(kind) if isinstance(severities, Mapping) else severities
    values = list(damage.severities if given is None else given)
    for value in values:
        is_number = isinstance(value, Real) and not isinstance(value, bool)
        if not is_number or not damage.low <= value <= damage.high:
            raise ValueError(
                f"A severity of {kind!r} ({damage.unit}) lies between {damage.low:g} and "
                f"{damage.high:g}, got {value!r}."
            )
    return [float(value) for value in values]
