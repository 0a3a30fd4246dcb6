"""The label, the groups and the split must not be features."""

from __future__ import annotations

from typing import Any


def refuse_leaks(columns: dict, target: Any, groups: Any = None, split: Any = None) -> None:
    """Refuse a table in which the answer is among the features.

    Parameters
    ----------
    columns : dict
        From a medium to a column's name, several, or None.
    target, groups, split : str or other
        Names of columns; anything else is passed over.

    Raises
    ------
    ValueError
        If one of them is a feature, groups or split is the target, or a name is no text.

    Examples
    --------
    >>> refuse_leaks({"text": "mood"}, "mood")
    Traceback (most recent call last):
    ...
    ValueError: Column 'mood' is the target: it cannot be a feature as well.
    """
    named = []
    for medium, given in columns.items():
        several = [given] if isinstance(given, str) or given is None else given
        if not isinstance(several, list | tuple):
            raise ValueError(f"{medium} takes a column's name or a list of names, got {given!r}.")
        named += [column for column in several if column is not None]
    targets = list(target) if isinstance(target, list | tuple) else [target]
    roles = [(one, "target") for one in targets] + [(groups, "groups"), (split, "split")]
    for role, what in roles:
        if isinstance(role, str) and role in named:
            raise ValueError(f"Column {role!r} is the {what}: it cannot be a feature as well.")
        if isinstance(role, str) and what != "target" and role in map(str, targets):
            raise ValueError(f"Column {role!r} is the target: it cannot be the {what} as well.")
