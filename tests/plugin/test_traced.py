"""`--ssot-trace` tells every decision on the way to a site, or to none."""

from __future__ import annotations

import textwrap

import pytest

CONFIGURATION = """
[tool.pytest.ini_options]
pythonpath = ["."]
testpaths = ["tests"]

[tool.ssot_tracker]
phase = "ratchet"
source = ["shop"]
exclude = ["shop/generated/**"]

[tool.ssot_tracker.ssot.orders]
canonical = "shop.new:Tracker"
accessors = ["shop.new:get"]
deprecated = ["shop.old:Log", "shop.gone:Thing"]
allow_in = ["shop.moving"]

[tool.ssot_tracker.ids.orders]
generators = ["shop.new:make_id"]
forbidden = ["uuid:uuid4"]
"""
FILES = {
    "pyproject.toml": CONFIGURATION,
    "shop/__init__.py": "",
    "shop/generated/a.py": "x = 1\n",
    "shop/old.py": "class Log:\n    pass\n\n\ndef make():\n    return Log()\n",
    "shop/new.py": "import uuid\n\n\nclass Tracker:\n    pass\n\n\ndef get():\n    return Tracker()\n\n\n"
    "def make_id():\n    return uuid.uuid4()\n",
    "shop/moving.py": "from shop.old import Log\n",
    "shop/use.py": "from shop.old import Log, make\nfrom shop.new import get\n\n\ndef buy(log: Log):\n    a = Log()\n"
    "    b = make()\n    c = [1, 2]\n    d = get()\n    return isinstance(a, Log)\n",
    "tests/test_a.py": "import uuid\n\nfrom shop.use import buy\n\n\ndef test_it():\n    buy(None)\n    uuid.uuid4()\n",
    "other.py": "from shop.old import Log\n",
}


@pytest.fixture(autouse=True)
def project(pytester: pytest.Pytester) -> None:
    for name, text in FILES.items():
        path = pytester.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


STEPS = ("declared", "state", "file", "statement", "scan", "run", "result")

TOLD = {
    "shop/use.py:6": (
        "scan the call of shop.old.Log: a site: deprecated-use of shop.old:Log for table orders",
        "run shop/use.py:6, deprecated-use: a site: it was booked",
        "result shop/use.py:6, new, reached by 1 test: buy constructs shop.old:Log at shop/use.py:6",
    ),
    "shop/use.py:7": ("scan no site: nothing here has a name that leads to a target: Log, Thing, Tracker, uuid4",),
    "shop/use.py:10": (
        "scan naming shop.old.Log: no site: that is shop.old:Log (class); naming it alone is no use",
        "result no site",
    ),
    "shop/use.py:99": ("statement none stands at line 99",),
    "shop/old.py:6": (
        "scan the call of shop.old.Log: no site: its own module uses it",
        "run shop/old.py:6, deprecated-use: no site: the target's own module uses it",
    ),
    "shop/new.py:9": (
        "scan the call of shop.new.Tracker: no site: to construct it is what an accessor is for",
        "run shop/new.py:9, singleton-bypass: no site: it is written in an accessor or generator",
    ),
    "shop/new.py:13": ("scan the call of uuid.uuid4: no site: it stands in a generator",),
    "tests/test_a.py:8": (
        "file tests/test_a.py is the module tests.test_a, not in `source`, where rules about identifiers do not hold",
        "statement line 8, in test_it: uuid.uuid4()",
    ),
    "shop/moving.py:1": (
        "scan the import of shop.old.Log: a site: deprecated-import of shop.old:Log for table orders, allowed by",
    ),
    "shop/generated/a.py:1": ("file shop/generated/a.py is left out by `exclude`: shop/generated/**",),
    "shop/no.py:1": ("file shop/no.py cannot be read",),
    "other.py:1": ("file other.py is not scanned: it is below none of `scan`: shop, tests",),
    "shop.old.Log": (
        "declared ssot.orders: deprecated = shop.old:Log",
        "state shop.old:Log is watched by what is planted in it",
        "scan shop/use.py:6, the call of shop.old.Log: a site",
        "scan shop/old.py:6, the call of shop.old.Log: no site: its own module uses it",
        "result shop/use.py:6, new",
    ),
    "shop.gone.Thing": ("state a blind spot: there is no module 'shop.gone'",),
    "shop.else": ("declared no table names it",),
}


