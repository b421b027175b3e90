"""Read and write what C keeps out of sight: buffers, arrays, databases in memory, queues, context variables."""

from __future__ import annotations

import gc
import io
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import Context, copy_context
from typing import Any

from pytest_ssot_tracker.isolate.kinds import ElsewhereError, Kind, Plain, State, UnreachableError, library_base

__all__ = ["BUFFERS"]

_LARGE = 32_000_000  # bytes: more is not copied around each test


class _Hidden(Kind):
    """What C keeps, copied as a whole."""

    quick = False


class _Stream(_Hidden):
    """A `StringIO` or a `BytesIO`: content and position, and nothing where it is closed."""

    def __init__(self, base: Any) -> None:
        self._base = base

    def read(self, thing: Any) -> State:
        if self._base.closed.__get__(thing):
            return Plain(None)
        return Plain(self._base.__getstate__(thing)[:-1])  # the last part are its attributes

    def write(self, thing: Any, state: Any) -> None:
        if state.value is not None:
            _check_open(self._base.closed.__get__(thing))
            self._base.__setstate__(thing, (*state.value, None))


def _check_open(closed: bool) -> None:
    if closed:
        raise UnreachableError("it is closed, and cannot be opened again")


def _check_size(size: int) -> None:
    if size > _LARGE:
        raise UnreachableError("it is too large to be copied for each test")


class _Array(_Hidden):
    """An array of numpy: shape, type and elements."""

    def read(self, thing: Any) -> State:
        base = library_base(thing, "numpy", "ndarray")
        _check_size(thing.nbytes)
        return _Elements(base.copy(thing))

    def write(self, thing: Any, state: Any) -> None:
        base = library_base(thing, "numpy", "ndarray")
        kept = state.array
        if base.dtype.__get__(thing) != kept.dtype:
            raise UnreachableError("its type of elements was changed")
        if base.shape.__get__(thing) != kept.shape:
            base.resize(thing, kept.shape, refcheck=False)
        writeable = thing.flags.writeable
        if not writeable:
            thing.flags.writeable = True
        base.__setitem__(thing, ..., kept)
        thing.flags.writeable = writeable


class _Elements(Plain):
    """A copy of an array, equal to one of the same elements in the same order."""

    __slots__ = ("array",)

    def __init__(self, array: Any) -> None:
        super().__init__((array.shape, str(array.dtype), _elements(array)))
        self.array = array


def _elements(array: Any) -> object:
    """Return what to compare: bytes, or for an array of objects which they are."""
    return tuple(map(id, array.ravel())) if array.dtype.hasobject else array.tobytes()


class _Queue(_Hidden):
    """A `SimpleQueue`: its items, looked at without being taken."""

    def read(self, thing: Any) -> State:
        size = library_base(thing, "_queue", "SimpleQueue").qsize(thing)
        seen = [each for each in gc.get_referents(thing) if not isinstance(each, type)]
        # Until 3.12 they lie in one list whose first ones have been taken, then in a ring of its own:
        # https://github.com/python/cpython/issues/113884.
        items = seen[0] if sys.version_info < (3, 13) and len(seen) == 1 and type(seen[0]) is list else seen
        return tuple(items[len(items) - size :])

    def write(self, thing: Any, state: Any) -> None:
        base = library_base(thing, "_queue", "SimpleQueue")
        while base.qsize(thing):
            base.get_nowait(thing)
        for item in state:
            base.put(thing, item)


class _Memory(_Hidden):
    """Memory that is shared with others or with C: a number or a structure of `ctypes`, an `mmap`."""

    def read(self, thing: Any) -> State:
        view = memoryview(thing)
        _check_size(view.nbytes)
        return Plain(view.tobytes())

    def write(self, thing: Any, state: Any) -> None:
        import ctypes

        (ctypes.c_char * len(state.value)).from_buffer(thing)[:] = state.value


