#!/usr/bin/env python3
"""Verifies the evidence in this folder, without a network and with Python's standard library alone:

    python verify.py [--head HEX] [FOLDER or FILE.zip]

HEX is a head of the chain that you noted or received from somebody: it must be one of those that the chain
in this bundle leads to. Exit code 0: everything is as it was written; 1: something is not.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import zipfile
from typing import Any

Files = dict[str, bytes]
Form = dict[str, Any]


class Altered(Exception):
    """One sentence that says what is not as it was written."""


def main(words: list[str]) -> int:
    head, words = _option(words, "--head")
    place = words[0] if words else os.path.dirname(os.path.abspath(__file__))
    try:
        said = examine(read(place), head)
    except (Altered, KeyError, ValueError, TypeError, IndexError, OSError, zipfile.BadZipFile) as error:
        what = error if isinstance(error, Altered) else f"it cannot be read ({type(error).__name__})"
        print(_shown(f"NOT VERIFIED: {what}."))
        return 1
    for line in said:
        print(_shown(line))
    return 0


def _shown(line: str) -> str:
    """What a bundle says of itself may come from anybody: it moves no cursor and begins no line of its own."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in line)


def _option(words: list[str], name: str) -> tuple[str | None, list[str]]:
    if name not in words:
        return None, words
    at = words.index(name)
    return words[at + 1].lower(), words[:at] + words[at + 2 :]


def read(place: str) -> Files:
    """Every file of the bundle by its name."""
    if os.path.isfile(place):
        with zipfile.ZipFile(place) as bundle:
            return {name: bundle.read(name) for name in bundle.namelist()}
    files = {}
    for folder, _, names in os.walk(place):
        for name in names:
            path = os.path.join(folder, name)
            with open(path, "rb") as file:
                files[os.path.relpath(path, place).replace(os.sep, "/")] = file.read()
    return files


def examine(files: Files, head: str | None) -> list[str]:
    """What the bundle proves, line by line; raises Altered where something is not as it was written."""
    listed = _list_of(files)
    record = json.loads(files["record.json"])
    links = _chain(files, listed)
    text = _named(files, record, "")
    _reading(files, record)
    previous = _previous(files, record)
    received = _received(files, record)
    if head is not None and head not in links:
        raise Altered(f"the head {head} is not one that this chain leads to")
    lines = [f"Verified: revision {record['revision']} of {record['article']}, {len(text)} bytes of text."]
    lines += [_seen(record), received, previous]
    lines.append(f"The record's SHA-256 is {_sha256(files['record.json'])}.")
    lines.append(f"The chain leads from it through {len(links)} entries to the head {links[-1]}.")
    if head is not None:
        lines.append("The head that you hold is in the chain: this record stood when that head was made.")
    else:
        lines.append(
            "Whoever noted that head, or a later one, can tell that the record stood then as it stands here."
        )
    lines.append(
        "diff.html and reading.json are for reading: they follow from the texts, and prove nothing more."
    )
    return lines


def _list_of(files: Files) -> Form:
    """The list of files, each with its SHA-256; no file may be missing, altered or put in."""
    listed: Form = json.loads(files["evidence.json"])
    if _canonical(listed) != files["evidence.json"]:
        raise Altered("evidence.json was altered")
    for name in sorted(set(files) | set(listed["files"])):
        if name == "evidence.json":
            continue
        if name not in files:
            raise Altered(f"{name} is missing")
        if listed["files"].get(name) != _sha256(files[name]):
            raise Altered(f"{name} was altered or put in")
    return listed


def _chain(files: Files, listed: Form) -> list[str]:
    """The chain from this record on: each link is the SHA-256 over the link before and a record's digest,
    each with its length in front."""
    chain, *digests = files["chain.txt"].decode("ascii").split()
    wanted = [_sha256(files[name]) for name in ("previous/record.json", "record.json") if name in files]
    if digests[0] != wanted[0] or wanted[-1] not in digests:
        raise Altered("the record is not in the chain")
    links: list[str] = []
    for digest in digests:
        chain = link(chain, digest)
        if links or digest == wanted[-1]:
            links.append(chain)
    if chain != listed["head"]:
        raise Altered("the chain does not lead to the head that the bundle names")
    return links


def link(chain: str, digest: str) -> str:
    parts = [bytes.fromhex(chain), bytes.fromhex(digest)]
    return _sha256(b"".join(len(part).to_bytes(8, "big") + part for part in parts))


def _named(files: Files, record: Form, folder: str) -> bytes:
    """The text that a record names by its digest."""
    name, digest = (
        ("text.txt", record["text"]) if "form" in record else ("extraction.json", record["extraction"])
    )
    if _sha256(files[folder + name]) != digest:
        raise Altered(f"{folder}{name} is not the text that the record names")
    return files[folder + name]


def _reading(files: Files, record: Form) -> None:
    """What reading.json says in front must be what the record says; the paragraphs are in the text."""
    reading = json.loads(files["reading.json"])
    for name in ("headline", "standfirst", "byline", "language"):
        if "form" in record and (reading[name] or None) != record["reading"].get(name):
            raise Altered(f"reading.json names another {name} than the record")


def _previous(files: Files, record: Form) -> str:
    if "previous/record.json" not in files:
        return "Nothing of an earlier revision is in this bundle."
    previous = json.loads(files["previous/record.json"])
    if previous["article"] != record["article"] or previous["revision"] != record["revision"] - 1:
        raise Altered("previous/record.json is not that of the revision before")
    if "previous/text.txt" not in files and "previous/extraction.json" not in files:
        return f"The text of revision {previous['revision']} was taken out of the archive."
    _named(files, previous, "previous/")
    return f"Before it stood revision {previous['revision']}, first seen at {previous['seen_at']}."


def _received(files: Files, record: Form) -> str:
    digest = record["payload"]
    if digest is None:
        return "It did not come from a server: its text was given as a file."
    if "answer" in record and json.loads(files["received/answer.json"]) != record["answer"]:
        raise Altered("received/answer.json is not what the record says")
    if "received/body" not in files:
        return f"The bytes received were taken out of the archive later; their SHA-256 was {digest}."
    if _sha256(files["received/body"]) != digest:
        raise Altered("received/body is not what the record names")
    answer = json.loads(files["received/answer.json"])
    _screenshot(files, answer)
    place = answer.get("final_url", answer["url"])
    said = f"The server's answer: status {answer['status']}, {len(files['received/body'])} bytes from {place}"
    if "browser" in answer:
        said = f"The page as it stood in {answer['browser']}: status {answer['status']}, from {place}"
    said += f", received at {answer['fetched_at']}."
    return said if "answer" in record else said + " Its headers are not covered by this early record."


def _screenshot(files: Files, answer: Form) -> None:
    name, digest = "received/screenshot.jpg", answer.get("screenshot")
    if name in files and _sha256(files[name]) != digest:
        raise Altered(f"{name} is not the picture that the record names")


def _seen(record: Form) -> str:
    before = record["not_seen_before"]
    if before is None:
        return f"First seen at {record['seen_at']}; no earlier look is claimed."
    return f"First seen at {record['seen_at']}, not there yet at {before}: it changed between the two."


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


if __name__ == "__main__":
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")
    sys.exit(main(sys.argv[1:]))
