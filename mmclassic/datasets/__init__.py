"""The embedded demonstration table, and tables from files."""

from mmclassic.datasets._demo import load_demo
from mmclassic.datasets._table import read_table

__all__ = ["load_demo", "read_table"]
