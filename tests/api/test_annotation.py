"""The comment on a function: each annotation, each sentence about a wrong one, and prose."""

import pytest

from api.annotation import Annotation, AnnotationError, DeclaredError, parse


def said(*lines: str) -> Annotation:
    annotation = parse("\n".join(("What it does.", "", "HTTP GET /things", *lines)))
    assert annotation is not None
    return annotation


def refusal(comment: str) -> str:
    with pytest.raises(AnnotationError) as caught:
        parse(comment)
    return str(caught.value)


HTTP_LINES = {
    "HTTP": (None, None),
    "HTTP GET": ("GET", None),
    "HTTP GET /x": ("GET", "/x"),
    "HTTP /x/{id}": (None, "/x/{id}"),
    "http post /x": ("POST", "/x"),
    "Http Delete": ("DELETE", None),
    "HTTP\tPUT\t/x": ("PUT", "/x"),
    "   HTTP PATCH /x   ": ("PATCH", "/x"),
}


@pytest.mark.parametrize("line", HTTP_LINES)
def test_an_http_line_names_method_and_path_or_leaves_them_out(line: str) -> None:
    annotation = parse(f"What it does.\r\n{line}\r\n")

    assert annotation is not None
    assert (annotation.method, annotation.path) == HTTP_LINES[line]


@pytest.mark.parametrize(
    "comment",
    [
        "",
        "Nothing about the web.",
        "Speaks of HTTP GET /x in the middle of a line.",
        "HTTP is what it is about.",
        "HTTPS GET /x",
        "HTTP endpoint",
        "-- HTTP GET /x",
    ],
)
def test_without_an_http_line_a_function_is_no_endpoint(comment: str) -> None:
    assert parse(comment) is None


@pytest.mark.parametrize("line", ["@authorize admin", "authorize admin", "@nonsense"])
def test_what_is_no_endpoint_may_say_what_it_likes(line: str) -> None:
    assert parse(f"Prose.\n{line}") is None


MALFORMED = {
    "HTTP GET things": "not of the form HTTP METHOD /path",
    "HTTP GET /a /b": "not of the form HTTP METHOD /path",
    "HTTP /a b": "not of the form HTTP METHOD /path",
    "HTTP GET POST /a": "not of the form HTTP METHOD /path",
    "HTTP FETCH /a": "names the method FETCH; known are GET, POST, PUT, PATCH, DELETE",
    "HTTP HEAD /a": "names the method HEAD",
    "http fetch /a": "names the method fetch",
    "HTTP GETS": "names the method GETS",
    "HTTP GET /a\nHTTP GET /b": "has two HTTP lines; the second is 'HTTP GET /b'",
}


@pytest.mark.parametrize("line", MALFORMED)
def test_a_malformed_http_line_is_named(line: str) -> None:
    assert MALFORMED[line] in refusal(f"Prose.\n{line}")


def test_the_prose_is_summary_and_description() -> None:
    annotation = parse("\n Lists things.\n More about it.\n\n HTTP\n @single\n\n And at the end.\n")

    assert annotation is not None
    assert annotation.summary == "Lists things."
    assert annotation.description == "More about it.\n\n\nAnd at the end."
    assert annotation.single


def test_no_prose_is_no_summary() -> None:
    annotation = parse("HTTP")

    assert annotation == Annotation()


@pytest.mark.parametrize(
    ("line", "field", "expected"),
    [
        ("@single", "single", True),
        ("@deprecated", "deprecated", True),
        ("@headers", "headers", True),
        ("@status 201", "status", 201),
        ("@status   208", "status", 208),
        ("@location /things/{id}", "location", "/things/{id}"),
        ("@page id", "page", ("id",)),
        ("@page published_at ,id", "page", ("published_at", "id")),
        ("@tag two words", "tags", ["two words"]),
        ("@tag a\n@tag b", "tags", ["a", "b"]),
        ("@timeout 500ms", "timeout_ms", 500),
        ("@timeout 2s", "timeout_ms", 2000),
        ("@timeout 2 s", "timeout_ms", 2000),
        ("@timeout 1min", "timeout_ms", 60_000),
        ("@isolation serializable", "isolation", "serializable"),
        ("@isolation repeatable read", "isolation", "repeatable read"),
        ("@bulk api.retail_line", "bulk", "api.retail_line"),
        ("@bulk api.lamp_row needs=name,watts", "bulk", "api.lamp_row"),
        ("@bulk api.lamp_row  needs=name,watts", "bulk_needs", ("name", "watts")),
        ("@bulk api.lamp_row needs=name", "bulk_parts", None),
        ("@bulk api.lamp_row needs=name parts=10000", "bulk_parts", 10_000),
        ("@bulk api.lamp_row needs=name parts=10 by=name", "bulk_by", "name"),
        (
            "@error 409 It is gone.\n@error 404  It never was.",
            "errors",
            [DeclaredError(409, "It is gone."), DeclaredError(404, "It never was.")],
        ),
        ("@tag\ttabs", "tags", ["tabs"]),
    ],
)
def test_each_annotation_is_read(line: str, field: str, expected: object) -> None:
    annotation = said(line)

    assert getattr(annotation, field) == expected
    assert (annotation.summary, annotation.description) == ("What it does.", "")


