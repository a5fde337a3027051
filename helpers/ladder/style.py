"""How the picture of a ladder looks: its colours, its fonts, its patterns.

The picture is shown as an image and cannot see the page around it. So it draws its own card, and
brings its own colours for light and for dark pages. A test holds the contrast of each colour.
"""

from __future__ import annotations

LIGHT = {
    "card": "#ffffff",
    "edge": "#d1d9e0",
    "head": "#eaf0f7",
    "text": "#1f2328",
    "remark": "#59636e",
    "crossed": "#0a53a8",
    "bad": "#b3201d",
    "line": "#8b949e",
    "wait": "#9a6a00",
}
DARK = {
    "card": "#12171e",
    "edge": "#343c46",
    "head": "#222d3b",
    "text": "#e6edf3",
    "remark": "#a3adb8",
    "crossed": "#82c0ff",
    "bad": "#ff938a",
    "line": "#768390",
    "wait": "#d9a53a",
}

GOOD, GOOD_IN_THE_DARK = "#187a34", "#56d364"
"""What is right: on cards and in the book. A ladder has nothing of it."""

FONT, LABEL_FONT = 13, 12
"""Pixels. Smaller letters are not read by everybody."""
ADVANCE = 0.602
"""Width of one column as a part of the font's size: that of the widest common monospaced font."""
COLUMN, LABEL_COLUMN = FONT * ADVANCE, LABEL_FONT * ADVANCE


def style_sheet() -> str:
    """The CSS of the picture."""
    light, dark = _colours(LIGHT), _colours(DARK)
    return f"{_shapes()}{light}@media (prefers-color-scheme:dark){{\n{dark}}}\n"


def page_style_sheet() -> str:
    """The CSS of a page that has pictures in it, and a button for light and dark.

    The page says what was chosen: `data-theme` of its body is "light", "dark" or anything else.
    """
    light, dark = _colours(LIGHT), _colours(DARK, "body[data-theme=dark] ")
    system = _colours(DARK, "body:not([data-theme=light]) ")
    return f"{_shapes()}{light}{dark}@media (prefers-color-scheme:dark){{\n{system}}}\n"


def _shapes() -> str:
    return (
        "\n.socket-ladder text{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"
        f"'DejaVu Sans Mono','Liberation Mono',monospace;font-size:{FONT}px;white-space:pre}}\n"
        f".socket-ladder .label{{font-size:{LABEL_FONT}px}}\n"
        ".socket-ladder .title{font-weight:600}\n"
        ".socket-ladder .life,.socket-ladder .arrow,.socket-ladder .cross{fill:none}\n"
        ".socket-ladder .life{stroke-width:1.5}\n"
        ".socket-ladder .arrow{stroke-width:1.6;marker-end:url(#socket-ladder-tip)}\n"
        ".socket-ladder .cross{stroke-width:2.4;stroke-linecap:round}\n"
        ".socket-ladder .wait{fill:url(#socket-ladder-hatch)}\n"
    )


def _colours(colours: dict[str, str], page: str = "") -> str:
    rules = {
        ".card": f"fill:{colours['card']};stroke:{colours['edge']}",
        ".head": f"fill:{colours['head']};stroke:{colours['edge']}",
        ".code,.title": f"fill:{colours['text']}",
        ".remark": f"fill:{colours['remark']}",
        ".crossed,.tip": f"fill:{colours['crossed']}",
        ".bad": f"fill:{colours['bad']}",
        ".life": f"stroke:{colours['line']}",
        ".arrow": f"stroke:{colours['crossed']}",
        ".cross": f"stroke:{colours['bad']}",
        ".dot": f"fill:{colours['text']};stroke:{colours['card']}",
        ".node": f"fill:{colours['head']};stroke:{colours['text']}",
        ".failed": f"fill:{colours['card']};stroke:{colours['bad']}",
        ".wait,.hatch": f"stroke:{colours['wait']}",
        ".ground": f"fill:{colours['card']}",
    }
    return "".join(
        f"{','.join(f'{page}.socket-ladder {each}' for each in names.split(','))}{{{rule}}}\n"
        for names, rule in rules.items()
    )


DEFINITIONS = (
    '<defs><marker id="socket-ladder-tip" viewBox="0 0 9 8" refX="8.5" refY="4" markerWidth="9" '
    'markerHeight="8" markerUnits="userSpaceOnUse" orient="auto">'
    '<path class="tip" d="M0 0L9 4L0 8z"/></marker>'
    '<pattern id="socket-ladder-hatch" width="5" height="5" patternUnits="userSpaceOnUse">'
    '<rect class="ground" width="5" height="5"/>'
    '<path class="hatch" d="M-1 1L1 -1M0 5L5 0M4 6L6 4" stroke-width="1.3"/></pattern></defs>'
)
