"""Fuzz what reads files, with atheris: `python tests/fuzz/targets.py NAME [SECONDS]`, or `make fuzz` for all.

A reader may refuse, with its own kind of error; anything else that comes out of it is a fault. Each target starts from
a few sound files, and half of the time changes them as JSON or TOML instead of as bytes, to get past the parser.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import atheris

with atheris.instrument_imports(include=["pytest_ssot_tracker"]):
    from pytest_ssot_tracker.judge.baseline import Baseline, BaselineError
    from pytest_ssot_tracker.model import Rule, Site, Target
    from pytest_ssot_tracker.report.combine import combine
    from pytest_ssot_tracker.report.result import ResultError, read, text_of, to_plain
    from pytest_ssot_tracker.scan import scan
    from pytest_ssot_tracker.settings import ConfigurationError, Settings, Ssot, Tree, load
    from pytest_ssot_tracker.settings.tables import Ids

FOLDER = Path(tempfile.mkdtemp(prefix="ssot-fuzz-"))
JUNK: list[Any] = [
    None,
    True,
    -1,
    0,
    2**70,
    1.5,
    "",
    "..",
    "a.b:C",
    "*",
    "\ud800",
    "\0",
    [],
    [[]],
    {},
    {"a": 1},
    [None],
    "2026-99-99",
]

CONFIGURATION = """\
phase = "ratchet"
source = ["app"]
exclude = ["**/x/**"]
[ssot.it]
canonical = "pkg.new:Thing"
accessors = ["pkg.new:get"]
deprecated = ["pkg.old", "pkg.*.old:Thing"]
allow_in = ["pkg.core.**"]
replace = { "pkg.old:a" = "pkg.new:b" }
max = { "deprecated-import" = 4 }
until = 2026-12-31
reset = "pkg.new:reset"
[ssot.it.keys]
"pkg.new:Thing.set" = "key"
[ssot.it.states]
method = "pkg.new:Thing.set"
key = "key"
state = "state"
allowed = { "" = ["A"], A = ["B"] }
[ids.it]
forbidden = ["uuid:uuid4"]
patterns = ["time-format"]
[[gate]]
name = "g"
measure = "sites"
max = 3
"""

SOURCE = """\
import time, uuid
from pkg import old as o
from pkg.old import Thing, make as m
class Sub(o.Thing): pass
def f(x, *, y=Thing()):
    with o.Thing() as t: return [m() for _ in x]
try: import pkg.old
except ImportError: pass
ident = f"{uuid.uuid4()}_{int(time.time() * 1000)}"  # ssot: allow[out-of-band-id] known
match ident:
    case o.Thing(): ...
