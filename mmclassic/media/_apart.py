"""Cells that killed a worker, read again in a process of their own to find which of them did."""

from __future__ import annotations

from concurrent.futures import BrokenExecutor
from typing import Any

from mmclassic._errors import UnreadableCell
from mmclassic.media._chunks import ChunkReader
from mmclassic.media._source import describe

# With more of them it is not the files: too little memory, a broken library.
MAX_KILLERS = 20
_REASON = (
    "reading it ended the process, twice (a decoder crashed, or memory ran out): convert the "
    "file, or remove it"
)


class ReadApart:
    """Reads chunks in one process that may die, and then cell by cell in new ones.

    Parameters
    ----------
    reader : ChunkReader

    Attributes
    ----------
    killers : list of str
        What cells that ended the process are called.

    Raises
    ------
    RuntimeError
        When called: with more than ``MAX_KILLERS`` cells that end the process.
    """

    def __init__(self, reader: ChunkReader):
        self.reader = reader
        self.killers: list[str] = []
        self._executor: Any = None

    def __call__(self, cells: list, *, one_by_one: bool = False) -> list:
        """Results of the cells, as the reader gives them; ``UnreadableCell`` with code "crash".

        Parameters
        ----------
        cells : list
        one_by_one : bool, default=False
            True where they are known to end a process together.

        Returns
        -------
        results : list of the same length
        """
        results = None if one_by_one else self._attempt(cells)
        return [self._read_one(cell) for cell in cells] if results is None else results

    def close(self) -> None:
        """End the process."""
        if self._executor is not None:
            self._executor.shutdown(kill_workers=True)
            self._executor = None

    def _read_one(self, cell: Any) -> Any:
        # A process may be killed for what others do (the system was out of memory): a cell is to
        # blame where one died over its chunk before, and now one over the cell alone.
        results = self._attempt([cell])
        if results is not None:
            return results[0]
        self.killers.append(describe(cell))
        if len(self.killers) > MAX_KILLERS:
            raise RuntimeError(
                f"More than {MAX_KILLERS} cells ended the process that read them, the first: "
                f"{self.killers[0]}. So many hint at too little memory, or at a broken library: "
                "read one of them alone."
            )
        return UnreadableCell("crash", _REASON)

    def _attempt(self, cells: list) -> list | None:
        """The results, or None where the process died."""
        from joblib.externals.loky import ProcessPoolExecutor

        if self._executor is None:
            self._executor = ProcessPoolExecutor(max_workers=1)
        try:
            return self._executor.submit(self.reader, cells).result()
        except BrokenExecutor:
            self.close()
            return None