class _Variable(_Hidden):
    """A context variable, in the context that asks: its value, unless that is its default."""

    worldly = True
    contextual = True

    def read(self, thing: Any) -> State:
        context = copy_context()
        if thing not in context:
            return {}
        with suppress(LookupError):
            if context[thing] is Context().run(thing.get):
                return {}
        return {"value": context[thing]}

    def write(self, thing: Any, state: Any) -> None:
        if state:
            thing.set(state["value"])
            return
        try:
            default = Context().run(thing.get)
        except LookupError:
            raise UnreachableError(
                "it had no value, has one now, and Python lets none be taken away; give it a default"
            ) from None
        thing.set(default)


class _Database(_Hidden):
    """A database of sqlite3 in memory: its pages, and what turns rows and text into objects."""

    def read(self, thing: Any) -> State:
        base = library_base(thing, "sqlite3", "Connection")
        if _is_closed(base, thing):
            return Plain(None)
        factories = (base.row_factory.__get__(thing), base.text_factory.__get__(thing))
        return Plain((_pages(base, thing), base.in_transaction.__get__(thing), factories))

    def write(self, thing: Any, state: Any) -> None:
        base = library_base(thing, "sqlite3", "Connection")
        if state.value is None:
            return
        _check_open(_is_closed(base, thing))
        pages, in_transaction, factories = state.value
        if base.in_transaction.__get__(thing):
            base.rollback(thing)
        if _pages(base, thing) != pages:
            kept = base(":memory:")
            try:
                if pages:
                    kept.deserialize(pages)
                kept.backup(thing)
            finally:
                kept.close()
        base.row_factory.__set__(thing, factories[0])
        base.text_factory.__set__(thing, factories[1])
        if in_transaction:
            raise UnreachableError("the transaction that was open is committed")


def _is_closed(base: Any, connection: Any) -> bool:
    try:
        base.total_changes.__get__(connection)
    except sys.modules["sqlite3"].ProgrammingError:
        return True
    return False


def _pages(base: Any, connection: Any) -> bytes:
    """Return the content of a database in memory, empty for none yet; raise `UnreachableError` for any other."""
    files = {name: file for _, name, file in _databases(base, connection)}
    if any(file and os.sep in file for file in files.values()):
        raise ElsewhereError("it lies in a file, and stays there")
    if set(files) != {"main"}:
        raise UnreachableError("it has temporary tables, or other databases attached")
    if not hasattr(base, "serialize"):  # before 3.11, or sqlite was built without
        raise UnreachableError("this Python cannot copy its pages")
    try:
        pages: bytes = base.serialize(connection)
    except sys.modules["sqlite3"].OperationalError:
        return b""
    _check_size(len(pages))
    return pages[:24] + bytes(4) + pages[28:92] + bytes(8) + pages[100:]  # without the numbers that count changes


def _databases(base: Any, connection: Any) -> list[Any]:
    """Return the databases of a connection. Nothing but SQL tells where they lie, so a trace callback hears of it."""
    with _plain(base, connection):
        cursor = base.cursor(connection, sys.modules["sqlite3"].Cursor)
        cursor.row_factory = None
        try:
            found: list[Any] = cursor.execute("PRAGMA database_list").fetchall()
        finally:
            cursor.close()
    return found


@contextmanager
def _plain(base: Any, connection: Any) -> Iterator[None]:
    """Have text of the database as `str` meanwhile, not as what the program makes of it."""
    factory = base.text_factory.__get__(connection)
    base.text_factory.__set__(connection, str)
    try:
        yield
    finally:
        base.text_factory.__set__(connection, factory)


_MEMORY = _Memory()

BUFFERS: Mapping[str, tuple[Kind, ...]] = {
    "_io.StringIO": (_Stream(io.StringIO),),
    "_io.BytesIO": (_Stream(io.BytesIO),),
    "numpy.ndarray": (_Array(),),
    "_queue.SimpleQueue": (_Queue(),),
    "sqlite3.Connection": (_Database(),),
    "_contextvars.ContextVar": (_Variable(),),
    "_ctypes._SimpleCData": (_MEMORY,),
    "_ctypes.Structure": (_MEMORY,),
    "_ctypes.Union": (_MEMORY,),
    "_ctypes.Array": (_MEMORY,),
    "mmap.mmap": (_MEMORY,),
}
"""How they are read and written, by the dotted name of the class."""
