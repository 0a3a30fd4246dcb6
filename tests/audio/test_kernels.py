"""How compiled code is kept, and what happens where it cannot be."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from mmclassic._jit import compiled
from mmclassic.audio import MFCCVectorizer
from mmclassic.audio._coefficients import mfcc
from mmclassic.audio._delta import delta
from mmclassic.audio._fft_plan import factor, fourier_plan
from mmclassic.audio._kernels import kernels
from mmclassic.audio._mfcc_kernel import POLYNOMIAL
from mmclassic.audio._summary import summarise


def run(code: str) -> str:
    """What a new interpreter prints."""
    command = [sys.executable, "-c", code]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_without_a_folder_to_keep_it_in_code_is_compiled_all_the_same():
    namespace: dict = {}
    exec("def double(x):\n    return 2 * x", namespace)  # no file, so no cache beside it
    assert compiled(namespace["double"])(21) == 42


def test_without_numba_numpy_does_it():
    code = """
import sys
sys.modules["numba"] = None  # as if it were not installed
import numpy as np
from mmclassic.audio import MFCCVectorizer
from mmclassic.audio._kernels import kernels
print(kernels(), MFCCVectorizer(n_mfcc=2).fit_transform([np.ones(9000)]).shape)
"""
    assert run(code).strip() == "None (1, 28)"


def test_what_was_compiled_is_kept_and_librosa_is_never_loaded():
    code = """
import sys
import numpy as np
from mmclassic.audio import MFCCVectorizer
MFCCVectorizer().fit_transform([np.ones(9000)])
from mmclassic.audio._kernels import kernels
print(*[sum(function.stats.cache_misses.values()) for function in kernels()])
print("librosa" in sys.modules)
"""
    run(code)
    assert run(code).split() == ["0", "0", "0", "0", "False"]


def test_one_kind_of_array_is_compiled_for():
    """A second kind would cost seconds in the middle of somebody's work."""
    frozen = np.ones(9000, dtype=np.float32)
    frozen.flags.writeable = False
    for cell in (frozen, np.ones(18000)[::2], np.ones(9000, dtype=np.int16)):
        MFCCVectorizer().fit_transform([cell])
        MFCCVectorizer(top_db=None, n_fft=400, statistics=["mean"]).fit_transform([cell])
        delta(mfcc(cell)[:, ::2])
        summarise(mfcc(cell)[::2], percentiles=[50])
    assert [len(function.signatures) for function in kernels()] == [1, 1, 1, 1]


def test_logarithm():
    x = np.linspace(-0.5, 0.5, 1001)
    polynomial = np.array(POLYNOMIAL, dtype=np.float64)
    np.testing.assert_allclose(np.polyval(polynomial, x), np.log2(1.5 + x), atol=1e-7)


@pytest.mark.parametrize("length", [1, 2, 3, 4, 5, 8, 60, 200, 225, 1024])
def test_factors_multiply_to_the_length(length):
    assert np.prod(factor(length)) == length
    places = fourier_plan(2 * length).places
    np.testing.assert_array_equal(np.sort(places), np.arange(length))


@pytest.mark.parametrize("n_fft", [14, 401, 1102])
def test_lengths_without_a_plan(n_fft):
    assert fourier_plan(n_fft) is None
