"""Ordinary columns beside the media: numbers and categories."""

from mmclassic.tabular._categories import CategoryColumns
from mmclassic.tabular._numbers import NumberColumns

__all__ = ["NumberColumns", "CategoryColumns"]
