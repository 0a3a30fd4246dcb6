"""The command ``mmclassic``: a thin shell."""

from mmclassic.cli._main import main

__all__ = ["main"]
