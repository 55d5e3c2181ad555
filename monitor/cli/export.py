"""export: the archive in the formats of others."""

from __future__ import annotations

import argparse
import os
import sys
from importlib.metadata import version
from pathlib import Path

from tqdm import tqdm

from monitor.cli.common import find_article, opened
from monitor.errors import UsageError
from storage.store import Store


def export(arguments: argparse.Namespace) -> int:
    """Write the archive, or some articles of it, into one file."""
    out: Path = arguments.out
    if out.exists():
        raise UsageError(f"{out} exists already; name a new file, or move that one away.")
    with opened(arguments) as (_config, store):
        chosen = [find_article(store, wanted).id for wanted in arguments.articles]
        ids = chosen or [article.id for article in store.articles()]
        unfinished = out.with_name(f".{out.name}.{os.getpid()}.unfinished")
        try:
            responses, revisits = _write_warc(store, ids, unfinished, out.name)
            unfinished.replace(out)
        except OSError as error:
            raise UsageError(f"{out} cannot be written: {error.strerror}.") from None
        finally:
            unfinished.unlink(missing_ok=True)
    print(f"{responses} responses and {revisits} revisits are in {out}.", file=sys.stderr)
    return 0


def _write_warc(store: Store, ids: list[int], path: Path, name: str) -> tuple[int, int]:
    from monitor.warc import WarcFile  # slow to load, and not always wanted

    responses = revisits = 0
    with path.open("xb") as file:
        warc = WarcFile(file, name, f"Writethru {version('writethru')}")
        for article_id in tqdm(ids, unit="article", disable=None):  # none in a pipe
            written = warc.add(store.received(article_id), store.checks(article_id=article_id))
            responses += written.responses
            revisits += written.revisits
        file.flush()
        os.fsync(file.fileno())
    return responses, revisits
