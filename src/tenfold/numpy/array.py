"""The array: an expression that may be written into, as NumPy's views may.

An array owns an expression, or looks at part of another array through a lens. So assignment through a view reaches its
base and the base's other views, as in NumPy, although expressions never change: assigning replaces that of the base.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from tenfold import fallback
from tenfold.collect_arrays import collect_array, collect_arrays
from tenfold.explain import Explanation, explain
from tenfold.expr import arrays as ar
from tenfold.io.arrays import MemoryArray
from tenfold.node import order
from tenfold.numpy.lenses import ReshapeLens, reshaped
from tenfold.numpy.selection import Selection, selection_of

KEPT_BYTES = 1 << 20  # answers up to this size are kept by the array that was asked
COPIED_BYTES = 1 << 16  # operands up to this size are copied: what is written to them later does not matter


class ndarray:  # noqa: N801 (it stands for NumPy's)
    """A lazy array with NumPy's API; made by `array`, `zeros`, `random.default_rng(...)` and the like.

    Nothing is computed before it is shown: by `compute`, `repr`, `float`, iteration, `numpy.asarray`.

    Examples
    --------
    >>> import tenfold.numpy as np
    >>> x = np.arange(6).reshape(2, 3)
    >>> x[0] += 10
    >>> x
    array([[10, 11, 12],
           [ 3,  4,  5]])
    """

    __slots__ = ("__weakref__", "_base", "_chunks", "_lens", "_own", "_under")
    __array_priority__ = 100
    _own: ar.Array | Callable[[], ar.Array]
    _base: "ndarray | None"
    _lens: Any
    _chunks: tuple[tuple[int, ...], ...]  # the sizes of blocks, if `rechunk` was asked
    _under: ar.Shape  # the base's shape for the lens, which the base itself may have left since

    if TYPE_CHECKING:  # what `elementwise`, `indexing` and `methods` give it

        def __getattr__(self, name: str) -> Any: ...
        def __getitem__(self, key: Any) -> Any: ...
        def __setitem__(self, key: Any, value: Any) -> None: ...

        __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = cast(Any, None)
        __add__ = __sub__ = __mul__ = __truediv__ = __floordiv__ = __mod__ = __pow__ = cast(Any, None)
        __radd__ = __rsub__ = __rmul__ = __rtruediv__ = __and__ = __or__ = __xor__ = cast(Any, None)
        __neg__ = __invert__ = __abs__ = cast(Any, None)

    def __init__(self, node: ar.Array | Callable[[], ar.Array]) -> None:
        self._own, self._base, self._lens = node, None, None

    @classmethod
    def _through(cls, base: "ndarray", lens: Any) -> "ndarray":
        made = cls.__new__(cls)
        made._own, made._base, made._lens, made._under = base._node, base, lens, base.shape
        return made

    @property
    def _node(self) -> ar.Array:
        """The expression as it is now."""
        if self._base is not None:
            return self._lens.get(_as(self._base._node, self._under))
        if not isinstance(self._own, ar.Array):
            self._own = self._own()
        return self._own

    @property
    def _form(self) -> ar.Array | Selection:
        """What knows shape and dtype: the expression, or the selection that elements are not found of yet."""
        return selection_of(self) or self._node

    def _write(self, node: ar.Array) -> None:
        """Take another expression of this shape and dtype."""
        if self._base is None:
            self._own = node
        else:
            base = self._base._node
            self._base._write(_as(self._lens.put(_as(base, self._under), node), base.shape))

    @property
    def _strides(self) -> ar.Shape:
        """Elements between neighbours in the memory of the base, were it memory; ValueError where it is not."""
        if self._base is None:
            return ar.c_strides(self.shape)
        below = self._base._strides
        if self._under != self._base.shape:
            below = reshaped(below, self._base.shape, self._under)
        return self._lens.strides(below, self._under)

    # -- looking ----------------------------------------------------------------------------------------------------

    @property
    def shape(self) -> ar.Shape:
        """The lengths of the axes."""
        return self._form.shape

    @shape.setter
    def shape(self, shape: Any) -> None:
        if self._base is None:
            self._own = ar.Reshape(self._node, tuple(shape))
        else:
            here = ndarray._through(self._base, self._lens)
            here._under = self._under
            self._base, self._lens, self._under = here, ReshapeLens(tuple(shape)), here.shape

    @property
    def dtype(self) -> "np.dtype[Any]":
        """The type of the elements."""
        return self._form.dtype

    @property
    def ndim(self) -> int:
        """How many axes."""
        return self._form.ndim

    @property
    def size(self) -> int:
        """How many elements."""
        return self._form.size

    @property
    def nbytes(self) -> int:
        """What all elements take in memory."""
        return self._form.nbytes

    @property
    def itemsize(self) -> int:
        """What one element takes in memory."""
        return self.dtype.itemsize

    def compute(self) -> Any:
        """The real NumPy array (for a result on a device too); of no axes, the scalar that NumPy would give."""
        return self._computed(collect_array(self._node))

    @staticmethod
    def _together(arrays: "Sequence[ndarray]") -> list[Any]:
        """What `compute` of each gives, in one run."""
        answers = collect_arrays(tuple(array._node for array in arrays))
        return [array._computed(answer) for array, answer in zip(arrays, answers, strict=True)]

    def _computed(self, answer: Any) -> Any:
        """An answer as NumPy would give it; a small one is kept."""
        made, node = np.asanyarray(answer), self._node
        if node.nbytes <= KEPT_BYTES and self._base is None and not isinstance(node, ar.Stored):
            self._own = ar.Stored(MemoryArray(made.copy(), "result"))
        return made if made.ndim else made[()]

    def persist(self) -> "ndarray":
        """The same array, computed and kept where it is."""
        return ndarray(ar.Stored(MemoryArray(collect_array(self._node, home=False), "persisted")))

    def explain(self, level: str = "plan", passes: bool = False) -> Explanation:
        """How this is computed: `expr`, `plan`, `kernel` or `source`; `passes`: after every pass too."""
        return explain(self._node, level, passes)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        if copy is False:
            raise ValueError("a lazy array has no memory to share: leave copy=None")
        return np.asarray(self.compute(), dtype)

    def __len__(self) -> int:
        if not self.ndim:
            raise TypeError("len() of unsized object")
        return self.shape[0]

    def __iter__(self) -> Iterator[Any]:
        if not self.ndim:
            raise TypeError("iteration over a 0-d array")
        if self.nbytes <= KEPT_BYTES:
            self.compute()
        return (self[k] for k in range(len(self)))

    def __repr__(self) -> str:
        return repr(self._shown())

    def __str__(self) -> str:
        return str(self._shown())

    def __format__(self, spec: str) -> str:
        return format(self.item() if not self.ndim and spec else self._shown(), spec)

    def _shown(self) -> Any:
        """What printing needs: the edges only of what NumPy would shorten."""
        options = np.get_printoptions()
        edge = options["edgeitems"]
        if self.size <= options["threshold"]:
            return self.compute()
        places = [np.r_[: edge + 1, n - edge - 1 : n] if n > 2 * edge + 1 else np.arange(n) for n in self.shape]
        corners: Any = self
        for axis, place in enumerate(places):
            corners = corners.take(place, axis=axis)
        return _Shortened(corners.compute(), self.shape)

    def item(self, *index: Any) -> Any:
        """One element as a Python scalar."""
        if not index:
            return self.compute().item()
        place = index[0] if len(index) == 1 else index
        flat = not isinstance(place, tuple) and self.ndim != 1
        return (self.reshape(-1) if flat else self)[place].compute().item()

    def tolist(self) -> Any:
        """All elements as nested lists of Python scalars."""
        return self.compute().tolist()

    def __contains__(self, value: Any) -> bool:
        return bool((self == value).any())

    def __bool__(self) -> bool:
        if self.size != 1:
            raise ValueError(
                "The truth value of an array with more than one element is ambiguous. Use a.any() or a.all()"
            )
        return bool(self.compute())

    def __float__(self) -> float:
        return float(self.compute())

    def __int__(self) -> int:
        return int(self.compute())

    def __complex__(self) -> complex:
        return complex(self.compute())

    def __index__(self) -> int:
        return self.compute().__index__()

    def __reduce__(self) -> tuple[Any, ...]:
        return _unpickled, (order(self._node),)  # arguments first: deep expressions need no deep stack

    def __copy__(self) -> "ndarray":
        return ndarray(self._node)

    def __deepcopy__(self, memo: Any) -> "ndarray":
        return ndarray(self._node)

    def copy(self, order: str = "C") -> "ndarray":
        """An array of its own."""
        return ndarray(self._node)


def _as(node: ar.Array, shape: ar.Shape) -> ar.Array:
    return node if node.shape == shape else ar.Reshape(node, shape)


class _Shortened:
    """The corners of a large array, printed as NumPy prints the whole."""

    def __init__(self, corners: Any, shape: ar.Shape) -> None:
        self._corners, self._shape = corners, shape

    def __repr__(self) -> str:
        text = np.array2string(self._corners, threshold=0, separator=", ", prefix="array(")
        return f"array({text}, shape={self._shape})"

    def __str__(self) -> str:
        return np.array2string(self._corners, threshold=0)

    def __format__(self, spec: str) -> str:
        return str(self)


def _unpickled(nodes: list[Any]) -> ndarray:
    return ndarray(nodes[-1])


def node_of(value: Any, dtype: Any = None) -> ar.Array:
    """Anything that NumPy takes for an array, as an expression: ours as it is, memory as a source."""
    if isinstance(value, ndarray):
        node = value._node
        return (
            node if dtype is None or node.dtype == np.dtype(dtype) else ar.Elementwise("cast", (node,), np.dtype(dtype))
        )
    if hasattr(value, "__cuda_array_interface__"):
        return ar.Stored(MemoryArray(value, "device memory"))
    array = value if isinstance(value, np.ndarray) else _gathered(value)
    array = np.asarray(array, dtype)
    if array.dtype.hasobject:
        raise TypeError(f"tenfold arrays hold no Python objects: got dtype {array.dtype} from {type(value).__name__}")
    if array.ndim == 0:
        return ar.full(array, array.dtype)
    if array is value and array.nbytes <= COPIED_BYTES:
        array = array.copy()
    return ar.Stored(MemoryArray(array))


def _gathered(value: Any) -> Any:
    """Lists that hold our arrays, with those computed."""
    return fallback.each(value, _gathered) if isinstance(value, (list, tuple)) else _real(value)


def _real(value: Any) -> Any:
    return value.compute() if isinstance(value, ndarray) else value


def wrap(value: Any) -> Any:
    """A real answer as ours."""
    return ndarray(node_of(value)) if isinstance(value, np.ndarray) and not value.dtype.hasobject else value


def through_numpy(name: str, function: Any, args: Any, options: Any, reason: str = "no native form yet") -> Any:
    """The answer of real NumPy on the whole arrays, with one notice."""
    out = options.get("out")
    if isinstance(out, ndarray):
        rest = {key: value for key, value in options.items() if key != "out"}
        return in_place(name, lambda memory, *a, **o: function(*a, out=memory, **o), out, args, rest, reason)
    return fallback.call(
        f"numpy.{name}", function, tuple(args), dict(options), own=ndarray, real=_lent, back=wrap, reason=reason
    )


def _lent(array: ndarray) -> Any:
    """An array's values for reading: a function that would write into them gets an error, not a copy to write into."""
    made = np.asarray(array.compute()).view()
    made.flags.writeable = False
    return made


def in_place(
    name: str, function: Any, target: ndarray, args: Any, options: Any, reason: str = "it writes into an array"
) -> ndarray:
    """The target, after a function of real NumPy wrote into its values, `function(values, *args, **options)`."""

    def change(values: Any, *rest: Any, **more: Any) -> Any:
        values = np.array(values)
        function(values, *rest, **more)
        return values

    target._write(node_of(through_numpy(name, change, (target, *args), options, reason)))
    return target
