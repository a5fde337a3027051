"""Build the web book from the committed notebooks and their stored outputs. Nothing is executed.

A warning of Sphinx is an error: a link that leads nowhere, a page that is in no menu.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from sphinx.cmd.build import build_main

from helpers.language import ENGLISH, speaking
from tools.book import redirects
from tools.book.gather import Book, book, gather
from tools.book.settings import ROOT

SITE = ROOT / "build" / "book"


def build(whole: Book, site: Path, builder: str = "html") -> int:
    """Build the site in each language, or visit its links. 0, or Sphinx's exit code."""
    source = site.with_name(f"{site.name}-source")
    for code, each in whole.languages.items():
        with speaking(code):
            there = site / code if builder == "html" else site.with_name(f"{site.name}-{code}")
            if status := build_one(each, there, source / (code or ENGLISH), builder):
                return status
    return 0


def build_one(which: Book, site: Path, source: Path, builder: str) -> int:
    """Build the book in one language. 0, or Sphinx's exit code."""
    pages = {Path(name).stem for name in gather(which, source)}
    strict = ["--builder", builder, "--fail-on-warning", "--keep-going", "--nitpicky", "--quiet"]
    state = ["--doctree-dir", f"{source}-state"]
    conf = ["--conf-dir", str(ROOT / "book")]
    code = int(build_main([*strict, *state, *conf, str(source), str(site)]))
    if code == 0 and builder == "html" and not which.language:
        redirects.write(site, pages)
    return code


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.book", allow_abbrev=False)
    parser.add_argument("lessons", nargs="*", metavar="LESSON", help="such as 06: only these")
    parser.add_argument("--site", type=Path, default=SITE, help="the folder of the site")
    parser.add_argument("--links", action="store_true", help="visit the links to other sites")
    options = parser.parse_args(arguments)
    started = time.monotonic()
    whole = book()
    lessons = tuple(each for each in whole.chosen if each.number in options.lessons)
    if len(lessons) < len(set(options.lessons)):
        parser.error(f"no such lesson among {' '.join(options.lessons)}")
    site = options.site.resolve()
    which = replace(whole, chosen=lessons or whole.chosen)
    if options.links:
        return build(which, site.with_name(f"{site.name}-links"), "linkcheck")
    code = build(which, site)
    if code == 0:
        seconds = time.monotonic() - started
        print(f"The book is in {options.site / 'index.html'} (built in {seconds:.1f} s)")
    return code


if __name__ == "__main__":
    sys.exit(main())
