"""Mails and webhooks over TLS: to whom a certificate is for, and no password without it."""

import ipaddress
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from db import process
from db.database import Database
from tests.worker.house import MailServer, mailing, receiving, within, working
from tests.worker.test_mail import emit, states
from tests.worker.test_webhooks import emit as emit_order
from tests.worker.test_webhooks import states as webhook_states
from tests.worker.test_webhooks import subscribe

# It leads here, but is neither an address nor localhost: to the client it is another machine.
ELSEWHERE = "127.1"


@dataclass
class Tls:
    """A server's side, and the file that has whom a client is to trust."""

    context: ssl.SSLContext
    trusted: str


@pytest.fixture
def tls(tmp_path: Path) -> Tls:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Penstock's tests")])
    now = datetime.now(UTC)
    hosts = x509.SubjectAlternativeName(
        [x509.DNSName(ELSEWHERE), x509.IPAddress(ipaddress.ip_address(process.LOOPBACK))]
    )
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(hosts, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    file = tmp_path / "certificate.pem"
    file.write_bytes(certificate.public_bytes(pem))
    secret = tmp_path / "key.pem"
    secret.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file, secret)
    return Tls(context, str(file))


class Logins:
    """Keeps what was sent to log in; all of it is right."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str]] = []

    def __call__(self, *said: object) -> AuthResult:
        login = said[-1]
        assert isinstance(login, LoginPassword)
        self.seen.append((login.login.decode(), login.password.decode()))
        return AuthResult(success=True)


def secured(tls: Tls, scheme: str) -> dict[str, object]:
    """How the server has TLS; where it begins with it, aiosmtpd would not see that."""
    if scheme == "smtps":
        return {"ssl_context": tls.context, "auth_require_tls": False}
    return {"tls_context": tls.context}


def url(server: MailServer, scheme: str = "smtp") -> str:
    return f"{scheme}://store:p%40ss@{ELSEWHERE}:{server.port}"


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_mail_goes_over_tls_and_so_does_the_password(
    database: Database, tls: Tls, tmp_path: Path, scheme: str
) -> None:
    logins = Logins()
    emit(database)
    with mailing(authenticator=logins, **secured(tls, scheme)) as server:
        settings = {"SMTP_URL": url(server, scheme), "SSL_CERT_FILE": tls.trusted}
        with working(database, tmp_path / "log", **settings):
            assert within(lambda: states(database) == [(True, False, 1)])

    assert len(server.mails) == 1
    assert logins.seen == [("store", "p@ss")]


def test_no_password_goes_to_another_machine_in_the_clear(
    database: Database, tmp_path: Path
) -> None:
    logins = Logins()
    emit(database)
    with (
        mailing(authenticator=logins, auth_require_tls=False) as server,
        working(database, tmp_path / "log", SMTP_URL=url(server)) as worker,
    ):
        assert worker.says("is tried again")
        assert within(lambda: states(database)[0][1])

    assert logins.seen == []
    assert server.mails == []
    ((said,),) = database.rows("select error from penstock.dead_letters")
    assert "STARTTLS" in said


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_mail_server_that_nobody_vouches_for_gets_nothing(
    database: Database, tls: Tls, tmp_path: Path, scheme: str
) -> None:
    logins = Logins()
    emit(database)
    with (
        mailing(authenticator=logins, **secured(tls, scheme)) as server,
        working(database, tmp_path / "log", SMTP_URL=url(server, scheme)),
    ):
        assert within(lambda: states(database)[0][1])

    assert logins.seen == []
    assert server.mails == []
    ((said,),) = database.rows("select error from penstock.dead_letters")
    assert "certificate" in said.lower()
    assert "p@ss" not in said


def test_a_webhook_goes_over_tls_to_whom_the_certificate_is_for(
    database: Database, tls: Tls, tmp_path: Path
) -> None:
    with receiving(tls.context) as receiver:
        subscribe(database, receiver.url("/in"))
        subscribe(database, f"https://localhost:{receiver.port}/other-name")
        emit_order(database)
        settings = {"SSL_CERT_FILE": tls.trusted, "WEBHOOK_PRIVATE": "1"}
        with working(database, tmp_path / "log", **settings):
            assert within(lambda: webhook_states(database) == [(True, False, 1), (False, True, 4)])

    assert [post.path for post in receiver.posts] == ["/in"]
    ((said,),) = database.rows("select error from penstock.dead_letters")
    assert "certificate" in said.lower()


def test_a_receiver_that_nobody_vouches_for_gets_nothing(
    database: Database, tls: Tls, tmp_path: Path
) -> None:
    with receiving(tls.context) as receiver:
        subscribe(database, receiver.url("/in"))
        emit_order(database)
        with working(database, tmp_path / "log"):
            assert within(lambda: webhook_states(database) == [(False, True, 4)])

    assert receiver.posts == []
