"""OpenAPI 3.1, made from the catalogue."""

import re
from collections import Counter
from typing import Any

from api import long_calls, openapi_batch, quota
from api.batch import PATH
from api.bulk import MOST_REJECTS
from api.conditions import ONE_ETAG
from api.cookies import ACCESS
from api.endpoint import WHOLE_BODY, Argument, Bulk, Endpoint, Shape
from api.limits import Limits
from api.negotiation import Form
from api.routes import Routes
from api.schema import Schema, Schemas, default_of, nullable
from api.settings import Settings

VERSION = "3.1.0"
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_PROBLEM = {"$ref": "#/components/schemas/Problem"}
_PROBLEM_SCHEMA: Schema = {
    "type": "object",
    "description": "What went wrong (RFC 9457).",
    "required": ["type", "title", "status", "detail", "request_id"],
    "properties": {
        "type": {"type": "string", "description": "Ends in the name of the rule that was broken."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "A sentence for people."},
        "pointer": {"type": "string", "description": "JSON pointer to the first wrong argument."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "detail"],
                "properties": {"pointer": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
        "request_id": {"type": "string"},
    },
}


_LENIENT = "handling=lenient", "take the good lines, and tell which were rejected."
_ASYNC = long_calls.WISH, "answer 202 when all lines are there, and go on."
_TEXT: dict[str, Any] = {"schema": {"type": "string"}}


def document(routes: Routes, settings: Settings, own: dict[str, Any]) -> dict[str, Any]:
    """The whole description; `own` is FastAPI's, of the routes that are Python's."""
    components = {"Problem": _PROBLEM_SCHEMA, **own.get("components", {}).get("schemas", {})}
    schemas = Schemas(routes.catalog, settings.api_schemas, components)
    paths: dict[str, Any] = {}
    for path, operations in own.get("paths", {}).items():
        limits = _auth_limits(settings) if path.startswith(f"{settings.api_prefix}/auth/") else None
        paths[path] = {
            method: _with_problem(operation, limits) for method, operation in operations.items()
        }
    if settings.batch_calls:
        paths[settings.api_prefix + PATH] = {"post": openapi_batch.operation(settings, _problem)}
    ids = _operation_ids(routes)
    below = _by_first_part(routes)
    job = routes.job if routes.catalog.goes_on else None
    for endpoint in sorted(routes.endpoints, key=lambda each: (each.path, each.method)):
        path = settings.api_prefix + endpoint.path
        operation = _operation(endpoint, ids[endpoint.name], schemas, settings, job)
        if links := _links(endpoint, below, ids):
            operation["responses"][str(endpoint.status)]["links"] = links
        paths.setdefault(path, {})[endpoint.method.lower()] = operation
    return {
        "openapi": VERSION,
        "info": {
            "title": "Penstock",
            "version": own["info"]["version"],
            "description": "PostgreSQL functions over HTTP. What the types say is checked.",
        },
        "paths": paths,
        "components": {
            "schemas": {**components, **schemas.components},
            "securitySchemes": _SECURITY,
        },
    }


# The same list as a file, for whoever asks for it by Accept.
_FILES = {
    Form.CSV.value: {
        "schema": {"type": "string", "description": "A header line and a line a row, as CSV."}
    },
    Form.NDJSON.value: {
        "schema": {"type": "string", "description": "The same JSON, an entry a line."}
    },
}
_SECURITY = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "The access_token of a login, or an API key.",
    },
    "cookie": {
        "type": "apiKey",
        "in": "cookie",
        "name": ACCESS,
        "description": "Of a login by cookie; a change needs its csrf_token as X-CSRF-Token.",
    },
}


_STREAM = "text/event-stream"
_EVENTS = {
    "schema": {
        "type": "string",
        "description": "Events, each with its id, its topic as `event`, and its data as JSON.",
    }
}
_LAST_EVENT_ID = {
    "name": "Last-Event-ID",
    "in": "header",
    "required": False,
    "description": "The id of the last event that was seen: what came after it is sent first.",
    "schema": {"type": "string"},
}


def _auth_limits(settings: Settings) -> Limits | None:
    rates = quota.together(map(quota.parse, settings.auth_rate))
    return Limits("", rates) if rates else None


def _operation_ids(routes: Routes) -> dict[str, str]:
    """What each operation is called: as its function, and its route where that is not enough."""
    names = Counter(each.function.name for each in routes.endpoints)
    ids = {}
    for each in routes.endpoints:
        route = re.sub(r"\W+", "_", f"_{each.method}{each.path}")
        name = each.function.name
        ids[each.name] = name + route if names[name] > 1 else name
    return ids


