"""Mails, from a row to a mail server, and what never becomes one."""

import json
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from api.mail import compose, parse_sender
from api.outbox import Refused
from db.database import Database
from tests.worker.house import MailServer, within, working

MESSAGE = UUID("0d5b7f3e-8a53-4a6e-9a51-3d6f0c1f5f10")
AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
SENDER = parse_sender("The Störe <store@example.org>")


def emit(database: Database, to: str = "ada@example.org", **more: str) -> None:
    payload = json.dumps({"to": to, "subject": "Grüße", "text": "Hello.\n.\n.dot\n", **more})
    database.psql(f"select penstock.emit('mail', $json${payload}$json$)")


def states(database: Database) -> list[tuple[bool, bool, int]]:
    return database.rows(
        "select delivered_at is not null, dead_at is not null, attempts"
        " from penstock.deliveries where sink = 'mail' order by event_id"
    )


def test_a_mail_is_delivered_as_it_was_said(
    database: Database, mail_server: MailServer, tmp_path: Path
) -> None:
    emit(database, html="<p>Hello.</p>")
    ((message,),) = database.rows("select message::text from penstock.events")
    with working(database, tmp_path / "log", SMTP_URL=mail_server.url):
        assert within(lambda: states(database) == [(True, False, 1)])
    (mail,) = mail_server.mails

    assert mail["Subject"] == "Grüße"
    assert mail["To"] == "ada@example.org"
    assert mail["From"] == "The Store <store@example.org>"
    assert mail["Message-ID"] == f"<{message}@example.org>"
    text, html = mail.iter_parts()
    assert text.get_content().replace("\r\n", "\n") == "Hello.\n.\n.dot\n"
    assert html.get_content().strip() == "<p>Hello.</p>"


def test_whoever_registers_is_welcomed_and_what_is_rolled_back_is_not(
    database: Database, mail_server: MailServer, tmp_path: Path
) -> None:
    register = "select api.user_register(%s, %s, '$argon2id$v=19$x')"
    with psycopg.connect(database.serve_url) as connection:
        connection.execute("set role anon")
        connection.execute(register, ("gone@example.org", "gone"))
        connection.rollback()
        connection.execute("set role anon")
        connection.execute(register, ("ada@example.org", "ada"))
    with working(database, tmp_path / "log", SMTP_URL=mail_server.url):
        assert within(lambda: states(database) == [(True, False, 1)])

    assert [mail["To"] for mail in mail_server.mails] == ["ada@example.org"]
    assert mail_server.mails[0]["Subject"] == "Welcome, ada"


def test_what_the_server_refuses_is_given_up_and_what_it_puts_off_is_not(
    database: Database, mail_server: MailServer, tmp_path: Path
) -> None:
    emit(database, to="nobody@example.org")
    emit(database, to="busy@example.org")
    with working(database, tmp_path / "log", SMTP_URL=mail_server.url, DELIVERY_ATTEMPTS="50"):
        assert within(lambda: states(database)[0] == (False, True, 1))
        assert within(lambda: states(database)[1][2] > 1)
        mail_server.busy = False
        assert within(lambda: states(database)[1][0])

    assert [mail["To"] for mail in mail_server.mails] == ["busy@example.org"]
    assert "550" in database.rows("select error from penstock.dead_letters")[0][0]


def test_a_mail_server_that_is_down_loses_nothing(
    database: Database, mail_server: MailServer, tmp_path: Path
) -> None:
    mail_server.stop()
    for number in range(20):
        emit(database, to=f"user{number}@example.org")
    with working(database, tmp_path / "log", SMTP_URL=mail_server.url, DELIVERY_ATTEMPTS="50"):
        assert within(lambda: all(attempts > 1 for _, _, attempts in states(database)))
        mail_server.start()
        assert within(lambda: all(delivered for delivered, _, _ in states(database)))

    assert {mail["To"] for mail in mail_server.mails} == {
        f"user{number}@example.org" for number in range(20)
    }


def test_without_a_mail_server_mails_wait(database: Database, tmp_path: Path) -> None:
    emit(database)
    with working(database, tmp_path / "log") as worker:
        assert worker.says("SMTP_URL is not set")
        database.psql("call penstock.job_schedule('look', 'select 1', '1 second')")
        assert within(
            lambda: (
                database.rows(
                    "select last_run_at is not null from penstock.jobs where name = 'look'"
                )
                == [(True,)]
            )
        )

    assert states(database) == [(False, False, 0)]


def test_a_folder_takes_mails_too(database: Database, tmp_path: Path) -> None:
    emit(database)
    folder = tmp_path / "mails here"
    with working(database, tmp_path / "log", SMTP_URL=folder.as_uri()):
        assert within(lambda: states(database) == [(True, False, 1)])
    (file,) = folder.iterdir()

    assert message_from_bytes(file.read_bytes(), policy=default)["To"] == "ada@example.org"


@pytest.mark.parametrize(
    "hostile",
    [
        {"to": "ada@example.org\r\nBcc: eve@example.org"},
        {"to": "ada@example.org, eve@example.org"},
        {"to": "ada@example.org>\r\nRCPT TO:<eve@example.org"},
        {"to": ["ada@example.org", "eve@example.org\n"]},
        {"to": "Eve <eve@example.org>"},
        {"to": '"a\r\nb"@example.org'},
        {"to": "ada@example.org SIZE=1"},
        {"to": "ädä@example.org"},
        {"to": ""},
        {"to": []},
        {"to": {"a": "b"}},
        {"to": ["a@b.org"] * 101},
        {"subject": "Hello\r\nBcc: eve@example.org"},
        {"subject": "Hello\nBcc: eve@example.org"},
        {"subject": "Hello\rBcc: eve@example.org"},
        {"subject": "Hello\u2028Bcc: eve@example.org"},
        {"subject": "Hello\x0bBcc: eve@example.org"},
        {"subject": "Hello\x85Bcc: eve@example.org"},
        {"subject": None},
        {"text": 7},
        {"html": ["x"]},
    ],
)
def test_no_header_and_no_recipient_comes_with_what_is_said(hostile: dict[str, object]) -> None:
    said = {"to": "ada@example.org", "subject": "Hello", "text": "Hello."} | hostile

    with pytest.raises(Refused):
        compose(json.dumps(said), SENDER, MESSAGE, AT)


def test_a_text_can_hold_what_looks_like_headers() -> None:
    text = "\r\nBcc: eve@example.org\r\n\r\n.\r\nQUIT\r\n"
    said = {"to": "ada@example.org", "subject": "=?utf-8?q?Bcc:_x?=", "text": text}
    recipients, raw = compose(json.dumps(said), SENDER, MESSAGE, AT)
    mail = message_from_bytes(raw, policy=default)

    assert recipients == ["ada@example.org"]
    assert mail["Bcc"] is None
    assert mail["Date"] == "Fri, 02 Jan 2026 03:04:05 +0000"
    assert str(mail["From"].addresses[0].display_name) == "The Störe"


@pytest.mark.parametrize("text", ["", "Store", "a@b\nBcc: c@d", "Store <a@b", "a@b, c@d", "<>"])
def test_a_sender_is_one_address(text: str) -> None:
    with pytest.raises(ValueError, match="must be an address"):
        parse_sender(text)
