"""Errors as application/problem+json (RFC 9457), and the one table from SQLSTATE to status.

DETAIL, HINT, CONTEXT and SQL never leave the server: they can hold other people's rows. What a
client reads is the comment on the rule that was broken, or the message of a `raise` in a
function that was written for clients.
"""

import json
import re
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import quote

from psycopg import Error
from psycopg.errors import Diagnostic

from api.catalog import Catalog

Headers = list[tuple[bytes, bytes]]

# SQLSTATE, or the class (its first two characters), to the status of the answer. Where a class
# means another thing when PostgreSQL refuses an argument at Bind, see from_database().
STATUS = {
    "08": 503,
    "09": 500,
    "0L": 403,
    "0P": 403,
    "22": 500,
    "23": 409,
    "23502": 422,
    "23514": 422,
    "23P01": 409,
    "25": 500,
    "25006": 500,
    "28": 403,
    "2D": 500,
    "40001": 503,
    "40P01": 503,
    "42": 500,
    "42501": 403,
    "42883": 500,
    "42P01": 500,
    "53": 503,
    "54": 500,
    "55P03": 409,
    "55006": 409,
    "57014": 504,
    "57P": 503,
    "P0001": 400,
    "P0002": 404,
}

_TITLES = {
    "23502": "A value is missing",
    "23503": "Something else depends on it",
    "23505": "It exists already",
    "23514": "A rule is broken",
    "23P01": "It overlaps with another",
    "55P03": "It is being changed right now",
    "40001": "Too many changes at once",
    "40P01": "Too many changes at once",
    "57014": "It took too long",
}
_SENTENCES = {
    "23503": "Something refers to what is not there, or is still referred to.",
    "23505": "There is already one with this value.",
    "23514": "A value breaks a rule.",
    "23P01": "It overlaps with one that is there already.",
    "55P03": "Somebody else is changing this right now; try again.",
    "40001": "Too many callers changed the same thing at once; try again.",
    "40P01": "Too many callers changed the same thing at once; try again.",
    "57014": "The call took longer than it may.",
}
_STATUS_SENTENCES = {
    400: "The request can't be understood.",
    409: "It does not go with what is there.",
    422: "A value breaks a rule.",
    401: "This needs a token: log in and send it as Authorization: Bearer.",
    403: "Your role may not do this.",
    404: "There is nothing here.",
    500: "Something went wrong on our side. The log has it under this request's id.",
    503: "The database can't answer right now; try again shortly.",
}
# Raised by functions for clients to read; all other messages are PostgreSQL's own and name
# tables and columns.
_FOR_CLIENTS = re.compile(r"P0001|P0002|PT[45][0-9]{2}")
_MOST_ERRORS = 50
_BIND = re.compile(r"^[^$\n]*\$(\d+)(?: = .*)?$", re.DOTALL)


@dataclass(slots=True)
class Problem(Exception):  # noqa: N818 -- RFC 9457's word for it
    """An answer that is no success.

    `errors` are {pointer, detail} of single arguments, `more` the document's other members.
    """

    status: int
    detail: str = ""
    slug: str = ""
    title: str = ""
    errors: list[dict[str, str]] = field(default_factory=list)
    headers: Headers = field(default_factory=list)
    more: dict[str, object] = field(default_factory=dict)

    def body(self, request_id: str) -> bytes:
        """The problem document."""
        document: dict[str, object] = {
            "type": f"/problems/{quote(self.slug, safe='')}" if self.slug else "about:blank",
            "title": self.title or _phrase(self.status),
            "status": self.status,
            "detail": self.detail or _STATUS_SENTENCES.get(self.status, ""),
        }
        if self.errors:
            document["pointer"] = self.errors[0]["pointer"]
            document["errors"] = self.errors
        document |= self.more
        document["request_id"] = request_id
        return json.dumps(document, ensure_ascii=False).encode("utf-8", "replace")


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:  # a status of a function's own
        return "Refused" if status < 500 else "Failed"


