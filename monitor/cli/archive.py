"""verify: is the archive what was written into it?"""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Iterable
from typing import Any

from tqdm import tqdm

from monitor.cli.common import print_json
from monitor.config import load_config
from monitor.errors import UsageError
from storage.errors import DamagedFile
from storage.verify import Finding, Verified
from storage.verify import verify as verify_archive

_PROCESSES = 8


def verify(arguments: argparse.Namespace) -> int:
    """Read everything again, and say what is not as it was written."""
    head = arguments.head.lower() if arguments.head else None
    if head is not None and not re.fullmatch("[0-9a-f]{64}", head):
        raise UsageError(f"'{arguments.head}' is no head of a chain; that is 64 digits from 0 to f.")
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
        print_json({"what": str(error)}) if arguments.json else print(error)
        return 1
    _tell_json(verified) if arguments.json else _tell(verified)
    return 1 if verified.findings else 0


def _with_bar(results: Iterable[Any], total: int) -> Iterable[Any]:
    return tqdm(results, total=total, unit="piece", disable=None)  # none in a pipe


def _tell(verified: Verified) -> None:
    for finding in verified.findings:
        print(finding.sentence)
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
