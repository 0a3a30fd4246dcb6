"""The command ``mmclassic``: a thin shell around benchmark, make_late_fusion, save and load."""

from __future__ import annotations

import argparse
import os
import re
import shlex
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path

from sklearn.pipeline import Pipeline

from mmclassic._errors import UnreadableCellsError
from mmclassic.cli._arguments import (
    FEATURES,
    MEDIA,
    benchmark_options,
    columns_of,
    modalities_of,
    parse_arguments,
)
from mmclassic.cli._check_text import check_text
from mmclassic.cli._extract import run_extract
from mmclassic.cli._plan_text import plan_text
from mmclassic.cli._predictions import DUMMIES, MODELS, check_names, predictions_of
from mmclassic.cli._show import judged, shown
from mmclassic.datasets import load_demo, read_table
from mmclassic.datasets._numbers import check_numbers
from mmclassic.datasets._sample import take_sample
from mmclassic.datasets._table import check_columns, read_columns, resolve_paths
from mmclassic.datasets._target_columns import settle_target
from mmclassic.datasets._write import FrameFile
from mmclassic.fusion import FeaturePooling
from mmclassic.joint import MultimodalAutoencoder
from mmclassic.media._store import default_cache_path

RESULTS = ("results.csv", "results.json", "results.md", "report.html")
JOINT = (FeaturePooling, MultimodalAutoencoder)  # the first step of a pipeline


def run(argv: Sequence[str] | None = None) -> int:
    """Run the command, and give its status."""
    arguments = parse_arguments(argv)
    arguments.words = shlex.join(["mmclassic", *(sys.argv[1:] if argv is None else argv)])
    with warnings.catch_warnings():
        warnings.showwarning = _show_warning
        try:
            return COMMANDS[arguments.command](arguments) or 0
        except BrokenPipeError:  # of `| head`: nobody reads on
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 141  # what a shell says of a program that SIGPIPE ended
        except (ValueError, TypeError, OSError, ImportError) as error:
            target = getattr(arguments, "target", None)
            text = _one_line(error)
            if isinstance(target, str):  # called y in Python
                text = re.sub(r"\by (?=holds |is missing )", lambda _: f"{target!r} ", text)
            print(f"mmclassic: {text}", file=sys.stderr)
            return 2


# What the sub-commands do


def run_demo(arguments: argparse.Namespace) -> None:
    """Benchmark the embedded table; the verdict and the report's path."""
    from mmclassic.evaluation import benchmark

    folder = _folder(arguments.out)
    table = load_demo(n_samples=arguments.rows, random_state=arguments.seed)
    print(
        "The table: scikit-learn's real handwritten digits with noise added, made-up sentences and "
        "synthesised sounds about them."
    )
    print(plan_text(len(table), [(name, name) for name in MEDIA], arguments.cv), flush=True)
    result = benchmark(
        table,
        target="label",
        text="text",
        image="image",
        audio="audio",
        cv=arguments.cv,
        random_state=arguments.seed,
        n_jobs=arguments.n_jobs,
        verbose=int(sys.stderr.isatty()),
    )
    report = _write_results(result, folder, arguments.words)
    print(f"{result.verdict}\nReport: {report}")


def run_check(arguments: argparse.Namespace) -> int:
    """What is wrong with a table, and a summary; 1 if it is worse than notes."""
    _check_folder_of(arguments.out, arguments.table)
    text, status = check_text(_read(arguments), arguments)
    print(text)
    return status


def run_benchmark(arguments: argparse.Namespace) -> None:
    """Benchmark a table; the verdict is the last thing printed."""
    from mmclassic.evaluation import benchmark
    from mmclassic.persistence import save

    _check_folder_of(arguments.model, arguments.table, arguments.backbone)
    table = _read(arguments)
    folder = _folder(arguments.out, arguments.table)
    if arguments.sample is not None:
        table = take_sample(table, arguments.target, arguments.sample, arguments.seed or 0)
    plan = plan_text(
        len(table),
        modalities_of(arguments),
        arguments.cv,
        holdout=arguments.split is not None,
        n_plans=arguments.repeats * (1 + sum(s < 1 for s in arguments.learning_curve or ())),
        backbone=arguments.backbone is not None,
    )
    print(plan, flush=True)
    result = benchmark(
        table,
        target=arguments.target,
        **benchmark_options(arguments),
        cache=_store(arguments),
        verbose=int(sys.stderr.isatty()),
    )
    report = _write_results(result, folder, arguments.words)
    print(f"Results: {folder / 'results.csv'}\nReport: {report}")
    if arguments.model is not None:
        save(result.best_model(), arguments.model, notes=judged(result))
        rows = "all rows" if arguments.split is None else "the training rows"
        print(f"Model: {arguments.model} ({result.frame['model'].iloc[0]}, fitted on {rows})")
    print(result.verdict)


