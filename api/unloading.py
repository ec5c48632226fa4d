"""The SQL that writes a list to a file: COPY of what an endpoint's function returns.

COPY takes no parameters. The arguments come as settings of the transaction, which the statement
reads back: so no text of a client's ever stands in a statement, neither in PostgreSQL's log nor in
its statistics, and one route has one statement.

A list in pages is copied whole, from the place that a cursor names, by one recursive query: each
page is called with the place of the last row of the page before. So all pages are of one snapshot.
"""

from collections.abc import Mapping
from decimal import Decimal

from api import statement
from api.catalog import Catalog, PgType
from api.checks import limits
from api.endpoint import Endpoint, Shape
from api.negotiation import Form
from api.reading import Given
from api.statement import ident, literal

_SETTING = "penstock.argument_"
_LARGEST_PAGE = 1000
# JSON has no such characters, so no line of it is ever quoted.
_OPTIONS = {
    Form.CSV: "format csv, header",
    Form.NDJSON: r"format csv, delimiter E'\x01', quote E'\x02'",
}
# PostgreSQL writes them with a blank; after these its text is JSON's. In UTC, which is pinned.
_MOMENTS = {"timestamp": "", "timestamptz": " || ':00'"}


def settings_statement(endpoint: Endpoint, given: Given) -> str:
    """Takes the arguments as $1, $2 …, and keeps them for copy_statement().

    As their types write them: what a type refuses is refused at Bind, and what it takes is read
    again. A text may be read otherwise by a cast than by Bind: 1e-99999 as numeric(12, 2) is not.
    """
    types = statement.types(endpoint)
    calls = (
        f"set_config('{_SETTING}{i}', (${i}::{types[name]})::text, true)"
        for i, name in enumerate(given, 1)
    )
    return "select " + ", ".join(calls)


def copy_statement(catalog: Catalog, endpoint: Endpoint, given: Given, form: Form) -> str:
    """Writes all rows that the function returns for these arguments, in that form."""
    values = {
        name: "null" if value is None else f"current_setting('{_SETTING}{i}')"
        for i, (name, value) in enumerate(given.items(), 1)
    }
    items = _items(catalog, endpoint, form)
    if endpoint.annotation.page and "limit" not in given:
        query = _all_pages(catalog, endpoint, values, items)
    else:
        called = statement.call(endpoint, values)
        query = f"select {_listed(items)} from {called} as r"
    return f"copy ({query}) to stdout with ({_OPTIONS[form]})"


def _items(catalog: Catalog, endpoint: Endpoint, form: Form) -> dict[str, str]:
    """What is written of each row r, by the name of its column."""
    values = endpoint.shape is Shape.VALUES
    result = catalog.types[endpoint.function.return_type]
    types = [result] if values else [type_ for _, type_, _ in endpoint.columns]
    if form is Form.CSV and values:
        return {"value": _cell(catalog, result, "r")}
    if form is Form.CSV:
        return {
            name: _cell(catalog, type_, f"r.{ident(name)}") for name, type_, _ in endpoint.columns
        }
    line = "coalesce(to_json(r)::text, 'null')" if values else "row_to_json(r.*)::text"
    if any(_may_hold_lines(catalog, type_, set()) for type_ in types):
        # Between the parts of JSON only: in a string a line's end is written as \n.
        line = rf"translate({line}, E'\n\r', '  ')"
    return {"line": line}


def _listed(items: Mapping[str, str]) -> str:
    return ", ".join(f"{item} as {ident(name)}" for name, item in items.items())


def _cell(catalog: Catalog, type_: PgType, value: str) -> str:
    """A value as JSON writes it, but for the quotes round a string."""
    root = catalog.root(type_)
    if root.kind == "c" or root.category == "A":
        return f"to_json({value})"
    if root.name == "bool":
        return f"{value}::text"
    if root.schema == "pg_catalog" and root.name in _MOMENTS:
        return _moment(value, _MOMENTS[root.name])
    if root.schema != "pg_catalog" and root.kind == "b":
        return f"(to_json({value}) #>> '{{}}')"  # it may have a form of its own in JSON
    return value


def _moment(value: str, zone: str) -> str:
    """A time as JSON writes it: by the text where that is safe, as it takes a third of the time."""
    return (
        f"case when {value} >= '0001-01-01' and {value} < 'infinity'"
        f" then replace({value}::text, ' ', 'T'){zone}"
        f" else btrim(to_json({value})::text, '\"') end"
    )


def _may_hold_lines(catalog: Catalog, type_: PgType, seen: set[int]) -> bool:
    """Whether the type's JSON may go over several lines: json is kept as it was written."""
    root = catalog.root(type_)
    if root.oid in seen:
        return False
    seen.add(root.oid)
    if root.element is not None:
        return _may_hold_lines(catalog, catalog.types[root.element], seen)
    if root.kind == "c":
        fields = (catalog.types[each.type] for each in root.attributes)
        return any(_may_hold_lines(catalog, each, seen) for each in fields)
    return root.kind == "b" and (root.name == "json" or root.schema != "pg_catalog")


def _all_pages(
    catalog: Catalog, endpoint: Endpoint, values: dict[str, str], items: dict[str, str]
) -> str:
    """A page, and from the place of its last row the next one, as long as they are full."""
    place = "next"
    while place in items:
        place += "_"
    cursor = next(each.name for each in endpoint.arguments.values() if each.cursor_fields)
    size = _page_size(catalog, endpoint)
    paged = {} if size is None else {"limit": size}
    full = size or endpoint.arguments["limit"].default
    fields = ", ".join(f"{literal(name)}, r.{ident(name)}" for name in endpoint.annotation.page)
    columns = (
        f"{_listed(items)}, case when row_number() over () = count(*) over ()"
        f" and count(*) over () >= greatest({full}, 1)"
        f" then jsonb_build_object({fields}) end as {ident(place)}"
    )
    kept = {name: each for name, each in values.items() if not name.startswith(f"{cursor}.")}
    first = statement.call(endpoint, values | paged)
    further = statement.call(endpoint, kept | paged | {cursor: f"p.{ident(place)}"})
    return (
        f"with recursive page as (select {columns} from {first} as r"
        f" union all select q.* from page as p"
        f" cross join lateral (select {columns} from {further} as r) as q"
        f" where p.{ident(place)} is not null)"
        f" select {', '.join(map(ident, items))} from page"
    )


def _page_size(catalog: Catalog, endpoint: Endpoint) -> str | None:
    """The most that a page may hold, as the domain of its limit says; None where it says none."""
    type_ = endpoint.arguments["limit"].type
    root = catalog.root(type_)
    found: list[Decimal] = []
    while type_.base is not None:
        stated = [limits(check.expression, root) for check in type_.checks]
        found += [each.maximum for each in stated if each and each.maximum is not None]
        type_ = catalog.types[type_.base]
    return str(min(*found, Decimal(_LARGEST_PAGE))) if found else None
