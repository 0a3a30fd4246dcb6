"""How a picture enters a pretrained network and how features leave it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from numbers import Integral, Real
from pathlib import Path
from typing import Any

import numpy as np

from mmclassic.image._reading import resize


@dataclass(frozen=True)
class Preprocessing:
    """What one network expects; the defaults are those of most networks trained on ImageNet.

    Parameters
    ----------
    size : (int, int), default=(224, 224)
        Height and width, in pixels.
    channel_order : {"rgb", "bgr"}, default="rgb"
    scale : float, default=1/255
        Pixels from 0 to 255 are multiplied by it first.
    mean, std : (float, float, float), default=(.485, .456, .406), (.229, .224, .225)
        Subtracted, then divided by, per channel in ``channel_order``.
    layer : str or None, default=None
        Value of the graph that is taken; None is its first output.
    pool : {"mean", "max", "none"}, default="mean"
        How the places of a picture are joined; "none" keeps them all.

    Raises
    ------
    ValueError
        Naming the parameter that is wrong.

    Examples
    --------
    >>> Preprocessing(size=[32, 32]).size
    (32, 32)
    """

    size: tuple[int, int] = (224, 224)
    channel_order: str = "rgb"
    scale: float = 1 / 255
    mean: tuple[float, float, float] = (0.485, 0.456, 0.406)
    std: tuple[float, float, float] = (0.229, 0.224, 0.225)
    layer: str | None = None
    pool: str = "mean"

    def __post_init__(self):
        self._settle("size", 2, Integral, 1)
        self._settle("mean", 3, Real)
        self._settle("std", 3, Real)
        if 0 in self.std:
            raise ValueError(f"std must not hold 0, got {self.std!r}.")
        self._check("channel_order", self.channel_order in ("rgb", "bgr"), '"rgb" or "bgr"')
        self._check("pool", self.pool in ("mean", "max", "none"), '"mean", "max" or "none"')
        self._check("scale", _is_number(self.scale, Real) and self.scale > 0, "a positive number")
        self._check("layer", self.layer is None or isinstance(self.layer, str), "a name or None")

    def _settle(self, name: str, count: int, kind: type, least: float = -np.inf) -> None:
        """Check a sequence of numbers and hold it as a tuple."""
        values = getattr(self, name)
        right = isinstance(values, tuple | list | np.ndarray) and len(values) == count
        right = right and all(_is_number(value, kind) and value >= least for value in values)
        noun = "integers above 0" if kind is Integral else "finite numbers"
        self._check(name, right, f"{count} {noun}")
        plain = int if kind is Integral else float
        object.__setattr__(self, name, tuple(plain(value) for value in values))

    def _check(self, name: str, right: bool, wanted: str) -> None:
        if not right:
            raise ValueError(f"{name} must be {wanted}, got {getattr(self, name)!r}.")


def _is_number(value: Any, kind: type) -> bool:
    if not isinstance(value, kind) or isinstance(value, bool):
        return False
    return abs(value) < math.inf  # type: ignore[arg-type]


def beside(model: Path) -> dict:
    """Contents of the JSON file of the same name beside a model; empty if there is none.

    Raises
    ------
    ValueError
        If it is not an object of the parameters of :class:`Preprocessing`.
    """
    path = model.with_suffix(".json")
    if not path.is_file():
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} is not valid JSON: {error}") from error
    known = [field.name for field in fields(Preprocessing)]
    if not isinstance(found, dict) or not set(found) <= set(known):
        raise ValueError(
            f"{path} must hold a JSON object with keys among {known}, and holds {found!r:.200}."
        )
    return found


def resolve(given: Mapping[str, Any], file: Mapping[str, Any]) -> Preprocessing:
    """What is given, where that is None what the file says, else the defaults.

    Examples
    --------
    >>> resolve({"pool": None, "scale": 1.0}, {"pool": "max", "scale": 2.0}).pool
    'max'
    """
    stated = {name: value for name, value in given.items() if value is not None}
    return Preprocessing(**{**file, **stated})


def preprocess(image: np.ndarray, how: Preprocessing) -> np.ndarray:
    """A picture as the input of a network.

    Parameters
    ----------
    image : ndarray of shape (h, w, 3), uint8 RGB
    how : Preprocessing

    Returns
    -------
    batch : ndarray of shape (1, 3, height, width), float32
        ``(pixels * scale - mean) / std``.

    Examples
    --------
    >>> how = Preprocessing(size=(1, 1), channel_order="bgr", scale=1, mean=(1, 0, 0),
    ...                     std=(1, 1, 2))
    >>> preprocess(np.uint8([[[10, 20, 30]]]), how).ravel()
    array([29., 20.,  5.], dtype=float32)
    """
    pixels = resize(image, *how.size)
    if how.channel_order == "bgr":
        pixels = pixels[:, :, ::-1]
    mean, std = np.asarray(how.mean, np.float32), np.asarray(how.std, np.float32)
    values: np.ndarray = (pixels.astype(np.float32) * np.float32(how.scale) - mean) / std
    return np.ascontiguousarray(values.transpose(2, 0, 1)[None])


def pool_places(value: np.ndarray, pool: str) -> np.ndarray:
    """Features of one picture from the value of a layer.

    Parameters
    ----------
    value : ndarray of shape (1, n_channels, height, width), (1, n_places, n_channels) or \
            (1, n_channels)
        Of a convolution, a transformer or a dense layer.
    pool : {"mean", "max", "none"}

    Returns
    -------
    features : ndarray of shape (n_channels,), or of all values with "none", float32

    Examples
    --------
    >>> pool_places(np.arange(8.0).reshape(1, 2, 2, 2), "mean")
    array([1.5, 5.5], dtype=float32)
    """
    places = {4: (1, 2), 3: (0,)}.get(value.ndim)
    if pool == "none" or places is None:
        return value.astype(np.float32).ravel()
    joined = value[0].mean(places, dtype=np.float32) if pool == "mean" else value[0].max(places)
    return joined.astype(np.float32)
