"""What a client is told of a call that failed, and what the log is told besides."""

import asyncio
import logging

from psycopg import Error

from api.asked import Asked, Stale
from api.exports import Export
from api.lane import NoConnectionError, is_lost
from api.log import unquoted
from api.long_calls import stopped
from api.problems import (
    Problem,
    bind_position,
    from_database,
    invalid,
    too_slow,
    unavailable,
)
from api.strictjson import escape

log = logging.getLogger("penstock.dispatch")

# What a call says when the function changed under its route, before the routes were reloaded.
_STALE = ("0A000", "42883", "42P01", "42704", "42725", "42703", "3F000")


def judged(asked: Asked, error: Error) -> Exception:
    """The Problem, or Stale, that the database's answer to a call is."""
    problem = _problem(error, asked)
    _log_failure(asked, error, problem)
    return problem


def problem_of(asked: Asked, error: BaseException) -> Problem:
    """What a client is told of an error, whatever it is."""
    found: BaseException = error
    if isinstance(error, Error):
        found = judged(asked, error)
    if isinstance(found, Problem):
        return found
    if isinstance(found, asyncio.CancelledError):
        return stopped()
    if isinstance(found, Stale):
        return unavailable()
    if isinstance(found, TimeoutError):
        return too_slow()
    request_id = asked.scope["state"]["request_id"]
    log.error("the call failed", exc_info=found, extra={"request_id": request_id})
    return Problem(500, slug="internal")


def broken_off(asked: Asked, export: Export, error: BaseException) -> Problem:
    """Tell the log of an export that ends in the middle; the client sees it end."""
    problem = _problem(error, asked) if isinstance(error, Error) else too_slow()
    diag = error.diag if isinstance(error, Error) else None
    said = (diag and diag.message_primary) or str(error) or "it took too long"
    log.error(
        "%s broke off after %d bytes: %s",
        asked.endpoint.function,
        export.sent,
        unquoted(said, asked.given.values()),
        extra={
            "request_id": asked.scope["state"]["request_id"],
            "sqlstate": diag and diag.sqlstate,
        },
    )
    return problem if isinstance(problem, Problem) else Problem(500, slug="internal")


def _problem(error: Error, asked: Asked) -> Exception:
    if isinstance(error, NoConnectionError) or is_lost(error):
        return unavailable()
    given = asked.given
    position = bind_position(error)
    if position is not None and position <= len(given):
        return _refused(error, asked, tuple(given)[position - 1])
    if error.sqlstate in _STALE and error.diag.context is None:
        return Stale(error)
    names = {each.name for each in asked.endpoint.arguments.values()}
    anonymous = not asked.caller.claims
    return from_database(error, asked.routes.catalog, anonymous=anonymous, names=names)


def _log_failure(asked: Asked, error: Error, problem: Exception) -> None:
    """Tell those who run the server what the client is not told."""
    if not isinstance(problem, Problem) or problem.status < 500:
        return
    given = asked.given.values()
    log.error(
        "%s failed: %s",
        asked.endpoint.function,
        unquoted(error.diag.message_primary or str(error), given),
        extra={
            "request_id": asked.scope["state"]["request_id"],
            "sqlstate": error.sqlstate,
            "context": unquoted(error.diag.context or "", given) or None,
        },
    )


def _refused(error: Error, asked: Asked, name: str) -> Problem:
    """The 422 for an argument that its type's own input function refused."""
    endpoint = asked.endpoint
    of_cursor = ""
    if name not in endpoint.arguments:
        name, _, of_cursor = name.partition(".")
    diag = error.diag
    rule = diag.constraint_name and asked.routes.catalog.rule(
        diag.schema_name, diag.datatype_name, diag.constraint_name
    )
    if of_cursor:
        detail = "is no cursor of this list; take it from a page's Link header"
    elif rule and rule.comment:
        detail = rule.comment
    else:
        detail = f"is no valid {endpoint.arguments[name].type.sql}"
    return invalid([{"pointer": f"/{escape(name)}", "detail": detail}])
