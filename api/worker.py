"""`penstock worker`: delivers what was said, and does jobs; as many of them as you like.

What is taken is under way all at once, up to a bound, and none waits for another but those of its
key. What came of them is noted together, in one round trip, and so is the next lot taken.
"""

import asyncio
import contextlib
import logging
import logging.config
import random
import signal
import sys
import time
from collections import Counter

import uvloop
from psycopg import Error

from api import log as logs
from api.jobs import Jobs
from api.mail import MailFolder, MailServer
from api.outbox import Delivery, Ended, NotDeployed, Outbox, Refused, Sink, TooLate
from api.settings import load_as
from api.webhooks import Webhooks
from api.worker_metrics import NoPort, WorkerMetrics
from api.worker_settings import WorkerSettings

log = logging.getLogger("penstock.worker")

_SHORTEST_PAUSE_SECONDS = 0.050
_LONGEST_PAUSE_SECONDS = 1.0
_AFTER_TROUBLE_SECONDS = 1.0
_LONGEST_RETRY_SECONDS = 6 * 3600.0


class Worker:
    """Takes, sends and notes, until it is stopped."""

    def __init__(self, settings: WorkerSettings) -> None:
        self._settings = settings
        url = settings.database_url.get_secret_value()
        self._outbox = Outbox(url, settings.delivery_lease, settings.send_timeout)
        self._jobs = Jobs(url) if settings.worker_jobs else None
        self._mail = _mail(settings)
        self._webhooks = Webhooks(settings.send_timeout, private=settings.webhook_private)
        self._metrics = WorkerMetrics(url)
        self._most = settings.worker_concurrency
        self._under_way: dict[asyncio.Task[None], str] = {}
        self._done: list[Delivery] = []
        self._failed: list[tuple[Delivery, str, float | None]] = []
        self._ended: dict[str, str] = {}
        self._news = asyncio.Event()
        self._stopping = False

    def stop(self) -> None:
        """Take no more, let what is under way end, and return from run()."""
        self._stopping = True
        self._news.set()

    async def run(self) -> None:
        """Work until stop(). Raises NotDeployed where there is nothing to take from."""
        if self._mail is None:
            log.warning("SMTP_URL is not set: mails wait")
        host, port = self._settings.worker_metrics_host, self._settings.worker_metrics_port
        with self._metrics.served(host, port):
            await self._work()

    async def _work(self) -> None:
        jobs = None if self._jobs is None else asyncio.create_task(self._jobs.run(), name="jobs")
        try:
            await self._deliver_on()
        finally:
            if jobs is not None:
                jobs.cancel()
                with contextlib.suppress(asyncio.CancelledError, NotDeployed):
                    await jobs
            if self._mail is not None:
                await self._mail.close()
            await self._outbox.close()

    async def _deliver_on(self) -> None:
        pause = _SHORTEST_PAUSE_SECONDS
        while not (self._stopping and not self._under_way and not self._owes):
            self._news.clear()
            try:
                await self._note()
                asked, taken = await self._take()
            except (Error, OSError) as error:
                log.warning("the outbox can't be reached: %s", logs.one_line(error))
                await self._outbox.close()
                if self._stopping:
                    return  # what it could not tell is done once more when the lease ends
                await asyncio.sleep(_AFTER_TROUBLE_SECONDS)
                continue
            if asked and taken == asked:
                pause = _SHORTEST_PAUSE_SECONDS  # there is more
                await asyncio.sleep(0)
                continue
            pause = _SHORTEST_PAUSE_SECONDS if taken else min(2 * pause, _LONGEST_PAUSE_SECONDS)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause * random.uniform(0.7, 1)):  # noqa: S311
                    await self._news.wait()
                    pause = _SHORTEST_PAUSE_SECONDS

    @property
    def _owes(self) -> bool:
        return bool(self._done or self._failed or self._ended)

    async def _take(self) -> tuple[int, int]:
        """How many were asked for, and how many there were."""
        # A sink that takes its time keeps a quarter of the places at most, about.
        each = Counter(self._under_way.values())
        skipped = [sink for sink, number in each.items() if number >= self._most // 4]
        if self._mail is None:
            skipped.append("mail")
        room = min(self._most - len(self._under_way), max(1, self._most // 4))
        if self._stopping or room <= 0:
            return 0, 0
        taken = await self._outbox.take(room, skipped)
        for delivery in taken:
            task = asyncio.create_task(self._deliver(delivery))
            self._under_way[task] = delivery.sink
            task.add_done_callback(self._ended_task)
        return room, len(taken)

    def _ended_task(self, task: asyncio.Task[None]) -> None:
        del self._under_way[task]
        self._news.set()

    async def _deliver(self, delivery: Delivery) -> None:
        began = time.monotonic()
        result = await self._attempt(delivery)
        self._metrics.delivered(delivery.sink, result, time.monotonic() - began)

    async def _attempt(self, delivery: Delivery) -> str:
        """What came of it, in the words of WorkerMetrics."""
        sink: Sink | None = self._mail if delivery.sink == "mail" else self._webhooks
        assert sink is not None
        try:
            await sink.send(delivery)
        except TooLate:
            return "late"  # others take it
        except Ended as ended:
            self._ended[delivery.sink] = str(ended)
            return "dead"
        except Refused as refused:
            self._failed.append((delivery, str(refused), None))
            return "dead"
        except Exception as error:  # noqa: BLE001 -- whatever it is, there is another attempt
            said = logs.one_line(error)
            if isinstance(error, TimeoutError):
                said = f"It took more than {self._settings.send_timeout:g} s."
            pause = self._pause_after(delivery.attempt)
            self._failed.append((delivery, said, pause))
            return "dead" if pause is None else "retried"
        self._done.append(delivery)
        return "done"

    def _pause_after(self, attempt: int) -> float | None:
        """Seconds until the next attempt; None if this was the last."""
        if attempt >= self._settings.delivery_attempts:
            return None
        pause = self._settings.delivery_pause * 2.0 ** min(attempt - 1, 40)
        return min(pause, _LONGEST_RETRY_SECONDS) * random.uniform(0.5, 1)  # noqa: S311

    async def _note(self) -> None:
        """Tell the database what came of it; what can't be told now is told later."""
        done = self._done[:]
        if done:
            await self._outbox.done(done)
            del self._done[: len(done)]
        while self._failed:
            delivery, said, pause = self._failed[0]
            await self._outbox.fail(delivery, said, pause)
            del self._failed[0]
            level = logging.ERROR if pause is None else logging.WARNING
            what = "is given up" if pause is None else f"is tried again in {pause:.1f} s"
            log.log(level, "%s for %s %s: %s", delivery.topic, delivery.sink, what, said)
        while self._ended:
            sink, because = next(iter(self._ended.items()))
            await self._outbox.end(sink, because)
            del self._ended[sink]
            log.warning("%s has ended: %s", sink, because)


def _mail(settings: WorkerSettings) -> Sink | None:
    if settings.smtp_url is None:
        return None
    url = settings.smtp_url.get_secret_value()
    if url.startswith("file:"):
        return MailFolder(url, settings.mail_from)
    return MailServer(url, settings.mail_from, settings.mail_connections, settings.send_timeout)


async def _work(settings: WorkerSettings) -> None:
    worker = Worker(settings)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, worker.stop)
    log.info("the worker begins")
    await worker.run()
    log.info("the worker has ended")


def main() -> None:
    """Work until told to stop. Exits with a sentence where something is missing."""
    settings = load_as(WorkerSettings)
    logging.config.dictConfig(logs.configuration(settings.log_level))
    try:
        uvloop.run(_work(settings))
    except (NotDeployed, NoPort) as missing:
        sys.exit(f"penstock: {missing}")
