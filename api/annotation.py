"""The comment on a function: what it says to people, and what it says to Penstock."""

import re
from dataclasses import dataclass, field

from api import quota
from api.quota import Rate, RateError

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

_HTTP = re.compile(r"HTTP(?:\s+(?P<method>[A-Za-z]+))?(?:\s+(?P<path>/\S*))?\s*", re.IGNORECASE)
_INTERVAL = re.compile(r"([0-9]+)\s*(ms|s|min)")
_INTERVAL_MS = {"ms": 1, "s": 1000, "min": 60_000}
_LONGEST_MS = 2**31 - 1  # what statement_timeout holds
_LANES = ("shared", "exclusive")
_VARY = ("subject", "role", "none")
_CACHE_TAG = re.compile(r"\w+(:\{\w+\})?")
CALLERS_SUBJECT, CALLERS_ROLE = "{sub}", "{role}"
_EVENT_TAG = re.compile(r"\w+(:\{(sub|role)\})?")
_ISOLATION = ("repeatable read", "serializable")
_BULK = re.compile(
    r"(?P<type>\w+\.\w+)(?:\s+needs=(?P<needs>\w+(?:,\w+)*)"
    r"(?:\s+parts=(?P<parts>[1-9][0-9]{0,8})(?:\s+by=(?P<by>\w+))?)?)?"
)

# What NpgsqlRest reads in a comment. A function annotated for it may rely on any of these to be
# guarded, so none may be passed over: a line that starts with one makes the route an error.
_NPGSQLREST = frozenset(
    """
    allow_anonymous anonymous allow_anon anon authorize authorized requires_authorization
    login signin logout signout basic_auth basic_authentication basic_auth_realm realm
    basic_auth_command challenge_command internal internal_only disabled enabled
    path proxy reverse_proxy proxy_out forward_proxy
    request_param_type param_type request_headers_mode request_headers
    request_headers_parameter_name request_headers_param_name body_parameter_name
    body_param_name query_string_null_handling query_null_handling query_string_null query_null
    validate validation response_null_handling response_null nested nested_json nested_composite
    raw raw_mode raw_results separator raw_separator new_line raw_new_line
    column_names raw_column_names names
    cached cache_expires cache_expires_in cache_profile buffer_rows buffer
    command_timeout retry_strategy retry
    sse sse_path sse_events_path sse_level sse_events_level sse_scope sse_events_scope
    sse_publish sse_subscribe upload
    error_code_policy error_code rate_limiter_policy rate_limiter rate_limiter_policy_name
    user_context user_context_headers user_params user_parameters connection connection_name
    security_sensitive sensitive security encrypt encrypted decrypt decrypted
    param parameter define_param result_name returns tsclient openapi mcp table_format
    excel_file_name excel_sheet void tags response_headers custom_parameters
    """.split()
)
# Words that also begin an English sentence: an annotation only where nothing but its own syntax
# follows (a word or two, never an article or a full stop).
_ALSO_ENGLISH = frozenset(
    """
    anon anonymous internal path validate nested raw names separator cached buffer retry upload
    connection sensitive security realm login logout returns parameter void tags enabled
    disabled proxy validation encrypt encrypted decrypt decrypted
    """.split()
)
_ARTICLES = frozenset("a an the".split())


class AnnotationError(Exception):
    """A comment that says something Penstock can't honour."""


@dataclass(frozen=True, slots=True)
class DeclaredError:
    """An `@error` line: a status a client should expect, and when."""

    status: int
    sentence: str


@dataclass(frozen=True, slots=True)
class CachePolicy:
    """A `@cache` line: for how many seconds an answer counts, and what ends it before.

    `tags` are templates such as products and product:{id}. `vary` is what else an answer depends
    on: subject, role or none. `stale` is for how many seconds longer it may stand in while the
    database does not answer, and `local` for how many a process may give it out unasked.
    """

    ttl: float
    tags: tuple[str, ...] = ()
    vary: str = "subject"
    stale: float = 0.0
    local: float = 0.0


@dataclass(slots=True)
class Annotation:
    """What a comment says. `method` and `path` are None where the HTTP line leaves them out.

    `idempotent` is optional or required: whether an Idempotency-Key may be sent, or must be.
    """

    method: str | None = None
    path: str | None = None
    summary: str = ""
    description: str = ""
    single: bool = False
    status: int | None = None
    location: str | None = None
    page: tuple[str, ...] = ()
    tags: list[str] = field(default_factory=list)
    deprecated: bool = False
    timeout_ms: int | None = None
    headers: bool = False
    isolation: str | None = None
    bulk: str | None = None
    bulk_needs: tuple[str, ...] = ()
    bulk_parts: int | None = None
    bulk_by: str | None = None
    lane: str | None = None
    cache: CachePolicy | None = None
    etag: str | None = None
    if_match: str | None = None
    rates: tuple[Rate, ...] = ()
    idempotent: str | None = None
    events: tuple[str, ...] | None = None
    errors: list[DeclaredError] = field(default_factory=list)


