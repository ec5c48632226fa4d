"""The SQL that calls an endpoint's function."""

from collections.abc import Mapping

from psycopg import sql

from api.endpoint import WHOLE_BODY, Argument, Endpoint, Shape


def statement(endpoint: Endpoint, given: tuple[str, ...]) -> str:
    """The SQL that calls the function with these arguments, as $1, $2 … in that order.

    It answers one row: the JSON text, and for a page the fields that fix its last row's place.
    """
    if given not in endpoint.statements:
        endpoint.statements[given] = _make(endpoint, given)
    return endpoint.statements[given]


def _make(endpoint: Endpoint, given: tuple[str, ...]) -> str:
    function = endpoint.function
    numbers = {name: f"${i}" for i, name in enumerate(given, 1)}
    called = call(endpoint, numbers)
    if endpoint.annotation.events is not None:
        # Data as a text, or its digits would change on their way through Python.
        return (
            "select coalesce(json_agg(json_build_array(r.id::text, r.event::text, r.data::text)),"
            f" '[]')::text from {called} as r"
        )
    match endpoint.shape:
        case Shape.NOTHING:
            return f"select {called}"
        case Shape.JSON:
            return f"select {called}::text"
        case Shape.VALUE:
            single = f"(select {called} limit 1)" if function.returns_set else called
            return f"select to_json({single})::text"
        case Shape.VALUES:
            return f"select coalesce(json_agg(r), '[]')::text from {called} as r"
        case Shape.ONE:
            # limit 1 keeps PostgreSQL from computing the row once for each time it is named.
            return (
                "select case when not (r.*) is null then row_to_json(r.*)::text end"
                f" from (select * from {called} as one limit 1) as r"
            )
        case Shape.MANY if endpoint.annotation.page:
            return _page_statement(endpoint, called, numbers)
        case Shape.MANY:
            # r.*, not r: a column may have that name.
            return f"select coalesce(json_agg(r.*), '[]')::text from {called} as r"


def call(endpoint: Endpoint, values: Mapping[str, str]) -> str:
    """The call of the function, with these SQL expressions as the texts of its arguments."""
    function = endpoint.function
    called = f"{ident(function.schema, function.name)}({_call_arguments(endpoint, values)})"
    # A row of one field, where the bare call is the field.
    return f"(select * from {called})" if len(endpoint.columns) == 1 else called


def types(endpoint: Endpoint) -> dict[str, str]:
    """The type of each text that is given: an argument's, or that of a field of a cursor."""
    columns = {name: type_.sql for name, type_, _ in endpoint.columns}
    found = {}
    for name, argument in endpoint.arguments.items():
        found[name] = argument.type.sql
        found |= {f"{name}.{each}": columns[each] for each in argument.cursor_fields}
    return found


def _page_statement(endpoint: Endpoint, called: str, numbers: dict[str, str]) -> str:
    """A second column: the fields that fix the last row's place, if the page is full."""
    limit = endpoint.arguments["limit"]
    size = f"{numbers['limit']}::{limit.type.sql}" if "limit" in numbers else limit.default
    # Not from the page's JSON: to find its last row PostgreSQL would read all of it again.
    pairs = ", ".join(
        f"{literal(name)}, (array_agg(r.{ident(name)}))[count(*)]"
        for name in endpoint.annotation.page
    )
    return (
        "select coalesce(json_agg(r.*), '[]')::text,"
        f" case when count(*) >= greatest({size}, 1) then json_build_object({pairs})::text end"
        f" from {called} as r"
    )


def literal(text: str) -> str:
    """The text as SQL has it; for names that are the database's own."""
    return sql.Literal(text).as_string(None)


def ident(*names: str) -> str:
    """A name, or one with its schema, as SQL has it."""
    return sql.Identifier(*names).as_string(None)


def _call_arguments(endpoint: Endpoint, numbers: Mapping[str, str]) -> str:
    parts = []
    is_variadic = any(each.variadic for each in endpoint.arguments.values())
    for name, argument in endpoint.arguments.items():
        if argument.cursor_fields and f"{name}.{argument.cursor_fields[0]}" in numbers:
            parts.append(f"{ident(name)} => {_cursor(endpoint, argument, numbers)}")
            continue
        # PostgreSQL fills in no defaults where a call says variadic.
        value = numbers.get(name) or (is_variadic and (argument.default or "'{}'"))
        if value:
            label = "" if name == WHOLE_BODY else f"{ident(name)} => "
            keyword = "variadic " if argument.variadic else ""
            parts.append(f"{keyword}{label}{value}::{argument.type.sql}")
    return ", ".join(parts)


def _cursor(endpoint: Endpoint, argument: Argument, numbers: Mapping[str, str]) -> str:
    """The cursor put together again, each field cast to its column's type on the way."""
    casts = types(endpoint)
    fields = [(name, f"{argument.name}.{name}") for name in argument.cursor_fields]
    pairs = ", ".join(f"{literal(name)}, {numbers[full]}::{casts[full]}" for name, full in fields)
    return f"jsonb_build_object({pairs})"
