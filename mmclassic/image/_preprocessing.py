"""How a picture enters a pretrained network and how features leave it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from numbers import Integral, Real
from pathlib import Path
from typing import Any

import numpy as np

from mmclassic.image._resize import resize
from mmclassic.media._source import describe

# What families of networks were trained on: how pixels from 0 to 255 become their input.
_IMAGENET = {"mean": (0.485, 0.456, 0.406), "std": (0.229, 0.224, 0.225)}
_CLIP = {
    "mean": (0.48145466, 0.4578275, 0.40821073),
    "std": (0.26862954, 0.26130258, 0.27577711),
}
PRESETS: dict[str, dict] = {
    "imagenet": {"channel_order": "rgb", "scale": 1 / 255, **_IMAGENET},
    "clip": {"channel_order": "rgb", "scale": 1 / 255, **_CLIP},
    "caffe": {
        "channel_order": "bgr",
        "scale": 1.0,
        "mean": (103.939, 116.779, 123.68),
        "std": (1.0, 1.0, 1.0),
    },
    "zero_one": {
        "channel_order": "rgb",
        "scale": 1 / 255,
        "mean": (0.0, 0.0, 0.0),
        "std": (1.0, 1.0, 1.0),
    },
    "minus_one_one": {
        "channel_order": "rgb",
        "scale": 1 / 255,
        "mean": (0.5, 0.5, 0.5),
        "std": (0.5, 0.5, 0.5),
    },
}


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


def resolve(
    given: Mapping[str, Any], file: Mapping[str, Any], preset: str | None = None
) -> Preprocessing:
    """What is given, where that is None the preset, then what the file says, then the defaults.

    Examples
    --------
    >>> resolve({"pool": None, "scale": 1.0}, {"pool": "max", "scale": 2.0}).pool
    'max'
    >>> resolve({"std": (2, 2, 2)}, {"scale": 3.0}, "minus_one_one").mean
    (0.5, 0.5, 0.5)
    """
    stated = {name: value for name, value in given.items() if value is not None}
    return Preprocessing(**{**file, **(PRESETS[preset] if preset else {}), **stated})


def fit_picture(image: np.ndarray, how: Preprocessing) -> np.ndarray:
    """A picture at the size, and with the order of channels, that the network expects.

    Parameters
    ----------
    image : ndarray of shape (h, w, 3), uint8 RGB
    how : Preprocessing

    Returns
    -------
    pixels : ndarray of shape (height, width, 3), uint8

    Examples
    --------
    >>> fit_picture(np.uint8([[[10, 20, 30]]]), Preprocessing(size=(1, 1), channel_order="bgr"))
    array([[[30, 20, 10]]], dtype=uint8)
    """
    pixels = resize(image, *how.size)
    return pixels[:, :, ::-1] if how.channel_order == "bgr" else pixels


def factors(how: Preprocessing) -> tuple[np.ndarray, np.ndarray]:
    """Multiplier and offset of each channel, float32: ``(pixels * scale - mean) / std`` in one go.

    Examples
    --------
    >>> factors(Preprocessing(scale=0.5, mean=(1, 0, 0), std=(2, 1, 1)))[0]
    array([0.25, 0.5 , 0.5 ], dtype=float32)
    """
    mean, std = np.array(how.mean), np.array(how.std)
    return (how.scale / std).astype(np.float32), (-mean / std).astype(np.float32)


def normalize(pixels: np.ndarray, how: Preprocessing) -> np.ndarray:
    """Pictures as the input of a network.

    Parameters
    ----------
    pixels : ndarray of shape (n, height, width, 3), uint8
        Of :func:`fit_picture`.
    how : Preprocessing

    Returns
    -------
    batch : ndarray of shape (n, 3, height, width), float32
        ``(pixels * scale - mean) / std``.

    Examples
    --------
    >>> how = Preprocessing(size=(1, 1), scale=1, mean=(1, 0, 0), std=(1, 1, 2))
    >>> normalize(np.uint8([[[[30, 20, 10]]]]), how).ravel()
    array([29., 20.,  5.], dtype=float32)
    """
    n_pictures, height, width, _ = pixels.shape
    batch = np.empty((n_pictures, 3, height, width), dtype=np.float32)
    for channel, (multiplier, offset) in enumerate(zip(*factors(how), strict=True)):
        np.multiply(pixels[..., channel], multiplier, out=batch[:, channel])
        batch[:, channel] += offset
    return batch


def pool_places(values: np.ndarray, pool: str) -> np.ndarray:
    """Features of pictures from the values of a layer.

    Parameters
    ----------
    values : ndarray of shape (n, n_channels, height, width), (n, n_places, n_channels) or \
            (n, n_channels)
        Of a convolution, a transformer or a dense layer.
    pool : {"mean", "max", "none"}

    Returns
    -------
    features : ndarray of shape (n, n_channels), or of all values with "none", float32

    Examples
    --------
    >>> pool_places(np.arange(8.0).reshape(1, 2, 2, 2), "mean")
    array([[1.5, 5.5]], dtype=float32)
    """
    places = {4: (2, 3), 3: (1,)}.get(values.ndim)
    if pool == "none" or places is None:
        return values.astype(np.float32).reshape(len(values), -1)
    joined = values.mean(places, dtype=np.float32) if pool == "mean" else values.max(places)
    return joined.astype(np.float32)


def check_finite(features: np.ndarray, cells: Sequence) -> np.ndarray:
    """The features, if all are numbers: others would pass for those of a missing picture.

    Parameters
    ----------
    features : ndarray of shape (n, n_features)
    cells : sequence of length n
        The pictures, for the error's text.

    Returns
    -------
    features : ndarray of shape (n, n_features)

    Raises
    ------
    ValueError
        With the first such cell.
    """
    wrong = np.flatnonzero(~np.isfinite(features).all(axis=1))
    if len(wrong):
        raise ValueError(
            f"The network gave values that are not finite for {len(wrong)} of {len(cells)} "
            f"pictures, the first {describe(cells[wrong[0]])}: compare preset, scale, mean and std "
            'with how it was trained; half precision may overflow (precision="single").'
        )
    return features
