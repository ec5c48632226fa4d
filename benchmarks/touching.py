"""What it costs a write to say what it changed: the touch, and the versions forgotten in Redis."""

from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace

import psycopg

from benchmarks import equal, race, read
from benchmarks.cases import Case, write
from benchmarks.figures import Figure, results_table
from benchmarks.ground import Ground
from benchmarks.install import say
from benchmarks.peers import named
from benchmarks.race import Terms
from benchmarks.servers import Server, running
from db.database import Database

LEAST = 0.85
# Both servers differ by less than a round does from the next.
_MORE_ROUNDS = 3
TITLES = {"touching": "Write that ends what is kept", "quiet": "The same, triggers disabled"}
_TAG = "call penstock.rows_tag('app.users', 'users', 'user:{id}')"
_QUIET = """
alter table app.users
    disable trigger penstock_update,
    disable trigger penstock_rekey
"""


def run(ground: Ground, terms: Terms, pool: int) -> list[Figure]:
    """The write case over two databases, alike but for the triggers of the table it updates."""
    say("Writes that end what is kept, and writes that say nothing:")
    asked = write(ground)
    with ExitStack() as stack:
        databases, servers = [], []
        for name in TITLES:
            database = stack.enter_context(ground.copy(name))
            _tag(database, quiet=name == "quiet")
            databases.append(database)
            servers.append(stack.enter_context(_serving(ground, name, database, pool)))
        equal.check(dict.fromkeys(servers, asked), writes=True)
        turns = {server.name: race.wrk_turn(ground, server, asked, terms) for server in servers}
        for database in databases:
            ground.settle(database)
        taken = race.run(turns, replace(terms, rounds=terms.rounds * _MORE_ROUNDS))
        results = {server.name: race.result(taken[server.name], server.pid) for server in servers}
    say(results_table({TITLES[name]: result for name, result in results.items()}))
    ratio = results["touching"].rate / results["quiet"].rate
    case = Case("invalidation", "", "", lambda _: [])
    return [
        Figure("invalidation.rate_ratio", ratio, "times", LEAST),
        *read.figures(case, results),
    ]


def _tag(database: Database, *, quiet: bool) -> None:
    with psycopg.connect(database.deployer_url) as connection:
        connection.execute(_TAG)
        if quiet:
            connection.execute(_QUIET)


def _serving(
    ground: Ground, name: str, database: Database, pool: int
) -> AbstractContextManager[Server]:
    penstock = named(["penstock"])[0]
    extra = {**penstock.extra, "DATABASE_URL": database.serve_url}
    return running(ground, replace(penstock, name=name, extra=extra), pool)
