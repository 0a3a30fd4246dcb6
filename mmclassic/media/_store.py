"""What was computed from a cell once, kept in one SQLite file across runs and processes."""

from __future__ import annotations

import json
import os
import sqlite3
import threading
import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from mmclassic._errors import DataQualityWarning
from mmclassic.media._cell_key import cell_digest, digest, names_file
from mmclassic.media._cell_table import connect, insert, pack, select, unpack
from mmclassic.media._settings import settings_of

__all__ = ["CellStore", "default_cache_path", "settings_of"]

# Connections that a fork copied: neither usable nor closable in the child (SQLite's rule).
_LEFT_BY_FORK: list[sqlite3.Connection] = []


def default_cache_path() -> Path:
    """Where the store lies unless the user says otherwise: in the user's cache folder.

    Returns
    -------
    path : Path
        ``$XDG_CACHE_HOME/mmclassic/cells.sqlite``, or the same under ``~/.cache``.

    Notes
    -----
    A store belongs on a local disk: SQLite needs file locks that network drives do not keep. Many
    processes of one machine may share it; on a cluster each machine has its own, under the same
    name. It survives processes that are killed at any moment. Nothing waits for the disk, so that
    a power cut may cost rows or the file (every row has a checksum: none is ever wrong).

    Examples
    --------
    >>> default_cache_path().name
    'cells.sqlite'
    """
    folder = os.environ.get("XDG_CACHE_HOME", "")
    base = Path(folder) if os.path.isabs(folder) else Path.home() / ".cache"
    return base / "mmclassic" / "cells.sqlite"


class CellStore:
    """Float32 arrays by cell, in one SQLite file that many processes may share.

    A row that was damaged counts as absent. A file that cannot be used (read-only, full
    disk, not a store) switches the store off with one warning; results stay the same.

    Parameters
    ----------
    path : str or path-like
        The file; it and its folder are made when first needed.
    settings : dict
        Everything beside the cell that changes the result; see :func:`settings_of`.
    root : str or path-like, optional
        As in the vectorizer: no key for files outside it.
    allow_paths : bool, default=True
        As in the vectorizer: False gives no key to cells that name files.
    """

    def __init__(
        self,
        path: str | os.PathLike,
        settings: dict,
        root: str | os.PathLike | None = None,
        *,
        allow_paths: bool = True,
    ):
        self.path = os.fspath(path)
        self.settings = settings
        self.root = root
        self.allow_paths = allow_paths
        self._settings_digest = digest(json.dumps(settings, sort_keys=True).encode())
        self._prepare()

    def _prepare(self) -> None:
        self._connection: sqlite3.Connection | None = None
        self._process = os.getpid()
        self._lock = threading.Lock()
        self._off = False
        self._warned_of_damage = False

    def __getstate__(self) -> dict:
        names = ("path", "settings", "root", "allow_paths", "_settings_digest")
        return {name: getattr(self, name) for name in names}

    def __setstate__(self, state: dict) -> None:
        self.__dict__.update(state)
        self._prepare()

    def __del__(self) -> None:
        if getattr(self, "_connection", None) is not None:
            self.close()

    def key(self, cell: Any) -> bytes | None:
        """Key of a cell under these settings; None for a cell that is not to be stored.

        Parameters
        ----------
        cell : object

        Returns
        -------
        key : bytes of length 20, or None
        """
        content = cell_digest(cell, self.root, self.allow_paths)
        return None if content is None else digest(self._settings_digest, content)

    def is_current(self, cell: Any, key: bytes) -> bool:
        """Whether a cell still has its key: a file may have changed while it was read.

        Parameters
        ----------
        cell : object
        key : bytes
            Of the cell before it was read. What was read belongs to it only if it is its
            key afterwards, too.

        Returns
        -------
        current : bool
        """
        return not names_file(cell) or self.key(cell) == key

    def get(self, keys: Iterable[bytes | None]) -> dict[bytes, np.ndarray]:
        """The stored arrays of those keys that are there and intact.

        Parameters
        ----------
        keys : iterable of bytes or None

        Returns
        -------
        arrays : dict from key to float32 ndarray
            Read-only.
        """
        wanted = list({key for key in keys if key is not None})
        arrays = {}
        for row in (self._run(select, wanted) or []) if wanted else []:
            array = unpack(*row)
            if array is None:
                self._note_damage()
            else:
                arrays[row[0]] = array
        return arrays

    def put(self, arrays: Mapping[bytes, np.ndarray]) -> None:
        """Add arrays, in one transaction.

        Parameters
        ----------
        arrays : dict from key to float32 ndarray
        """
        if arrays:
            self._run(insert, [pack(key, array) for key, array in arrays.items()])

    def close(self) -> None:
        """Close the file; the next use opens it again."""
        with self._lock:
            self._close()

    def _close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is None:
            return
        if self._process != os.getpid():
            _LEFT_BY_FORK.append(connection)
            return
        try:
            connection.close()
        except sqlite3.Error as error:  # the last write out to the file failed
            self._switch_off(error)

    def _run(self, action, argument) -> Any:
        """``action(connection, argument)``; the threads of a process take turns."""
        with self._lock:
            if self._off:
                return None
            try:
                if self._connection is None or self._process != os.getpid():
                    self._close()
                    self._process = os.getpid()
                    self._connection = connect(self.path)
                return action(self._connection, argument)
            except (sqlite3.Error, OSError, UnicodeError) as error:  # damage within messages, too
                self._switch_off(error)
                self._close()
                return None

    def _switch_off(self, error: Exception) -> None:
        if self._off:
            return
        self._off = True
        warnings.warn(
            f"The store {self.path} cannot be used ({error}): going on without it. Results are "
            "the same; name another file with cache=, or remove this one.",
            DataQualityWarning,
            stacklevel=5,
        )

    def _note_damage(self) -> None:
        with self._lock:
            known, self._warned_of_damage = self._warned_of_damage, True
        if not known:
            warnings.warn(
                f"The store {self.path} has damaged rows; they are computed again.",
                DataQualityWarning,
                stacklevel=4,
            )
