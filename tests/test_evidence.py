"""The promises of an evidence bundle: whoever gets it can verify it with Python alone, and any change to it
shows."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from storage.ledger import ORIGIN, link
from storage.records import sha256
from storage.store import Store
from tests.newsdesk import writethru
from tests.test_migrations import archive_of
from tests.test_store import DATABASE, changed, first, new_store, removed, watched

NAMES = """README.txt verify.py record.json text.txt reading.json received/answer.json received/body
    previous/record.json previous/text.txt diff.html chain.txt evidence.json""".split()


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """An archive of two articles, one of them edited twice, the other removed."""
    with new_store(tmp_path) as store:
        one, other = watched(store, "https://gazette.example/bridge", "https://gazette.example/tunnel")
        steps = [first(one, 0), first(other, 1)]
        steps.append(changed(steps[0].article, 2))
        steps.append(removed(steps[1].article, 3))
        steps.append(changed(steps[2].article, 4, text="Another text."))
        for step in steps:
            store.record(step)
    (tmp_path / "config.toml").write_text('[storage]\nurl = "sqlite:///archive.db"\n')
    return tmp_path


@pytest.fixture
def unpacked(archive: Path) -> Path:
    """The evidence of the first edit, unpacked."""
    return unpack(write(archive, "1", "2"))


def write(archive: Path, *words: str) -> Path:
    out = archive / "evidence.zip"
    told = writethru(archive / "config.toml", "evidence", *words, "--out", str(out))
    assert (told.returncode, told.stdout) == (0, ""), told.stderr
    return out


def unpack(bundle: Path) -> Path:
    folder = bundle.with_name("unpacked")
    with zipfile.ZipFile(bundle) as files:
        files.extractall(folder)
    return folder


def verified(folder: Path, *words: str) -> Any:
    """What the bundle's own script says, run by a Python that knows nothing but its standard library."""
    command = [sys.executable, "-I", "-S", str(folder / "verify.py"), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, encoding="utf-8")


def test_a_bundle_verifies_with_python_alone(unpacked: Path, archive: Path) -> None:
    with Store.open(DATABASE, archive) as store:
        head = store.chain_head()
    told = verified(unpacked)
    assert (told.returncode, told.stderr) == (0, "")
    digest = sha256((unpacked / "record.json").read_bytes())
    assert told.stdout.splitlines()[:6] == [
        "Verified: revision 2 of https://gazette.example/bridge, 33 bytes of text.",
        "First seen at 2026-03-01T12:02:00Z, not there yet at 2026-03-01T12:00:00Z: it changed between the two.",
        "The server's answer: status 200, 33 bytes from https://gazette.example/bridge?page=1, received at"
        " 2026-03-01T12:02:00Z.",
        "Before it stood revision 1, first seen at 2026-03-01T12:00:00Z.",
        f"The record's SHA-256 is {digest}.",
        f"The chain leads from it through 3 entries to the head {head}.",
    ]


def test_a_bundle_holds_all_that_there_is(archive: Path) -> None:
    with zipfile.ZipFile(write(archive, "https://gazette.example/bridge", "2")) as files:
        assert files.namelist() == NAMES
        answer = json.loads(files.read("received/answer.json"))
        assert answer["headers"][0] == ["Content-Type", "text/html"]
        assert answer["redirects"] == [[301, "https://gazette.example/bridge?page=1"]]
        assert files.read("received/body") == b"The council voted for the bridge."
        assert files.read("text.txt") == b"The council voted for the bridge."
        assert json.loads(files.read("reading.json"))["byline"] == ["A. Reporter", "B. Reporter"]
        assert b"A number was changed" in files.read("diff.html")
        assert "log entry" in files.read("README.txt").decode()


def test_a_bundle_verifies_as_the_zip_file_it_is(archive: Path) -> None:
    bundle = write(archive, "1", "2")
    told = verified(unpack(bundle), str(bundle))
    assert told.stdout.startswith("Verified: revision 2 of ")


@pytest.mark.parametrize("name", NAMES)
def test_any_file_that_is_altered_shows(unpacked: Path, name: str) -> None:
    data = (unpacked / name).read_bytes()
    for altered in (data + b"\n", data[:-2] + bytes([data[-2] ^ 1]) + data[-1:]):
        (unpacked / name).write_bytes(altered)
        told = verified(unpacked)
        assert told.returncode == 1
        assert "Verified" not in told.stdout


@pytest.mark.parametrize("name", [name for name in NAMES if name != "verify.py"])
def test_any_file_that_is_taken_away_shows(unpacked: Path, name: str) -> None:
    (unpacked / name).unlink()
    told = verified(unpacked)
    assert (told.returncode, told.stdout[:13]) == (1, "NOT VERIFIED:")


def test_a_file_that_is_put_in_shows(unpacked: Path) -> None:
    (unpacked / "received" / "more").write_text("invented")
    assert verified(unpacked).stdout == "NOT VERIFIED: received/more was altered or put in.\n"


