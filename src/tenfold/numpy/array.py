"""The array: an expression that may be written into, as NumPy's views may; or real memory.

An array owns an expression, or looks at part of another array through a lens. So assignment through a view reaches its
base and the base's other views, as in NumPy, although expressions never change: assigning replaces that of the base.
Small arrays, arrays that no kernel takes, and arrays that are written into step by step are memory (`memory.py`); their
views are NumPy's own.
"""

import copy
from collections.abc import Callable, Iterator, Sequence
from operator import index
from typing import TYPE_CHECKING, Any, Self, cast

import numpy as np

from tenfold import fallback
from tenfold.collect_arrays import collect_array, collect_arrays
from tenfold.errors import NotNative
from tenfold.explain import Explanation, explain
from tenfold.expr import arrays as ar
from tenfold.io.arrays import MemoryArray
from tenfold.node import order
from tenfold.numpy.lenses import ReadLens, ReshapeLens, reshaped
from tenfold.numpy.memory import Memory, is_odd, is_shared, is_small
from tenfold.numpy.selection import Selection

KEPT_BYTES = 1 << 20  # answers up to this size are kept by the array that was asked
PENDING = 32  # writes that wait for the computation; then the array is computed, and memory from there on
LITTLE = 1024  # a write into less than that part of an array counts as many: it is one of many, or nearly for nothing


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

    __slots__ = ("__weakref__", "_base", "_chunks", "_lens", "_own", "_pending", "_under")
    __array_priority__ = 100
    _own: ar.Array | Callable[[], ar.Array] | Memory | None  # None: what it looks at is its base's
    _pending: int
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

    def __new__(cls, node: Any = None, *args: Any, **options: Any) -> Self:
        """An array of an expression or of memory; else of a shape, and whatever more NumPy's class takes."""
        made = object.__new__(cls)
        if not isinstance(node, OWN):
            given = (() if node is None else (node,)) + args
            buffers = {name: x._hold() if isinstance(x, ndarray) else x for name, x in options.items()}
            node = Memory(np.ndarray(*given, **buffers))
        made._own, made._base, made._lens, made._pending = node, None, None, 0
        return made

    @classmethod
    def _through(cls, base: "ndarray", lens: Any) -> "ndarray":
        memory = base._memory
        seen = None if memory is None else lens.of(memory.array)
        if memory is not None and seen is not None:
            return ndarray(memory.view(seen))
        made = object.__new__(ndarray)
        made._own, made._pending = None, 0
        made._base, made._lens, made._under = base, lens, base.shape
        return made

    @property
    def _memory(self) -> Memory | None:
        """The memory that this array is; None while it is an expression."""
        own = self._own
        if own is not None:
            return own if type(own) is Memory else None
        assert self._base is not None
        below = self._base._memory
        if below is None:
            return None
        seen = self._lens.of(below.first.reshape(self._under, copy=False))
        if seen is None:
            return None
        self._own, self._base, self._lens = below.view(seen).computed(), None, None
        return self._own

    @property
    def _node(self) -> ar.Array:
        """The expression as it is now."""
        own = self._own
        if isinstance(own, ar.Array):
            return own
        memory = self._memory
        if memory is not None:
            return memory.node()
        if self._base is not None:
            return self._lens.get(_as(self._base._node, self._under))
        self._own = made = own()  # type: ignore[misc,operator]
        return made

    @property
    def _form(self) -> Any:
        """What knows shape and dtype: memory, the expression, or the selection that elements are not found of yet."""
        memory = self._memory
        if memory is not None:
            return memory.array
        return self._own if type(self._own) is Selection else self._node

    def _write(self, node: ar.Array, size: int | None = None) -> None:
        """Take another expression of this shape and dtype, of which `size` elements are new (by default, all)."""
        memory = self._memory
        if memory is not None:
            memory.write(..., collect_array(node))
        elif self._base is None:
            self._own = node
            self._pending += 1 if size is None or size * LITTLE > node.size else PENDING // 4
            if self._pending >= PENDING:
                self._hold()
        else:
            base = self._base._node
            size = node.size if size is None else size
            self._base._write(_as(self._lens.put(_as(base, self._under), node), base.shape), size)

    def _hold(self) -> Any:
        """Become memory, computed if need be; the memory. What shows something of another array holds that too."""
        memory = self._memory
        if memory is not None:
            return memory.array
        if self._base is not None:
            self._base._hold()
            memory = self._memory
            if memory is not None:
                return memory.array
            made = np.asarray(collect_array(self._node))
            self._own, self._base = Memory(made, read_only=True).computed(), None
            return self._own.array
        made = np.asanyarray(collect_array(self._node))
        self._own, self._pending = Memory(made.copy() if made.base is not None else made).computed(), 0
        return self._own.array

    def _writable(self) -> Any:
        """The memory that this array is from now on, for somebody who writes into it."""
        made = self._hold()
        assert isinstance(self._own, Memory)
        self._own.before_writing()
        return made

    @property
    def _strides(self) -> ar.Shape:
        """Elements between neighbours in the memory of the base, were it memory; ValueError where it is not."""
        memory = self._memory
        if memory is not None:
            return tuple(n // max(memory.array.itemsize, 1) for n in memory.array.strides)
        if self._base is None:
            match self._own:
                case ar.Stored(source=MemoryArray(array=np.ndarray() as stored)) if stored.itemsize:
                    return tuple(n // stored.itemsize for n in stored.strides)
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
        memory = self._memory
        if memory is not None:
            memory.array = memory.array.reshape(shape, copy=False)
        elif self._base is None:
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
        memory = self._memory
        if memory is not None:
            return memory.array.copy() if memory.array.ndim else memory.array[()]
        return self._computed(collect_array(self._node))

    @staticmethod
    def _together(arrays: "Sequence[ndarray]") -> list[Any]:
        """What `compute` of each gives, in one run."""
        answers = collect_arrays(tuple(array._node for array in arrays))
        return [array._computed(answer) for array, answer in zip(arrays, answers, strict=True)]

    def _computed(self, answer: Any) -> Any:
        """An answer as NumPy would give it; a small one is kept."""
        made, form = np.asanyarray(answer), self._form
        if form.nbytes <= KEPT_BYTES and self._base is None and not isinstance(form, (ar.Stored, np.ndarray)):
            self._own = ar.Stored(MemoryArray(made.copy(), "result"))
        return made if made.ndim else made[()]

    def persist(self) -> "ndarray":
        """The same array, computed and kept where it is."""
        return ndarray(ar.Stored(MemoryArray(collect_array(self._node, home=False), "persisted")))

    def explain(self, level: str = "plan", passes: bool = False) -> Explanation:
        """How this is computed: `expr`, `plan`, `kernel` or `source`; `passes`: after every pass too."""
        return explain(self._node, level, passes)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        """NumPy's array of it: its memory, which it is from now on, as `numpy.asarray` of an array is that array.

        Of part of an expression a copy, since nobody needs the rest; and of what is on a device, which stays there.
        """
        if not self._is_whole():
            if copy is False:
                raise ValueError("a lazy array has no memory to share: leave copy=None")
            return np.asarray(self.compute(), dtype)
        self._hold()
        assert isinstance(self._own, Memory)
        return np.array(self._own.hand_out() if not copy else self._own.array, dtype, copy=copy)

    def _is_whole(self) -> bool:
        """Whether it may become memory without more being computed or moved than is looked at."""
        if self._memory is not None:
            return True
        if self._base is not None:
            return self.size == self._base.size and not isinstance(self._lens, ReadLens) and self._base._is_whole()
        return not any(map(_is_elsewhere, order(self._node)))

    def __len__(self) -> int:
        if not self.ndim:
            raise TypeError("len() of unsized object")
        return self.shape[0]

    def __iter__(self) -> Iterator[Any]:
        if not self.ndim:
            raise TypeError("iteration over a 0-d array")
        if self._memory is None and self.nbytes <= KEPT_BYTES:
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
        return index(self.compute())

    def __reduce__(self) -> tuple[Any, ...]:
        memory = self._memory
        if memory is not None:
            return type(self)._of_pickle, (memory.array,)
        return _unpickled, (order(self._node),)  # arguments first: deep expressions need no deep stack

    @classmethod
    def _of_pickle(cls, memory: Any) -> Self:
        return cls(Memory(memory))

    def __sizeof__(self) -> int:
        memory = self._memory
        return object.__sizeof__(self) + (0 if memory is None else memory.array.__sizeof__())

    def __delitem__(self, key: Any) -> None:
        raise ValueError("cannot delete array elements")

    def __array_finalize__(self, obj: Any) -> None:
        """Nothing to be done: subclasses may."""

    def __array_wrap__(self, array: Any, context: Any = None, return_scalar: bool = False) -> Any:
        """A result as an array of this class's library."""
        return array if isinstance(array, ndarray) else owned(np.asarray(array))

    @property
    def __array_interface__(self) -> dict[str, Any]:
        """Where the array's memory is, which it is from now on; of part of an expression, nowhere."""
        if not self._is_whole() or is_odd(self.dtype):  # whose types the protocol does not tell in full
            raise AttributeError("__array_interface__")
        found: dict[str, Any] = self.__array__().__array_interface__
        return found

    def __copy__(self) -> "ndarray":
        memory = self._memory
        return ndarray(self._node) if memory is None else ndarray(Memory(memory.array.copy()))

    def __deepcopy__(self, memo: Any) -> "ndarray":
        memory = self._memory
        return ndarray(self._node) if memory is None else ndarray(Memory(copy.deepcopy(memory.array, memo)))


OWN: Any = (ar.Array, Memory, Callable)


def _is_elsewhere(node: Any) -> bool:
    """Whether a node is an array in the memory of a device."""
    match node:
        case ar.Stored(source=MemoryArray(array=array)):
            return not isinstance(array, np.ndarray)
    return False


class Scalar(ndarray):
    """One number, where NumPy has a scalar: nobody writes into it, `s += 1` makes another one."""

    __slots__ = ()

    def _write(self, node: ar.Array, size: int | None = None) -> None:
        raise TypeError(f"{self.dtype.name} scalars cannot be written into: an array without axes can, array({self!r})")

    def __setitem__(self, key: Any, value: Any) -> None:
        raise TypeError(f"'numpy.{self.dtype.name}' object does not support item assignment")

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        """That of NumPy's scalars of its dtype, for who asks whether it is a number of some kind."""
        return self.dtype.type

    def __hash__(self) -> int:
        return hash(self.compute())

    def __round__(self, ndigits: int | None = None) -> Any:
        return round(self.compute(), ndigits)

    def __repr__(self) -> str:
        return repr(self.compute())


def result_of(node: ar.Array) -> ndarray:
    """What an operation gives: an array, or a scalar where NumPy would give one."""
    return ndarray(node) if node.ndim else Scalar(node)


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
    made = ndarray(nodes[-1])
    if is_odd(made.dtype):
        made._hold()
    return made


def node_of(value: Any, dtype: Any = None) -> ar.Array:
    """Anything that NumPy takes for an array, as an expression of the values that it has now.

    Ours as it is, memory as a source: a copy, unless nobody can write into it. NotNative for dtypes that no
    expression holds.
    """
    if isinstance(value, ndarray):
        memory = value._memory
        if memory is not None:  # before it is copied in vain
            _native_dtype(memory.array.dtype)
        node = value._node
        _native_dtype(node.dtype)
        return (
            node if dtype is None or node.dtype == np.dtype(dtype) else ar.Elementwise("cast", (node,), np.dtype(dtype))
        )
    if hasattr(value, "__cuda_array_interface__"):
        return ar.Stored(MemoryArray(value, "device memory"))
    array = np.asarray(value if isinstance(value, np.ndarray) else gathered(value), dtype)
    _native_dtype(array.dtype)
    if array.ndim == 0:
        return ar.full(array, array.dtype)
    return ar.Stored(MemoryArray(array.copy() if array is value and not is_shared(array) else array))


def _native_dtype(dtype: "np.dtype[Any]") -> None:
    if is_odd(dtype):
        raise NotNative(f"no kernel takes {dtype}")


def owned(array: Any) -> ndarray:
    """An array of NumPy's that nobody else has, as ours."""
    values = np.asarray(array)
    kind = ndarray if isinstance(array, np.ndarray) else Scalar
    if is_odd(values.dtype) or is_small(values):
        return kind(Memory(values))
    return kind(ar.Stored(MemoryArray(values)) if values.ndim else ar.full(values))


def gathered(value: Any) -> Any:
    """Lists that hold our arrays, with those computed, all in one run."""
    found: dict[int, ndarray] = {}

    def look(item: Any) -> None:
        if isinstance(item, ndarray):
            found[id(item)] = item
        elif type(item) in (list, tuple):
            for part in item:
                look(part)

    look(value)
    if not found:
        return value
    lazy = {key: array for key, array in found.items() if array._memory is None}
    real = {key: array._memory.array for key, array in found.items() if array._memory is not None}
    real |= dict(zip(lazy, ndarray._together(list(lazy.values())), strict=True)) if lazy else {}

    def replaced(item: Any) -> Any:
        return real[id(item)] if isinstance(item, ndarray) else fallback.each(item, replaced)

    return replaced(value)


def as_array(value: Any) -> ndarray:
    """Ours as it is, anything else as one of ours."""
    return value if isinstance(value, ndarray) else ndarray(node_of(value))
