"""Who in the product can reach out at all. A new one is a new entry point: it belongs among the ways that
tests/test_entry_points.py leads everywhere that they must not go."""

from __future__ import annotations

import ast

import pytest

from tests.newsdesk import ROOT

MAY_REACH_OUT = {
    "monitor/fetch.py": {"http.client", "requests", "ssl", "urllib3"},
    "monitor/adapter.py": {
        "http.client",
        "requests.adapters",
        "socket",
        "urllib3.connection",
        "urllib3.connectionpool",
    },
    "monitor/deadline.py": {"socket"},
    "monitor/guard.py": {"socket"},
    "monitor/lookup.py": {"socket"},
    "monitor/tunnel.py": {"socket"},
    "monitor/courier.py": {"apprise"},
    # The browser is a program of its own, whose only way out is our proxy.
    "monitor/browser/__init__.py": {"asyncio", "playwright.async_api"},
    "monitor/browser/chromium.py": {"asyncio", "playwright.async_api"},
    "monitor/browser/glass.py": {"asyncio", "playwright.async_api"},
    "monitor/browser/page.py": {"asyncio", "playwright.async_api"},
    "monitor/browser/proxy.py": {"selectors", "socket"},
    "monitor/web/__init__.py": {"socket", "uvicorn"},  # it listens
    "monitor/cli/grammar.py": {"import_module"},  # the module of a command
    "monitor/sources/feeds.py": {"feedparser.parse"},  # of bytes, never of an address
    "storage/sqlite.py": {"import_module"},  # one of two drivers
}
REACHES_OUT = set(
    """
    aiohttp apprise asyncio asyncore dns ftplib http httpcore httplib2 httpx httpx2 imaplib nntplib paramiko playwright
    poplib pycurl requests selectors selenium smtplib socket socketserver socks ssl subprocess telnetlib tornado twisted
    urllib3 uvicorn websocket websockets xmlrpc _socket
    """.split()
)
CALLS = set(
    """
    __import__ import_module os.system os.popen os.execv os.execve os.execvp os.spawnv os.spawnvp os.posix_spawn
    lxml.etree.parse etree.parse feedparser.parse trafilatura.fetch_url urllib.request.urlopen urlopen
    """.split()
)


@pytest.mark.parametrize("package", ["monitor", "storage"])
def test_only_these_modules_can_reach_out(package: str) -> None:
    found = {}
    for path in sorted((ROOT / package).rglob("*.py")):
        using = _reaching(ast.parse(path.read_text(encoding="utf-8")))
        if using:
            found[path.relative_to(ROOT).as_posix()] = using
    assert found == {path: using for path, using in MAY_REACH_OUT.items() if path.startswith(package)}


def test_the_search_for_other_ways_out_finds_them() -> None:
    text = "import urllib.request\nfrom http import client\nimport os\nos.system('x')\n__import__('socket')\n"
    assert _reaching(ast.parse(text)) == {"urllib.request", "http.client", "os.system", "__import__"}


def _reaching(tree: ast.AST) -> set[str]:
    """What in a module could reach out: imports, and calls that need none."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names if _is_way_out(name.name)}
        elif isinstance(node, ast.ImportFrom) and node.module:
            several = node.module in ("http", "urllib", "xmlrpc")
            modules = [f"{node.module}.{name.name}" for name in node.names] if several else [node.module]
            found |= {module for module in modules if _is_way_out(module) and module != "http.HTTPStatus"}
        elif isinstance(node, ast.Call):
            found |= {ast.unparse(node.func).removeprefix("importlib.")} & CALLS
    return found


def _is_way_out(module: str) -> bool:
    return module.split(".")[0] in REACHES_OUT or module == "urllib.request"
