"""Mel-frequency cepstral coefficients of recordings, summarised to a fixed length."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral, Real
from typing import ClassVar

import numpy as np
from sklearn.utils._param_validation import Interval

from mmclassic._errors import UnreadableCell
from mmclassic.audio._clip_features import clip_features
from mmclassic.audio._coefficients import MfccSetting
from mmclassic.audio._descriptors import check_descriptors, describe_frames, descriptor_names
from mmclassic.audio._kernels import kernels
from mmclassic.audio._summary import (
    PERCENTILES,
    STATISTICS,
    check_statistics,
    summarise,
    summary_names,
)
from mmclassic.media._audio import decode_audio
from mmclassic.media._vectorizer import READING_CONSTRAINTS, CellVectorizer


class MFCCVectorizer(CellVectorizer):
    """Mel-frequency cepstral coefficients of recordings, summarised to a fixed length.

    Each recording is resampled to ``sampling_rate``, its coefficients and their derivatives
    over time are computed frame by frame, and each is described by statistics over the frames.

    Parameters
    ----------
    sampling_rate : int, default=22050
        In hertz; every recording is brought to it.
    n_mfcc : int, default=20
        Coefficients, at most ``n_mels``.
    n_fft : int, default=2048
        Samples per frame.
    hop_length : int, default=512
        Samples from frame to frame.
    n_mels : int, default=128
        Mel filters.
    fmin : float, default=0.0
        Lowest frequency in hertz.
    fmax : float or None, default=None
        Highest frequency in hertz; None is half the sampling rate.
    top_db : float or None, default=80.0
        Decibels further below the loudest value than this are raised to it.
    deltas : {0, 1, 2}, default=1
        0 for coefficients alone, 1 with their first, 2 with first and second derivatives.
    descriptors : sequence of str, default=()
        What else to describe the frames by, among ``"zero_crossing_rate"`` (changes of sign per
        sample), ``"centroid"``, ``"bandwidth"`` and ``"rolloff"`` (of the spectrum, in hertz),
        ``"contrast"`` (decibels from valleys to peaks, up to 200 Hz and in each of six octaves
        above, as far as they begin below half the sampling rate) and ``"chroma"`` (the twelve
        pitch classes, A4 at 440 Hz). Values as librosa's; without derivatives.
    statistics : sequence of {"mean", "std", "percentiles"}
        Over the frames; all three by default.
    percentiles : sequence of float, default=(10, 25, 50, 75, 90)
        Between 0 and 100.
    min_duration : float, default=0.1
        Seconds. A shorter recording is unreadable (code ``"empty"``): it would mostly
        describe the zeros that frames are filled up with. 0 accepts any sound of at least one
        sample. Silence is sound: its features are finite, and the same for every duration.
    root : str or path-like, default=None
        Paths in cells must lie in this folder.
    allow_paths : bool, default=True
        Whether a cell may be a path.
    limits : Limits or None, default=None
        How large a recording may be; None for the default limits.
    cache : str or path-like, default=None
        File of the store that keeps features across runs; None for none.
    on_unreadable : {"raise", "missing"}, default="raise"
        An error after all cells were tried, or NaN rows and one warning.
    n_jobs : int or None, default=None
        Threads; results do not depend on it.

    Attributes
    ----------
    n_features_in_ : int
        Always 1, the column.
    feature_names_in_ : ndarray of shape (1,)
        Name of the column, when fitted on a frame.

    See Also
    --------
    BlockScaler : Standardises the features as a block.

    Notes
    -----
    Channels are averaged, in files and in arrays of shape (n, channels) or (channels, n), with
    one warning where they cancel out. Full scale is 1.0 in floating point, and the type's own
    in int8, int16 and int32; floating-point samples beyond 16 are refused (code ``"decode"``):
    divide those on the scale of 16-bit integers by 32768. An array says nothing about its rate
    and is taken to be at ``sampling_rate``: pass ``(array, rate)`` where it has another.

    References
    ----------
    S. B. Davis and P. Mermelstein, *IEEE Trans. ASSP* 28(4), 1980.

    Examples
    --------
    >>> import numpy as np
    >>> from mmclassic.audio import MFCCVectorizer
    >>> time = np.arange(4000) / 8000
    >>> tones = [(np.sin(2 * np.pi * hertz * time), 8000) for hertz in (220, 440)]
    >>> vectorizer = MFCCVectorizer(sampling_rate=8000, n_fft=512, hop_length=128, n_mels=40)
    >>> vectorizer.fit_transform(tones).shape
    (2, 280)
    >>> vectorizer.get_feature_names_out()[[0, 139, 140]]
    array(['mfcc_0__mean', 'mfcc_19__p90', 'mfcc_0_delta__mean'], dtype=object)
    """

    # Raised when numbers change: 2, since the coefficients are compiled (up to 1e-4 away); 3,
    # since the spectra of descriptors are float64.
    _feature_version = 3
    # What its cells are, for those who damage or show them.
    _medium = "audio"
    # What decides how a clip is decoded: vectorizers that agree in these can share it.
    _decode_parameters = ("sampling_rate", "min_duration")

    _parameter_constraints: ClassVar[dict] = {
        "sampling_rate": [Interval(Integral, 1, None, closed="left")],
        "n_mfcc": [Interval(Integral, 1, None, closed="left")],
        "n_fft": [Interval(Integral, 2, None, closed="left")],
        "hop_length": [Interval(Integral, 1, None, closed="left")],
        "n_mels": [Interval(Integral, 1, None, closed="left")],
        "fmin": [Interval(Real, 0, None, closed="left")],
        "fmax": [Interval(Real, 0, None, closed="neither"), None],
        "top_db": [Interval(Real, 0, None, closed="neither"), None],
        "deltas": [Interval(Integral, 0, 2, closed="both")],
        "descriptors": [list, tuple],
        "statistics": [list, tuple],
        "percentiles": ["array-like"],
        "min_duration": [Interval(Real, 0, None, closed="left")],
        **READING_CONSTRAINTS,
    }

    def __init__(
        self,
        *,
        sampling_rate: int = 22050,
        n_mfcc: int = 20,
        n_fft: int = 2048,
        hop_length: int = 512,
        n_mels: int = 128,
        fmin: float = 0.0,
        fmax: float | None = None,
        top_db: float | None = 80.0,
        deltas: int = 1,
        descriptors: Sequence[str] = (),
        statistics: Sequence[str] = STATISTICS,
        percentiles: Sequence[float] = PERCENTILES,
        min_duration: float = 0.1,
        root=None,
        allow_paths=True,
        limits=None,
        cache=None,
        on_unreadable="raise",
        n_jobs=None,
    ):
        self.sampling_rate = sampling_rate
        self.n_mfcc = n_mfcc
        self.n_fft = n_fft
        self.hop_length = hop_length
        self.n_mels = n_mels
        self.fmin = fmin
        self.fmax = fmax
        self.top_db = top_db
        self.deltas = deltas
        self.descriptors = descriptors
        self.statistics = statistics
        self.percentiles = percentiles
        self.min_duration = min_duration
        self.root = root
        self.allow_paths = allow_paths
        self.limits = limits
        self.cache = cache
        self.on_unreadable = on_unreadable
        self.n_jobs = n_jobs

    def _validate_params(self):
        super()._validate_params()
        highest = self.sampling_rate / 2
        if self.n_mfcc > self.n_mels:
            raise ValueError(f"n_mfcc={self.n_mfcc} must not exceed n_mels={self.n_mels}.")
        if not self.fmin < (highest if self.fmax is None else self.fmax) <= highest:
            raise ValueError(
                f"fmin={self.fmin} and fmax={self.fmax} must be a range within 0 and {highest:g} "
                "Hz, half of sampling_rate."
            )
        check_descriptors(self.descriptors, self.sampling_rate, self.n_fft)
        check_statistics(self.statistics, self.percentiles)

    def _decode(self, cell):
        signal = decode_audio(
            cell,
            sampling_rate=self.sampling_rate,
            limits=self._limits_in_force(),
            root=self.root,
            allow_paths=self.allow_paths,
        )
        if signal.size < max(1, int(self.min_duration * self.sampling_rate)):
            raise UnreadableCell(
                "empty",
                f"{signal.size / self.sampling_rate:.3g} s of sound, less than "
                f"min_duration={self.min_duration:g} s: leave it out or lower min_duration",
            )
        return signal

    def _start(self):
        kernels()  # before threads ask for them

    def _extract(self, array):
        setting = MfccSetting(**{name: getattr(self, name) for name in MfccSetting._fields})
        summary = {"statistics": self.statistics, "percentiles": self.percentiles}
        features = clip_features(array, setting, deltas=self.deltas, **summary)
        if not len(self.descriptors):
            return features
        grid = {name: getattr(self, name) for name in ("sampling_rate", "n_fft", "hop_length")}
        described = describe_frames(array, self.descriptors, **grid)
        return np.concatenate([features, summarise(described, **summary)])

    def _feature_names(self):
        suffixes = ("", "_delta", "_delta2")[: self.deltas + 1]
        rows = [f"mfcc_{row}{suffix}" for suffix in suffixes for row in range(self.n_mfcc)]
        rows += descriptor_names(self.descriptors, self.sampling_rate)
        return summary_names(rows, statistics=self.statistics, percentiles=self.percentiles)
