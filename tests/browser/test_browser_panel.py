"""The panel in a real browser: what it shows is what the sockets do, for everybody.

Pictures of it in both themes are left in pytest's temporary folder, to be looked at.
"""

from __future__ import annotations

import re
import statistics
from pathlib import Path
from typing import Any

import nbformat
import pytest
from lab import (
    OPEN,
    SAVE,
    failed,
    in_theme,
    open_lesson,
    resize,
    restart,
    run_all,
    until_restored,
    write_lesson,
)
from pages import expect, serious, shoot, until, until_drawn, width_of

from tools.committed_form import tidy

START = """\
%load_ext helpers
import socket
from helpers import LiveServer, panel

def echo_server():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        while True:
            conn, address = listener.accept()
            with conn:
                while data := conn.recv(1024):
                    print(data.decode(errors="replace"))
                    conn.sendall(data)
"""
RUN = "server = LiveServer(echo_server).start()"
SHOW = "remote = panel(server)\nremote"
LOOKS = """
import time
server.settle()
while remote._remote.has_changed:
    time.sleep(0.01)
print(remote.looks)
"""

IN_KERNEL = """async code => {
    const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
    const asked = kernel.requestExecute({ code, silent: true });
    let answer = '';
    asked.onIOPub = message => {
        if (message.header.msg_type === 'stream') answer += message.content.text;
        if (message.header.msg_type === 'error') answer += message.content.evalue;
    };
    await asked.done;
    return answer.trim();
}"""
START_IN_KERNEL = """code => {
    const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
    kernel.requestExecute({ code, silent: true }).done.catch(() => {}); // nobody answers
}"""
TO_PANEL = "() => document.querySelector('.socket-panel').scrollIntoView()"
PICTURE = """async () => {
    const image = document.querySelector('.socket-panel img');
    return await (await fetch(image.src)).text();
}"""
CLICK_UNTIL_SEEN = """async text => {
    const panel = document.querySelector('.socket-panel');
    const button = [...panel.querySelectorAll('button')].find(each => each.innerText === 'Send');
    panel.querySelector('input[type=text]').value = 'x'; // it is empty after each press
    const start = performance.now();
    await new Promise(seen => {
        const look = () => panel.textContent.includes(text) && (observer.disconnect(), seen());
        const observer = new MutationObserver(look);
        observer.observe(panel, { childList: true, subtree: true, characterData: true });
        button.click();
    });
    return performance.now() - start;
}"""
SEND_OFTEN = """async times => {
    const panel = document.querySelector('.socket-panel');
    const button = [...panel.querySelectorAll('button')].find(each => each.innerText === 'Send');
    let last = performance.now(), longest = 0;
    for (let time = 0; time < times; time++) {
        panel.querySelector('input[type=text]').value = 'x';
        button.click();
        if (time % 20 === 0) {
            await new Promise(requestAnimationFrame);
            longest = Math.max(longest, performance.now() - last);
            last = performance.now();
        }
    }
    return longest;
}"""
OVERFLOW = """() => {
    const panel = document.querySelector('.socket-panel');
    const cell = panel.closest('.jp-OutputArea-output');
    return [document.documentElement.scrollWidth - innerWidth,
            cell.scrollWidth - cell.clientWidth, panel.scrollWidth - panel.clientWidth];
}"""
CELLS = "() => window.jupyterapp.shell.currentWidget.model.cells.length"
SELECTED = "() => window.jupyterapp.shell.currentWidget.content.activeCellIndex"
REMEMBER_WHAT_IS_SAID = """() => {
    window.said = [...document.querySelectorAll('.socket-panel [role=status]')];
}"""
WHAT_IS_SAID = "() => window.said.filter(each => each.isConnected).map(each => each.innerText)"
FOCUSED = """() => {
    const at = document.activeElement;
    if (!at || !at.closest('.socket-panel')) return '';
    return at.innerText || at.labels[0].innerText;
}"""


def has(page: Any, text: str) -> None:
    """The panel shows the text, now or soon."""
    page.get_by_text(text).and_(page.locator(".socket-panel *")).first.wait_for()


def press(page: Any, name: str) -> None:
    page.locator(".socket-panel").get_by_role("button", name=name, exact=True).first.click()


def answered(page: Any, count: int) -> None:
    """Wait until the echo has come back, so many bytes in all, and its server waits again."""
    has(page, f"recv(): {count:,} byte")
    expect(page.locator(".socket-panel pre b")).to_contain_text("conn.recv(1024)")


