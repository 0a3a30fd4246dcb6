"""The displays show what the functions compute, on given or new axes, with labels."""

from __future__ import annotations

from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB

from mmclassic import (
    FusionWeightsDisplay,
    LateFusionClassifier,
    ModalityContributionDisplay,
    ReliabilityDisplay,
    RiskCoverageDisplay,
    RobustnessDisplay,
    WeightedSum,
    modality_ablation,
    modality_shapley,
    negative_log_loss,
    reliability_curve,
    risk_coverage_curve,
    robustness_curve,
    simplex_grid,
)
from mmclassic.inspection._triangle import CORNERS, to_plane


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    plt.close("all")


def make_model(fusion, n_rows=120):
    rng = np.random.default_rng(0)
    y = np.array(["no", "so", "yes"])[np.arange(n_rows) % 3]
    X = rng.normal(size=(n_rows, 6)) + 1.5 * np.eye(3)[np.arange(n_rows) % 3].repeat(2, axis=1)
    table = pd.DataFrame(X, columns=list("abcdef"))
    modalities = [
        ("left", GaussianNB(), ["a", "b"]),
        ("middle", GaussianNB(), ["c", "d"]),
        ("right", LogisticRegression(), ["e", "f"]),
    ]
    return LateFusionClassifier(modalities, fusion=fusion).fit(table, y), table, y


@pytest.fixture(scope="module")
def fitted():
    return make_model("log_pool")


@pytest.fixture(scope="module")
def searched():
    grid = {"weights": simplex_grid(3, step=0.25)}
    return make_model(GridSearchCV(WeightedSum(), grid, scoring=negative_log_loss, cv=3))


def texts_of(ax):
    return [text.get_text() for text in ax.texts]


def assert_nothing_is_cut_off_or_overlaps(figure):
    """Every title, label, tick and legend lies inside the figure; labels of one axis apart."""
    figure.canvas.draw()
    renderer, frame = figure.canvas.get_renderer(), figure.bbox
    for ax in figure.axes:
        if not ax.axison and not ax.texts:
            continue
        box = ax.get_tightbbox(renderer)
        assert box.x0 >= -1
        assert box.y0 >= -1
        assert box.x1 <= frame.width + 1
        assert box.y1 <= frame.height + 1
        ticks = [label for label in ax.get_xticklabels() if label.get_text() and ax.axison]
        boxes = [label.get_window_extent(renderer) for label in ticks if label.get_visible()]
        assert all(a.x1 <= b.x0 + 1 for a, b in pairwise(boxes))


def test_shapley_bars_are_the_values(fitted):
    model, table, y = fitted
    values = modality_shapley(model, table, y, scoring="accuracy")["accuracy"]
    display = ModalityContributionDisplay.from_estimator(model, table, y)
    [bars] = display.bars_
    names = [label.get_text() for label in display.ax_.get_yticklabels()]
    widths = dict(zip(names, [bar.get_width() for bar in bars], strict=True))
    assert widths == values.to_dict()
    assert list(widths.values()) == sorted(widths.values(), reverse=True)
    assert display.total == pytest.approx(values.sum())
    assert_nothing_is_cut_off_or_overlaps(display.figure_)


def test_ablation_bars_are_gains(fitted):
    model, table, y = fitted
    frame = modality_ablation(model, table, y)
    figure, ax = plt.subplots()
    display = ModalityContributionDisplay.from_frame(frame, metric="neg_log_loss", ax=ax)
    assert display.ax_ is ax
    assert display.figure_ is figure
    rows = frame[frame["metric"] == "neg_log_loss"].set_index(["kept", "modality"])
    removed = rows.loc["without"]["difference"]
    assert np.allclose(display.parts["added to the others"], -removed.to_numpy())
    assert "all together +" in ax.get_title()
    assert [text.get_text() for text in ax.get_legend().get_texts()] == list(display.parts)


@pytest.mark.parametrize("kind", ["shapley", "ablation"])
def test_contributions_of_many_and_bad_modalities_are_not_cut_off(kind):
    names = [f"a rather long name of modality {place}" for place in range(8)]
    values = np.linspace(-0.2, 0.9, 8)
    parts = {"one": values, "other": -values} if kind == "ablation" else {"Shapley value": values}
    display = ModalityContributionDisplay(names, parts, score_name="balanced_accuracy", total=1.0)
    assert_nothing_is_cut_off_or_overlaps(display.plot().figure_)


