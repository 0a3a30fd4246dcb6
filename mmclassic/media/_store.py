"""What was computed from a cell once, kept in one SQLite file across runs and processes."""

from __future__ import annotations

import json
import os
import sqlite3
import struct
import threading
import warnings
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from mmclassic._errors import DataQualityWarning
from mmclassic.media._cell_key import cell_digest, digest
from mmclassic.media._settings import settings_of

__all__ = ["CellStore", "default_cache_path", "settings_of"]

# Changed when the table changes; a file with another number is left alone.
SCHEMA = 1
_SECONDS_TO_WAIT = 30.0
_KEYS_PER_QUERY = 400
# Connections that a fork copied: neither usable nor closable in the child (SQLite's rule).
_LEFT_BY_FORK: list[sqlite3.Connection] = []


def default_cache_path() -> Path:
    """Where the store lies unless the user says otherwise: in the user's cache folder.

    Returns
    -------
    path : Path
        ``$XDG_CACHE_HOME/mmclassic/cells.sqlite``, or the same under ``~/.cache``.

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

    def get(self, keys: Iterable[bytes | None]) -> dict[bytes, np.ndarray]:
        """The stored arrays of those keys that are there and intact.

        Parameters
        ----------
        keys : iterable of bytes or None

        Returns
        -------
        arrays : dict from key to float32 ndarray
        """
        wanted = list({key for key in keys if key is not None})
        rows: list[tuple] = []
        for start in range(0, len(wanted), _KEYS_PER_QUERY):
            rows += self._run(_select, wanted[start : start + _KEYS_PER_QUERY]) or []
        arrays = {}
        for key, shape, data, checksum in rows:
            array = _unpack(key, shape, data, checksum)
            if array is None:
                self._note_damage()
            else:
                arrays[key] = array
        return arrays

    def put(self, arrays: Mapping[bytes, np.ndarray]) -> None:
        """Add arrays, in one transaction.

        Parameters
        ----------
        arrays : dict from key to float32 ndarray
        """
        if arrays:
            self._run(_insert, [_pack(key, array) for key, array in arrays.items()])

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
                    self._connection = _connect(self.path)
                return action(self._connection, argument)
            except (sqlite3.Error, OSError) as error:
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


def _connect(path: str) -> sqlite3.Connection:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    # Autocommit, with transactions where we say so; the lock makes threads take turns.
    connection = sqlite3.connect(
        path, timeout=_SECONDS_TO_WAIT, isolation_level=None, check_same_thread=False
    )
    connection.text_factory = bytes  # where damage made a blob a text, it need not be UTF-8
    try:
        schema = connection.execute("PRAGMA user_version").fetchone()[0]
        if schema not in (0, SCHEMA):
            raise sqlite3.DatabaseError(f"it has schema {schema}, this version reads {SCHEMA}")
        connection.execute("PRAGMA journal_mode=WAL")
        # A crash of the machine may cost the last rows, never the file.
        connection.execute("PRAGMA synchronous=NORMAL")
        if schema == 0:
            connection.execute(
                "CREATE TABLE IF NOT EXISTS cells "
                "(key BLOB PRIMARY KEY, shape BLOB, data BLOB, checksum INTEGER)"
            )
            connection.execute(f"PRAGMA user_version={SCHEMA}")
    except BaseException:
        connection.close()
        raise
    return connection


def _select(connection: sqlite3.Connection, keys: list[bytes]) -> list[tuple]:
    marks = ",".join("?" * len(keys))
    query = f"SELECT key, shape, data, checksum FROM cells WHERE key IN ({marks})"
    return connection.execute(query, keys).fetchall()


def _insert(connection: sqlite3.Connection, rows: list[tuple]) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.executemany("INSERT OR REPLACE INTO cells VALUES (?, ?, ?, ?)", rows)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _pack(key: bytes, array: np.ndarray) -> tuple[bytes, bytes, bytes, int]:
    array = np.asarray(array, dtype="<f4")
    shape = struct.pack(f"<{array.ndim}q", *array.shape)
    data = array.tobytes()
    return key, shape, data, _checksum(key, shape, data)


def _unpack(key: bytes, shape: bytes, data: bytes, checksum: int) -> np.ndarray | None:
    """The array, or None where the row was damaged (a value may even have another type)."""
    if not all(isinstance(part, bytes) for part in (key, shape, data)):
        return None
    if checksum != _checksum(key, shape, data):
        return None
    lengths = struct.unpack(f"<{len(shape) // 8}q", shape)
    return np.frombuffer(data, dtype="<f4").reshape(lengths).astype(np.float32)


def _checksum(key: bytes, shape: bytes, data: bytes) -> int:
    return zlib.crc32(data, zlib.crc32(shape, zlib.crc32(key)))
