"""Work in processes of their own: forked, or started anew, with limits and signals."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import time
import warnings
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def fork(work) -> int:
    """Number of a forked process that does some work; it must not use processes of joblib."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # fork beside other tests' threads
        process = os.fork()
    if process:
        return process
    status = 1
    try:
        work()
        status = 0
    finally:
        os._exit(status)


def result_in_child(work) -> tuple[Any, list[str]]:
    """What ``work()`` returns in a forked process, or its exception; and the warnings."""
    reading, writing = os.pipe()

    def child():
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                result = work()
            except Exception as error:
                result = error
        with os.fdopen(writing, "wb") as pipe:
            pickle.dump((result, [str(warning.message) for warning in caught]), pipe)

    process = fork(child)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        data = pipe.read()
    os.waitpid(process, 0)
    return pickle.loads(data)


def limit_files_to(n_bytes: int) -> None:
    """In this process no file can grow beyond a size: as on a full disk, without one."""
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, resource.RLIM_INFINITY))


def start_python(*arguments: str, **environment: str) -> subprocess.Popen:
    """A new interpreter in a session of its own, that finds this checkout."""
    paths = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    # A shell lets what it starts in the background ignore Ctrl-C, and that is inherited.
    ignored = signal.getsignal(signal.SIGINT) == signal.SIG_IGN
    return subprocess.Popen(
        [sys.executable, *arguments],
        env={**os.environ, "PYTHONPATH": paths, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        cwd=ROOT,
        preexec_fn=_heed_interrupts if ignored else None,
    )


def _heed_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def output_of(*arguments: str, **environment: str) -> str:
    """What a new interpreter prints."""
    process = start_python(*arguments, **environment)
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    return out


def wait_for(condition, process: subprocess.Popen, seconds: float = 120.0) -> None:
    """Until a condition holds; an error if the process ends before."""
    end = time.monotonic() + seconds
    while not condition():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.005)


def interrupt(process: subprocess.Popen) -> float:
    """Ctrl-C in the process's terminal; the seconds until it has ended."""
    start = time.monotonic()
    os.killpg(process.pid, signal.SIGINT)
    process.wait(timeout=60)
    return time.monotonic() - start


def left_of_session(process: subprocess.Popen, seconds: float = 5.0) -> list[str]:
    """Processes of the session that are still there some time after its leader ended."""
    import psutil

    end = time.monotonic() + seconds
    while True:
        left = []
        for other in psutil.process_iter(["pid", "cmdline", "status"]):
            try:
                same = os.getsid(other.pid) == process.pid
            except (ProcessLookupError, PermissionError):
                continue
            if same and other.info["status"] != psutil.STATUS_ZOMBIE:
                left.append(" ".join(other.info["cmdline"] or []))
        if not left or time.monotonic() > end:
            return left
        time.sleep(0.05)
