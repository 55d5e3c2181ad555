"""One table of the file, read key by key; what is wrong with it is collected, and reading goes on."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from monitor.config import values
from monitor.config.rights import Caution, open_to_reading

_VARIABLE = re.compile(r"\$\{(\w+)\}")
# What makes the request itself is ours; what a proxy vouches for with is not for a source to claim.
_NOT_A_SOURCES = re.compile(
    "host|content-.*|transfer-encoding|connection|keep-alive|te|trailer|upgrade|expect|via|accept-encoding|range|if-.*"
    "|cookie2|forwarded|x-forwarded-.*|x-real-ip|(x-)?remote-.*|proxy-.*"
)


class Table:
    """One table of the file. ``take`` reads a key; ``close`` calls what was not taken unknown."""

    def __init__(
        self,
        path: str,
        data: Any,
        problems: list[str],
        folder: Path,
        environment: Mapping[str, str],
        cautions: list[Caution],
    ) -> None:
        self.path, self.problems, self.folder, self._environment = path, problems, folder, environment
        self.cautions = cautions
        self._taken: set[str] = set()
        if not isinstance(data, dict):
            problems.append(f"{path}: must be a table")
            data = {}
        self._data: dict[str, Any] = data

    def problem(self, key: str, sentence: str) -> None:
        place = f"{self.path}.{key}" if self.path else key
        name = self._data.get("name")
        who = f" ({name})" if isinstance(name, str) and key != "name" else ""
        self.problems.append(f"{place}{who}: {sentence}")

    def take(
        self, key: str, read: Callable[[Any], Any], default: Any, *, required: bool | None = None
    ) -> Any:
        """The value of ``key`` as ``read`` gives it; a default of None makes it required."""
        self._taken.add(key)
        if key not in self._data:
            if required if required is not None else default is None:
                self.problem(key, "is missing")
            return default
        try:
            return read(self._data[key])
        except values.Wrong as wrong:
            self.problem(key, str(wrong))
            return default

    def secret(self, key: str, *, required: bool = False) -> str | None:
        """A text in which ``${NAME}`` comes from the environment, or all from ``file:PATH``."""
        found: str | None = self.take(key, self._expand, None, required=required)
        return found

    def expanded(self, read: Callable[[Any], Any]) -> Callable[[Any], Any]:
        """``read``, for a value that may hold secrets as ``secret`` takes them."""
        return lambda value: read(self._expand(value))

    def headers(self) -> list[tuple[str, str]]:
        """``headers`` and ``cookies``, as the header lines they make."""
        pairs = list(self._pairs("headers"))
        cookies = "; ".join(f"{name}={value}" for name, value in self._pairs("cookies"))
        return pairs + ([("Cookie", cookies)] if cookies else [])

    def table(self, key: str) -> Table:
        self._taken.add(key)
        place = f"{self.path}.{key}" if self.path else key
        return self._inner(place, self._data.get(key, {}))

    def tables(self, key: str) -> list[Table]:
        self._taken.add(key)
        listed = self._data.get(key, [])
        if not isinstance(listed, list):
            self.problem(key, f"must be a list: write [[{key}]]")
            return []
        return [self._inner(f"{key}[{place}]", item) for place, item in enumerate(listed)]

    def _inner(self, place: str, data: Any) -> Table:
        return Table(place, data, self.problems, self.folder, self._environment, self.cautions)

    def close(self) -> None:
        for key in self._data:
            if key not in self._taken:
                self.problem(key, f"is not a known setting{values.hint(key, self._taken)}")

    def _pairs(self, key: str) -> list[tuple[str, str]]:
        pairs = []
        table = self.table(key)
        for name in table._data:
            value = table.take(name, lambda value: values.header_value(self._expand(value)), "")
            if not re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", name) or _NOT_A_SOURCES.fullmatch(
                name.lower()
            ):
                table.problem(name, "is not a header that can be set here")
            pairs.append((name, value))
        return pairs

    def _expand(self, value: Any) -> str:
        if not isinstance(value, str):
            raise values.Wrong("must be text in quotes")  # and is not repeated: it may be a secret
        text = value
        if text.startswith("file:"):
            path = self.folder / text[5:]
            try:
                secret = path.read_text(encoding="utf-8").strip()
                self.cautions += (new for new in open_to_reading(path) if new not in self.cautions)
                return secret
            except (OSError, UnicodeDecodeError) as error:
                raise values.Wrong(f"the file {text[5:]} cannot be read: {error}") from None
        missing = [name for name in _VARIABLE.findall(text) if name not in self._environment]
        if missing:
            raise values.Wrong(f"the environment has no {' and no '.join(missing)}")
        return _VARIABLE.sub(lambda found: self._environment[found[1]], text)
