"""Features of tables that do not fit into memory, in a folder of Parquet parts."""

from mmclassic.extraction._extract import extract

__all__ = ["extract"]
