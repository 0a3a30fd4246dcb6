"""Data-quality warnings, kept for the report and shown all the same."""

from __future__ import annotations

import warnings

from mmclassic._errors import DataQualityWarning


class Noting(warnings.catch_warnings):
    """Keep what data-quality warnings say for the report; show them all the same.

    Parameters
    ----------
    notes : list of str
        Grows by one text for each.
    """

    def __init__(self, notes: list[str]):
        super().__init__(record=True)
        self._notes = notes

    def __enter__(self):
        self._caught = super().__enter__()
        warnings.simplefilter("always", DataQualityWarning)
        return self

    def __exit__(self, *details):
        super().__exit__(*details)
        for caught in self._caught:
            if issubclass(caught.category, DataQualityWarning):
                self._notes.append(str(caught.message))
            warnings.warn(caught.message, caught.category, stacklevel=3)