def invalid(errors: list[dict[str, str]]) -> Problem:
    """The 422 for arguments: one sentence for people, a pointer for each argument."""
    first = errors[0]
    more = f" ({len(errors) - 1} more)" if len(errors) > 1 else ""
    name = first["pointer"].strip("/").replace("/", ".")
    detail = first["detail"]
    if name and detail[:1].islower():
        detail = f"{name} {detail}"
    return Problem(
        422,
        detail=f"{detail.rstrip('.')}.{more}",
        slug="invalid-arguments",
        title="An argument is wrong",
        errors=errors[:_MOST_ERRORS],
    )


def unauthorized(detail: str, *, error: str | None = None) -> Problem:
    """The 401 for a missing (error=None) or wrong token."""
    challenge = "Bearer" if error is None else f'Bearer error="{error}"'
    return Problem(
        401,
        detail=detail,
        slug="token-needed" if error is None else "token-invalid",
        headers=[(b"www-authenticate", challenge.encode())],
    )


def unavailable() -> Problem:
    """The 503 for a database that does not answer."""
    return Problem(503, slug="database-unavailable", headers=[(b"retry-after", b"1")])


def too_slow() -> Problem:
    """The 504 for a database that does not even keep to its own timeout."""
    return Problem(504, "The database took too long.", slug="too-slow")


def bind_position(error: Error) -> int | None:
    """The number of the parameter that PostgreSQL refused at Bind, or None for any other error.

    The context's words are translated, so only its form counts: one line, with a $n.
    """
    context = error.diag.context
    match = _BIND.match(context) if context else None
    return int(match[1]) if match and "PL/pgSQL" not in (context or "") else None


def status_of(sqlstate: str) -> int:
    """The HTTP status for an SQLSTATE, as the table says; PT4nn and PT5nn say it themselves."""
    if re.fullmatch(r"PT[45][0-9]{2}", sqlstate):
        return int(sqlstate[2:])
    for prefix in (sqlstate, sqlstate[:3], sqlstate[:2]):
        if prefix in STATUS:
            return STATUS[prefix]
    return 500


def from_database(error: Error, catalog: Catalog, *, anonymous: bool, names: set[str]) -> Problem:
    """The answer to an error of the database.

    `names` are the route's argument names: a pointer is given where the broken rule is about a
    column of one of those names. Bind errors are the caller's to recognise (bind_position).
    """
    sqlstate = error.sqlstate or "08000"
    status = status_of(sqlstate)
    headers: Headers = []
    if sqlstate == "42501" and anonymous:
        return unauthorized(_STATUS_SENTENCES[401])
    if status == 503:
        headers.append((b"retry-after", b"1"))
    # PostgreSQL's own 42501 names tables; only a function that raises one names a rule as well.
    if _FOR_CLIENTS.fullmatch(sqlstate) or (sqlstate == "42501" and error.diag.constraint_name):
        return Problem(
            status,
            detail=error.diag.message_primary or "",
            slug=error.diag.constraint_name or "",
            headers=headers,
        )
    if sqlstate[:2] == "23":
        return _broken_rule(status, sqlstate, error.diag, catalog, names)
    return Problem(
        status,
        detail=_SENTENCES.get(sqlstate, ""),
        title=_TITLES.get(sqlstate, ""),
        headers=headers,
    )


def _broken_rule(
    status: int, sqlstate: str, diag: Diagnostic, catalog: Catalog, names: set[str]
) -> Problem:
    sentence = _SENTENCES.get(sqlstate, _STATUS_SENTENCES.get(status, ""))
    problem = Problem(status, sentence, title=_TITLES.get(sqlstate, ""))
    if sqlstate == "23502" and diag.column_name:
        problem.slug = diag.column_name
        problem.detail = f"{diag.column_name} is required."
        columns: tuple[str, ...] = (diag.column_name,)
    else:
        rule = catalog.rule(
            diag.schema_name, diag.table_name or diag.datatype_name, diag.constraint_name or ""
        )
        problem.slug = diag.constraint_name or ""
        problem.detail = (rule and rule.comment) or problem.detail
        columns = rule.columns if rule else ()
    pointed = [column for column in columns if column in names]
    problem.errors = [{"pointer": f"/{name}", "detail": problem.detail} for name in pointed]
    return problem
