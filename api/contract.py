"""From a function's signature and comment to an endpoint, or to a sentence about why not."""

import re
from collections.abc import Generator, Sequence

from api import annotation as annotations
from api import cacheable
from api.annotation import Annotation, AnnotationError
from api.cacheable import Cacheable, TagError
from api.catalog import Catalog, Function, Parameter, PgType
from api.encode import Encoders
from api.endpoint import Argument, Bulk, BulkField, Endpoint, Shape, plain
from api.limits import Limits
from api.passwords import is_password_type
from api.routes import Routes, own_names

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_SEGMENT = re.compile(r"\{\w+\}|[A-Za-z0-9._~!$&'()*+,;=:@%-]+")
_IN_MODES = ("i", "b", "v")
_OUT_MODES = ("o", "b", "t")
_LISTS = (Shape.MANY, Shape.VALUES)
# Columns of a staging table, see api/staging.py.
_STAGED = ("line", "raw", "field", "problem", "bulk_part")
# What knows no order, or none that is worth it: base types, and values of pg_type.typcategory.
_UNORDERED = ("json", "jsonpath", "xml")
_GEOMETRIC, _ARRAY = "G", "A"


class ContractError(Exception):
    """Why a function can't be an endpoint as its comment says."""


def build(
    catalog: Catalog, prefix: str, anon_role: str = "anon", before: Routes | None = None
) -> Generator[None, None, tuple[list[Endpoint], list[str]]]:
    """All endpoints of a catalogue, and a sentence for each function that can't be one.

    `anon_role` is who calls without a token. Endpoints of the routes `before` are kept where they
    would be made again as they are. Work for in_slices() or at_once().
    """
    encoders = Encoders(catalog)
    kept = _kept(catalog, anon_role, before)
    endpoints: list[Endpoint] = []
    errors: list[str] = []
    taken: dict[tuple[str, str], Endpoint] = {}
    for function in catalog.functions:
        yield
        endpoint = kept.get(function.oid)
        if endpoint is None or endpoint.function is not function:
            try:
                endpoint = _endpoint(catalog, encoders, function, anon_role)
            except (AnnotationError, ContractError, TagError) as error:
                errors.append(f"{function} {error}.")
                continue
        if endpoint is None:
            continue
        key = (endpoint.method, _PLACEHOLDER.sub("{}", endpoint.path))
        if key in taken:
            errors.append(
                f"{function} answers {endpoint.method} {endpoint.path}, which is"
                f" {taken[key].function}'s already."
            )
            continue
        if endpoint.path.split("/")[1] in own_names(prefix):
            errors.append(f"{function} takes the path {endpoint.path}, which is the API's own.")
            continue
        taken[key] = endpoint
        endpoints.append(endpoint)
    ambiguous = yield from _ambiguous(endpoints)
    errors += [
        f"{each.function} could mean either of two functions of that name: give them other names,"
        " or arguments that tell them apart."
        for each in ambiguous
    ]
    while taken:  # freed at once, thousands of them hold the loop up for milliseconds
        taken.popitem()
        yield
    if ambiguous:
        endpoints = [each for each in endpoints if each not in ambiguous]
    return endpoints, errors


def _kept(catalog: Catalog, anon_role: str, before: Routes | None) -> dict[int, Endpoint]:
    if before is None or anon_role != before.anon_role or not catalog.builds_like(before.catalog):
        return {}
    return {each.function.oid: each for each in before.endpoints}


def _ambiguous(endpoints: list[Endpoint]) -> Generator[None, None, list[Endpoint]]:
    """Those that share their name with another, and arguments that fit both."""
    by_name: dict[tuple[str, str], list[Endpoint]] = {}
    found: list[Endpoint] = []
    for endpoint in endpoints:
        by_name.setdefault((endpoint.function.schema, endpoint.function.name), []).append(endpoint)
        yield
    for name in list(by_name):
        same = by_name.pop(name)
        yield
        found += [
            one for one in same if any(other is not one and _fit_both(one, other) for other in same)
        ]
    return found


def _fit_both(one: Endpoint, other: Endpoint) -> bool:
    """Whether some arguments are enough for both, of the same types in both."""
    needed = {each.name for end in (one, other) for each in end.arguments.values() if each.required}
    return all(
        name in one.arguments
        and name in other.arguments
        and one.arguments[name].type.oid == other.arguments[name].type.oid
        for name in needed
    )


