"""The `tenfold` command: `tenfold taxi` runs the example on a sample that it writes, or on the user's own files.

Answers go to standard output, everything else to standard error. The exit status is 0, or 1 with one line that says
what went wrong, or 130 after Ctrl-C. This is the one module that prints.
"""

import argparse
import importlib.util
import sys
import time
from pathlib import Path
from typing import Any

import tenfold
from tenfold import config, taxi

PLOT = "tip_fraction_by_hour.png"


def main(arguments: list[str] | None = None) -> int:
    """Run the command; the exit status."""
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except KeyboardInterrupt:
        _note("stopped")
        return 130
    except Exception as error:
        if options.traceback:
            raise
        _note(_in_one_line(error))
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tenfold", description="pandas code, compiled for the hardware at hand.")
    parser.add_argument("--version", action="version", version=f"tenfold {tenfold.__version__}")
    parser.add_argument("--traceback", action="store_true", help="show where in the code an error came from")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_taxi(commands)
    return parser


def _add_taxi(commands: Any) -> None:
    about = "Tip fraction by hour of taxi records, from a sample or from your own files."
    command = commands.add_parser("taxi", help=about, description=about)
    command.add_argument("paths", nargs="*", metavar="PATH", help="CSV or Parquet files, or globs (default: a sample)")
    command.add_argument("--rows", type=_count, default=1_000_000, help="rows of the sample (default: %(default)s)")
    command.add_argument("--files", type=_count, default=4, help="files of the sample (default: %(default)s)")
    command.add_argument("--format", choices=("csv", "parquet"), default="csv", help="of the sample (default: csv)")
    command.add_argument("--data", metavar="FOLDER", help="where the sample is kept (default: the cache folder)")
    command.add_argument("--plot", metavar="FILE", default=PLOT, help="the picture to save (default: %(default)s)")
    command.add_argument("--no-plot", action="store_const", const=None, dest="plot", help="save no picture")
    command.add_argument("--explain", action="store_true", help="print the plan and stop")
    command.set_defaults(run=_taxi)


def _taxi(options: argparse.Namespace) -> None:
    """The example program, and what it took."""
    df = taxi.read(options.paths or _sample(options))
    hour = taxi.tip_fraction_by_hour(df)
    if options.explain:
        print(hour.explain())
        return
    start = time.perf_counter()
    real = hour.compute()
    seconds = time.perf_counter() - start
    print(_table(real))
    rows = len(df)
    print(f"{rows:,} rows in {seconds:.3f} s: {rows / seconds:,.0f} rows/s")
    if options.plot:
        _save_plot(real, options.plot)


def _sample(options: argparse.Namespace) -> list[str]:
    folder = Path(options.data or Path(config.get("cache_dir")) / "taxi-sample")
    paths = taxi.sample_files(folder, rows=options.rows, files=options.files, format=options.format)
    return [str(path) for path in paths]


def _table(fractions: Any) -> str:
    """Two columns, the hour and the mean tip fraction."""
    lines = ["hour  tip fraction", *(f"{hour:4.0f}  {value:12.4f}" for hour, value in fractions.items())]
    return "\n".join(lines)


def _save_plot(hour: Any, path: str) -> None:
    if importlib.util.find_spec("matplotlib") is None:
        _note("no picture: it needs matplotlib (pip install 'tenfold[plot]')")
        return
    hour.plot(figsize=(10, 6), title="Tip Fraction by Hour").figure.savefig(path)
    print(f"picture: {path}")


def _count(text: str) -> int:
    """A whole number above zero; underscores and a form like 1e6 are welcome."""
    try:
        number = int(float(text))
    except (ValueError, OverflowError):
        number = 0
    if number < 1 or number != float(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above zero")
    return number


def _in_one_line(error: Exception) -> str:
    """An error as one line; KeyError shows its argument, not the quoted form of it."""
    text = str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
    return " ".join(text.split()) or type(error).__name__


def _note(text: str) -> None:
    print(f"tenfold: {text}", file=sys.stderr)
