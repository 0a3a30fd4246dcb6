"""No file makes anything but a model."""

from __future__ import annotations

import io
import json
import os
import pickle
import zipfile

import numpy as np
import pytest
import skops.io
from sklearn.preprocessing import FunctionTransformer

from mmclassic.persistence import load, save
from mmclassic.persistence._archive import CARD, MODEL
from tests.persistence.objects import Holder, card, write


class Attack:
    """Unpickling it, or calling what it names, makes a file."""

    def __init__(self, witness):
        self.witness = witness

    def __reduce__(self):
        return os.system, (f"touch {self.witness}",)


def forged_schema(loader, module, name, content, **more):
    """A skops payload that names whatever it likes."""
    state = {
        "__class__": name,
        "__module__": module,
        "__loader__": loader,
        "content": content,
        "__id__": 1,
        "protocol": 2,
        "_skops_version": skops.__version__,
    } | more
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("schema.json", json.dumps(state))
    return buffer.getvalue()


def text_node(text):
    return {
        "__class__": "str",
        "__module__": "builtins",
        "__loader__": "JsonNode",
        "content": json.dumps(text),
        "is_json": True,
    }


def arguments(*texts):
    return {
        "__class__": "tuple",
        "__module__": "builtins",
        "__loader__": "TupleNode",
        "content": [text_node(text) for text in texts],
    }


def system_call(witness):
    """Calls os.system, if constructors were called blindly."""
    return forged_schema("ConstructorFromReduceNode", "os", "system", arguments(f"touch {witness}"))


def system_function(witness):
    """Holds os.system as the function of a trusted transformer."""
    model = FunctionTransformer(np.abs, kw_args={"x": str(witness)})
    payload = skops.io.dumps(model)
    with zipfile.ZipFile(io.BytesIO(payload)) as archive:
        schema = archive.read("schema.json").decode()
    schema = schema.replace('"absolute"', '"system"').replace('"numpy"', '"os"')
    assert '"system"' in schema
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("schema.json", schema)
    return buffer.getvalue()


@pytest.mark.parametrize("payload", [system_call, system_function])
def test_a_payload_that_names_other_code_is_refused(payload, tmp_path):
    witness = tmp_path / "witness"
    write(tmp_path, card(), payload(witness))
    with pytest.raises(ValueError, match=r"not trusted: .*system"):
        load(tmp_path / "model.mmc")
    assert not witness.exists()


def test_the_attack_would_work_elsewhere(tmp_path):
    witness = tmp_path / "witness"
    pickle.loads(pickle.dumps(Attack(witness)))
    assert witness.exists()


def test_a_pickle_is_not_read(tmp_path):
    witness = tmp_path / "witness"
    (tmp_path / "model.mmc").write_bytes(pickle.dumps(Attack(witness)))
    with pytest.raises(ValueError, match=r"cannot be loaded: .*not pickles"):
        load(tmp_path / "model.mmc")
    assert not witness.exists()


def test_a_pickle_as_an_array_is_not_read(tmp_path):
    witness = tmp_path / "witness"
    buffer = io.BytesIO()
    np.save(buffer, np.array([Attack(witness)], dtype=object), allow_pickle=True)
    array = forged_schema("NdArrayNode", "numpy", "ndarray", None, type="numpy", file="2.npy")
    with zipfile.ZipFile(parts := io.BytesIO(array), "a") as archive:
        archive.writestr("2.npy", buffer.getvalue())
    write(tmp_path, card(), parts.getvalue())
    with pytest.raises(ValueError, match=r"cannot be loaded: an array holds Python objects"):
        load(tmp_path / "model.mmc")
    assert not witness.exists()


def zipped(members, compression=zipfile.ZIP_STORED):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return buffer.getvalue()


CARD_1 = json.dumps(card())
SCHEMA = ("schema.json", "{}")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not a zip file"),
        (b"PK\x03\x04" + b"\0" * 100, "not a zip file"),
        (zipped([("../evil.py", "x"), (CARD, CARD_1), (MODEL, "")]), "expected the members"),
        (zipped([SCHEMA]), "expected the members"),
        (zipped([(CARD, "[1]"), (MODEL, "")]), "names no format version"),
        (zipped([(CARD, "{"), (MODEL, "")]), "cannot be loaded"),
        (zipped([(CARD, '{"format": 2}'), (MODEL, "")]), "version 2 .*pip install --upgrade"),
        (zipped([(CARD, '{"format": true}'), (MODEL, "")]), "names no format version"),
        (zipped([(CARD, CARD_1), (MODEL, "no zip")]), "not a zip file"),
        (zipped([(CARD, CARD_1), (MODEL, zipped([("../a.npy", "")]))]), "does not write"),
        (zipped([(CARD, CARD_1), (MODEL, zipped([SCHEMA, ("a.py", "")]))]), "does not write"),
        (zipped([(CARD, CARD_1), (MODEL, zipped([SCHEMA]))]), "damaged or forged"),
        (
            zipped([(CARD, CARD_1), (MODEL, zipped([SCHEMA], zipfile.ZIP_DEFLATED))]),
            "compressed parts",
        ),
        (
            zipped([(CARD, CARD_1), (MODEL, b"\0" * 10**7)], zipfile.ZIP_DEFLATED),
            "zip bomb",
        ),
        (
            zipped(
                [
                    (CARD, CARD_1),
                    (MODEL, zipped([SCHEMA, ("1.npz", zipped([("a", b"\0" * 10**7)], 8))])),
                ]
            ),
            "zip bomb",
        ),
    ],
)
def test_a_file_that_is_no_model_is_refused(content, message, tmp_path):
    (tmp_path / "model.mmc").write_bytes(content)
    with pytest.raises(ValueError, match=message):
        load(tmp_path / "model.mmc", max_bytes=10**7 + 99)
    assert os.listdir(tmp_path) == ["model.mmc"]


def test_a_model_that_is_too_large_is_refused(tmp_path):
    save(Holder(np.arange(10_000)), tmp_path / "model.mmc")
    with pytest.raises(ValueError, match="more than max_bytes=50000 allows"):
        load(tmp_path / "model.mmc", trusted=[Holder], max_bytes=50_000)


def test_a_truncated_file_is_refused(tmp_path):
    path = tmp_path / "model.mmc"
    save(Holder(np.arange(10_000)), path)
    whole = path.read_bytes()
    for n_bytes in range(0, len(whole), len(whole) // 20):
        path.write_bytes(whole[:n_bytes])
        with pytest.raises(ValueError, match="cannot be loaded"):
            load(path, trusted=[Holder])


def test_a_damaged_file_is_refused(tmp_path):
    path = tmp_path / "model.mmc"
    save(Holder(np.random.default_rng(0).normal(size=5_000)), path)
    whole = bytearray(path.read_bytes())
    whole[len(whole) // 2] ^= 1
    path.write_bytes(whole)
    with pytest.raises(ValueError, match=r"cannot be loaded: .*CRC"):
        load(path, trusted=[Holder])


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "model.mmc")