def _endpoint(
    catalog: Catalog, encoders: Encoders, function: Function, anon_role: str
) -> Endpoint | None:
    said = annotations.parse(function.comment)
    if said is None:
        return None
    if function.kind != "f":
        raise ContractError("is no plain function: procedures and aggregates can't be endpoints")
    read_only = function.volatility != "v"
    method = said.method or ("GET" if read_only else "POST")
    path = said.path or "/" + function.name.strip("_").replace("_", "-")
    if method == "GET" and not read_only:
        raise ContractError("is volatile, so it can't answer GET; declare it stable, or use POST")
    if path == "/" or not all(_SEGMENT.fullmatch(part) for part in path[1:].split("/")):
        raise ContractError(f"has the path {path}, which is not of the form /things/{{id}}")
    _check_once(catalog, said, read_only=read_only)
    arguments = _arguments(catalog, encoders, function, said, method, path)
    shape, columns = _result(catalog, function, said)
    passwords = tuple(each.name for each in arguments.values() if each.is_password)
    endpoint = Endpoint(
        name=f"{method} {path}",
        method=method,
        path=path,
        function=function,
        annotation=said,
        shape=shape,
        read_only=read_only,
        arguments=arguments,
        aliases=_aliases(arguments),
        columns=columns,
        status=said.status or (204 if shape is Shape.NOTHING else 200),
        bulk=_bulk(catalog, encoders, said, method, shape, read_only=read_only),
        passwords=passwords,
        cache=_cache(catalog, function, said, f"{method} {path}", arguments, anon_role),
        limits=Limits(f"{method} {path}", said.rates) if said.rates else None,
        exports=read_only and shape in _LISTS and not said.bulk and not passwords,
    )
    _check_fields(endpoint)
    _check_events(catalog, endpoint)
    return endpoint


def _arguments(
    catalog: Catalog,
    encoders: Encoders,
    function: Function,
    said: Annotation,
    method: str,
    path: str,
) -> dict[str, Argument]:
    inputs = [each for each in function.parameters if each.mode in _IN_MODES]
    in_path = _PLACEHOLDER.findall(path)
    elsewhere = "query" if method in ("GET", "DELETE") or said.bulk else "body"
    arguments: dict[str, Argument] = {}
    for position, parameter in enumerate(inputs):
        type_ = catalog.types[parameter.type]
        if not parameter.name and not _is_whole_body(inputs, type_, elsewhere):
            raise ContractError(
                f"has no name for argument {position + 1}; only a single json argument may do"
                " without (it takes the whole body)"
            )
        if type_.kind == "p":
            raise ContractError(f"takes {type_.sql}, which clients have no form for")
        place = "path" if parameter.name in in_path else elsewhere
        arguments[parameter.name] = _argument(encoders, said, parameter, type_, place)
    for name in in_path:
        if name not in arguments:
            raise ContractError(f"has {{{name}}} in its path, which is none of its arguments")
    if len(set(in_path)) < len(in_path):
        raise ContractError("has one argument twice in its path")
    if said.page and method != "GET":
        raise ContractError("has @page, which is for GET")
    if said.page and not any(each.cursor_fields for each in arguments.values()):
        raise ContractError("has @page but no argument `cursor jsonb default null`")
    if said.page and "limit" not in arguments:
        raise ContractError('has @page but no argument `"limit"`')
    return arguments


def _is_whole_body(inputs: list[Parameter], type_: PgType, elsewhere: str) -> bool:
    return len(inputs) == 1 and type_.name in ("json", "jsonb") and elsewhere == "body"


def _argument(
    encoders: Encoders,
    said: Annotation,
    parameter: Parameter,
    type_: PgType,
    place: str,
) -> Argument:
    variadic = parameter.mode == "v"
    is_array = type_.element is not None
    is_password = is_password_type(type_)
    # A password is checked as text: the domain's own check is about its hash.
    checked_as = type_.base if is_password and type_.base is not None else type_.oid
    return Argument(
        name=parameter.name,
        type=type_,
        place=place,
        required=place == "path" or (parameter.default is None and not variadic),
        default=parameter.default,
        variadic=variadic,
        from_json=encoders.from_json(checked_as),
        from_text=encoders.from_text(checked_as),
        from_texts=encoders.array_of_texts(type_) if is_array and place == "query" else None,
        is_password=is_password,
        cursor_fields=said.page if parameter.name == "cursor" and type_.name == "jsonb" else (),
    )


