"""Let MkDocs take the pages that stand in the root as they are, so that nothing is written twice.

The README is the site's first page. Links are written for a reader of the repository: those that leave the pages
(to an example, to a source file) become plain text, the others are made to fit.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parent.parent
AS_THEY_ARE = ("CONTRIBUTING.md", "GLOSSARY.md", "SECURITY.md", "CHANGELOG.md")
PAGES = {name: name for name in AS_THEY_ARE} | {"README.md": "index.md"}
LINK = re.compile(r"\[([^\]]*)\]\((?!https?:|#)([^)#]+)(#[^)]*)?\)")


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add the pages of the root."""
    for source, name in PAGES.items():
        if (ROOT / source).exists():
            files.append(File.generated(config, name, content=(ROOT / source).read_text(encoding="utf-8")))
    return files


def on_page_markdown(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Point each link at the page's place in the site."""
    del config
    here = posixpath.dirname(page.file.src_uri)
    folder = "" if page.file.src_uri in PAGES.values() else posixpath.join("docs", here)

    def fitted(link: re.Match[str]) -> str:
        text, target, fragment = link.groups(default="")
        path = posixpath.normpath(posixpath.join(folder, target))
        place = PAGES.get(path, path.removeprefix("docs/"))
        if files.get_file_from_path(place) is not None:
            return f"[{text}]({posixpath.relpath(place, here or '.')}{fragment})"
        if (ROOT / path).exists():
            return f"`{path}`" if text.strip("`") == path else f"{text} (`{path}`)"
        return link[0]

    return LINK.sub(fitted, markdown)
