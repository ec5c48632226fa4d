"""`--write`: the figures of a run into results.json, and README.md and its picture from that."""

import json
import os
import platform
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import bulk, cached, curves, shop, svg, touching
from benchmarks.figures import Figure, shown, table
from benchmarks.peers import title
from db import binaries

HERE = Path(__file__).parent
RESULTS = HERE / "results.json"
README = HERE / "README.md"
PICTURE = HERE / "read.svg"
CASES = {"read": "Read by id", "list": "List of 50", "write": "Write"}
RECORDS = {"records-1": "1 record", "records-100": "100 records"}
KEPT = {case.name: case.title for case in cached.CASES.values()}
COLUMNS = (("rate", "requests/s"), ("p50", "p50 ms"), ("p99", "p99 ms"), ("cpu", "CPU µs"),
           ("database_cpu", "of database"), ("pss", "MB"))  # fmt: skip
FIRST_ANSWER = {"first_answer": "seconds"}
MIX = {
    "connections": "clients", "seconds": "seconds", "requests": "requests", "rate": "requests/s",
    "p50": "p50 ms", "p95": "p95 ms", "p99": "p99 ms", "errors": "errors %", "cpu": "CPU s",
    "database_cpu": "of database", "rss": "RSS MB", "pss": "PSS MB",
}  # fmt: skip
# Of one server: in which ways it was asked.
WAYS = {"dashboard": "One client", "invalidation": "Write"}
TITLES = shop.TITLES | touching.TITLES
ERRORS = {"errors": "%", "failed": "not 2xx", "refused": "refused", "timeouts": "timed out"}

Values = Mapping[str, float]


def keep(bench: str, figures: Sequence[Figure], *, write: bool) -> None:
    """Put a run into results.json in place of what it measured before, and write it all anew."""
    if not write:
        return
    results: dict[str, Any] = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    run = {"date": f"{datetime.now(UTC):%Y-%m-%d}", "machine": machine()}
    before = {each["name"]: each for each in results.get(bench, {}).get("figures", [])}
    new = {figure.name: _rounded(figure) for figure in figures}
    results[bench] = run | {"figures": list((before | new).values())}
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    write_readme(results)


def _rounded(figure: Figure) -> dict[str, Any]:
    return asdict(figure) | {"value": float(f"{figure.value:.4g}")}


def machine() -> str:
    """Cores, memory and the versions that matter."""
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    cpuinfo = Path("/proc/cpuinfo")
    text = cpuinfo.read_text() if cpuinfo.exists() else ""
    model = re.search(r"model name\s*: (.*)", text)
    return (
        f"{os.cpu_count()} cores ({model[1] if model else platform.machine()}), "
        f"{pages / 2**30:.0f} GB, {platform.system()} {platform.release().split('-')[0]}, "
        f"PostgreSQL {binaries.choose().major}, Python {platform.python_version()}"
    )


def write_readme(results: Mapping[str, Any]) -> None:
    """The tables between the marks of README.md, and the picture."""
    text = README.read_text()
    for bench, run in results.items():
        figures = [Figure(**each) for each in run["figures"]]
        part = "\n\n".join((f"{run['date']}, {run['machine']}.", *_body(bench, figures)))
        text = _between(f"<!-- {bench} -->", f"<!-- /{bench} -->", text, part)
    README.write_text(text)


def _between(start: str, end: str, text: str, part: str) -> str:
    before, _, rest = text.partition(start)
    _, _, after = rest.partition(end)
    return f"{before}{start}\n\n{part}\n\n{end}{after}" if rest else text


def _body(bench: str, figures: Sequence[Figure]) -> list[str]:
    values = {figure.name: figure.value for figure in figures}
    parts = [_goals(figures)]
    if bench == "read":
        PICTURE.write_text(svg.bars("Read by id, requests/s", _rates("read", values)))
        parts += [_case(name, heading, values) for name, heading in (CASES | RECORDS).items()]
    if bench == "startup":
        parts.append(_servers("First answer", "startup", FIRST_ANSWER, values))
    if bench == "mix":
        parts.append(_servers("Mixed load", "mix", MIX, values))
        parts.append(_servers("Errors", "mix", ERRORS, values))
    if bench == "cached":
        parts += [_case(name, heading, values) for name, heading in KEPT.items()]
        parts += [_servers(heading, name, dict(COLUMNS), values) for name, heading in WAYS.items()]
    if bench == "bulk":
        start = "bulk.seconds."
        seconds = {n.removeprefix(start): v for n, v in values.items() if n.startswith(start)}
        parts.append(bulk.rows_table(seconds))
    return [*parts, *_pictures(bench, figures), *curves.tables(bench, figures)]


def _pictures(bench: str, figures: Sequence[Figure]) -> list[str]:
    """Draw the curves beside README.md, and show them there."""
    shows = []
    for picture, drawn in curves.pictures(bench, figures).items():
        README.with_name(picture.file).write_text(drawn)
        shows.append(f"![{picture.heading}]({picture.file})")
    return shows


def _goals(figures: Sequence[Figure]) -> str:
    rows = []
    for figure in figures:
        if figure.goal is not None:
            sign = "at most" if figure.lower_is_better else "at least"
            rows.append(
                (
                    f"`{figure.name}`",
                    f"{shown(figure.value)} {figure.unit}",
                    f"{sign} {figure.goal:,g}",
                    "yes" if figure.reached else "**no**",
                )
            )
    return table(("figure", "measured", "goal", "reached"), rows)


def _rates(case: str, values: Values) -> dict[str, float]:
    start = f"{case}.rate."
    found = {
        name.removeprefix(start): value for name, value in values.items() if name.startswith(start)
    }
    return {title(name): found[name] for name in sorted(found, key=lambda each: -found[each])}


def _case(case: str, heading: str, values: Values) -> str:
    start = f"{case}.rate."
    names = [name.removeprefix(start) for name in values if name.startswith(start)]
    rows = []
    for name in sorted(names, key=lambda each: -values[f"{case}.rate.{each}"]):
        cells = [values.get(f"{case}.{what}.{name}") for what, _ in COLUMNS]
        ratio = values.get(f"{case}.rate_ratio.{name}")
        texts = [
            "" if cell is None else f"{cell:,.0f}" if cell >= 100 else f"{cell:,.1f}"
            for cell in cells
        ]
        rows.append((title(name), *texts, f"{ratio:.2f}" if ratio else ""))
    header = (heading, *(label for _, label in COLUMNS), "Penstock ÷ this")
    return table(header, rows)


def _servers(heading: str, bench: str, columns: Mapping[str, str], values: Values) -> str:
    """One line a server, in the order in which they ran; a column a figure, with its label."""
    pattern = re.compile(rf"{bench}\.({'|'.join(columns)})\.(.+)")
    names = dict.fromkeys(found[2] for name in values if (found := pattern.fullmatch(name)))
    cells = [[values.get(f"{bench}.{what}.{name}") for what in columns] for name in names]
    rows = [
        (TITLES.get(name) or title(name), *("" if cell is None else shown(cell) for cell in line))
        for name, line in zip(names, cells, strict=True)
    ]
    return table((heading, *columns.values()), rows)
