"""What a model file is found to be, without torch."""

from __future__ import annotations

import pickle
import sys
import zipfile

import pytest

from mmclassic.image import BackboneVectorizer
from mmclassic.image._torch_files import kind_of_file


def zip_of(path, *names):
    with zipfile.ZipFile(path, "w") as file:
        for name in names:
            file.writestr(name, b"")
    return path


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        (["net/data.pkl", "net/code/__torch__.py", "net/constants.pkl"], "script"),
        (["net/models/model.json", "net/archive_format"], "exported"),
        (["serialized_exported_program.json", "version"], "exported"),
        (["xl/workbook.xml"], "onnx"),  # where it is called no ONNX file
    ],
)
def test_kinds(tmp_path, names, kind):
    assert kind_of_file(zip_of(tmp_path / "model", *names)) == kind


def test_onnx_is_what_has_no_mark(tmp_path, tiny_network):
    for content in (tiny_network()[0], b"", b"PK\x03\x04 cut", b"\x80"):
        (tmp_path / "model").write_bytes(content)
        assert kind_of_file(tmp_path / "model") == "onnx"


def test_pickles_are_refused(tmp_path):
    path = zip_of(tmp_path / "weights.pt", "weights/data.pkl", "weights/data/0")
    with pytest.raises(ValueError, match=r"weights\.pt' holds weights, or a whole module"):
        kind_of_file(path)
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        path.write_bytes(pickle.dumps([1], protocol))
        with pytest.raises(ValueError, match=r"is a pickle\. A pickle can run any code\. Export"):
            kind_of_file(path)


@pytest.mark.parametrize("name", ["net/constants.pkl", "net/archive_format"])
def test_a_missing_torch_is_named(tmp_path, name, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    path = zip_of(tmp_path / "model", name)
    with pytest.raises(ImportError, match=r'pip install "mmclassic\[torch\]"'):
        BackboneVectorizer(path).fit([])
    with pytest.raises(ValueError, match="cannot be saved: networks of torch bring code along"):
        BackboneVectorizer(path)._to_portable()
