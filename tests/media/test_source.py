"""Which files a cell may name, and what messages call a cell."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mmclassic._errors import UnreadableCell
from mmclassic.media import Limits
from mmclassic.media._sniff import sniff
from mmclassic.media._source import describe, read_bytes, resolve_path

LIMITS = Limits(max_bytes=100)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.bin").write_bytes(b"inside")
    (tmp_path / "b.bin").write_bytes(b"outside")
    (tmp_path / "empty.bin").write_bytes(b"")
    (tmp_path / "large.bin").write_bytes(bytes(101))
    return tmp_path


@pytest.mark.parametrize(
    ("cell", "content"),
    [
        ("in/a.bin", b"inside"),
        (Path("in/a.bin"), b"inside"),
        (b"abc", b"abc"),
        (bytearray(b"abc"), b"abc"),
        (memoryview(b"abc"), b"abc"),
        ({"bytes": b"abc", "path": "no/such/file"}, b"abc"),
        ({"bytes": None, "path": "in/a.bin"}, b"inside"),
        ({"path": "in/a.bin"}, b"inside"),
    ],
)
def test_the_bytes_of_every_kind_of_cell(folder, cell, content):
    assert read_bytes(cell, limits=LIMITS, root=folder) == content


def test_absolute_paths_and_unusual_names(folder):
    name = folder / "Käse 🧀 \n.bin"
    name.write_bytes(b"x")
    assert read_bytes(str(name), limits=LIMITS) == b"x"
    assert read_bytes(str(name), limits=LIMITS, root=folder) == b"x"


def test_relative_paths_count_from_the_working_directory_without_root(folder, monkeypatch):
    monkeypatch.chdir(folder)
    assert read_bytes("b.bin", limits=LIMITS) == b"outside"


@pytest.mark.parametrize(
    ("cell", "code", "match"),
    [
        ("empty.bin", "empty", "0 bytes"),
        (b"", "empty", "0 bytes"),
        ({"bytes": b"", "path": None}, "empty", "0 bytes"),
        ({"bytes": None, "path": None}, "empty", "neither bytes nor a path"),
        ("large.bin", "limit", r"101 bytes.*max_bytes=100"),
        (bytes(101), "limit", r"101 bytes.*max_bytes=100"),
        ("none.bin", "decode", "no such file.*root="),
        ("in", "unsafe_path", "a directory"),
        ("a\0b.jpg", "unsafe_path", "NUL"),
        ("x" * 5000, "decode", "cannot be opened"),
        ("a\ud800.jpg", "decode", "cannot be opened"),
        ("https://example.org/cat.jpg", "unsafe_path", "URL.*local file"),
        ("file:///etc/hosts", "unsafe_path", "URL"),
        ("data:image/png;base64,AAAA", "unsafe_path", "URL"),
        (7, "type", "int"),
        (None, "type", "NoneType"),
    ],
)
def test_what_is_refused(folder, monkeypatch, cell, code, match):
    monkeypatch.chdir(folder)
    with pytest.raises(UnreadableCell, match=match) as caught:
        read_bytes(cell, limits=LIMITS)
    assert caught.value.code == code


@pytest.mark.parametrize("cell", ["../b.bin", "in/../../b.bin", "link.bin", "{folder}/b.bin"])
def test_root_confines(folder, cell):
    (folder / "in" / "link.bin").symlink_to(folder / "b.bin")
    cell = cell.format(folder=folder)
    with pytest.raises(UnreadableCell, match="outside root=") as caught:
        read_bytes(cell, limits=LIMITS, root=folder / "in")
    assert caught.value.code == "unsafe_path"


def test_a_root_behind_a_link_is_no_way_out(folder):
    (folder / "also").symlink_to(folder / "in")
    assert read_bytes("a.bin", limits=LIMITS, root=folder / "also") == b"inside"


def test_root_is_not_a_mere_prefix(folder):
    (folder / "inner").mkdir()
    (folder / "inner" / "c.bin").write_bytes(b"x")
    with pytest.raises(UnreadableCell, match="outside"):
        resolve_path("../inner/c.bin", folder / "in")


@pytest.mark.parametrize("cell", ["in/a.bin", {"path": "in/a.bin"}])
def test_paths_may_be_refused_altogether(folder, cell):
    with pytest.raises(UnreadableCell, match="allow_paths=False"):
        read_bytes(cell, limits=LIMITS, root=folder, allow_paths=False)
    assert read_bytes(b"abc", limits=LIMITS, allow_paths=False) == b"abc"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are a Unix thing")
def test_a_named_pipe_does_not_hang(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UnreadableCell, match="pipe") as caught:
        read_bytes(str(tmp_path / "pipe"), limits=LIMITS)
    assert caught.value.code == "unsafe_path"


@pytest.mark.parametrize("path", ["/dev/zero", "/proc/self/mem"])
def test_devices_and_process_memory_are_not_read(path):
    if not os.path.exists(path):
        pytest.skip(f"{path} is absent")
    with pytest.raises(UnreadableCell) as caught:
        read_bytes(path, limits=LIMITS)
    assert caught.value.code in ("unsafe_path", "empty")


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (Path("a/b.jpg"), "a/b.jpg"),
        ({"bytes": b"abc", "path": "a.jpg"}, "a.jpg"),
        ({"array": np.zeros(3), "sampling_rate": 8}, "array (3,) float64 at 8 Hz"),
        ({"x": 1}, "dict with keys ['x']"),
        (Image.new("L", (3, 2)), "PIL image (3, 2) L"),
        ([1, 2], "list of 2"),
        (1.5, "float"),
        ("a\nb", r"'a\nb'"),
        ("y" * 1000, "y" * 200 + "... (1000 characters)"),
    ],
)
def test_describe(cell, text):
    assert describe(cell) == text


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"\0\0\0\x18ftypheic" + bytes(12), "HEIC"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0avif", "AVIF"),
        (b"\0\0\0\x18ftypisom" + bytes(12), "MP4"),
        (b"RIFF\0\0\0\0WAVEfmt ", "WAV"),
        (b"<?xml version='1.0'?>\n<svg>", "SVG"),
        (b"<!DOCTYPE html><p>404", "an HTML page"),
        (("é" * 600).encode(), "plain text"),
        (b"\xff\xf1\x50\x80", "AAC"),
        (b"BMW is a car, not a bitmap", "plain text"),
        (b"\x80\x04\x95", "pickle"),
        (b"\x13\x37\xde\xad", "unknown data"),
    ],
)
def test_sniff(data, name):
    assert sniff(data) == name
