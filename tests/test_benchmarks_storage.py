"""The benchmark of storage measures a real archive, and the one it makes is as the store would have made it."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from benchmarks.looks import Document, documents, look_through
from benchmarks.made import FILE, REVISIONS, made_archive
from benchmarks.storage import kept_texts, record_rates
from storage.ledger import ORIGIN, LogFilter, link
from storage.store import Store

TEXTS = ["The bridge is closed.", "The bridge is closed until Monday.", "The bridge is open."]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Two documents of three versions each, not in their order."""
    folder = tmp_path / "sets" / "B_revisions"
    folder.mkdir(parents=True)
    rows = [
        {
            "doc_id": name,
            "version_no": n,
            "timestamp": f"2026-03-0{n + 1}T12:00:00Z",
            "text": f"{name}\n\n{text}\n\nEnd.",
        }
        for n, text in reversed(list(enumerate(TEXTS)))
        for name in ("Harbour", "River")
    ]
    with gzip.open(folder / "small.jsonl.gz", "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)
    return folder.parent


def test_every_version_is_looked_at_in_its_order(data: Path) -> None:
    (harbour, river) = documents(data)
    outcomes = look_through(harbour, 7)
    revisions = [outcome.revision for outcome in outcomes if outcome.revision]
    assert [revision.number for revision in revisions] == [1, 2, 3]
    assert TEXTS[2] in revisions[-1].extraction.text
    assert isinstance(river, Document)
    assert documents(data, limit=1) == [harbour]


def test_what_is_kept_is_measured_on_a_real_archive(data: Path, tmp_path: Path) -> None:
    chosen = documents(data)
    outcomes = [look_through(document, number) for number, document in enumerate(chosen, 1)]
    folder = tmp_path / "kept"
    folder.mkdir()
    sizes, restores, *_ = kept_texts(folder, chosen, outcomes)
    assert sizes.title == "6 revisions of texts"
    assert [row[0] for row in sizes.rows][1:4] == [
        "xz -9 of each document's versions",
        "git gc --aggressive",
        "text bodies",
    ]
    assert all(float(row[1] or 0) > 0 for row in [*sizes.rows[:-1], restores.rows[0]])
    assert float(sizes.rows[-1][1] or 0) >= 0, "so little may fit into the pages of an empty database"
    with Store.open(f"sqlite:///{FILE}", folder) as store:
        assert store.counts()["revisions"] == 6
    rates = record_rates(chosen, outcomes)
    assert [row[0] for row in rates.rows][1] != "wal"


def test_a_made_archive_reads_as_if_the_store_had_kept_it(tmp_path: Path) -> None:
    where = made_archive(tmp_path, 150)
    with Store.open(f"sqlite:///{FILE}", where) as store:
        article = store.article(137)
        assert article.revisions == REVISIONS
        for number in range(1, REVISIONS + 1):
            revision = store.revision(article.id, number)
            assert article.text_digests[revision.extraction.text_digest] == number
            response = store.response(article.id, number)
            assert response is not None
            assert response.body == revision.extraction.text.encode()
        chain = ORIGIN
        entries = store.log(LogFilter())
        assert len(entries) == 150 * REVISIONS
        for entry in entries:
            chain = link(chain, entry.digest)
            assert entry.chain == chain
        assert store.watchlist.due(store.article(1).found_at) == {}
    assert made_archive(tmp_path, 150) == where