def _by_first_part(routes: Routes) -> dict[str, list[Endpoint]]:
    """The endpoints by where they live: with 10,000 nobody may look at all for each."""
    found: dict[str, list[Endpoint]] = {}
    for each in routes.endpoints:
        found.setdefault(each.path.split("/")[1], []).append(each)
    return found


def _links(
    endpoint: Endpoint, below: dict[str, list[Endpoint]], ids: dict[str, str]
) -> dict[str, Any]:
    """What can be done with the new thing: all that lives at its @location, or right below.

    The fields of the answer that @location names are the arguments of those paths.
    """
    location = endpoint.annotation.location
    answered = {name for name, _, _ in endpoint.columns}
    if location is None or not set(fields := _PLACEHOLDER.findall(location)) <= answered:
        return {}
    place = _PLACEHOLDER.sub("{}", location)
    links = {}
    for other in below.get(location.split("/")[1], ()):
        there = _PLACEHOLDER.sub("{}", other.path)
        named = _PLACEHOLDER.findall(other.path)
        if (there == place or there.startswith(place + "/")) and len(named) == len(fields):
            links[ids[other.name]] = {
                "operationId": ids[other.name],
                "parameters": {
                    name: f"$response.body#/{field}"
                    for name, field in zip(named, fields, strict=True)
                },
            }
    return links


def _with_problem(operation: dict[str, Any], limits: Limits | None) -> dict[str, Any]:
    """FastAPI's own operation, with our problems for its validation errors, and its rates."""
    responses = {
        status: _problem(response["description"]) if status[0] in "45" else response
        for status, response in operation["responses"].items()
        if status != "422"
    }
    responses["default"] = _problem("Any other error.")
    return {**operation, "responses": _limited(responses, limits)}


def _limited(responses: dict[str, Any], limits: Limits | None) -> dict[str, Any]:
    """The same with what the rates of a route add: a 429, and headers of every answer."""
    if limits is None:
        return responses
    text = {"schema": {"type": "string"}}
    said = ", ".join(map(str, limits.rates))
    headers = {
        "RateLimit": {"description": "What is left, and the seconds until one more.", **text},
        "RateLimit-Policy": {"description": f"What is allowed: {said}.", **text},
    }
    after = {"description": "Seconds until the next call.", "schema": {"type": "integer"}}
    responses = {**responses, "429": _problem(f"More calls than are allowed: {said}.")}
    limited = {
        status: {**response, "headers": {**response.get("headers", {}), **headers}}
        for status, response in responses.items()
    }
    limited["429"]["headers"]["Retry-After"] = after
    return limited


def _operation(
    endpoint: Endpoint,
    operation_id: str,
    schemas: Schemas,
    settings: Settings,
    job: Endpoint | None,
) -> dict[str, Any]:
    said = endpoint.annotation
    operation: dict[str, Any] = {
        "operationId": operation_id,
        "summary": said.summary or endpoint.function.name,
        "responses": _responses(endpoint, schemas),
    }
    if said.description:
        operation["description"] = said.description
    if said.tags:
        operation["tags"] = said.tags
    if said.deprecated:
        operation["deprecated"] = True
    parameters = [
        _parameter(argument, schemas)
        for argument in endpoint.arguments.values()
        if argument.place != "body"
    ]
    parameters += _conditions(endpoint)
    if said.events is not None:
        parameters.append(_LAST_EVENT_ID)
    if endpoint.bulk is not None:
        parameters += _wishes(endpoint.bulk, goes_on=job is not None)
    if job is not None and endpoint.bulk is not None:
        operation["responses"]["202"] = _accepted(job, schemas)
    if parameters:
        operation["parameters"] = parameters
    if (body := _request_body(endpoint, schemas)) is not None:
        operation["requestBody"] = body
    if settings.takes_tokens:
        anonymous = (settings.anon_role or "anon") in endpoint.roles
        ways: list[dict[str, Any]] = [{name: []} for name in _SECURITY]
        operation["security"] = [{}, *ways] if anonymous else ways
    return operation


def _wishes(bulk: Bulk, *, goes_on: bool) -> list[dict[str, Any]]:
    """The Prefer header of a list, as far as any wish is granted."""
    wishes = [_LENIENT] if bulk.is_typed else []
    wishes += [_ASYNC] if goes_on else []
    if not wishes:
        return []
    return [
        {
            "name": "Prefer",
            "in": "header",
            "required": False,
            "description": " ".join(f"{wish}: {sentence}" for wish, sentence in wishes),
            "schema": {"type": "string", "examples": [wish for wish, _ in wishes]},
        }
    ]


