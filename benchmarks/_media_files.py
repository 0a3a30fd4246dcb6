"""Small intact pictures and recordings in every encoding that is read, made in memory.

For the scripts that damage files, and for the tests that do the same in small.
"""

from __future__ import annotations

import io

import numpy as np

# Format, mode and options of Pillow's save.
IMAGE_ENCODINGS = {
    "jpeg": ("JPEG", "RGB", {"quality": 90}),
    "jpeg-progressive": ("JPEG", "RGB", {"progressive": True}),
    "png": ("PNG", "RGB", {}),
    "png-palette": ("PNG", "P", {}),
    "gif": ("GIF", "P", {}),
    "webp": ("WEBP", "RGB", {"quality": 80}),
    "webp-lossless": ("WEBP", "RGB", {"lossless": True}),
    "tiff": ("TIFF", "RGB", {}),
    "tiff-lzw": ("TIFF", "RGB", {"compression": "tiff_lzw"}),
    "bmp": ("BMP", "RGB", {}),
    "ppm": ("PPM", "RGB", {}),
    "jpeg-2000": ("JPEG2000", "RGB", {}),
    "avif": ("AVIF", "RGB", {}),
}
# Format and subtype of libsndfile.
AUDIO_ENCODINGS = {
    "wav-8": ("WAV", "PCM_U8"),
    "wav-16": ("WAV", "PCM_16"),
    "wav-24": ("WAV", "PCM_24"),
    "wav-float": ("WAV", "FLOAT"),
    "wav-double": ("WAV", "DOUBLE"),
    "wav-mu-law": ("WAV", "ULAW"),
    "wav-adpcm": ("WAV", "IMA_ADPCM"),
    "rf64": ("RF64", "PCM_16"),
    "flac": ("FLAC", "PCM_16"),
    "flac-24": ("FLAC", "PCM_24"),
    "ogg-vorbis": ("OGG", "VORBIS"),
    "ogg-opus": ("OGG", "OPUS"),
    "mp3": ("MP3", "MPEG_LAYER_III"),
    "aiff": ("AIFF", "PCM_16"),
    "au": ("AU", "PCM_16"),
    "caf": ("CAF", "PCM_16"),
}


def picture(rng: np.random.Generator, height: int = 48, width: int = 64) -> np.ndarray:
    """Smooth colours with some edges, (height, width, 3) uint8."""
    import cv2

    coarse = rng.integers(0, 256, (6, 8, 3), dtype=np.uint8)
    image = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR)
    image[height // 3 : height // 2, width // 4 : width // 2] = rng.integers(0, 256, 3)
    return image


def tone(rng: np.random.Generator, n_samples: int = 4800, rate: int = 16000) -> np.ndarray:
    """Two sines and a little noise, float32, below full scale."""
    time = np.arange(n_samples) / rate
    low, high = rng.uniform(100, 900), rng.uniform(1000, 4000)
    signal = 0.4 * np.sin(2 * np.pi * low * time) + 0.1 * np.sin(2 * np.pi * high * time)
    return (signal + rng.normal(0, 0.01, n_samples)).astype(np.float32)


def encode_picture(pixels: np.ndarray, encoding: str) -> bytes:
    """A picture as a file of an encoding of ``IMAGE_ENCODINGS``."""
    from PIL import Image

    kind, mode, options = IMAGE_ENCODINGS[encoding]
    buffer = io.BytesIO()
    Image.fromarray(pixels).convert(mode).save(buffer, kind, **options)
    return buffer.getvalue()


def encode_sound(samples: np.ndarray, encoding: str, rate: int = 16000) -> bytes:
    """A signal as a file of an encoding of ``AUDIO_ENCODINGS``."""
    import soundfile

    kind, subtype = AUDIO_ENCODINGS[encoding]
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, rate, format=kind, subtype=subtype)
    return buffer.getvalue()
