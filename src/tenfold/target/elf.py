"""Load an object file by hand: sections into memory, relocations applied, pages made executable (x86-64 Linux).

What `cpu.load` would have LLVM do, without LLVM: its library takes 30 ms of the first query of a process, this 1 ms.
Takes the objects that Numba makes, which are self-contained and use absolute addresses; anything else is
`Unsupported`, and LLVM's turn. What an object says of itself is held against its size before it is believed: one that
is cut or changed is `Broken`, and nobody's turn.
"""

import ctypes
import mmap
import platform
import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

RELOCATABLE, X86_64 = 1, 62  # of the file
SYMBOLS, RELOCATIONS, ZEROS, UNWINDING = 2, 4, 8, 0x70000001  # kinds of sections
ALLOCATED, EXECUTABLE = 2, 4  # flags of the sections that are there when the code runs, and that are code
HEADER, ROW = 64, 64  # bytes of the file's header, and of a row of the table of sections
ABSOLUTE_64, RELATIVE_32, CALL_32, RELATIVE_64 = 1, 2, 4, 24  # kinds of relocations
WIDTHS = {ABSOLUTE_64: "<Q", RELATIVE_32: "<i", CALL_32: "<i", RELATIVE_64: "<q"}
READ_AND_EXECUTE = 5
LARGEST = 1 << 28  # bytes of an image; kernels have some ten thousand
_kept: list[mmap.mmap] = []  # machine code lives as long as the process


class Unsupported(Exception):
    """An object, or a platform, that this loader does not know."""


class Broken(Exception):
    """An object that is not as any compiler makes it."""


def _hold(condition: bool, what: str) -> None:
    if not condition:
        raise Broken(what)


class Section(NamedTuple):
    """A row of the table of sections."""

    name: int
    kind: int
    flags: int
    address: int
    offset: int
    size: int
    link: int
    info: int
    align: int
    entry: int

    @property
    def is_loaded(self) -> bool:
        """Whether it is there when the code runs; nothing unwinds through ours."""
        return bool(self.flags & ALLOCATED) and self.kind != UNWINDING


class Symbol(NamedTuple):
    """A name, the section that defines it (0: another file does) and its place there."""

    name: str
    section: int
    value: int


@dataclass(frozen=True, slots=True)
class Image:
    """An object file whose sections have addresses."""

    elf: bytes
    sections: list[Section]
    symbols: list[Symbol]
    addresses: list[int]
    known: dict[str, int]  # addresses of names that the process does not have

    def address(self, symbol: Symbol) -> int:
        """Where a symbol is, in the image or in the process."""
        if symbol.section:
            if symbol.section >= len(self.sections) or not self.sections[symbol.section].is_loaded:
                raise Unsupported(symbol.name)
            _hold(symbol.value <= self.sections[symbol.section].size, f"{symbol.name} lies outside of its section")
            return self.addresses[symbol.section] + symbol.value
        if symbol.name not in self.known:
            self.known[symbol.name] = _in_process(symbol.name)
        return self.known[symbol.name]


def load(elf: bytes, name: str, known: dict[str, int]) -> int:
    """The address of a function of an object file, brought into memory."""
    if sys.platform != "linux" or platform.machine() != "x86_64":
        raise Unsupported(platform.machine())
    sections = _sections(elf)
    places, size = _layout(sections)
    symbols = _symbols(elf, sections)
    memory = mmap.mmap(-1, size)
    base = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    image = Image(elf, sections, symbols, [base + place for place in places], dict(known))
    for section, place in zip(sections, places, strict=True):
        if section.is_loaded and section.kind != ZEROS:
            memory[place : place + section.size] = _content(elf, section)
    for section in sections:
        if section.kind == RELOCATIONS and _at(sections, section.info).is_loaded:
            _relocate(image, section, memory, places[section.info])
    found = next((s for s in symbols if s.name == name), None)
    if found is None or not found.section or not _at(sections, found.section).flags & EXECUTABLE:
        raise Broken(f"there is no function {name}")
    entry = image.address(found)
    if ctypes.CDLL(None).mprotect(ctypes.c_void_p(base), ctypes.c_size_t(size), READ_AND_EXECUTE):
        raise Unsupported("memory that runs")
    _kept.append(memory)
    return entry