def connect_and_send(page: Any, text: str) -> None:
    """Connect, send the text, and wait for the answer."""
    press(page, "Connect")
    has(page, "waiting in recv()")
    page.get_by_label("client 1 sends").fill(text)
    press(page, "Send")
    answered(page, len(text.encode()))


def stop(page: Any) -> None:
    page.evaluate(IN_KERNEL, "server.stop()")
    has(page, "The server has ended, and this panel with it.")


def looks(page: Any) -> int:
    """How often the panel has looked at its server, when it has seen all that has happened."""
    return int(page.evaluate(IN_KERNEL, LOOKS))


def ladder_as_text(page: Any) -> Any:
    """The ladder, as text from now on."""
    page.get_by_role("checkbox", name="The ladder as text").check()
    return page.get_by_label("Ladder", exact=True)


@pytest.fixture
def at_panel(page: Any, course: Path, request: pytest.FixtureRequest) -> Any:
    """A page with a lesson whose last cell shows a panel."""
    open_lesson(page, write_lesson(course, request.node.originalname, START, RUN, SHOW))
    assert failed(run_all(page)) == []
    page.locator(".socket-panel").wait_for()
    return page


def test_connect_and_send_move_the_arrow_and_are_in_the_ladder(at_panel: Any) -> None:
    has(at_panel, "waiting in accept() for a client")
    arrow = at_panel.locator(".socket-panel pre b")
    expect(arrow).to_contain_text("listener.accept()")
    connect_and_send(at_panel, "안녕하세요")
    has(at_panel, "15 bytes sent")
    received = at_panel.get_by_label("received by client 1")
    expect(received).to_have_text(repr("안녕하세요".encode()) + " new")
    has(at_panel, "as characters (UTF-8): 안녕하세요")
    assert at_panel.get_by_role("group", name="client 1").get_by_role("button").count() == 8
    picture = at_panel.evaluate(PICTURE)
    assert "conn.sendall(" in picture
    assert r"b'\xec\x95\x88\xeb'..." in picture
    ladder = ladder_as_text(at_panel)
    expect(ladder).to_contain_text("client 1.connect(")
    expect(ladder).to_contain_text(r"b'\xec\x95\x88\xeb'...")
    at_panel.locator(".socket-panel img").wait_for(state="hidden")


def test_a_click_is_seen_at_once_and_an_idle_panel_does_nothing(at_panel: Any) -> None:
    connect_and_send(at_panel, "x")
    before = looks(at_panel)
    seen = [
        at_panel.evaluate(CLICK_UNTIL_SEEN, f"recv(): {number} bytes") for number in range(2, 52)
    ]
    after = looks(at_panel)
    at_panel.wait_for_timeout(1000)  # the second in which nothing may happen
    assert looks(at_panel) == after
    p95 = statistics.quantiles(seen, n=20)[-1]
    print(
        f"click to seen: median {statistics.median(seen):.0f} ms, p95 {p95:.0f} ms of {len(seen)}"
    )
    # A poll would look whether or not something happened. Here each click is seen by its own
    # look, and at most by a second one, where the answer came late.
    assert 50 <= after - before <= 100


def test_what_changes_keeps_the_focus_and_its_place_in_the_page(at_panel: Any) -> None:
    connect_and_send(at_panel, "x")
    at_panel.get_by_label("received by client 1").focus()
    at_panel.evaluate(REMEMBER_WHAT_IS_SAID)
    at_panel.evaluate(CLICK_UNTIL_SEEN, "recv(): 2 bytes")
    focused = at_panel.evaluate("() => document.activeElement.getAttribute('aria-label')")
    assert focused == "received by client 1"
    stop(at_panel)
    said = at_panel.evaluate(WHAT_IS_SAID)  # where it was before: so it is read out
    assert any(words.startswith("The server has ended") for words in said)


HOSTILE = [
    "<img src=x onerror=\"window.hit='img'\">",
    "</svg><script>window.hit='script'</script>",
    "</pre></textarea>'\"><svg onload=\"window.hit='svg'\">",
    "\u202ecod.exe\u2066 \u200f",
]


def test_what_was_typed_is_there_before_send_is_pressed(at_panel: Any) -> None:
    press(at_panel, "Connect")
    sent = 0
    for word in ("a", "bb", "ccc", "dddd", "eeeee", "ffffff"):
        at_panel.get_by_label("client 1 sends").fill(word)
        press(at_panel, "Send")
        sent += len(word)
        answered(at_panel, sent)
    expect(at_panel.get_by_label("received by client 1")).to_have_text(re.compile("b'f{6}' new$"))


