"""What grows, as tables and pictures of README.md: routes, rows, connections."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks import svg
from benchmarks.figures import Figure, shown, table
from benchmarks.peers import title


@dataclass(frozen=True)
class Picture:
    """A chart in a file of its own; `measure` finds its lines, and names them by its group."""

    file: str
    heading: str
    measure: str
    log: bool = False


@dataclass(frozen=True)
class Curve:
    """Figures whose names tell a size and a measure; each measure of each size is drawn once."""

    grows: str
    figure: str
    pictures: Sequence[Picture]


CURVES = {
    "startup": (
        Curve(
            "routes",
            r"routes\.(\d+)\.(.+)",
            (
                Picture("routes-latency.svg", "More routes: p50 of a request, ms", r"(p50.*)"),
                Picture(
                    "routes-start.svg", "More routes: start and reload, seconds", r"(start|reload)"
                ),
            ),
        ),
    ),
    "scale": (
        Curve(
            "rows",
            r"rows\.(\d+)\.(.+)",
            (Picture("rows.svg", "More rows: requests/s", r"(.+)\.rate"),),
        ),
        Curve(
            "clients",
            r"connections\.(\d+)\.(.+)",
            (
                Picture("clients-rate.svg", "More clients: reads by id, requests/s", r"(.+)\.rate"),
                Picture(
                    "clients-p99.svg",
                    "More clients: p99 of a read by id, ms",
                    r"(.+)\.p99",
                    log=True,
                ),
            ),
        ),
    ),
}

Sizes = Mapping[int, Mapping[str, Figure]]


def tables(bench: str, figures: Sequence[Figure]) -> list[str]:
    """A table a curve: one line a size, one column a measure."""
    return [
        _table(curve.grows, sizes)
        for curve in CURVES.get(bench, ())
        if (sizes := _sizes(curve, figures))
    ]


def pictures(bench: str, figures: Sequence[Figure]) -> dict[Picture, str]:
    """The charts of what was measured, as SVG."""
    return {
        picture: svg.lines(picture.heading, curve.grows, series, log=picture.log)
        for curve in CURVES.get(bench, ())
        for picture in curve.pictures
        if (series := _series(picture, _sizes(curve, figures)))
    }


def _sizes(curve: Curve, figures: Sequence[Figure]) -> Sizes:
    sizes: dict[int, dict[str, Figure]] = {}
    for each in figures:
        if found := re.fullmatch(curve.figure, each.name):
            sizes.setdefault(int(found[1]), {})[found[2]] = each
    return sizes


def _table(grows: str, sizes: Sizes) -> str:
    columns = {
        measure: _column(measure, figure.unit)
        for each in sizes.values()
        for measure, figure in each.items()
    }
    rows = [
        (f"{size:,}", *(shown(each[name].value) if name in each else "" for name in columns))
        for size, each in sorted(sizes.items())
    ]
    return table((grows, *columns.values()), rows)


def _column(measure: str, unit: str) -> str:
    label = _label(measure)
    return label if unit == "times" else f"{label.removesuffix('rate').strip()} {unit}".strip()


def _series(picture: Picture, sizes: Sizes) -> dict[str, dict[int, float]]:
    series: dict[str, dict[int, float]] = {}
    for size, each in sizes.items():
        for measure, figure in each.items():
            if found := re.fullmatch(picture.measure, measure):
                series.setdefault(_label(found[1]), {})[size] = figure.value
    return series


def _label(measure: str) -> str:
    name, _, what = measure.partition(".")
    words = f"{title(name)} {what}".replace("_", " ").strip()
    return re.sub(r"\d{4,}", lambda number: f"{int(number[0]):,}", words)
