"""What the description says is what the API does: Schemathesis tries to prove otherwise.

All its checks, and its sequences along links, as each kind of caller; and one check of our own.
"""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from db.database import Database
from db.home import ROOT
from db.testbed import Testbed
from tests.security.grounds import LONG, Server, seeded, served, token, user_id

CONFIG = Path(__file__).with_name("schemathesis.toml")
EXAMPLES = "400" if LONG else "3"
# The cases at the edges of each schema are the most, and staff may reach nearly all of them.
PHASES = "examples,coverage,fuzzing,stateful"
FEWER = PHASES if LONG else "examples,fuzzing,stateful"


@pytest.fixture
def shop(bed: Testbed) -> Iterator[Database]:
    """For each test its own: what one caller changed must not meet another."""
    yield from seeded(bed)


@pytest.fixture
def server(shop: Database, tmp_path: Path) -> Iterator[Server]:
    with served(shop, tmp_path / "api.log") as running:
        yield running


def run(server: Server, folder: Path, bearer: str | None, *options: str) -> tuple[int, str]:
    """Schemathesis' exit code and what it prints."""
    as_whom = ["--header", f"Authorization: Bearer {bearer}"] if bearer else []
    program = Path(sys.executable).with_name("schemathesis")
    done = subprocess.run(
        [program, "--config-file", CONFIG, "run", f"{server.origin}{server.prefix}/openapi.json",
         # Streams of events: their answers do not end.
         "--exclude-path-regex", "/events$", *as_whom, *options],
        cwd=folder, env={"PYTHONPATH": str(ROOT), "PATH": ""},
        check=False, capture_output=True, text=True, timeout=3000,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("role", "phases"), [("anon", FEWER), ("member", FEWER), ("staff", PHASES)]
)
def test_no_request_gets_an_answer_that_is_not_described(
    server: Server, shop: Database, tmp_path: Path, role: str, phases: str
) -> None:
    bearer = None if role == "anon" else token(str(user_id(shop, role)), role)

    code, said = run(server, tmp_path, bearer, "--max-examples", EXAMPLES, "--phases", phases)

    assert code == 0, said
    assert "Stateful" in said


WRONG = """
create schema wrong;
grant usage on schema wrong to anon;
create domain wrong.one_digit as int check (value between 0 and 9);
create function wrong.divide(n wrong.one_digit) returns int immutable language sql
    as 'select 1 / (n - 8)';
comment on function wrong.divide is 'HTTP GET /wrong/divide';
create function wrong.plain(n int) returns int stable language plpgsql as $$
begin
    perform set_config('response.headers', '{"Content-Type": "text/plain"}', true);
    return n;
end $$;
comment on function wrong.plain is 'HTTP GET /wrong/plain';
grant execute on all functions in schema wrong to anon;
"""


def test_control_what_is_wrong_is_found(bed: Testbed, tmp_path: Path) -> None:
    with bed.database() as database:
        database.psql(WRONG)
        log = tmp_path / "api.log"
        with served(database, log, API_SCHEMAS="wrong") as server:
            only = ("--include-path-regex", "/wrong/", "--phases", "fuzzing")
            code, said = run(server, tmp_path, None, *only, "--max-examples", "100")

    assert code == 1, said
    assert "Server error" in said
    assert "Undocumented Content-Type" in said


def test_the_links_of_what_was_made_lead_to_it(server: Server, shop: Database) -> None:
    """Followed by hand as well: a sequence that never succeeds in its first step proves nothing."""
    me = user_id(shop, "member")
    ((product,),) = shop.rows("select min(id) from app.products where is_active and stock > 2")
    document = server.document()
    operations = {
        described["operationId"]: (method, path)
        for path, item in document["paths"].items()
        for method, described in item.items()
    }
    bodies = {
        "/posts": {"title": "A link", "body": "leads on"},
        "/orders": {"country": "France", "lines": [{"product_id": product, "quantity": 1}]},
    }
    with httpx.Client(
        base_url=server.origin, headers={"authorization": f"Bearer {token(str(me), 'member')}"}
    ) as client:
        for path, body in bodies.items():
            answer = client.post(server.prefix + path, json=body)
            assert answer.status_code == 201, answer.text
            links = document["paths"][server.prefix + path]["post"]["responses"]["201"]["links"]
            reads = [each for each in links.values() if operations[each["operationId"]][0] == "get"]
            assert len(links) >= 4
            assert len(reads) == 1
            for link in reads:
                target = operations[link["operationId"]][1]
                for name, expression in link["parameters"].items():
                    field = expression.removeprefix("$response.body#/")
                    target = target.replace(f"{{{name}}}", str(answer.json()[field]))
                assert client.get(target).json() == answer.json()
                assert target == answer.headers["location"]