def traced(pytester: pytest.Pytester, *asked: str, more: tuple[str, ...] = ()) -> dict[str, list[str]]:
    """Return what is told of each that is asked about, the steps unfolded."""
    lines = pytester.runpytest(*(f"--ssot-trace={each}" for each in asked), *more).stdout.lines
    start = next(number for number, line in enumerate(lines) if "ssot: traced" in line)
    told: dict[str, list[str]] = {}
    for line in lines[start + 1 :]:
        words = " ".join(line.split())
        if line.startswith("="):
            break
        if line in asked:
            told[line] = whole = []
        elif words.partition(" ")[0] in STEPS:
            whole.append(words)
        else:
            whole[-1] += f" {words}"
    return told


def test_places_and_targets_are_told_with_every_decision(pytester: pytest.Pytester) -> None:
    told = traced(pytester, *TOLD)
    missing = [
        (asked, words)
        for asked, expected in TOLD.items()
        for words in expected
        if not any(line.startswith(words) for line in told[asked])
    ]
    assert not missing, told


def test_without_a_scan_only_the_run_is_told(pytester: pytest.Pytester) -> None:
    lines = traced(pytester, "shop/use.py:6", more=("--no-ssot-scan",))["shop/use.py:6"]
    assert "scan none was made" in lines
    assert any(line.startswith("run shop/use.py:6") for line in lines)


@pytest.mark.parametrize("spelling", ["a b", "shop:", "1.2"])
def test_what_is_neither_target_nor_place_is_refused(pytester: pytest.Pytester, spelling: str) -> None:
    result = pytester.runpytest(f"--ssot-trace={spelling}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*--ssot-trace*{spelling!r} is neither a target*write TARGET or PATH:LINE*"])


def test_the_command_tells_the_same(pytester: pytest.Pytester, capsys: pytest.CaptureFixture[str]) -> None:
    from pytest_ssot_tracker.cli import main

    assert main(["scan", "--trace", "shop/old.py:6"]) == 0
    assert "scan       the call of shop.old.Log: no site: its own module uses it" in capsys.readouterr().out


def test_a_run_that_is_not_traced_keeps_no_decisions(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        """
        import sys

        def pytest_sessionfinish():
            tracing = {"pytest_ssot_tracker.detect.plant.hearing", "pytest_ssot_tracker.scan.decisions"}
            assert not tracing & set(sys.modules)
        """
    )
    result = pytester.runpytest_subprocess()
    assert "INTERNALERROR" not in result.stderr.str() + result.stdout.str()


def test_ways_to_use_something_are_told_too(pytester: pytest.Pytester) -> None:
    for name, text in {
        "pyproject.toml": """
            [tool.pytest.ini_options]
            pythonpath = ["."]
            [tool.ssot_tracker]
            phase = "baseline"
            [tool.ssot_tracker.ssot.mail]
            deprecated = ["shop.mail:send(mode='old')", "shop.mail:Mail.state=", "shop.*:use"]
            """,
        "shop/mail.py": "class Mail:\n    state = 1\n\n\ndef send(text, mode='new'):\n    return text\n",
        "shop/use.py": (
            "from shop.mail import Mail, send\n\n\ndef use():\n    mail = Mail()\n    mail.state = 2\n"
            "    send('a', 'old')\n    send('a')\n"
        ),
        "test_it.py": "from shop.use import use\n\n\ndef test_it():\n    use()\n",
    }.items():
        path = pytester.path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
    traced = [
        f"--ssot-trace={asked}" for asked in ("shop.mail.send(mode='old')", "shop.mail:Mail.state=", "shop.*:use")
    ]
    pytester.runpytest_subprocess("-p", "ssot_tracker", *traced, "test_it.py").stdout.fnmatch_lines(
        [
            "shop.mail.send(mode='old')",
            '  declared   ssot.mail: deprecated = shop.mail:send(mode="old")',
            '  state      shop.mail:send(mode="old") is watched by *',
            '  scan       shop/use.py:7, *: a site: deprecated-argument of shop.mail:send(mode="old") for table mail',
            '  scan       shop/use.py:8, *: no site: as far as it is written, the call does not pass mode="old"',
            "  result     shop/use.py:7, new, reached by 1 test: *",
            "shop.mail:Mail.state=",
            "  state      shop.mail:Mail.state= is watched by *",
            "  scan       shop/use.py:6, *: a site: deprecated-access of shop.mail:Mail.state= for table mail",
            "  result     shop/use.py:6, new, reached by 1 test: use writes shop.mail:Mail.state at shop/use.py:6",
            "shop.[*]:use",
            "  state      shop.use:use is watched by *",
        ]
    )
