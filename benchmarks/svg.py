"""Charts as SVG, readable on white and on black: bars, and lines over a logarithmic axis."""

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import cycle, pairwise
from xml.sax.saxutils import escape

from benchmarks.figures import shown

WIDTH = 760
ROW = 30
LEFT = 200
RIGHT = 90
HEAD = 44
OURS = "Penstock"
INK = "#1f2933"
PALE = "#e9ecef"

# Of a line chart: where lines are drawn, and what lies between two labels.
HEIGHT = 340
X = (74, 556)
Y = (284, 62)
LABEL = 17
# Dark enough for text on white, and told apart by those who see few colours: the first is ours.
COLOURS = ("#0b7285", "#d9480f", "#6741d9", "#5f6b76", "#a61e4d", "#4d7c0f", "#1864ab", "#8a5a00")

Points = Mapping[int, float]
Scale = Callable[[float], float]


def bars(heading: str, values: Mapping[str, float]) -> str:
    """One bar a name, in the order given; ours stands out."""
    most = max(values.values(), default=1)
    lines = []
    for number, (name, value) in enumerate(values.items()):
        lines += _bar(HEAD + ROW * number, name, value, most)
    return _card(heading, HEAD + ROW * len(values) + 10, lines)


def _card(heading: str, height: int, lines: Sequence[str]) -> str:
    """The heading and what was drawn, on a ground of its own."""
    root = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img"'
    head = (
        f'{root} font-family="system-ui, sans-serif" font-size="14" fill="{INK}">',
        f"<title>{escape(heading)}</title>",
        f'<rect width="{WIDTH}" height="{height}" rx="8" fill="#ffffff"/>',
        f'<text x="16" y="28" font-size="16" font-weight="600">{escape(heading)}</text>',
    )
    return "\n".join([*head, *lines, "</svg>", ""])


def _bar(top: int, name: str, value: float, most: float) -> list[str]:
    long = max(1.0, (WIDTH - LEFT - RIGHT) * value / most)
    fill, weight = (COLOURS[0], 700) if name == OURS else ("#adb5bd", 400)
    place = f'y="{top + 3}" height="{ROW - 10}" rx="3" fill="{fill}"'
    text = f'y="{top + 18}" font-weight="{weight}"'
    return [
        f'<text x="{LEFT - 10}" {text} text-anchor="end">{escape(name)}</text>',
        f'<rect x="{LEFT}" width="{long:.1f}" {place}/>',
        f'<text x="{LEFT + long + 8:.1f}" {text}>{value:,.0f}</text>',
    ]


def lines(heading: str, grows: str, series: Mapping[str, Points], *, log: bool = False) -> str:
    """A line a name over what `grows`, labelled at its end; `log` for values of many sizes."""
    sizes = sorted({size for points in series.values() for size in points})
    values = [value for points in series.values() for value in points.values()]
    ticks = _log_ticks(min(values), max(values)) if log else _ticks(max(values))
    x = _scale(sizes[0], sizes[-1], *X, log=True)
    y = _scale(ticks[0], ticks[-1], *Y, log=log)
    ours_first = sorted(series, key=lambda name: name != OURS)
    colours = dict(zip(ours_first, cycle(COLOURS), strict=False))
    ends = _apart({name: y(points[max(points)]) for name, points in series.items()})
    drawn = [*_grid(grows, sizes, ticks, x, y)]
    for name in reversed(ours_first):  # ours over the others
        places = [(x(size), y(series[name][size])) for size in sorted(series[name])]
        drawn += _line(name, places, ends[name], colours[name])
    return _card(heading, HEIGHT, drawn)


def _scale(low: float, high: float, start: float, end: float, *, log: bool) -> Scale:
    turned = math.log10 if log else float
    span = turned(high) - turned(low) or 1
    return lambda value: start + (end - start) * (turned(value) - turned(low)) / span


def _ticks(most: float) -> list[float]:
    """From zero to `most` or a little more, in four to seven steps."""
    power = 10 ** math.floor(math.log10(most))
    step = next(power * part for part in (0.2, 0.25, 0.5, 1, 2) if most / (power * part) <= 6)
    return [step * number for number in range(math.ceil(most / step) + 1)]


def _log_ticks(least: float, most: float) -> list[float]:
    """Round values around both: 1, 10, 100; between them also 2 and 5 if that is not many."""
    powers = range(math.floor(math.log10(least)), math.ceil(math.log10(most)) + 1)
    every = [float(f"{part}e{power}") for power in powers for part in (1, 2, 5)]
    first = max(each for each in every if each <= least)
    last = min(each for each in every if each >= most)
    between = [each for each in every if first <= each <= last]
    if len(between) <= 7:
        return between
    return [float(f"1e{power}") for power in powers]


def _grid(
    grows: str, sizes: Sequence[int], ticks: Sequence[float], x: Scale, y: Scale
) -> list[str]:
    drawn = []
    for tick in ticks:
        ground = "#868e96" if tick == ticks[0] else PALE
        drawn += [
            f'<path d="M{X[0]} {y(tick):.1f}H{X[1]}" stroke="{ground}"/>',
            _text(X[0] - 10, y(tick) + 5, shown(tick), "end"),
        ]
    drawn += [_text(x(size), Y[0] + 22, f"{size:,}", "middle") for size in sizes]
    return [*drawn, _text((X[0] + X[1]) / 2, Y[0] + 44, grows, "middle")]


def _line(name: str, places: Sequence[tuple[float, float]], label: float, ink: str) -> list[str]:
    path = "L".join(f"{left:.1f} {top:.1f}" for left, top in places)
    width, weight = (3, 700) if name == OURS else (2, 400)
    left, top = places[-1]
    return [
        f'<path d="M{path}" fill="none" stroke="{ink}" stroke-width="{width}"/>',
        *(f'<circle cx="{at:.1f}" cy="{high:.1f}" r="4" fill="{ink}"/>' for at, high in places),
        f'<path d="M{left + 6:.1f} {top:.1f}L{X[1] + 18} {label:.1f}" stroke="{ink}"/>',
        _text(X[1] + 22, label + 5, name, "start", f' fill="{ink}" font-weight="{weight}"'),
    ]


def _text(left: float, top: float, text: str, anchor: str, more: str = "") -> str:
    place = f'x="{left:.1f}" y="{top:.1f}" text-anchor="{anchor}"'
    return f"<text {place}{more}>{escape(text)}</text>"


def _apart(ends: Mapping[str, float]) -> dict[str, float]:
    """Where labels go: at the ends of their lines, moved until none covers another."""
    names = sorted(ends, key=lambda name: ends[name])
    found = dict(ends)
    for _ in range(100):
        for upper, lower in pairwise(names):
            lacking = LABEL - (found[lower] - found[upper])
            if lacking > 0:
                found[upper] -= lacking / 2
                found[lower] += lacking / 2
    floor: float = Y[0]
    for name in reversed(names):
        found[name] = min(found[name], floor)
        floor = found[name] - LABEL
    return found
