"""Modalities of a table: the list of them, their columns read once, labels checked."""

from mmclassic.modalities._blocks import FittedBlocks, check_blocks, fit_blocks
from mmclassic.modalities._composition import ModalityComposition
from mmclassic.modalities._labels import check_groups, encode_labels
from mmclassic.modalities._modality import Modality, read_modalities, settle_unreadable
from mmclassic.modalities._table import check_modalities, check_table

__all__ = [
    "FittedBlocks",
    "Modality",
    "ModalityComposition",
    "check_blocks",
    "check_groups",
    "check_modalities",
    "check_table",
    "encode_labels",
    "fit_blocks",
    "read_modalities",
    "settle_unreadable",
]
