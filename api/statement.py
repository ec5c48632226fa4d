"""The SQL that calls an endpoint's function."""

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
    call = f"{_ident(function.schema, function.name)}({_call_arguments(endpoint, numbers)})"
    if len(endpoint.columns) == 1:
        call = f"(select * from {call})"  # a row of one field, where the bare call is the field
    if endpoint.annotation.events is not None:
        # Data as a text, or its digits would change on their way through Python.
        return (
            "select coalesce(json_agg(json_build_array(r.id::text, r.event::text, r.data::text)),"
            f" '[]')::text from {call} as r"
        )
    match endpoint.shape:
        case Shape.NOTHING:
            return f"select {call}"
        case Shape.JSON:
            return f"select {call}::text"
        case Shape.VALUE:
            single = f"(select {call} limit 1)" if function.returns_set else call
            return f"select to_json({single})::text"
        case Shape.VALUES:
            return f"select coalesce(json_agg(r), '[]')::text from {call} as r"
        case Shape.ONE:
            # limit 1 keeps PostgreSQL from computing the row once for each time it is named.
            return (
                "select case when not (r.*) is null then row_to_json(r.*)::text end"
                f" from (select * from {call} as one limit 1) as r"
            )
        case Shape.MANY if endpoint.annotation.page:
            return _page_statement(endpoint, call, numbers)
        case Shape.MANY:
            # r.*, not r: a column may have that name.
            return f"select coalesce(json_agg(r.*), '[]')::text from {call} as r"


def _page_statement(endpoint: Endpoint, call: str, numbers: dict[str, str]) -> str:
    """A second column: the fields that fix the last row's place, if the page is full."""
    limit = endpoint.arguments["limit"]
    size = f"{numbers['limit']}::{limit.type.sql}" if "limit" in numbers else limit.default
    # Not from the page's JSON: to find its last row PostgreSQL would read all of it again.
    pairs = ", ".join(
        f"{_literal(name)}, (array_agg(r.{_ident(name)}))[count(*)]"
        for name in endpoint.annotation.page
    )
    return (
        "select coalesce(json_agg(r.*), '[]')::text,"
        f" case when count(*) >= greatest({size}, 1) then json_build_object({pairs})::text end"
        f" from {call} as r"
    )


def _literal(text: str) -> str:
    return sql.Literal(text).as_string(None)


def _ident(*names: str) -> str:
    return sql.Identifier(*names).as_string(None)


def _call_arguments(endpoint: Endpoint, numbers: dict[str, str]) -> str:
    parts = []
    is_variadic = any(each.variadic for each in endpoint.arguments.values())
    for name, argument in endpoint.arguments.items():
        if argument.cursor_fields and f"{name}.{argument.cursor_fields[0]}" in numbers:
            parts.append(f"{_ident(name)} => {_cursor(endpoint, argument, numbers)}")
            continue
        # PostgreSQL fills in no defaults where a call says variadic.
        value = numbers.get(name) or (is_variadic and (argument.default or "'{}'"))
        if value:
            label = "" if name == WHOLE_BODY else f"{_ident(name)} => "
            keyword = "variadic " if argument.variadic else ""
            parts.append(f"{keyword}{label}{value}::{argument.type.sql}")
    return ", ".join(parts)


def _cursor(endpoint: Endpoint, argument: Argument, numbers: dict[str, str]) -> str:
    """The cursor put together again, each field cast to its column's type on the way."""
    casts = {name: type_.sql for name, type_, _ in endpoint.columns}
    pairs = ", ".join(
        f"{_literal(name)}, {numbers[f'{argument.name}.{name}']}::{casts[name]}"
        for name in argument.cursor_fields
    )
    return f"jsonb_build_object({pairs})"
