"""Zip files that are opened only if they are what they say they are.

Python's zipfile reads the whole list of parts before anybody can count them, lets parts lie
over each other, and takes what is before or behind a zip for granted. A file of a megabyte
can so become gigabytes, or keep a processor busy for minutes.
"""

from __future__ import annotations

import struct
import zipfile
from typing import BinaryIO

# Compressed better than this, a part is stored as it is when it is saved, so that a file which
# claims to hold more is refused as a zip bomb.
MAX_RATIO = 100
# The end of every zip: signature, two disks, two numbers of parts, size and place of their
# list, length of a comment.
_END = struct.Struct("<4s4H2LH")
# An entry of the list takes 46 bytes and its name; ours are short.
_LONGEST_ENTRY = 128
# From here on, sizes are written elsewhere (zip64).
_LARGE = 2**31


def open_zip(file: BinaryIO, max_parts: int) -> zipfile.ZipFile:
    """A zip, after a look at its end.

    Parameters
    ----------
    file : binary file that can seek
    max_parts : int
        How many parts it may list.

    Returns
    -------
    archive : ZipFile

    Raises
    ------
    ValueError
        If it lists more parts, or anything lies before, behind or between them and their list.
    zipfile.BadZipFile
        If it is damaged.
    """
    size = file.seek(0, 2)
    file.seek(max(0, size - _END.size))
    end = file.read(_END.size)
    if len(end) < _END.size or not end.startswith(b"PK\x05\x06"):
        raise ValueError("File is not a zip file, or is cut short, or something follows it")
    _, _, _, _, _, list_size, list_start, comment = _END.unpack(end)
    if list_size > max_parts * _LONGEST_ENTRY or _n_entries(file, end, list_size) > max_parts:
        raise ValueError(f"it lists more than {max_parts} parts")
    # This leaves no room for zip64 records either, which could list more.
    if size < _LARGE and (comment or list_start + list_size + _END.size != size):
        raise ValueError("it is a zip file with something else before, in or behind it")
    return zipfile.ZipFile(file)


def _n_entries(file: BinaryIO, end: bytes, list_size: int) -> int:
    """How many entries the list of parts has, at most."""
    file.seek(-min(len(end) + list_size, file.seek(0, 2)), 2)
    return file.read(list_size).count(b"PK\x01\x02")


def check_packing(archive: zipfile.ZipFile, size: int, *, stored: bool) -> int:
    """How many bytes all parts of a zip unpack to.

    Parameters
    ----------
    archive : ZipFile
    size : int
        Bytes of the zip itself.
    stored : bool
        Whether the parts must not be compressed.

    Raises
    ------
    ValueError
        If parts have one name, lie over each other, are packed in another way, or claim to
        unpack to much more than they are.
    """
    members = archive.infolist()
    if len({member.filename for member in members}) < len(members):
        raise ValueError("two of its parts have one name")
    if sum(member.compress_size for member in members) > size:
        raise ValueError("its parts lie over each other")
    for member in members:
        if member.compress_type == zipfile.ZIP_STORED:
            bomb = member.file_size != member.compress_size
        elif stored or member.compress_type != zipfile.ZIP_DEFLATED:
            raise ValueError(f"it has compressed parts, such as {member.filename[:40]!r}")
        else:
            bomb = member.file_size > MAX_RATIO * max(member.compress_size, 1)
        if bomb:
            raise ValueError(
                f"{member.filename[:40]!r} is a zip bomb: {member.file_size} bytes from "
                f"{member.compress_size}"
            )
    return sum(member.file_size for member in members)