def parse(comment: str) -> Annotation | None:
    """Read a function's comment.

    Returns None where it has no HTTP line: such a function is not an endpoint. Raises
    AnnotationError, with a sentence, where a line can't be honoured.
    """
    annotation = Annotation()
    prose: list[str] = []
    seen: set[str] = set()
    is_endpoint = False
    pending: list[tuple[str, str]] = []
    for raw in comment.splitlines():
        line = raw.strip()
        http = _http_line(line)
        if http is not None:
            if is_endpoint:
                raise AnnotationError(f"has two HTTP lines; the second is {line!r}")
            is_endpoint = True
            annotation.method, annotation.path = http
        elif line.startswith("@"):
            name, argument = (*line[1:].split(maxsplit=1), "", "")[:2]
            pending.append((name, argument))
        elif (word := _foreign(line)) is not None:
            pending.append((word, line))
        else:
            prose.append(line)
    if not is_endpoint:
        return None
    for name, argument in pending:
        _apply(annotation, name, argument, seen)
    summary, _, description = "\n".join(prose).strip().partition("\n")
    annotation.summary = summary
    annotation.description = description.strip()
    return annotation


def _http_line(line: str) -> tuple[str | None, str | None] | None:
    match = _HTTP.fullmatch(line)
    if match is None:
        if re.match(r"HTTP\s+([A-Z]+\b|/)", line):
            raise AnnotationError(
                f"has the line {line!r}, which is not of the form HTTP METHOD /path"
            )
        return None
    method, path = match["method"], match["path"]
    if method is not None and method.upper() not in METHODS:
        if path is None and not method.isupper():
            return None  # prose that begins with "HTTP"
        raise AnnotationError(f"names the method {method}; known are {', '.join(METHODS)}")
    return method.upper() if method else None, path


def _foreign(line: str) -> str | None:
    """The NpgsqlRest annotation that this line is, or None for prose."""
    if re.match(r"[A-Za-z]+(-[A-Za-z]+)+:", line):
        return "response_headers"
    if re.fullmatch(r"\w+\s*=\s*\S+", line):
        return "custom_parameters"
    match = re.match(r"([A-Za-z_]+(?:-[a-z]+)*)\s*(?:[:=]\s*)?(.*)", line)
    if match is None:
        return None
    word = match[1].lower().replace("-", "_")
    if word not in _NPGSQLREST:
        return None
    return None if word in _ALSO_ENGLISH and _is_sentence(match[2]) else word


def _is_sentence(rest: str) -> bool:
    words = rest.lower().split()
    return rest.endswith((".", "!", "?", ":")) or len(words) > 4 or not _ARTICLES.isdisjoint(words)


def _apply(annotation: Annotation, name: str, argument: str, seen: set[str]) -> None:
    if name.lower().replace("-", "_") in _NPGSQLREST:
        raise AnnotationError(
            f"has the NpgsqlRest annotation {name!r}, which Penstock does not honour; who may call"
            " is said by GRANT EXECUTE, the rest by the annotations in the reference"
        )
    handler = _HANDLERS.get(name)
    if handler is None:
        known = ", ".join("@" + known for known in _HANDLERS)
        raise AnnotationError(f"has the unknown annotation @{name}; known are {known}")
    if name in seen and name not in _REPEATABLE:
        raise AnnotationError(f"has @{name} twice")
    seen.add(name)
    handler(annotation, argument)


def _flag(name: str, argument: str) -> bool:
    if argument:
        raise AnnotationError(f"has @{name} {argument}; @{name} takes nothing")
    return True


def _single(annotation: Annotation, argument: str) -> None:
    annotation.single = _flag("single", argument)


def _deprecated(annotation: Annotation, argument: str) -> None:
    annotation.deprecated = _flag("deprecated", argument)


def _headers(annotation: Annotation, argument: str) -> None:
    annotation.headers = _flag("headers", argument)


def _status(annotation: Annotation, argument: str) -> None:
    if not re.fullmatch(r"20[0-8]", argument):
        raise AnnotationError(f"has @status {argument}; it takes a success, as in @status 201")
    annotation.status = int(argument)


def _location(annotation: Annotation, argument: str) -> None:
    if not re.fullmatch(r"/[!-~]*", argument):
        raise AnnotationError(f"has @location {argument}; it takes a path, as in /products/{{id}}")
    annotation.location = argument


def _page(annotation: Annotation, argument: str) -> None:
    columns = tuple(name.strip() for name in argument.split(","))
    if not all(columns):
        raise AnnotationError("has @page without the fields that fix a row's place")
    annotation.page = columns


def _tag(annotation: Annotation, argument: str) -> None:
    if not argument:
        raise AnnotationError("has @tag without a name")
    annotation.tags.append(argument)


