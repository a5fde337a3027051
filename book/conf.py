"""Sphinx's settings for the book. `make book` gathers the pages first, in `build/book-source`.

Nothing that a page loads comes from another host.
"""

import json
import sys
import tomllib
from html import escape
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from helpers.ladder.style import DARK, GOOD, GOOD_IN_THE_DARK, LIGHT  # noqa: E402
from helpers.language import spoken  # noqa: E402
from tools.book.gather import STATIC  # noqa: E402
from tools.book.korean import Korean  # noqa: E402
from tools.book.settings import repository, words  # noqa: E402

project = words("book")["title"]
author = "the socket-course authors"
copyright = "the socket-course authors. Texts: CC BY 4.0. Code: MIT"
settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
version = release = settings["project"]["version"]
language = spoken()

extensions = ["myst_nb"]
nb_execution_mode = "off"
nb_ipywidgets_js: dict[str, dict[str, str]] = {}  # the pages have no widgets
nb_render_error_lexer = "text"  # a message may hold what is no Python: "a `with` block"
nb_merge_streams = True
linkcheck_timeout, linkcheck_retries = 30, 3  # seconds, tries: for `make book ARGS=--links`
myst_heading_anchors = 3

templates_path = ["_templates"]
html_static_path = ["_static"]
html_css_files = ["ladder.css", "book.css"]
html_theme = "furo"
html_title = project
html_favicon = "_static/icon.svg"
html_context = {"words": words("page"), "languages_are": words("book")["languages"]}
html_copy_source = html_show_sourcelink = html_use_index = False
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"


def variables(colours: dict[str, str], good: str) -> dict[str, str]:
    """The theme's colours, from those of the ladders."""
    return {
        "color-background-primary": colours["card"],
        "color-background-secondary": colours["head"],
        "color-background-border": colours["edge"],
        "color-code-background": colours["head"],
        "color-code-foreground": colours["text"],
        "color-foreground-primary": colours["text"],
        "color-foreground-secondary": colours["remark"],
        "color-foreground-muted": colours["remark"],
        "color-brand-primary": colours["crossed"],
        "color-brand-content": colours["crossed"],
        "color-brand-visited": colours["crossed"],
        "color-socket-bad": colours["bad"],
        "color-socket-good": good,
    }


html_theme_options: dict[str, object] = {
    "light_css_variables": variables(LIGHT, GOOD),
    "dark_css_variables": variables(DARK, GOOD_IN_THE_DARK),
    "top_of_page_buttons": [],
}


if (ref := repository().ref) != "main":  # an edition stands in a folder of the site
    html_theme_options["announcement"] = words("book")["edition"].format(edition=escape(ref))
    html_title = f"{project} ({ref})"


def mend_headings(app: Sphinx, name: str, template: str, context: dict[str, Any], _: Any) -> None:
    """Sphinx gives the captions of the menu the role of a heading, and no level."""
    menu = str(context.get("furo_navigation_tree", ""))
    mended = menu.replace('role="heading"', 'role="heading" aria-level="2"')
    context["furo_navigation_tree"] = mended


def name_languages(app: Sphinx, name: str, _: str, context: dict[str, Any], *__: Any) -> None:
    """Each page leads to itself in every language, or to the first page where it is not there."""
    context["languages"] = json.loads((app.srcdir / STATIC / "languages.json").read_text("utf-8"))
    for each in context["languages"]:
        there = name in (*each["pages"], "search")
        each["href"] = f"{each['way']}{name if there else 'index'}.html"


def setup(app: Sphinx) -> None:
    """What is gathered has files that pages load, besides pages."""
    app.add_search_language(Korean)
    app.connect("html-page-context", name_languages)
    app.config.html_static_path.append(str(app.srcdir / STATIC))
    app.connect("html-page-context", mend_headings, priority=900)  # the theme comes first
