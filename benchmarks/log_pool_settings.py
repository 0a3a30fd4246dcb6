"""Floor, strength and centre of the penalty of LogPool, on six views of handwritten digits.

    python benchmarks/log_pool_settings.py [DATA]

DATA is the folder of real data, by default ../shared/data beside the checkout. Prints tables of
test log-losses, and writes them to benchmarks/results/log_pool_settings.md.
"""

from __future__ import annotations

from unittest.mock import patch

import numpy as np
from _mfeat import VIEWS, data_folder, load_views, markdown, members, write_result
from scipy.special import log_softmax
from sklearn.model_selection import StratifiedKFold, cross_val_predict, train_test_split
from threadpoolctl import threadpool_limits

from mmclassic.fusion._log_rule import fit_log_pool
from mmclassic.fusion._log_scale import GAIN, fit_log_scale
from mmclassic.fusion._scores import FLOOR, log_scores

SIZES = (100, 300, 1000)
SEEDS = range(6)
# The mixed members tell most: naive Bayes is overconfident, forests and neighbours give zeros.
KINDS = ("mixed", "naive Bayes", "logistic")
FLOORS = (1e-1, 1e-2, FLOOR, 1e-4, 1e-5)
GAINS = (0.0, 0.01, GAIN, 0.05, 0.1)
STRENGTHS = (0.0, 0.001, 0.003, 0.01, 0.03, 0.1)
CENTRES = {"1 / n_modalities": 1 / len(VIEWS), "1": 1.0, "0": 0.0}
SHARE = CENTRES["1 / n_modalities"]


def score_tables(X: np.ndarray, columns: list, y: np.ndarray, kind: str) -> list[tuple]:
    """Size, cross-fitted scores and labels of training rows, scores and labels of test rows."""
    found = []
    for size, seed in ((size, seed) for size in SIZES for seed in SEEDS):
        train, test = train_test_split(
            np.arange(len(y)), train_size=size, stratify=y, random_state=seed
        )
        pairs = [(m, X[:, part]) for m, part in zip(members(kind), columns, strict=True)]
        folds = StratifiedKFold(5)
        crossed = [
            cross_val_predict(model, V[train], y[train], cv=folds, method="predict_proba")
            for model, V in pairs
        ]
        tested = [model.fit(V[train], y[train]).predict_proba(V[test]) for model, V in pairs]
        found.append((size, np.stack(crossed, 1), y[train], np.stack(tested, 1), y[test]))
    return found


def no_temperature(scores: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return fit_log_scale(scores, y)[0], np.ones(scores.shape[1])


def any_temperature(scores: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Below 1 too: modalities that are too cautious are made bolder."""
    with patch("mmclassic.fusion._log_scale.np.maximum", new=lambda a, b: a):
        return fit_log_scale(scores, y)


def scaled_logs(scores: np.ndarray, floors: np.ndarray, temperatures: np.ndarray) -> np.ndarray:
    return log_scores(scores, floors) / temperatures[:, None]


def one_floor(floor: float):
    """The same floor for all, no temperature."""
    return lambda scores, y: (np.full(scores.shape[1], floor), np.ones(scores.shape[1]))


def losses_on_test(
    tables: list[tuple], l2: float = 0.01, centre: float = SHARE, scale=fit_log_scale
) -> list[float]:
    """Mean test log-loss for each number of training rows."""
    losses: dict[int, list[float]] = {size: [] for size in SIZES}
    for size, scores, y, test_scores, y_test in tables:
        chosen = scale(scores, y)
        start = np.full(scores.shape[1], centre), np.zeros(scores.shape[2])
        weights, intercepts = fit_log_pool(
            scaled_logs(scores, *chosen), y, np.ones(len(y)), start, l2
        )
        logits = np.einsum("nmk,m->nk", scaled_logs(test_scores, *chosen), weights) + intercepts
        losses[size].append(-log_softmax(logits, axis=1)[np.arange(len(y_test)), y_test].mean())
    return [float(np.mean(losses[size])) for size in SIZES]


def losses_of_scales(tables: list[tuple]) -> dict[str, list[float]]:
    """Test log-losses by the gain that a floor has to bring, and with other temperatures."""
    found = {f"floor {FLOOR:g}, no temperature": losses_on_test(tables, scale=one_floor(FLOOR))}
    for gain in GAINS:
        with patch("mmclassic.fusion._log_scale.GAIN", gain):
            found[f"floor by a gain above {gain:.0%}"] = losses_on_test(tables)
    label = f"floor by a gain above {GAIN:.0%}"
    found[f"{label}, no temperature"] = losses_on_test(tables, scale=no_temperature)
    found[f"{label}, temperatures below 1 too"] = losses_on_test(tables, scale=any_temperature)
    return found


def section(title: str, name: str, rows: dict) -> str:
    header = [name, *(f"{size} rows" for size in SIZES)]
    lines = [[label, *(f"{loss:.4f}" for loss in losses)] for label, losses in rows.items()]
    return f"## {title}\n\n{markdown(header, lines)}"


def main() -> None:
    X, columns, y = load_views(data_folder(__doc__.splitlines()[0]))
    with threadpool_limits(1):
        by_kind = {kind: score_tables(X, columns, y, kind) for kind in KINDS}
        tables = by_kind["mixed"]
        floors = {f"{f:g}": losses_on_test(tables, scale=one_floor(f)) for f in FLOORS}
        scales = {kind: losses_of_scales(by_kind[kind]) for kind in KINDS}
        strengths = {f"{s:g}": losses_on_test(tables, l2=s) for s in STRENGTHS}
        centres = {n: losses_on_test(tables, centre=c) for n, c in CENTRES.items()}
    text = "\n\n".join(
        [
            "# Settings of LogPool",
            f"Test log-loss on UCI multiple features, six views, ten classes, {len(SEEDS)} splits "
            "each; mixed members where nothing else is said. The library takes the floor "
            f"{FLOOR:g} (divided by the number of classes), or for a modality the one of seven "
            f"that brings its own log-loss down by more than {GAIN:.0%}; its temperature, where "
            "above 1; l2 0.01; the centre 1 / n_modalities. Each table changes one of them.",
            *(section(f"Floor and temperature, {k} members", "scale", scales[k]) for k in KINDS),
            section("One floor for all, no temperature", "floor", floors),
            section("Strength of the penalty", "l2", strengths),
            section("Centre of the weights", "centre", centres),
            "Made by `python benchmarks/log_pool_settings.py`.\n",
        ]
    )
    write_result("log_pool_settings", text)


if __name__ == "__main__":
    main()