def _milliseconds(text: str) -> int:
    """A time such as 500ms, 2s or 1min; 0 where it is none."""
    match = _INTERVAL.fullmatch(text)
    milliseconds = int(match[1]) * _INTERVAL_MS[match[2]] if match else 0
    return milliseconds if milliseconds <= _LONGEST_MS else 0


def _timeout(annotation: Annotation, argument: str) -> None:
    milliseconds = _milliseconds(argument)
    if not milliseconds:
        raise AnnotationError(f"has @timeout {argument}; it takes a time, as in 500ms, 2s, 1min")
    annotation.timeout_ms = milliseconds


def _cache(annotation: Annotation, argument: str) -> None:
    ttl, *options = argument.split() or [""]
    seconds = {"ttl": _milliseconds(ttl) / 1000}
    tags: tuple[str, ...] = ()
    vary = "subject"
    known = True
    for option in options:
        name, _, value = option.partition("=")
        if name in ("stale", "local"):
            seconds[name] = _milliseconds(value) / 1000
        elif name == "tags":
            tags = tuple(value.split(","))
        elif name == "vary":
            vary = value
        else:
            known = False
    names = [option.partition("=")[0] for option in options]
    if (
        not known
        or len(set(names)) < len(names)
        or not all(seconds.values())
        or not all(_CACHE_TAG.fullmatch(tag) for tag in tags)
        or vary not in _VARY
    ):
        raise AnnotationError(
            f"has @cache {argument}; it takes a time and tags=, vary=, stale=, local=, as in"
            " @cache 1min tags=products,product:{id} vary=role"
        )
    annotation.cache = CachePolicy(tags=tags, vary=vary, **seconds)


def _etag(annotation: Annotation, argument: str) -> None:
    if not re.fullmatch(r"\w+", argument):
        raise AnnotationError("has @etag without the field that counts the versions")
    annotation.etag = argument


def _if_match(annotation: Annotation, argument: str) -> None:
    if not re.fullmatch(r"\w+", argument):
        raise AnnotationError("has @if_match without the argument that takes the version")
    annotation.if_match = argument


def _isolation(annotation: Annotation, argument: str) -> None:
    if argument not in _ISOLATION:
        raise AnnotationError(f"has @isolation {argument}; it takes {' or '.join(_ISOLATION)}")
    annotation.isolation = argument


def _bulk(annotation: Annotation, argument: str) -> None:
    match = _BULK.fullmatch(argument)
    if match is None:
        raise AnnotationError(
            f"has @bulk {argument}; it takes a type, and the fields that no line may lack where"
            " they are to be read by their types, as in @bulk api.lamp_row needs=name,watts; then"
            " parts=10000 where the function may be called on so many lines at a time, and"
            " by=name where lines with the same name must come together"
        )
    annotation.bulk = match["type"]
    annotation.bulk_needs = tuple(match["needs"].split(",")) if match["needs"] else ()
    annotation.bulk_parts = int(match["parts"]) if match["parts"] else None
    annotation.bulk_by = match["by"]


def _lane(annotation: Annotation, argument: str) -> None:
    if argument not in _LANES:
        raise AnnotationError(f"has @lane {argument}; it takes {' or '.join(_LANES)}")
    annotation.lane = argument


def _rate(annotation: Annotation, argument: str) -> None:
    try:
        annotation.rates = quota.together((*annotation.rates, quota.parse(argument)))
    except RateError as error:
        raise AnnotationError(f"has @rate {argument}; it {error}") from None


def _idempotent(annotation: Annotation, argument: str) -> None:
    if argument not in ("", "required"):
        raise AnnotationError(f"has @idempotent {argument}; it takes nothing, or required")
    annotation.idempotent = argument or "optional"


def _events(annotation: Annotation, argument: str) -> None:
    name, _, tags = argument.partition("=")
    annotation.events = tuple(tags.split(","))
    if name != "tags" or not all(_EVENT_TAG.fullmatch(tag) for tag in annotation.events):
        raise AnnotationError(
            f"has @events {argument}; it takes the tags that are touched when there is something"
            " new, as in @events tags=events_of:{sub},events_for:{role}"
        )


def _error(annotation: Annotation, argument: str) -> None:
    status, _, sentence = argument.partition(" ")
    if not re.fullmatch(r"[45][0-9]{2}", status) or not sentence.strip():
        raise AnnotationError(f"has @error {argument}; it takes a status and a sentence")
    annotation.errors.append(DeclaredError(int(status), sentence.strip()))


_REPEATABLE = ("tag", "error", "rate")
_HANDLERS = {
    "single": _single,
    "status": _status,
    "location": _location,
    "page": _page,
    "tag": _tag,
    "deprecated": _deprecated,
    "timeout": _timeout,
    "headers": _headers,
    "isolation": _isolation,
    "bulk": _bulk,
    "lane": _lane,
    "cache": _cache,
    "etag": _etag,
    "if_match": _if_match,
    "rate": _rate,
    "idempotent": _idempotent,
    "events": _events,
    "error": _error,
}