def test_weights_are_bars(fitted):
    model, _, _ = fitted
    display = FusionWeightsDisplay.from_estimator(model)
    assert np.array_equal([bar.get_width() for bar in display.ax_.patches], model.fusion_.weights_)
    assert [label.get_text() for label in display.ax_.get_yticklabels()] == [
        "left", "middle", "right",
    ]  # fmt: skip
    assert_nothing_is_cut_off_or_overlaps(display.figure_)


def test_three_searched_weights_are_a_triangle(searched):
    model, _, _ = searched
    display = FusionWeightsDisplay.from_estimator(model)
    results = model.fusion_.cv_results_
    assert np.allclose(display.grid, np.array(results["param_weights"].tolist()))
    assert np.array_equal(display.grid_scores, results["mean_test_score"])
    best = display.grid[display.grid_scores.argmax()]
    assert np.allclose(best, display.weights)
    [star] = [line for line in display.ax_.lines if line.get_marker() == "*"]
    assert np.allclose([star.get_xdata(), star.get_ydata()], to_plane([best]).T)
    assert {"left", "middle", "right"} <= set(texts_of(display.ax_))
    assert display.figure_.axes[1].get_ylabel() == "Negative log-loss, nats"
    assert_nothing_is_cut_off_or_overlaps(display.figure_)


def test_the_triangle_of_given_weights_is_scored_on_the_cross_fitted_table(searched):
    model, table, y = searched
    mean = LateFusionClassifier(model.modalities, fusion=WeightedSum()).fit(table, y)
    scores = model.cross_fit_scores_
    display = FusionWeightsDisplay.from_estimator(mean, y, scores=scores, step=0.5)
    weights = display.grid[1]
    fused = np.einsum("m,nmk->nk", weights, scores)
    codes = np.searchsorted(mean.classes_, y)
    own = fused[np.arange(len(y)), codes]
    assert display.grid_scores[1] == pytest.approx(np.log(own).mean())
    assert np.allclose(display.weights, 1 / 3)


def test_a_search_alone_and_other_numbers_of_modalities():
    rng = np.random.default_rng(0)
    scores, y = rng.dirichlet([1, 1], size=(40, 2)), np.arange(40) % 2
    search = GridSearchCV(WeightedSum(), {"weights": simplex_grid(2, step=0.5)}, cv=2)
    display = FusionWeightsDisplay.from_search(search.fit(scores, y), modalities=["a", "b"])
    assert display.score_name == "accuracy"
    assert len(display.ax_.patches) == 2
    named = GridSearchCV(WeightedSum(), {"weights": [None, [3, 1], "learned"]}, cv=2)
    display = FusionWeightsDisplay.from_search(named.fit(scores, y))
    assert display.grid.tolist() == [[0.5, 0.5], [0.75, 0.25]]


def test_corners_are_alike():
    sides = [np.linalg.norm(CORNERS[a] - CORNERS[b]) for a, b in [(0, 1), (1, 2), (2, 0)]]
    assert np.allclose(sides, 1)
    assert np.allclose(to_plane(np.full((1, 3), 1 / 3)), CORNERS.mean(axis=0))


def test_robustness_has_a_panel_for_each_damage(fitted):
    model, table, y = fitted
    frame = robustness_curve(model, table, y, modality=["left", "right"])
    display = RobustnessDisplay.from_frame(frame)
    assert display.axes_.shape == (2, 2)
    part = frame[(frame["modality"] == "right") & (frame["kind"] == "noise")]
    lines = {line.get_label(): line for line in display.axes_[1, 0].lines}
    for label, metric in (("accuracy", "accuracy"), ("mean confidence", "confidence")):
        wanted = part[part["metric"] == metric]["value"]
        assert np.array_equal(lines[label].get_ydata(), wanted)
    assert lines["without the modality"].get_ydata()[0] == part["without"].iloc[0]
    ticks = [label.get_text() for label in display.axes_[1, 0].get_xticklabels()]
    assert ticks == ["none", "0.25", "0.5", "1", "2"]
    assert display.axes_[1, 0].get_xlabel() == "standard deviations"
    assert_nothing_is_cut_off_or_overlaps(display.figure_)


def test_robustness_of_one_score_in_given_axes(fitted):
    model, table, y = fitted
    figure, axes = plt.subplots(1, 2, figsize=(10, 5))
    display = RobustnessDisplay.from_estimator(
        model, table, y, modality="left", scoring="neg_log_loss", ax=axes[1]
    )
    assert display.figure_ is figure
    assert not axes[1].axison
    assert not figure.legends
    assert [line.get_label() for line in display.ax_.lines] == [
        "without the modality", "negative log-loss, nats",
    ]  # fmt: skip


