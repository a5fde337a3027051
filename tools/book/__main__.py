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

from tools.book import redirects
from tools.book.gather import Book, book, gather
from tools.book.settings import ROOT

SITE = ROOT / "build" / "book"


def build(which: Book, site: Path, source: Path, builder: str = "html") -> int:
    """Build the site, or visit its links. 0, or Sphinx's exit code."""
    pages = {Path(name).stem for name in gather(which, source)}
    strict = ["--builder", builder, "--fail-on-warning", "--keep-going", "--nitpicky", "--quiet"]
    state = ["--doctree-dir", str(site.with_name(f"{site.name}-state"))]
    conf = ["--conf-dir", str(ROOT / "book")]
    code = int(build_main([*strict, *state, *conf, str(source), str(site)]))
    if code == 0 and builder == "html":
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
    lessons = tuple(each for each in whole.lessons if each.number in options.lessons)
    if len(lessons) < len(set(options.lessons)):
        parser.error(f"no such lesson among {' '.join(options.lessons)}")
    site = options.site.resolve()
    which = replace(whole, lessons=lessons or whole.lessons)
    source = site.with_name(f"{site.name}-source")
    if options.links:
        return build(which, site.with_name(f"{site.name}-links"), source, "linkcheck")
    code = build(which, site, source)
    if code == 0:
        seconds = time.monotonic() - started
        print(f"The book is in {options.site / 'index.html'} (built in {seconds:.1f} s)")
    return code


if __name__ == "__main__":
    sys.exit(main())
