"""One diff in whichever format was asked for."""

from __future__ import annotations

import argparse
import shutil
import sys
from typing import Any

from monitor.cli.common import colour, now, print_json
from monitor.report import (
    Head,
    NoLinks,
    diff_entry,
    diff_json,
    diff_mail,
    diff_markdown,
    diff_page,
    diff_text,
    diff_unified,
)
from storage.records import Assessment, Diff


def print_diff(
    arguments: argparse.Namespace,
    diff: Diff,
    assessment: Assessment,
    head: Head,
    old: dict[str, Any],
    new: dict[str, Any],
) -> None:
    """A mail is printed as its HTML, which holds the subject as its title. An Atom entry of two files,
    which nobody saw at a time, is dated now.

    :param old: what names the old version in JSON; likewise ``new``.
    """
    form = "json" if arguments.json else arguments.format
    match form:
        case "json":
            print_json(diff_json(diff, assessment, old, new))
        case "html":
            sys.stdout.write(diff_page(diff, assessment, head, links=NoLinks()))
        case "markdown":
            sys.stdout.write(diff_markdown(diff, assessment, head))
        case "unified":
            sys.stdout.write(diff_unified(diff, head))
        case "atom":
            sys.stdout.write(diff_entry(diff, assessment, head, seen_at=head.seen_at or now()))
        case "mail":
            sys.stdout.write(diff_mail(diff, assessment, head).html)
        case _:
            width = min(shutil.get_terminal_size((100, 24)).columns, 120)
            sys.stdout.write(diff_text(diff, assessment, head, colour=colour(), width=width))
