"""verify and evidence: is the archive what was written into it, and how can others see that?"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC
from pathlib import Path
from typing import Any

from tqdm import tqdm

from monitor.cli.common import find_article, opened, print_json, say
from monitor.config import Config, load_config
from monitor.errors import UsageError
from monitor.report import Head, NoLinks, diff_page, extraction_json
from storage.errors import DamagedFile
from storage.ledger import link
from storage.records import Article, Capture, Proof, Revision, Verdict
from storage.store import Store
from storage.verify import Finding, Verified
from storage.verify import verify as verify_archive

_PROCESSES = 8
_HEAD = "[0-9a-f]{64}"


def verify(arguments: argparse.Namespace) -> int:
    """Read everything again, and say what is not as it was written."""
    head = _head(arguments.head)
    config = load_config(arguments.config)
    try:
        verified = verify_archive(
            config.storage_url,
            config.folder,
            head=head,
            processes=min(os.cpu_count() or 1, _PROCESSES),
            watch=_with_bar,
        )
    except DamagedFile as error:
        print_json({"what": str(error)}) if arguments.json else say(str(error))
        return 1
    if not verified.findings:
        verified = replace(verified, findings=tuple(_bad_stamps(config)))
    _tell_json(verified) if arguments.json else _tell(verified)
    return 1 if verified.findings else 0


def _bad_stamps(config: Config) -> Iterator[Finding]:
    """Time stamps that are not what they were: on another head than the chain has there, or altered."""
    with Store.open(config.storage_url, config.folder) as store:
        kept, astray = store.stamps.all(), {stamp.head for stamp in store.stamps.astray()}
    if not kept:
        return
    from monitor.stamps import certificates, check_stamp  # slow to load, and not always wanted

    ca = certificates(config.stamp.ca)
    for stamp in kept:
        trouble = "it is on another head than the chain has there" if stamp.head in astray else None
        trouble = trouble or check_stamp(stamp.token or b"", stamp.head, ca).trouble
        if trouble is not None:
            yield Finding(entry=stamp.seq, trouble=f"the time stamp on it is no good: {trouble}")


def evidence(arguments: argparse.Namespace) -> int:
    """Write what proves one revision into a file that others can verify."""
    out: Path = arguments.out
    head = _head(arguments.head)
    if out.exists():
        raise UsageError(f"{out} exists already; name a new file, or move that one away.")
    with opened(arguments) as (_config, store):
        data = _bundle(store, find_article(store, arguments.article), arguments.number, head)
    unfinished = out.with_name(f".{out.name}.{os.getpid()}.unfinished")
    try:
        with unfinished.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(out)
    except OSError as error:
        raise UsageError(f"{out} cannot be written: {error.strerror}.") from None
    finally:
        unfinished.unlink(missing_ok=True)
    print(
        f"The evidence is in {out}; whoever gets it unpacks it and runs python3 verify.py.", file=sys.stderr
    )
    return 0


def _bundle(store: Store, article: Article, number: int, head: str | None) -> bytes:
    from monitor.evidence import Evidence, bundle

    proof = store.proof(article.id, number, head)
    revision = store.revision(article.id, number)
    return bundle(
        Evidence(
            proof=proof,
            response=store.response(article.id, number) if store.has_received(article.id, number) else None,
            reading=extraction_json(Capture(verdict=Verdict.ARTICLE, extraction=revision.extraction)),
            diff=None if proof.previous_text is None else _diff(store, article, revision),
            stamps=_stamps(store, proof),
        )
    )


def _stamps(store: Store, proof: Proof) -> dict[str, bytes]:
    """The time stamps on heads of this proof, each under the head it is on."""
    heads, chain = set(), proof.before
    for digest in proof.digests:
        chain = link(chain, digest)
        heads.add(chain)
    kept = [stamp for stamp in store.stamps.all() if stamp.head in heads]
    return {f"{stamp.head}.tsr": stamp.token for stamp in kept if stamp.token is not None}


def _diff(store: Store, article: Article, new: Revision) -> str:
    from monitor.compare import compare  # comparing is slow to load, and verify does without
    from monitor.events import assess

    old = store.revision(article.id, new.number - 1)
    found = compare(old.extraction, new.extraction)
    head = Head.of(article, old, new, UTC)
    return diff_page(found, new.assessment or assess(found), head, links=NoLinks())


def _head(text: str | None) -> str | None:
    """A head of the chain as it was typed.

    :raises UsageError: it is none.
    """
    if text is not None and not re.fullmatch(_HEAD, text.lower()):
        raise UsageError(f"'{text}' is no head of a chain; that is 64 digits from 0 to f.")
    return text.lower() if text else None


def _with_bar(results: Iterable[Any], total: int) -> Iterable[Any]:
    return tqdm(results, total=total, unit="piece", disable=None)  # none in a pipe


def _tell(verified: Verified) -> None:
    for finding in verified.findings:
        say(finding.sentence)
    found = len(verified.findings)
    outcome = f"{found} thing{'' if found == 1 else 's'} found" if found else "Nothing is wrong"
    print(
        f"{outcome}: {verified.revisions} revisions, {verified.entries} log entries, {verified.checks} checks"
        f" and {verified.bodies} bodies were read. Head: {verified.head or 'none yet'}"
    )


def _tell_json(verified: Verified) -> None:
    for finding in verified.findings:
        print_json(_finding_json(finding))
    print_json(
        {
            "found": len(verified.findings),
            "revisions": verified.revisions,
            "entries": verified.entries,
            "checks": verified.checks,
            "bodies": verified.bodies,
            "head": verified.head,
        }
    )


def _finding_json(finding: Finding) -> dict[str, Any]:
    return {
        "article": finding.article,
        "url": finding.url,
        "revision": finding.revision,
        "entry": finding.entry,
        "what": finding.sentence,
    }
