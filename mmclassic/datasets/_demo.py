"""A small table with text, pictures and sound, made without network."""

from __future__ import annotations

from numbers import Integral

import numpy as np
from sklearn.utils import check_random_state

from mmclassic._cells import object_column
from mmclassic.datasets._sentences import sentence
from mmclassic.datasets._speech import SAMPLING_RATE, speak

# Pixels of a picture's side: each of the 8 x 8 real pixels becomes a square of 4 x 4.
ENLARGEMENT = 4
# Share of the rows that lack the cell of a modality.
MISSING = {"text": 0.03, "image": 0.05, "audio": 0.05}


def load_demo(*, n_samples: int = 600, random_state=0):
    """A table of digits as sentences, pictures and sounds, for demonstrations and tests.

    **Real:** the pictures are scikit-learn's handwritten digits (UCI Optical Recognition of
    Handwritten Digits, 8 x 8 pixels, written by 43 people), each used once, enlarged, with random
    noise added. **Made:** the sentences come from templates, with typing errors, sentences that
    name two digits, none, or a wrong one; the sounds are synthesised from the resonances of
    English digits with voices and noise drawn at random. A picture, a sentence and a sound share a
    row only because they share the label. Nothing measured on this table says anything about
    real data; it shows how the parts work together.

    Parameters
    ----------
    n_samples : int, default=600
        Rows, at most 1797.
    random_state : int, RandomState instance or None, default=0
        Same number, same table.

    Returns
    -------
    table : pandas.DataFrame of shape (n_samples, 4)
        ``text`` (str), ``image`` (uint8 array of shape (32, 32)), ``audio`` (a float32 array of
        shape (4000,) and its sampling rate, 8000) and ``label`` (int, 0 to 9). Cells are
        missing at random: 3 % of the texts, 5 % of the pictures and of the sounds.

    Raises
    ------
    ValueError
        If ``n_samples`` is not between 1 and 1797.

    Examples
    --------
    >>> from mmclassic.datasets import load_demo
    >>> table = load_demo(n_samples=100)
    >>> table.columns.tolist(), len(table)
    (['text', 'image', 'audio', 'label'], 100)
    """
    import pandas as pd
    from sklearn.datasets import load_digits

    digits = load_digits()
    if not isinstance(n_samples, Integral) or not 1 <= n_samples <= len(digits.target):
        raise ValueError(
            f"n_samples must be between 1 and {len(digits.target)}, got {n_samples!r}."
        )
    seed = check_random_state(random_state).randint(np.iinfo(np.int32).max)
    # One stream per modality: a change to one leaves the others as they are.
    choice, text, image, audio, gaps = np.random.default_rng(seed).spawn(5)
    rows = choice.permutation(len(digits.target))[:n_samples]
    labels = digits.target[rows]
    columns = {
        "text": [sentence(int(label), text) for label in labels],
        "image": [_picture(digits.images[row], image) for row in rows],
        "audio": [(speak(int(label), audio), SAMPLING_RATE) for label in labels],
    }
    table = {}
    for name, cells in columns.items():
        absent = gaps.random(n_samples) < MISSING[name]
        table[name] = object_column(
            [None if gap else cell for cell, gap in zip(cells, absent, strict=True)]
        )
    return pd.DataFrame({**table, "label": labels.astype(np.int64)})


def _picture(pixels: np.ndarray, rng: np.random.Generator, noise: float = 50.0) -> np.ndarray:
    """Pixels between 0 and 16 as an enlarged, noisy uint8 picture."""
    picture = np.kron(pixels * (255 / 16), np.ones((ENLARGEMENT, ENLARGEMENT)))
    picture += rng.normal(scale=noise, size=picture.shape)
    return np.clip(np.rint(picture), 0, 255).astype(np.uint8)
