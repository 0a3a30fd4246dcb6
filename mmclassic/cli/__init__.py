"""The command ``mmclassic``: a thin shell."""

from __future__ import annotations

import sys
from collections.abc import Sequence

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command.

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments; default: those of the process.

    Returns
    -------
    status : int
        0; 1 where ``check`` finds something wrong; 2 where the arguments or the data are at
        fault: then one line on the standard error says what to change; 130 where it was
        interrupted.
    """
    try:
        # Libraries take a second or two to load, in which people may think again.
        from mmclassic.cli._main import run

        return run(argv)
    except KeyboardInterrupt:
        print("mmclassic: interrupted", file=sys.stderr)
        return 130
