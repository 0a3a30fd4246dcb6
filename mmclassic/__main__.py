"""``python -m mmclassic``: the same command."""

from mmclassic.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