__import__("pkg.old"); mock.patch("pkg.old.Thing")
"""


def tamper(value: Any, dice: random.Random) -> Any:
    """Return `value` with something in it replaced, removed or doubled."""
    if dice.random() < 0.15:
        return dice.choice(JUNK)
    if isinstance(value, dict) and value:
        key = dice.choice(list(value))
        changed = {**value, key: tamper(value[key], dice)}
        if dice.random() < 0.1:
            del changed[key]
        return changed
    if isinstance(value, list) and value:
        index = dice.randrange(len(value))
        return [*value[:index], tamper(value[index], dice), *value[index + (dice.random() < 0.9) :]]
    return dice.choice(JUNK)


def structured(data: bytes, sound: Any) -> str:
    """Return JSON made from the sound value by changes that `data` decides."""
    dice = random.Random(data)
    for _ in range(1 + data[0] % 4):
        sound = tamper(sound, dice)
    return json.dumps(sound)


def refused(error: Exception) -> None:
    """Insist that a refusal says why."""
    assert str(error)


def configuration(data: bytes) -> None:
    """Load a configuration."""
    file = FOLDER / "ssot_tracker.toml"
    if data[:1] < b"\x80" or not data:
        file.write_bytes(data)
    else:
        lines = CONFIGURATION.splitlines()
        dice = random.Random(data)
        for _ in range(1 + data[0] % 4):
            index = dice.randrange(len(lines))
            key = lines[index].partition(" = ")[0]
            junk = json.dumps(dice.choice(JUNK)).replace("null", '"x"').replace("{", "{ ").replace(": ", " = ")
            lines[index] = f"{key} = {junk}" if " = " in lines[index] else dice.choice(lines)
        file.write_bytes("\n".join(lines).encode("utf-8", "surrogatepass"))
    try:
        load(FOLDER, config_file=file)
    except ConfigurationError as error:
        refused(error)


def results(data: bytes) -> None:
    """Read a result file and combine it with itself."""
    file = FOLDER / "result.json"
    if data[:1] < b"\x80" or not data:
        file.write_bytes(data)
    else:
        file.write_text(structured(data, RESULT))
    try:
        report = read(file)
    except ResultError as error:
        refused(error)
        return
    text_of(to_plain(combine([report, report])))


def baseline(data: bytes) -> None:
    """Load a baseline; what loads comes back the same."""
    file = FOLDER / "baseline.json"
    if data[:1] < b"\x80" or not data:
        file.write_bytes(data)
    else:
        file.write_text(structured(data, BASELINE))
    try:
        found = Baseline.load(file)
    except BaselineError as error:
        refused(error)
        return
    file.write_text(found.dumps())
    assert Baseline.load(file).sites.keys() == found.sites.keys()


def scanner(data: bytes) -> None:
    """Scan a file; half of the time one made of lines of a sound one."""
    if data[:1] < b"\x80" or not data:
        source = data
    else:
        dice = random.Random(data)
        lines = SOURCE.splitlines(keepends=True)
        words = [one for line in lines for one in line.split(" ")]
        chosen = [dice.choice(lines if dice.random() < 0.7 else words) for _ in range(data[0] % 12)]
        source = "".join(chosen).encode() + data[1:]
    (FOLDER / "tree" / "app.py").write_bytes(source)
    found = scan(SCANNED)
    assert all(site.id and site.line >= 1 for site in found.sites)


def sound_result() -> Any:
    """Return a result with a site, from a scan."""
    from pytest_ssot_tracker.cli import main

    (FOLDER / "pyproject.toml").write_text('[tool.ssot_tracker.ssot.it]\ndeprecated = ["pkg.old"]\n')
    (FOLDER / "app.py").write_text(SOURCE)
    main(["combine", str(_scanned()), "-o", str(FOLDER / "sound.json")])
    return json.loads((FOLDER / "sound.json").read_text())


def _scanned() -> Path:
    import contextlib
    import io

    from pytest_ssot_tracker.cli import main

    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        main(["scan", "--root", str(FOLDER), "--format", "json"])
    file = FOLDER / "scanned.json"
    file.write_text(said.getvalue())
    return file


TARGETS: dict[str, Callable[[bytes], None]] = {
    "configuration": configuration,
    "results": results,
    "baseline": baseline,
    "scanner": scanner,
}
RESULT = sound_result()
BASELINE = json.loads(Baseline.of([Site(Rule.DEPRECATED_USE, "it", "pkg.old", "a.py", 1, "f", "x()")]).dumps())
(FOLDER / "tree" / "pkg").mkdir(parents=True)
(FOLDER / "tree" / "pkg" / "__init__.py").write_text("")
(FOLDER / "tree" / "pkg" / "old.py").write_text("class Thing: pass\ndef make(): pass\n")
SCANNED = Settings(
    root=FOLDER / "tree",
    file=None,
    tree=Tree.of(FOLDER / "tree"),
    ssots=(Ssot(name="it", deprecated=(Target.parse("pkg.old"),)),),
    ids=(Ids(name="it", forbidden=(Target.parse("uuid:uuid4"),), patterns=("time-format",)),),
)


if __name__ == "__main__":
    name, seconds = sys.argv[1], (sys.argv[2:] or ["60"])[0]
    corpus = FOLDER / "corpus"
    corpus.mkdir()
    sound = {"configuration": CONFIGURATION, "results": json.dumps(RESULT), "baseline": json.dumps(BASELINE)}
    (corpus / "sound").write_text(sound.get(name, SOURCE))
    (corpus / "tampered").write_bytes(b"\xf3" + bytes(range(40)))
    arguments = [
        f"-max_total_time={seconds}",
        "-max_len=4096",
        "-timeout=20",
        "-rss_limit_mb=3000",
        "-verbosity=0",
        "-print_final_stats=1",
    ]
    atheris.Setup([sys.argv[0], *arguments, f"-artifact_prefix={FOLDER}/", str(corpus)], TARGETS[name])
    atheris.Fuzz()
