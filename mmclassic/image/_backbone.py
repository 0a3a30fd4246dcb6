"""Features of a convolutional network that was trained elsewhere."""

from __future__ import annotations

import copy
import os
from dataclasses import asdict
from pathlib import Path
from typing import ClassVar

import numpy as np
from sklearn.utils._param_validation import StrOptions

from mmclassic.image._onnx import Network
from mmclassic.image._preprocessing import Preprocessing, beside, pool_places, preprocess, resolve
from mmclassic.image._reading import ImageReader
from mmclassic.media._vectorizer import READING_CONSTRAINTS, CellVectorizer

# Parameters that a JSON file beside the model may hold.
FROM_FILE = ("size", "channel_order", "scale", "mean", "std", "layer", "pool")


class BackboneVectorizer(ImageReader, CellVectorizer):
    """Values of a layer of a pretrained network for every picture.

    Stateless: nothing is learned. A parameter that is None is read from a JSON file of the
    same name beside the model (``net.onnx``, ``net.json``), or else has the value that most
    networks trained on ImageNet expect.

    Parameters
    ----------
    model : path-like or bytes
        A network in ONNX format, or the path of one, that takes one picture
        (1, 3, height, width) of float32 or float16 values.
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
        Name of the value that is taken; it need not be an output of the graph. Else the first
        output.
    pool : {"mean", "max", "none"}, optional
        How the places of a picture are joined; "none" keeps them all. Else "mean".
    runtime : {"auto", "onnxruntime", "opencv"}, default="auto"
        What runs the network. "auto" is onnxruntime if it is installed, else OpenCV. They agree
        within about 1e-3 of the largest value for float16 networks, 1e-5 for float32 ones.
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
        Threads; the features do not depend on it.

    Attributes
    ----------
    n_features_in_ : int
        1, the column.
    feature_names_in_ : ndarray of shape (1,)
        Name of the column, where it has one.

    See Also
    --------
    ConvVectorizer : Filters learned from the pictures themselves.

    Notes
    -----
    Only open models that you trust: a network is a program, though it cannot reach files.
    Weights must lie within the ONNX file, not beside it.

    References
    ----------
    A. S. Razavian et al., "CNN features off-the-shelf: an astounding baseline for
    recognition", CVPR workshops 2014.

    Examples
    --------
    >>> vectorizer = BackboneVectorizer("squeezenet.onnx", layer="fire9/concat_1")
    >>> vectorizer.fit_transform(["kitten.png"]).shape  # doctest: +SKIP
    (1, 512)
    """

    _parameter_constraints: ClassVar[dict] = {
        **READING_CONSTRAINTS,
        "model": [str, os.PathLike, bytes],
        "runtime": [StrOptions({"auto", "onnxruntime", "opencv"})],
        # The rest is checked together with what the file says: Preprocessing.
        **dict.fromkeys(FROM_FILE, "no_validation"),
    }

    def __init__(
        self,
        model,
        *,
        size=None,
        channel_order=None,
        scale=None,
        mean=None,
        std=None,
        layer=None,
        pool=None,
        runtime="auto",
        root=None,
        allow_paths=True,
        limits=None,
        cache=None,
        on_unreadable="raise",
        n_jobs=None,
    ):
        self.model = model
        self.size = size
        self.channel_order = channel_order
        self.scale = scale
        self.mean = mean
        self.std = std
        self.layer = layer
        self.pool = pool
        self.runtime = runtime
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

    def _start(self):
        """Open the model unless it is open already, under these same parameters."""
        parameters = {name: getattr(self, name) for name in ("model", "runtime", *FROM_FILE)}
        # Compared by identity: the arrays and bytes among them may be large.
        opened = getattr(self, "_opened", None)
        if opened is not None and all(opened[0][n] is parameters[n] for n in parameters):
            return opened
        how = self._preprocessing()
        name = "given as bytes" if isinstance(self.model, bytes) else os.fspath(self.model)
        network = Network(self._model_bytes(), how.layer, (1, 3, *how.size), self.runtime, name)
        self._opened = (parameters, network, how)
        return self._opened

    def _preprocessing(self) -> Preprocessing:
        file = {} if isinstance(self.model, bytes) else beside(Path(self.model))
        return resolve({name: getattr(self, name) for name in FROM_FILE}, file)

    def _model_bytes(self) -> bytes:
        if isinstance(self.model, bytes):
            return self.model
        path = Path(self.model)
        if not path.is_file():
            raise FileNotFoundError(f"There is no model file {str(path)!r}.")
        return path.read_bytes()

    def _extract(self, array):
        _, network, how = self._start()
        return pool_places(network.run(preprocess(array, how)), how.pool)

    def _feature_names(self):
        _, network, how = self._start()
        n_features = pool_places(np.zeros(network.output_shape, np.float32), how.pool).size
        return [f"backbone{i}" for i in range(n_features)]

    def _settings(self):
        """As for any vectorizer, but the model by content and with what the file says."""
        _, network, how = self._start()
        plain = copy.copy(self).set_params(
            **asdict(how), model=network.sha256, runtime=network.runtime
        )
        shared = super(BackboneVectorizer, plain)._settings()
        return {**shared, "runtime_version": network.runtime_version}

    def _to_portable(self):
        """Take the model's bytes and the file's parameters in, so that no file is needed."""
        super()._to_portable()
        how = asdict(self._preprocessing())
        self.set_params(model=self._model_bytes(), **how)

    def __getstate__(self):
        state = dict(super().__getstate__())
        state.pop("_opened", None)  # an open network cannot be copied; it is opened again
        return state

    def __repr__(self, N_CHAR_MAX=700):
        """As for any estimator, with the size of a model in place of its bytes."""
        shown = copy.copy(self)
        if isinstance(self.model, bytes):
            shown.model = _Bytes(len(self.model))
        return super(BackboneVectorizer, shown).__repr__(N_CHAR_MAX)


class _Bytes:
    """Stands for a model in a repr."""

    def __init__(self, length: int):
        self._length = length

    def __repr__(self) -> str:
        return f"<{self._length} bytes>"
