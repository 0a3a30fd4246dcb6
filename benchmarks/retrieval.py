"""Cross-modal retrieval: what each method finds on real tables, and what search costs at size.

    python benchmarks/retrieval.py [DATA]

DATA is the folder of real data, by default ../shared/data beside the checkout. Features of pictures
and recordings are extracted once; everything that learns is fitted on the training rows of each
split. Memory is measured in processes of their own. Writes benchmarks/results/retrieval.md.
"""

from __future__ import annotations

import gc
import subprocess
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from _mfeat import data_folder, markdown, paired, write_result
from real_tables import digits, products
from sklearn.decomposition import PCA
from sklearn.model_selection import LeavePGroupsOut, StratifiedShuffleSplit
from sklearn.neighbors import NearestNeighbors
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from text_memory import forget_the_peak, megabytes
from threadpoolctl import threadpool_limits

from mmclassic import (
    BackboneVectorizer,
    BagOfWordsVectorizer,
    BlockScaler,
    ColorHistogramVectorizer,
    CrossModalRetriever,
    DataQualityWarning,
    HOGVectorizer,
    MFCCVectorizer,
)
from mmclassic.media import CellUnion

REFERENCE = "cca"
TEXTBOOK = "cca of the textbook, on 50 principal components"
METHODS: dict[str, dict] = {
    TEXTBOOK: {"method": "cca", "n_components": 10, "shrinkage": 0.0, "power": 0.0},
    "cca": {"method": "cca"},
    "pls": {"method": "pls"},
    "ridge": {"method": "ridge"},
    "semantic": {"method": "semantic"},
    "semantic_cca": {"method": "semantic_cca"},
}
N_ITEMS, N_QUERIES, WIDTH, K = 200_000, 1_000, 64, 10


def looked_up(features: np.ndarray):
    """A stateless first step: from row numbers to features that were extracted before."""
    return FunctionTransformer(lambda rows: features[np.asarray(rows, dtype=int)])


def picture_features(column, backbone: Path | None = None) -> np.ndarray:
    if backbone is not None:
        return BackboneVectorizer(backbone).fit_transform(column)
    members = [("hog", HOGVectorizer()), ("color", ColorHistogramVectorizer())]
    return CellUnion(members).fit_transform(column)


def digits_task(data: Path) -> dict:
    """Test speakers are in no training row: every two of the six are left out once."""
    table, _ = digits(data)
    image, audio = picture_features(table["image"]), MFCCVectorizer().fit_transform(table["audio"])
    y, speaker = table["label"].to_numpy(), table["speaker"].to_numpy()
    return {
        "title": "Digits: handwritten and spoken",
        "about": "600 pairs of ten classes; 15 splits, each leaves out two of six speakers. "
        "Partners were drawn by class, so there is no very partner to find.",
        "table": pd.DataFrame({"image": np.arange(len(y)), "audio": np.arange(len(y))}),
        "steps": {"image": [looked_up(image)], "audio": [looked_up(audio)]},
        "y": y,
        "groups": speaker,
        "splits": list(LeavePGroupsOut(2).split(y, y, speaker)),
    }


def products_task(data: Path, backbone: Path | None = None) -> dict:
    table, _ = products(data)
    table = table[table["image"].notna()].reset_index(drop=True)
    image = picture_features(table["image"], backbone)
    y = table["category"].to_numpy()
    splits = StratifiedShuffleSplit(10, test_size=0.3, random_state=0).split(y, y)
    features = "SqueezeNet" if backbone else "HOG and colours"
    return {
        "title": f"Products: descriptions and pictures ({features})",
        "about": f"{len(y)} products of seven categories; 10 random splits, 30 % for testing. A "
        "product's own picture or description is its partner.",
        "table": pd.DataFrame({"text": table["description"], "image": np.arange(len(y))}),
        "steps": {"text": [BagOfWordsVectorizer(characters="auto")], "image": [looked_up(image)]},
        "y": y,
        "groups": None,
        "splits": list(splits),
    }


def modalities(task: dict, textbook: bool) -> list[tuple]:
    found = []
    for name, steps in task["steps"].items():
        scaled = [] if name == "text" else [BlockScaler()]
        reduced = [PCA(50, random_state=0)] if textbook else []
        pipeline = make_pipeline(*steps, *scaled, *reduced, FunctionTransformer(accept_sparse=True))
        found.append((name, pipeline, name))
    return found


def one_split(task: dict, name: str, train: np.ndarray, test: np.ndarray) -> list[float]:
    """MAP both ways; of the partners MRR and recall at 10; matches; CPU seconds of the fit."""
    table, y, groups = task["table"], task["y"], task["groups"]
    start = time.process_time()
    model = CrossModalRetriever(modalities(task, name == TEXTBOOK), **METHODS[name])
    model.fit(table.iloc[train], y[train], groups=None if groups is None else groups[train])
    seconds = time.process_time() - start
    rows = table.iloc[test]
    kinds, partners = model.evaluate(rows, y[test]), model.evaluate(rows)
    strangers = rows.copy()
    order = np.random.default_rng(0).permutation(len(rows))
    place = np.empty_like(order)
    place[order] = np.roll(order, 1)  # never the own one
    second = list(task["steps"])[1]
    strangers[second] = rows[second].to_numpy()[place]
    hits = (model.match(rows).mean() + (~model.match(strangers)).mean()) / 2
    return [*kinds["map"], partners["mrr"].mean(), partners["recall@10"].mean(), hits, seconds]


