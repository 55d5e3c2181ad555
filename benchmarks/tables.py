"""Tables of figures, aligned for a terminal or as Markdown."""

from __future__ import annotations

from collections.abc import Sequence

Cell = str | int | float | None


def table(title: str, head: Sequence[str], rows: Sequence[Sequence[Cell]], *, markdown: bool) -> str:
    """One table under its title; the first column is text, all others stand to the right."""
    cells = [list(head), *([_written(cell) for cell in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    lines = [_line(row, widths, markdown=markdown) for row in cells]
    rule = "|".join(["", "-" * (widths[0] + 2), *("-" * (width + 1) + ":" for width in widths[1:]), ""])
    if markdown:
        return "\n".join([f"### {title}", "", lines[0], rule, *lines[1:], ""])
    return "\n".join([title, *(f"  {line}" for line in lines), ""])


def listing(title: str, lines: Sequence[str], *, markdown: bool) -> str:
    """A list under its title, which counts it; nothing at all where it is empty."""
    if not lines:
        return ""
    sign = "- " if markdown else "  "
    head = f"**{title}: {len(lines)}**\n" if markdown else f"{title}: {len(lines)}"
    return "\n".join([head, *(f"{sign}{line}" for line in lines), ""])


def percent(part: int, whole: int) -> str:
    return f"{part} of {whole} ({100 * part / whole:.1f} %)" if whole else "none"


def _line(row: Sequence[str], widths: Sequence[int], *, markdown: bool) -> str:
    padded = [row[0].ljust(widths[0]), *(cell.rjust(w) for cell, w in zip(row[1:], widths[1:], strict=True))]
    return f"| {' | '.join(padded)} |" if markdown else "  ".join(padded)


def _written(cell: Cell) -> str:
    if cell is None:
        return "–"
    return f"{cell:.3f}" if isinstance(cell, float) else str(cell)
