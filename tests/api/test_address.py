"""Where a request comes from: proxies that are trusted say it, and nobody else can."""

import pytest

from api.address import Addresses, block, network

PROXY, CLIENT, LIE = "10.0.0.1", "192.0.2.7", "198.51.100.1"
TRUSTED = [network("10.0.0.0/8"), network("fd00::/8")]


def address(peer: str, *headers: tuple[str, str], trusted: list[str] | None = None) -> str:
    networks = TRUSTED if trusted is None else [network(each) for each in trusted]
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers]
    return Addresses(networks).of({"client": (peer, 1), "headers": raw})


def x(*values: str) -> list[tuple[str, str]]:
    return [("x-forwarded-for", value) for value in values]


def f(*values: str) -> list[tuple[str, str]]:
    return [("forwarded", value) for value in values]


@pytest.mark.parametrize("headers", [x(LIE), f(f"for={LIE}"), x(LIE, PROXY), x(LIE) + f("for=1")])
@pytest.mark.parametrize("trusted", [[], ["10.0.0.0/8"], ["::/0"]])
def test_nobody_but_a_trusted_proxy_is_believed(
    headers: list[tuple[str, str]], trusted: list[str]
) -> None:
    assert address(CLIENT, *headers, trusted=trusted) == CLIENT


def test_control_the_same_is_believed_from_a_proxy() -> None:
    assert address(CLIENT, *x(LIE), trusted=["192.0.2.0/24"]) == LIE


TOLD = {
    "by the one proxy": (x(CLIENT), CLIENT),
    "whatever the client had sent": (x(f"{LIE}, {CLIENT}"), CLIENT),
    "whatever rubbish the client had sent": (x(f'"unknown; {{}}, {CLIENT}'), CLIENT),
    "through two proxies": (x(f"{LIE}, {CLIENT}, 10.9.9.9"), CLIENT),
    "in two headers": (x(f"{LIE}", f"{CLIENT},10.9.9.9"), CLIENT),
    "with a port": (x(f"{CLIENT}:4711"), CLIENT),
    "as IPv6": (x("2001:db8::1"), "2001:db8::1"),
    "as IPv6 in full": (x("2001:0DB8:0:0:0:0:0:1"), "2001:db8::1"),
    "as IPv6 with a port": (x("[2001:db8::1]:4711"), "2001:db8::1"),
    "as IPv4 in IPv6": (x(f"::ffff:{CLIENT}"), CLIENT),
    "from within": (x("10.7.7.7, 10.9.9.9"), "10.7.7.7"),
    "as RFC 7239 has it": (f(f"for={CLIENT};proto=https;by=10.0.0.1"), CLIENT),
    "in any case": (f(f"Proto=https;FOR={CLIENT}"), CLIENT),
    "quoted": (f('for="[2001:db8::1]:4711"'), "2001:db8::1"),
    "after what the client had sent": (f(f"for={LIE}, for={CLIENT}, for=10.9.9.9"), CLIENT),
    "after a comma in quotes": (f(f'for={LIE};ext="a, for=b", for={CLIENT}'), CLIENT),
    "by both alike": (x(CLIENT) + f(f"for={CLIENT}"), CLIENT),
}  # fmt: skip


@pytest.mark.parametrize("case", TOLD)
def test_a_trusted_proxy_tells_the_client(case: str) -> None:
    headers, expected = TOLD[case]

    assert address(PROXY, *headers) == expected


USELESS = {
    "no header": [],
    "nothing": x(""),
    "no address": x("unknown"),
    "a name": x("client.example"),
    "half an address": x("192.0.2"),
    "a port that is none": x(f"{CLIENT}:http"),
    "a number": x("3221225991"),
    "the end missing": x(f"{CLIENT},"),
    "hidden": f("for=_hidden"),
    "unknown": f("for=unknown"),
    "nobody": f("proto=https"),
    "two at once": f(f"for={CLIENT};for={LIE}"),
    "quotes that don't end": f(f'for="{LIE}, for={CLIENT}'),
    "no pairs": f(CLIENT),
    "no end": f(f"for={LIE}," * 1000 + f"for={CLIENT}"),
    "X-Forwarded-For from the client, Forwarded from the proxy": x(LIE) + f(f"for={CLIENT}"),
    "Forwarded from the client, X-Forwarded-For from the proxy": f(f"for={LIE}") + x(CLIENT),
}  # fmt: skip


@pytest.mark.parametrize("case", USELESS)
def test_what_is_of_no_use_leaves_the_peer(case: str) -> None:
    assert address(PROXY, *USELESS[case]) == PROXY


def test_a_socket_without_an_address_has_none() -> None:
    assert Addresses(TRUSTED).of({"client": None, "headers": x(LIE)}) == ""


def test_what_is_remembered_of_headers_is_bounded() -> None:
    addresses = Addresses(TRUSTED)
    for number in range(25_000):
        scope = {"client": (PROXY, 1), "headers": [(b"x-forwarded-for", b"192.0.2.%d" % number)]}
        addresses.of(scope)
    addresses.of({"client": (PROXY, 1), "headers": [(b"x-forwarded-for", b"1," * 500)]})

    assert len(addresses._known) <= 10_000
    assert max(len(said[1]) for said in addresses._known) < 300


@pytest.mark.parametrize(
    ("given", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
    ],
)
def test_an_ipv6_customer_is_counted_as_one(given: str, counted: str) -> None:
    assert block(given) == counted
