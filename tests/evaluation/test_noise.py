"""On tables in which there is nothing to find, a benchmark finds nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from mmclassic import LogPool, benchmark
from mmclassic._threads import one_thread
from mmclassic.evaluation._class_task import ClassTask

N_TABLES = 20
RIVALS = ("class prior", "best modality")
# benchmarks/pure_noise.py does the same at length.
BOUND = int(binom.ppf(0.99, N_TABLES, 0.05))


def make_table(seed: int, signal: float) -> pd.DataFrame:
    """Sixty rows of two numbers and two categories; the label is in the first to some degree."""
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(60) % 2)
    numbers = rng.normal(size=(60, 2))
    numbers[:, 0] += signal * labels
    categories = np.where(rng.random((60, 2)) < 0.4 * signal, labels[:, None], 2)
    noise = rng.integers(0, 3, (60, 2))
    table = pd.DataFrame(numbers, columns=["a", "b"])
    for index, name in enumerate(("c", "d")):
        column = np.where(categories[:, index] < 2, categories[:, index], noise[:, index])
        table[name] = [f"kind {value}" for value in column]
    return table.assign(label=labels)


@pytest.fixture
def claims(monkeypatch):
    """claims(signal, n_tables) counts how often the fusion is said to beat each rival."""
    # Only the default is asked about: the other heads would cost the most time.
    heads = {"log_pool": LogPool()}
    monkeypatch.setattr(ClassTask, "heads", lambda task, n_modalities: heads)

    def count(signal: float, n_tables: int) -> dict[str, int]:
        found = dict.fromkeys(RIVALS, 0)
        for seed in range(n_tables):
            with one_thread():
                result = benchmark(
                    make_table(seed, signal),
                    "label",
                    numeric=["a", "b"],
                    categorical=["c", "d"],
                    cv=3,
                )
            frame = result.comparisons.set_index("rival")
            for rival in RIVALS:
                found[rival] += bool(frame["p"][rival] < 0.05 and frame["gain"][rival] > 0)
        return found

    return count


def test_nothing_is_claimed_on_noise_more_often_than_chance_allows(claims):
    found = claims(signal=0.0, n_tables=N_TABLES)
    assert max(found.values()) <= BOUND, found


def test_the_same_count_sees_what_is_there(claims):
    """Else a benchmark that never claims anything would pass the test above."""
    assert claims(signal=1.5, n_tables=3)["class prior"] == 3