def _aliases(arguments: dict[str, Argument]) -> dict[str, str]:
    """Names that clients may use besides: without the underscores some put before parameters."""
    short = {name.lstrip("_"): name for name in arguments if name.startswith("_")}
    return {alias: name for alias, name in short.items() if alias and alias not in arguments}


def _result(
    catalog: Catalog, function: Function, said: Annotation
) -> tuple[Shape, tuple[tuple[str, PgType, bool], ...]]:
    type_ = catalog.types[function.return_type]
    outs = [each for each in function.parameters if each.mode in _OUT_MODES]
    is_table = any(each.mode == "t" for each in outs)
    columns: tuple[tuple[str, PgType, bool], ...]
    if is_table or len(outs) > 1:
        columns = tuple((each.name, catalog.types[each.type], False) for each in outs)
    elif catalog.root(type_).kind == "c":
        row = catalog.root(type_)
        columns = tuple(
            (each.name, catalog.types[each.type], each.not_null) for each in row.attributes
        )
    elif type_.name == "record":
        raise ContractError("returns record without saying its columns; use returns table (…)")
    elif type_.kind == "p" and type_.name != "void":
        raise ContractError(f"returns {type_.sql}, which has no form in JSON")
    else:
        columns = ()
    if type_.name == "void":
        shape = Shape.NOTHING
    elif columns:
        shape = Shape.MANY if function.returns_set and not said.single else Shape.ONE
    elif type_.name in ("json", "jsonb") and not function.returns_set:
        shape = Shape.JSON
    else:
        shape = Shape.VALUES if function.returns_set and not said.single else Shape.VALUE
    if said.page and shape is not Shape.MANY:
        raise ContractError("has @page but does not return a set of rows")
    return shape, columns


def _bulk(
    catalog: Catalog,
    encoders: Encoders,
    said: Annotation,
    method: str,
    shape: Shape,
    *,
    read_only: bool,
) -> Bulk | None:
    if said.bulk is None:
        return None
    if method == "GET" or read_only:
        raise ContractError("has @bulk, which is for volatile functions that don't answer GET")
    type_ = _composite(catalog, said.bulk)
    names = [each.name for each in type_.attributes]
    if len({plain(name) for name in names}) < len(names):
        raise ContractError(
            f"has @bulk {said.bulk}, whose attributes differ only in case and punctuation"
        )
    for name in names:
        if name in _STAGED:
            raise ContractError(f"has @bulk {said.bulk} with the attribute {name}, our own there")
    for name in said.bulk_needs:
        if name not in names:
            raise ContractError(f"has @bulk with needs={name}, which {said.bulk} has not")
    fields = tuple(
        BulkField(
            each.name,
            catalog.types[each.type],
            _cast(catalog, catalog.types[each.type]),
            encoders.from_json(each.type),
        )
        for each in type_.attributes
    )
    _check_parts(catalog, said, type_, shape)
    return Bulk(
        type_, fields, said.bulk_needs, bool(said.bulk_needs), said.bulk_parts, said.bulk_by
    )


def _check_parts(catalog: Catalog, said: Annotation, type_: PgType, shape: Shape) -> None:
    if said.bulk_parts is None:
        return
    if (shape is not Shape.NOTHING and shape not in _LISTS) or said.page:
        raise ContractError(
            "has @bulk with parts=, which is for functions that return void or a set without"
            " @page: what they return for each part is put together"
        )
    if said.bulk_by is None:
        return
    if said.bulk_by not in said.bulk_needs:
        raise ContractError(f"has @bulk with by={said.bulk_by}, which is not among its needs")
    found = next(each for each in type_.attributes if each.name == said.bulk_by)
    root = catalog.root(catalog.types[found.type])
    if (
        root.kind not in ("b", "e")
        or root.category in (_GEOMETRIC, _ARRAY)
        or root.name in _UNORDERED
    ):
        raise ContractError(
            f"has @bulk with by={said.bulk_by}, of the type {root.sql}: the parts would be"
            " in the order of its values, and they have none"
        )


def _composite(catalog: Catalog, name: str) -> PgType:
    schema, _, name_there = name.partition(".")
    for type_ in catalog.types.values():
        if (type_.schema, type_.name, type_.kind) == (schema, name_there, "c"):
            return type_
    raise ContractError(f"has @bulk {name}, which is no composite type of a served schema")


