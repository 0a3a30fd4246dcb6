"""Files damaged at random: the short form of benchmarks/fuzz_media.py."""

from __future__ import annotations

import re

import numpy as np
import pytest

from benchmarks._fuzz import DAMAGES, MESSAGE, damage, judge
from benchmarks._media_files import (
    AUDIO_ENCODINGS,
    IMAGE_ENCODINGS,
    encode_picture,
    encode_sound,
    picture,
    tone,
)
from mmclassic import HOGVectorizer, MFCCVectorizer
from mmclassic._errors import CellError

# Their data carry checksums, all of which are looked at.
CHECKED = {"png", "png-palette", "flac", "flac-24", "ogg-vorbis", "ogg-opus"}


@pytest.mark.parametrize("encoding", [*IMAGE_ENCODINGS, *AUDIO_ENCODINGS])
def test_damage_is_refused_or_gives_finite_features(tmp_path, encoding):
    """No exception, nothing slow, every refusal with row, column, file and reason."""
    rng = np.random.default_rng(sum(encoding.encode()))
    if encoding in IMAGE_ENCODINGS:
        vectorizer, whole = HOGVectorizer(size=(32, 32)), encode_picture(picture(rng), encoding)
    else:
        vectorizer, whole = MFCCVectorizer(), encode_sound(tone(rng), encoding)
    damaged = [damage(whole, rng)[1] for _ in range(60)]
    found = judge(vectorizer, whole, damaged, tmp_path)
    # A machine that does seven things at once is slow for other reasons.
    problems = [problem for problem in found["problems"] if not re.search(r"took \S+ s", problem)]
    assert problems == []
    assert found["files"] == 60
    assert sum(found["refused"].values()) > 10
    if encoding in CHECKED:
        assert found["silent"] == 0


def test_every_kind_of_damage_is_done():
    rng = np.random.default_rng(0)
    data = rng.bytes(300)
    kinds = set()
    for _ in range(100):
        kind, damaged = damage(data, rng)
        kinds.add(kind)
        assert damaged != data
        assert {"cut": len(damaged) < 300, "delete": len(damaged) < 300}.get(kind, True)
        assert len(damaged) == 300 or kind in ("cut", "delete", "insert")
    assert kinds == set(DAMAGES)


class Poor:
    """A vectorizer with every fault that the judge looks for."""

    def read_cells(self, cells):
        features = np.zeros((len(cells), 1))
        features[0] = np.nan
        features[1] = 7
        errors = [CellError(2, "cell", "", "decode", ""), CellError(3, "cell", "x", "oops", "why")]
        return features, errors


def test_the_judge_sees_what_is_poor(tmp_path):
    found = judge(Poor(), b"whole", [b"a", b"b", b"c", b"d"], tmp_path)
    assert found["silent"] == 2
    assert len(found["problems"]) == 3
    assert "not finite" in found["problems"][0]
    assert all("a poor record" in problem for problem in found["problems"][1:])


def test_the_pattern_of_messages():
    assert MESSAGE.fullmatch(str(CellError(3, "photo", "a.jpg", "empty", "0 bytes")))
    assert not MESSAGE.fullmatch(str(CellError(3, None, "a.jpg", "empty", "0 bytes")))
    assert not MESSAGE.fullmatch(str(CellError(3, "photo", "", "empty", "0 bytes")))
    assert not MESSAGE.fullmatch(str(CellError(3, "photo", "a.jpg", "empty", "")))
