"""Compile the primitives ahead for a common processor: `python -m tenfold.target.objects` writes what ships.

A shipped object is named by the content hash of its source, so one that is out of date is never loaded; a test says
when they have to be made again.
"""

from pathlib import Path

from tenfold.primitives import accumulate, csv, elementary, few, philox
from tenfold.primitives import hash as hashing
from tenfold.target import cache

FOLDER = Path(__file__).parent.parent / "primitives" / "objects"
PRIMITIVES = {
    ("csv", "scan"): csv.SIGNATURE,
    ("hash", "number"): hashing.SIGNATURE,
    **{("elementary", f"fill_{name}"): elementary.LARGE_SIGNATURE for name in elementary.SCALARS},
    ("philox", "words_at"): philox.WORDS_SIGNATURE,
    ("philox", "pairs_at"): philox.PAIRS_SIGNATURE,
    ("accumulate", "deposit_rows"): accumulate.ROWS_SIGNATURE,
    ("accumulate", "round_cells"): accumulate.ROUND_SIGNATURE,
    ("accumulate", "mean_cells"): accumulate.ROUND_SIGNATURE,
    ("few", "sum_columns"): few.SIGNATURE,
}


def requests() -> list[cache.Request]:
    """All that ships."""
    return [cache.primitive_request(module, entry, signature) for (module, entry), signature in PRIMITIVES.items()]


def main() -> None:
    """Make the folder anew."""
    FOLDER.mkdir(exist_ok=True)
    wanted = requests()
    for path in FOLDER.glob("*.o"):
        path.unlink()
    paths = [FOLDER / cache.shipped_name(request) for request in wanted]
    helper = cache.start_helper(wanted, paths, NUMBA_CPU_NAME=cache.BASELINE, NUMBA_CPU_FEATURES="")
    if helper.wait() != 0 or not all(path.exists() for path in paths):
        raise SystemExit("the compiler failed")


if __name__ == "__main__":
    main()
