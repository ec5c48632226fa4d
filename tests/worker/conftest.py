"""A mail server and a receiver of webhooks for each test."""

from collections.abc import Iterator

import pytest

from tests.worker.house import MailServer, Receiver, receiving


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    server = MailServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver
