"""Einstein sums: pairs of operands at a time, in the order of `numpy.einsum_path`, by products and reductions."""

import math
import string
from typing import Any

import numpy as np

from tenfold.errors import NotNative
from tenfold.numpy import elementwise as ew
from tenfold.numpy import products, reductions
from tenfold.numpy import shape as sh
from tenfold.numpy.array import as_array, ndarray, node_of
from tenfold.numpy.through import ours


def einsum(*operands: Any, out: Any = None, dtype: Any = None, optimize: Any = True, **options: Any) -> Any:
    """Sums of products, by the labels of axes.

    Examples
    --------
    >>> import tenfold.numpy as np
    >>> np.einsum("ij,kj->ik", np.eye(2), np.arange(6.0).reshape(3, 2))
    array([[0., 2., 4.],
           [1., 3., 5.]])
    """
    if not operands or not isinstance(operands[0], str) or options:
        raise NotNative("axes as lists, or options")
    arrays = [as_array(x) for x in operands[1:]]
    terms, result = _labels(operands[0], [x.ndim for x in arrays])
    kind = np.dtype(dtype) if dtype is not None else np.result_type(*(x.dtype for x in arrays))
    if out is not None and not np.can_cast(kind, out.dtype, "safe"):
        raise NotNative("a result of a narrower dtype")
    made = [(ndarray(ew.cast(x._node, kind)), term) for x, term in zip(arrays, terms, strict=True)]
    made = _same_lengths(made)
    for step in _order(made, result, optimize):
        chosen = [made.pop(k) for k in sorted(step, reverse=True)][::-1]
        made.append(_product(chosen, set(result).union(*(term for _, term in made))))
    array, term = made[0]
    if len(arrays) == 1 and set(terms[0]) == set(result) and out is None and dtype is None:
        return _view(operands[0], arrays[0], terms[0], array, term, result)
    answer = sh.transpose(array, [term.index(label) for label in result])
    return ew.written(node_of(answer), out)


def _view(text: str, whole: ndarray, given: str, array: ndarray, term: str, result: str) -> ndarray:
    """Nothing is summed: axes in another order, and diagonals; a view, though only memory's diagonals take writes."""
    memory = whole._memory
    if memory is not None:
        return ours(np.einsum(text, memory.array), [(whole, memory.array)])
    if len(term) == whole.ndim:
        array, term = whole, given
    return sh.transpose(array, [term.index(label) for label in result])


def _labels(subscripts: str, ndims: list[int]) -> tuple[list[str], str]:
    """The labels of every operand and of the result, those behind an ellipsis spelt out."""
    text, arrow, given = subscripts.replace(" ", "").partition("->")
    terms = text.split(",")
    if len(terms) != len(ndims):
        raise ValueError(f"{len(ndims)} operands for the {len(terms)} terms of {subscripts!r}")
    spare = [c for c in string.ascii_letters if c not in subscripts]
    hidden = max(n - len(t.replace("...", "")) for t, n in zip(terms, ndims, strict=True))
    rest = "".join(spare[: max(hidden, 0)])
    full = []
    for term, ndim in zip(terms, ndims, strict=True):
        behind = ndim - len(term.replace("...", ""))
        full.append(term.replace("...", rest[len(rest) - behind :] if behind else ""))
        if len(full[-1]) != ndim or not f"a{full[-1]}".isalpha():
            raise ValueError(f"the term {term!r} does not fit an operand with {ndim} axes")
    if not arrow:
        once = sorted(c for c in set("".join(full)) - set(rest) if "".join(full).count(c) == 1)
        return full, rest + "".join(once)
    result = given.replace("...", rest)
    if len(set(result)) < len(result) or not set(result) <= set("".join(full)):
        raise ValueError(f"the result {given!r} repeats a label, or has one of no operand")
    return full, result


def _same_lengths(made: list[tuple[ndarray, str]]) -> list[tuple[ndarray, str]]:
    """Operands without the axes of length 1 that stand for a longer one; ValueError where lengths differ."""
    lengths: dict[str, int] = {}
    for label, n in ((label, n) for array, term in made for label, n in zip(term, array.shape, strict=True)):
        known = lengths.setdefault(label, n)
        if n != known and 1 not in (n, known):
            raise ValueError(f"axis {label!r} has {known} elements and {n}")
        lengths[label] = n if known == 1 else known
    kept = []
    for array, term in made:
        gone = tuple(k for k, (c, n) in enumerate(zip(term, array.shape, strict=True)) if n == 1 != lengths[c])
        kept.append(
            (sh.squeeze(array, gone) if gone else array, "".join(c for k, c in enumerate(term) if k not in gone))
        )
    return kept


def _order(made: list[tuple[ndarray, str]], result: str, optimize: Any) -> list[tuple[int, ...]]:
    """Which operands to join, step by step; the product goes behind the others."""
    if len(made) <= 2:
        return [tuple(range(len(made)))]
    stands = [np.broadcast_to(np.zeros((), "i1"), array.shape) for array, _ in made]
    text = f"{','.join(term for _, term in made)}->{result}"
    steps = np.einsum_path(text, *stands, optimize=optimize or "greedy")[0][1:]
    return list(steps)


def _product(operands: list[tuple[ndarray, str]], needed: set[str]) -> tuple[ndarray, str]:
    """The product of operands, the first two first, summed over all labels but those needed behind it."""
    first, *others = operands
    if not others:
        return _alone(*first, needed)
    wanted = needed.union(*(term for _, term in others[1:]))
    pair = _alone(*first, wanted | set(others[0][1])), _alone(*others[0], wanted | set(first[1]))
    return _product([_joined(*pair, wanted), *others[1:]], needed) if others[1:] else _joined(*pair, wanted)


def _alone(array: ndarray, term: str, needed: set[str]) -> tuple[ndarray, str]:
    """One operand with repeated labels taken as diagonals, and summed over labels that nobody else has."""
    for label in dict.fromkeys(term):
        while term.count(label) > 1:
            first, second = term.index(label), term.rindex(label)
            array = sh.diagonal(array, axis1=first, axis2=second)
            term = "".join(c for k, c in enumerate(term) if k not in (first, second)) + label
    over = tuple(k for k, label in enumerate(term) if label not in needed)
    if over:
        array = _sum(array, over)
    return array, "".join(label for label in term if label in needed)


def _sum(array: ndarray, over: tuple[int, ...]) -> ndarray:
    if array.dtype.kind == "b":
        return reductions.any(array, over)
    return reductions.sum(array, over, dtype=array.dtype)


def _joined(first: tuple[ndarray, str], second: tuple[ndarray, str], needed: set[str]) -> tuple[ndarray, str]:
    """The product of two operands, summed over what nobody needs behind it."""
    (left, one), (right, two) = first, second
    summed = [label for label in one if label in two and label not in needed]
    shared = [label for label in one if label in two and label in needed]
    if not summed:
        return _multiplied(left, one, right, two)
    if not shared:
        axes = [one.index(c) for c in summed], [two.index(c) for c in summed]
        term = "".join(c for c in one + two if c not in summed)
        return ndarray(products.contract(left._node, right._node, tuple(axes[0]), tuple(axes[1]))), term
    return _stacked((left, one), (right, two), shared, summed)


def _stacked(
    first: tuple[ndarray, str], second: tuple[ndarray, str], shared: list[str], summed: list[str]
) -> tuple[ndarray, str]:
    """Products of matrices, one for each index of the shared labels."""
    (left, one), (right, two) = first, second
    lengths = dict(zip(one + two, left.shape + right.shape, strict=True))
    rows, columns = ([c for c in term if c not in summed and c not in shared] for term in (one, two))

    def sizes(labels: list[str]) -> list[int]:
        return [lengths[c] for c in labels]

    stack, length = sizes(shared), math.prod(sizes(summed))
    turned = sh.transpose(left, [one.index(c) for c in (*shared, *rows, *summed)])
    other = sh.transpose(right, [two.index(c) for c in (*shared, *summed, *columns)])
    turned = _shaped(turned, (*stack, math.prod(sizes(rows)), length))
    other = _shaped(other, (*stack, length, math.prod(sizes(columns))))
    made = products.matmul(turned, other)
    return _shaped(made, (*stack, *sizes(rows), *sizes(columns))), "".join([*shared, *rows, *columns])


def _shaped(array: ndarray, shape: tuple[int, ...]) -> ndarray:
    return array if array.shape == shape else sh.reshape(array, shape)


def _multiplied(left: ndarray, one: str, right: ndarray, two: str) -> tuple[ndarray, str]:
    """Products element by element, the labels of the first before those that only the second has."""
    term = one + "".join(c for c in two if c not in one)
    wide = sh.expand_dims(left, tuple(range(len(one), len(term)))) if len(term) > len(one) else left
    turned = sh.transpose(right, sorted(range(len(two)), key=lambda k: term.index(two[k])))
    missing = tuple(k for k, c in enumerate(term) if c not in two)
    return wide * (sh.expand_dims(turned, missing) if missing else turned), term
