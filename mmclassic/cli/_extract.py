"""What ``mmclassic extract`` does: features of a table of any length, here or on a cluster."""

from __future__ import annotations

import argparse
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from joblib import parallel_config

from mmclassic._errors import DataQualityWarning
from mmclassic._optional import import_optional
from mmclassic.media._progress import progress_to


def run_extract(arguments: argparse.Namespace) -> None:
    """Write the features, and say where they are and what could not be read."""
    from mmclassic.extraction import extract
    from mmclassic.recipes._parts import make_vectorizer

    options = {"cache": arguments.cache, "n_jobs": arguments.n_jobs}
    members = {name: make_vectorizer("audio", **options) for name in arguments.audio}
    for name in arguments.image:
        members[name] = make_vectorizer("image", backbone=arguments.backbone, **options)
    if not members:
        raise ValueError("no cells: name at least one column with --image or --audio.")
    with _cluster(arguments.dask), progress_to(_bar()), warnings.catch_warnings():
        # Of unreadable cells, which the last line tells.
        warnings.filterwarnings("ignore", ".*cells cannot be read", DataQualityWarning)
        errors = extract(
            members,
            arguments.table,
            arguments.out,
            keep=arguments.keep,
            rows_per_part=arguments.rows_per_part,
            max_error_rate=arguments.max_error_rate,
        )
    n_errors = f"; {len(errors)} cells could not be read: see _errors.csv in it" if errors else ""
    print(f"Features: {arguments.out} (pandas.read_parquet reads the folder{n_errors})")


@contextmanager
def _cluster(address: str | None) -> Iterator[None]:
    """Within this block joblib's work is done by a Dask cluster, where one is named."""
    if address is None:
        yield
        return
    distributed = import_optional("distributed", "dask")
    with distributed.Client(address), parallel_config("dask"):
        yield


def _bar():
    """A progress bar where somebody looks."""
    if not sys.stderr.isatty():
        return None
    from mmclassic.evaluation._progress import ProgressBar

    return ProgressBar()
