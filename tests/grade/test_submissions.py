"""Which notebooks are found, whose they are, and what is refused."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path

import pytest

from helpers.grade import submissions
from helpers.grade.submissions import Problem, Submission, found_in


def learners(folder: Path) -> list[tuple[str, str]]:
    return [(each.learner, each.file) for each in found_in(folder) if isinstance(each, Submission)]


def problems(folder: Path) -> list[str]:
    return [f"{each.file}: {each.says}" for each in found_in(folder) if isinstance(each, Problem)]


def zipped(path: Path, *names: str, content: bytes = b"{}") -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, content)


def put(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"{}")


def test_a_file_a_folder_and_a_zip_for_each_learner(tmp_path: Path) -> None:
    put(
        tmp_path,
        "kim.ipynb",
        "lee/05.ipynb",
        "lee/deep/06.ipynb",
        "Ng_77_assignsubmission_file_/5.ipynb",
    )
    zipped(tmp_path / "park.zip", "05.ipynb")
    assert learners(tmp_path) == [
        ("kim", "kim.ipynb"),
        ("park", "park.zip/05.ipynb"),
        ("Ng", "Ng_77_assignsubmission_file_/5.ipynb"),
        ("lee", "lee/05.ipynb"),
        ("lee", "lee/deep/06.ipynb"),
    ]


def test_one_zip_for_all_with_a_folder_for_each(tmp_path: Path) -> None:
    zipped(tmp_path / "all.zip", "Kim Min_12_assignsubmission_file_/05.ipynb", "Lee/05.ipynb")
    assert [each[0] for each in learners(tmp_path)] == ["Kim Min", "Lee"]


def test_a_zip_in_a_learners_folder_is_that_learners(tmp_path: Path) -> None:
    (tmp_path / "kim").mkdir()
    zipped(tmp_path / "kim" / "work.zip", "lessons/05.ipynb")
    assert learners(tmp_path) == [("kim", "kim/work.zip/lessons/05.ipynb")]


def test_copies_of_editors_and_systems_are_left_out(tmp_path: Path) -> None:
    put(tmp_path, "kim/.ipynb_checkpoints/05-checkpoint.ipynb", "kim/._05.ipynb", "kim/a.txt")
    zipped(tmp_path / "lee.zip", "__MACOSX/._05.ipynb", "x/.ipynb_checkpoints/05.ipynb")
    assert [*found_in(tmp_path)] == []


@pytest.mark.parametrize("name", ["../out.ipynb", "/etc/out.ipynb", "a/../../out.ipynb",
                                  "C:/out.ipynb", "..\\out.ipynb"])  # fmt: skip
def test_a_path_that_leads_out_is_refused(tmp_path: Path, name: str) -> None:
    zipped(tmp_path / "kim.zip", name, "05.ipynb")
    assert len(problems(tmp_path)) == 1
    assert "leads out" in problems(tmp_path)[0]
    assert learners(tmp_path) == [("kim", "kim.zip/05.ipynb")]


def test_a_zip_that_explodes_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(submissions, "LARGEST_NOTEBOOK", 2**20)
    monkeypatch.setattr(submissions, "LARGEST_ZIP", 3 * 2**20)
    zipped(tmp_path / "kim.zip", "large.ipynb", content=bytes(2**20 + 1))
    zipped(tmp_path / "lee.zip", *(f"{i}.ipynb" for i in range(5)), content=bytes(2**20))
    assert [each.split(":")[0] for each in problems(tmp_path)] == [
        "kim.zip/large.ipynb",
        "lee.zip/3.ipynb",
        "lee.zip/4.ipynb",
    ]


def test_what_a_zip_says_of_its_sizes_is_not_believed(tmp_path: Path) -> None:
    path = tmp_path / "kim.zip"
    zipped(path, "05.ipynb", content=bytes(5_000_000))
    raw = bytearray(path.read_bytes())
    at = raw.find(b"PK\x01\x02") + 24  # its size when unpacked, in the list at the end
    raw[at : at + 4] = (10).to_bytes(4, "little")
    path.write_bytes(raw)
    found = [*found_in(tmp_path)]
    assert len(found) == 1
    assert isinstance(found[0], Problem) or len(found[0].content) <= 10


def test_a_zip_of_very_many_files_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(submissions, "MOST_MEMBERS", 3)
    zipped(tmp_path / "kim.zip", *(f"{i}.ipynb" for i in range(4)))
    assert problems(tmp_path) == ["kim.zip: more than 3 files in one zip"]


@pytest.mark.parametrize("content", [b"", b"PK", b"not a zip", bytes(range(100))])
def test_a_broken_zip_costs_itself_only(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "kim.zip").write_bytes(content)
    put(tmp_path, "lee.ipynb")
    assert len(problems(tmp_path)) == 1
    assert learners(tmp_path) == [("lee", "lee.ipynb")]


def test_links_are_not_followed(tmp_path: Path) -> None:
    put(tmp_path, "secret/other.ipynb")
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "kim.ipynb").symlink_to(tmp_path / "secret/other.ipynb")
    (folder / "lee").symlink_to(tmp_path / "secret", target_is_directory=True)
    with zipfile.ZipFile(folder / "park.zip", "w") as archive:
        link = zipfile.ZipInfo("05.ipynb")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    assert learners(folder) == []
    assert [each.split(":")[1] for each in problems(folder)] == [" a link, and not a file"] * 2


def test_no_such_folder(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="nowhere"):
        [*found_in(tmp_path / "nowhere")]
