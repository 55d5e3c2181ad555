"""A folder on a disk that loses power: what was synced is there, and of the rest whatever the disk likes.

Nothing is promised that POSIX does not: a file's bytes are safe once that file is synced, a name once its
folder is. What was written since may be there, be missing, be there in another order, or be there in part, sector
by sector; a file that was growing may have the length without the bytes.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from enum import Enum, auto

from tests.torture.tracing import Call

SECTOR = 512


class Fate(Enum):
    """What becomes of what was not synced."""

    KEPT = auto()  # the process was killed, the machine went on
    LOST = auto()
    CUT_OFF = auto()  # in order up to some moment, and the last write torn
    SCATTERED = auto()  # each sector for itself, in no order


@dataclass(kw_only=True, eq=False)
class File:
    """The bytes that are safe, and the calls since."""

    safe: bytearray = field(default_factory=bytearray)
    since: list[Call] = field(default_factory=list)

    def sync(self) -> None:
        for call in self.since:
            _carry_out(self.safe, call)
        self.since.clear()

    def after(self, fate: Fate, chance: random.Random) -> bytes:
        found = bytearray(self.safe)
        match fate:
            case Fate.KEPT:
                for call in self.since:
                    _carry_out(found, call)
            case Fate.CUT_OFF:
                self._cut_off(found, chance)
            case Fate.SCATTERED:
                self._scatter(found, chance)
            case Fate.LOST:
                pass
        return bytes(found)

    def _cut_off(self, found: bytearray, chance: random.Random) -> None:
        whole = chance.randint(0, len(self.since))
        for call in self.since[:whole]:
            _carry_out(found, call)
        for call in self.since[whole : whole + 1]:
            kept = chance.randint(0, len(call.data) // SECTOR) * SECTOR
            if call.kind == "w":
                _put(found, call.at, call.data[:kept])

    def _scatter(self, found: bytearray, chance: random.Random) -> None:
        share = chance.choice((0.1, 0.5, 0.9))
        rubbish = chance.choice((bytes(SECTOR), chance.randbytes(SECTOR)))
        for call in self.since:
            if call.kind == "t":
                if chance.random() < share:
                    _carry_out(found, call)
                continue
            for start in range(0, len(call.data), SECTOR):
                piece, at = call.data[start : start + SECTOR], call.at + start
                if chance.random() < share:
                    _put(found, at, piece, rubbish)
                elif chance.random() < share:
                    _put(found, max(at + len(piece), len(found)), b"", rubbish)


class Disk:
    """The folder as the calls have left it so far; names in ``ignored`` are not on the disk."""

    def __init__(self, ignored: tuple[str, ...] = ()) -> None:
        self._ignored = ignored
        self._files: dict[int, File] = {}
        self._folders: set[int] = set()
        self._now: dict[str, File] = {}
        self._safe: dict[str, File] = {}
        self._since: dict[str, list[File | None]] = {}
        self._moved: File | None = None

    def carry_out(self, call: Call) -> None:
        name = call.data.decode() if call.kind in "ournd" else ""
        if name.endswith(self._ignored):
            self._files.pop(call.inode, None)
            return
        match call.kind:
            case "d":
                self._folders.add(call.inode)
            case "o":
                self._open(name, call)
            case "w" | "t" if call.inode in self._files:
                self._files[call.inode].since.append(call)
            case "s" if call.inode in self._folders:
                self._safe, self._since = dict(self._now), {}
            case "s" if call.inode in self._files:
                self._files[call.inode].sync()
            case "u" | "r":
                self._moved = self._now.pop(name, None)
                self._since.setdefault(name, []).append(None)
            case "n" if self._moved is not None:
                self._name(name, self._moved)

    def _open(self, name: str, call: Call) -> None:
        if name not in self._now:
            self._name(name, File())
        self._files[call.inode] = self._now[name]
        if call.at:
            self._now[name].since.append(Call(kind="t", inode=call.inode, at=0, data=b""))

    def _name(self, name: str, file: File) -> None:
        self._now[name] = file
        self._since.setdefault(name, []).append(file)

    def after(self, fate: Fate, chance: random.Random) -> dict[str, bytes]:
        """The files that are found when the power is back."""
        found: dict[str, bytes] = {}
        for name in sorted({*self._safe, *self._since}):
            versions = [self._safe.get(name), *self._since.get(name, [])]
            match fate:
                case Fate.KEPT:
                    file = versions[-1]
                case Fate.LOST:
                    file = versions[0]
                case _:
                    file = chance.choice(versions)
            if file is not None:
                found[name] = file.after(fate, chance)
        return found


def _carry_out(content: bytearray, call: Call) -> None:
    if call.kind == "w":
        _put(content, call.at, call.data)
    elif call.at <= len(content):
        del content[call.at :]
    else:
        content.extend(bytes(call.at - len(content)))


def _put(content: bytearray, at: int, data: bytes, rubbish: bytes = bytes(SECTOR)) -> None:
    if at > len(content):
        gap = at - len(content)
        content.extend((rubbish * (gap // SECTOR + 1))[:gap])
    content[at : at + len(data)] = data
