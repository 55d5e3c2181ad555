"""The bundle: which files it holds, and the one way they are put into a zip file. Records come in, bytes go
out; the same records always give the same bytes."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from storage.records import Proof, Response, canonical_json, sha256

_HERE = Path(__file__).parent
_TIME = (1980, 1, 1, 0, 0, 0)
_READABLE = 0o100644 << 16


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What a bundle is made of.

    ``reading`` is what was read out of the page, JSON-ready; ``response`` None where nothing was
    received, or its bytes were taken out; ``diff`` an HTML page, None where there is no
    revision before; ``stamps`` are time stamps on heads of the chain, by file name.
    """

    proof: Proof
    response: Response | None
    reading: Mapping[str, Any]
    diff: str | None
    stamps: Mapping[str, bytes] = field(default_factory=dict)


def bundle(evidence: Evidence) -> bytes:
    """The zip file."""
    files = {"README.txt": _own("README.txt"), "verify.py": _own("verify.py"), **_files(evidence)}
    listed = {name: sha256(data) for name, data in files.items()}
    files["evidence.json"] = canonical_json({"files": listed, "form": 1, "head": evidence.proof.head})
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, _TIME)
            entry.compress_type, entry.external_attr, entry.create_system = zipfile.ZIP_DEFLATED, _READABLE, 3
            archive.writestr(entry, data)
    return out.getvalue()


def _own(name: str) -> bytes:
    return (_HERE / name).read_bytes()


def _files(evidence: Evidence) -> dict[str, bytes]:
    proof = evidence.proof
    files = _revision("", proof.record, proof.text)
    files["reading.json"] = _shown(evidence.reading)
    answer = _answer(proof.record, evidence.response)
    if answer is not None:
        files["received/answer.json"] = _shown(answer)
    if evidence.response is not None:
        files["received/body"] = evidence.response.body
        if evidence.response.screenshot is not None:
            files["received/screenshot.jpg"] = evidence.response.screenshot
    if proof.previous is not None:
        files |= _revision("previous/", proof.previous, proof.previous_text)
    if evidence.diff is not None:
        files["diff.html"] = evidence.diff.encode("utf-8", "replace")
    files["chain.txt"] = "\n".join([proof.before, *proof.digests, ""]).encode()
    return files | {f"stamps/{name}": data for name, data in sorted(evidence.stamps.items())}


def _revision(folder: str, record: bytes, text: bytes | None) -> dict[str, bytes]:
    files = {f"{folder}record.json": record}
    if text is not None:
        files[f"{folder}{'text.txt' if 'form' in json.loads(record) else 'extraction.json'}"] = text
    return files


def _answer(record: bytes, response: Response | None) -> Mapping[str, Any] | None:
    """As the record has it; early records say nothing of it."""
    told: Mapping[str, Any] | None = json.loads(record).get("answer")
    if told is not None or response is None:
        return told
    return {
        "url": response.url,
        "final_url": response.final_url,
        "status": response.status,
        "headers": response.headers,
        "redirects": [[hop.status, hop.url] for hop in response.redirects],
        "fetched_at": response.fetched_at.isoformat(),
    }


def _shown(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode("utf-8", "surrogatepass") + b"\n"
