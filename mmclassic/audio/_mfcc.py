"""Mel-frequency cepstral coefficients of recordings, summarised to a fixed length."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral, Real
from typing import ClassVar

import numpy as np
from scipy.fft import rfft
from sklearn.utils._param_validation import Interval

from mmclassic._errors import UnreadableCell
from mmclassic.audio._delta import delta
from mmclassic.audio._mel import cosine_basis, hann, sparse_mel_filters
from mmclassic.audio._summary import (
    PERCENTILES,
    STATISTICS,
    check_statistics,
    summarise,
    summary_names,
)
from mmclassic.media._audio import decode_audio
from mmclassic.media._vectorizer import READING_CONSTRAINTS, CellVectorizer

# Power below this is taken for it, before the logarithm (-100 dB).
LEAST_POWER = 1e-10
# Frames per block: their spectra stay in the processor's cache, and ten minutes of sound
# need no more memory than one second.
BLOCK = 256


def mfcc(
    signal: np.ndarray,
    *,
    sampling_rate: int = 22050,
    n_mfcc: int = 20,
    n_fft: int = 2048,
    hop_length: int = 512,
    n_mels: int = 128,
    fmin: float = 0.0,
    fmax: float | None = None,
    top_db: float | None = 80.0,
) -> np.ndarray:
    """Mel-frequency cepstral coefficients of one signal.

    Frames are centred on multiples of ``hop_length`` with zeros beyond the ends and weighted
    by a periodic Hann window; their power spectrum goes through Slaney's mel filters, decibels
    and an orthonormal DCT-II.

    Parameters
    ----------
    signal : ndarray of shape (n_samples,)
        At least one sample, all finite, usually within -1 and 1.
    sampling_rate : int, default=22050
        In hertz.
    n_mfcc : int, default=20
        Coefficients to keep, at most ``n_mels``.
    n_fft, hop_length : int, default=2048, 512
        Length of a frame and distance between frames, in samples.
    n_mels : int, default=128
        Mel filters.
    fmin, fmax : float, default=0.0, None
        Range of the filters in hertz; None is half the sampling rate.
    top_db : float or None, default=80.0
        Decibels below the loudest value of the signal are raised to this distance.

    Returns
    -------
    coefficients : ndarray of shape (n_mfcc, 1 + n_samples // hop_length), float32

    References
    ----------
    S. B. Davis and P. Mermelstein, *IEEE Trans. ASSP* 28(4), 1980. Values as
    ``librosa.feature.mfcc`` (0.11) with its defaults.

    Examples
    --------
    >>> time = np.arange(22050) / 22050
    >>> coefficients = mfcc(np.sin(2 * np.pi * 440 * time))
    >>> coefficients.shape, coefficients.dtype
    ((20, 44), dtype('float32'))
    """
    signal = np.asarray(signal, dtype=np.float32)
    if signal.ndim != 1 or signal.size == 0:
        raise ValueError(f"signal must be one-dimensional and not empty, got {signal.shape}.")
    padded = np.pad(signal, n_fft // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, n_fft)[::hop_length]
    filters = sparse_mel_filters(sampling_rate, n_fft, n_mels, fmin, fmax)
    decibels = np.empty((n_mels, len(frames)), dtype=np.float32)
    for start in range(0, len(frames), BLOCK):
        block = slice(start, start + BLOCK)
        spectrum = rfft(frames[block] * hann(n_fft), axis=-1)
        power = spectrum.real**2 + spectrum.imag**2
        decibels[:, block] = filters @ power.T
    np.maximum(decibels, LEAST_POWER, out=decibels)
    np.log10(decibels, out=decibels)
    decibels *= 10.0
    if top_db is not None:
        np.maximum(decibels, decibels.max() - np.float32(top_db), out=decibels)
    # In float64: rounding would otherwise depend on the number of frames.
    return (cosine_basis(n_mfcc, n_mels) @ decibels.astype(np.float64)).astype(np.float32)


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
    statistics : sequence of {"mean", "std", "percentiles"}
        All three by default.
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

    def _extract(self, array):
        settings = ("sampling_rate", "n_mfcc", "n_fft", "hop_length", "n_mels", "fmin", "fmax")
        arguments = {name: getattr(self, name) for name in settings}
        frames = mfcc(array, top_db=self.top_db, **arguments)
        orders = [frames, *(delta(frames, order=order + 1) for order in range(self.deltas))]
        return summarise(
            np.concatenate(orders), statistics=self.statistics, percentiles=self.percentiles
        )

    def _feature_names(self):
        suffixes = ("", "_delta", "_delta2")[: self.deltas + 1]
        rows = [f"mfcc_{row}{suffix}" for suffix in suffixes for row in range(self.n_mfcc)]
        return summary_names(rows, statistics=self.statistics, percentiles=self.percentiles)
