"""Which matrices are tall: of so many more rows than columns that they are factored slab by slab."""

SLAB = 1 << 16  # elements of a slab, which a cache holds


def slab_rows(columns: int) -> int:
    """Rows of a slab."""
    return max(SLAB // max(columns, 1), 2 * columns)


def is_tall(shape: tuple[int, ...]) -> bool:
    """Whether a matrix makes several slabs.

    >>> is_tall((1_000_000, 64)), is_tall((1_000, 1_000))
    (True, False)
    """
    rows, columns = shape
    return columns > 0 and rows >= 4 * slab_rows(columns)
