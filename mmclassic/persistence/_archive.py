"""The file of a model: a zip of a readable card and of what skops wrote."""

from __future__ import annotations

import io
import json
import os
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

from mmclassic.persistence._arrays import check_arrays, check_sparse
from mmclassic.persistence._schema import parse_schema
from mmclassic.persistence._zip import MAX_RATIO, check_packing, open_zip

FORMAT = 1
CARD, MODEL = "card.json", "model.skops"
SCHEMA = "schema.json"
MAX_CARD_BYTES = 16 * 2**20
# Of one model: a forest has some three for each tree.
MAX_PARTS = 65_535
_READ = 2**20
# What a file that is none can make of zipfile, json and numpy.
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    RuntimeError,  # RecursionError and NotImplementedError, too
    EOFError,
    MemoryError,
)
_PART = re.compile(r"schema\.json|\d+\.(npy|npz)|[0-9a-f-]{36}\.bin")


def write_archive(path: str | os.PathLike, card: dict, model: bytes) -> None:
    """Write the file whole or not at all.

    Parameters
    ----------
    path : path-like
        An existing file is replaced only when the new one is complete on disk.
    card : dict
        What JSON can hold.
    model : bytes
        From :func:`skops.io.dumps`.

    Raises
    ------
    FileNotFoundError
        If the file's folder does not exist.
    """
    target = Path(path)
    if not target.parent.is_dir():
        raise FileNotFoundError(f"There is no folder {target.parent} to save {target} in.")
    part = target.with_name(f".{target.name}.{uuid4().hex}.part")
    try:
        with open(part, "xb") as file:
            file.write(pack_archive(card, model))
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, target)
        _sync_folder(target.parent)
    finally:
        part.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """See to it that a new name in a folder outlives a loss of power; Windows does so itself."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def pack_archive(card: dict, model: bytes) -> bytes:
    """The file's content, of what :func:`write_archive` gets."""
    for method in (zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", compression=method, compresslevel=6) as archive:
            archive.writestr(CARD, json.dumps(card, indent=2))
            archive.writestr(MODEL, model)
            sizes = [(member.file_size, member.compress_size) for member in archive.infolist()]
        if all(size <= MAX_RATIO * packed for size, packed in sizes):
            break
    return buffer.getvalue()


class Payload(NamedTuple):
    """The model of a file, as skops wrote it, and the part of it that says what it is."""

    content: bytes
    schema: dict


def read_archive(path: str | os.PathLike, max_bytes: int) -> tuple[dict, Payload]:
    """Card and model of a file, neither larger than they may be.

    Parameters
    ----------
    path : path-like
    max_bytes : int
        Largest size of the unpacked model.

    Returns
    -------
    card : dict
    model : Payload
        Every part of it is stored, not compressed, has a name that skops gives, and, if it is
        an array, a header that is true.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is no model file, or too large, or of a newer format.
    """
    with _opened(path) as archive:
        card = _read_card(archive)
        content = _read_member(archive, MODEL, max_bytes)
        return card, _checked(content, max_bytes)


def read_card_of(path: str | os.PathLike) -> tuple[dict, int]:
    """Card of a file, and the bytes of its model once unpacked; nothing else is read."""
    with _opened(path) as archive:
        return _read_card(archive), archive.getinfo(MODEL).file_size


@contextmanager
def _opened(path: str | os.PathLike) -> Iterator[zipfile.ZipFile]:
    """The outer zip; whatever is wrong in it is a ValueError that names the file."""
    if not stat.S_ISREG(os.stat(path).st_mode):  # a pipe would be waited for without end
        raise ValueError(f"{os.fspath(path)} cannot be loaded: it is not a regular file.")
    try:
        with open(path, "rb") as file, open_zip(file, 4) as archive:
            names = sorted(member.filename for member in archive.infolist())
            if names != [CARD, MODEL]:
                raise ValueError(f"expected the members {CARD} and {MODEL}, found {names[:5]}")
            check_packing(archive, os.path.getsize(path), stored=False)
            yield archive
    except _DAMAGE as error:
        raise ValueError(
            f"{os.fspath(path)} cannot be loaded: {error}. mmclassic.load reads files written by "
            "mmclassic.save, not pickles, joblib files or bare .skops files."
        ) from error


def _read_member(archive: zipfile.ZipFile, name: str, max_bytes: int) -> bytes:
    """One member, read piece by piece: the size in its header need not be true."""
    member = archive.getinfo(name)
    if member.file_size > max_bytes:
        raise ValueError(
            f"{name} has {member.file_size} bytes, more than max_bytes={max_bytes} allows"
        )
    content = bytearray()
    with archive.open(member) as file:
        while piece := file.read(_READ):
            content += piece
    return bytes(content)


def _read_card(archive: zipfile.ZipFile) -> dict:
    card = json.loads(_read_member(archive, CARD, MAX_CARD_BYTES))
    version: Any = card.get("format") if isinstance(card, dict) else None
    if type(version) is not int or version < 1:
        raise ValueError(f"{CARD} names no format version")
    if version > FORMAT:
        raise ValueError(
            f"it has format version {version} and this mmclassic knows versions up to {FORMAT}: "
            "upgrade with pip install --upgrade mmclassic"
        )
    return card


def _checked(content: bytes, max_bytes: int) -> Payload:
    """A skops payload, unless its parts could unpack to more than they are."""
    with open_zip(io.BytesIO(content), MAX_PARTS) as archive:
        names = [member.filename for member in archive.infolist()]
        strange = [name for name in names if not _PART.fullmatch(name)]
        if strange or SCHEMA not in names:
            raise ValueError(
                f"{MODEL} has parts that skops does not write: {strange[:5] or names[:5]}"
            )
        total = check_packing(archive, len(content), stored=True)
        for name in names:
            if name.endswith(".npz"):
                matrix = archive.read(name)
                total += check_sparse(io.BytesIO(matrix), len(matrix))
        if total > max_bytes:
            raise ValueError(f"{MODEL} unpacks to more than max_bytes={max_bytes} allows")
        check_arrays(archive)
        return Payload(content, parse_schema(archive.read(SCHEMA)))
