"""The groups that rows go into by an index map, which reductions over axes have: `[axes, base, strides, sizes]`.

The group of a row is the base and stride times digit, over the digits of the row's number in the sizes, the last the
fastest (`target/index_map.py` is the same for the host). So rows come in runs of the last axis's size: all of one
group, where its stride is 0, else each of the group that lies a stride behind that of the row before.

For kernels (these compile; `groups` is an `i8*`):

    last_axis(groups) -> its stride and size
    group_at(groups, row) -> the group of a row
    groups_at(groups, row, count, out): the groups of so many rows from `row` on
"""


def last_axis(groups):
    """Stride and size of the last axis of a map."""
    axes = groups[0]
    return groups[axes + 1], groups[2 * axes + 1]


def group_at(groups, row):
    """The group of a row."""
    axes, group = groups[0], groups[1]
    for axis in range(axes, 0, -1):
        size = groups[axes + axis + 1]
        group += groups[axis + 1] * (row % size)
        row //= size
    return group


def groups_at(groups, row, count, out):
    """The groups of so many rows from `row` on."""
    (stride, size), j = last_axis(groups), 0
    while j < count:
        group, end = group_at(groups, row), min(j + size - row % size, count)
        row += end - j
        while j < end:
            out[j] = group
            group += stride
            j += 1
