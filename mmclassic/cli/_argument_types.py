"""What the words of a command are turned into, or refused as, one by one."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable

# A name, in quotes or without, up to a comma or the end.
_NAME = re.compile(r'\s*(?:"((?:[^"]|"")*)"\s*|([^",][^,]*|))(?:,|$)')


def folds(text: str) -> int:
    """A number of folds."""
    number = _parsed(int, text)
    if number < 2:
        raise argparse.ArgumentTypeError(f"needs at least 2 folds, got {number}")
    return number


def share(text: str) -> float:
    """A number from 0 to 1."""
    number = _parsed(float, text)
    if not 0 <= number <= 1:  # nor NaN
        raise argparse.ArgumentTypeError(f"must be from 0 to 1, got {text}")
    return number


def shares(text: str) -> list[float]:
    """Shares above 0, between commas."""
    shares = [share(part) for part in text.split(",")]
    if 0 in shares:
        raise argparse.ArgumentTypeError(f"must be above 0, got {text}")
    return shares


def repeats(text: str) -> int:
    """A number of repeats."""
    number = _parsed(int, text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, got {number}")
    return number


def jobs(text: str) -> int:
    """A number of parallel jobs."""
    number = _parsed(int, text)
    if number == 0:
        raise argparse.ArgumentTypeError("needs at least one job (-1 for all cores), got 0")
    return number


def seed(text: str) -> int:
    """What random numbers begin with."""
    number = _parsed(int, text)
    if not 0 <= number < 2**32:
        raise argparse.ArgumentTypeError(f"must be from 0 to {2**32 - 1}, got {number}")
    return number


def _parsed(kind: Callable, text: str):
    try:
        return kind(text)
    except ValueError:
        # As argparse says it of a bare type.
        raise argparse.ArgumentTypeError(f"invalid {kind.__name__} value: {text!r}") from None


def names(text: str) -> list[str]:
    """Column names between commas; one that holds a comma itself is in double quotes.

    >>> names('title,"length, width"')
    ['title', 'length, width']
    """
    names, end, more = [], 0, True
    while more:
        match = _NAME.match(text, end)
        if match is None:
            raise argparse.ArgumentTypeError(f"cannot be read as column names: {text!r}")
        quoted, plain = match.groups()
        names.append(plain.strip() if quoted is None else quoted.replace('""', '"'))
        end, more = match.end(), match[0].endswith(",")
    if not all(names):
        raise argparse.ArgumentTypeError(f"an empty column name in {text!r}")
    refuse_twice(names)
    return names


def refuse_twice(names: list[str]) -> None:
    """Raise ArgumentTypeError where one of some column names comes again."""
    for name in names:
        if names.count(name) > 1:
            raise argparse.ArgumentTypeError(f"{name!r} is named twice")
