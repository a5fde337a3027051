"""A board that speaks TLS, as `make board ARGS="--cert ... --key ..."` starts it."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
from boards import RunningBoard

import helpers
from helpers import classroom
from helpers.classroom import membership
from helpers.classroom.post import Away, Untrusted, post
from helpers.course import activity
from helpers.course.activity import Vote
from helpers.course.questions import lessons, of_lesson

QUESTION = of_lesson(lessons()[0]).predictions[0].name


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def board(tmp_path: Path, authority: trustme.CA) -> Iterator[RunningBoard]:
    made = with_certificate(tmp_path, authority, "127.0.0.1")
    yield made
    made.kill()


def with_certificate(folder: Path, authority: trustme.CA, name: str) -> RunningBoard:
    """A board whose certificate has this name."""
    issued = authority.issue_cert(name)
    cert, key = folder / "cert.pem", folder / "key.pem"
    for blob in issued.cert_chain_pems:
        blob.write_to_path(cert, append=True)
    issued.private_key_pem.write_to_path(key)
    return RunningBoard(folder / "board", "--cert", str(cert), "--key", str(key))


@pytest.fixture
def trusted(tmp_path: Path, authority: trustme.CA, monkeypatch: pytest.MonkeyPatch) -> None:
    """This process trusts the authority, as with `SSL_CERT_FILE` in its environment."""
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))


@pytest.mark.usefixtures("trusted")
def test_a_vote_reaches_the_board_over_tls_and_no_ladder_shows_it(
    board: RunningBoard, capsys: pytest.CaptureFixture[str]
) -> None:
    assert board.address.startswith("https://127.0.0.1:")
    with helpers.recording() as log:
        classroom.join(board.address, code=board.code, name="Kim")
        activity.tell(Vote(QUESTION, 1))
        assert membership._member is not None
        assert membership._member.sender.is_done(60)
        assert log.events == ()
    assert capsys.readouterr().out.endswith("You are in the class.\n")
    assert board.rows("SELECT name, choice FROM events") == [(QUESTION, 1)]


def test_a_certificate_that_nobody_trusts_is_said_and_nothing_is_sent(
    board: RunningBoard, capsys: pytest.CaptureFixture[str]
) -> None:
    classroom.join(board.address, code=board.code, name="Kim")
    said = capsys.readouterr().out
    assert "a certificate that this machine does not trust" in said
    assert "You are in the class." not in said
    assert board.rows("SELECT * FROM learners") == []


@pytest.mark.posix_only
def test_the_certificate_of_the_page_for_teachers_is_trusted_by_who_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command stands in docs/teaching.md. It is run as it stands, but for the address."""
    page = Path(__file__).resolve().parents[2] / "docs" / "teaching.md"
    (line,) = re.findall(r"^ +(openssl .*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    command = shlex.split(line.replace("192.168.1.20", "127.0.0.1"))
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    cert, key = str(tmp_path / "cert.pem"), str(tmp_path / "key.pem")
    monkeypatch.setenv("SSL_CERT_FILE", cert)
    board = RunningBoard(tmp_path / "board", "--cert", cert, "--key", key)
    try:
        classroom.join(board.address, code=board.code)
        assert capsys.readouterr().out.endswith("You are in the class.\n")
    finally:
        board.kill()


@pytest.mark.usefixtures("trusted")
def test_a_certificate_of_another_machine_is_not_trusted(
    tmp_path: Path, authority: trustme.CA
) -> None:
    board = with_certificate(tmp_path, authority, "board.example.org")
    try:
        with pytest.raises(Untrusted):
            post(board.address, "/api/join", {})
    finally:
        board.kill()


@pytest.mark.usefixtures("trusted")
def test_http_to_a_board_that_speaks_tls_is_no_answer(board: RunningBoard) -> None:
    with pytest.raises(Away) as caught:
        post(board.address.replace("https:", "http:"), "/api/join", {"code": board.code})
    assert not isinstance(caught.value, Untrusted)


def test_a_board_without_its_key_says_so_and_ends(
    tmp_path: Path, authority: trustme.CA, capsys: pytest.CaptureFixture[str]
) -> None:
    from helpers.classroom.board.__main__ import main

    authority.cert_pem.write_to_path(tmp_path / "cert.pem")
    options = ["--port", "0", "--data", str(tmp_path / "board"), "--cert"]
    for cert in ("cert.pem", "none.pem"):
        assert main([*options, str(tmp_path / cert)]) == 1
        assert capsys.readouterr().err.startswith("The board cannot be started: ")
