"""Features of a convolutional network that was trained elsewhere."""

from __future__ import annotations

import copy
import os
from dataclasses import asdict
from numbers import Integral
from pathlib import Path
from typing import ClassVar

import numpy as np
from joblib import effective_n_jobs
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions

from mmclassic.image._model import are_same, portable_bytes, shown_as, stamp_of
from mmclassic.image._network import open_network
from mmclassic.image._preprocessing import PRESETS, beside, check_finite, fit_picture, resolve
from mmclassic.image._reading import ImageReader, PictureNeeds
from mmclassic.media._chunks import OneByOne
from mmclassic.media._vectorizer import READING_CONSTRAINTS, CellVectorizer

# What a JSON file beside the model may hold, and all that decides what is opened.
FROM_FILE = ("size", "channel_order", "scale", "mean", "std", "layer", "pool")
OPENING = ("model", "weights", "preset", "runtime", "device", "precision", *FROM_FILE)


class BackboneVectorizer(ImageReader, CellVectorizer):
    """Values of a layer of a pretrained network for every picture; nothing is learned.

    A parameter that is None is read from a JSON file beside the model (``net.onnx``,
    ``net.json``), or has the value that most networks expect.

    Parameters
    ----------
    model : path-like, bytes or torch.nn.Module
        A network that takes pictures (n, 3, height, width), or a single one: a file in ONNX
        format, or its bytes; a torch module (``mmclassic[torch]``), which is copied, not
        changed; a file of ``torch.export.save`` or of TorchScript.
    weights : path-like, optional
        State dictionary for a torch module; opened with ``weights_only=True``.
    preset : {"imagenet", "clip", "caffe", "zero_one", "minus_one_one"}, optional
        Stands for ``channel_order``, ``scale``, ``mean`` and ``std``, unless they are given.
    size : (int, int), optional
        Height and width, in pixels, that pictures are stretched to; else (224, 224).
    channel_order : {"rgb", "bgr"}, optional
        Else "rgb".
    scale : float, optional
        Pixels from 0 to 255 are multiplied by it first; else 1/255.
    mean, std : (float, float, float), optional
        Then ``(pixels - mean) / std``, per channel in ``channel_order``; else
        (.485, .456, .406) and (.229, .224, .225).
    layer : str, optional
        What is taken: in an ONNX file the name of a value, an output of the graph or not; in
        torch that of a submodule (of ``named_modules()``), whose first output it is and after
        which nothing is computed. Else the first output.
    pool : {"mean", "max", "none"}, optional
        How the places of a picture are joined; "none" keeps them all. Else "mean".
    runtime : {"auto", "onnxruntime", "opencv"}, default="auto"
        What runs an ONNX file. "auto" is onnxruntime if installed, else OpenCV. They agree
        within 1e-3 of the largest value for float16 networks, 1e-5 for float32 ones.
    device : {"auto", "cpu", "cuda", "mps"}, default="auto"
        "auto" is a GPU that the runtime can use, else the CPU.
    precision : {"single", "half"}, default="single"
        For torch. "half" is float16 on a GPU and bfloat16 on a CPU that has it: faster, and off
        by about 1 % of the largest value. "single" agrees within 1e-4 between torch and ONNX,
        CPU and GPU, and whatever pictures share a batch.
    batch_size : int, optional
        Pictures run, and kept in the store, together; else 16 on a CPU and 64 on a GPU.
    root : path-like, optional
        Folder that relative paths of cells start from and that no path may leave.
    allow_paths : bool, default=True
        Whether cells may name files at all.
    limits : Limits, optional
        How large a cell may be; ``None`` means ``Limits()``.
    cache : path-like, optional
        File that keeps features across runs.
    on_unreadable : {"raise", "missing"}, default="raise"
        Whether cells that cannot be read raise one error, or give NaN rows and one warning.
    n_jobs : int, optional
        Threads. On a CPU each decodes and runs batches of its own; while a GPU runs the batch of
        one, the others decode theirs (two, if fewer are asked for).

    Attributes
    ----------
    n_features_in_ : int
        1, the column.
    feature_names_in_ : ndarray of shape (1,)
        Name of the column, where it has one.

    See Also
    --------
    ConvVectorizer : Filters learned from the pictures themselves.
    mmclassic.media.decode_image : How cells are read: orientation, alpha, 10 to 16 bits, JPEGs.

    Notes
    -----
    A network is opened once per process, and shared by all vectorizers that use it alike; copies
    and pickles hold the path, the bytes or the module as it was given, and a saved model takes
    an ONNX file in. Torch's batch norms are folded into convolutions where only rounding shows.

    Only open models that you trust: a network is a program. ONNX files cannot reach other
    files (their weights must lie within). TorchScript and exported programs run operators of
    torch, some of which can; pickled objects and machine code in them are refused, as is what
    ``torch.save`` wrote, except through ``weights``.

    References
    ----------
    A. S. Razavian et al., "CNN features off-the-shelf", CVPR workshops 2014.

    Examples
    --------
    >>> vectorizer = BackboneVectorizer("squeezenet.onnx", layer="fire9/concat_1")
    >>> vectorizer.fit_transform(["kitten.png"]).shape  # doctest: +SKIP
    (1, 512)
    """

    _feature_version = 3

    _parameter_constraints: ClassVar[dict] = {
        **READING_CONSTRAINTS,
        "model": [str, os.PathLike, bytes, HasMethods(["eval", "forward", "state_dict"])],
        "weights": [str, os.PathLike, None],
        "preset": [StrOptions(set(PRESETS)), None],
        "runtime": [StrOptions({"auto", "onnxruntime", "opencv"})],
        "device": [StrOptions({"auto", "cpu", "cuda", "mps"})],
        "precision": [StrOptions({"single", "half"})],
        "batch_size": [Interval(Integral, 1, None, closed="left"), None],
        # The rest is checked together with what the file says: Preprocessing.
        **dict.fromkeys(FROM_FILE, "no_validation"),
    }

    def __init__(
        self,
        model,
        *,
        weights=None,
        preset=None,
        size=None,
        channel_order=None,
        scale=None,
        mean=None,
        std=None,
        layer=None,
        pool=None,
        runtime="auto",
        device="auto",
        precision="single",
        batch_size=None,
        root=None,
        allow_paths=True,
        limits=None,
        cache=None,
        on_unreadable="raise",
        n_jobs=None,
    ):
        self.model = model
        self.weights = weights
        self.preset = preset
        self.size = size
        self.channel_order = channel_order
        self.scale = scale
        self.mean = mean
        self.std = std
        self.layer = layer
        self.pool = pool
        self.runtime = runtime
        self.device = device
        self.precision = precision
        self.batch_size = batch_size
        self.root = root
        self.allow_paths = allow_paths
        self.limits = limits
        self.cache = cache
        self.on_unreadable = on_unreadable
        self.n_jobs = n_jobs

    def fit(self, X, y=None):
        """Check the parameters and open the model; nothing is learned and no cell is opened.

        Parameters
        ----------
        X : column of pictures
        y : ignored

        Returns
        -------
        self : object

        Raises
        ------
        FileNotFoundError
            If there is no such model.
        ValueError
            If the model cannot be used.
        """
        super().fit(X, y)
        self._start()
        return self

    def read_cells(self, X):
        """Features of every cell, and the errors instead of a raise or a warning.

        Parameters
        ----------
        X : column of n cells

        Returns
        -------
        features : ndarray of shape (n, n_features), float32
            NaN rows for missing and unreadable cells.
        errors : list of CellError
        """
        self._validate_params()
        alone = self._start()[1].device != "cpu" and effective_n_jobs(self.n_jobs) == 1
        reader = copy.copy(self).set_params(n_jobs=2) if alone else self
        return super(BackboneVectorizer, reader).read_cells(X)

    def _start(self):
        """Open the model unless it is open already, under these same parameters."""
        super()._start()
        now = [getattr(self, name) for name in OPENING], stamp_of(self.model, self.weights)
        opened = getattr(self, "_opened", None)
        if opened is not None and are_same(opened[0], now):
            return opened
        how = self._preprocessing()
        options = self.runtime, self.device, self.precision
        self._opened = now, open_network(self.model, self.weights, how, *options), how
        return self._opened

    def _needs(self):
        opened = getattr(self, "_opened", None)
        how = self._preprocessing() if opened is None else opened[2]
        return PictureNeeds(at_least=how.size)

    def _preprocessing(self):
        file = beside(Path(self.model)) if isinstance(self.model, str | os.PathLike) else {}
        return resolve({name: getattr(self, name) for name in FROM_FILE}, file, self.preset)

    @property
    def _cells_per_chunk(self):
        usual = 16 if self._start()[1].device == "cpu" else 64
        return int(self.batch_size or usual)

    def _features_of_all(self, cells):
        _, network, how = self._start()
        results = list(OneByOne(lambda cell: fit_picture(self._decode(cell), how))(cells))
        places = [i for i, result in enumerate(results) if isinstance(result, np.ndarray)]
        if places:
            features = network.features(np.stack([results[i] for i in places]))
            features = check_finite(features, [cells[i] for i in places])
            for place, row in zip(places, features, strict=True):
                results[place] = row
        return results

    def _extract(self, array):
        _, network, how = self._start()
        (features,) = check_finite(network.features(fit_picture(array, how)[None]), [array])
        return features

    def _feature_names(self):
        return [f"backbone{i}" for i in range(self._start()[1].n_features)]

    def _settings(self):
        """As for any vectorizer, but the model by content and with what the file says."""
        _, network, how = self._start()
        plain = copy.copy(self).set_params(
            **asdict(how),
            **dict.fromkeys(("weights", "preset", "device")),
            model=network.sha256,
            runtime=network.runtime,
            precision=network.dtype,
        )
        shared = super(BackboneVectorizer, plain)._settings()
        return {**shared, "runtime_version": network.runtime_version}

    def _to_portable(self):
        """Take the model's bytes and the file's parameters in, so that no file is needed."""
        super()._to_portable()
        how = asdict(self._preprocessing())
        if not isinstance(self.model, bytes):
            self.set_params(model=portable_bytes(self.model, how["size"]))
        self.set_params(**how, preset=None, device="auto")

    def __sklearn_clone__(self):
        shallow = copy.copy(self)
        shallow.model = None  # a module is large and never changed here: it is not copied
        cloned = super(BackboneVectorizer, shallow).__sklearn_clone__()
        cloned.model = self.model
        return cloned

    def __getstate__(self):
        state = dict(super().__getstate__())
        state.pop("_opened", None)  # an open network cannot be copied; it is opened again
        return state

    def __repr__(self, N_CHAR_MAX=700):
        """With the size of a model in place of its bytes or parts."""
        shown = copy.copy(self)
        shown.model = shown_as(self.model)
        return super(BackboneVectorizer, shown).__repr__(N_CHAR_MAX)
