"""The data of the benchmarks, made once under bench/data: taxi records as CSV and Parquet, and many tiny files."""

from pathlib import Path

FOLDER = Path(__file__).parent / "data"
FILES = 4
MANY = 10_000
ROWS = 12_000_000


def make(kinds: set[str], rows: int) -> None:
    """Write what is not there yet, or was made with another number of rows."""
    from tenfold import taxi

    for kind in ("csv", "parquet"):
        if kind in kinds or (kind == "csv" and "twice" in kinds):
            taxi.sample_files(FOLDER / "taxi", rows=rows, files=FILES, format=kind)
    if "many" in kinds and not (FOLDER / "many" / "complete").exists():
        taxi.write_sample(FOLDER / "many", rows=4 * MANY, files=MANY)
        (FOLDER / "many" / "complete").touch()


def files(kind: str) -> list[str]:
    """The paths of one kind of data: csv, twice (every file of csv twice), parquet, many, or none."""
    if not kind:
        return []
    if kind == "twice":
        return files("csv") * 2
    folder, suffix = (FOLDER / "many", "csv") if kind == "many" else (FOLDER / "taxi", kind)
    return sorted(str(path) for path in folder.glob(f"nyc-taxi-*.{suffix}"))


def read_once(paths: list[str]) -> int:
    """Bring files into the page cache, so that no engine pays for the disk; their bytes."""
    total = 0
    for path in paths:
        with Path(path).open("rb", buffering=0) as file:
            while part := file.read(1 << 22):
                total += len(part)
    return total