def _at(items: list[Any], number: int) -> Any:
    _hold(number < len(items), f"{number} of {len(items)}")
    return items[number]


def _content(elf: bytes, section: Section) -> bytes:
    """The bytes of a section, all of them."""
    _hold(section.offset + section.size <= len(elf), "a section goes beyond the end")
    return elf[section.offset : section.offset + section.size]


def _rows(layout: str, content: bytes) -> Iterator[tuple[Any, ...]]:
    """The rows of a table."""
    _hold(len(content) % struct.calcsize(layout) == 0, "a table ends in the middle of a row")
    return struct.iter_unpack(layout, content)


def _sections(elf: bytes) -> list[Section]:
    _hold(len(elf) >= HEADER and elf[:6] == b"\x7fELF\x02\x01", "no ELF object")
    if struct.unpack_from("<HH", elf, 16) != (RELOCATABLE, X86_64):
        raise Unsupported("not a relocatable x86-64 object")
    (table,) = struct.unpack_from("<Q", elf, 40)
    size, count = struct.unpack_from("<HH", elf, 58)
    _hold(size == ROW and table + ROW * count <= len(elf), "the table of sections goes beyond the end")
    return [Section(*row) for row in _rows("<IIQQQQIIQQ", elf[table : table + ROW * count])]


def _layout(sections: list[Section]) -> tuple[list[int], int]:
    """Where each section starts in the image, and the size of that."""
    places, end = [], 0
    for section in sections:
        align = max(section.align, 1) if section.is_loaded else 1
        _hold(align <= mmap.PAGESIZE and align & (align - 1) == 0, f"an alignment of {align}")
        start = -(-end // align) * align
        places.append(start)
        end = start + section.size if section.is_loaded else end
        _hold(end <= LARGEST, f"an image of {end:,} bytes")
    return places, max(end, 1)


def _symbols(elf: bytes, sections: list[Section]) -> list[Symbol]:
    tables = [section for section in sections if section.kind == SYMBOLS]
    _hold(len(tables) == 1, f"{len(tables)} tables of symbols")
    names = _content(elf, _at(sections, tables[0].link))
    return [
        Symbol(_name(names, name), section, value)
        for name, _, _, section, value, _ in _rows("<IBBHQQ", _content(elf, tables[0]))
    ]


def _name(names: bytes, start: int) -> str:
    end = names.find(b"\0", start)
    _hold(end >= 0, "a name goes beyond the end")
    return names[start:end].decode("ascii", "backslashreplace")


def _relocate(image: Image, table: Section, memory: mmap.mmap, start: int) -> None:
    """Write addresses into a section that starts there in the image."""
    size = image.sections[table.info].size
    for offset, info, addend in _rows("<QQq", _content(image.elf, table)):
        kind, target = info & 0xFFFFFFFF, _at(image.symbols, info >> 32)
        if kind not in WIDTHS:
            raise Unsupported(f"relocation {kind}")
        _hold(offset + struct.calcsize(WIDTHS[kind]) <= size, "a relocation outside of its section")
        value = image.address(target) + addend
        if kind != ABSOLUTE_64:
            value -= image.addresses[table.info] + offset
        try:
            struct.pack_into(WIDTHS[kind], memory, start + offset, value)
        except struct.error:  # too far away for 32 bits
            raise Unsupported(target.name) from None


def _in_process(name: str) -> int:
    try:
        return ctypes.cast(getattr(ctypes.CDLL(None), name), ctypes.c_void_p).value or 0
    except (AttributeError, ValueError):
        raise Unsupported(name) from None
