"""What belongs to the machine is left behind."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
import skops.io
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mmclassic.media import Limits
from mmclassic.persistence import load, save
from tests.persistence.objects import Carrier, Lengths, card, read_card, write


def test_the_machine_is_left_behind(tmp_path, there_and_back):
    cells = [np.ones(3), None, np.ones(2)]
    vectorizer = Lengths(cache=tmp_path / "store", root=tmp_path, limits=Limits(max_seconds=3))
    model = make_pipeline(vectorizer, StandardScaler(), memory=str(tmp_path / "memory"))
    expected = model.fit(cells).transform(cells)
    loaded = there_and_back(model)
    assert loaded.memory is loaded[0].cache is loaded[0].root is None
    assert loaded[0].limits == Limits(max_seconds=3)
    np.testing.assert_array_equal(loaded.transform(cells), expected)
    assert str(tmp_path).encode() not in (tmp_path / "model.mmc").read_bytes()
    assert vectorizer.cache == tmp_path / "store"  # the model itself is not changed
    assert vectorizer.root == tmp_path


def test_load_says_which_files_cells_may_name(tmp_path, there_and_back):
    loaded = there_and_back([Lengths(), (Lengths(),)], root=tmp_path, allow_paths=False)
    for vectorizer in (loaded[0], loaded[1][0]):
        assert vectorizer.root == tmp_path
        assert vectorizer.allow_paths is False


def test_a_root_that_is_not_there_is_refused(tmp_path):
    save(Lengths(), tmp_path / "model.mmc")
    with pytest.raises(FileNotFoundError, match=r"no folder root='.*nowhere'"):
        load(tmp_path / "model.mmc", root=tmp_path / "nowhere")


def test_a_cache_in_a_forged_file_is_not_opened(tmp_path):
    payload = skops.io.dumps(make_pipeline(Lengths(cache=str(tmp_path / "c")), memory="m"))
    write(tmp_path, card(), payload)
    loaded = load(tmp_path / "model.mmc", trusted=[Lengths])
    assert loaded.memory is loaded[0].cache is None


def test_a_file_of_the_model_travels_inside(tmp_path, there_and_back):
    network = tmp_path / "network.onnx"
    network.write_bytes(b"weights" * 100)
    model = Carrier(network)
    loaded = there_and_back(make_pipeline(model))[0]
    assert loaded.model == b"weights" * 100
    assert model.model == network
    [embedded] = read_card(tmp_path)["embedded"]
    digest = hashlib.sha256(b"weights" * 100).hexdigest()
    assert embedded == {"in": "Carrier", "bytes": 700, "sha256": digest}


def test_a_changed_file_inside_is_refused(tmp_path):
    save(Carrier(b"weights"), tmp_path / "model.mmc")
    known = read_card(tmp_path)
    write(tmp_path, known, skops.io.dumps(Carrier(b"Weights")))
    with pytest.raises(ValueError, match="SHA-256 of a file inside"):
        load(tmp_path / "model.mmc", trusted=[Carrier])


def test_a_network_outside_of_the_file_is_refused(tmp_path):
    write(tmp_path, card(), skops.io.dumps(Carrier("/etc/network.onnx")))
    with pytest.raises(ValueError, match="Carrier names a network outside of the file"):
        load(tmp_path / "model.mmc", trusted=[Carrier])
