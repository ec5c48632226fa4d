"""Was anything carried out? What would show it is looked at, not hoped for.

PostgreSQL logs every statement of the attacked database, those inside of functions too, without
their parameters; the canary's song tells of what ran, also where a transaction failed; objects
are compared before and after; and each answer is searched for what only a computer could know.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from db.database import Database
from tests.security.grounds import DatabaseLog, Entry
from tests.security.payloads import CANARY, COMPUTED, MARK, SLEEP_SECONDS, SONG, STOLEN
from tests.security.wire import Answer, Request

# Of the superuser, for this database alone; auto_explain tells of statements inside of functions.
_SETTINGS = {
    "log_statement": "'all'",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "session_preload_libraries": "'auto_explain'",
    "auto_explain.log_min_duration": "0",
    "auto_explain.log_nested_statements": "on",
}
_BROKEN = re.compile(
    r"syntax error at or near|unterminated (quoted|dollar|/\*)|for format\(\)|unrecognized format"
)
_QUERY = re.compile(r"Query Text: (.*?)(?=^\t[^\n]*\(cost=|\Z)", re.DOTALL | re.MULTILINE)
_OBJECTS = """
select 'relation', n.nspname || '.' || c.relname
from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
where n.nspname !~ '^pg_(toast_)?temp'
union all select 'function', p.oid::regprocedure::text from pg_proc as p
union all select 'type', t.oid::text || t.typname from pg_type as t
    join pg_namespace as n on n.oid = t.typnamespace where n.nspname !~ '^pg_(toast_)?temp'
union all select 'schema', n.nspname from pg_namespace as n where n.nspname !~ '^pg_(toast_)?temp'
union all select 'role', r.rolname || r.rolsuper || r.rolbypassrls from pg_roles as r
    where r.rolname !~ '^analyst_test_'  -- another test's, at the same time
union all select 'member', m.roleid::regrole || ' ' || m.member::regrole from pg_auth_members as m
    where m.member::regrole::text !~ '^analyst_test_'
union all select 'setting', s.setdatabase || array_to_string(s.setconfig, ' ')
    from pg_db_role_setting as s
    where s.setdatabase = (select d.oid from pg_database as d where d.datname = current_database())
union all select 'large object', l.oid::text from pg_largeobject_metadata as l
union all select 'privilege', c.oid::text || c.relacl::text from pg_class as c
    where c.relacl is not null and c.relpersistence <> 't'
union all select 'nest', w.what from canary.nest as w
"""


@dataclass(frozen=True)
class Finding:
    """One sign that something was carried out, or went wrong where it must not."""

    sign: str
    where: str


class Detector:
    """Watches one database from when it is made, before anything connects to it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        database.psql(CANARY)
        for name, value in _SETTINGS.items():
            database.psql(f"alter database {database.name} set {name} = {value}")
        self.statuses: Counter[int] = Counter()
        self._seen: list[Finding] = []
        self._before = self._objects()
        self._log = DatabaseLog(database)

    def see(self, request: Request, answer: Answer) -> None:
        """Look at one answer; called with each."""
        self.statuses[answer.status] += 1
        self._seen += [
            Finding(sign, f"{request.what}: {request.sent()[:300]!r}")
            for sign in _signs(request, answer)
        ]

    def findings(self) -> list[Finding]:
        """All signs so far, in the answers and in the database."""
        found = [*self._seen]
        found += [Finding("an object is new", str(each)) for each in self._objects() - self._before]
        found += [
            Finding("an object is gone", str(each)) for each in self._before - self._objects()
        ]
        for entry in self._log.entries():
            found += [Finding(sign, entry.text[:400]) for sign in _signs_in_log(entry)]
        return found

    def statements(self) -> int:
        """How many statements were looked at: the proof that there was something to see."""
        return sum(1 for entry in self._log.entries() for _ in _statements(entry))

    def _objects(self) -> set[tuple[object, ...]]:
        return set(self._database.rows(_OBJECTS))


def _signs(request: Request, answer: Answer) -> list[str]:
    found = []
    if answer.status >= 500:
        found.append(f"{answer.status}: {answer.body[:300].decode('utf-8', 'replace')}")
    if answer.status == 0:
        found.append("no answer")
    if answer.seconds >= SLEEP_SECONDS and b"sleep" in request.sent():
        found.append(f"it slept {answer.seconds:.1f} s")
    text = answer.head + answer.body
    found += [f"computed {word}" for word in COMPUTED if word.encode() in text]
    lowered = text.lower()
    if answer.header("zq-injected") is not None:
        found.append("a header was put in")
    found += [f"stolen {word}" for word in STOLEN[:2] if word.encode() in lowered]
    return found


def _signs_in_log(entry: Entry) -> list[str]:
    found = []
    if entry.text.startswith(SONG):
        found.append("the canary sang")
    if entry.kind in ("ERROR", "FATAL") and _BROKEN.search(entry.text):
        found.append("a statement was broken")
    if any(MARK in statement for statement in _statements(entry)):
        found.append("a payload stands in a statement")
    return found


def _statements(entry: Entry) -> Iterable[str]:
    """The SQL of an entry, without plans, messages and parameters."""
    if entry.kind == "STATEMENT":
        return (entry.text,)
    if entry.kind != "LOG":
        return ()
    if entry.text.startswith(("statement: ", "execute ")):
        return (entry.text,)
    return _QUERY.findall(entry.text) if entry.text.startswith("duration: ") else ()