def test_enter_is_a_press_of_send_and_does_nothing_while_that_is_off(at_panel: Any) -> None:
    text = at_panel.get_by_label("client 1 sends")
    text.fill("too early")
    text.press("Enter")
    press(at_panel, "Connect")
    has(at_panel, "waiting in recv()")
    for sent in (3, 6):  # the same text twice
        text.fill("abc")
        text.press("Enter")
        assert text.input_value() == ""
        answered(at_panel, sent)
    assert "too early" not in at_panel.locator(".socket-panel").inner_text()
    text.dispatch_event("keydown", {"key": "Enter", "isComposing": True})  # ends a character
    cell = at_panel.evaluate(SELECTED)
    text.press("Escape")
    at_panel.keyboard.press("ArrowUp")
    assert at_panel.evaluate(SELECTED) == cell - 1
    press(at_panel, "Half-close")
    has(at_panel, "the server has sent its end")
    has(at_panel, "recv(): 6 bytes")


def test_hostile_bytes_stay_text(at_panel: Any) -> None:
    connect_and_send(at_panel, "x")
    sent = 1
    for text in HOSTILE:
        at_panel.get_by_label("client 1 sends").fill(text)
        press(at_panel, "Send")
        sent += len(text.encode())
        answered(at_panel, sent)
    expect(ladder_as_text(at_panel)).to_contain_text("client 1.send")
    shown = at_panel.locator(".socket-panel").inner_text()
    assert "window.hit='img'" in shown  # printed by the server, too
    assert r"\xe2\x80\xaecod.exe" in shown
    assert not set("\u202e\u2066\u200f") & set(shown)
    assert at_panel.locator(".socket-panel :is(script, [onerror], [onload])").count() == 0
    assert at_panel.evaluate("window.hit") is None
    assert "<script>window" not in at_panel.evaluate(PICTURE)


def test_after_a_restart_the_page_says_what_to_do_and_that_helps(at_panel: Any) -> None:
    lost = at_panel.get_by_text("The kernel was restarted")
    connect_and_send(at_panel, "before")
    assert not lost.is_visible()
    restart(at_panel)
    lost.wait_for()
    assert "Run All Above Selected Cell" in at_panel.locator(".socket-panel-lost").inner_text()
    assert failed(run_all(at_panel)) == []
    lost.wait_for(state="hidden")
    connect_and_send(at_panel, "after")


SHUT_DOWN = """async () => {
    const { sessionContext } = window.jupyterapp.shell.currentWidget;
    await sessionContext.shutdown();
}"""
KILL = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"


@pytest.mark.parametrize("how", ["shut down", pytest.param("killed", marks=pytest.mark.weekly)])
def test_a_panel_whose_kernel_is_gone_says_so_and_its_buttons_are_off(
    at_panel: Any, how: str
) -> None:
    press(at_panel, "Connect")
    has(at_panel, "waiting in recv()")
    controls = at_panel.locator(".socket-panel").get_by_role("button").all()
    assert any(each.is_enabled() for each in controls)
    if how == "killed":  # JupyterLab starts it again by itself
        at_panel.evaluate(START_IN_KERNEL, KILL)
        at_panel.locator(".jp-Dialog button.jp-mod-accept").click()
    else:
        at_panel.evaluate(SHUT_DOWN)
    at_panel.get_by_text("The kernel was restarted or has ended").wait_for()
    lost = at_panel.locator(".socket-panel-lost")
    assert "Run All Above Selected Cell" in lost.inner_text()
    assert not any(each.is_enabled() for each in controls)
    assert at_panel.get_by_label("client 1 sends").is_disabled()
    ladder = ladder_as_text(at_panel)  # it can still be read
    expect(ladder).to_contain_text("client 1.connect(")
    assert serious(at_panel, ".socket-panel") == []


def test_a_page_that_is_loaded_again_has_the_panel_as_it_was(at_panel: Any) -> None:
    connect_and_send(at_panel, "one")
    at_panel.evaluate(SAVE)
    at_panel.goto(at_panel.url.replace("?reset", ""))
    until_restored(at_panel)
    has(at_panel, "3 bytes sent")
    at_panel.get_by_label("client 1 sends").fill("two")
    press(at_panel, "Send")
    answered(at_panel, 6)


