"""Workers killed at random, and a mail server that is down for a while: nothing is lost.

Each event reaches its receiver at least once, in the order of its key, and what comes twice is
known by its id. What was rolled back reaches nobody. Each promise is also tried with its guard
taken out, and must be seen to break.
"""

import json
import os
import random
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from db.database import Database
from tests.worker.house import MailServer, Receiver, Worker, receiving, start_worker, within

LONG = os.environ.get("PENSTOCK_FAULTS") == "long"
EVENTS = 10_000 if LONG else 400
KEYS = 1000 if LONG else 20
# A worker takes some seconds to begin, on a machine that is busy: it shall get to work.
LIVES = (4.0, 10.0) if LONG else (1.0, 3.0)
WORKERS = 3
SETTINGS = {"DELIVERY_ATTEMPTS": "100", "DELIVERY_LEASE": "3", "SEND_TIMEOUT": "1"}
# In turn no more: whatever is due may be taken.
OUT_OF_TURN = "before.event_id < d.event_id"
# Delivered as soon as it is taken, whatever becomes of the worker.
AT_MOST_ONCE = "due_at = clock_timestamp() + deliveries_take.lease"


@dataclass
class Told:
    """What the receivers got, in the order in which they got it: (key, number), and the ids."""

    mails: list[tuple[int, int]] = field(default_factory=list)
    posts: list[tuple[int, int]] = field(default_factory=list)
    ids: dict[tuple[str, int, int], set[str]] = field(default_factory=lambda: defaultdict(set))

    def out_of_order(self) -> list[tuple[int, int]]:
        """What was told for the first time after something later of its key."""
        found = []
        for told in (self.mails, self.posts):
            last: dict[int, int] = {}
            seen = set()
            for key, number in told:
                if (key, number) not in seen and number < last.get(key, -1):
                    found.append((key, number))
                seen.add((key, number))
                last[key] = max(number, last.get(key, -1))
        return found


def write(database: Database, first: int, events: int) -> set[tuple[int, int]]:
    """Emit so many mails and as many other events, numbered from the first; what was committed."""
    committed: set[tuple[int, int]] = set()
    with psycopg.connect(database.superuser_url) as connection:
        number = first
        while len(committed) < events:
            lot = [(random.randrange(KEYS), number + i) for i in range(min(20, events))]
            number += len(lot)
            for key, n in lot:
                said = {"to": "ada@example.org", "subject": f"{key} {n}", "text": "Hello."}
                connection.execute(
                    "select penstock.emit('mail', %s::jsonb, key => %s),"
                    " penstock.emit('test.said', %s::jsonb, key => %s)",
                    (json.dumps(said), f"k{key}", json.dumps({"key": key, "n": n}), f"k{key}"),
                )
            if random.random() < 0.2:
                connection.rollback()
            else:
                connection.commit()
                committed.update(lot)
    return committed


@contextmanager
def killed_at_random(database: Database, folder: Path, mail_url: str) -> Iterator[list[int]]:
    """Workers of which one is killed and replaced now and then; how often, so far."""
    kills = [0]
    stopped = threading.Event()
    workers: list[Worker] = []

    def begin() -> Worker:
        log = folder / f"worker-{len(list(folder.glob('worker-*')))}"
        return start_worker(database.serve_url, log, SMTP_URL=mail_url, **SETTINGS)

    def kill_on() -> None:
        while not stopped.wait(random.uniform(*LIVES)):
            victim = random.randrange(WORKERS)
            workers[victim].kill()
            kills[0] += 1
            workers[victim] = begin()

    workers.extend(begin() for _ in range(WORKERS))
    thread = threading.Thread(target=kill_on)
    thread.start()
    try:
        yield kills
    finally:
        stopped.set()
        thread.join()
        for worker in workers:
            worker.kill()


def play(
    database: Database, folder: Path, events: int, trouble_seconds: float
) -> tuple[set[tuple[int, int]], Told]:
    """Events, workers that are killed, a mail server that is down; what was told in the end."""
    told = Told()
    mail_server = MailServer()
    mail_server.start()
    with receiving() as receiver:
        database.psql(
            "insert into penstock.webhooks (url, topics)"
            f" values ('{receiver.url('/in')}', 'test.*')"
        )
        try:
            with killed_at_random(database, folder, mail_server.url) as kills:
                began = time.monotonic()
                committed = write(database, 0, events // 2)
                mail_server.stop()
                committed |= write(database, 10_000_000, events - events // 2)
                time.sleep(trouble_seconds)
                mail_server.start()
                assert within(lambda: not _undelivered(database), 840 if LONG else 90), (
                    database.rows(
                        "select sink, attempts, error, count(*) from penstock.deliveries"
                        " where delivered_at is null group by 1, 2, 3 limit 20"
                    )
                )
                seconds = time.monotonic() - began
        finally:
            mail_server.stop()
    _collect(told, mail_server, receiver)
    twice = len(told.mails) + len(told.posts) - 2 * len(committed)
    print(f"{2 * len(committed):,} deliveries in {seconds:.0f} s, {kills[0]} kills, {twice} twice")
    return committed, told


def _undelivered(database: Database) -> bool:
    return bool(
        database.rows("select 1 from penstock.deliveries where delivered_at is null limit 1")
    )


def _collect(told: Told, mail_server: MailServer, receiver: Receiver) -> None:
    for mail in mail_server.mails:
        key, number = (int(part) for part in mail["Subject"].split())
        told.mails.append((key, number))
        told.ids["mail", key, number].add(str(mail["Message-ID"]))
    for post in receiver.posts:
        key, number = post.event["data"]["key"], post.event["data"]["n"]
        told.posts.append((key, number))
        told.ids["post", key, number].add(post.headers["webhook-id"])


def test_killed_workers_lose_nothing_and_keep_the_order(database: Database, tmp_path: Path) -> None:
    committed, told = play(database, tmp_path, EVENTS, 10 if LONG else 3)

    assert set(told.mails) == committed
    assert set(told.posts) == committed
    assert told.out_of_order() == []
    assert all(len(ids) == 1 for ids in told.ids.values())
    assert len({next(iter(ids)) for ids in told.ids.values()}) == len(told.ids)


def replace(database: Database, old: str, new: str) -> None:
    """Take a guard out of penstock.deliveries_take()."""
    ((text,),) = database.rows("select pg_get_functiondef('penstock.deliveries_take'::regproc)")
    assert text.count(old) == 1
    database.psql(text.replace(old, new))


def test_without_its_guard_the_order_is_lost(database: Database, tmp_path: Path) -> None:
    replace(database, OUT_OF_TURN, "false")
    _, told = play(database, tmp_path, 400, 1)

    assert told.out_of_order()


def test_without_a_lease_a_killed_worker_loses_something(
    database: Database, tmp_path: Path
) -> None:
    replace(database, AT_MOST_ONCE, "due_at = null, delivered_at = clock_timestamp()")
    committed, told = play(database, tmp_path, 400, 3)

    assert set(told.mails) != committed
