"""What grows, as tables of README.md: routes, rows, connections."""

import re
from collections.abc import Mapping

from benchmarks.figures import shown, table
from benchmarks.peers import title

# bench: heading of the first column, the figures' names (what grows, then what was measured)
CURVES = {
    "startup": (("routes", r"routes\.(\d+)\.(.+)"),),
    "scale": (("rows", r"rows\.(\d+)\.(.+)"), ("clients", r"connections\.(\d+)\.(.+)")),
}


def tables(bench: str, values: Mapping[str, float]) -> list[str]:
    """A table a curve: one line a size, one column a measure."""
    return [
        found
        for heading, pattern in CURVES.get(bench, ())
        if (found := _curve(heading, re.compile(pattern), values))
    ]


def _curve(heading: str, pattern: re.Pattern[str], values: Mapping[str, float]) -> str:
    sizes: dict[int, dict[str, float]] = {}
    for name, value in values.items():
        if found := pattern.fullmatch(name):
            sizes.setdefault(int(found[1]), {})[found[2]] = value
    if not sizes:
        return ""
    measures = list(dict.fromkeys(measure for each in sizes.values() for measure in each))
    rows = [
        (f"{size:,}", *(shown(sizes[size].get(measure, 0)) for measure in measures))
        for size in sorted(sizes)
    ]
    return table((heading, *(_label(measure) for measure in measures)), rows)


def _label(measure: str) -> str:
    name, _, what = measure.partition(".")
    return f"{title(name)} {what}".replace("_", " ").strip()