def section(task: dict) -> str:
    """The table of one task."""
    results = {
        name: np.array([one_split(task, name, *split) for split in task["splits"]])
        for name in METHODS
    }
    first, second = task["steps"]
    arrows = [f"{first} → {second}", f"{second} → {first}"]
    n_splits = len(task["splits"])
    rows = []
    for name, values in results.items():
        row = [name]
        for direction in (0, 1):
            gain, error = paired(values[:, direction], results[REFERENCE][:, direction])
            ahead = int((values[:, direction] > results[REFERENCE][:, direction]).sum())
            row.append(f"{values[:, direction].mean():.3f}")
            row.append("" if name == REFERENCE else f"{gain:+.3f} ± {error:.3f}, {ahead}")
        mean = values.mean(axis=0)
        rows.append([*row, f"{mean[2]:.3f}", f"{mean[3]:.3f}", f"{mean[4]:.3f}", f"{mean[5]:.1f}"])
    versus = f"against {REFERENCE}, ahead in … of {n_splits}"
    header = ["method", f"MAP, {arrows[0]}", versus, f"MAP, {arrows[1]}", versus]
    header += ["partner: MRR", "partner: recall@10", "matches", "fit, CPU s"]
    return f"## {task['title']}\n\n{task['about']}\n\n{markdown(header, rows)}"


# Size: each in a process of its own


def by_blocks(codes: np.ndarray, queries: np.ndarray) -> np.ndarray:
    from mmclassic.joint._search import top_k

    return top_k(queries, codes, K)[1]


def by_neighbours(codes: np.ndarray, queries: np.ndarray) -> np.ndarray:
    search = NearestNeighbors(n_neighbors=K, metric="cosine", algorithm="brute").fit(codes)
    return search.kneighbors(queries, return_distance=False)


def by_matrix(codes: np.ndarray, queries: np.ndarray) -> np.ndarray:
    return np.argsort(-(queries @ codes.T), axis=1)[:, :K]


CONTENDERS = {
    "search in blocks": by_blocks,
    "scikit-learn's NearestNeighbors, brute force": by_neighbours,
    "one matrix and a full sort": by_matrix,
}
WHOLE = "CrossModalRetriever.search, from features of the queries"


def make_codes(n_rows: int, seed: int) -> np.ndarray:
    codes = np.random.default_rng(seed).normal(size=(n_rows, WIDTH)).astype(np.float32)
    return codes / np.linalg.norm(codes, axis=1, keepdims=True)


def measure(name: str) -> None:
    """Print CPU seconds, megabytes of the peak above the codes, a checksum of what was found."""
    if name == WHOLE:
        features = np.hstack([make_codes(N_ITEMS, 0), make_codes(N_ITEMS, 1)])
        queries = np.hstack([make_codes(N_QUERIES, 2), make_codes(N_QUERIES, 3)])
        blocks = [("a", BlockScaler(), slice(0, WIDTH)), ("b", BlockScaler(), slice(WIDTH, None))]
        model = CrossModalRetriever(blocks, n_components=WIDTH).fit(features[:2_000])
        model.index(features)
        del features

        def search():
            return model.search(queries, k=K, by="a")[0]
    else:
        codes, queries = make_codes(N_ITEMS, 0), make_codes(N_QUERIES, 2)
        by_blocks(codes[:100], queries[:10])  # what a first call loads

        def search():
            return CONTENDERS[name](codes, queries)

    gc.collect()
    forget_the_peak()
    before = megabytes("VmRSS")
    start = time.process_time()
    found = search()
    seconds = time.process_time() - start
    print(seconds, megabytes("VmHWM") - before, int(found.sum()))


def size_section() -> str:
    rows, sums = [], {}
    for name in [*CONTENDERS, WHOLE]:
        command = [sys.executable, __file__, "--measure", name]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        seconds, peak, sums[name] = done.stdout.split()
        rows.append([name, f"{float(seconds):.1f}", f"{float(peak):.0f}"])
    same = len({sums[name] for name in CONTENDERS}) == 1
    return (
        f"## {N_QUERIES:,} queries to {N_ITEMS:,} rows of {WIDTH} components\n\nThe best {K}, one "
        "thread. The peak is that of resident memory above what the process held with the codes "
        f"({N_ITEMS * WIDTH * 4 / 1e6:.0f} MB; twice that in the retriever, which keeps both "
        f"modalities). The first three find {'the same' if same else 'different'} rows.\n\n"
        + markdown(["search", "CPU seconds", "peak, MB"], rows)
    )


def main() -> None:
    if sys.argv[1:2] == ["--measure"]:
        with threadpool_limits(1):
            return measure(sys.argv[2])
    data = data_folder(__doc__.splitlines()[0])
    backbone = data / "squeezenet" / "SqueezeNet_fp16.onnx"
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore", DataQualityWarning)
        tasks = [digits_task(data), products_task(data), products_task(data, backbone)]
        sections = [section(task) for task in tasks]
    head = (
        "# Cross-modal retrieval\n\nMean average precision: rows of the same class are relevant, "
        "among the test rows. Means over the splits; the difference is paired, ± its standard "
        "error over the splits, which share rows. Partner: the other modality of the same row. "
        "Matches: balanced accuracy of `match` on the test pairs and as many strangers. "
        "`cca` is the default, with its shrinkage and powers."
    )
    text = "\n\n".join(
        [head, *sections, size_section(), "Made by `python benchmarks/retrieval.py`."]
    )
    write_result("retrieval", text + "\n")


if __name__ == "__main__":
    main()
