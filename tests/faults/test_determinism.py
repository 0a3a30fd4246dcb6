"""The same input gives the same bits, whatever the seed of hashes, the workers and the chunks."""

from __future__ import annotations

import itertools
import json

import numpy as np
import pytest

from mmclassic import HOGVectorizer, load_demo, make_late_fusion
from tests.faults.processes import output_of
from tests.faults.work import digest_of, probabilities

SCRIPT = """
import json, sys
if __name__ == "__main__":
    from mmclassic import load_demo, make_late_fusion
    from tests.faults.work import digest_of
    table = load_demo(n_samples=60)
    columns = {"text": "text", "image": "image", "audio": "audio"}
    model = make_late_fusion(**columns, cv=2, random_state=0, n_jobs=int(sys.argv[1]))
    values = model.fit(table, table["label"]).predict_proba(table)
    print(json.dumps([digest_of(values), values.ravel().tolist()]))
"""


def run(n_jobs=1, options=(), **environment) -> tuple[str, np.ndarray]:
    printed = output_of(*options, "-c", SCRIPT, str(n_jobs), **environment)
    digest, values = json.loads(printed.splitlines()[-1])
    return digest, np.array(values)


@pytest.mark.parametrize(("n_threads", "chunk"), [(1, 7), (4, 100)])
def test_threads_and_chunks_change_nothing(table, monkeypatch, n_threads, chunk):
    plain = digest_of(probabilities(table, n_threads=1))
    monkeypatch.setattr(HOGVectorizer, "_cells_per_chunk", chunk)
    assert digest_of(probabilities(table, n_threads=n_threads)) == plain


@pytest.mark.extra
def test_hash_seed_workers_and_locale_change_nothing():
    # Every seed and every number of workers, in three runs.
    runs = zip(["0", "1", "random"], [1, 2, 4], strict=True)
    digests = {run(n_jobs, PYTHONHASHSEED=seed, LC_ALL="C")[0] for seed, n_jobs in runs}
    table = load_demo(n_samples=60)
    columns = {"text": "text", "image": "image", "audio": "audio"}
    model = make_late_fusion(**columns, cv=2, random_state=0).fit(table, table["label"])
    assert digests == {digest_of(model.predict_proba(table))}


# gensim's own code has escapes that Python warns of.
STRICT = ("-W", "error", "-W", "ignore:invalid escape sequence")


@pytest.mark.extra
def test_no_warning_of_python_is_hidden():
    run(options=STRICT)


@pytest.mark.extra
def test_other_kernels_of_blas_agree():
    kernels = [run(OPENBLAS_CORETYPE=name)[1] for name in ("Haswell", "Nehalem")]
    for first, second in itertools.pairwise(kernels):
        np.testing.assert_allclose(first, second, rtol=1e-4, atol=1e-6)
