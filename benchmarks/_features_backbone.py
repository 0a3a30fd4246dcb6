"""Features of a pretrained network: ours against plain loops, on a CPU and, if there, a GPU.

Run it alone with ``python benchmarks/_features_backbone.py [--quick]``. The parts on torch are
left out where torch is not installed.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from _interleaved import Comparison, Contender, compare
from _pictures import write_photographs

from mmclassic.image import BackboneVectorizer
from mmclassic.image._preprocessing import Preprocessing, fit_picture, normalize

HOW = Preprocessing()
LOOP, BATCHES = "plain loop, a picture at a time", "plain loop, batches of 16"


def sections(data: Path, quick: bool) -> Iterator[tuple[Comparison, str]]:
    """Comparisons, each with the name of our contender in it; ``data`` has a SqueezeNet."""
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory() as name:
        paths = write_photographs(Path(name), 16 if quick else 64, 480, 640)
        n_rounds = 3 if quick else 5
        squeezenet = data / "squeezenet" / "SqueezeNet_fp16.onnx"
        if squeezenet.exists() and find_spec("onnxruntime") is not None:
            yield _onnx(squeezenet, paths, n_rounds), "mmclassic"
        if find_spec("torch") is not None:
            yield from _torch(paths, n_rounds)


def decoded(path: str) -> np.ndarray:
    """What the loops that people write do with a file."""
    return fit_picture(cv2.cvtColor(cv2.imread(path), cv2.COLOR_BGR2RGB), HOW)


def _onnx(model: Path, paths: list[str], n_rounds: int) -> Comparison:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    (entry,) = session.get_inputs()
    dtype = np.float16 if "16" in entry.type else np.float32

    def run(pixels: np.ndarray) -> np.ndarray:
        batch = normalize(pixels[None], HOW).astype(dtype)
        return session.run(None, {entry.name: batch})[0].mean((2, 3), dtype=np.float32)

    ready = [decoded(path) for path in paths]
    ours = BackboneVectorizer(model)
    contenders = [
        Contender("files decoded and resized only", lambda: [decoded(path) for path in paths]),
        Contender("network only", lambda: [run(pixels) for pixels in ready]),
        Contender(LOOP, lambda: [run(decoded(path)) for path in paths]),
        Contender("mmclassic", lambda: ours.fit_transform(paths)),
    ]
    title = f"SqueezeNet (ONNX, float16) of {len(paths)} photographs of 640 x 480, one thread"
    return compare(title, contenders, len(paths), n_rounds=n_rounds)


def _torch(paths: list[str], n_rounds: int) -> Iterator[tuple[Comparison, str]]:
    import torch
    from _resnet import resnet

    module = resnet()
    before = torch.get_num_threads()
    for n_threads in (1, 2):
        torch.set_num_threads(n_threads)
        contenders = _on(module, paths, "cpu", n_threads)
        title = f"ResNet-18 (torch) of {len(paths)} photographs of 640 x 480, {n_threads} thread(s)"
        yield compare(title, contenders, len(paths), n_rounds=n_rounds), "mmclassic"
    torch.set_num_threads(before)
    if torch.cuda.is_available():
        many = paths * (1 + 512 // len(paths))
        contenders = _on(module, many, "cuda", 8)
        title = f"ResNet-18 on {torch.cuda.get_device_name()}, {len(many)} photographs of 640 x 480"
        yield compare(title, contenders, len(many), n_rounds=n_rounds), "mmclassic, half precision"


def _on(module: Any, paths: list[str], device: str, n_jobs: int) -> list[Contender]:
    import torch

    eager = module.to(device)
    ready = np.stack([decoded(path) for path in paths])

    def run(pixels: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            return eager(torch.from_numpy(normalize(pixels, HOW)).to(device)).cpu().numpy()

    def loop(size: int) -> Callable[[], list]:
        parts = [paths[i : i + size] for i in range(0, len(paths), size)]
        return lambda: [run(np.stack([decoded(path) for path in part])) for part in parts]

    contenders = [
        Contender("files decoded and resized only", lambda: [decoded(path) for path in paths]),
        Contender("network only, batches of 16", lambda: [run(part) for part in _parts(ready)]),
        Contender(LOOP, loop(1)),
        Contender(BATCHES, loop(16)),
    ]
    for precision, name in (("single", "mmclassic"), ("half", "mmclassic, half precision")):
        try:
            ours = BackboneVectorizer(module, device=device, precision=precision, n_jobs=n_jobs)
            ours.fit(paths)
        except ValueError:
            continue  # this CPU has no bfloat16
        contenders.append(Contender(name, lambda ours=ours: ours.transform(paths)))
    return contenders


def _parts(pixels: np.ndarray) -> list[np.ndarray]:
    return [pixels[i : i + 16] for i in range(0, len(pixels), 16)]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer pictures and rounds")
    shared = Path(__file__).resolve().parents[1].parent / "shared" / "data"
    for comparison, ours in sections(shared, parser.parse_args().quick):
        print(comparison.to_markdown(ours))