def test_the_panel_ends_with_its_server(at_panel: Any) -> None:
    connect_and_send(at_panel, "x")
    stop(at_panel)
    has(at_panel, "finished: stopped")
    for button in at_panel.get_by_role("group", name="client 1").get_by_role("button").all():
        expect(button).to_be_disabled()
    thread = "remote._thread.join(30); print(remote._thread.is_alive())"
    assert at_panel.evaluate(IN_KERNEL, thread) == "False"


def test_two_lessons_at_once_do_not_mix(page: Any, course: Path) -> None:
    first = write_lesson(course, "first", START, RUN, SHOW)
    other = (each.replace("echo", "other") for each in (START, RUN, SHOW))
    second = write_lesson(course, "second", *other)
    open_lesson(page, first)
    run_all(page)
    connect_and_send(page, "first")
    open_lesson(page, second, beside=True)
    assert failed(run_all(page)) == []
    tab = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .socket-panel")
    tab.get_by_role("button", name="Connect").first.click()
    tab.get_by_text("other_server: waiting in recv()").wait_for()
    tab.get_by_label("client 1 sends").fill("second one")
    tab.get_by_role("button", name="Send", exact=True).first.click()
    tab.get_by_text("10 bytes sent").wait_for()
    page.evaluate(OPEN, first)
    tab.get_by_text("echo_server: waiting in recv()").wait_for()
    expect(tab).to_contain_text("5 bytes sent")
    assert "second" not in tab.inner_text()


def tab_to(page: Any, name: str) -> None:
    """Press Tab until this control has the focus."""
    for _ in range(100):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUSED).strip() == name:
            return
    pytest.fail(f"the Tab key does not reach {name!r}")


def test_the_keyboard_alone_is_enough(at_panel: Any) -> None:
    cells = at_panel.evaluate(CELLS)
    tab_to(at_panel, "Connect")
    at_panel.keyboard.press("Enter")
    has(at_panel, "waiting in recv()")
    tab_to(at_panel, "client 1 sends")
    at_panel.keyboard.type("dd aabb")
    tab_to(at_panel, "one byte at a time")
    at_panel.keyboard.press("Space")
    tab_to(at_panel, "Send")
    at_panel.keyboard.press("Space")
    has(at_panel, "7 bytes sent in 7 calls")
    tab_to(at_panel, "Half-close")
    at_panel.keyboard.press("Enter")
    has(at_panel, "the server has sent its end")
    tab_to(at_panel, "Close")
    at_panel.keyboard.press("Enter")
    has(at_panel, "closed by you")
    has(at_panel, "Send, Half-close, Close and Reset are off until the client is connected.")
    # No key was taken for a command of the notebook (dd deletes a cell, a and b add one).
    assert at_panel.evaluate(CELLS) == cells


def test_a_thousand_quick_sends(at_panel: Any) -> None:
    memory = "import psutil; print(psutil.Process().memory_info().rss)"
    connect_and_send(at_panel, "x")
    before = int(at_panel.evaluate(IN_KERNEL, memory))
    longest = at_panel.evaluate(SEND_OFTEN, 1000)
    answered(at_panel, 1001)
    grown = (int(at_panel.evaluate(IN_KERNEL, memory)) - before) / 1e6
    print(f"1,000 sends: longest frame {longest:.0f} ms, memory {grown:+.1f} MB")
    ladder = ladder_as_text(at_panel).inner_text()
    assert re.search(r"\d,\d\d\d earlier calls not shown", ladder)
    assert len(ladder.splitlines()) < 200
    assert grown < 20
    assert longest < 1000


@pytest.mark.parametrize(
    "windows",
    [
        [("light", 1280), ("dark", 480)],
        pytest.param([("dark", 1280), ("light", 480)], marks=pytest.mark.weekly),
    ],
    ids=str,
)
def test_it_is_for_everybody_in_both_themes_and_in_a_narrow_window(
    at_panel: Any, windows: list[tuple[str, int]], tmp_path: Path
) -> None:
    connect_and_send(at_panel, "안녕하세요 " * 20)
    press(at_panel, "Another client")
    press(at_panel, "Another client")
    has(at_panel, "Another client is off: 3 are the most.")
    box = at_panel.get_by_role("checkbox", name="The ladder as text")
    picture = at_panel.locator(".socket-panel img")
    for theme, width in windows:
        in_theme(at_panel, theme)
        resize(at_panel, width, 2200)
        for form in ("picture", "text"):
            box.set_checked(form == "text")
            picture.wait_for(state="visible" if form == "picture" else "hidden")
            at_panel.evaluate(TO_PANEL)
            shot = at_panel.locator(".socket-panel").screenshot()
            (tmp_path / f"{theme}-{width}-{form}.png").write_bytes(shot)
            assert serious(at_panel, ".socket-panel") == []
            assert max(at_panel.evaluate(OVERFLOW)) <= 0