FORGERIES = {
    "record.json": "the record is not in the chain",
    "text.txt": "text.txt is not the text that the record names",
    "received/body": "received/body is not what the record names",
    "received/answer.json": "received/answer.json is not what the record says",
    "reading.json": "reading.json names another headline than the record",
    "previous/text.txt": "previous/text.txt is not the text that the record names",
    "previous/record.json": "the record is not in the chain",
    "chain.txt": "the chain does not lead to the head that the bundle names",
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forger_who_mends_the_list_is_told_by_the_record_and_the_chain(unpacked: Path, name: str) -> None:
    """Somebody alters a file and writes its new digest into the list."""
    data = (unpacked / name).read_bytes()
    forged = data.replace(b"bridge", b"tunnel").replace(b"votes", b"voted")
    if name == "chain.txt":
        forged = (b"1" if data[:1] == b"0" else b"0") + data[1:]
    elif forged == data:
        forged += b"!"
    (unpacked / name).write_bytes(forged)
    listed = json.loads((unpacked / "evidence.json").read_text())
    listed["files"][name] = sha256(forged)
    (unpacked / "evidence.json").write_text(json.dumps(listed, sort_keys=True, separators=(",", ":")))
    assert verified(unpacked).stdout == f"NOT VERIFIED: {FORGERIES[name]}.\n"


def test_whoever_holds_a_head_can_ask_for_it(unpacked: Path, archive: Path) -> None:
    with Store.open(DATABASE, archive) as store:
        heads = [entry.chain for entry in store.log()]
    for head in heads[2:]:
        told = verified(unpacked, "--head", head)
        assert told.returncode == 0
        assert "The head that you hold is in the chain" in told.stdout
    for head in (heads[0], link(heads[-1], heads[-1])):
        assert verified(unpacked, "--head", head).returncode == 1


def test_a_proof_can_end_at_a_head_that_somebody_holds(archive: Path) -> None:
    with Store.open(DATABASE, archive) as store:
        heads = [entry.chain for entry in store.log()]
    folder = unpack(write(archive, "1", "2", "--head", heads[3]))
    assert f"through 2 entries to the head {heads[3]}." in verified(folder).stdout
    out = archive / "other.zip"
    told = writethru(archive / "config.toml", "evidence", "1", "2", "--head", heads[0], "--out", str(out))
    assert told.returncode == 2
    assert (
        told.stderr
        == f"writethru: The head {heads[0]} is not that of this revision or of a later entry in the log.\n"
    )


def test_a_first_revision_has_nothing_before_it(archive: Path) -> None:
    folder = unpack(write(archive, "1", "1"))
    told = verified(folder)
    assert told.returncode == 0
    assert "Nothing of an earlier revision is in this bundle." in told.stdout
    assert not (folder / "diff.html").exists()


def test_an_entry_of_the_first_release_is_proved_too(tmp_path: Path) -> None:
    archive_of("0001", tmp_path)
    (tmp_path / "config.toml").write_text('[storage]\nurl = "sqlite:///archive.db"\n')
    folder = unpack(write(tmp_path, "1", "2"))
    told = verified(folder)
    assert (told.returncode, told.stderr) == (0, "")
    assert "Its headers are not covered by this early record." in told.stdout
    (folder / "extraction.json").write_bytes((folder / "previous" / "extraction.json").read_bytes())
    assert verified(folder).returncode == 1


def test_the_same_evidence_is_the_same_bytes(archive: Path) -> None:
    one = write(archive, "1", "2").read_bytes()
    (archive / "evidence.zip").unlink()
    assert write(archive, "1", "2").read_bytes() == one


def test_a_file_that_is_there_is_left_alone(archive: Path) -> None:
    out = archive / "mine.zip"
    out.write_text("mine")
    told = writethru(archive / "config.toml", "evidence", "1", "2", "--out", str(out))
    assert (told.returncode, out.read_text()) == (2, "mine")
    assert told.stderr == f"writethru: {out} exists already; name a new file, or move that one away.\n"


def test_there_is_no_evidence_of_what_is_not_there(archive: Path) -> None:
    out = archive / "x.zip"
    told = writethru(archive / "config.toml", "evidence", "1", "9", "--out", str(out))
    assert (told.returncode, out.exists()) == (2, False)
    assert told.stderr == "writethru: There is no revision 9 of that article; 'writethru log' lists them.\n"


def test_the_worked_example_of_the_documentation_is_right() -> None:
    told = (Path(__file__).parent.parent / "docs" / "evidence.md").read_text(encoding="utf-8")
    (record,) = re.findall(r"^    (\{.*\})$", told, re.MULTILINE)
    digest = sha256(record.encode())
    assert len(record) == 125
    assert f"SHA-256: {digest}\n" in told
    assert f"{link(ORIGIN, digest)}  -\n" in told