def run_fit(arguments: argparse.Namespace) -> None:
    """Fit the default late fusion on a whole table and save it."""
    from mmclassic.evaluation._leaks import refuse_leaks
    from mmclassic.evaluation._target import make_task
    from mmclassic.persistence import save

    _check_folder_of(arguments.model, arguments.table, arguments.backbone)
    columns = columns_of(arguments)
    refuse_leaks(columns, arguments.target, arguments.groups)
    table = _read(arguments)
    task = make_task(table, arguments.target, task=arguments.task)
    model = task.make_late(
        **columns,
        backbone=arguments.backbone,
        cache=_store(arguments),
        cv=arguments.cv,
        random_state=arguments.seed,
        on_unreadable=arguments.on_unreadable,
        hashed=arguments.hashed,
        redact=arguments.redact,
        n_jobs=arguments.n_jobs,
    ).set_params(max_error_rate=arguments.max_error_rate)
    groups = {} if arguments.groups is None else {"groups": table[arguments.groups]}
    model.fit(table, table[arguments.target], **groups)
    save(model, arguments.model)
    names = ", ".join(name for name, _, _ in model.modalities)
    outputs = {"classification": f"{len(task.classes)} classes", "regression": "a regression"}
    what = outputs.get(task.kind, f"{len(task.classes)} labels")
    print(f"Model: {arguments.model} ({len(table)} rows, {what}; {names})")


def run_predict(arguments: argparse.Namespace) -> None:
    """What the model says of every row, and (of a late fusion) by which modalities."""
    import pandas as pd

    from mmclassic.persistence import load

    _check_folder_of(arguments.out, arguments.table, arguments.file)
    out = FrameFile(arguments.out)
    model = load(arguments.file, root=arguments.root, allow_paths=True)
    if not isinstance(model, MODELS) and not isinstance(_first_of(model), JOINT):
        raise ValueError(
            f"{arguments.file} holds a {type(model).__name__}; the command predicts with models "
            "that `mmclassic fit` or `mmclassic benchmark` saved."
        )
    table = _read_for(model, arguments)
    # The table is not read again where nothing of it is kept.
    kept = _kept(arguments.table, arguments.keep, out) if arguments.keep else table[[]]
    check_names(kept.columns, model)
    columns, n_bare = predictions_of(model, table)
    note = f", {n_bare} of them with no modality (they get the prior)" if n_bare else ""
    out.write(pd.concat([kept, pd.DataFrame(columns, index=kept.index)], axis=1))
    print(f"Predictions: {arguments.out} ({len(table)} rows{note})")


def run_show(arguments: argparse.Namespace) -> None:
    """The card of a model file."""
    print(shown(arguments.file, as_json=arguments.json))


# Their parts


def _first_of(model):
    """The model, or the first step of a pipeline: what reads the table."""
    return model.steps[0][1] if isinstance(model, Pipeline) else model


def _read(arguments: argparse.Namespace):
    """The table of the arguments, its paths seen from its folder."""
    columns = {name: getattr(arguments, name) for name in FEATURES}
    if not any(columns.values()):
        options = ", ".join(f"--{name}" for name in FEATURES)
        raise ValueError(f"no features: name at least one column with {options}.")
    target = arguments.target
    targets = target if isinstance(target, list) else [target]
    roles = [*targets, arguments.groups, getattr(arguments, "split", None)]
    literal = [name for medium in (*MEDIA, "categorical") for name in columns[medium]]
    literal += [name for name in roles if name is not None]
    table = read_table(arguments.table, literal=literal)
    wanted = [*columns["numeric"], *columns["categorical"]]
    check_columns(wanted, list(table.columns), arguments.table)
    check_numbers(table, columns["numeric"], arguments.table)
    if target is not None:
        settle_target(table, target, arguments.task, arguments.table)
    for name in [*columns["image"], *columns["audio"]]:
        table[name] = resolve_paths(table[name], Path(arguments.table).parent)
    return table


