"""What counts as a setting: everything that changes a result, nothing else."""

from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn.base import BaseEstimator

from mmclassic.media import Limits
from mmclassic.media._settings import settings_of


class Reader(BaseEstimator):
    _feature_version = 1

    def __init__(self, size=8, limits=None, cache=None, n_jobs=None, root=None, members=None):
        self.size = size
        self.limits = limits
        self.cache = cache
        self.n_jobs = n_jobs
        self.root = root
        self.members = members


@pytest.mark.parametrize(
    "same",
    [
        Reader(cache="x", n_jobs=4, root="y"),
        Reader(limits=Limits()),
        Reader(size=np.int64(8)),
    ],
)
def test_what_changes_no_result_changes_no_settings(same):
    assert settings_of(same) == settings_of(Reader())


@pytest.mark.parametrize(
    "other",
    [
        Reader(size=9),
        Reader(size=(8, 8)),
        Reader(size=b"8"),
        Reader(size=np.zeros(3)),
        Reader(size={"a": 1.5}),
        Reader(size=np.float32),
        Reader(limits=Limits(max_pixels=7)),
        Reader(members=[("a", Reader())]),
        Reader(members=[("a", Reader(size=9))]),
    ],
)
def test_what_changes_the_result_changes_the_settings(other):
    text = json.dumps(settings_of(other))
    assert text != json.dumps(settings_of(Reader()))
    assert json.dumps(settings_of(other)) == text


def test_settings_know_the_feature_version_and_the_decoders():
    settings = settings_of(Reader())
    newer = Reader()
    newer._feature_version = 2
    assert settings_of(newer) != settings
    assert {"Pillow", "soundfile", "soxr"} <= settings["decoders"].keys()
    assert any(name.startswith("opencv") for name in settings["decoders"])


def test_a_member_may_describe_itself():
    class Own(Reader):
        def _settings(self):
            return {"own": self.size}

    assert "own" in json.dumps(settings_of(Reader(members=[("a", Own())])))


def test_a_parameter_that_cannot_be_described_is_named():
    with pytest.raises(ValueError, match=r"Reader\(size=\.\.\.\) is a function.*cache=None"):
        settings_of(Reader(size=lambda: 0))
