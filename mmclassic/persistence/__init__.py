"""Models in files that hold no code: save and load."""

from mmclassic.persistence._card import read_card
from mmclassic.persistence._load import load
from mmclassic.persistence._save import save

__all__ = ["load", "read_card", "save"]
