"""A configuration is right, or every mistake in it is named with its place."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.config import Config, Proxy, default_config, load_config, parse_config, rules_for
from monitor.errors import ConfigError
from storage.records import EventKind, FetchWay, Retention, Selectors, Severity, Source, SourceKind

ROOT = Path(__file__).resolve().parent.parent
SHIPPED = ROOT / "config.toml"
PAGE = '[[sources]]\nname = "desk"\nkind = "page"\nurl = "https://news.example/a"\n'
CHANNEL = '[[channels]]\nname = "phone"\nurl = "https://hooks.example/x"\n'


def parsed(text: str, folder: Path = ROOT, environment: Mapping[str, str] | None = None) -> Config:
    return parse_config(tomllib.loads(text), folder, environment or {})


def problems(text: str, folder: Path = ROOT, environment: Mapping[str, str] | None = None) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        parsed(text, folder, environment)
    return caught.value.problems


# --------------------------------------------------------------------- mistakes


def test_five_mistakes_are_all_named_with_their_paths() -> None:
    found = problems(
        "[fetch]\nworkers = 0\n"
        "[schedule]\nmin_interval = 60\n"
        '[log]\nlevel = "loud"\n'
        '[[sources]]\nname = "one"\nkind = "page"\nurl = "ftp://news.example/a"\n'
        '[[alerts]]\nname = "rule"\nto = ["nobody"]\n'
    )
    assert [problem.partition(": ")[0] for problem in found] == [
        "fetch.workers",
        "schedule.min_interval",
        "log.level",
        "sources[0].url (one)",
        "alerts[0].to",
    ]


def test_the_error_as_a_whole_says_every_mistake() -> None:
    with pytest.raises(ConfigError) as caught:
        parsed("[fetch]\nworkers = 0\nrobots = 1\n")
    assert str(caught.value).splitlines() == list(caught.value.problems)
    assert len(caught.value.problems) == 2


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[fetch]\ndeadlin = '3s'", "fetch.deadlin: is not a known setting; did you mean 'deadline'?"),
        ("[fetsch]\nworkers = 1", "fetsch: is not a known setting; did you mean 'fetch'?"),
        ("xyzzy = 1", "xyzzy: is not a known setting"),
        (
            PAGE + "selectors = { bodi = 'p' }",
            "sources[0].selectors.bodi: is not a known setting; did you mean 'body'?",
        ),
        (CHANNEL + "urll = 'x'", "channels[0].urll (phone): is not a known setting; did you mean 'url'?"),
        ("[[hosts]]\nhost = 'x'\ninterval = '1s'\nrate = 3", "hosts[0].rate: is not a known setting"),
    ],
)
def test_an_unknown_key_is_a_mistake_with_a_hint(text: str, problem: str) -> None:
    assert problems(text) == (problem,)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("[web]\ntrusted_proxies = []", "web.trusted_proxies"),
        ("[web]\nusers = []", "web.users"),
        (CHANNEL + "per_minute = 3", "channels[0].per_minute (phone)"),
        (CHANNEL + "[[alerts]]\nname = 'r'\nto = ['phone']\ndigest = '1h'", "alerts[0].digest (r)"),
        (CHANNEL + "[[alerts]]\nname = 'r'\nto = ['phone']\nquiet = '22:00-07:00'", "alerts[0].quiet (r)"),
    ],
)
def test_a_key_that_does_not_work_yet_is_unknown_and_never_ignored(text: str, path: str) -> None:
    (problem,) = problems(text)
    assert problem.startswith(f"{path}: is not a known setting")


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("fetch = 1", "fetch"),
        ("sources = 1", "sources"),
        ("[sources]\nname = 'x'", "sources"),
        ("[fetch]\nworkers = true", "fetch.workers"),
        ("[fetch]\nworkers = 2.5", "fetch.workers"),
        ("[fetch]\nrobots = 'yes'", "fetch.robots"),
        ('[fetch]\nuser_agent = "a\\nb"', "fetch.user_agent"),
        ("[fetch]\nallow_private = 'localhost:80'", "fetch.allow_private"),
        ("[fetch]\nallow_private = ['somewhere']", "fetch.allow_private"),
        ("[fetch]\nbrowser = 'nowhere'", "fetch.browser"),
        ("[fetch]\nbrowser = 'LICENSE'", "fetch.browser"),
        ("[storage]\nurl = 'mysql://x'", "storage.url"),
        ("[storage]\nurl = 'sqlite:///'", "storage.url"),
        ("[storage]\nurl = 'postgresql+psycopg://me@host'", "storage.url"),
        ("[storage]\nurl = 'postgresql+psycopg2://me@host/archive'", "storage.url"),
        ("[web]\nlisten = '8420'", "web.listen"),
        ("[web]\nlisten = '127.0.0.1:99999'", "web.listen"),
        ("[web]\ntimezone = 'Mars/Olympus'", "web.timezone"),
        ("[web]\ntimezone = '../etc/passwd'", "web.timezone"),
        ("[schedule]\nmin_interval = '2h'\nmax_interval = '1h'", "schedule.max_interval"),
        ("[schedule]\npolicy = 'lazy'", "schedule.policy"),
        ("[schedule]\ngone_after = 'soon'", "schedule.gone_after"),
        ("[schedule]\ngone_checks = 0", "schedule.gone_checks"),
        ("[retention]\nraw_for = '0s'", "retention.raw_for"),
        ("[retention]\nraw_last = 0", "retention.raw_last"),
        ("[retention]\nchecks_after = 30", "retention.checks_after"),
        ("[retention]\ntext_for = '1d'", "retention.text_for"),
        ("[witness]\nwayback = 'yes'", "witness.wayback"),
        ("[witness]\nseverity = 'grave'", "witness.severity"),
        ("[witness]\nurl = 'ftp://web.archive.org'", "witness.url"),
        ("[witness]\nkeys = 'only-one'", "witness.keys"),
        ('[witness]\nkeys = "a:b\\nX-Evil: c"', "witness.keys"),
        ("[witness]\ninterval = 20", "witness.interval"),
        ("[witness]\nat_once = 6", "witness.at_once"),
        ("[witness]\nallow_private = ['somewhere']", "witness.allow_private"),
        ("[witness]\nwaybak = true", "witness.waybak"),
        ("[stamp]\nurl = 'tsa.example'", "stamp.url"),
        ("[stamp]\nevery = '0s'", "stamp.every"),
        ("[stamp]\nca = 'nowhere.pem'", "stamp.ca"),
        ("[stamp]\nca = 'LICENSE'", "stamp.ca"),
        ("[stamp]\nurll = 'x'", "stamp.urll"),
        ("[[hosts]]\nhost = 'x'", "hosts[0].interval"),
        (PAGE + "kind2 = 1", "sources[0].kind2 (desk)"),
        (PAGE.replace("page", "radio"), "sources[0].kind (desk)"),
        (PAGE.replace("https", "gopher"), "sources[0].url (desk)"),
        (PAGE.replace("news.example", "[::1"), "sources[0].url (desk)"),
        (PAGE.replace("desk", ""), "sources[0].name"),
        (PAGE + "include = ['(']", "sources[0].include (desk)"),
        (PAGE + "selectors = { body = 'p[[' }", "sources[0].selectors.body"),
        (PAGE + "headers = { Host = 'x' }", "sources[0].headers.Host"),
        (PAGE + 'headers = { Accept = "a\\r\\nb" }', "sources[0].headers.Accept"),
        (PAGE + "fetch = 'telnet'", "sources[0].fetch (desk)"),
        (PAGE + "fetch = 'browser'\nheaders = { Accept = 'x' }", "sources[0].headers (desk)"),
        (
            "[[sources]]\nname = 'f'\nkind = 'folder'\nurl = 'seeds'\nfetch = 'browser'",
            "sources[0].fetch (f)",
        ),
        (PAGE + PAGE, "sources[1].name"),
        (PAGE + "baseline = 'nowhere.txt'", "sources[0].baseline (desk)"),
        (PAGE + "interval = '0s'", "sources[0].interval (desk)"),
        ("[[sources]]\nname = 'f'\nkind = 'folder'\nurl = 'nowhere'", "sources[0].url (f)"),
        ("[[channels]]\nname = 'phone'\nurl = 'call me'", "channels[0].url (phone)"),
        (CHANNEL + "[[alerts]]\nname = 'r'\nto = ['phone']\nseverity = 'grave'", "alerts[0].severity (r)"),
        (CHANNEL + "[[alerts]]\nname = 'r'\nto = ['phone']\nevents = ['rain']", "alerts[0].events (r)"),
        (CHANNEL + "[[alerts]]\nname = 'r'\nto = ['phone']\nmatch = '['", "alerts[0].match (r)"),
        (CHANNEL + "[[alerts]]\nname = 'r'\nto = ['phone']\nsources = ['gone']", "alerts[0].sources"),
    ],
)
def test_a_wrong_value_is_named_by_its_path(text: str, path: str) -> None:
    (problem,) = problems(text)
    assert problem.startswith(f"{path}: ")


@pytest.mark.parametrize(
    "name",
    """
    Host Content-Length Content-Type Transfer-Encoding Connection Keep-Alive TE Trailer Upgrade Expect Via Range
    If-Range If-None-Match Accept-Encoding Proxy-Authorization Proxy-Connection Cookie2 Forwarded X-Forwarded-For
    X-Forwarded-Host X-Real-IP Remote-User X-Remote-User REMOTE-USER
    """.split(),
)
def test_a_source_sets_no_header_that_is_not_its_to_set(name: str) -> None:
    assert problems(PAGE + f"headers = {{ {name} = 'x' }}") == (
        f"sources[0].headers.{name}: is not a header that can be set here",
    )


@pytest.mark.parametrize("name", ["Authorization", "X-Api-Key", "Accept-Language", "Accept", "Referer"])
def test_a_source_may_set_a_header_of_its_own(name: str) -> None:
    assert parsed(PAGE + f"headers = {{ {name} = 'x' }}").sources[0].headers == ((name, "x"),)


@pytest.mark.parametrize(
    ("url", "proxy"),
    [
        ("http://proxy.example:3128", Proxy(host="proxy.example", port=3128)),
        ("http://proxy.example/", Proxy(host="proxy.example", port=80)),
        ("http://[::1]:3128", Proxy(host="::1", port=3128)),
        (
            "http://reader:p%40ss@proxy.example:3128",
            Proxy(host="proxy.example", port=3128, login="reader:p@ss"),
        ),
        (
            "http://reader:${P}@proxy.example:3128",
            Proxy(host="proxy.example", port=3128, login="reader:SECRET"),
        ),
    ],
)
def test_a_proxy_is_named_by_its_address(url: str, proxy: Proxy) -> None:
    found = parsed(f"[fetch]\nproxy = '{url}'", environment={"P": "SECRET"})
    assert found.fetch.proxy == proxy
    assert "SECRET" not in repr(found)
    assert parsed("").fetch.proxy is None


@pytest.mark.parametrize(
    "url",
    [
        "proxy.example:3128", "https://me:SECRET@proxy.example", "http://", "http://me:SECRET@proxy.example:99999",
        "http://proxy.example/path", "http://me:SECRET@proxy.example?x", "http://me:SECRET@[::1", "",
    ],
)  # fmt: skip
def test_a_proxy_that_is_none_is_said_so_without_its_password(url: str) -> None:
    assert problems(f"[fetch]\nproxy = '{url}'") == (
        "fetch.proxy: must be the address of a proxy, as in http://user:password@proxy.example:3128",
    )


@pytest.mark.parametrize("scheme", ["socks5", "socks5h", "socks4", "SOCKS5"])
def test_socks_is_refused_in_a_sentence(scheme: str) -> None:
    assert problems(f"[fetch]\nproxy = '{scheme}://me:SECRET@proxy.example:1080'") == (
        "fetch.proxy: must be an http:// proxy; SOCKS is not spoken here",
    )


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("syslog://", "works on this machine alone"),
        ("dbus://", "works on this machine alone"),
        ("MacOSX://", "works on this machine alone"),
        ("windows://", "works on this machine alone"),
        ("gnome://", "works on this machine alone"),
        ("json://tool.example/?attach=/etc/passwd", "attach="),
        ("mailto://me:SECRET@mail.example?to=x@y.example&Attach=https://x.example", "attach="),
        ("json://tool.example/?redirect=yes", "redirect="),
        ("desk", "must be an address"),
    ],
)
def test_a_channel_that_goes_nowhere_or_takes_files_along_is_a_mistake(url: str, said: str) -> None:
    (problem,) = problems(f"[[channels]]\nname = 'phone'\nurl = '{url}'")
    assert problem.startswith("channels[0].url (phone): ")
    assert said in problem
    assert "SECRET" not in problem


def test_a_webhook_may_carry_whatever_words_its_receiver_wants() -> None:
    url = "https://tool.example/hook?redirect=no&attach=1"
    assert parsed(f"[[channels]]\nname = 'phone'\nurl = '{url}'").channels[0].url == url


def test_what_is_required_is_missed() -> None:
    assert problems("[[sources]]\n[[channels]]\n[[alerts]]\n") == (
        "sources[0].kind: is missing",
        "sources[0].name: is missing",
        "sources[0].url: is missing",
        "channels[0].name: is missing",
        "channels[0].url: is missing",
        "alerts[0].name: is missing",
        "alerts[0].to: is missing",
    )


def test_a_name_misspelt_in_a_rule_is_guessed() -> None:
    assert problems(CHANNEL + "[[alerts]]\nname = 'r'\nto = ['fone', 'phon']") == (
        "alerts[0].to: there is no channel 'fone'; did you mean 'phone'?",
        "alerts[0].to: there is no channel 'phon'; did you mean 'phone'?",
    )


# --------------------------------------------------------------------- durations


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("90s", timedelta(seconds=90)),
        ("15m", timedelta(minutes=15)),
        ("3h", timedelta(hours=3)),
        ("30d", timedelta(days=30)),
        ("0s", timedelta(0)),
        ("366d", timedelta(days=366)),
    ],
)
def test_a_duration_is_a_number_and_a_unit(text: str, length: timedelta) -> None:
    assert parsed(f"[fetch]\nhost_interval = '{text}'").fetch.host_interval == length


@pytest.mark.parametrize("text", ["5", "5 s", "-5s", "1.5h", "5w", "s", "", "1h30m", "367d", "999999999d"])
def test_anything_else_is_no_duration(text: str) -> None:
    (problem,) = problems(f"[fetch]\nhost_interval = '{text}'")
    assert problem.startswith("fetch.host_interval: must ")
    assert repr(text) in problem


# --------------------------------------------------------------------- secrets


def test_a_secret_comes_from_the_environment_or_a_file(tmp_path: Path) -> None:
    (tmp_path / "token.txt").write_text("from the file\n", encoding="utf-8")
    text = "[web]\ntoken = 'file:token.txt'\n[[channels]]\nname = 'c'\nurl = 'https://${USER_}:${PASS}@x.example'\n"
    config = parsed(text, tmp_path, {"USER_": "me", "PASS": "pw"})
    assert config.web.token == "from the file"
    assert config.channels[0].url == "https://me:pw@x.example"


def test_a_secret_that_is_not_there_is_named_and_never_empty(tmp_path: Path) -> None:
    assert problems("[web]\ntoken = '${A}${B}'", environment={"A": "x"}) == (
        "web.token: the environment has no B",
    )
    (problem,) = problems("[web]\ntoken = 'file:gone.txt'", tmp_path)
    assert problem.startswith("web.token: the file gone.txt cannot be read")


def test_no_secret_is_ever_in_a_repr(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("SECRET-key", encoding="utf-8")
    config = parsed(
        "[storage]\nurl = 'postgresql+psycopg://me:${D}@host/archive'\n"
        "[web]\ntoken = '${T}'\n"
        "[[channels]]\nname = 'c'\nurl = 'https://me:${P}@x.example'\nsecret = 'file:key'\n"
        + PAGE
        + "headers = { Authorization = '${H}' }\ncookies = { session = '${C}' }\n",
        tmp_path,
        {
            "D": "SECRET-database",
            "T": "SECRET-token",
            "P": "SECRET-password",
            "H": "SECRET-header",
            "C": "SECRET-cookie",
        },
    )
    assert config.storage_url == "postgresql+psycopg://me:SECRET-database@host/archive"
    assert config.web.token == "SECRET-token"
    assert config.sources[0].headers == (
        ("Authorization", "SECRET-header"),
        ("Cookie", "session=SECRET-cookie"),
    )
    assert config.channels[0].secret == "SECRET-key"
    assert "SECRET" not in repr(config)


def test_a_database_address_that_is_wrong_is_not_repeated() -> None:
    (problem,) = problems("[storage]\nurl = 'mysql://me:SECRET@host/archive'")
    assert problem == "storage.url: must be sqlite:///FILE or postgresql+psycopg://USER@HOST/DATABASE"


def test_no_secret_is_in_a_complaint_about_another_setting() -> None:
    text = "[web]\ntoken = '${T}'\nlisten = 'x'\n" + PAGE + "headers = { Host = '${T}' }\n"
    assert not [problem for problem in problems(text, environment={"T": "SECRET"}) if "SECRET" in problem]


# --------------------------------------------------------------------- listening


@pytest.mark.parametrize("listen", ["127.0.0.1:8420", "localhost:1", "[::1]:8420"])
def test_listening_on_loopback_needs_no_token(listen: str) -> None:
    config = parsed(f"[web]\nlisten = '{listen}'")
    assert config.web.token is None
    assert f"{config.web.host}:{config.web.port}" == listen.replace("[", "").replace("]", "")


@pytest.mark.parametrize("listen", ["0.0.0.0:8420", "[::]:8420", "192.0.2.7:80", "news.example:80"])
def test_listening_anywhere_else_without_a_token_is_refused(listen: str) -> None:
    for token in ("", "token = ''", "token = '${EMPTY}'"):
        (problem,) = problems(f"[web]\nlisten = '{listen}'\n{token}", environment={"EMPTY": ""})
        assert problem.startswith("web.listen: listening on ")
        assert "needs a token" in problem
    assert parsed(f"[web]\nlisten = '{listen}'\ntoken = 'x'").web.token == "x"
    assert not parsed(f"[web]\nlisten = '{listen}'\nenabled = false").web.enabled


# --------------------------------------------------------------------- when an article is gone


def test_an_absence_counts_after_three_checks_and_three_hours_where_nothing_else_is_said() -> None:
    usual = parsed("").schedule
    assert (usual.gone_checks, usual.gone_after) == (3, timedelta(hours=3))
    said = parsed("[schedule]\ngone_checks = 1\ngone_after = '0s'").schedule
    assert (said.gone_checks, said.gone_after) == (1, timedelta(0))


# --------------------------------------------------------------------- witnesses outside


def test_no_witness_is_asked_unless_it_is_said() -> None:
    config = parsed("")
    assert (config.witness.wayback, config.stamp.url) == (False, None)


def test_keys_allow_more_than_none_and_never_show() -> None:
    anybody = parsed("[witness]\nwayback = true").witness
    assert (anybody.severity, anybody.interval, anybody.at_once) == (
        Severity.SUBSTANTIVE,
        timedelta(seconds=20),
        3,
    )
    known = parsed("[witness]\nwayback = true\nkeys = '${K}'", environment={"K": "SECRET:SECRET"}).witness
    assert (known.keys, known.interval, known.at_once) == ("SECRET:SECRET", timedelta(seconds=10), 5)
    assert "SECRET" not in repr(known)


# --------------------------------------------------------------------- what is right


def test_everything_is_kept_where_nothing_else_is_said() -> None:
    assert parsed("").retention == Retention()
    said = parsed("[retention]\nraw_for = '365d'\nraw_last = 20\nchecks_after = '30d'").retention
    assert said == Retention(raw_for=timedelta(days=365), raw_last=20, checks_after=timedelta(days=30))


def test_an_empty_file_is_a_whole_configuration() -> None:
    config = parsed("")
    assert config == default_config(ROOT)
    assert config.fetch.host_interval == timedelta(seconds=5)
    assert config.fetch.robots
    assert (config.web.host, config.web.token) == ("127.0.0.1", None)


def test_every_setting_of_a_source_and_a_rule_is_read() -> None:
    config = parsed(
        '[[sources]]\nname = "desk"\nkind = "page"\nurl = "https://news.example/a#top"\ninterval = "5m"\n'
        'include = ["/world/"]\nexclude = ["/video/"]\nrobots = false\ntags = ["world"]\n'
        'selectors = { body = ".b p", remove = ".ad", headline = "h1", byline = ".who" }\n'
        + CHANNEL
        + '[[alerts]]\nname = "r"\nto = ["phone"]\nseverity = "critical"\nevents = ["number_changed", "removed"]\n'
        'silent = true\nsources = ["desk"]\ntags = ["world"]\nmatch = "(?i)seven"\nmin_words = 3\n'
    )
    assert config.sources == (
        Source(
            name="desk",
            kind=SourceKind.PAGE,
            url="https://news.example/a",
            interval=timedelta(minutes=5),
            include=("/world/",),
            exclude=("/video/",),
            robots=False,
            selectors=Selectors(body=".b p", remove=".ad", headline="h1", byline=".who"),
            tags=("world",),
        ),
    )
    (rule,) = config.alerts
    assert (rule.severity, rule.events) == (Severity.CRITICAL, (EventKind.NUMBER_CHANGED, EventKind.REMOVED))
    assert (rule.silent, rule.match, rule.min_words) == (True, "(?i)seven", 3)


def test_relative_paths_count_from_the_file_they_stand_in(tmp_path: Path) -> None:
    (tmp_path / "texts").mkdir()
    (tmp_path / "base.txt").write_text("It was old.", encoding="utf-8")
    file = tmp_path / "config.toml"
    folder = "[[sources]]\nname = 'f'\nkind = 'folder'\nurl = 'texts'\n"
    file.write_text(folder + PAGE + "baseline = 'base.txt'\n", encoding="utf-8")
    config = load_config(file, {})
    assert config.folder == tmp_path
    assert [config.sources[0].url, config.sources[1].baseline] == [
        str(tmp_path / "texts"),
        str(tmp_path / "base.txt"),
    ]


def test_a_host_may_have_an_interval_of_its_own() -> None:
    config = parsed("[[hosts]]\nhost = 'Slow.Example'\ninterval = '30s'")
    assert config.host_interval("slow.example") == timedelta(seconds=30)
    assert config.host_interval("other.example") == timedelta(seconds=5)


def test_a_rule_speaks_about_its_sources_and_tags_only() -> None:
    rules = parsed(
        PAGE
        + CHANNEL
        + "[[alerts]]\nname = 'all'\nto = ['phone']\n"
        + "[[alerts]]\nname = 'desk'\nto = ['phone']\nsources = ['desk']\n"
        + "[[alerts]]\nname = 'sport'\nto = ['phone']\ntags = ['sport', 'football']\n"
    ).alerts
    plain = Source(name="other", kind=SourceKind.PAGE, url="https://x.example")
    tagged = Source(name="desk", kind=SourceKind.PAGE, url="https://x.example", tags=("football",))
    assert [rule.name for rule in rules_for(rules, plain)] == ["all"]
    assert [rule.name for rule in rules_for(rules, tagged)] == ["all", "desk", "sport"]


# --------------------------------------------------------------------- files


def test_a_file_that_is_not_there_or_not_toml_is_one_plain_sentence(tmp_path: Path) -> None:
    missing, broken, binary = tmp_path / "no.toml", tmp_path / "broken.toml", tmp_path / "binary.toml"
    broken.write_text("[fetch\n", encoding="utf-8")
    binary.write_bytes(b"\xff\xfe\x00")
    for path, words in (
        (missing, "no configuration"),
        (broken, "not valid TOML"),
        (binary, "cannot be read"),
    ):
        with pytest.raises(ConfigError, match=words) as caught:
            load_config(path, {})
        assert len(caught.value.problems) == 1
        assert str(path) in caught.value.problems[0]


def test_the_shipped_configuration_is_valid() -> None:
    assert load_config(SHIPPED, {}).sources


def test_every_example_in_the_shipped_configuration_is_valid_once_its_hash_is_taken_away(
    tmp_path: Path,
) -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    enabled = re.sub(r"(?m)^# (\[\[?\w+\]\]?|\w+ = .*)$", r"\1", text)
    (tmp_path / "seeds").mkdir()
    (tmp_path / "freetsa-ca.pem").write_text("-----BEGIN CERTIFICATE-----", encoding="utf-8")
    (tmp_path / "baselines").mkdir()
    (tmp_path / "baselines" / "one-story.txt").write_text("It was old.", encoding="utf-8")
    names = dict.fromkeys(re.findall(r"\$\{(\w+)\}", enabled), "x")
    config = parse_config(tomllib.loads(enabled), tmp_path, names)
    assert len(config.sources) == enabled.count("[[sources]]") > 1
    assert config.alerts
    assert config.web.token == "x"
    assert config.witness.keys == "x:x"
    assert config.stamp.ca


def test_a_source_says_how_its_pages_are_fetched() -> None:
    assert parsed(PAGE).sources[0].fetch is FetchWay.HTTP
    (source,) = parsed(PAGE + "fetch = 'browser'\ncookies = { session = 'x' }").sources
    assert source.fetch is FetchWay.BROWSER
    assert source.headers == (("Cookie", "session=x"),)


def test_a_browser_is_a_program_that_can_be_run(tmp_path: Path) -> None:
    program = tmp_path / "chromium"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    assert parsed("[fetch]\nbrowser = 'chromium'", tmp_path).fetch.browser == str(program)


@pytest.mark.parametrize("text", ["a = " + "9" * 5000, "a = " + "[" * 20_000], ids=["number", "list"])
def test_a_file_out_of_all_bounds_is_a_mistake_like_any_other(tmp_path: Path, text: str) -> None:
    (tmp_path / "config.toml").write_text(text)
    with pytest.raises(ConfigError, match="out of all bounds"):
        load_config(tmp_path / "config.toml")


@pytest.mark.parametrize(
    "text",
    [
        "[web]\ntoken = 4711",
        "[fetch]\nproxy = [4711]",
        "[storage]\nurl = [4711]",
        "[witness]\nkeys = 4711",
        f"{CHANNEL}secret = 4711",
        f"{PAGE}headers = {{ X-Key = 4711 }}",
    ],
)
def test_a_secret_that_is_no_text_is_not_repeated(text: str) -> None:
    (problem,) = problems(text)
    assert "must be text in quotes" in problem
    assert "4711" not in problem