WRONG = {
    "@nonsense": "has the unknown annotation @nonsense; known are @single, @status",
    "@Single": "unknown annotation @Single",
    "@": "unknown annotation @;",
    "@single please": "has @single please; @single takes nothing",
    "@deprecated 1": "@deprecated takes nothing",
    "@headers all": "@headers takes nothing",
    "@single\n@single": "has @single twice",
    "@status 201\n@status 200": "has @status twice",
    "@status": "it takes a success",
    "@status 404": "has @status 404; it takes a success, as in @status 201",
    "@status 2000": "it takes a success",
    "@status ٢٠١": "it takes a success",
    "@location things/{id}": "it takes a path, as in /products/{id}",
    "@location /things/{id} now": "it takes a path",
    "@location": "it takes a path",
    "@location /a\x7fb": "it takes a path",
    "@location /größe/{id}": "it takes a path",
    "@page": "has @page without the fields",
    "@page id,,name": "has @page without the fields",
    "@tag": "has @tag without a name",
    "@timeout": "it takes a time, as in 500ms, 2s, 1min",
    "@timeout soon": "has @timeout soon; it takes a time",
    "@timeout 0s": "it takes a time",
    "@timeout 2h": "it takes a time",
    "@timeout -1s": "it takes a time",
    "@timeout 99999999min": "it takes a time",
    "@timeout ٣s": "it takes a time",
    "@isolation read uncommitted": "it takes repeatable read or serializable",
    "@isolation": "it takes repeatable read or serializable",
    "@bulk": "it takes a type, and the fields",
    "@bulk api.lamp_row needs=": "it takes a type",
    "@bulk api.lamp_row needs=name, watts": "it takes a type",
    "@bulk retail_line": "it takes a type",
    "@bulk api.lamp_row parts=10": "it takes a type",
    "@bulk api.lamp_row needs=name parts=0": "parts=10000 where",
    "@bulk api.lamp_row needs=name by=name": "by=name where",
    "@bulk api.retail line": "it takes a type",
    "@error": "it takes a status and a sentence",
    "@error 409": "it takes a status and a sentence",
    "@error 200 Fine.": "it takes a status and a sentence",
    "@error 4xx No.": "it takes a status and a sentence",
}


@pytest.mark.parametrize("line", WRONG)
def test_a_wrong_annotation_is_named(line: str) -> None:
    assert WRONG[line] in refusal(f"What it does.\nHTTP GET /things\n{line}")


@pytest.mark.parametrize(
    "line",
    [
        "authorize",
        "authorize admin",
        "Authorize admin, staff",
        "authorize admin staff member auditor owner clerk",
        "@authorize",
        "@authorize admin",
        "@Authorize",
        "authorized",
        "requires_authorization",
        "requires-authorization",
        "allow_anonymous",
        "allow-anonymous",
        "@allow_anonymous",
        "anonymous",
        "anon",
        "login",
        "logout",
        "signin",
        "basic_auth user hash",
        "internal",
        "internal_only",
        "disabled",
        "disabled test",
        "enabled prod",
        "proxy",
        "proxy https://elsewhere.example",
        "reverse_proxy",
        "path /other",
        "cached",
        "cached id, name",
        "cache_expires_in 10s",
        "@cached",
        "raw",
        "separator ;",
        "new_line \\n",
        "column_names",
        "request_param_type body",
        "body_parameter_name content",
        "request_headers parameter",
        "response_null_handling empty_string",
        "timeout_retry = 3",
        "command_timeout 10s",
        "retry_strategy exponential",
        "sse info",
        "upload for large_object",
        "rate_limiter_policy bucket",
        "error_code_policy strict",
        "user_context",
        "user_parameters",
        "security_sensitive",
        "encrypt _secret",
        "validate _email using email",
        "connection replica",
        "param _a is a",
        "void",
        "tags admin",
        "Content-Type: text/html",
        "Cache-Control: public",
        "Content-Type:text/html",
        "key = value",
        "key=value",
        "oauth = on",
        "cached: true",
    ],
)
def test_an_annotation_of_npgsqlrest_is_an_error_and_never_an_open_door(line: str) -> None:
    assert "NpgsqlRest annotation" in refusal(f"What it does.\nHTTP GET /things\n{line}")
    assert "NpgsqlRest annotation" in refusal(f"{line}\nWhat it does.\nHTTP GET /things")


@pytest.mark.parametrize(
    "line",
    [
        "Returns one user.",
        "Returns the users that are active, the newest first",
        "Returns a page",
        "Login names count without regard to case.",
        "Login of the user with that name, in lower case",
        "Cached for a minute by the proxy in front of us.",
        "Validate an order before it is placed",
        "Upload the picture",
        "Connection settings of the caller's account.",
        "Anonymous callers see what is published.",
        "Internal notes are left out.",
        "Disabled accounts are left out.",
        "Encrypt the message for its reader.",
        "Parameters are in metres.",
        "Path lengths are in metres.",
        "Raw readings, as the meter sent them, without a check.",
        "Tags of the post, in the order of the alphabet",
        "It is cached, and one may authorize it, allow_anonymous or not.",
        "The total is price = quantity times rate.",
        "See https://example.com/a=b for more.",
        "Note: authorize is not needed.",
        "1. cached",
        "- raw",
    ],
)
def test_prose_with_the_same_words_is_prose(line: str) -> None:
    annotation = said(line)

    assert (annotation.summary, annotation.description) == ("What it does.", line)


def test_the_order_of_lines_does_not_matter() -> None:
    assert parse("@status 201\nHTTP POST /x") == parse("HTTP POST /x\n@status 201")
