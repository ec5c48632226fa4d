"""What Schemathesis asks besides its own checks; schemathesis.toml names this module."""

import json

import schemathesis

_BY_FORM = ("invalid-arguments", "bad-json")


@schemathesis.check
def what_the_schema_allows_only_a_told_rule_refuses(
    ctx: schemathesis.CheckContext, response: schemathesis.Response, case: schemathesis.Case
) -> None:
    """A 422 for what fits the schema names a rule: its constraint's, or one that was described.

    Two things are not for a schema to say: a cursor is opaque, whatever string it is; and the
    cases that cover a schema's edges take no notice of the pattern of If-Match.
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
    for error in problem.get("errors", [problem]):
        if error.get("pointer") != "/cursor":
            assert error["detail"] in described, f"no schema tells of this: {error}"
