"""Whether an encoded recording is all there: structure only, nothing is decoded."""

from __future__ import annotations

from typing import Literal

from mmclassic._errors import UnreadableCell

# Kilobits per second of MPEG layers I, II, III: version 1, then versions 2 and 2.5.
_BIT_RATES = {
    (1, 1): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (1, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (1, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (2, 1): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (2, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (2, 3): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_SAMPLING_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
# Sizes that programs write when they cannot go back to fill in the true one.
_STREAMED = (0, 0xFFFFFFFF)


def check_complete_audio(kind: str, data: bytes) -> None:
    """Raise UnreadableCell if a recording's data end before the format says so.

    Parameters
    ----------
    kind : str
        As named by :func:`mmclassic.media._sniff.sniff`; formats without a cheap check
        pass.
    data : bytes

    Raises
    ------
    UnreadableCell
        ``truncated``.
    """
    check = _CHECKS.get(kind)
    if check is not None:
        check(data)


def _truncated(why: str, what_is_there: bool = True) -> UnreadableCell:
    """The error; with the way to take what is there, where libsndfile can read that."""
    advice = ', or pass Limits(truncated="allow") to take what is there' if what_is_there else ""
    return UnreadableCell("truncated", f"{why}: get the file again{advice}")


def _check_wav(data: bytes) -> None:
    _check_chunks(data, b"data", "little")


def _check_aiff(data: bytes) -> None:
    _check_chunks(data, b"SSND", "big")


def _check_chunks(data: bytes, sound: bytes, order: Literal["little", "big"]) -> None:
    """The chunk that holds the samples lies within the data."""
    position, long_size = 12, 0
    while position + 8 <= len(data):
        name = data[position : position + 4]
        size = int.from_bytes(data[position + 4 : position + 8], order)
        if name == b"ds64":  # RF64: the true size of the samples
            long_size = int.from_bytes(data[position + 16 : position + 24], "little")
        if name == sound:
            if long_size and size == 0xFFFFFFFF:
                size = long_size
            if size not in _STREAMED and position + 8 + size > len(data):
                missing = position + 8 + size - len(data)
                raise _truncated(f"{missing} of {size} bytes of samples are missing")
            return
        position += 8 + size + (size & 1)
    raise _truncated("the data end before the samples", False)


def _check_au(data: bytes) -> None:
    start, size = int.from_bytes(data[4:8], "big"), int.from_bytes(data[8:12], "big")
    if len(data) < 24 or (size not in _STREAMED and start + size > len(data)):
        raise _truncated("the samples are fewer than the header says")


def _check_caf(data: bytes) -> None:
    position = 8
    while position + 12 <= len(data):
        size = int.from_bytes(data[position + 4 : position + 12], "big", signed=True)
        if size < 0:  # -1: up to the end
            return
        position += 12 + size
    if position != len(data):
        raise _truncated("the last chunk of the CAF is cut", False)


def _check_ogg(data: bytes) -> None:
    """The last page is whole and says that it is the last (Ogg's end-of-stream flag)."""
    start = data.rfind(b"OggS")
    n_segments = data[start + 26] if len(data) > start + 26 else 0
    lengths = data[start + 27 : start + 27 + n_segments]
    end = start + 27 + n_segments + sum(lengths)
    if not n_segments or len(lengths) < n_segments or end > len(data) or not data[start + 5] & 4:
        raise _truncated("the Ogg stream has no end", False)


def _check_mp3(data: bytes) -> None:
    """The last MPEG frame is whole, and there are as many as the Xing header says."""
    position = _after_id3(data)
    if position > len(data):
        raise _truncated("the ID3 tag is cut", False)
    promised = n_frames = 0
    while position + 4 <= len(data):
        length = _mpeg_frame_length(data[position : position + 4])
        if length is None:
            break
        if position + length > len(data):
            raise _truncated("the last MPEG frame is cut")
        if n_frames == 0:
            promised = _xing_frames(data[position : position + length])
        n_frames += 1
        position += length
    # Between 1 and 3 bytes of a header are left where the cut hit one.
    if promised and n_frames < promised:
        raise _truncated(f"{n_frames} of {promised} MPEG frames are there")
    if 0 < len(data) - position < 4 and data[position] == 0xFF:
        raise _truncated("the last MPEG frame is cut")


def _after_id3(data: bytes) -> int:
    if data[:3] != b"ID3" or len(data) < 10:
        return 0
    size = sum((data[6 + i] & 0x7F) << 7 * (3 - i) for i in range(4))
    position = 10 + size + (10 if data[5] & 0x10 else 0)
    while position < len(data) and data[position] == 0:  # padding that the tag does not count
        position += 1
    return position


def _mpeg_frame_length(header: bytes) -> int | None:
    """Bytes of an MPEG audio frame, None if this is not the head of one."""
    if header[0] != 0xFF or header[1] & 0xE0 != 0xE0:
        return None
    version, layer = header[1] >> 3 & 3, 4 - (header[1] >> 1 & 3)
    rate_index, bit_rate_index = header[2] >> 2 & 3, header[2] >> 4
    if version == 1 or layer == 4 or rate_index == 3 or bit_rate_index in (0, 15):
        return None
    generation = 1 if version == 3 else 2
    bit_rate = _BIT_RATES[generation, layer][bit_rate_index - 1] * 1000
    sampling_rate = _SAMPLING_RATES[version][rate_index]
    padding = header[2] >> 1 & 1
    if layer == 1:
        return (12 * bit_rate // sampling_rate + padding) * 4
    n_samples_over_8 = 72 if layer == 3 and generation == 2 else 144
    return n_samples_over_8 * bit_rate // sampling_rate + padding


def _xing_frames(frame: bytes) -> int:
    """Frames that the encoder's note in the first frame counts; 0 where it has none."""
    for name in (b"Xing", b"Info"):
        start = frame.find(name, 4, 64)
        if start >= 0 and frame[start + 7] & 1:
            return int.from_bytes(frame[start + 8 : start + 12], "big")
    return 0


_CHECKS = {
    "WAV": _check_wav,
    "RF64": _check_wav,
    "AIFF": _check_aiff,
    "AU": _check_au,
    "CAF": _check_caf,
    "OGG": _check_ogg,
    "MP3": _check_mp3,
}
