"""The answer in words says what the numbers say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mmclassic.evaluation._verdict import metric_in_words, paired_gain, verdict_of

FAMILIES = {
    "log_pool": "late",
    "image": "modality",
    "{model}": "modality",
    "early": "early",
    "prior": "prior",
}


def say(metric: str = "accuracy", larger_first: bool = True, **scores: list[float]) -> str:
    """The verdict on the fold scores of some models."""
    folds = pd.DataFrame(
        [
            {"model": model, "fold": fold, metric: value}
            for model, values in scores.items()
            for fold, value in enumerate(values)
        ]
    )
    frame = pd.DataFrame(
        [
            {
                "model": model,
                "family": FAMILIES[model],
                "default": model == "log_pool",
                f"{metric}_mean": np.mean(values),
            }
            for model, values in scores.items()
        ]
    )
    frame = frame.sort_values(f"{metric}_mean", ascending=not larger_first).reset_index(drop=True)
    return verdict_of(frame, folds, metric)


def test_paired_gain_by_hand():
    gain, error = paired_gain(np.array([0.9, 0.8, 0.7, 0.8]), np.array([0.8, 0.8, 0.6, 0.6]))
    assert gain == pytest.approx(0.1)  # differences .1, 0, .1, .2
    assert error == pytest.approx(np.sqrt(0.02 / 3) / 2)


def test_paired_gain_leaves_out_undefined_folds():
    gain, error = paired_gain(np.array([0.9, np.nan]), np.array([0.8, 0.8]))
    assert gain == pytest.approx(0.1)
    assert np.isnan(error)
    assert np.isnan(paired_gain(np.array([np.nan]), np.array([1.0]))).all()


def test_better():
    words = say(log_pool=[0.9, 0.9, 0.93], image=[0.8, 0.8, 0.8], prior=[0.3, 0.3, 0.3])
    assert words == (
        "The default fusion (log_pool) has accuracy 0.910, better than the best single modality "
        "(image, 0.800) by 11.0 points (standard error 1.0). It is better than the class prior "
        "(0.300) by 61.0 points (standard error 1.0). No other model has a better accuracy."
    )


def test_worse_is_said():
    words = say(log_pool=[0.7, 0.7], image=[0.8, 0.82])
    assert "worse than the best single modality (image, 0.810) by 11.0 points" in words
    assert "The best model by accuracy is image (0.810)." in words


@pytest.mark.parametrize(("shift", "side"), [(0.001, "ahead"), (-0.001, "behind")])
def test_within_one_standard_error_is_about_as_good(shift, side):
    ours, theirs = np.array([0.9, 0.8, 0.85]), np.array([0.92, 0.78, 0.85])
    words = say(log_pool=list(ours + shift), image=list(theirs))
    assert f"about as good as the best single modality (image, 0.850), 0.1 points {side}" in words
    assert "(standard error 1.2)" in words


def test_smaller_losses_are_better():
    words = say("log_loss", False, log_pool=[0.5, 0.52], image=[0.8, 0.8], early=[0.4, 0.4])
    assert (
        "has log loss 0.510, better than the best single modality (image, 0.800) by 0.290" in words
    )
    assert "worse than early fusion (0.400) by 0.110 (standard error 0.010)" in words
    assert "The best model by log loss is early (0.400)." in words


def test_one_fold_has_no_standard_error_and_says_so():
    words = say(log_pool=[0.9], image=[0.8], early=[0.9], prior=[0.95])
    assert "(log_pool) has accuracy 0.900, ahead of the best single" in words
    assert "It is level with early fusion (0.900), and behind the class prior (0.950)" in words
    assert "(standard error" not in words
    assert words.endswith("no standard error and small ones may be chance.")


@pytest.mark.parametrize(
    ("image", "level"), [(0.91, True), (0.9103, True), (0.911, False), (0.9109, False)]
)
def test_a_tie_in_the_digits_shown_has_no_single_best(image, level):
    words = say(image=[image, image], log_pool=[0.9, 0.92])
    assert ("No other model has a better accuracy." in words) is level
    assert ("The best model by accuracy is image (0.911)." in words) is not level


def test_without_a_default_fusion():
    words = say(image=[0.8, 0.9], prior=[0.3, 0.3])
    assert words == ("No default fusion was scored. The best model by accuracy is image (0.850).")


def test_a_model_name_is_not_a_format():
    assert "modality ({model}, 0.800)" in say(log_pool=[0.9, 0.9], **{"{model}": [0.8, 0.8]})


def test_words_for_metrics():
    assert metric_in_words("precision_macro") == "precision (macro)"
    assert metric_in_words("f1_macro") == "F1 (macro)"
