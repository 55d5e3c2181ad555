"""The commands, as one types them: their answers, their exit codes, their one-sentence errors."""

from __future__ import annotations

import json
import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.sqlite import driver as sqlite3
from tests.newsdesk import (
    BODY,
    ROOT,
    command,
    configure,
    desk,
    edited,
    lines,
    one_page,
    outcomes,
    page,
    program,
    writethru,
)
from tests.servers import Scripted, http

FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>The Quay</title>{items}</channel></rss>"""


@pytest.fixture
def server() -> Iterator[Scripted]:
    with Scripted() as scripted:
        yield scripted


# ---------------------------------------------------------------------- the story, command by command


@pytest.mark.slow
def test_a_story_from_first_look_to_diff(tmp_path: Path, server: Scripted) -> None:
    config = configure(
        tmp_path, server, one_page(server, page(), page(noise="2"), edited("Seven", "Eight")), desk(server)
    )
    seen = [lines(writethru(config, "check", "--all", "--json")) for _ in range(3)]
    assert [outcomes(checks) for checks in seen] == [["first"], ["same"], ["changed"]]
    assert set(seen[2][0]) == {"url", "article", "outcome", "verdict", "status", "revision", "error", "ms"}

    first, second = lines(writethru(config, "log", "--json"))
    assert (first["revision"], first["reason"], first["not_seen_before"]) == (1, "first", None)
    assert (second["revision"], second["reason"], second["silent"]) == (2, "edit", True)
    assert [(e["kind"], e["old"], e["new"]) for e in second["events"]] == [
        ("number_changed", "Seven", "Eight")
    ]
    assert first["seen_at"] < second["not_seen_before"] < second["seen_at"]

    diff = json.loads(writethru(config, "diff", "1", "--format", "json").stdout)
    assert "".join(h["old"] for h in diff["hunks"]) == "\n\n".join(BODY)
    assert "".join(h["new"] for h in diff["hunks"]) == "\n\n".join(BODY).replace("Seven", "Eight")

    for form, mark in (
        ("terminal", "{+Eight+}"),
        ("html", "<ins"),
        ("markdown", "~~Seven~~"),
        ("unified", "+Eight"),
        ("atom", "<entry xmlns="),
        ("mail", "[-<span"),
    ):
        assert mark in writethru(config, "diff", "1", "1..2", "--format", form).stdout

    assert writethru(config, "show", "1", "1").stdout.endswith(BODY[-1] + "\n")
    assert writethru(config, "show", "1", "2", "--raw").stdout == edited("Seven", "Eight")

    told = [request for request in server.requests if request.target == "/desk"]
    assert len(told) == 1
    (sent,) = lines(writethru(config, "alerts", "--json"))
    assert (sent["state"], sent["id"]) == ("delivered", told[0].headers["x-writethru-delivery"])
    (why,) = lines(writethru(config, "alerts", "explain", "1", "2", "--json"))
    assert why == {"rule": "facts", "to": ["desk"], "matches": True, "why_not": None}

    done = writethru(config, "report", "--out", str(tmp_path / "site"))
    assert Path(done.stdout.strip()) == tmp_path / "site" / "index.html"
    assert "Eight" in (tmp_path / "site/articles/1/diff/1..2.html").read_text()


def test_an_article_stays_watched_after_it_has_left_the_feed(tmp_path: Path, server: Scripted) -> None:
    story, other = (
        server.on("/story", http(200, page())),
        server.on("/other", http(200, page(headline="Other"))),
    )
    item = "<item><title>x</title><link>{}</link></item>"
    full = FEED.format(items=item.format(story + "?utm_source=rss") + item.format(other))
    server.on("/feed", http(200, full), http(200, FEED.format(items=item.format(other))))
    feed = f'[[sources]]\nname = "quay"\nkind = "feed"\nurl = "{server.url("/feed")}"\n'
    config = configure(tmp_path, server, feed)
    first = lines(writethru(config, "check", "--all", "--json"))
    again = lines(writethru(config, "check", "--all", "--json"))
    assert (
        sorted(c["article"] for c in first) == sorted(c["article"] for c in again) == sorted([story, other])
    )
    assert outcomes(again) == ["same", "same"]


def test_prepare_takes_a_baseline_and_tells_nobody(tmp_path: Path, server: Scripted) -> None:
    config = configure(tmp_path, server, one_page(server, page()), desk(server))
    assert outcomes(lines(writethru(config, "prepare", "--json"))) == ["first"]
    (entry,) = lines(writethru(config, "log", "--json"))
    assert entry["reason"] == "baseline"
    assert "/desk" not in server.asked


def test_other_selectors_are_the_same_page_read_differently_in_every_output(
    tmp_path: Path, server: Scripted
) -> None:
    config = configure(tmp_path, server, one_page(server, page()), desk(server))
    assert outcomes(lines(writethru(config, "check", "--all", "--json"))) == ["first"]
    narrow = '\nselectors = { body = ".story p:not(:last-child)" }\n[[channels]]'
    config.write_text(config.read_text().replace("\n[[channels]]", narrow))
    said = writethru(config, "check", "--all").stdout
    assert "Revision 2, same page, read differently" in said
    (same,) = lines(writethru(config, "check", "--all", "--json"))
    assert (same["outcome"], same["revision"]) == ("same", 2)
    first, anew = lines(writethru(config, "log", "--json"))
    assert (anew["revision"], anew["reason"], anew["silent"]) == (2, "extractor", False)
    assert (anew["severity"], anew["seen_at"]) == ("cosmetic", first["seen_at"])
    assert [event["kind"] for event in anew["events"]] == ["paragraph_removed"]
    assert "1931" in writethru(config, "diff", "1").stdout
    assert (
        writethru(config, "show", "1", "2", "--raw").stdout
        == writethru(config, "show", "1", "1", "--raw").stdout
    )
    assert writethru(config, "report", "--out", str(tmp_path / "site")).returncode == 0
    assert "read differently" in "".join(f.read_text() for f in (tmp_path / "site").rglob("*.html"))
    assert "/desk" not in server.asked
    explained = writethru(config, "alerts", "explain", "1", "2")
    assert "only the way of reading it changed" in explained.stdout


def test_a_folder_of_text_files_is_a_source(tmp_path: Path, server: Scripted) -> None:
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "one.txt").write_text("A headline\n\nSeven people were hurt on the bridge.\n")
    config = configure(tmp_path, server, '[[sources]]\nname = "texts"\nkind = "folder"\nurl = "texts"\n')
    assert outcomes(lines(writethru(config, "check", "--all", "--json"))) == ["first"]
    (folder / "one.txt").write_text("A headline\n\nEight people were hurt on the bridge.\n")
    assert outcomes(lines(writethru(config, "check", "--all", "--json"))) == ["changed"]
    (folder / "one.txt").unlink()
    (gone,) = lines(writethru(config, "check", "--all", "--json"))
    assert (gone["outcome"], gone["verdict"]) == ("withheld", "gone")
    assert [entry["reason"] for entry in lines(writethru(config, "log", "--json"))] == [
        "first",
        "edit",
        "removed",
    ]


def test_a_watch_list_from_the_command_line(tmp_path: Path, server: Scripted) -> None:
    config = configure(tmp_path, server, one_page(server, page()))
    extra = server.on("/extra", http(200, page(headline="Ferries run all night")))
    assert writethru(config, "add", extra).returncode == 0
    assert "already" in writethru(config, "add", extra).stdout
    assert len(lines(writethru(config, "check", "--all", "--json"))) == 2
    assert writethru(config, "pause", extra).returncode == 0
    assert [c["url"] for c in lines(writethru(config, "check", "--all", "--json"))] == [server.url("/story")]
    assert writethru(config, "resume", extra).returncode == 0
    assert len(lines(writethru(config, "check", "--all", "--json"))) == 2
    assert writethru(config, "remove", extra).returncode == 0
    assert len(lines(writethru(config, "check", "--all", "--json"))) == 1
    kept = {
        article["url"]: article["revisions"] for article in lines(writethru(config, "articles", "--json"))
    }
    assert kept[extra] == 1
    refused = writethru(config, "remove", "story")
    assert refused.returncode == 2
    assert "config.toml" in refused.stderr


def test_a_baseline_is_compared_with_the_first_look(tmp_path: Path, server: Scripted) -> None:
    text = "\n\n".join(["Harbour bridge closed after cracks are found", *BODY])
    (tmp_path / "baseline.txt").write_text(text.replace("Seven", "Six"))
    source = one_page(server, page()) + 'baseline = "baseline.txt"\n'
    config = configure(tmp_path, server, source)
    assert outcomes(lines(writethru(config, "check", "--all", "--json"))) == ["changed"]
    baseline, edit = lines(writethru(config, "log", "--json"))
    assert baseline["reason"] == "baseline"
    assert [event["kind"] for event in edit["events"]] == ["number_changed"]


# ---------------------------------------------------------------------- files without a database


def test_extract_answers_one_line_a_file_in_the_order_given(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(page())
    (tmp_path / "b.txt").write_text("A headline\n\nSome text of a plain file.")
    (tmp_path / "c.html").write_bytes(b"%PDF-1.7 nothing to see")
    (tmp_path / "d.html").write_bytes(b"")
    names = [str(tmp_path / name) for name in ("a.html", "missing.html", "b.txt", "c.html", "d.html")]
    done = writethru(tmp_path / "no.toml", "extract", "--json", *names)
    read = lines(done)
    assert [line["file"] for line in read] == names
    assert [line["verdict"] for line in read] == ["article", "suspect", "article", "not_html", "empty"]
    assert read[0]["byline"] == ["Ada Dorn"]
    assert read[0]["text"] == "\n\n".join(BODY)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1


def test_compare_rebuilds_both_files_and_can_exit_1(tmp_path: Path) -> None:
    old, new = "One line.\nAnother line\n\n  Odd spaces \n", "One line.\n\nA new line.\n"
    (tmp_path / "old.txt").write_text(old)
    (tmp_path / "new.txt").write_text(new)
    names = str(tmp_path / "old.txt"), str(tmp_path / "new.txt")
    done = writethru(tmp_path / "no.toml", "compare", *names, "--json", "--exit-code")
    found = json.loads(done.stdout)
    assert "".join(h["old"] for h in found["hunks"]) == found["old"]["text"] == old
    assert "".join(h["new"] for h in found["hunks"]) == found["new"]["text"] == new
    assert done.returncode == 1
    assert writethru(tmp_path / "no.toml", "compare", names[0], names[0], "--exit-code").returncode == 0
    assert writethru(tmp_path / "no.toml", "compare", *names).returncode == 0


# ---------------------------------------------------------------------- in a process of its own


@pytest.mark.slow
def test_a_process_of_its_own_says_the_same_and_ends_as_said(tmp_path: Path, server: Scripted) -> None:
    config = configure(tmp_path, server, one_page(server, page(), edited("Seven", "Eight")))
    seen = [lines(run(config, "check", "--all", "--json")) for run in (writethru, program)]
    assert [outcomes(checks) for checks in seen] == [["first"], ["changed"]]
    (tmp_path / "text.txt").write_text("Some text.\n")
    files = str(tmp_path / "text.txt"), str(tmp_path / "config.toml")
    for words, code in (
        (["diff", "1"], 0),
        (["show", "1", "2", "--raw"], 0),
        (["compare", *files, "--exit-code"], 1),
        (["diff", "7"], 2),
        (["diff"], 2),
    ):
        own, here = program(config, *words), writethru(config, *words)
        assert (own.returncode, own.stdout, own.stderr) == (here.returncode, here.stdout, here.stderr), words
        assert own.returncode == code, words


# ---------------------------------------------------------------------- bad input


def one_sentence(stderr: str) -> str:
    """What a failing command said, which is one sentence and no traceback."""
    assert "Traceback" not in stderr
    assert len(stderr.strip().splitlines()) == 1, stderr
    return stderr


@pytest.mark.parametrize(
    "words",
    [
        ["stories"],
        ["export"],
        ["log", "--no-such-thing"],
        ["diff"],
        [],
        ["show", "1", "nought"],
        ["config", "fix"],
    ],
)
def test_what_does_not_exist_is_a_usage_error(tmp_path: Path, server: Scripted, words: list[str]) -> None:
    done = writethru(configure(tmp_path, server, ""), *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("usage: writethru")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["diff", "7"], "There is no article 7"),
        (["log", "http://nowhere.example/x"], "No article is watched"),
        (["check", "nobody"], "neither a source nor a watched address"),
        (["add", "file:///etc/passwd"], "only http:// and https://"),
        (["log", "--since", "soon"], "is not a time"),
        (["log", "--event", "earthquake"], "is not an event kind"),
        (["alerts", "test", "nobody"], "There is no channel"),
        (["alerts", "retry", "nothing"], "No delivery nothing"),
        (["compare", "missing-a", "missing-b"], "cannot be read"),
    ],
)
def test_a_wrong_name_is_one_sentence(tmp_path: Path, server: Scripted, words: list[str], said: str) -> None:
    done = writethru(configure(tmp_path, server, ""), *words)
    assert done.returncode == 2
    assert said in one_sentence(done.stderr)


def test_five_mistakes_are_named_at_once(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(
        '[fetch]\nworkers = "many"\ndeadlin = "3s"\n[schedule]\nmin_interval = "soon"\n'
        '[[sources]]\nname = "a"\nkind = "page"\nurl = "ftp://x"\n[[alerts]]\nname = "r"\nto = ["nobody"]\n'
    )
    done = writethru(config, "config", "check")
    assert done.returncode == 2
    for path in ("fetch.workers", "fetch.deadlin", "schedule.min_interval", "sources[0].url", "alerts[0].to"):
        assert f"writethru: {path}" in done.stderr
    assert writethru(config, "run").returncode == 2


@pytest.mark.parametrize(
    ("answer", "outcome", "verdict", "error"),
    [
        (http(500, b"oops"), "failed", None, "http_error"),
        (http(200, b""), "withheld", "empty", None),
        (http(200, b"%PDF-1.7"), "withheld", "not_html", None),
        (http(200, b'{"a": 1}', kind="application/json"), "withheld", "not_html", None),
        (http(403, b"<p>go away</p>"), "withheld", "blocked", None),
        (http(404, b"<p>gone</p>"), "withheld", "gone", None),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n<p>cut", "failed", None, "truncated"),
    ],
)
def test_a_doubtful_answer_is_an_observation_and_never_a_revision(
    tmp_path: Path, server: Scripted, answer: bytes, outcome: str, verdict: str | None, error: str | None
) -> None:
    config = configure(tmp_path, server, one_page(server, page(), answer))
    writethru(config, "check", "--all")
    done = writethru(config, "check", "--all", "--json")
    (check,) = lines(done)
    assert (check["outcome"], check["verdict"], check["error"]) == (outcome, verdict, error)
    assert check["revision"] == 1
    assert done.returncode == (1 if outcome == "failed" else 0)
    (article,) = lines(writethru(config, "articles", "--json"))
    assert article["revisions"] == 1


def test_a_source_that_is_down_is_one_failed_check(tmp_path: Path, server: Scripted) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    source = f'[[sources]]\nname = "down"\nkind = "page"\nurl = "http://127.0.0.1:{port}/"\n'
    config = configure(tmp_path, server, source)
    config.write_text(config.read_text().replace(server.host, f"127.0.0.1:{port}"))
    done = writethru(config, "check", "--json")
    assert [(c["outcome"], c["error"]) for c in lines(done)] == [("failed", "connect")]
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_a_locked_database_is_one_sentence(tmp_path: Path, server: Scripted) -> None:
    config = configure(tmp_path, server, "")
    writethru(config, "status")
    with sqlite3.connect(tmp_path / "store.db", isolation_level=None) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        done = program(config, "articles")
        holder.execute("ROLLBACK")
    holder.close()
    assert done.returncode == 2
    assert "locked by another process" in one_sentence(done.stderr)


def test_a_disk_without_room_is_one_sentence(tmp_path: Path, server: Scripted) -> None:
    config = configure(tmp_path, server, "")
    writethru(config, "status")
    done = subprocess.run(
        ["sh", "-c", 'ulimit -f 8; exec "$@"', "sh", *command(config, "check")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={
            key: value for key, value in os.environ.items() if not key.startswith("COVERAGE")
        },  # it writes too
    )
    assert done.returncode == 2
    assert "cannot be used" in one_sentence(done.stderr)


def test_a_database_that_cannot_be_written_is_one_sentence(tmp_path: Path, server: Scripted) -> None:
    config = configure(tmp_path, server, "")
    (tmp_path / "store.db").mkdir()
    done = writethru(config, "check")
    assert done.returncode == 2
    assert "cannot be used" in one_sentence(done.stderr)


def test_a_port_in_use_is_one_sentence(tmp_path: Path, server: Scripted) -> None:
    config = configure(tmp_path, server, "")
    config.write_text(
        config.read_text().replace("enabled = false", f'enabled = true\nlisten = "127.0.0.1:{server.port}"')
    )
    done = program(config, "run")
    assert done.returncode == 2
    assert f"Cannot listen on 127.0.0.1:{server.port}" in one_sentence(done.stderr)


def test_the_shipped_configuration_works_without_internet(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text((ROOT / "config.toml").read_text())
    os.symlink(ROOT / "seeds", tmp_path / "seeds")
    done = program(tmp_path / "config.toml", "check", "--json")
    assert outcomes(lines(done)) == ["first"] * 5
    assert (done.returncode, done.stderr) == (0, "")


def test_secrets_stay_out_of_what_is_printed(tmp_path: Path, server: Scripted) -> None:
    config = configure(tmp_path, server, one_page(server, page(), edited("Seven", "Eight")), desk(server))
    printed = ""
    for words in (
        ["check", "--all"],
        ["check", "--all"],
        ["alerts", "--json"],
        ["status"],
        ["alerts", "test", "desk"],
    ):
        done = writethru(config, *words)
        printed += done.stdout + done.stderr
    assert "quay-secret" not in printed
    assert b"quay-secret" not in (tmp_path / "store.db").read_bytes()


def test_a_pass_does_not_wait_for_a_host_that_asked_us_to_stay_away(tmp_path: Path, server: Scripted) -> None:
    busy = http(429, b"later", {"Retry-After": "3600"})
    first, second = server.on("/first", busy), server.on("/second", http(200, page()))
    sources = "".join(
        f'[[sources]]\nname = "s{number}"\nkind = "page"\nurl = "{url}"\n'
        for number, url in enumerate((first, second))
    )
    config = configure(tmp_path, server, sources)
    seen = lines(writethru(config, "check", "--all", "--json"))
    assert [(check["url"], check["outcome"]) for check in seen] == [(first, "withheld"), (second, "skipped")]
    assert server.asked == ["/first"]


def test_a_host_that_asks_again_is_left_alone_again(tmp_path: Path, server: Scripted) -> None:
    """The request to stay away counts each time, not only when the wall goes up."""
    config = configure(
        tmp_path, server, one_page(server, page(), http(403), http(429, b"later", {"Retry-After": "3600"}))
    )
    seen = [outcomes(lines(writethru(config, "check", "--all", "--json"))) for _ in range(4)]
    assert seen == [["first"], ["withheld"], ["withheld"], ["skipped"]]
