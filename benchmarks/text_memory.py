"""Memory for a million short texts: what fitting takes above the strings themselves.

    python benchmarks/text_memory.py

Each contender runs in a process of its own, with its libraries loaded before: the figure is the
peak of resident memory above what the process held with the strings. numba counts as ours: it is
loaded by the work. Writes benchmarks/results/text_memory.md.
"""

from __future__ import annotations

import ctypes
import gc
import subprocess
import sys
import time

import numpy as np
from _mfeat import markdown, write_result

N_TEXTS, N_WORDS = 1_000_000, 30_000


def make_texts() -> list[str]:
    """Sentences of 4 to 14 words, which are as frequent as words are."""
    rng = np.random.default_rng(0)
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
    words = ["".join(rng.choice(letters, rng.integers(2, 10))) for _ in range(N_WORDS)]
    shares = 1 / np.arange(10, N_WORDS + 10)
    lengths = rng.integers(4, 15, N_TEXTS)
    drawn = rng.choice(N_WORDS, lengths.sum(), p=shares / shares.sum())
    texts, start = [], 0
    for length in lengths.tolist():
        texts.append(" ".join([words[number] for number in drawn[start : start + length]]))
        start += length
    return texts


def counts():
    from mmclassic import BagOfWordsVectorizer

    return BagOfWordsVectorizer(weighting="count", words=(1, 1), characters=None)


def vectors():
    import gensim.models  # noqa: F401

    from mmclassic import Word2VecVectorizer

    return Word2VecVectorizer(epochs=1)


def peer():
    from sklearn.feature_extraction.text import CountVectorizer

    return CountVectorizer()


CONTENDERS = {
    "BagOfWordsVectorizer, counts": counts,
    "scikit-learn's CountVectorizer": peer,
    "Word2VecVectorizer, 100 dimensions, one epoch": vectors,
}


def megabytes(what: str) -> float:
    """Resident memory of this process (Linux): "VmRSS" now, "VmHWM" at its peak."""
    with open("/proc/self/status", encoding="ascii") as file:
        [line] = [line for line in file if line.startswith(what)]
    return int(line.split()[1]) * 1024 / 1e6


def forget_the_peak() -> None:
    """Give back what making the texts left over, and count the peak from here."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    with open("/proc/self/clear_refs", "w", encoding="ascii") as file:
        file.write("5")


def measure(name: str) -> None:
    """Print megabytes of the peak above the strings, of the result, and seconds."""
    vectorizer = CONTENDERS[name]()
    texts = make_texts()
    forget_the_peak()
    before = megabytes("VmRSS")
    start = time.perf_counter()
    result = vectorizer.fit_transform(texts)
    seconds = time.perf_counter() - start
    peak = megabytes("VmHWM")
    parts = [result] if isinstance(result, np.ndarray) else [result.data, result.indices]
    print(peak - before, sum(part.nbytes for part in parts) / 1e6, seconds)


def main() -> None:
    if len(sys.argv) > 1:
        return measure(sys.argv[1])
    rows = []
    for name in CONTENDERS:
        command = [sys.executable, __file__, name]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        peak, size, seconds = map(float, done.stdout.split())
        rows.append([name, f"{peak:.0f}", f"{size:.0f}", f"{seconds:.1f}"])
    header = ["vectorizer", "peak, MB", "of which the result, MB", "seconds"]
    write_result(
        "text_memory",
        f"# Memory for {N_TEXTS:,} short texts\n\nPeak of resident memory above the strings "
        f"themselves, in megabytes.\n\n{markdown(header, rows)}\n\nMade by `python "
        "benchmarks/text_memory.py`.\n",
    )


if __name__ == "__main__":
    main()
