"""Webhooks, on a receiver that answers as it likes."""

import base64
import hashlib
import hmac
import ipaddress
import time
from pathlib import Path

import pytest

from api.outbox import Refused
from api.webhooks import is_public, sign, target
from db.database import Database
from tests.worker.house import MailServer, Post, Receiver, within, working


def subscribe(database: Database, url: str, topics: str = "*") -> str:
    """The secret of a new subscription."""
    database.psql(f"insert into penstock.webhooks (url, topics) values ('{url}', '{topics}')")
    ((secret,),) = database.rows("select secret from penstock.webhooks order by id desc limit 1")
    return str(secret)


def emit(database: Database, payload: str = '{"n": 1.10}', key: str = "null") -> None:
    database.psql(f"select penstock.emit('order.paid', '{payload}', {key})")


def states(database: Database) -> list[tuple[bool, bool, int]]:
    return database.rows(
        "select delivered_at is not null, dead_at is not null, attempts"
        " from penstock.deliveries where sink ~ '^webhook' order by event_id, sink"
    )


def is_signed(post: Post, secret: str) -> bool:
    """As the receiver's side of the specification has it, and not by our own code."""
    key = base64.b64decode(secret.split("_", 1)[1])
    signed = b".".join(
        [post.headers["webhook-id"].encode(), post.headers["webhook-timestamp"].encode(), post.body]
    )
    wanted = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return f"v1,{wanted}" in post.headers["webhook-signature"].split(" ")


def test_an_event_is_posted_and_signed(
    database: Database, receiver: Receiver, tmp_path: Path
) -> None:
    secret = subscribe(database, receiver.url("/in?a=b"), "order.*")
    subscribe(database, receiver.url("/others"), "stock.*")
    emit(database)
    ((message,),) = database.rows("select message::text from penstock.events")
    with working(database, tmp_path / "log"):
        assert within(lambda: states(database) == [(True, False, 1)])
    (post,) = receiver.posts

    assert post.path == "/in?a=b"
    assert post.headers["content-type"] == "application/json"
    assert post.headers["webhook-id"] == "msg_" + message.replace("-", "")
    assert abs(int(post.headers["webhook-timestamp"]) - time.time()) < 60
    assert is_signed(post, secret)
    assert not is_signed(post, "whsec_" + base64.b64encode(b"x" * 24).decode())
    assert (post.event["type"], set(post.event)) == ("order.paid", {"type", "timestamp", "data"})
    assert b'"data": {"n": 1.10}' in post.body  # to the digit


def test_the_signature_is_that_of_the_specification() -> None:
    # The example of the specification's own libraries.
    signature = sign(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
    )

    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_it_is_tried_again_with_the_same_id_and_then_given_up(
    database: Database, receiver: Receiver, tmp_path: Path
) -> None:
    receiver.answers = {"/third": [500, 302, 200], "/never": [500]}
    secret = subscribe(database, receiver.url("/third"))
    subscribe(database, receiver.url("/never"))
    emit(database)
    with working(database, tmp_path / "log"):
        assert within(lambda: states(database) == [(True, False, 3), (False, True, 4)])
        third = receiver.at("/third")

        assert len({post.headers["webhook-id"] for post in receiver.posts}) == 1
        assert all(is_signed(post, secret) for post in third)
        assert not receiver.at("/elsewhere")  # no redirect is followed
        ((sink, error),) = database.rows("select sink, error from penstock.dead_letters")
        assert "answered 500" in error

        receiver.answers = {}
        assert database.rows(f"select penstock.delivery_retry('{sink}')") == [(1,)]
        assert within(lambda: states(database)[1][:2] == (True, False))
    assert receiver.at("/never")[-1].headers["webhook-id"] == third[0].headers["webhook-id"]


def test_who_is_gone_is_told_no_more(
    database: Database, receiver: Receiver, tmp_path: Path
) -> None:
    receiver.answers = {"/gone": [410]}
    subscribe(database, receiver.url("/gone"))
    emit(database, key="'k'")
    emit(database, key="'k'")
    with working(database, tmp_path / "log"):
        assert within(lambda: [dead for _, dead, _ in states(database)] == [True, True])
        emit(database)
        ((ended, because),) = database.rows("select ended_at, ended_because from penstock.webhooks")

    assert ended is not None
    assert "410" in because
    assert len(receiver.posts) == 1
    assert len(states(database)) == 2


def test_a_slow_receiver_keeps_nobody_else_waiting(
    database: Database, receiver: Receiver, mail_server: MailServer, tmp_path: Path
) -> None:
    receiver.slow = 3
    subscribe(database, receiver.url("/slow"))
    for _ in range(40):
        emit(database)
    with working(database, tmp_path / "log", SMTP_URL=mail_server.url, WORKER_CONCURRENCY="8"):
        assert within(lambda: len(receiver.posts) >= 2)
        mail = '{"to": "ada@example.org", "subject": "Hello", "text": "Hello."}'
        database.psql(f"select penstock.emit('mail', '{mail}')")
        assert within(lambda: bool(mail_server.mails))
        assert len(receiver.posts) < 40  # not one after the other
        receiver.slow = 0
        assert within(lambda: any("more than 1 s" in str(error) for (error,) in database.rows(
            "select error from penstock.deliveries where error is not null"
        )) or len(receiver.posts) >= 40)  # fmt: skip


def test_private_networks_are_out_of_reach(
    database: Database, receiver: Receiver, tmp_path: Path
) -> None:
    subscribe(database, receiver.url("/in").replace("http", "https"))
    subscribe(
        database, receiver.url("/in").replace("http", "https").replace("127.0.0.1", "localhost")
    )
    subscribe(database, receiver.url("/plain"))
    emit(database)
    with working(database, tmp_path / "log", WEBHOOK_PRIVATE="0"):
        assert within(lambda: states(database) == [(False, True, 1)] * 3)
    errors = [
        error for (error,) in database.rows("select error from penstock.dead_letters order by sink")
    ]

    assert not receiver.posts
    assert "no public address" in errors[0]
    assert "no public address" in errors[1]
    assert "must be https" in errors[2]


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254",
        "100.64.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
        "::", "::1", "fe80::1", "fd00::1", "ff02::1", "2001:db8::1", "::ffff:10.0.0.1",
        "::ffff:127.0.0.1", "64:ff9b::a00:1", "64:ff9b:1::1", "2002:a00:1::", "2001::1",
    ],
)  # fmt: skip
def test_an_address_is_not_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.216.34", "2606:4700::1111"])
def test_an_address_is_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        "ftp://a.b/", "https:///x", "https://u:p@a.b/", "https://a.b:99999/",
        "https://a.b/\r\nX: y", "https://a.b/ä", "https://a b/", "file:///etc/passwd", "https://[::1/",
    ],
)  # fmt: skip
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(Refused):
        target(url)


def test_no_caller_and_no_record_has_the_secret(database: Database) -> None:
    secret = subscribe(database, "https://example.org/")
    recorded = str(
        database.rows("select * from audit.changes where table_name = 'penstock.webhooks'")
    )

    assert "example.org" in recorded
    assert secret not in recorded
