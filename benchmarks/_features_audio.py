"""From recordings to features: librosa clip by clip, python_speech_features, ours, lower bounds.

Run it alone with ``python benchmarks/_features_audio.py [--quick] [--data FOLDER]``. Everything
runs in one thread, where not said otherwise. Generated clips last 0.5 to 2 seconds.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import librosa
import numpy as np
import scipy.fft
import soundfile
import soxr
from _interleaved import Comparison, Contender, compare
from threadpoolctl import threadpool_limits

from mmclassic.audio import MFCCVectorizer
from mmclassic.audio._coefficients import mfcc
from mmclassic.audio._mel import hann

OURS = "mmclassic"
DATA = Path(__file__).resolve().parents[1].parent / "shared" / "data"
N_CLIPS = 200
N_ROWS = (200, 2_000, 20_000)
# As librosa names them: music, and what speech recognisers use.
MUSIC = {"sr": 22050, "n_fft": 2048, "hop_length": 512, "n_mels": 128}
SPEECH = {"sr": 16000, "n_fft": 512, "hop_length": 160, "n_mels": 40}
DESCRIPTORS = ("zero_crossing_rate", "centroid", "bandwidth", "rolloff", "contrast", "chroma")


def sections(data: Path, quick: bool) -> Iterator[tuple[Comparison, str]]:
    """Comparisons, each with the name of our contender in it."""
    n_rounds = 3 if quick else 9
    with threadpool_limits(1), tempfile.TemporaryDirectory() as name:
        n = 40 if quick else N_CLIPS
        music = write_clips(Path(name) / "music", n, MUSIC["sr"])
        speech = write_clips(Path(name) / "speech", n, SPEECH["sr"])
        yield means_and_deviations("WAV, 22.05 kHz, 2048/512/128", music, MUSIC, n_rounds)
        yield means_and_deviations("WAV, 16 kHz, 512/160/40", speech, SPEECH, n_rounds)
        yield default_summary(music, n_rounds)
        yield with_descriptors(music[:: n // 20], n_rounds)
        yield arrays_only(music, MUSIC, n_rounds)
        yield arrays_only(speech, SPEECH, n_rounds)
        flac = write_clips(Path(name) / "flac", n, MUSIC["sr"], "flac")
        yield means_and_deviations("FLAC, 22.05 kHz, 2048/512/128", flac, MUSIC, n_rounds)
        digits = sorted(map(str, (data / "digits" / "audio").glob("*.wav")))[: 5 * n : 5]
        if digits:
            at_8_khz = MUSIC | {"sr": 8000}
            yield means_and_deviations("spoken digits, 8 kHz", digits, at_8_khz, n_rounds)
            yield means_and_deviations("spoken digits, to 22.05 kHz", digits, MUSIC, n_rounds)
        yield two_threads("1 s", music, n_rounds)
        long = write_clips(Path(name) / "long", 128, MUSIC["sr"], seconds=10.0)  # four chunks
        yield two_threads("10 s", long, n_rounds)
        yield from (many_rows(music, n_rows, quick) for n_rows in N_ROWS[: 2 if quick else 3])
        yield fresh_process(music[:5], n_rounds)


def write_clips(
    folder: Path, n: int, rate: int, extension: str = "wav", seconds: float = 1.25
) -> list[str]:
    """Paths of ``n`` gliding tones with noise, in 16 bits, ``seconds`` long on average."""
    folder.mkdir()
    rng = np.random.default_rng(0)
    paths = []
    for number in range(n):
        time = np.arange(int(rate * seconds * (0.4 + 1.2 * number / n))) / rate
        tone = np.sin(2 * np.pi * (200 + 900 * rng.random() + 300 * time) * time)
        paths.append(str(folder / f"{number}.{extension}"))
        soundfile.write(paths[-1], 0.4 * tone + 0.05 * rng.normal(size=time.size), rate)
    return paths


def vectorizer(settings: dict, **options) -> MFCCVectorizer:
    rate, *_ = settings.values()
    others = {name: value for name, value in settings.items() if name != "sr"}
    return MFCCVectorizer(sampling_rate=rate, **others, **options)


def by_librosa(path: str, settings: dict) -> np.ndarray:
    signal, _ = librosa.load(path, sr=settings["sr"])
    frames = librosa.feature.mfcc(y=signal, **settings)
    return np.concatenate([frames.mean(axis=1), frames.std(axis=1)])


def each(function: Callable, items: Sequence) -> Callable[[], object]:
    return lambda: [function(item) for item in items]


def read(path: str) -> np.ndarray:
    return soundfile.read(path, dtype="float32")[0]


def resample(path: str, rate: int) -> np.ndarray:
    signal, own_rate = soundfile.read(path, dtype="float32")
    return soxr.resample(signal, own_rate, rate, quality="HQ")


def means_and_deviations(
    title: str, paths: list[str], settings: dict, n_rounds: int
) -> tuple[Comparison, str]:
    ours = vectorizer(settings, deltas=0, statistics=("mean", "std"))
    expected = np.array([by_librosa(path, settings) for path in paths[:3]])
    features = ours.transform(paths[:3]).reshape(-1, 20, 2).transpose(0, 2, 1).reshape(-1, 40)
    np.testing.assert_allclose(features, expected, atol=1e-3)
    contenders = [
        Contender("librosa, clip by clip", each(lambda path: by_librosa(path, settings), paths)),
        Contender(OURS, lambda: ours.transform(paths)),
        Contender("bytes read only", each(lambda path: Path(path).read_bytes(), paths)),
        Contender("soundfile.read only", each(read, paths)),
    ]
    if soundfile.info(paths[0]).samplerate != settings["sr"]:
        resampled = each(lambda path: resample(path, settings["sr"]), paths)
        contenders.append(Contender("soundfile.read and soxr only", resampled))
    title = f"{title}: files to mean and deviation of 20 MFCC"
    return compare(title, contenders, len(paths), n_rounds=n_rounds), OURS


def default_summary(paths: list[str], n_rounds: int) -> tuple[Comparison, str]:
    def usual(path: str) -> np.ndarray:
        signal, _ = librosa.load(path, sr=MUSIC["sr"])
        frames = librosa.feature.mfcc(y=signal, **MUSIC)
        frames = np.concatenate([frames, librosa.feature.delta(frames)])
        percentiles = np.percentile(frames, (10, 25, 50, 75, 90), axis=1)
        return np.concatenate([frames.mean(axis=1), frames.std(axis=1), percentiles.ravel()])

    contenders = [
        Contender("librosa and numpy, clip by clip", each(usual, paths)),
        Contender(OURS, lambda: MFCCVectorizer().transform(paths)),
        Contender("soundfile.read only", each(read, paths)),
    ]
    title = "WAV, 22.05 kHz: files to the default summary (derivatives, percentiles)"
    return compare(title, contenders, len(paths), n_rounds=n_rounds), OURS


def with_descriptors(paths: list[str], n_rounds: int) -> tuple[Comparison, str]:
    def usual(path: str) -> list[np.ndarray]:
        signal, _ = librosa.load(path, sr=MUSIC["sr"])
        spectral = (f"spectral_{name}" for name in DESCRIPTORS[1:5])
        return [
            librosa.feature.mfcc(y=signal, **MUSIC).mean(axis=1),
            librosa.feature.zero_crossing_rate(signal).mean(axis=1),
            librosa.feature.chroma_stft(y=signal, tuning=0.0).mean(axis=1),
            *(getattr(librosa.feature, name)(y=signal).mean(axis=1) for name in spectral),
        ]

    ours = MFCCVectorizer(deltas=0, statistics=("mean",), descriptors=DESCRIPTORS)
    contenders = [
        Contender("librosa, clip by clip", each(usual, paths)),
        Contender(OURS, lambda: ours.transform(paths)),
    ]
    title = "WAV, 22.05 kHz: files to mean MFCC and all descriptors"
    return compare(title, contenders, len(paths), n_rounds=n_rounds), OURS


def arrays_only(paths: list[str], settings: dict, n_rounds: int) -> tuple[Comparison, str]:
    signals = [read(path) for path in paths]
    window = hann(settings["n_fft"])
    grid = settings["n_fft"], settings["hop_length"]
    others = {name: value for name, value in settings.items() if name != "sr"}
    contenders = [
        Contender("librosa", each(lambda y: librosa.feature.mfcc(y=y, **settings), signals)),
        *speech_features(signals, settings),
        Contender(OURS, each(lambda y: mfcc(y, sampling_rate=settings["sr"], **others), signals)),
        Contender(
            "scipy.fft.rfft of the frames only", each(lambda y: fft(y, window, *grid), signals)
        ),
    ]
    title = f"arrays to 20 MFCC, {settings['sr']} Hz, {settings['n_fft']}/{settings['hop_length']}"
    return compare(title, contenders, len(signals), n_rounds=n_rounds), OURS


def fft(signal: np.ndarray, window: np.ndarray, n_fft: int, hop_length: int) -> np.ndarray:
    padded = np.pad(signal, n_fft // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, n_fft)[::hop_length]
    return scipy.fft.rfft(frames * window, axis=-1)


def speech_features(signals: list[np.ndarray], settings: dict) -> list[Contender]:
    """python_speech_features, with another mel scale and a lifter, where it is installed."""
    try:
        from python_speech_features import mfcc as peer
    except ImportError:
        return []
    options = {
        "samplerate": settings["sr"],
        "winlen": settings["n_fft"] / settings["sr"],
        "winstep": settings["hop_length"] / settings["sr"],
        "nfft": settings["n_fft"],
        "nfilt": settings["n_mels"],
        "numcep": 20,
    }
    return [Contender("python_speech_features", each(lambda y: peer(y, **options), signals))]


def two_threads(length: str, paths: list[str], n_rounds: int) -> tuple[Comparison, str]:
    contenders = [
        Contender(f"n_jobs={n}", lambda n=n: MFCCVectorizer(n_jobs=n).transform(paths))
        for n in (1, 2)
    ]
    title = f"WAV of about {length}: files to the default summary, in threads"
    return compare(title, contenders, len(paths), n_rounds=n_rounds), "n_jobs=2"


def many_rows(paths: list[str], n_rows: int, quick: bool) -> tuple[Comparison, str]:
    column = (paths * (n_rows // len(paths)))[:n_rows]
    ours = Contender(OURS, lambda: MFCCVectorizer().transform(column))
    title = f"{n_rows} rows of WAV to the default summary: what a row costs"
    return compare(title, [ours], n_rows, n_rounds=3), OURS


def fresh_process(paths: list[str], n_rounds: int) -> tuple[Comparison, str]:
    """A new interpreter, imports included, caches warm."""
    ours = "from mmclassic import MFCCVectorizer\nMFCCVectorizer().transform(sys.argv[1:])"
    usual = (
        "import librosa\nfor path in sys.argv[1:]:\n"
        "    y, rate = librosa.load(path)\n    librosa.feature.mfcc(y=y, sr=rate)"
    )
    bare = "import sklearn.base, pandas"

    def starting(code: str) -> Callable[[], object]:
        command = [sys.executable, "-c", f"import sys\n{code}", *paths]
        folder = Path(__file__).resolve().parents[1]
        return lambda: subprocess.run(command, check=True, cwd=folder)

    contenders = [
        Contender("librosa", starting(usual)),
        Contender(OURS, starting(ours)),
        Contender("import of scikit-learn only", starting(bare)),
    ]
    return compare("A new process, 5 clips", contenders, 1, n_rounds=min(n_rounds, 5)), OURS


def main() -> None:
    """Print the comparisons as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--data", type=Path, default=DATA)
    arguments = parser.parse_args()
    for comparison, ours in sections(arguments.data, arguments.quick):
        print(comparison.to_markdown(ours), flush=True)


if __name__ == "__main__":
    main()
