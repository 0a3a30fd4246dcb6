"""Score tables as frames, and back."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mmclassic import scores_from_frame, scores_to_frame
from tests.fusion.examples import make_scores

GOOD = [[[0.2, 0.8], [0.5, 0.5]], [[1.0, 0.0], [np.nan, np.nan]]]


def test_the_frame_of_a_table():
    frame = scores_to_frame(GOOD, ["text", "image"], ["no", "yes"])
    assert frame.columns.names == ["modality", "class"]
    assert frame["text"]["yes"].tolist() == [0.8, 0.0]
    pd.testing.assert_series_equal(
        frame[("image", "no")], pd.Series([0.5, np.nan], name=("image", "no"))
    )
    with pytest.raises(ValueError, match="has 2 modalities, got 1 names"):
        scores_to_frame(GOOD, ["text"], ["no", "yes"])


def test_a_frame_of_scores_and_back():
    scores, _ = make_scores(missing=0.3)
    frame = scores_to_frame(scores, ["text", "image", "audio"], ["a", "b", "c"])
    shuffled = frame[frame.columns[[0, 4, 2, 1, 3, 5, 8, 7, 6]]]
    back, modalities, classes = scores_from_frame(shuffled)
    assert modalities == ["text", "image", "audio"]
    assert classes == ["a", "c", "b"]
    np.testing.assert_array_equal(back, scores[:, :, [0, 2, 1]])
    with pytest.raises(ValueError, match=r"no column \('audio', 'b'\)"):
        scores_from_frame(frame.drop(columns=[("audio", "b")]))
    with pytest.raises(ValueError, match="pairs"):
        scores_from_frame(frame["text"])


def test_predictions_of_a_regression_and_back():
    scores = np.array([[[12.5], [-3.0]], [[np.nan], [1e6]]])
    frame = scores_to_frame(scores, ["text", "image"])
    assert frame["image"].tolist() == [-3, 1e6]
    back, modalities, classes = scores_from_frame(frame)
    np.testing.assert_array_equal(back, scores)
    assert (modalities, classes) == (["text", "image"], None)


def test_probabilities_of_labels_and_back():
    scores = np.array([[[0.9, 0.8, 0.1], [np.nan] * 3], [[0.2, 0.2, 0.2], [0.0, 1.0, 1.0]]])
    frame = scores_to_frame(scores, ["text", "image"], labels=["jazz", "rock", "pop"])
    assert frame.columns.names == ["modality", "label"]
    back, modalities, labels = scores_from_frame(frame)
    np.testing.assert_array_equal(back, scores)
    assert (modalities, labels) == (["text", "image"], ["jazz", "rock", "pop"])
    with pytest.raises(ValueError, match="no probability distribution"):
        scores_to_frame(scores, ["text", "image"], ["jazz", "rock", "pop"])
    with pytest.raises(ValueError, match="no probability distribution"):
        scores_from_frame(frame + 0.3)


@pytest.mark.parametrize(
    ("modalities", "classes", "labels", "match"),
    [
        (["text"], ["no", "yes"], None, "has 2 modalities, got 1 names"),
        (["text", "image"], ["no"], None, "has 2 classes, got 1 names"),
        (["text", "image"], None, ["a", "b", "c"], "has 2 labels, got 3 names"),
        (["text", "text"], ["no", "yes"], None, "modality 'text' is named twice"),
        (["text", "image"], ["no", "no"], None, "class 'no' is named twice"),
        (["text", "image"], None, None, "name its classes, or labels="),
        (["text", "image"], ["no", "yes"], ["no", "yes"], "not both"),
    ],
)
def test_names_that_do_not_fit(modalities, classes, labels, match):
    with pytest.raises(ValueError, match=match):
        scores_to_frame(GOOD, modalities, classes, labels=labels)


def test_columns_that_are_twice_there():
    frame = scores_to_frame(GOOD, ["text", "image"], ["no", "yes"])
    with pytest.raises(ValueError, match=r"several columns \('text', 'no'\)"):
        scores_from_frame(pd.concat([frame, frame], axis=1))
