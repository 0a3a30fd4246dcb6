"""A table of captions and pictures, and the same with one row in a hundred broken."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

CLASSES = ("forest", "harbour", "street")


def make_posts(folder: Path, n_rows: int, seed: int = 0) -> pd.DataFrame:
    """Captions that name their class half of the time, pictures tinted by it, and the class."""
    import cv2

    rng = np.random.default_rng(seed)
    codes = rng.integers(0, len(CLASSES), n_rows)
    words = np.array(["quiet", "bright", "early", "busy", "empty", "old", "new", "far"])
    rows = []
    for row, code in enumerate(codes.tolist()):
        coarse = rng.integers(0, 196, (6, 6, 3), dtype=np.uint8)
        coarse[:, :, code] += 60
        path = folder / f"{row:05}.png"
        cv2.imwrite(str(path), cv2.resize(coarse, (32, 32)))
        said = CLASSES[code if rng.random() < 0.5 else int(rng.integers(len(CLASSES)))]
        caption = f"{' '.join(rng.choice(words, 4))} {said} {row % 97}"
        rows.append((caption, str(path), CLASSES[code]))
    return pd.DataFrame(rows, columns=["caption", "photo", "place"])


def break_rows(table: pd.DataFrame, folder: Path, share: float = 0.01, seed: int = 1):
    """A copy in which some pictures are broken in seven ways, and the rows that are."""
    rng = np.random.default_rng(seed)
    rows = np.sort(rng.choice(len(table), round(share * len(table)), replace=False))
    photo = table["photo"].to_list()
    for number, row in enumerate(rows.tolist()):
        whole = Path(photo[row]).read_bytes()
        contents = [
            whole[: len(whole) // 2], b"", b"a text", whole[:60] + b"\0" + whole[61:],
            b"<html>404</html>", None, bytes(400),
        ]  # fmt: skip
        content = contents[number % len(contents)]
        path = folder / f"broken-{row:05}.png"
        if content is not None:  # else there is no such file
            path.write_bytes(content)
        photo[row] = str(path)
    return table.assign(photo=photo), rows
