"""Is everything there, once? Asked of a copy, after every kill, of the archive that the dead daemon left.

The archive is read anew from where the last audit ended; the chain and the counts prove that what
was read before is still there.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from storage.ledger import ORIGIN, LogFilter, link
from storage.records import Delivery, DeliveryState, PendingAlert
from storage.sqlite import driver as sqlite3
from storage.store import Store
from tests.torture.daemon import Acknowledged
from tests.torture.newsroom import DESKS, Told, edition_in

DATABASE = "store.db"
_SIDE_FILES = ("", "-wal", "-journal")


@dataclass(kw_only=True)
class Audit:
    """The audits of one archive; ``troubles`` are the broken promises, in words."""

    acknowledged: Acknowledged = field(default_factory=Acknowledged)
    troubles: list[str] = field(default_factory=list)
    newest: dict[str, tuple[int, int]] = field(default_factory=dict)
    revisions: int = 0
    checks: int = 0
    _named: list[str] = field(default_factory=list)
    _seq: int = 0
    _chain: str = ORIGIN
    _check_seq: int = 0
    _check_ids: set[str] = field(default_factory=set)
    checked: Counter[str] = field(default_factory=Counter)

    def look(self, folder: Path, aside: Path) -> None:
        """Audit what lies in ``folder``, on a copy in ``aside``, so that the next start finds it as it was left."""
        if not (folder / DATABASE).exists():
            return
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir()
        for end in _SIDE_FILES:
            if (folder / (DATABASE + end)).exists():
                shutil.copyfile(folder / (DATABASE + end), aside / (DATABASE + end))
        self._integrity(aside)
        with Store.open(f"sqlite:///{DATABASE}", aside) as store:
            self._log(store)
            self._checks(store)
            self._counts(store)
        self._kept()

    def _integrity(self, folder: Path) -> None:
        with closing(sqlite3.connect(folder / DATABASE)) as connection:
            said = connection.execute("PRAGMA integrity_check").fetchall()
            orphans = connection.execute("PRAGMA foreign_key_check").fetchall()
        if said != [("ok",)] or orphans:
            self.troubles.append(f"the database is damaged: {said} {orphans}")

    def _log(self, store: Store) -> None:
        """The log goes on where it ended: each article's numbers without a gap, its editions only forward."""
        for entry in store.log(LogFilter(after=self._seq)):
            self._chain, self._seq = link(self._chain, entry.digest), entry.seq
            if self._chain != entry.chain:
                self.troubles.append(f"the chain is broken at {entry.seq}")
                self._chain = entry.chain
            if entry.number is None:
                self.troubles.append(f"{entry.url}: {entry.reason}: {entry.summary}")
                continue
            number, edition = self.newest.get(entry.url, (0, 0))
            text = store.revision(entry.article_id, entry.number).extraction.text
            story, seen = edition_in(text)
            if not entry.url.endswith(f"/story/{story}"):
                self.troubles.append(f"{entry.url} holds story {story}")
            if entry.number != number + 1:
                self.troubles.append(f"{entry.url}: after revision {number} comes {entry.number}")
            if seen <= edition:
                self.troubles.append(f"{entry.url}: after edition {edition} comes {seen}")
            self.newest[entry.url] = (entry.number, seen)
            self.revisions += 1

    def _checks(self, store: Store) -> None:
        for found in store.checks(after=self._check_seq):
            self._check_seq = found.seq
            if found.check.id in self._check_ids:
                self.troubles.append(f"check {found.check.id} is there twice")
            self._check_ids.add(found.check.id)
            self.checked[found.url] += 1
            self.checks += 1

    def _counts(self, store: Store) -> None:
        """Nothing that was read before is gone, and the alerts are those that were asked for."""
        counts = store.counts()
        wanted = {
            "revisions": self.revisions,
            "checks": self.checks,
            "alerts": len(DESKS) * (self.revisions - len(self.newest)),
        }
        for name, number in wanted.items():
            if counts[name] != number:
                self.troubles.append(f"there are {counts[name]} {name}, and it should be {number}")

    def _kept(self) -> None:
        """What was acknowledged is there."""
        for url, number in self.acknowledged.revisions.items():
            if self.newest.get(url, (0, 0))[0] < number:
                self.troubles.append(f"{url}: revision {number} was acknowledged and is lost")
        for url, number in self.acknowledged.checks.items():
            if self.checked[url] < number:
                self.troubles.append(
                    f"{url}: {number} checks were acknowledged, {self.checked[url]} are there"
                )

    def name_troubles(self, when: str) -> None:
        """Say of every trouble that is new when it was found."""
        named = len(self._named)
        self._named += [f"{when}: {trouble}" for trouble in self.troubles[named:]]
        self.troubles[:] = self._named

    # ------------------------------------------------------------------ at the end

    def agrees_with_a_whole_one(self, folder: Path, aside: Path) -> None:
        """What was read piece by piece is all there when it is read from the beginning."""
        whole = Audit(acknowledged=self.acknowledged)
        whole.look(folder, aside)
        self.troubles += whole.troubles
        if (whole.newest, whole.checked) != (self.newest, self.checked):
            self.troubles.append("what was read after the kills is not what is there at the end")

    def alerts(self, store: Store, told: Sequence[Told]) -> None:
        """Every revision but the first of an article was told once to each desk: one delivery, that arrived."""
        waiting: list[PendingAlert] = store.outbox.waiting(1_000_000)
        if waiting:
            self.troubles.append(f"{len(waiting)} alerts are in no delivery")
        deliveries = {delivery.id: delivery for delivery in store.outbox.deliveries()}
        about = Counter(_about(delivery) for delivery in deliveries.values())
        wanted = {
            (desk, url, number)
            for url, (last, _) in self.newest.items()
            for number in range(2, last + 1)
            for desk in DESKS
        }
        self._same("deliveries", about, wanted)
        unsent = [d.id for d in deliveries.values() if d.state is not DeliveryState.DELIVERED]
        if unsent:
            self.troubles.append(f"{len(unsent)} deliveries did not arrive")
        ids = {message.delivery: (message.desk, message.article, message.revision) for message in told}
        self._same("delivery ids of messages", Counter(ids.values()), wanted)
        unknown = {message.delivery for message in told} - deliveries.keys()
        if unknown:
            self.troubles.append(f"{len(unknown)} messages of deliveries that nobody knows")

    def _same(
        self, what: str, found: Counter[tuple[str, str, int]], wanted: set[tuple[str, str, int]]
    ) -> None:
        if lost := wanted - found.keys():
            self.troubles.append(f"{what}: {len(lost)} lost, such as {min(lost)}")
        if doubled := [key for key, times in found.items() if times > 1]:
            self.troubles.append(f"{what}: {len(doubled)} doubled, such as {min(doubled)}")
        if astray := found.keys() - wanted:
            self.troubles.append(f"{what}: {len(astray)} that nobody asked for, such as {min(astray)}")


def _about(delivery: Delivery) -> tuple[str, str, int]:
    return delivery.channel, delivery.content["article"], delivery.content["revision"]
