"""Mails, by SMTP: what an event of the topic mail says, to a mail server or into a folder."""

import asyncio
import contextlib
import ipaddress
import json
import logging
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit
from uuid import UUID

from aiosmtplib import (
    SMTP,
    SMTPDataError,
    SMTPException,
    SMTPNotSupported,
    SMTPRecipientsRefused,
    SMTPServerDisconnected,
)

from api.outbox import Delivery, Refused

log = logging.getLogger("penstock.mail")

MAIL_SCHEMES = ("smtp", "smtps", "file")
_IDLE_SECONDS = 20.0  # mail servers hang up soon
_MOST_RECIPIENTS = 100
# The form that browsers accept, and no other: nothing in it can end a header or a command.
_ADDRESS = re.compile(
    r"(?=.{1,254}\Z)[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*"
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_SENDER = re.compile(r"(?:(?P<name>[^<>]*?)\s*<(?P<within>[^<>]+)>|(?P<bare>[^<>\s]+))")


@dataclass(frozen=True, slots=True)
class Sender:
    """Whom mails are from."""

    name: str
    address: str

    @property
    def domain(self) -> str:
        """Where the address is."""
        return self.address.rpartition("@")[2]


def parse_sender(text: str) -> Sender:
    """A sender such as Shop <shop@example.com>. Raises ValueError."""
    match = _SENDER.fullmatch(text.strip())
    address = (match["within"] or match["bare"]) if match else ""
    name = (match["name"] or "").strip('" ') if match else ""
    if not _ADDRESS.fullmatch(address) or _CONTROL.search(name):
        raise ValueError("must be an address, as in Shop <shop@example.com>")
    return Sender(name, address)


def compose(
    payload: str, sender: Sender, message: UUID, at: datetime
) -> tuple[Sequence[str], bytes]:
    """The recipients, and the mail as it is sent. Raises Refused for what is none."""
    said = json.loads(payload)
    to = said.get("to")
    recipients = [to] if isinstance(to, str) else to
    if not isinstance(recipients, list) or not 0 < len(recipients) <= _MOST_RECIPIENTS:
        raise Refused(f'"to" must be an address, or up to {_MOST_RECIPIENTS} of them')
    for each in recipients:
        if not isinstance(each, str) or not _ADDRESS.fullmatch(each):
            raise Refused('"to" has what is no address')
    subject, text, html = said.get("subject"), said.get("text"), said.get("html")
    if not isinstance(subject, str) or _CONTROL.search(subject):
        raise Refused('"subject" must be a line of text')
    if not isinstance(text, str) or not isinstance(html, str | None):
        raise Refused('"text" must be text, and "html" too if it is there')
    mail = EmailMessage(SMTP_POLICY)
    mail["From"] = Address(sender.name, addr_spec=sender.address)
    mail["To"] = [Address(addr_spec=each) for each in recipients]
    mail["Subject"] = subject
    mail["Date"] = format_datetime(at)
    # Whoever gets it twice knows it by this.
    mail["Message-ID"] = f"<{message}@{sender.domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(text)
    if html is not None:
        mail.add_alternative(html, subtype="html")
    return recipients, mail.as_bytes()


class MailFolder:
    """Leaves mails in a folder, as files that any mail program opens."""

    def __init__(self, url: str, sender: str) -> None:
        self._folder = Path(unquote(urlsplit(url).path))
        self._sender = parse_sender(sender)

    async def send(self, delivery: Delivery) -> None:
        """See Sink."""
        _, mail = compose(delivery.payload, self._sender, delivery.message, delivery.at)
        await asyncio.to_thread(self._write, f"{delivery.message}.eml", mail)

    def _write(self, name: str, mail: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        draft = self._folder / f".{name}"
        draft.write_bytes(mail)
        draft.rename(self._folder / name)

    async def close(self) -> None:
        """See Sink."""


class MailServer:
    """Hands mails to a mail server, over a few connections that are kept for the next."""

    def __init__(self, url: str, sender: str, connections: int, timeout: float) -> None:
        self._parts = urlsplit(url)
        self._sender = parse_sender(sender)
        self._timeout = timeout
        self._slots = asyncio.Semaphore(connections)
        self._idle: list[tuple[float, SMTP]] = []

    async def send(self, delivery: Delivery) -> None:
        """See Sink."""
        recipients, mail = compose(delivery.payload, self._sender, delivery.message, delivery.at)
        async with self._slots:
            delivery.begin()
            async with asyncio.timeout(self._timeout):
                await self._hand_over(recipients, mail)

    async def _hand_over(self, recipients: Sequence[str], mail: bytes) -> None:
        kept = self._take_idle()
        if kept is not None:
            # The server may have hung up since.
            with contextlib.suppress(SMTPServerDisconnected):
                await self._hand_over_by(kept, recipients, mail)
                return
        client = _client(self._parts, self._timeout)
        await client.connect()
        await self._hand_over_by(client, recipients, mail)

    async def _hand_over_by(self, client: SMTP, recipients: Sequence[str], mail: bytes) -> None:
        try:
            refused, _ = await client.sendmail(self._sender.address, recipients, mail)
        except BaseException as error:
            client.close()
            if (said := _final(error)) is not None:
                raise Refused(said) from error
            raise
        if refused:
            log.warning("%d of %d recipients were refused", len(refused), len(recipients))
        self._idle.append((time.monotonic(), client))

    def _take_idle(self) -> SMTP | None:
        while self._idle:
            since, client = self._idle.pop()
            if client.is_connected and time.monotonic() - since < _IDLE_SECONDS:
                return client
            client.close()
        return None

    async def close(self) -> None:
        """See Sink."""
        while self._idle:
            _, client = self._idle.pop()
            with contextlib.suppress(SMTPException, OSError, TimeoutError):
                async with asyncio.timeout(1):
                    await client.quit()
            client.close()


def _client(parts: SplitResult, timeout: float) -> SMTP:
    """A client of this server. A password is sent to another machine over TLS alone."""
    user = unquote(parts.username) if parts.username else None
    secret = user is not None and not _is_here(parts.hostname or "")
    return SMTP(
        hostname=parts.hostname,
        port=parts.port,
        username=user,
        password=unquote(parts.password) if parts.password else None,
        use_tls=parts.scheme == "smtps",
        start_tls=False if parts.scheme == "smtps" else True if secret else None,
        timeout=timeout,
    )


def _is_here(host: str) -> bool:
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"


def _final(error: BaseException) -> str | None:
    """What the server said, where it will say it again."""
    if isinstance(error, SMTPRecipientsRefused):
        codes = [each.code for each in error.recipients]
        if codes and all(code >= 500 for code in codes):
            return f"the mail server refuses the recipient ({codes[0]})"
    if isinstance(error, SMTPDataError) and error.code >= 500:
        return f"the mail server refuses the mail ({error.code})"
    if isinstance(error, SMTPNotSupported):
        return "the mail server can't take this mail"
    return None
