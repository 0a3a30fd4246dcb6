"""The table of a store in SQLite: how a connection is opened, how an array becomes a row."""

from __future__ import annotations

import sqlite3
import struct
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

# Changed when the table changes; a file with another number is left alone.
SCHEMA = 1
_SECONDS_TO_WAIT = 30.0
_KEYS_PER_QUERY = 400
# Features of a picture take some 30 kB: with SQLite's usual pages of 4 kB, writing them takes
# twice as long.
_PAGE_BYTES = 32_768


def connect(path: str) -> sqlite3.Connection:
    """Open the file of a store, or make it.

    Raises
    ------
    sqlite3.Error, OSError
        If it cannot be used: also where it is a database of somebody else's.
    """
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    # Autocommit, with transactions where we say so; the store makes threads take turns.
    connection = sqlite3.connect(
        path, timeout=_SECONDS_TO_WAIT, isolation_level=None, check_same_thread=False
    )
    connection.text_factory = bytes  # where damage made a blob a text, it need not be UTF-8
    try:
        _prepare(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection) -> None:
    # Nothing waits for the disk, which costs more than all the rest. A process may be killed
    # at any time. A power cut may cost rows or the file, but no row is wrong: see checksum.
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute(f"PRAGMA page_size={_PAGE_BYTES}")  # of a new file
    schema = connection.execute("PRAGMA user_version").fetchone()[0]
    if schema not in (0, SCHEMA):
        raise sqlite3.DatabaseError(f"it has schema {schema}, this version reads {SCHEMA}")
    if schema == 0:
        others = "SELECT count(*) FROM sqlite_master WHERE name != 'cells' AND type = 'table'"
        if connection.execute(others).fetchone()[0]:
            raise sqlite3.DatabaseError("it is a database with other tables")
    # New rows are new pages, which a rollback journal need not hold: they are written once. A
    # write-ahead log writes, and sums up, everything twice, for readers that need not wait; ours
    # wait for a millisecond.
    connection.execute("PRAGMA journal_mode=TRUNCATE")
    if schema == 0:
        connection.execute(
            "CREATE TABLE IF NOT EXISTS cells "
            "(key BLOB PRIMARY KEY, shape BLOB, data BLOB, checksum INTEGER)"
        )
        connection.execute(f"PRAGMA user_version={SCHEMA}")


def select(connection: sqlite3.Connection, keys: Sequence[bytes]) -> list[tuple]:
    """The rows that there are of some keys, in any order."""
    rows: list[tuple] = []
    for start in range(0, len(keys), _KEYS_PER_QUERY):
        part = keys[start : start + _KEYS_PER_QUERY]
        marks = ",".join("?" * len(part))
        query = f"SELECT key, shape, data, checksum FROM cells WHERE key IN ({marks})"
        rows += connection.execute(query, part).fetchall()
    return rows


def insert(connection: sqlite3.Connection, rows: Iterable[tuple]) -> None:
    """Add rows, or replace them: all or none."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.executemany("INSERT OR REPLACE INTO cells VALUES (?, ?, ?, ?)", rows)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def pack(key: bytes, array: np.ndarray) -> tuple[bytes, bytes, memoryview, int]:
    """An array as a row: little-endian float32, with a checksum over all of it.

    Examples
    --------
    >>> key, array = b"k" * 20, np.array([1.5, 2.0], dtype=np.float32)
    >>> unpack(*[bytes(v) if isinstance(v, memoryview) else v for v in pack(key, array)])
    array([1.5, 2. ], dtype=float32)
    """
    array = np.asarray(array, dtype="<f4")
    shape = struct.pack(f"<{array.ndim}q", *array.shape)
    data = np.ascontiguousarray(array).reshape(-1).view(np.uint8).data
    return key, shape, data, _checksum(key, shape, data)


def unpack(key: bytes, shape: bytes, data: bytes, checksum: int) -> np.ndarray | None:
    """The array, read-only; None where the row was damaged: even its types may have been."""
    if not all(isinstance(part, bytes) for part in (key, shape, data)):
        return None
    if checksum != _checksum(key, shape, data):
        return None
    lengths = struct.unpack(f"<{len(shape) // 8}q", shape)
    return np.frombuffer(data, dtype="<f4").reshape(lengths).astype(np.float32, copy=False)


def _checksum(key: bytes, shape: bytes, data: bytes | memoryview) -> int:
    return zlib.crc32(data, zlib.crc32(shape, zlib.crc32(key)))
