"""Bring the files and outputs shown in a page up to date, or check that they are.

    scripts/readme.py [--write] [PAGE...]          (default: every page with such comments)

Comments in a page say what the code block below them shows:

    <!-- file: shop/tracker.py -->                 the file of that name in examples/quickstart
    <!-- write: shop/tracker.py -->                a file that the page itself is the source of
    <!-- run: pytest --ssot-phase enforce -->      the command, a `$` before it, and what it printed
    <!-- run in examples/asked: pytest -->         the same, in a copy of that folder
    <!-- start: examples/day_one -->               no block: the commands of the page run in a copy of that folder

Commands run one after the other in a folder that holds the files the page shows and no others, so a reader who copies
the blocks in their order gets what the page shows. Durations are made equal; nothing else of the output is touched.
Without `--write` a page that is out of date is printed as a diff, and the exit status is 1.
"""

from __future__ import annotations

import argparse
import difflib
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", ROOT / "docs" / "migrating.md", ROOT / "docs" / "day-one.md"]
EXAMPLE = ROOT / "examples" / "quickstart"
BLOCK = re.compile(r"(<!-- (file|write|run|run in ([\w/]+)): ([^\n]+) -->\n)(```\w+\n(.*?)```\n)", re.DOTALL)
START = re.compile(r"<!-- start: ([\w/]+) -->")
DURATION = re.compile(r"\bin \d+\.\d\d? ?s\b")
MADE = shutil.ignore_patterns("__pycache__", ".*", "ssot*")
WIDTH = 100


def render(page: str, folder: Path) -> str:
    """Return `page` with every marked block made anew: files are written to `folder`, commands run there.

    The files of the example are written first, since a page may show a run before it shows what ran.
    """
    for start in START.finditer(page):
        shutil.copytree(ROOT / start[1], folder, dirs_exist_ok=True, ignore=MADE)
    for block in BLOCK.finditer(page):
        if block[2] == "file":
            put(folder / block[4], (EXAMPLE / block[4]).read_text(encoding="utf-8"))
    return BLOCK.sub(lambda block: block[1] + shown(block, folder), page)


def shown(block: re.Match[str], folder: Path) -> str:
    """Return the code block that `block` should show."""
    kind, example, subject, found, text = block.group(2, 3, 4, 5, 6)
    if kind == "run":
        return shown_run(subject, folder)
    if example:
        with tempfile.TemporaryDirectory() as copy:
            shutil.copytree(ROOT / example, copy, dirs_exist_ok=True, ignore=MADE)
            return shown_run(subject, Path(copy))
    if kind == "write":
        put(folder / subject, text)
        return found
    language = Path(subject).suffix.removeprefix(".").replace("py", "python")
    return f"```{language}\n{(folder / subject).read_text(encoding='utf-8')}```\n"


def put(file: Path, text: str) -> None:
    """Write `text` to `file` and make the folders it needs."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def shown_run(command: str, folder: Path) -> str:
    """Return the block that shows a command and what it prints in `folder`."""
    return f"```console\n$ {command}\n{output(command, folder)}```\n"


def output(command: str, folder: Path) -> str:
    """Return what `command` prints in `folder`, on a terminal without colours."""
    done = subprocess.run(
        shlex.split(command),
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    text = done.stdout.replace(f"{folder}{os.sep}", "")
    lines = [
        line.rstrip()
        for line in DURATION.sub(lambda took: "in 0.05s" if took[0][-2] != " " else "in 0.1 s", text).splitlines()
    ]
    return "".join(f"{line}\n" for line in lines)


def environment() -> dict[str, str]:
    """Return an environment in which a run prints the same on every machine and in CI."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTEST_", "CI", "GITHUB_", "FORCE_", "BUILD_"))
    }
    return kept | {
        "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", ""))),
        "COLUMNS": str(WIDTH),
        "NO_COLOR": "1",
        "PYTHONUTF8": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        # The page shows our plugin and no other that happens to be installed here.
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTEST_ADDOPTS": "-p ssot_tracker -p no:cacheprovider",
    }


def main() -> int:
    """Check or write the pages named on the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--write", action="store_true", help="write the pages instead of printing the differences")
    parser.add_argument("pages", nargs="*", type=Path, default=PAGES, metavar="PAGE")
    arguments = parser.parse_args()
    stale = False
    for page in arguments.pages:
        before = page.read_text(encoding="utf-8")
        with tempfile.TemporaryDirectory() as folder:
            after = render(before, Path(folder))
        if before == after:
            continue
        if arguments.write:
            page.write_text(after, encoding="utf-8")
        else:
            stale = True
            lines = (before.splitlines(keepends=True), after.splitlines(keepends=True))
            sys.stdout.writelines(difflib.unified_diff(*lines, f"{page.name} as it is", f"{page.name} as it should be"))
            print("Run `make readme`.")
    return int(stale)


if __name__ == "__main__":
    sys.exit(main())
