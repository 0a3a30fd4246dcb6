"""scikit-learn's callbacks, and ``verbose``: how far a fit is."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.callback import ScoringMonitor
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mmclassic import LateFusionClassifier, LateFusionRegressor, load, save
from tests.fusion.examples import LEFT, RIGHT, make_table, two_modalities


class Recorder:
    """Notes every task as (name of the parent task, name of the task)."""

    max_propagation_depth = None

    def __init__(self):
        self.begun, self.ended, self.calls = [], [], []

    def setup(self, estimator, context):
        self.calls.append("setup")

    def teardown(self, estimator, context):
        self.calls.append("teardown")

    def on_fit_task_begin(self, estimator, context):
        self.begun.append(self._path(context))

    def on_fit_task_end(self, estimator, context):
        self.ended.append(self._path(context))

    @staticmethod
    def _path(context):
        # The fit of a base model is the task that it was handed, under that task's name.
        name, parent = (
            "" if task is None else task.source_task_name or task.task_name
            for task in (context, context.parent)
        )
        return parent, name


def watched(model):
    recorder = Recorder()
    return recorder, model.set_callbacks(recorder)


def test_stages_and_fits_are_tasks():
    table, y = make_table()
    recorder, model = watched(LateFusionClassifier(two_modalities(), cv=3))
    model.fit(table, y)
    stages = [name for parent, name in recorder.begun if parent == "fit"]
    assert stages == ["read-cells", "cross-fit", "fit-fusion", "fit-modalities"]
    folds = [name for parent, name in recorder.begun if parent == "cross-fit"]
    assert folds == [f"{name}-fold-{fold}" for fold in range(3) for name in ("left", "right")]
    last = [name for parent, name in recorder.begun if parent == "fit-modalities"]
    assert last == ["left", "right"]
    assert sorted(recorder.begun) == sorted(recorder.ended)
    assert recorder.calls == ["setup", "teardown"]


def test_a_head_that_learns_nothing_has_no_cross_fit():
    table, y = make_table()
    recorder, model = watched(LateFusionClassifier(two_modalities(), "mean"))
    model.fit(table, y)
    assert [name for parent, name in recorder.begun if parent == "fit"] == [
        "read-cells", "fit-fusion", "fit-modalities",
    ]  # fmt: skip


def test_every_label_of_an_indicator_has_its_stages():
    table, y = make_table()
    recorder, model = watched(LateFusionClassifier(two_modalities(), cv=3))
    model.fit(table, np.column_stack([y == 0, y == 1]).astype(int))
    assert len([name for parent, name in recorder.begun if parent == "fit"]) == 1 + 2 * 3


def test_of_a_regression():
    table, y = make_table()
    members = [("left", LinearRegression(), LEFT), ("right", LinearRegression(), RIGHT)]
    recorder, model = watched(LateFusionRegressor(members, "stacking", cv=3))
    model.fit(table, y.astype(float))
    assert len([name for parent, name in recorder.begun if parent == "cross-fit"]) == 6
    assert sorted(recorder.begun) == sorted(recorder.ended)


def test_pipelines_are_watched_too():
    table, y = make_table()
    pipeline = make_pipeline(StandardScaler(), LogisticRegression())
    recorder, model = watched(LateFusionClassifier([("left", pipeline, LEFT)], "mean"))
    model.fit(table, y)
    assert ("left", "fit-final-estimator") in recorder.begun
    assert not hasattr(pipeline, "_skl_callbacks")


def test_inside_a_search_the_fusion_is_one_task_of_it():
    table, y = make_table()
    recorder = Recorder()
    search = GridSearchCV(LateFusionClassifier(two_modalities(), "mean"), {"cv": [3, 4]}, cv=2)
    search.set_callbacks(recorder).fit(table, y)
    stages = [name for _, name in recorder.begun if name == "fit-modalities"]
    assert len(stages) == 2 * 2 + 1


@pytest.mark.parametrize("params", [{}, {"groups": np.arange(90) // 3}])
def test_a_scoring_callback_gets_the_fitted_model(params):
    table, y = make_table()
    monitor = ScoringMonitor(scoring="accuracy")
    model = LateFusionClassifier(two_modalities()).set_callbacks(monitor).fit(table, y, **params)
    assert [row["accuracy"] for row in monitor.get_logs().data] == [model.score(table, y)]


def test_a_scoring_callback_gets_the_weights():
    table, y = make_table()
    weight = np.where(y == 0, 10.0, 1.0)
    monitor = ScoringMonitor(scoring="accuracy")
    model = LateFusionClassifier(two_modalities()).set_callbacks(monitor)
    model.fit(table, y, sample_weight=weight)
    expected = model.score(table, y, sample_weight=weight)
    assert expected != model.score(table, y)
    assert [row["accuracy"] for row in monitor.get_logs().data] == [expected]


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_callbacks_change_no_result(n_jobs):
    table, y = make_table(missing=0.2)
    expected = LateFusionClassifier(two_modalities()).fit(table, y).predict_proba(table)
    _, model = watched(LateFusionClassifier(two_modalities(), n_jobs=n_jobs))
    np.testing.assert_array_equal(model.fit(table, y).predict_proba(table), expected)


def test_with_a_memory_fits_are_still_looked_up(tmp_path):
    table, y = make_table()
    for _ in range(2):
        _, model = watched(LateFusionClassifier(two_modalities(), memory=str(tmp_path)))
        model.fit(table, y)
    entries = list(tmp_path.rglob("output.pkl"))
    assert len(entries) == 2 * (5 + 1)


def test_teardown_comes_after_an_error_too():
    table, y = make_table()
    recorder, model = watched(LateFusionClassifier([("left", Failing(), LEFT)], "mean"))
    with pytest.raises(RuntimeError, match="broken on purpose"):
        model.fit(table, y)
    assert recorder.calls == ["setup", "teardown"]


class Failing(GaussianNB):
    def fit(self, X, y):
        raise RuntimeError("broken on purpose")


def test_callbacks_are_not_saved(tmp_path):
    table, y = make_table()
    _, model = watched(LateFusionClassifier(two_modalities(), "mean"))
    save(model.fit(table, y), tmp_path / "model.mmc")
    loaded = load(tmp_path / "model.mmc")
    np.testing.assert_array_equal(loaded.predict(table), model.predict(table))
    assert hasattr(model, "_skl_callbacks")


@pytest.mark.parametrize("verbose", [0, 1])
def test_verbose_prints_a_line_for_every_stage(verbose, capsys):
    table, y = make_table()
    LateFusionClassifier(two_modalities(), verbose=verbose).fit(table, y)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4 * verbose
    stages = ("read-cells", "cross-fit", "fit-fusion", "fit-modalities")
    for line, stage in zip(lines, stages[: len(lines)], strict=True):
        assert line.startswith("[LateFusionClassifier]")
        assert f" {stage}, total=" in line
