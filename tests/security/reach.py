"""Which rows each persona reaches: found by doing it, in transactions that are rolled back.

Nothing here knows a table: what the domain must say of its own is in house.py.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import Connection

from db.database import Database
from tests.security import house
from tests.security.calling import Answer, Call, answer, calls_of
from tests.security.doing import DO, VERBS, Reach, privileges_of
from tests.security.house import Persona
from tests.security.relations import Relation, relations_of

FIXTURE = Path(__file__).with_name("rows.sql")


class Measured:
    """All relations, all personas, and what they came to."""

    def __init__(self) -> None:
        self.relations: list[Relation] = []
        self.personas: list[Persona] = []
        self.reached: dict[tuple[str, str, str], Reach] = {}  # relation, persona, verb
        self.calls: list[Call] = []
        self.answers: dict[tuple[int, str], Answer] = {}  # function, persona

    def trespasses(self) -> list[str]:
        """Where a member reaches what is somebody else's and not everybody's, or others more.

        What the pages say is read by people; this holds whatever they say.
        """
        found = []
        for each in self.relations:
            for persona in self.personas:
                for verb in VERBS:
                    reach = self.reached.get((str(each), persona.name, verb))
                    rows = reach.rows if reach else set()
                    foreign = _foreign(each, rows, persona)
                    if verb == "select":
                        foreign -= each.kinds.get(house.PUBLIC.get(str(each), ""), set())
                    if persona.role in ("anon", "member") and foreign:
                        found.append(f"{persona.name}: {verb} of another's row of {each}")
                    if persona.role == "anon" and verb != "select" and rows:
                        found.append(f"{persona.name}: {verb} in {each}")
                    if persona.role is None and reach and each.schema != "report":
                        found.append(f"{persona.name}: {verb} in {each}")
        for call in self.calls:
            for persona in self.personas:
                given = self.answers.get((call.oid, persona.name))
                if persona.role in ("anon", "member") and given and call.about:
                    public = call.about.kinds.get(house.PUBLIC.get(str(call.about), ""), set())
                    foreign = _foreign(call.about, given.rows, persona) - public
                    if foreign and call.name not in house.PUBLIC_CALLS:
                        found.append(f"{persona.name}: {call.name} tells of {call.about}")
        return found

    def untried(self) -> list[str]:
        """What was measured on too little to mean anything, each with what to do."""
        file = "tests/security/rows.sql"
        found = []
        for each in self.relations:
            owners = {owner for owner in each.owners if owner}
            if not each.rows:
                found.append(f"{each} has no row: insert some in {file}.")
            elif each.is_table and any(each.owners) and len(owners) < 2:
                found.append(
                    f"{each} has rows of {owners} alone: insert somebody else's in {file}."
                )
        found += [
            f"{each.name} is not called: what to give it for {', '.join(each.missing)}? "
            f"Say it in VALUES of tests/security/house.py."
            for each in self.calls
            if each.missing
        ]
        return found


def _foreign(relation: Relation, rows: set[int], persona: Persona) -> set[int]:
    """Those of the rows that are somebody else's."""
    return {i for i in rows if relation.owners[i] not in (None, persona.person)}


@contextmanager
def filled(database: Database) -> Iterator[str]:
    """The database with the fixture in it, and the login of an analyst of France."""
    login = f"analyst_{database.name}"
    database.psql(
        f"create role {login} login password '{login}';"
        f"grant reporter to {login};"
        f"{FIXTURE.read_text()};"
        f"insert into app.analysts (login, countries) values ('{login}', '{{France}}');"
    )
    try:
        yield login
    finally:
        database.psql(f"drop role {login}")


def measure(database: Database, analyst_of_france: str) -> Measured:
    """Everything there is to measure in a database that is filled."""
    measured = Measured()
    measured.personas = house.personas(analyst_of_france)
    with psycopg.connect(database.superuser_url, autocommit=True) as boss:
        measured.relations = relations_of(boss)
        measured.calls = calls_of(boss, measured.relations)
        people = dict(
            boss.execute(
                f"select {house.NAME_OF_PRINCIPAL}, id::text from {house.PRINCIPALS}"
            ).fetchall()
        )
        for persona in measured.personas:
            with _as_login(database, persona, analyst_of_france) as connection:
                _measure_persona(measured, boss, connection, persona, people)
    return measured


@contextmanager
def _as_login(database: Database, persona: Persona, france: str) -> Iterator[Connection]:
    password = {"password": france} if persona.login == france else {}
    url = {
        "authenticator": database.serve_url,
        "analyst": database.analyst_url,
    }.get(persona.login, database.superuser_url)
    user = {"user": france} if persona.login == france else {}
    with psycopg.connect(url, autocommit=True, **user, **password) as connection:
        yield connection


@contextmanager
def _being(connection: Connection, persona: Persona, people: dict[str, str]) -> Iterator[None]:
    """A transaction as the API begins it, rolled back in the end."""
    with connection.transaction(force_rollback=True):
        if persona.role:
            claims = ""
            if persona.person:
                claims = json.dumps({"sub": people[persona.person], "role": persona.role})
            connection.execute(
                "select set_config('request.jwt.claims', %s, true), set_config('role', %s, true)",
                [claims, persona.role],
            )
        yield


def _measure_persona(
    measured: Measured,
    boss: Connection,
    connection: Connection,
    persona: Persona,
    people: dict[str, str],
) -> None:
    for relation in measured.relations:
        may = privileges_of(boss, relation, persona.grantee)
        with _being(connection, persona, people):
            for verb in VERBS:
                if verb in may:
                    reach = DO[verb](connection, relation, may)
                    measured.reached[str(relation), persona.name, verb] = reach
    for call in measured.calls:
        row = boss.execute(
            "select has_function_privilege(%s, %s::oid, 'execute')", [persona.grantee, call.oid]
        ).fetchone()
        if row == (True,):
            with _being(connection, persona, people):
                measured.answers[call.oid, persona.name] = answer(connection, call)
