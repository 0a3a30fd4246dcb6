"""The arguments of the command ``mmclassic``."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from mmclassic import __version__
from mmclassic.cli import _argument_types as types
from mmclassic.media._store import default_cache_path

MEDIA = ("text", "image", "audio")
FEATURES = (*MEDIA, "numeric", "categorical")
HELP = {
    "text": "columns of texts; each is a modality (can be repeated; quote a name with a comma)",
    "image": "columns of paths of pictures, seen from the table's folder",
    "audio": "columns of paths of recordings",
    "numeric": "columns of numbers; together one modality",
    "categorical": "columns of categories; together one modality",
}
# Folds of a benchmark: a fusion is tested on one, and cross-fitted within the others.
MIN_FOLDS = 3
SEED_HELP = "shuffles the folds; without it they follow the order of the table"


class _Parser(argparse.ArgumentParser):
    """Errors in one line, without the usage."""

    def error(self, message):
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help)\n")


def parse_arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """The arguments of the command, refused where they contradict each other."""
    parser = build_parser()
    arguments = parser.parse_args(argv)
    target = getattr(arguments, "target", None)
    if isinstance(target, list) and len(target) == 1:
        [arguments.target] = target
    # One official split takes the place of the outer folds.
    is_split = arguments.command == "benchmark" and arguments.split is not None
    if arguments.command in ("demo", "benchmark") and not is_split and arguments.cv < MIN_FOLDS:
        parser.error(
            f"argument --cv: a benchmark needs at least {MIN_FOLDS} folds, got {arguments.cv}"
        )
    if arguments.command == "check" and not any(getattr(arguments, name) for name in MEDIA):
        parser.error("check: name at least one column with --text, --image or --audio")
    for name in FEATURES:
        try:
            types.refuse_twice(getattr(arguments, name, None) or [])
        except argparse.ArgumentTypeError as error:
            parser.error(f"argument --{name}: {error}")
    if getattr(arguments, "backbone", None) is not None and not arguments.image:
        parser.error("argument --backbone: it reads pictures; name their columns with --image")
    return arguments


def columns_of(arguments: argparse.Namespace) -> dict:
    """Columns by medium, as make_late_fusion and benchmark take them: one is no list."""
    columns: dict = {name: getattr(arguments, name) or None for name in FEATURES}
    alone = {name: columns[name][0] for name in MEDIA if len(columns[name] or ()) == 1}
    return {**columns, **alone}


def benchmark_options(arguments: argparse.Namespace) -> dict:
    """Columns and options as benchmark takes them, those of the store and of progress aside."""
    names = ("groups", "split", "cv", "backbone", "n_jobs", "on_unreadable", "max_error_rate")
    same = ("task", "metric", "families", "class_weight", "learning_curve", "robustness")
    options = {name: getattr(arguments, name) for name in (*names, *same)}
    return {
        **columns_of(arguments),
        **options,
        "n_repeats": arguments.repeats,
        "random_state": arguments.seed,
    }


def modalities_of(arguments: argparse.Namespace) -> list[tuple[str, str]]:
    """Medium and column of each modality; the columns of numbers make one modality."""
    media = [(name, column) for name in MEDIA for column in getattr(arguments, name)]
    tables = [(name, ", ".join(getattr(arguments, name))) for name in FEATURES if name not in MEDIA]
    return media + [(name, columns) for name, columns in tables if columns]


def build_parser() -> argparse.ArgumentParser:
    """The parser of the command and its sub-commands."""
    parser = _Parser(
        prog="mmclassic", description="Baselines for tables of text, pictures and sound."
    )
    parser.add_argument("--version", action="version", version=f"mmclassic {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", dest="command")
    for add in (
        _add_demo, _add_check, _add_benchmark, _add_fit, _add_predict, _add_show, _add_extract
    ):  # fmt: skip
        add(commands)
    return parser


def _add_demo(commands) -> None:
    demo = _add_command(
        commands, "demo", "benchmark the embedded table of digits: sentences, pictures, sounds"
    )
    demo.add_argument("--rows", type=int, default=600, metavar="N", help="rows of the table (600)")
    demo.add_argument(
        "--out", default="mmclassic-demo", metavar="DIR", help="folder of the results"
    )
    _add_folds(demo, "makes the table and shuffles the folds (0)", default=0)
    _add_work(demo)


def _add_check(commands) -> None:
    check = _add_command(
        commands, "check", "find broken, odd and repeated cells of a table; status 1 if it is bad"
    )
    check.add_argument("table", metavar="TABLE", help="CSV, JSON lines or Parquet")
    check.add_argument("--target", metavar="COL", help="column of the labels")
    _add_columns(check, MEDIA)
    check.set_defaults(numeric=[], categorical=[], groups=None, task="auto")
    check.add_argument(
        "--decode",
        action="store_true",
        help="also decode every picture and recording: slower, finds what no header shows",
    )
    check.add_argument("--out", metavar="CSV", help="file of all findings")
    _add_work(check)


def _add_benchmark(commands) -> None:
    benchmark = _add_command(
        commands,
        "benchmark",
        "score every modality alone, and every fusion of them, on the same folds of a table",
    )
    _add_table(benchmark)
    benchmark.add_argument(
        "--split",
        metavar="COL",
        help='column that says "train" or "test": one official split instead of folds',
    )
    benchmark.add_argument("--sample", type=int, metavar="N", help="use N rows drawn at random")
    benchmark.add_argument(
        "--metric",
        metavar="NAME",
        help="what ranks the models: accuracy (the default), balanced_accuracy, precision_macro, "
        "recall_macro, f1_macro, roc_auc_ovr, average_precision, log_loss, brier or "
        "calibration_error; of numbers r2 (the default), mean_absolute_error, "
        "median_absolute_error or root_mean_squared_error; of several labels subset_accuracy (the "
        "default), f1_micro, f1_macro, roc_auc_macro, average_precision, "
        "ranking_average_precision, hamming_loss or log_loss",
    )
    benchmark.add_argument(
        "--repeats", type=types.repeats, default=1, metavar="N", help="cross-validate N times (1)"
    )
    benchmark.add_argument(
        "--families",
        type=types.names,
        default=("late", "early"),
        metavar="NAME[,NAME]",
        help="families of models (late,early); late,early,joint adds networks and codes of all "
        "modalities together",
    )
    benchmark.add_argument(
        "--class-weight",
        choices=("balanced",),
        help="let rare classes count as much as frequent ones",
    )
    benchmark.add_argument(
        "--learning-curve",
        type=types.shares,
        metavar="SHARE[,SHARE]",
        help="also fit on these shares of the training rows, such as 0.1,0.3,1",
    )
    benchmark.add_argument(
        "--robustness",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="damage a hundred test rows step by step, and show what the default fusion is worth "
        "then (the default)",
    )
    benchmark.add_argument("--model", metavar="FILE", help="fit the best model and save it here")
    benchmark.add_argument(
        "--out",
        default="mmclassic-results",
        metavar="DIR",
        help="folder of report.html and results.csv, .json and .md (mmclassic-results)",
    )
    _add_folds(benchmark, SEED_HELP)
    _add_work(benchmark)


def _add_fit(commands) -> None:
    fit = _add_command(commands, "fit", "fit the default late fusion and save it")
    _add_table(fit)
    fit.add_argument("--model", required=True, metavar="FILE", help="file of the fitted model")
    fit.add_argument(
        "--hashed", action="store_true", help="keep hashed columns of texts, not their words"
    )
    fit.add_argument(
        "--redact",
        action="store_true",
        help="put placeholders for e-mail and web addresses, phone numbers and numbers in texts",
    )
    _add_folds(fit, SEED_HELP)
    _add_work(fit)


def _add_predict(commands) -> None:
    predict = _add_command(commands, "predict", "labels and probabilities from a saved model")
    predict.add_argument("file", metavar="FILE", help="the model")
    predict.add_argument("table", metavar="TABLE", help="CSV, JSON lines or Parquet")
    _add_names(predict, "keep", "columns to write before the predictions, such as an id")
    predict.add_argument(
        "--out", required=True, metavar="FILE", help="predictions: CSV, JSON lines or Parquet"
    )
    predict.add_argument("--root", metavar="DIR", help="read no file outside this folder")
    _add_unreadable(predict)
    _add_work(predict)


def _add_show(commands) -> None:
    show = _add_command(
        commands, "show", "what a model file says of its model, without loading the model"
    )
    show.add_argument("file", metavar="FILE", help="the model")
    show.add_argument("--json", action="store_true", help="the whole card, as JSON")


def _add_extract(commands) -> None:
    extract = _add_command(
        commands,
        "extract",
        "write the features of pictures and recordings to a folder of Parquet files, part by part",
    )
    extract.add_argument("table", metavar="TABLE", help="CSV, JSON lines or Parquet, of any length")
    for name in ("image", "audio"):
        _add_names(extract, name, HELP[name])
    _add_names(extract, "keep", "columns to write beside the features, such as an id")
    extract.add_argument("--out", required=True, metavar="DIR", help="folder of the parts")
    extract.add_argument(
        "--rows-per-part", type=int, default=1000, metavar="N", help="rows of a part (1000)"
    )
    extract.add_argument(
        "--dask", metavar="ADDRESS", help="cluster to use, such as tcp://host:8786"
    )
    extract.add_argument("--cache", metavar="PATH", help="keep the features in this store, too")
    _add_backbone(extract)
    _add_max_error_rate(extract)
    _add_work(extract)


def _add_command(commands, name: str, purpose: str) -> argparse.ArgumentParser:
    return commands.add_parser(
        name, help=purpose, description=f"{purpose[0].upper()}{purpose[1:]}."
    )


def _add_table(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("table", metavar="TABLE", help="CSV, JSON lines or Parquet")
    parser.add_argument(
        "--target",
        required=True,
        type=types.names,
        metavar="COL[,COL]",
        help="column of the labels, or of the numbers to predict; several columns of 0 and 1 for "
        "several labels",
    )
    parser.add_argument(
        "--task",
        choices=("auto", "classification", "regression"),
        default="auto",
        help='"regression" predicts numbers; by default decimal places mean numbers',
    )
    _add_columns(parser, FEATURES)
    parser.add_argument(
        "--groups",
        metavar="COL",
        help="column of groups (speakers, patients); rows of one group share a fold",
    )
    _add_backbone(parser)
    store = parser.add_mutually_exclusive_group()
    place = str(default_cache_path()).replace("%", "%%")  # argparse formats help with %
    store.add_argument(
        "--cache",
        metavar="PATH",
        help=f"keep the features of pictures and recordings for later runs here ({place})",
    )
    store.add_argument("--no-cache", action="store_true", help="keep no features")
    _add_unreadable(parser)
    _add_max_error_rate(parser)


def _add_names(parser: argparse.ArgumentParser, name: str, purpose: str) -> None:
    several: dict = {"type": types.names, "action": "extend", "default": [], "metavar": "COL[,COL]"}
    parser.add_argument(f"--{name}", help=purpose, **several)


def _add_backbone(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--backbone", metavar="FILE", help="pretrained network for the pictures, as an ONNX file"
    )


def _add_max_error_rate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--max-error-rate",
        type=types.share,
        default=0.05,
        metavar="SHARE",
        help="share of unreadable cells of a column above which to stop all the same (0.05)",
    )


def _add_columns(parser: argparse.ArgumentParser, kinds: Sequence[str]) -> None:
    """Columns by kind: each can be repeated, and takes several names between commas."""
    for name in kinds:
        _add_names(parser, name, HELP[name])


def _add_unreadable(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--on-unreadable",
        choices=("raise", "missing"),
        default="missing",
        help="stop at cells that cannot be read, or count them as missing (the default)",
    )


def _add_work(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--n-jobs", type=types.jobs, metavar="N", help="parallel jobs; -1 for all cores"
    )


def _add_folds(parser: argparse.ArgumentParser, seed_help: str, default: int | None = None) -> None:
    parser.add_argument("--cv", type=types.folds, default=5, metavar="N", help="folds (5)")
    parser.add_argument("--seed", type=types.seed, default=default, metavar="N", help=seed_help)
