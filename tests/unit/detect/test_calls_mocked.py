"""A call is placed whatever a test has replaced, also from a file that is seen for the first time; nothing of it is called."""

from __future__ import annotations

import builtins
import io
import json
import logging
import os
import os.path
import pathlib
import random
import re
import stat
import threading
import time
import uuid
from contextlib import ExitStack
from types import ModuleType
from unittest import mock

import pytest

REPLACED: list[tuple[ModuleType | type, str]] = [
    *((os, name) for name in ("fspath", "stat", "lstat", "readlink", "listdir", "scandir", "getcwd", "open", "sep")),
    *((os.path, name) for name in ("abspath", "realpath", "join", "split", "normpath", "normcase", "exists", "isfile")),
    *((os.path, name) for name in ("dirname", "basename", "isabs", "splitdrive", "commonprefix", "relpath", "lexists")),
    *((time, name) for name in ("time", "time_ns", "monotonic", "perf_counter", "sleep", "strftime", "localtime")),
    *((builtins, name) for name in ("open", "print", "input")),
    *((io, name) for name in ("open", "StringIO", "BytesIO", "FileIO")),
    *((json, name) for name in ("dumps", "loads")),
    *((re, name) for name in ("compile", "match", "sub", "search", "fullmatch", "escape")),
    *((random, name) for name in ("random", "randint", "choice")),
    *((uuid, name) for name in ("uuid1", "getnode")),
    *((logging, name) for name in ("getLogger", "info", "warning", "debug")),
    *((pathlib.Path, name) for name in ("exists", "resolve", "stat", "read_text", "__truediv__")),
    *((threading, name) for name in ("current_thread", "get_ident", "enumerate", "Lock")),
    (stat, "S_ISLNK"),
]


@pytest.mark.parametrize("parts", [(), ("Deep", "er")], ids=["beside", "deeper"])
def test_nothing_that_a_test_has_replaced_is_called_where_a_call_is_placed(project, parts):
    folder = "__".join((*parts, "fresh"))
    project.write(
        old="class Tracker:\n    def __init__(self):\n        pass\ndef key(value):\n    return value\n",
        **{folder: "import old, uuid\ndef go():\n    old.Tracker()\n    sorted([1], key=old.key)\n    uuid.uuid4()\n"},
    )
    fresh = project.load(".".join((*parts, "fresh")))
    settings = project.settings(ssot={"deprecated": ["old"]}, ids={"forbidden": ["uuid:uuid4"]})
    with project.watched(settings) as seen, ExitStack() as stack:
        mocks = [stack.enter_context(mock.patch.object(*which)) for which in REPLACED]
        for each in mocks:
            each.side_effect = AssertionError
        fresh.go()
        calls = [which for which, each in zip(REPLACED, mocks, strict=True) if each.mock_calls]
        stack.close()
        assert calls == []
        assert [line for _, line, _ in seen.lines()] == [3, 4, 5]
        assert seen.spots() == {}
