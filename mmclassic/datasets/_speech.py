"""Spoken-like signals, synthesised per digit: the sound of the demonstration table.

Nobody speaks here. A voice is a buzz of harmonics whose loudness follows the resonances
(formants) of the English word's sounds; hissing consonants are filtered noise.
"""

from __future__ import annotations

import numpy as np

SAMPLING_RATE = 8000
DURATION = 0.5

# The first three formants in hertz of the sounds needed (Peterson & Barney, 1952, rounded).
FORMANTS = {
    "iy": (270, 2290, 3010),
    "ih": (390, 1990, 2550),
    "eh": (530, 1840, 2480),
    "ah": (640, 1190, 2390),
    "aa": (730, 1090, 2440),
    "ao": (570, 840, 2410),
    "uw": (300, 870, 2240),
    "r": (490, 1350, 1690),
    "w": (300, 610, 2200),
    "n": (280, 1500, 2500),
}
# Hissing sounds: from and to which frequency in hertz, and how loud beside a vowel.
HISSES = {
    "s": (2800, 3900, 0.5),
    "f": (900, 3500, 0.12),
    "t": (1800, 3600, 0.4),
    "k": (1200, 2500, 0.3),
}

# Sounds of each word and their shares of its duration.
PRONUNCIATIONS: tuple[tuple[tuple[str, float], ...], ...] = (
    (("s", 0.8), ("ih", 1), ("r", 1), ("ao", 1), ("uw", 1)),
    (("w", 1), ("ah", 2), ("n", 1.5)),
    (("t", 0.5), ("uw", 3)),
    (("f", 0.8), ("r", 1), ("iy", 2.5)),
    (("f", 1), ("ao", 2), ("r", 1.5)),
    (("f", 1), ("aa", 1.5), ("iy", 1), ("f", 0.7)),
    (("s", 1.2), ("ih", 1), ("k", 0.4), ("s", 1.4)),
    (("s", 1), ("eh", 1.2), ("f", 0.5), ("ah", 0.6), ("n", 1)),
    (("eh", 1), ("iy", 1.4), ("t", 0.6)),
    (("n", 0.8), ("aa", 1.2), ("iy", 1), ("n", 1)),
)
N_TIMES = 50  # points at which loudness is computed; between them it is interpolated


def speak(digit: int, rng: np.random.Generator, *, noise: float = 0.8) -> np.ndarray:
    """Half a second that resembles an English digit, by a voice drawn at random.

    Parameters
    ----------
    digit : int
        Between 0 and 9.
    rng : numpy.random.Generator
        Draws pitch, size of the mouth, tempo, loudness and noise.
    noise : float, default=0.8
        Greatest deviation of the background noise, beside a voice of deviation one.

    Returns
    -------
    signal : ndarray of shape (4000,), float32
        At 8 kHz, within -1 and 1.

    Examples
    --------
    >>> speak(3, np.random.default_rng(0)).shape
    (4000,)
    """
    n_samples = int(DURATION * SAMPLING_RATE)
    sounds, bounds = _timing(digit, n_samples, rng)
    signal = _voice(sounds, bounds, n_samples, rng) + _hiss(sounds, bounds, n_samples, rng)
    signal /= signal.std()
    signal += noise * rng.uniform(0.1, 1.0) * rng.normal(size=n_samples)
    loudness = rng.uniform(0.1, 0.9) / np.abs(signal).max()
    return (loudness * signal).astype(np.float32)


def _timing(digit: int, n_samples: int, rng: np.random.Generator):
    """Sounds of the word, and the sample at which each starts, plus the end of the last."""
    sounds = [sound for sound, _ in PRONUNCIATIONS[digit]]
    shares = np.array([share for _, share in PRONUNCIATIONS[digit]])
    shares = shares * rng.uniform(0.6, 1.4, size=shares.size)
    spoken = rng.uniform(0.6, 0.95)
    start = rng.uniform(0.0, 1.0 - spoken)
    bounds = start + spoken * np.concatenate([[0.0], np.cumsum(shares) / shares.sum()])
    return sounds, bounds * n_samples


def _voice(sounds, bounds, n_samples: int, rng: np.random.Generator) -> np.ndarray:
    """Harmonics of a falling pitch, each as loud as the formants of the moment let it be."""
    times = np.linspace(0, n_samples, N_TIMES)
    voiced = [place for place, sound in enumerate(sounds) if sound in FORMANTS]
    centres = [(bounds[place] + bounds[place + 1]) / 2 for place in voiced]
    targets = np.array([FORMANTS[sounds[place]] for place in voiced], dtype=float)
    targets *= rng.uniform(0.88, 1.14)  # a small mouth has higher resonances
    targets *= rng.normal(1.0, 0.12, size=targets.shape)
    formants = np.stack([np.interp(times, centres, track) for track in targets.T], axis=1)
    inside = np.zeros(N_TIMES)
    for place in voiced:
        inside[(times >= bounds[place]) & (times < bounds[place + 1])] = 1.0
    inside = np.convolve(inside, np.ones(3) / 3, mode="same")  # the voice does not click

    samples = np.arange(n_samples)
    pitch = rng.uniform(90, 230) * np.linspace(1.08, 0.85, n_samples)
    phase = 2 * np.pi * np.cumsum(pitch) / SAMPLING_RATE
    signal = np.zeros(n_samples)
    for harmonic in range(1, int(3800 / pitch.max()) + 1):
        frequency = harmonic * np.interp(times, samples, pitch)
        distance = (frequency[:, None] - formants) / np.array([60.0, 90.0, 130.0])
        gain = (np.array([1.0, 0.6, 0.3]) / (1.0 + distance**2)).sum(axis=1) * inside
        signal += np.interp(samples, times, gain) * np.sin(harmonic * phase)
    return signal / max(signal.std(), 1e-6)


def _hiss(sounds, bounds, n_samples: int, rng: np.random.Generator) -> np.ndarray:
    """Noise between two frequencies for every hissing sound."""
    signal = np.zeros(n_samples)
    frequencies = np.fft.rfftfreq(n_samples, 1 / SAMPLING_RATE)
    for place, sound in enumerate(sounds):
        if sound in HISSES:
            lowest, highest, loudness = HISSES[sound]
            spectrum = np.fft.rfft(rng.normal(size=n_samples))
            spectrum[(frequencies < lowest) | (frequencies > highest)] = 0.0
            noise = np.fft.irfft(spectrum, n_samples)
            part = slice(int(bounds[place]), int(bounds[place + 1]))
            envelope = np.hanning(part.stop - part.start)
            signal[part] += loudness * rng.uniform(0.5, 1.5) * envelope * noise[part] / noise.std()
    return signal