def _accepted(job: Endpoint, schemas: Schemas) -> dict[str, Any]:
    """The answer to a list that goes on after it."""
    return {
        "description": "All lines are there, and are taken in now (Prefer: respond-async).",
        "headers": {
            "Location": {"description": "Where the job says what becomes of it.", **_TEXT},
            "Preference-Applied": {"description": "The wishes that were granted.", **_TEXT},
        },
        "content": {"application/json": {"schema": _answer(job, schemas)}},
    }


def _conditions(endpoint: Endpoint) -> list[dict[str, Any]]:
    """The headers that make a request depend on a version."""
    text: Schema = {"type": "string"}
    said: dict[str, tuple[str, Schema]] = {}
    if endpoint.has_etag:
        sentence = "ETags of answers that the client has: 304 if one is right."
        said["If-None-Match"] = sentence, text
    if endpoint.annotation.if_match:
        name = endpoint.annotation.if_match
        sentence = (
            f"The ETag that was read, in place of {name}."
            f" Where both are given, it is 422 if {name} is not that of If-Match."
        )
        said["If-Match"] = (
            sentence,
            text | {"pattern": ONE_ETAG, "examples": ['"3-b05b0d2d5d7a6c96"']},
        )
    parameters = [
        {"name": name, "in": "header", "required": False, "description": sentence, "schema": schema}
        for name, (sentence, schema) in said.items()
    ]
    if (idempotent := endpoint.annotation.idempotent) is not None:
        parameters.append({**openapi_batch.KEY, "required": idempotent == "required"})
    return parameters


def _argument_schema(argument: Argument, schemas: Schemas) -> Schema:
    if argument.cursor_fields:
        return {"type": "string", "description": "From the Link header of the page before."}
    schema = schemas.of(argument.type, given=True)
    if argument.place == "body" and not argument.required and not argument.type.not_null:
        schema = nullable(schema)
    return {**schema, **default_of(argument.default, schema)}


def _parameter(argument: Argument, schemas: Schemas) -> dict[str, Any]:
    schema = _argument_schema(argument, schemas)
    parameter: dict[str, Any] = {
        "name": argument.name,
        "in": argument.place,
        "required": argument.required,
        "schema": schema,
    }
    if "description" in schema:
        parameter["description"] = schema["description"]
    if argument.from_texts is not None:
        parameter |= {"style": "form", "explode": True}
    return parameter


def _request_body(endpoint: Endpoint, schemas: Schemas) -> dict[str, Any] | None:
    if endpoint.bulk is not None:
        return _bulk_body(endpoint.bulk, schemas)
    body = {a.name: a for a in endpoint.arguments.values() if a.place == "body"}
    if not body:
        return None
    if WHOLE_BODY in body:
        return {"required": True, "content": {"application/json": {"schema": {}}}}
    in_header = endpoint.annotation.if_match
    required = [name for name, each in body.items() if each.required and name != in_header]
    schema = {
        "type": "object",
        "additionalProperties": False,
        "properties": {name: _argument_schema(each, schemas) for name, each in body.items()},
    }
    if required:
        schema["required"] = required
    return {"required": bool(required), "content": {"application/json": {"schema": schema}}}


def _bulk_body(bulk: Bulk, schemas: Schemas) -> dict[str, Any]:
    said = f"CSV with the header {','.join(each.name for each in bulk.fields)}"
    if bulk.is_typed:
        said = f"All columns but {','.join(bulk.needs)} may be missing. {said}"
    row = schemas.of(bulk.type, given=True)
    line = "A JSON object a line, as in an array."
    return {
        "required": True,
        "content": {
            "application/json": {"schema": {"type": "array", "items": row}},
            "application/x-ndjson": {"schema": {"type": "string", "description": line}},
            "text/csv": {"schema": {"type": "string", "description": said}},
        },
    }


def _report(result: Schema | None) -> Schema:
    """What became of the lines of a list."""
    reject = {
        "type": "object",
        "required": ["line", "field", "detail"],
        "properties": {
            "line": {"type": "integer", "description": "Its number in the file, from 1."},
            "field": {"type": ["string", "null"]},
            "detail": {"type": "string", "description": "A sentence for people."},
        },
    }
    fields: Schema = {
        "lines": {"type": "integer"},
        "accepted": {"type": "integer"},
        "rejected": {"type": "integer", "description": "How many lines were rejected."},
        "rejects": {
            "type": "array",
            "description": f"The first {MOST_REJECTS} reasons, by line.",
            "items": reject,
        },
    }
    required = list(fields)
    if result is not None:
        fields["result"] = result
        required.append("result")
    return {"type": "object", "required": required, "properties": fields}


def _responses(endpoint: Endpoint, schemas: Schemas) -> dict[str, Any]:
    success: dict[str, Any] = {"description": "Success."}
    schema = _answer(endpoint, schemas)
    status = endpoint.status
    if endpoint.bulk is not None and endpoint.bulk.is_typed:
        schema, status = _report(schema), 200 if status == 204 else status
    if endpoint.annotation.events is not None:
        success = {"description": "A stream that does not end.", "content": {_STREAM: _EVENTS}}
    elif schema is not None and status != 204:
        success["content"] = {"application/json": {"schema": schema}}
        if endpoint.exports:
            success["content"] |= _FILES
    headers = _success_headers(endpoint)
    if headers:
        success["headers"] = headers
    responses = {str(status): success}
    if endpoint.arguments or endpoint.bulk:
        responses["422"] = _problem("An argument is missing, unknown or refused by its type.")
    if endpoint.bulk is not None:
        responses["413"] = _problem("The body is too large.")
        responses["415"] = _problem("The body is in no form that is taken here.")
    if endpoint.annotation.single or endpoint.shape is Shape.ONE:
        responses["404"] = _problem("There is nothing of that name or number.")
    responses["401"] = _problem("A token is needed, or the token is not valid.")
    responses["403"] = _problem("The caller's role may not do this.")
    if endpoint.annotation.events is not None:
        responses["429"] = _problem("The caller has too many streams.")
    if endpoint.has_etag:
        responses["304"] = {"description": "The client has this answer.", "headers": headers}
    if endpoint.annotation.if_match:
        responses["412"] = _problem("It has changed since the version that was read.")
        responses["428"] = _problem("The version that was read must be said.")
    for error in endpoint.annotation.errors:
        responses[str(error.status)] = _problem(error.sentence)
    if endpoint.annotation.idempotent is not None:
        for code, sentence in openapi_batch.KEY_PROBLEMS.items():
            known = responses.get(code, {}).get("description", "")
            responses[code] = _problem(f"{known} {sentence}".strip())
    responses["default"] = _problem("Any other error.")
    return _limited(responses, endpoint.limits)


def _success_headers(endpoint: Endpoint) -> dict[str, Any]:
    text = {"schema": {"type": "string"}}
    headers = {}
    if endpoint.annotation.location:
        headers["Location"] = {"description": "Where the new thing is.", **text}
    if endpoint.annotation.idempotent is not None:
        headers |= openapi_batch.REPLAYED
    if endpoint.annotation.page:
        headers["Link"] = {"description": 'The next page, as rel="next".', **text}
    if endpoint.has_etag:
        headers["ETag"] = {"description": "What this answer is known by.", **text}
    if endpoint.cache is not None:
        headers["Cache-Control"] = {"description": "Who may keep it, and for how long.", **text}
        headers["Cache-Status"] = {"description": "What the API's cache did (RFC 9211).", **text}
    return headers


def _answer(endpoint: Endpoint, schemas: Schemas) -> Schema | None:
    function = endpoint.function
    result = schemas.type(function.return_type)
    match endpoint.shape:
        case Shape.NOTHING:
            return None
        case Shape.JSON:
            return {}
        case Shape.VALUE:
            return nullable(schemas.of(result, given=False))
        case Shape.VALUES:
            return {"type": "array", "items": nullable(schemas.of(result, given=False))}
        case Shape.ONE:
            return _row(endpoint, schemas)
        case Shape.MANY:
            return {"type": "array", "items": _row(endpoint, schemas)}


def _row(endpoint: Endpoint, schemas: Schemas) -> Schema:
    result = schemas.type(endpoint.function.return_type)
    if result.kind == "c":
        return schemas.of(result, given=False)
    fields: Schema = {}
    for name, type_, not_null in endpoint.columns:
        schema = schemas.of(type_, given=False)
        fields[name] = schema if not_null else nullable(schema)
    return {"type": "object", "required": list(fields), "properties": fields}


def _problem(sentence: str) -> dict[str, Any]:
    return {
        "description": re.sub(r"\s+", " ", sentence),
        "content": {"application/problem+json": {"schema": _PROBLEM}},
    }