def _cast(catalog: Catalog, type_: PgType) -> str:
    """What a text is cast to; an explicit cast would cut what is too long off in silence."""
    return "" if catalog.root(type_).name in ("text", "varchar", "bpchar") else f"::{type_.sql}"


def _cache(
    catalog: Catalog,
    function: Function,
    said: Annotation,
    route: str,
    arguments: dict[str, Argument],
    anon_role: str,
) -> Cacheable | None:
    policy = said.cache
    if policy is None:
        return None
    if not route.startswith("GET "):
        raise ContractError("has @cache, which is for GET")
    if said.headers:
        raise ContractError("has @cache and @headers: its answer would depend on every header")
    if policy.vary == "none" and anon_role not in function.roles:
        raise ContractError(
            f"has @cache with vary=none, so {anon_role} runs it for everybody, who may not:"
            " grant it execute, or use vary=role"
        )
    known = {name: (each.type, each.required) for name, each in arguments.items()}
    return Cacheable(route, policy, cacheable.tags(catalog, policy, known), said.etag)


def _check_once(catalog: Catalog, said: Annotation, *, read_only: bool) -> None:
    """`@idempotent` is for what changes something, where answers can be kept."""
    if said.idempotent is None:
        return
    if read_only:
        raise ContractError(
            "has @idempotent, which is for changes: what only reads may be called again as it is"
        )
    if not catalog.keeps:
        raise ContractError(
            "has @idempotent, but this database has no penstock.idempotency_keep() to keep its"
            " answers with"
        )


def _check_versions(endpoint: Endpoint) -> None:
    """`@etag` and `@if_match` must fit their functions."""
    said = endpoint.annotation
    if said.etag and (endpoint.method != "GET" or endpoint.shape is not Shape.ONE):
        raise ContractError("has @etag, which is for a GET of one row")
    if said.if_match is None:
        return
    if endpoint.method == "GET":
        raise ContractError("has @if_match, which is for changes")
    argument = endpoint.arguments.get(said.if_match)
    if argument is None or argument.place == "path":
        raise ContractError(f"has @if_match {said.if_match}, which is no argument to be given so")


def _check_events(catalog: Catalog, endpoint: Endpoint) -> None:
    """`@events` is for a set of (id, event, data) after a place."""
    said = endpoint.annotation
    if said.events is None:
        return
    if endpoint.method != "GET" or endpoint.shape is not Shape.MANY:
        raise ContractError("has @events, which is for a GET that returns a set of rows")
    if said.cache or said.page or said.etag or said.status:
        raise ContractError("has @events and @cache, @page, @etag or @status: a stream has none")
    if [name for name, _, _ in endpoint.columns] != ["id", "event", "data"]:
        raise ContractError("has @events, so it must return the columns id, event and data")
    after = endpoint.arguments.get("after")
    if after is None or after.required or after.place != "query":
        raise ContractError("has @events but no argument `after … default null`")
    if catalog.touched is None:
        raise ContractError(
            "has @events, but this database has no penstock.touch() that the API may listen to:"
            " deploy the machinery (up to @core), and log in as authenticator"
        )
    for tag in said.events:
        if tag.partition(":")[0] not in catalog.touched:
            raise ContractError(
                f"has @events with the tag {tag}, which nothing touches: let penstock.emit() do"
                " it, a table with penstock.rows_tag(), or a function with penstock.touch()"
            )


def _check_fields(endpoint: Endpoint) -> None:
    """Every field that an annotation names must be one of the answer."""
    _check_versions(endpoint)
    said = endpoint.annotation
    types = {name: type_ for name, type_, _ in endpoint.columns}
    names = set(types)
    named: tuple[tuple[str, Sequence[str]], ...] = (
        ("@location", _PLACEHOLDER.findall(said.location or "")),
        ("@page", said.page),
        ("@etag", (said.etag,) if said.etag else ()),
    )
    for annotation, fields in named:
        known = names | set(endpoint.arguments) if annotation == "@location" else names
        for each in fields:
            if each not in known:
                raise ContractError(f"has {annotation} with {each}, which the answer has not")
    for each in said.page:
        if types[each].category == "A":
            raise ContractError(f"has @page with {each}, an array, which no cursor holds")
    if said.location and endpoint.shape not in (Shape.ONE, Shape.NOTHING):
        raise ContractError("has @location but does not answer with one object")
    if endpoint.shape is Shape.NOTHING and said.status not in (None, 202, 204):
        raise ContractError(f"returns void, so it can't answer @status {said.status}")
