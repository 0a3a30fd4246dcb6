"""Zip files byte by byte, so that they can lie."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass


@dataclass
class Part:
    """A part of a zip, with the right numbers but for those that are given."""

    name: str
    data: bytes = b""
    deflated: bool = False
    file_size: int | None = None
    crc: int | None = None
    mode: int = 0
    at: int | None = None  # where it claims to be; its data is not written then


def raw_zip(parts: list[Part]) -> bytes:
    """A zip of some parts."""
    body, directory = bytearray(), bytearray()
    for part in parts:
        name = part.name.encode()
        size = len(part.data) if part.file_size is None else part.file_size
        crc = zlib.crc32(part.data) if part.crc is None else part.crc
        common = struct.pack(
            "<HHHHHLLLHH", 20, 0, 8 * part.deflated, 0, 33, crc, len(part.data), size, len(name), 0
        )
        place = len(body) if part.at is None else part.at
        if part.at is None:
            body += b"PK\x03\x04" + common + name + part.data
        directory += b"PK\x01\x02" + struct.pack("<H", 20 | 3 << 8) + common
        directory += struct.pack("<HHHLL", 0, 0, 0, part.mode << 16, place) + name
    end = struct.pack(
        "<4H2LH", 0, 0, len(parts) & 0xFFFF, len(parts) & 0xFFFF, len(directory), len(body), 0
    )
    return bytes(body + directory) + b"PK\x05\x06" + end


def deflated_zeros(megabytes: int) -> bytes:
    """A thousandth of so many zeros, made without making them."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(bytes(2**20)) + packer.flush(zlib.Z_FULL_FLUSH)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return block * megabytes + packer.flush()
