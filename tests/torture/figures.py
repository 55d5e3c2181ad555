"""What a long form found: figures by name, each with its bound where it has one."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(kw_only=True)
class Figures:
    """``rows`` are printed in order; ``troubles`` are the broken promises, in words."""

    rows: list[tuple[str, str, str]] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)

    def say(self, name: str, value: object, bound: str = "") -> None:
        self.rows.append((name, str(value), bound))

    def expect(self, name: str, value: float, most: float) -> None:
        """A figure that must not be larger than ``most``."""
        self.say(name, f"{value:g}", f"<= {most:g}")
        if value > most:
            self.troubles.append(f"{name} is {value:g}, and {most:g} is the most")

    @property
    def passed(self) -> bool:
        return not self.troubles

    def table(self, title: str) -> str:
        wide = max((len(name) for name, _, _ in self.rows), default=0)
        lines = [f"{name:{wide}}  {value:>12}  {bound}".rstrip() for name, value, bound in self.rows]
        said = [f"BROKEN: {trouble}" for trouble in self.troubles] or ["every promise held"]
        return "\n".join([f"== {title}", *lines, *said, ""])
