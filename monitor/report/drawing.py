"""Bars as SVG: pygal lays them out, and what it draws is taken over shape by shape.

Of pygal's output only shapes, places and class names are kept: no script, no style, no
identifier, no date. So a drawing is the same every time, allows itself nothing that the
page's policy forbids, and takes its colours, light or dark, from the page's stylesheet. A
drawing is a tree of ``Shape``; a template writes it, and escapes it, like everything else.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from monitor.report.visible import clean, shorten

_WIDTH = 400
_HEIGHT = 150
_ROW = 22
_GAP = 6
_FONT = 12
_LETTER = 0.6  # the width of a letter, in font sizes
_LABEL_COLUMNS = 22
_FEWEST_SLOTS = 8  # fewer bars than that would be broad slabs

_TAGS = frozenset({"svg", "g", "rect", "path", "text", "title"})
_KEPT = ("class", "viewBox", "transform", "x", "y", "width", "height", "d")
_CLASSES = frozenset("plot axis x y line guide major serie-0 serie-1 value".split())
_UNSEEN = frozenset({"background", "tooltip-overlay"})
_LEAST_SIDE = 0.05
_NUMBER = re.compile(r"-?\d+\.\d+")


@dataclass(frozen=True, kw_only=True)
class Shape:
    """One SVG element; ``text`` comes before ``inside``."""

    tag: str
    attributes: tuple[tuple[str, str], ...] = ()
    text: str = ""
    inside: tuple[Shape, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One bar of at most two parts. ``said`` is written at its end where bars lie flat, and shown
    when it is pointed at; ``marked`` bars of an upright chart have their label under them."""

    label: str
    parts: tuple[float, ...]
    said: str
    marked: bool = True


def upright(bars: Sequence[Bar]) -> Shape:
    """Bars beside one another, as for times. Their parts are whole numbers and stand on one another."""
    ticks = _ticks(max((int(sum(bar.parts)) for bar in bars), default=0))
    labels = [clean(bar.label) if bar.marked else "" for bar in bars]
    chart = _pygal().StackedBar(
        **_settings(_HEIGHT),
        range=(0, ticks[-1]),
        x_labels_major=[*filter(None, labels)],
        show_minor_x_labels=False,
    )
    chart.x_labels = labels + [""] * (_FEWEST_SLOTS - len(bars))
    chart.y_labels = ticks
    return _drawn(chart, bars)


def flat(bars: Sequence[Bar], longest: float) -> Shape:
    """Bars below one another, the first on top, each with its name and what it says.

    :param longest: the value that would take the whole width.
    """
    upwards = bars[::-1]
    said = max((len(bar.said) for bar in bars), default=0)
    chart = _pygal().HorizontalStackedBar(
        **_settings(_ROW * len(bars) + 2 * _GAP),
        range=(0, longest or 1),
        print_values=True,
        print_values_position="top",
        show_x_labels=False,
        margin_right=round(said * _FONT * _LETTER) + 2 * _GAP,
    )
    chart.x_labels = [shorten(clean(bar.label), _LABEL_COLUMNS) for bar in upwards]
    return _drawn(chart, upwards)


def _pygal() -> Any:
    """The library, loaded with the first drawing, since most commands draw nothing. It puts a
    finder for its maps into the import system, of a kind that Python warns of: that goes."""
    import pygal
    import pygal.style

    sys.meta_path[:] = [each for each in sys.meta_path if not isinstance(each, pygal.PluginImportFixer)]
    return pygal


def _settings(height: int) -> dict[str, Any]:
    style = _pygal().style.Style(label_font_size=_FONT, major_label_font_size=_FONT, value_font_size=_FONT)
    return {
        "width": _WIDTH,
        "height": height,
        "style": style,
        "js": (),
        "show_legend": False,
        "margin": _GAP,
        "spacing": _GAP,
        "truncate_label": 2 * _LABEL_COLUMNS,
        "formatter": lambda value: f"{value:,.0f}",
    }


def _ticks(tallest: int) -> list[int]:
    """Up to five round figures from 0 on, the last of them at or above ``tallest``."""
    steps = (digit * 10**power for power in range(12) for digit in (1, 2, 5))
    step = next(step for step in steps if step * 4 >= tallest)
    return list(range(0, max(tallest + step - 1, step) + 1, step))


# ---------------------------------------------------------------------- from pygal's shapes to ours


def _drawn(chart: Any, bars: Sequence[Bar]) -> Shape:
    parts = max((len(bar.parts) for bar in bars), default=1)
    for part in range(parts):
        chart.add(str(part), [_value(bar, part, uppermost=part == parts - 1) for bar in bars])
    drawn = _shape(chart.render_tree())
    return drawn or Shape(tag="svg")


def _value(bar: Bar, part: int, *, uppermost: bool) -> dict[str, Any]:
    """One part of a bar. Only the uppermost says at its end what the bar says."""
    said = clean(bar.said)
    return {
        "value": bar.parts[part] if part < len(bar.parts) else 0,
        "tooltip": f"{clean(bar.label)}: {said}",
        "formatter": lambda _value: said if uppermost else "",
    }


def _shape(element: Any) -> Shape | None:
    """The element as a Shape; None where nothing of it would be seen."""
    tag = element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
    kinds = (element.get("class") or "").split() if tag in _TAGS else []
    if tag not in _TAGS or _UNSEEN.intersection(kinds):
        return None
    text = (element.text or "") if tag in ("text", "title") else ""
    inside = tuple(shape for shape in map(_shape, element) if shape is not None)
    if "bar" not in kinds:
        inside = tuple(shape for shape in inside if shape.tag != "title")
    if not _is_seen(tag, element, text, inside):
        return None
    return Shape(tag=tag, attributes=_attributes(element, kinds), text=text, inside=inside)


def _is_seen(tag: str, element: Any, text: str, inside: Sequence[Shape]) -> bool:
    if tag == "g":
        return any(shape.tag != "title" for shape in inside)
    if tag == "rect":
        return all(float(element.get(side) or 0) >= _LEAST_SIDE for side in ("width", "height"))
    return bool(text.strip()) or tag not in ("text", "title")


def _attributes(element: Any, kinds: Sequence[str]) -> tuple[tuple[str, str], ...]:
    values = {name: element.get(name) for name in _KEPT} | {
        "class": " ".join(kind for kind in kinds if kind in _CLASSES)
    }
    return tuple((name, _NUMBER.sub(_rounded, value)) for name, value in values.items() if value)


def _rounded(number: re.Match[str]) -> str:
    return f"{float(number[0]):.1f}".removesuffix(".0")
