"""Which commands there are and what each takes. Commands themselves are loaded when they are run."""

from __future__ import annotations

import argparse
import importlib
import os
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_EVENTS_HELP = "only entries that hold an event of this kind, such as number_changed"


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """The arguments, with ``command`` as the function that carries them out. Exits with 2 where
    they do not fit."""
    parser = argparse.ArgumentParser(
        prog="writethru",
        description="Watches articles, keeps every revision, and tells what changed.",
        epilog="The configuration is config.toml in the current folder, $WRITETHRU_CONFIG, or --config FILE.",
    )
    parser.add_argument("--version", action="version", version=f"writethru {_version()}")
    _common(parser, Path(os.environ.get("WRITETHRU_CONFIG") or "config.toml"), debug=False)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _service(commands)
    _watch_list(commands)
    _looking(commands)
    _archive(commands)
    _keeping(commands)
    _files(commands)
    return parser.parse_args(argv)


def _version() -> str:
    try:
        return version("writethru")
    except PackageNotFoundError:  # run from a source tree that nobody installed
        return "(not installed)"


def _service(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    run = _command(commands, "run", "service.run", "the daemon, in the foreground")
    run.add_argument(
        "--for", dest="seconds", type=_seconds, metavar="SECONDS", help="stop by itself after this"
    )
    check = _command(commands, "check", "service.check", "one pass now, then exit", json=True)
    check.add_argument(
        "names", nargs="*", metavar="SOURCE or URL", help="what to check; default: all that is due"
    )
    check.add_argument("--all", action="store_true", help="everything watched, due or not")
    prepare = _command(
        commands,
        "prepare",
        "service.prepare",
        "take the baseline of everything new, without alerts",
        json=True,
    )
    prepare.add_argument("source", nargs="?", metavar="SOURCE")
    config = _command(commands, "config", "service.config", "look at the configuration")
    config.add_argument("action", choices=["check"], help="check: name every mistake at once")
    _command(commands, "doctor", "doctor.doctor", "what this installation can and cannot do", json=True)


def _watch_list(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    add = _command(commands, "add", "watch.add", "watch more addresses")
    add.add_argument("urls", nargs="+", metavar="URL")
    add.add_argument("--kind", choices=["page", "feed", "section", "sitemap"], default="page")
    for name, words in (
        ("remove", "watch no longer what was added here; its history stays"),
        ("pause", "stop looking at a source or an article for now"),
        ("resume", "look again at what was paused"),
    ):
        change = _command(commands, name, f"watch.{name}", words)
        change.add_argument("names", nargs="+", metavar="SOURCE, URL or ID")
    _command(commands, "sources", "watch.sources", "what is watched", json=True)
    articles = _command(commands, "articles", "watch.articles", "every article and its state", json=True)
    articles.add_argument("source", nargs="?", metavar="SOURCE")
    _command(commands, "status", "watch.status", "how the watching stands", json=True)
    alerts = _command(commands, "alerts", "watch.alerts", "what was sent, to whom, what failed", json=True)
    alerts.add_argument("action", nargs="?", choices=["list", "test", "retry", "explain"], default="list")
    alerts.add_argument("subject", nargs="?", metavar="CHANNEL, ID or ARTICLE")
    alerts.add_argument("number", nargs="?", type=_number, metavar="N")


def _looking(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    log = _command(commands, "log", "look.log", "the revision log", json=True)
    log.add_argument("article", nargs="?", metavar="ARTICLE")
    log.add_argument("--since", metavar="T", help="a date, a time, or a duration such as 3h before now")
    log.add_argument(
        "--severity", choices=["cosmetic", "minor", "substantive", "critical"], help="this bad or worse"
    )
    log.add_argument("--event", metavar="KIND", help=_EVENTS_HELP)
    log.add_argument("--gaps", action="store_true", help="also when nothing was watched")
    show = _command(commands, "show", "look.show", "the text of one revision", json=True)
    show.add_argument("article", metavar="ARTICLE")
    show.add_argument("number", nargs="?", type=_number, metavar="N", help="default: the latest")
    show.add_argument("--raw", action="store_true", help="the stored bytes, as the server sent them")
    diff = _command(commands, "diff", "look.diff", "a diff report", json=True)
    diff.add_argument("article", metavar="ARTICLE")
    diff.add_argument("range", nargs="?", metavar="A..B", help="default: the latest two")
    _format(diff)
    report = _command(commands, "report", "site.report", "a static site of everything seen")
    report.add_argument(
        "--out", required=True, type=Path, metavar="DIR", help="a new or empty folder, or an earlier report"
    )
    report.add_argument("--since", metavar="T", help="a date, a time, or a duration such as 3h before now")


def _archive(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    verify = _command(
        commands, "verify", "archive.verify", "read everything again, and name what was changed", json=True
    )
    verify.add_argument(
        "--head", metavar="HEX", help="an earlier head that you hold: it must be in the chain"
    )
    evidence = _command(commands, "evidence", "archive.evidence", "a bundle that someone else can verify")
    evidence.add_argument("article", metavar="ARTICLE")
    evidence.add_argument("number", type=_number, metavar="N", help="of the revision")
    evidence.add_argument("--out", required=True, type=Path, metavar="FILE.zip", help="a new file")
    evidence.add_argument("--head", metavar="HEX", help="prove up to this head; default: up to the newest")
    export = _command(commands, "export", "export.export", "the archive in the formats of others")
    export.add_argument("articles", nargs="*", metavar="ARTICLE", help="default: all of them")
    export.add_argument(
        "--format", required=True, choices=["warc"], help="warc: what was received, as WARC 1.1"
    )
    export.add_argument("--out", required=True, type=Path, metavar="FILE", help="a new file")


def _keeping(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    retain = _command(
        commands, "retain", "keeping.retain", "take out what [retention] keeps no longer", json=True
    )
    retain.add_argument("--dry-run", action="store_true", help="say what would go, and change nothing")
    forget = _command(commands, "forget", "keeping.forget", "take an article's texts out for good")
    forget.add_argument("article", metavar="ARTICLE")
    forget.add_argument(
        "--because", required=True, metavar="TEXT", help="the reason; the log keeps it for good"
    )
    forget.add_argument("--yes", action="store_true", help="do not ask")
    again = _command(
        commands,
        "reextract",
        "keeping.reextract_articles",
        "read stored pages again with today's extractor",
        json=True,
    )
    again.add_argument("articles", nargs="*", metavar="ARTICLE", help="default: all of them")
    again.add_argument("--source", metavar="SOURCE", help="all articles of that source")
    again.add_argument(
        "--dry-run", action="store_true", help="say what would be read otherwise, and keep nothing"
    )
    backup = _command(commands, "backup", "keeping.backup", "a consistent copy of the database", json=True)
    backup.add_argument("file", type=Path, metavar="FILE", help="a new file")
    restore = _command(
        commands, "restore", "keeping.restore", "put a backup in the place of the database", json=True
    )
    restore.add_argument("file", type=Path, metavar="FILE", help="what 'backup' made")


def _files(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    extract = _command(commands, "extract", "files.extract", "what is read out of saved pages", json=True)
    extract.add_argument("files", nargs="+", metavar="FILE", help="- is standard input")
    extract.add_argument(
        "--url", default="http://localhost/", help="where the page was, for relative addresses"
    )
    compare = _command(commands, "compare", "files.compare_files", "compare two files", json=True)
    compare.add_argument("old", metavar="OLD")
    compare.add_argument("new", metavar="NEW")
    compare.add_argument("--exit-code", action="store_true", help="exit 1 where there is a difference")
    _format(compare)
    simulate = _command(
        commands,
        "simulate",
        "simulate.simulate",
        "replay revision times through the polling policy, and print what it would have caught",
        json=True,
    )
    simulate.add_argument("traces", type=Path, metavar="TRACES.jsonl", help="one article a line")
    simulate.add_argument(
        "--requests-per-hour", required=True, type=_rate, metavar="R", help="how many may be made"
    )
    simulate.add_argument("--polls", type=Path, metavar="FILE", help="write every poll there, as JSON Lines")


def _command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    place: str,
    words: str,
    *,
    json: bool = False,
) -> argparse.ArgumentParser:
    made = commands.add_parser(name, help=words, description=words[0].upper() + words[1:] + ".")
    _common(made, argparse.SUPPRESS, debug=argparse.SUPPRESS)
    if json:
        made.add_argument("--json", action="store_true", help="for machines; a list is JSON Lines")
    made.set_defaults(command=_later(place))
    return made


def _later(place: str) -> Callable[[argparse.Namespace], int]:
    module, _, function = place.partition(".")

    def run(arguments: argparse.Namespace) -> int:
        code: int = getattr(importlib.import_module(f"monitor.cli.{module}"), function)(arguments)
        return code

    return run


def _common(parser: argparse.ArgumentParser, config: object, *, debug: object) -> None:
    parser.add_argument("--config", type=Path, metavar="FILE", default=config, help="the configuration file")
    parser.add_argument("--debug", action="store_true", default=debug, help="show tracebacks")


def _format(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--format",
        choices=["terminal", "html", "markdown", "json", "unified", "atom", "mail"],
        default="terminal",
    )


def _seconds(text: str) -> float:
    value = float(text)
    if not 0 < value < 1e9:
        raise argparse.ArgumentTypeError("must be a number of seconds above 0")
    return value


def _rate(text: str) -> float:
    value = float(text)
    if not 0.001 <= value <= 1e9:
        raise argparse.ArgumentTypeError("must be a number of requests from 0.001 on")
    return value


def _number(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError("must be a whole number from 1")
    return int(text)
