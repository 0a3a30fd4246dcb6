"""modality_ablation and modality_shapley on fitted models."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import (
    accuracy_score,
    get_scorer,
    log_loss,
    make_scorer,
    mean_absolute_error,
    r2_score,
    roc_auc_score,
)
from sklearn.naive_bayes import GaussianNB

from mmclassic import (
    LateFusionClassifier,
    LateFusionRegressor,
    cross_validated_fusion,
    modality_ablation,
    modality_shapley,
)
from tests.fusion.examples import LEFT, RIGHT, make_table, two_modalities
from tests.fusion.regression_examples import make_numbers, two_regressors


def value_of(frame, kept, modality=None, metric="accuracy"):
    rows = frame[(frame["metric"] == metric) & (frame["kept"] == kept)]
    return rows[rows["modality"] == modality]["value"].item() if modality else rows["value"].item()


@pytest.mark.usefixtures("no_fits")
def test_ablation_is_the_metric_on_a_table_without_the_column(held_out):
    model, X, y, _ = held_out
    frame = modality_ablation(model, X, y)
    for name, columns in (("left", LEFT), ("right", RIGHT)):
        absent = X.copy()
        absent[columns] = np.nan
        assert value_of(frame, "without", name) == accuracy_score(y, model.predict(absent))
        assert value_of(frame, "without", name, "neg_log_loss") == pytest.approx(
            -log_loss(y, model.predict_proba(absent)), abs=1e-12
        )
    assert value_of(frame, "all") == model.score(X, y)
    assert value_of(frame, "alone", "left") == value_of(frame, "without", "right")
    prior = np.tile(model.class_prior_, (len(y), 1))
    assert value_of(frame, "none", metric="neg_log_loss") == pytest.approx(-log_loss(y, prior))
    assert np.allclose(frame["difference"][frame["kept"] == "all"], 0)
    own = frame[frame["modality"] == "left"]["n_rows"].unique().tolist()
    assert own == [X["a"].notna().sum()]


@pytest.mark.usefixtures("no_fits")
def test_shapley_values_sum_to_the_gain_over_the_prior(held_out):
    model, X, y, _ = held_out
    shares = modality_shapley(model, X, y)
    frame = modality_ablation(model, X, y)
    assert list(shares.columns) == ["accuracy", "neg_log_loss"]
    assert list(shares.index) == ["left", "right"]
    for metric in shares:
        gain = value_of(frame, "all", metric=metric) - value_of(frame, "none", metric=metric)
        assert shares[metric].sum() == pytest.approx(gain, abs=1e-9)
        # Two modalities: half of what it adds alone and half of what it adds last.
        alone = value_of(frame, "alone", "left", metric) - value_of(frame, "none", metric=metric)
        last = value_of(frame, "all", metric=metric) - value_of(frame, "without", "left", metric)
        assert shares[metric]["left"] == pytest.approx((alone + last) / 2, abs=1e-12)


@pytest.mark.usefixtures("no_fits")
def test_a_table_in_hand_gives_the_same(held_out):
    model, X, y, _ = held_out
    scores = model.score_table(X)
    for function in (modality_ablation, modality_shapley):
        assert function(model, None, y, scores=scores).equals(function(model, X, y))


@pytest.mark.usefixtures("no_fits")
def test_without_rows_the_head_is_cross_validated(held_out):
    model, _, _, y = held_out
    frame = modality_ablation(model, None, y)
    fusion = cross_validated_fusion(model, y)
    rows = fusion.rows_
    fused = fusion.predict_proba()[rows]
    assert value_of(frame, "all") == accuracy_score(y[rows], fused.argmax(axis=1))
    absent = model.cross_fit_scores_.copy()
    absent[:, 0] = np.nan
    fused = fusion.fuse(absent)[rows]
    assert value_of(frame, "without", "left") == accuracy_score(y[rows], fused.argmax(axis=1))


@pytest.mark.parametrize(
    ("scoring", "names"),
    [
        ("roc_auc_ovr", ["roc_auc_ovr"]),
        (["balanced_accuracy", "f1_macro"], ["balanced_accuracy", "f1_macro"]),
        ({"mine": make_scorer(accuracy_score), "loss": "neg_log_loss"}, ["mine", "loss"]),
        (make_scorer(accuracy_score), ["accuracy_score"]),
        (lambda estimator, X, y: float(estimator.score(X, y)), ["<lambda>"]),
    ],
)
def test_any_scorer(held_out, scoring, names):
    model, X, y, _ = held_out
    shares = modality_shapley(model, X, y, scoring=scoring)
    assert list(shares.columns) == names
    assert (shares.sum() > 0).all()


def test_scorers_see_labels_and_the_columns_of_their_classes():
    X, codes = make_table(200, 2, seed=1)
    y = np.array(["no", "yes"])[codes]
    model = LateFusionClassifier(two_modalities()).fit(X[:100], y[:100])
    frame = modality_ablation(model, X[100:], y[100:], scoring=["roc_auc", "accuracy"])
    expected = roc_auc_score(codes[100:], model.predict_proba(X[100:])[:, 1])
    assert value_of(frame, "all", metric="roc_auc") == pytest.approx(expected)
    assert value_of(frame, "all") == model.score(X[100:], y[100:])


def test_rows_that_lack_a_class(held_out):
    model, X, y, _ = held_out
    some = y != 1
    frame = modality_ablation(model, X[some], y[some], scoring="neg_log_loss")
    expected = -log_loss(y[some], model.predict_proba(X[some]), labels=[0, 1, 2])
    assert value_of(frame, "all", metric="neg_log_loss") == pytest.approx(expected)


@pytest.mark.parametrize("fusion", ["mean", "stacking"])
def test_regressors(fusion):
    X, y = make_numbers(200, missing=0.1)
    model = LateFusionRegressor(two_regressors(), fusion=fusion).fit(X[:100], y[:100])
    frame = modality_ablation(model, X[100:], y[100:])
    assert value_of(frame, "all", metric="r2") == pytest.approx(
        r2_score(y[100:], model.predict(X[100:]))
    )
    constant = np.full(100, model.target_mean_)
    assert value_of(frame, "none", metric="r2") == pytest.approx(r2_score(y[100:], constant))
    shares = modality_shapley(model, X[100:], y[100:], scoring="neg_mean_absolute_error")
    gain = mean_absolute_error(y[100:], constant) - mean_absolute_error(
        y[100:], model.predict(X[100:])
    )
    assert shares.sum().item() == pytest.approx(gain, abs=1e-9)


def test_cross_validated_regressors():
    X, y = make_numbers(120, missing=0.1)
    model = LateFusionRegressor(two_regressors(), fusion="stacking").fit(X, y)
    frame = modality_ablation(model, None, y, scoring="r2")
    assert 0 < value_of(frame, "all", metric="r2") < 1
    assert value_of(frame, "none", metric="r2") < 0  # means of other folds


def test_several_labels():
    X, codes = make_table(200, 3, seed=1)
    y = np.stack([codes == 0, codes > 1], axis=1).astype(int)
    model = LateFusionClassifier(two_modalities()).fit(X[:100], y[:100])
    frame = modality_ablation(model, X[100:], y[100:], scoring=["accuracy", "roc_auc"])
    fused = model.predict_proba(X[100:])
    assert value_of(frame, "all") == accuracy_score(y[100:], fused > 0.5)
    assert value_of(frame, "all", metric="roc_auc") == pytest.approx(roc_auc_score(y[100:], fused))
    loss = modality_shapley(model, X[100:], y[100:])["neg_log_loss"]
    each = [
        log_loss(y[100:, k], fused[:, k]) - log_loss(y[100:, k], np.full(100, y[:100, k].mean()))
        for k in range(2)
    ]
    assert loss.sum() == pytest.approx(-np.mean(each), abs=1e-9)


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (("X", "y"), {"scoring": "nonsense"}, "nonsense"),
        (("X", "y"), {"scoring": 3}, "scoring=3 is no scorer"),
        (("X", "y"), {"scores": "table"}, "X or scores, not both"),
        (("X", "short"), {}, "has 200 rows, y has 199"),
        (("X", "strange"), {}, r"labels that the model does not know: \[7\], first in row 0"),
        ((None, "y"), {"scores": "flat"}, r"shape \(200, 2\), the model has 2"),
        ((None, "short"), {}, "cross-fitted table has 200 rows, y has 199"),
    ],
)
@pytest.mark.parametrize("function", [modality_ablation, modality_shapley])
def test_bad_arguments(held_out, function, arguments, options, message):
    model, X, y, _ = held_out
    given = {
        "X": X, "y": y, "short": y[1:], "strange": np.full(len(y), 7),
        "table": model.score_table(X), "flat": np.ones((200, 2)),
    }  # fmt: skip
    options = {
        key: given.get(value, value) if isinstance(value, str) else value
        for key, value in options.items()
    }
    with pytest.raises(ValueError, match=message):
        function(model, *(given.get(name) for name in arguments), **options)


def test_a_head_that_learned_nothing_has_no_table():
    X, y = make_table()
    model = LateFusionClassifier(two_modalities(), fusion="mean")
    model.modalities = [("left", GaussianNB(), LEFT), ("right", LogisticRegression(), RIGHT)]
    with pytest.raises(ValueError, match=r"Pass scores=cross_fit_scores\(model, X, y\)"):
        modality_ablation(model.fit(X, y), None, y)


def test_too_many_modalities():
    X = np.random.default_rng(0).normal(size=(60, 13))
    y = np.arange(60) % 2
    model = LateFusionClassifier([(f"m{i}", GaussianNB(), [i]) for i in range(13)], fusion="mean")
    model.fit(X, y)
    with pytest.raises(ValueError, match="13 modalities take 2\\^13 fusions"):
        modality_shapley(model, X, y)
    assert len(modality_ablation(model, X, y, scoring=get_scorer("accuracy"))) == 28
