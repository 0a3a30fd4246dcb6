"""The file of a model: a zip of a readable card and of what skops wrote."""

from __future__ import annotations

import io
import json
import os
import re
import zipfile
from pathlib import Path
from uuid import uuid4

FORMAT = 1
CARD, MODEL = "card.json", "model.skops"
MAX_CARD_BYTES = 16 * 2**20
# Compressed better than this, a model is stored as it is, so that a file which claims to
# hold more is refused as a zip bomb.
MAX_RATIO = 100
_READ = 2**20
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
    finally:
        part.unlink(missing_ok=True)


def pack_archive(card: dict, model: bytes) -> bytes:
    """The file's content."""
    for method in (zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", compression=method, compresslevel=6) as archive:
            archive.writestr(CARD, json.dumps(card, indent=2))
            archive.writestr(MODEL, model)
            sizes = [(member.file_size, member.compress_size) for member in archive.infolist()]
        if all(size <= MAX_RATIO * packed for size, packed in sizes):
            break
    return buffer.getvalue()


def read_archive(path: str | os.PathLike, max_bytes: int) -> tuple[dict, bytes]:
    """Card and model of a file, neither larger than they may be.

    Parameters
    ----------
    path : path-like
    max_bytes : int
        Largest size of the unpacked model.

    Returns
    -------
    card : dict
    model : bytes
        Every part of it is stored, not compressed, and has a name that skops gives.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is no model file, or too large, or of a newer format.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            names = sorted(member.filename for member in archive.infolist())
            if names != [CARD, MODEL]:
                raise ValueError(f"expected the members {CARD} and {MODEL}, found {names[:5]}")
            card = json.loads(_read_member(archive, CARD, MAX_CARD_BYTES))
            _check_card(card)
            model = _read_member(archive, MODEL, max_bytes)
        _check_parts(model, max_bytes)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, RuntimeError, EOFError) as error:
        raise ValueError(
            f"{os.fspath(path)} cannot be loaded: {error}. mmclassic.load reads files written by "
            "mmclassic.save, not pickles, joblib files or bare .skops files."
        ) from error
    return card, model


def _read_member(archive: zipfile.ZipFile, name: str, max_bytes: int) -> bytes:
    """One member, read piece by piece: the size in its header need not be true."""
    member = archive.getinfo(name)
    if member.file_size > max_bytes:
        raise ValueError(
            f"{name} has {member.file_size} bytes, more than max_bytes={max_bytes} allows"
        )
    if member.file_size > MAX_RATIO * max(member.compress_size, 1):
        raise ValueError(f"{name} is a zip bomb ({member.compress_size} bytes on disk)")
    content = bytearray()
    with archive.open(member) as file:
        while piece := file.read(_READ):
            content += piece
    return bytes(content)


def _check_card(card: object) -> None:
    version = card.get("format") if isinstance(card, dict) else None
    if type(version) is not int or version < 1:
        raise ValueError(f"{CARD} names no format version")
    if version > FORMAT:
        raise ValueError(
            f"it has format version {version} and this mmclassic knows versions up to {FORMAT}: "
            "upgrade with pip install --upgrade mmclassic"
        )


def _check_parts(model: bytes, max_bytes: int) -> None:
    """Refuse a skops payload whose parts could unpack to more than they are."""
    with zipfile.ZipFile(io.BytesIO(model)) as archive:
        members = archive.infolist()
        names = [member.filename for member in members]
        strange = [name for name in names if not _PART.fullmatch(name)]
        if strange or len(set(names)) < len(names):
            raise ValueError(
                f"{MODEL} has parts that skops does not write: {strange[:5] or names[:5]}"
            )
        if any(member.compress_type != zipfile.ZIP_STORED for member in members):
            raise ValueError(f"{MODEL} has compressed parts")
        total = sum(member.file_size for member in members)
        for member in members:
            if member.filename.endswith(".npz") and total <= max_bytes:
                with zipfile.ZipFile(io.BytesIO(archive.read(member))) as matrix:
                    total += sum(part.file_size for part in matrix.infolist())
        if total > max_bytes:
            raise ValueError(f"{MODEL} unpacks to more than max_bytes={max_bytes} allows")
