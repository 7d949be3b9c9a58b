"""The base of every language: frozen, interned nodes.

A node is a class with annotated fields and the decorator `@node`. Building one twice from equal fields gives the
same object, so equality is identity, sharing is free and a dictionary keyed by nodes is a memo. `key` is a content
hash that is the same in every process; it names kernels, caches and tests. `infer` computes what follows from the
fields (a type, a schema) once; building never does more than that.
"""

import dataclasses
import hashlib
import operator
import threading
from collections.abc import Callable
from typing import Any, Self, TypeVar, dataclass_transform
from weakref import WeakValueDictionary

C = TypeVar("C", bound=type)
_interned: WeakValueDictionary[tuple[Any, ...], "Node"] = WeakValueDictionary()
_lock = threading.Lock()
_store = object.__setattr__  # of nodes, which nobody else can assign to


@dataclass_transform(frozen_default=True)
def node(cls: C) -> C:
    """Make a class of annotated fields a node class: slots, no way to assign, construction through `Node`."""
    made: Any = dataclasses.dataclass(frozen=True, slots=True, eq=False, init=False, repr=False)(cls)
    made.fields = tuple(field.name for field in dataclasses.fields(made))
    return made


class Node:
    """What nodes of all languages share; see `node`."""

    __slots__ = ("__weakref__", "_key", "children")
    fields: tuple[str, ...] = ()
    children: tuple["Node", ...]
    _key: str | None

    def __new__(cls, *values: Any) -> Self:
        """The one node of this class with these field values, in the order of the annotations."""
        identity = (cls, *values)
        found = _interned.get(identity)
        if found is None:
            found = object.__new__(cls)
            for name, value in zip(cls.fields, values, strict=True):
                _store(found, name, value)
            _store(found, "children", tuple(_nodes_in(values, [])))
            _store(found, "_key", None)
            found.infer()
            with _lock:
                found = _interned.setdefault(identity, found)
        return found  # type: ignore[return-value]

    def infer(self) -> None:
        """Compute and store (by `derive`) what follows from the fields; raise where they are illegal."""

    def derive(self, name: str, value: Any) -> None:
        """Store what follows from the fields."""
        _store(self, name, value)

    @property
    def values(self) -> tuple[Any, ...]:
        """The field values in order: `type(n)(*n.values) is n`."""
        return tuple(getattr(self, name) for name in self.fields)

    @property
    def key(self) -> str:
        """A hexadecimal content hash, equal in every process for equal computations."""
        if self._key is None:
            text = f"{type(self).__name__}({','.join(map(_key_of, self.values))})"
            self.derive("_key", hashlib.sha256(text.encode()).hexdigest()[:24])
        assert self._key is not None
        return self._key

    def map(self, change: Callable[["Node"], "Node"]) -> Self:
        """This node with its children changed; the very same object when none changes."""
        if all(map(operator.is_, map(change, self.children), self.children)):
            return self
        return type(self)(*(_map_value(value, change) for value in self.values))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), self.values

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}({', '.join(f'{n}={v!r}' for n, v in zip(self.fields, self.values, strict=True))})"
        )


def _nodes_in(values: tuple[Any, ...], found: list[Node]) -> list[Node]:
    for value in values:
        if isinstance(value, Node):
            found.append(value)
        elif isinstance(value, tuple):
            _nodes_in(value, found)
    return found


def _map_value(value: Any, change: Callable[[Node], Node]) -> Any:
    if isinstance(value, Node):
        return change(value)
    if isinstance(value, tuple):
        return tuple(_map_value(item, change) for item in value)
    return value


def _key_of(value: Any) -> str:
    if isinstance(value, tuple):
        return f"[{','.join(map(_key_of, value))}]"
    key = getattr(value, "key", None)
    return key if isinstance(key, str) else f"{type(value).__name__}:{value!r}"


def order(*roots: Node) -> list[Node]:
    """All nodes below `roots`, children before parents, from left to right, each once; any depth."""
    done: dict[Node, None] = {}
    stack = [*reversed(roots)]
    while stack:
        current = stack[-1]
        waiting = [child for child in current.children if child not in done] if current not in done else []
        if waiting:
            stack.extend(reversed(waiting))
        else:
            done[stack.pop()] = None
    return list(done)