PLACES = """() => ['.socket-controls', '.socket-views'].map(name => {
    const { left, top, right } = document.querySelector(name).getBoundingClientRect();
    return { left, top, right };
})"""
END_IN_VIEW = """() => {
    const box = document.querySelector('.socket-tall > div');
    return box.scrollHeight > box.clientHeight
        && box.scrollHeight - box.scrollTop - box.clientHeight < 2;
}"""


@pytest.mark.parametrize(
    ("width", "zoom", "beside"),
    [
        (1400, 1, True),
        pytest.param(480, 1, False, marks=pytest.mark.weekly),
        pytest.param(900, 1, False, marks=pytest.mark.weekly),
        (1400, 2, False),
    ],
)
def test_controls_and_views_stand_side_by_side_where_there_is_room(
    at_panel: Any, width: int, zoom: int, beside: bool, tmp_path: Path
) -> None:
    """200 % zoom is a page with half of the pixels, each twice as large."""
    resize(at_panel, width // zoom, 1200 // zoom)
    connect_and_send(at_panel, "안녕하세요")
    for _ in range(6):
        press(at_panel, "hi")
    answered(at_panel, 27)
    until(at_panel, END_IN_VIEW)
    until_drawn(at_panel)
    controls, views = at_panel.evaluate(PLACES)
    assert (views["left"] >= controls["right"]) == beside
    assert (views["top"] > controls["top"]) != beside
    assert max(at_panel.evaluate(OVERFLOW)) <= 0
    at_panel.evaluate(TO_PANEL)
    shoot(at_panel, tmp_path, f"cockpit-{width}-{zoom}")
    letters = at_panel.locator(".socket-panel img").evaluate("each => each.clientWidth")
    assert letters == 780  # it scrolls, and its letters stay as large as they are


def test_who_has_scrolled_up_in_the_ladder_stays_there(at_panel: Any) -> None:
    press(at_panel, "Connect")
    for number in range(1, 9):
        press(at_panel, "hi")
        answered(at_panel, 2 * number)
    width_of(at_panel.locator(".socket-panel img"))  # the last picture is there
    until(at_panel, END_IN_VIEW)
    at_panel.evaluate("() => { document.querySelector('.socket-tall > div').scrollTop = 0; }")
    press(at_panel, "hi")
    answered(at_panel, 18)
    width_of(at_panel.locator(".socket-panel img"))  # and its new picture is there
    until_drawn(at_panel)
    assert at_panel.evaluate("() => document.querySelector('.socket-tall > div').scrollTop") == 0


def test_a_server_that_has_ended_is_started_again_with_its_button(at_panel: Any) -> None:
    connect_and_send(at_panel, "before")
    again = at_panel.get_by_role("button", name="Start the server again")
    assert not again.is_visible()
    at_panel.evaluate(IN_KERNEL, "server.stop()")
    again.click()
    has(at_panel, "waiting in accept() for a client")
    again.wait_for(state="hidden")
    connect_and_send(at_panel, "after")
    ladder = ladder_as_text(at_panel)
    expect(ladder).to_contain_text("after")
    press(at_panel, "New ladder")
    expect(ladder).not_to_contain_text("after")


def test_without_a_kernel_there_is_the_static_picture(page: Any, course: Path) -> None:
    open_lesson(page, write_lesson(course, "static", START, RUN, SHOW))
    notebook = nbformat.from_dict(run_all(page))
    page.locator(".socket-panel").wait_for()  # the live one, not the picture of it
    assert page.get_by_text("Panel: run this cell").count() == 0
    nbformat.write(tidy(notebook), course / "notebooks" / "committed.ipynb")
    open_lesson(page, "notebooks/committed.ipynb")
    page.get_by_text("Panel: run this cell in JupyterLab").wait_for()
    page.get_by_text("echo_server: waiting in accept() for a client").wait_for()
    assert width_of(page.locator(".jp-OutputArea-output img")) > 600
    assert serious(page, ".jp-OutputArea-output") == []
