"""review_sheet and agreement: the right rows, no formulas, and nothing lost on the way back."""

from __future__ import annotations

import csv

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import jensenshannon
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import cohen_kappa_score
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline

from mmclassic import (
    BagOfWordsVectorizer,
    LateFusionClassifier,
    LateFusionRegressor,
    agreement,
    review_sheet,
)
from mmclassic.inspection._review_priority import disagreement, priorities

EVIL = '=HYPERLINK("http://x","good")'


@pytest.fixture(scope="module")
def fitted():
    rng = np.random.default_rng(0)
    y = np.arange(60) % 2
    words = np.where(rng.random(60) < 0.8, y, 1 - y)
    table = pd.DataFrame({
        "text": np.where(words == 1, "good, film\u2028\n\"really\"", "bad film").astype(object),
        "x": rng.normal(size=60) + 1.5 * y,
    })  # fmt: skip
    table.loc[3, "text"] = EVIL
    table.loc[5, "text"] = None
    text = make_pipeline(BagOfWordsVectorizer(), LogisticRegression())
    modalities = [("text", text, "text"), ("number", GaussianNB(), ["x"])]
    labels = np.array(["-no", "yes"])[y]
    return LateFusionClassifier(modalities, fusion="mean").fit(table, labels), table, labels


def read(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def fill(path, **judgements):
    """Write judgements, as a person with a spreadsheet would."""
    rows = read(path)
    for name, answers in judgements.items():
        for row, answer in zip(rows, answers, strict=False):
            row[f"judgement: {name}"] = answer
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def test_the_most_urgent_rows_come_first(fitted, tmp_path):
    model, table, _ = fitted
    sheet = review_sheet(model, table, tmp_path / "sheet.csv", n_rows=10)
    scores = model.score_table(table)
    fused = model.fuse(scores)
    entropy = -(fused * np.log(fused)).sum(axis=1) / np.log(2)
    spread = np.nan_to_num([jensenshannon(*row, base=2) ** 2 for row in scores])
    wanted = (entropy + spread) / 2
    assert np.allclose(priorities(scores, fused, None), wanted)
    assert sheet["row"].tolist() == np.argsort(-wanted, kind="stable")[:10].tolist()
    assert sheet["priority"].is_monotonic_decreasing
    assert sheet["model"].tolist() == model.predict(table)[sheet["row"]].tolist()
    assert sheet["why"].str.len().min() > 0
    columns = list(sheet)
    assert columns.index("judgement: second person") < columns.index("model")


def test_labels_that_the_model_contradicts_are_urgent(fitted, tmp_path):
    model, table, labels = fitted
    sure = model.predict_proba(table).max(axis=1).argmax()
    wrong = labels.copy()
    wrong[sure] = "yes" if labels[sure] == "-no" else "-no"
    before = review_sheet(model, table, tmp_path / "a.csv", y=labels).set_index("row")
    after = review_sheet(model, table, tmp_path / "b.csv", y=wrong).set_index("row")
    assert after.loc[sure, "priority"] > before.loc[sure, "priority"] + 0.2
    said = model.predict(table)[sure]
    assert f"the label is {wrong[sure]}, the model says {said}" in after.loc[sure, "why"]
    assert after.loc[sure, "label"] == wrong[sure]


def test_disagreement_by_hand():
    nan = [np.nan, np.nan, np.nan]
    scores = np.array([
        [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
        [[0.2, 0.3, 0.5]] * 3,
        [[1, 0, 0], [0, 1, 0], nan],
        [[1, 0, 0], nan, nan],
        [nan, nan, nan],
    ])  # fmt: skip
    assert np.allclose(disagreement(scores), [1, 0, 1, 0, 0])


def test_no_cell_runs_as_a_formula_and_no_text_is_lost(fitted, tmp_path):
    model, table, _ = fitted
    path = tmp_path / "sheet.csv"
    review_sheet(model, table, path, people=["=Eve"])
    rows = read(path)
    assert len(rows) == len(table)
    for row in rows:
        assert not any(value.startswith(("=", "+", "-", "@", "\t", "\r")) for value in row.values())
    by_row = {int(row["row"]): row for row in rows}
    assert by_row[3]["text"] == f"'{EVIL}"
    assert by_row[5]["text"] == ""
    assert "lacks text" in by_row[5]["why"]
    assert "text says" in rows[0]
    for place, text in enumerate(table["text"]):
        if place not in (3, 5):
            assert by_row[place]["text"] == text
    assert {row["model"] for row in rows} == {"'-no", "yes"}


def test_agreement_is_kappa(fitted, tmp_path):
    model, table, labels = fitted
    path = tmp_path / "sheet.csv"
    review_sheet(model, table, path, n_rows=20, y=labels, people=["Ada", "Bob", "Cyd"])
    rng = np.random.default_rng(1)
    ada, bob = rng.choice(["-no", "yes"], size=(2, 20))
    bob[:4] = ""
    fill(path, Ada=["'-no" if one == "-no" else " YES " for one in ada], Bob=bob)
    found = agreement(path).set_index(["first", "second"])
    assert list(found.index) == [
        ("Ada", "Bob"), ("Ada", "Cyd"), ("Bob", "Cyd"),
        *((name, other) for other in ("model", "label") for name in ("Ada", "Bob", "Cyd")),
    ]  # fmt: skip
    pair = found.loc[("Ada", "Bob")]
    assert pair["n_rows"] == 16
    assert pair["agreement"] == np.mean(ada[4:] == bob[4:])
    assert pair["kappa"] == pytest.approx(cohen_kappa_score(ada[4:], bob[4:]))
    said = [row["model"].removeprefix("'") for row in read(path)]
    assert found.loc[("Ada", "model"), "kappa"] == pytest.approx(cohen_kappa_score(ada, said))
    assert found.loc[("Ada", "Cyd"), "n_rows"] == 0
    assert np.isnan(found.loc[("Ada", "Cyd"), "kappa"])


def test_one_answer_throughout_has_no_kappa(fitted, tmp_path):
    model, table, _ = fitted
    path = tmp_path / "sheet.csv"
    review_sheet(model, table, path, n_rows=5, people=["Ada", "Bob"])
    fill(path, Ada=["yes"] * 5, Bob=["yes"] * 5)
    pair = agreement(path).iloc[0]
    assert (pair["n_rows"], pair["agreement"]) == (5, 1.0)
    assert np.isnan(pair["kappa"])


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_what_spreadsheets_make_of_a_sheet_is_read(fitted, tmp_path, delimiter):
    model, table, _ = fitted
    path = tmp_path / "sheet.csv"
    review_sheet(model, table, path, n_rows=8)
    fill(path, **{"first person": ["yes"] * 8})
    before = agreement(path)
    rows = read(path)[::-1]
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, [*rows[0], "remarks"], delimiter=delimiter)
        writer.writeheader()
        writer.writerows({**row, "remarks": "a; b, c"} for row in rows)
        file.write(delimiter * len(rows[0]) + "\r\n")
    pd.testing.assert_frame_equal(agreement(path), before)


SHEET = 'row,judgement: Ada,answers,model\n0,yes,"[""no"", ""yes""]",no\n1,no,"[""no""]",no\n'


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("", r"is no review sheet: it lacks the columns \['row'"),
        ("a,b\n1,2\n", r"is no review sheet: it lacks .*judgement: NAME"),
        (SHEET.replace("judgement: Ada", "Ada"), "lacks the columns .'judgement: NAME'"),
        (SHEET.partition("\n")[0] + "\n", "no rows below its header"),
        (SHEET.replace("\n1,no", "\n0,no"), "line 3: row 0 is there already, in line 2"),
        (SHEET.replace("1,no,", "1,"), "line 3: 3 cells under 4 columns"),
        (
            SHEET.replace("0,yes", "0,yess"),
            "Line 2, column 'judgement: Ada': 'yess' is no label.*Did you mean 'yes'",
        ),
        (SHEET.replace('"[""no""]"', "no"), "Line 3: the column 'answers' was changed .'no'"),
        (SHEET.replace("model", "judgement: Ada"), r"lacks the columns \['model'\]"),
        (SHEET.replace("\n", ",x\n").replace("model,x", "model,model"), "several columns called"),
    ],
)
def test_damaged_sheets_are_refused(tmp_path, text, match):
    path = tmp_path / "sheet.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=match):
        agreement(path)


