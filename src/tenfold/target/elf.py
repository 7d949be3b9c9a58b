"""Load an object file by hand: sections into memory, relocations applied, pages made executable (x86-64 Linux).

What `cpu.load` would have LLVM do, without LLVM: its library takes 30 ms of the first query of a process, this 1 ms.
Takes the objects that Numba makes, which are self-contained and use absolute addresses; anything else is
`Unsupported`, and LLVM's turn.
"""

import ctypes
import mmap
import platform
import struct
import sys
from dataclasses import dataclass
from typing import NamedTuple

RELOCATABLE, X86_64 = 1, 62  # of the file
SYMBOLS, RELOCATIONS, ZEROS, UNWINDING = 2, 4, 8, 0x70000001  # kinds of sections
ALLOCATED = 2  # flag of the sections that are there when the code runs
ABSOLUTE_64, RELATIVE_32, CALL_32, RELATIVE_64 = 1, 2, 4, 24  # kinds of relocations
WIDTHS = {ABSOLUTE_64: "<Q", RELATIVE_32: "<i", CALL_32: "<i", RELATIVE_64: "<q"}
READ_AND_EXECUTE = 5
_kept: list[mmap.mmap] = []  # machine code lives as long as the process


class Unsupported(Exception):
    """An object, or a platform, that this loader does not know."""


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
    memory = mmap.mmap(-1, size)
    base = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    image = Image(elf, sections, _symbols(elf, sections), [base + place for place in places], dict(known))
    for section, place in zip(sections, places, strict=True):
        if section.is_loaded and section.kind != ZEROS:
            memory[place : place + section.size] = elf[section.offset : section.offset + section.size]
    for section in sections:
        if section.kind == RELOCATIONS and sections[section.info].is_loaded:
            _relocate(image, section, memory, places[section.info])
    entry = next((image.address(s) for s in image.symbols if s.name == name), None)
    if entry is None or ctypes.CDLL(None).mprotect(ctypes.c_void_p(base), ctypes.c_size_t(size), READ_AND_EXECUTE):
        raise Unsupported(name)
    _kept.append(memory)
    return entry


def _sections(elf: bytes) -> list[Section]:
    kind, machine = struct.unpack_from("<HH", elf, 16)
    if elf[:6] != b"\x7fELF\x02\x01" or (kind, machine) != (RELOCATABLE, X86_64):
        raise Unsupported("not a relocatable x86-64 object")
    (table,) = struct.unpack_from("<Q", elf, 40)
    size, count = struct.unpack_from("<HH", elf, 58)
    return [Section(*struct.unpack_from("<IIQQQQIIQQ", elf, table + n * size)) for n in range(count)]


def _layout(sections: list[Section]) -> tuple[list[int], int]:
    """Where each section starts in the image, and the size of that."""
    places, end = [], 0
    for section in sections:
        align = max(section.align, 1)
        start = -(-end // align) * align
        places.append(start)
        end = start + section.size if section.is_loaded else end
    return places, max(end, 1)


def _symbols(elf: bytes, sections: list[Section]) -> list[Symbol]:
    (table,) = (section for section in sections if section.kind == SYMBOLS)
    names = sections[table.link].offset
    rows = struct.iter_unpack("<IBBHQQ", elf[table.offset : table.offset + table.size])
    return [
        Symbol(elf[names + name : elf.index(b"\0", names + name)].decode(), section, value)
        for name, _, _, section, value, _ in rows
    ]


def _relocate(image: Image, table: Section, memory: mmap.mmap, start: int) -> None:
    """Write addresses into a section that starts there in the image."""
    for offset, info, addend in struct.iter_unpack("<QQq", image.elf[table.offset : table.offset + table.size]):
        kind, target = info & 0xFFFFFFFF, image.symbols[info >> 32]
        if kind not in WIDTHS:
            raise Unsupported(f"relocation {kind}")
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
    except AttributeError:
        raise Unsupported(name) from None