def _read_for(model, arguments: argparse.Namespace):
    """A table to predict: texts and paths are single columns, others come as lists."""
    path = arguments.table
    if isinstance(model, DUMMIES):
        return read_table(path)
    model = _first_of(model)
    given = {"on_unreadable": arguments.on_unreadable, "n_jobs": arguments.n_jobs}
    known = model.get_params(deep=False)
    model.set_params(**{name: value for name, value in given.items() if name in known})
    whole, lists = {}, {}
    fitted = getattr(model, "label_models_", [model])[0]
    for name, estimator, columns in fitted.modalities_:
        if isinstance(columns, str):
            whole[columns] = estimator
        else:
            lists[name] = list(columns)
    table = read_table(path, literal=[*whole, *lists.get("categorical", ())])
    check_columns([name for names in lists.values() for name in names], list(table.columns), path)
    # Absolute where files are confined: cells are then seen from the root, not from here.
    folder = Path(path).parent if arguments.root is None else Path(path).absolute().parent
    for name, estimator in whole.items():
        if any(key.endswith("allow_paths") for key in estimator.get_params()):
            table[name] = resolve_paths(table[name], folder)
    return table


def _kept(path: str, names: Sequence[str], out: FrameFile):
    """Columns as a table has them (paths are not resolved), for a file that can hold them."""
    kept = read_columns(path, list(dict.fromkeys(names)))
    out.check(kept)
    return kept


def _write_results(result, folder: Path, command: str) -> Path:
    """The page, and the same for programs and for notes: results.csv, .json and .md."""
    from mmclassic.evaluation._tables import escape_markdown

    result.about["reproduce"] = command
    result.frame.to_csv(folder / "results.csv", index=False)
    result.to_json(folder / "results.json")
    notes = f"{escape_markdown(result.verdict)}\n\n{result.to_markdown()}"
    (folder / "results.md").write_text(notes, encoding="utf-8")
    return result.to_html(folder / "report.html")


def _store(arguments: argparse.Namespace):
    if arguments.no_cache:
        return None
    return default_cache_path() if arguments.cache is None else arguments.cache


def _folder(path: str, table: str | None = None) -> Path:
    """The folder of the results, made before the work; its files are not the table."""
    folder = Path(path)
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"{path} is a file: name a folder for the results.")
    folder.mkdir(parents=True, exist_ok=True)
    for name in RESULTS:
        _refuse_input(folder / name, [table])
    return folder


def _check_folder_of(path: str | None, *inputs: str | None) -> None:
    """Refuse a file that cannot be written, or that is one of those read, before the work."""
    if path is None:
        return
    _refuse_input(path, inputs)
    if Path(path).is_dir():
        raise ValueError(f"{path} is a folder: name a file in it.")
    if not Path(path).absolute().parent.is_dir():
        raise FileNotFoundError(f"There is no folder {Path(path).parent} to write {path} to.")


def _refuse_input(path: str | Path, inputs: Sequence[str | None]) -> None:
    """What is written must not be what is read, by whatever name."""
    for read in inputs:
        known = read is not None and Path(path).exists() and Path(read).exists()
        if known and Path(path).samefile(str(read)):
            raise ValueError(f"{path} would be written over {read}, which is read: name another.")


def _one_line(error: Exception) -> str:
    if isinstance(error, UnreadableCellsError):
        count = f"{len(error.errors)} of {error.n_cells} cells cannot be read"
        all_of_them = " `mmclassic check` lists them all." if len(error.errors) > 1 else ""
        first = f"{count}; the first: {error.errors[0]}."
        return _as_options(f"{first}{all_of_them} {error.advice}")
    if isinstance(error, OSError) and error.strerror and error.filename is not None:
        return f"{error.strerror}: {error.filename}"
    return _as_options(" ".join(str(error).split())) or type(error).__name__


def _as_options(advice: str) -> str:
    """Advice to people who write Python, for those who write a command."""
    advice = advice.replace('on_unreadable="missing"', "--on-unreadable missing")
    for task in ("regression", "classification"):
        advice = advice.replace(f'task="{task}"', f"--task {task}")
    folds = r", merge it with another class, or pass folds that are not stratified.*"
    advice = re.sub(folds, ", or merge it with another class.", advice)
    advice = re.sub(r" \(relative paths count from [^)]*; see root=\)", "", advice)
    advice = advice.replace("max_error_rate=", "--max-error-rate ")
    return advice.replace("max_error_rate", "--max-error-rate")


def _show_warning(message, category, filename, lineno, file=None, line=None) -> None:
    print(f"warning: {' '.join(str(message).split())}", file=sys.stderr)


COMMANDS = {
    "demo": run_demo,
    "check": run_check,
    "benchmark": run_benchmark,
    "fit": run_fit,
    "predict": run_predict,
    "show": run_show,
    "extract": run_extract,
}
