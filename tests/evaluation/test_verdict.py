"""The answer in words says what the numbers say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mmclassic.evaluation._comparison import Comparison
from mmclassic.evaluation._metric_names import metric_in_words
from mmclassic.evaluation._verdict import p_in_words, verdict_of

FAMILIES = {
    "log_pool": "late",
    "image": "modality",
    "{model}": "modality",
    "best": "choice",
    "early": "early",
    "prior": "prior",
}
SURE = (0.012, 0.049, 0.004)
UNSURE = (-0.011, 0.017, 0.68)


NAMES = {"prior": "class prior"}


def say(metric="accuracy", n_folds=5, sure=SURE, **means) -> str:
    """The verdict on models with these means; all differences are equally sure."""
    sign = -1 if metric == "log_loss" else 1
    columns = ["model", "family", "default", f"{metric}_mean"]
    rows = [(NAMES.get(m, m), FAMILIES[m], m == "log_pool", v) for m, v in means.items()]
    frame = pd.DataFrame(rows, columns=columns)
    frame = frame.sort_values(f"{metric}_mean", ascending=sign < 0)
    ours = means.get("log_pool", 0)
    comparisons = {
        NAMES.get(m, m): Comparison(sign * (ours - v), *sure, "McNemar")
        for m, v in means.items()
        if m != "log_pool"
    }
    return verdict_of(frame.reset_index(drop=True), comparisons, metric, n_folds)


def test_better():
    assert say(log_pool=0.91, image=0.879, prior=0.3) == (
        "The default fusion (log_pool) has accuracy 0.910. It beats the best single modality "
        "(image, 0.879): +3.1 points [+1.2, +4.9], p = .004. It beats the class prior (0.300): "
        "+61.0 points [+1.2, +4.9], p = .004. No other model has a better accuracy."
    )


def test_the_modality_that_training_rows_choose_is_the_rival():
    words = say(log_pool=0.91, image=0.9, best=0.879)
    assert "beats the best single modality, chosen on the training rows (0.879): +3.1" in words
    assert "(image" not in words


def test_worse_is_said():
    words = say(log_pool=0.7, image=0.81, sure=(-0.15, -0.07, 1e-5))
    assert "loses to the best single modality (image, 0.810): -11.0 points" in words
    assert "[-15.0, -7.0], p < .001" in words
    assert "The best model by accuracy is image (0.810)." in words


def test_what_may_be_chance_is_no_difference():
    words = say(log_pool=0.853, image=0.85, sure=UNSURE)
    assert (
        "It is not clearly different from the best single modality (image, 0.850): +0.3 points "
        "[-1.1, +1.7], p = .68." in words
    )


def test_smaller_losses_are_better():
    words = say("log_loss", log_pool=0.51, image=0.8, early=0.4)
    assert "has log loss 0.510. It beats the best single modality (image, 0.800): +0.290" in words
    assert "The best model by log loss is early (0.400)." in words


def test_one_fold_says_so():
    assert say(n_folds=1, log_pool=0.9, image=0.8).endswith("with the training rows is unknown.")


@pytest.mark.parametrize(
    ("image", "words"),
    [(0.8, "is ahead of"), (0.95, "is behind"), (0.9, "is level with the best single")],
)
def test_without_a_test(image, words):
    nothing = (float("nan"),) * 3
    said = say(log_pool=0.9, image=image, sure=nothing)
    assert words in said
    assert "p =" not in said


def test_undefined_scores():
    said = say(log_pool=0.9, image=float("nan"), sure=(float("nan"),) * 3)
    assert "cannot be compared with the best single modality (image, undefined)" in said


@pytest.mark.parametrize(("image", "level"), [(0.91, True), (0.9103, True), (0.9109, False)])
def test_a_tie_in_the_digits_shown_has_no_single_best(image, level):
    words = say(image=image, log_pool=0.91)
    assert ("No other model has a better accuracy." in words) is level
    assert ("The best model by accuracy is image (0.911)." in words) is not level


def test_without_a_default_fusion():
    words = say(image=0.85, prior=0.3)
    assert words == "No default fusion was scored. The best model by accuracy is image (0.850)."


def test_a_model_name_is_not_a_format():
    assert "modality ({model}, 0.800)" in say(log_pool=0.9, **{"{model}": 0.8})


def test_p_values_in_words():
    assert [p_in_words(p) for p in (0.05, 1.0, 0.0999)] == ["p = .050", "p = 1.00", "p = .100"]


def test_words_for_metrics():
    assert metric_in_words("precision_macro") == "precision (macro)"
    assert metric_in_words("f1_macro") == "F1 (macro)"
    assert np.all([metric_in_words("log_loss") == "log loss"])
