"""What OpenAPI says of batches, and of the Idempotency-Key."""

from collections.abc import Callable
from typing import Any

from api.batch_form import HEADER_VALUE, METHODS
from api.once import KEY_PATTERN
from api.settings import Settings

KEY: dict[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": (
        "A name for this request, such as a random UUID. Sent again with it, it is not done again"
        " but answered as the first time, for 24 hours. As it is, or in double quotes."
    ),
    "schema": {
        "type": "string",
        "pattern": KEY_PATTERN,
        "examples": ["8e03978e-40d5-43e8-bc93-6894a57f9324"],
    },
}
KEY_PROBLEMS = {
    "400": "The Idempotency-Key is missing where it is required, or malformed.",
    "409": "Another request with this Idempotency-Key is still being answered.",
    "422": "The Idempotency-Key was sent before, with another request.",
}
REPLAYED: dict[str, Any] = {
    "Idempotency-Replayed": {
        "description": "true where this was answered before, and was not done again.",
        "schema": {"type": "string"},
    }
}
_TARGET = {
    "type": "string",
    "pattern": "^/",
    "description": (
        "Below the prefix, percent-encoded, with its query. ${call/field} stands for a field of"
        " what an earlier call answered: its id or number, then a JSON pointer."
    ),
    "examples": ["/orders/${order/id}/pay"],
}
_OWN_HEADER = {"type": "string", "pattern": f"^{HEADER_VALUE}$"}
_EXAMPLE = [
    {"id": "thing", "method": "POST", "path": "/things", "body": {"name": "A thing"}},
    {"method": "GET", "path": "/things/${thing/id}"},
]


def operation(settings: Settings, problem: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    """POST /batch; `problem` describes a problem by its sentence."""
    call = {
        "type": "object",
        "additionalProperties": False,
        "required": ["method", "path"],
        "properties": {
            "id": {"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_-]{0,63}$"},
            "method": {"enum": list(METHODS)},
            "path": _TARGET,
            "body": {"description": "As alone; ${call/field} in its strings, $${ for ${ itself."},
            "headers": {
                "type": "object",
                "additionalProperties": False,
                "properties": {"If-Match": _OWN_HEADER, "If-None-Match": _OWN_HEADER},
            },
        },
    }
    calls = {
        "type": "array",
        "items": call,
        "minItems": 1,
        "maxItems": settings.batch_calls,
        "examples": [_EXAMPLE],
    }
    result = {
        "type": "object",
        "required": ["status", "headers", "body"],
        "properties": {
            "id": _text(),
            "status": {"type": "integer"},
            "headers": {"type": "object", "additionalProperties": _text()},
            "body": {},
        },
    }
    results = {"type": "array", "items": result}
    described: dict[str, Any] = {
        "operationId": "batch",
        "summary": "Many calls in one transaction: all of them are done, or none.",
        "parameters": [KEY],
        "requestBody": {"required": True, "content": _json(_object("calls", calls, closed=True))},
        "responses": {
            "200": {
                "description": "All were done; the results are in the order of the calls.",
                "headers": REPLAYED,
                "content": _json(_object("results", results, closed=False)),
            },
            "default": problem(
                "None was done. `call` is the number of the first call that failed, and `problem`"
                " its own; the status is that of the call."
            ),
        },
    }
    for status, sentence in KEY_PROBLEMS.items():
        described["responses"][status] = problem(f"{sentence} Or a call was answered so.")
    if settings.takes_tokens:
        described["security"] = [{}, {"bearer": []}, {"cookie": []}]
    return described


def _text() -> dict[str, Any]:
    return {"type": "string"}


def _object(name: str, schema: dict[str, Any], *, closed: bool) -> dict[str, Any]:
    described = {"type": "object", "required": [name], "properties": {name: schema}}
    return {**described, "additionalProperties": False} if closed else described


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}