def test_reliability_shows_the_curve_and_wilson_intervals(fitted):
    model, table, y = fitted
    probabilities = model.predict_proba(table)
    curve = reliability_curve(y, probabilities, classes=model.classes_, n_bins=5)
    display = ReliabilityDisplay.from_estimator(model, table, y, n_bins=5)
    assert np.array_equal(display.line_.get_xdata(), curve["confidence"])
    assert np.array_equal(display.line_.get_ydata(), curve["accuracy"])
    n, share, z = curve["n_rows"], curve["accuracy"], 1.959963984540054
    centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    assert np.allclose(display.intervals_, np.column_stack([centre - half, centre + half]))
    wanted = np.average(np.abs(curve["confidence"] - share), weights=n)
    assert display.calibration_error == pytest.approx(wanted)
    assert_nothing_is_cut_off_or_overlaps(display.figure_)


def test_two_curves_share_axes_and_one_diagonal(fitted):
    model, table, y = fitted
    first = ReliabilityDisplay.from_estimator(model, table, y, name="fusion")
    scores = model.score_table(table)[:, 0]
    second = ReliabilityDisplay.from_predictions(
        y, scores, classes=model.classes_, name="left", ax=first.ax_
    )
    labels = [text.get_text() for text in first.ax_.get_legend().get_texts()]
    assert [label.partition(",")[0] for label in labels] == [
        "perfectly calibrated", "fusion", "left",
    ]  # fmt: skip
    assert first.line_.get_color() != second.line_.get_color()
    assert_nothing_is_cut_off_or_overlaps(first.figure_)


def test_risk_coverage_shows_the_curve(fitted):
    model, table, y = fitted
    probabilities = model.predict_proba(table)
    curve = risk_coverage_curve(y, probabilities, classes=model.classes_)
    first = RiskCoverageDisplay.from_estimator(model, table, y)
    assert np.array_equal(first.line_.get_xdata(), curve.coverage)
    assert np.array_equal(first.line_.get_ydata(), curve.risk)
    assert first.area == curve.area
    scores = model.score_table(table)[:, 0]
    second = RiskCoverageDisplay.from_predictions(
        y, scores, classes=model.classes_, name="left", ax=first.ax_
    )
    assert first.line_.get_color() != second.line_.get_color()
    assert first.ax_.get_ylim()[1] > second.risk.max()
    assert_nothing_is_cut_off_or_overlaps(first.figure_)


def test_a_curve_without_errors_has_an_axis():
    display = RiskCoverageDisplay.from_predictions([0, 1], [[0.9, 0.1], [0.2, 0.8]])
    assert display.ax_.get_ylim()[1] > 0


def test_wrong_arguments_are_refused(fitted):
    model, table, y = fitted
    with pytest.raises(ValueError, match=r'kind must be "shapley" or "ablation", got .magic'):
        ModalityContributionDisplay.from_estimator(model, table, y, kind="magic")
    frame = modality_shapley(model, table, y)
    with pytest.raises(ValueError, match=r"no score 'r2'; it has .'accuracy', 'neg_log_loss'"):
        ModalityContributionDisplay.from_frame(frame, metric="r2")
    with pytest.raises(ValueError, match=r"lacks the columns .'modality'"):
        RobustnessDisplay.from_frame(frame)
    curve = robustness_curve(model, table, y, kinds="missing", severities=[1])
    with pytest.raises(ValueError, match="no score 'r2'"):
        RobustnessDisplay.from_frame(curve, metric="r2")


def test_heads_without_weights_are_refused(fitted):
    model, table, y = fitted
    voting = LateFusionClassifier(model.modalities, fusion="voting").fit(table, y)
    with pytest.raises(ValueError, match="Voting does not have one weight for each modality"):
        FusionWeightsDisplay.from_estimator(voting)
    mean = LateFusionClassifier(model.modalities, fusion="mean").fit(table, y)
    with pytest.raises(ValueError, match="no cross_fit_scores_ to score weights on"):
        FusionWeightsDisplay.from_estimator(mean, y)
    with pytest.raises(ValueError, match="has 120 rows, y has 3"):
        FusionWeightsDisplay.from_estimator(mean, y[:3], scores=model.cross_fit_scores_)
