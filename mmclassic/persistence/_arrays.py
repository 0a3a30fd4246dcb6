"""Headers of arrays in files, compared with the bytes that are there."""

from __future__ import annotations

import io
import math
import re
import zipfile
from typing import BinaryIO, cast

import numpy as np

from mmclassic.persistence._zip import check_packing, open_zip

# A sparse matrix has some five arrays.
_MAX_ARRAYS = 16
_ARRAY_NAME = re.compile(r"[a-z_]+\.npy")
_HEADERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}


def check_array(file: BinaryIO, size: int) -> None:
    """Refuse an array in numpy's format whose header is not true.

    Parameters
    ----------
    file : binary file
        At the start of the array.
    size : int
        Bytes of the array with its header.

    Raises
    ------
    ValueError
        If it holds objects (numpy would unpickle them), or claims another size than it has.
    """
    read_header = _HEADERS.get(np.lib.format.read_magic(file))
    if read_header is None:
        raise ValueError("an array has a format that numpy.save does not write for models")
    shape, _, dtype = read_header(file)
    if dtype.hasobject:
        raise ValueError("an array holds Python objects, which only a pickle could give back")
    n_items = math.prod(shape)
    if min(shape, default=1) < 0 or file.tell() + n_items * dtype.itemsize != size:
        raise ValueError(f"an array claims the shape {str(shape)[:80]}, and is not as large")
    if not dtype.itemsize and n_items:
        raise ValueError("an array has items of no size")


def check_sparse(file: BinaryIO, size: int) -> int:
    """Unpacked bytes of a sparse matrix in scipy's format; refuses as :func:`check_array`."""
    with open_zip(file, _MAX_ARRAYS) as matrix:
        total = check_packing(matrix, size, stored=False)
        for member in matrix.infolist():
            if not _ARRAY_NAME.fullmatch(member.filename):
                raise ValueError(f"a sparse matrix has a part {member.filename[:40]!r}")
            with matrix.open(member) as array:
                check_array(cast(BinaryIO, array), member.file_size)
    return total


def store_sparse(payload: bytes) -> bytes:
    """A zip of skops with its sparse matrices stored in place of compressed.

    The file around it is compressed, and a matrix of equal numbers, compressed twice, would
    be refused as a bomb.
    """
    with zipfile.ZipFile(io.BytesIO(payload)) as archive:
        if not any(name.endswith(".npz") for name in archive.namelist()):
            return payload
        with zipfile.ZipFile(whole := io.BytesIO(), "w") as stored:
            for name in archive.namelist():
                content = archive.read(name)
                stored.writestr(name, _unpacked(content) if name.endswith(".npz") else content)
    return whole.getvalue()


def _unpacked(matrix: bytes) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(matrix)) as archive, zipfile.ZipFile(whole, "w") as stored:
        for name in archive.namelist():
            stored.writestr(name, archive.read(name))
    return whole.getvalue()


def check_arrays(archive: zipfile.ZipFile) -> None:
    """Refuse a zip of skops with an array that is not what its header says."""
    for member in archive.infolist():
        if member.filename.endswith(".npy"):
            with archive.open(member) as file:
                check_array(cast(BinaryIO, file), member.file_size)
