"""A mail server and a receiver of webhooks for each test."""

from collections.abc import Iterator

import pytest

from tests.worker.house import MailServer, Receiver, mailing, receiving


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    with mailing() as server:
        yield server


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver
