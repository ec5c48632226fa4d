"""What Schemathesis asks besides its own checks; schemathesis.toml names this module."""

import json
import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

import schemathesis

_BY_FORM = ("invalid-arguments", "bad-json")


# PostgreSQL rounds a sum of money before it looks whether it is one, and a schema can't say that.
_LEAST, _MOST, _HALF = Decimal(0), Decimal("9999999999.99"), Decimal("0.005")
# No place on earth is so far from UTC, and PostgreSQL knows none.
_NOWHERE = re.compile(r"\d[+-](1[6-9]|2\d):\d\d$")
_NO_TIME = "is no valid timestamp with time zone"


@schemathesis.hook
def filter_case(_: schemathesis.HookContext, case: schemathesis.Case) -> bool:
    """Whether to send it: not a sum that is wrong by less than it is rounded by."""
    return not any(map(_rounds_in, _given(case)))


def _given(case: schemathesis.Case) -> Iterator[str]:
    return _texts([case.query, case.path_parameters, case.body])


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
    elif isinstance(value, int | float | str):
        yield str(value)


def _rounds_in(text: str) -> bool:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return False
    if not number.is_finite():
        return False
    return _LEAST - _HALF < number < _LEAST or _MOST < number < _MOST + _HALF


@schemathesis.check
def what_the_schema_allows_only_a_told_rule_refuses(
    ctx: schemathesis.CheckContext, response: schemathesis.Response, case: schemathesis.Case
) -> None:
    """A 422 for what fits the schema names a rule: its constraint's, or one that was described.

    Three things are not for a schema to say: a cursor is opaque, whatever string it is; the cases
    that cover a schema's edges take no notice of the pattern of If-Match; and a time may be of an
    offset that there is nowhere.
    """
    meta = case.meta
    if meta is None or not meta.generation.mode.is_positive:
        return
    if response.status_code not in (400, 422):
        return
    problem = response.json()
    slug = problem["type"].removeprefix("/problems/")
    if response.status_code == 400:
        assert slug == "bad-if-match", problem
        return
    if slug not in _BY_FORM:
        return
    described = json.dumps(case.operation.definition.raw, ensure_ascii=False)
    is_nowhere = any(map(_NOWHERE.search, _given(case)))
    for error in problem.get("errors", [problem]):
        if error.get("pointer") != "/cursor" and not (is_nowhere and error["detail"] == _NO_TIME):
            assert error["detail"] in described, f"no schema tells of this: {error}"