def test_a_workbook_is_refused(tmp_path):
    path = tmp_path / "sheet.csv"
    path.write_bytes(b"PK\x03\x04\xff\xfe")
    with pytest.raises(ValueError, match=r"is not UTF-8 .* as CSV in UTF-8, not as a workbook"):
        agreement(path)
    with pytest.raises(FileNotFoundError):
        agreement(tmp_path / "absent.csv")


def test_judgements_are_never_overwritten(fitted, tmp_path):
    model, table, _ = fitted
    path = tmp_path / "sheet.csv"
    review_sheet(model, table, path, n_rows=3)
    before = path.read_bytes()
    with pytest.raises(FileExistsError, match="perhaps with judgements"):
        review_sheet(model, table, path, n_rows=3)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"n_rows": 0}, "n_rows must be an integer of at least 1, got 0"),
        ({"people": "Ada"}, "people must be a list of different names, got 'Ada'"),
        ({"people": ["Ada", "Ada"]}, "people must be a list of different names"),
        ({"people": []}, "people must be a list"),
        ({"y": ["yes"]}, "X has 60 rows, y has 1"),
        ({"y": ["maybe"] * 60}, "labels that the model does not know: .'maybe'"),
    ],
)
def test_wrong_arguments_are_refused(fitted, tmp_path, options, match):
    model, table, _ = fitted
    with pytest.raises(ValueError, match=match):
        review_sheet(model, table, tmp_path / "sheet.csv", **options)
    assert not list(tmp_path.iterdir())


def test_other_models_are_refused(tmp_path):
    X = np.random.default_rng(0).normal(size=(30, 2))
    regressor = LateFusionRegressor([("x", LogisticRegression(), [0, 1])])
    regressor.modalities_ = []
    with pytest.raises(ValueError, match="needs a fusion of classes"):
        review_sheet(regressor, X, tmp_path / "sheet.csv")
    halves = [("a", GaussianNB(), [0]), ("b", GaussianNB(), [1])]
    labels = LateFusionClassifier(halves, fusion="mean").fit(X, (X > 0).astype(int))
    with pytest.raises(ValueError, match=r"one of model.label_models_"):
        review_sheet(labels, X, tmp_path / "sheet.csv")


def test_names_of_modalities_do_not_hide_columns(tmp_path):
    X = np.random.default_rng(0).normal(size=(30, 2))
    y = (X.sum(axis=1) > 0).astype(int)
    model = LateFusionClassifier(
        [("row", GaussianNB(), [0]), ("model", GaussianNB(), [1])], fusion="mean"
    ).fit(X, y)
    sheet = review_sheet(model, X, tmp_path / "sheet.csv", n_rows=4)
    assert {"row", "row (cell)", "model", "model (cell)"} <= set(sheet)
    assert sheet["row"].tolist() == [int(row) for row in sheet["row"]]
