# ruff: noqa: E501, RUF001 -- payloads are long, and letters that look like others are the point
"""What attackers send, and what would show that it was carried out.

Whatever a statement carries out calls canary.sing(), which PostgreSQL's log tells of, in a
transaction that fails or may only read as well. Each text of SQL holds MARK, which no statement
may contain; the computed words stand in no payload, so an answer that has one has computed it.
"""

import json
from dataclasses import dataclass

MARK = "zqmark"
SONG = "the canary sings"
# What SQL makes of 'zq' || 'stock', and what a template makes of {{7317*7321}}.
COMPUTED = ("zqstock", str(7317 * 7321))
STOLEN = ("root:x:0:0", "[boot loader]", "zq-injected: yes")
SLEEP_SECONDS = 5

CANARY = f"""
create schema canary;
grant usage on schema canary to public;

create function canary.sing(why text default '') returns text language plpgsql as $$
begin
    raise log '{SONG}: %', why;
    return 'zq' || 'stock';
end $$;
create table canary.nest (what text);
grant all on canary.nest to public;
"""

_SING = f"canary.sing('{MARK}')"
_NEST = f"insert into canary.nest values ('{MARK}')"
_SLEEP = f"pg_sleep({SLEEP_SECONDS})"
# The same without a quote, for where quotes are doubled.
_QUIET = f"canary.sing($${MARK}$$)"

_SQL = [
    # Out of a quoted string, in all ways of quoting.
    f"'; select {_SING}; --",
    f"' || {_SING} || '",
    f"'||(select {_SING})||'",
    f"' or {_SING} is not null --",
    f"' or '1'='1' and {_SING} <> '{MARK}",
    f"' union select {_SING} --",
    f"' union all select {_SING}, null, null, null --",
    f"') or ({_SING}) is not null --",
    f"')); select {_SING}; --",
    f"'/**/;select/**/{_SING};/*",
    f"'\n;\nselect {_SING}\n;--\n",
    f"'\t;select\t{_SING};--",
    f"''; select {_SING}; --",
    f"'''; select {_SING}; --",
    f"\\'; select {_SING}; --",
    f"\\\\'; select {_SING}; --",
    f"\\'||{_QUIET}||\\'",
    f"E'\\''; select {_SING}; --",
    f"' || E'\\x27' || {_SING} || '",
    f"U&'\\0027'; select {_SING}; --",
    f"'; do $x$ begin perform {_SING}; end $x$; --",
    f"'; do $$ begin perform {_QUIET.replace('$$', '$y$')}; end $$; --",
    f"$$; select {_QUIET}; --",
    f"$$ || {_SING} || $$",
    f"$q${MARK}$q$ || {_SING}",
    f"$_$; select {_SING}; $_$",
    f'"; select {_SING}; --',
    f'" || {_SING} || "',
    f'""; select {_SING}; --',
    f'"."{MARK}"; select {_SING}; --',
    f"`; select {_SING}; --",
    # Into a number, a list, an order, a limit.
    f"1; select {_SING}",
    f"1; select {_QUIET}; --",
    f"1 or {_QUIET} is not null",
    f"1) or ({_QUIET} is not null",
    f"1 union select {_QUIET}",
    f"-1 union select {_QUIET} --",
    f"(select {_QUIET})",
    f"(select length({_QUIET}))",
    f"1 + (select length({_QUIET}))",
    f"1/**/or/**/{_QUIET}/**/is/**/null",
    f"case when {_QUIET} is null then 1 else 2 end",
    f"id; select {_QUIET}",
    f"name, {_QUIET}",
    f"name desc nulls last, (select {_QUIET})",
    f"(case when (select {_QUIET}) = 'x' then name else price::text end)",
    f"1 limit 1 offset (select length({_QUIET}))",
    f"1 for update; select {_QUIET}",
    f"1 returning {_QUIET}",
    f"all; select {_QUIET}",
    f"null; select {_QUIET}",
    f"default); select {_QUIET}; --",
    f"{{1,2}}'; select {_SING}; --",
    f'{{"{MARK}","\'; select {_SING}; --"}}',
    f"[1,5)'; select {_SING}; --",
    f'(1,"\'; select {_SING}; --")',
    # Casts, functions, operators.
    f"1::text||{_QUIET}",
    f"1'::int; select {_SING}; --",
    f"{MARK}'::regclass; select {_SING}; --",
    f"'::regproc; select {_SING}; --",
    f"1::canary.{MARK}",
    f"cast({_QUIET} as int)",
    f"'-{_SING}-'",
    f"'%(select {_SING})%'",
    f"$1; select {_QUIET}",
    f"$1::text || {_QUIET}",
    f"$999999 {MARK}",
    f":{MARK} ?{MARK} %({MARK})s %s {{{MARK}}} ${{{MARK}}} $({MARK})",
    f"%s%s%s%I%L%n {MARK}",
    f"%1$s %2$I %3$L %%{MARK}",
    f"%I.%I({MARK})",
    f"%L); select {_QUIET}; --",
    # What writes, sets, sleeps, leaves the database.
    f"'; {_NEST}; --",
    f"1; {_NEST.replace(chr(39), '$$')}",
    f"'; create table canary.{MARK} (); --",
    f"1; create table public.{MARK} ()",
    f"'; create function canary.{MARK}() returns int language sql return 1; --",
    f"'; create role {MARK} superuser; --",
    f"'; alter role authenticator superuser; -- {MARK}",
    f"'; grant penstock_owner to anon; -- {MARK}",
    f"'; drop table canary.nest; -- {MARK}",
    f"'; drop schema app cascade; -- {MARK}",
    f"'; truncate canary.nest; -- {MARK}",
    f"'; set role admin; -- {MARK}",
    f"'; reset role; select {_SING}; --",
    f"'; set session authorization default; -- {MARK}",
    f"' || set_config('canary.{MARK}', 'yes', false) || '",
    f"' || set_config('request.jwt.claims', '{{\"sub\":\"1\"}}', true) || '{MARK}",
    f"' || set_config('role', 'admin', true) || '{MARK}",
    f"'; commit; select {_SING}; --",
    f"'; rollback; begin; select {_SING}; --",
    f"'; prepare {MARK} as select {_SING}; execute {MARK}; --",
    f"'; declare {MARK} cursor with hold for select {_SING}; --",
    f"'; notify {MARK}; listen {MARK}; --",
    f"'; vacuum; -- {MARK}",
    f"'; checkpoint; -- {MARK}",
    f"'; lock table app.users in access exclusive mode; -- {MARK}",
    f"' || {_SLEEP} || '{MARK}",
    f"'; select {_SLEEP}; -- {MARK}",
    f"1; select {_SLEEP} /* {MARK} */",
    f"' and (select 1 from {_SLEEP}) is not null --{MARK}",
    f"(select {_SLEEP}) /*{MARK}*/",
    f"' || (select pg_advisory_lock(42))::text || '{MARK}",
    f"' || pg_terminate_backend(pg_backend_pid()) || '{MARK}",
    f"' || (select count(*) from generate_series(1, 999999999)) || '{MARK}",
    f"' || repeat('a', 1000000000) || '{MARK}",
    f"'; copy canary.nest from program 'touch /tmp/{MARK}'; --",
    f"'; copy (select '{MARK}') to program 'touch /tmp/{MARK}'; --",
    f"'; copy (select '{MARK}') to '/tmp/{MARK}'; --",
    f"' || pg_read_file('/etc/passwd') || '{MARK}",
    f"' || lo_import('/etc/passwd') || '{MARK}",
    f"' || lo_from_bytea(0, '{MARK}') || '",
    f"' || (select string_agg(rolpassword, ',') from pg_authid) || '{MARK}",
    f"' || (select string_agg(password_hash, ',') from auth.credentials) || '{MARK}",
    f"' || current_setting('data_directory') || '{MARK}",
    f"' || version() || '{MARK}",
    f"' || query_to_xml('select {_QUIET}', true, true, '') || '",
    f"' || xpath('/x', ('<x>' || {_SING} || '</x>')::xml)::text || '",
    f"' || (select dblink_exec('dbname=postgres', 'select 1')) || '{MARK}",
    f"'; load '/tmp/{MARK}.so'; --",
    f"'; create extension {MARK}; --",
    f"'; alter system set archive_command = 'touch /tmp/{MARK}'; --",
    f"' || 1/0 || '{MARK}",
    f"' || cast('{MARK}' as int) || '",
    # Letters that some code folds, widens or strips into a quote.
    f"\u2019; select {_QUIET}; --",
    f"\u02bc; select {_QUIET}; --",
    f"\uff07; select {_QUIET}; --",
    f"\u2018 || {_QUIET} || \u2019",
    f"\u00bf'; select {_SING}; --",
    f"\u200b'; select {_SING}; --",
    f"\ufeff'; select {_SING}; --",
    f"\u202e--;)'{MARK}' gnis.yranac tceles ;'",
    f"%27; select {_QUIET}; --",
    f"%2527; select {_QUIET}; --",
    f"%bf%27; select {_QUIET}; --",
    f"&#39;; select {_QUIET}; --",
    f"\\u0027; select {_QUIET}; --",
    f"\\047; select {_QUIET}; --",
]

_PATTERNS = [
    "%", "_", "%_%_%_%", "%" * 200, "\\", "%\\", "\\%\\_", "_" * 200,
    "(a+)+$" + "a" * 40 + "!", "((((((((((a*)*)*)*)*)*)*)*)*)*)b", "[", "(", "*", "+", "?", "[[:alpha:]",
    "(?=a)\\1", ".*" * 60, "a|b|" * 50, "***:(?n)x", "word & | ! ( ) :* <->", "!!!", "'a' & 'b':*",
    '"', '"unclosed', "or or or", "-", "- - -" * 20, "a:b:c", "<->" * 30,
]  # fmt: skip

_OTHERS = [
    # Headers, paths, templates, markup, shells, files for spreadsheets.
    "x\r\nzq-injected: yes", "x\nzq-injected: yes\n\n<html>", "x\r\n\r\nHTTP/1.1 200 OK\r\nzq-injected: yes",
    "%0d%0azq-injected: yes", "\u560d\u560azq-injected: yes",
    "../../../../etc/passwd", "..%2f..%2f..%2fetc%2fpasswd", "....//....//etc/passwd", "/etc/passwd",
    "..\\..\\..\\boot.ini", "file:///etc/passwd", "http://127.0.0.1:1/", "//evil.example/x", "/./.",
    "{{7317*7321}}", "${7317*7321}", "#{7317*7321}", "<%= 7317*7321 %>", "{{''.__class__.__mro__}}",
    "{0.__class__.__init__.__globals__}", "%(passwd)s", "${jndi:ldap://127.0.0.1:1/a}", "$(( 7317*7321 ))",
    "`expr 7317 \\* 7321`", "; cat /etc/passwd", "| cat /etc/passwd", "$(cat /etc/passwd)",
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "javascript:alert(1)",
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/passwd">]><x>&y;</x>',
    "=7317*7321", "=cmd|'/c calc'!A1", "+7317*7321", "@SUM(1)", '=HYPERLINK("http://evil.example")',
    '{"$gt": ""}', '{"$where": "sleep(5000)"}', "*)(uid=*))(|(uid=*", "__proto__", "constructor.prototype",
    # Numbers and dates at and beyond every edge.
    "0", "-0", "-1", "007", "1e3", "1e999999", "-1e999999", "1e-999999", "0x7f", "0b1", "1_000", "１２３",
    "2147483648", "-2147483649", "9223372036854775807", "9223372036854775808", "-9223372036854775809",
    "9" * 400, "0." + "0" * 400 + "1", "NaN", "Infinity", "-Infinity", "1.0", "1,5", " 1 ", "١",
    "0000-00-00", "infinity", "-infinity", "294276-12-31", "4713-01-01 BC", "now", "epoch", "tomorrow",
    "2026-02-30", "2026-01-01T25:61:61Z", "2026-01-01T00:00:00+99:99",
    # Texts that are none, or too much.
    "", " ", "\t", "null", "NULL", "undefined", "true", "[]", "{}", "{", "}{", ",", "\x00", "a\x00b", "\x01\x1b[2J",
    "\x7f", "\u0085", "\u2028", "\ufffe", "\uffff", "\U0010ffff", "e\u0301" * 100, "\u0300" * 200,
    "I\u0307\u0131\u017f\u212a", "\U0001f4a9" * 50, "a" * 4000, "(" * 1000, "'" * 501, '"' * 501, "\\" * 501,
]  # fmt: skip

# Bytes that are no UTF-8, and JSON texts that are no JSON, or more than anybody means.
_BYTES = [
    b"\xff", b"\xc0\xa7; select 1", b"\xc0\x80", b"\xe0\x80\xa7", b"\xed\xa0\x80", b"\xed\xbf\xbf\xed\xa0\x80",
    b"\xf4\x90\x80\x80", b"\xbf'", b"a\xe2\x82", b"\xfe\xff\x00'", b"\x80" * 100,
]  # fmt: skip
_JSON = [
    b"[" * 100_000 + b"]" * 100_000, b'{"a":' * 50_000 + b"1" + b"}" * 50_000, b"[" * 100_000,
    b'"\\ud800"', b'"\\udc00\\ud800"', b'"\\u0000"', b'"\\', b'"\\x"', b'"' + b"a" * 400_000 + b'"',
    b"NaN", b"-Infinity", b"1e999999", b"-1e-999999", b"1" * 5_000, b"0." + b"1" * 5_000, b"01", b"+1", b"1.",
    b"true", b"null", b"{}", b"[]", b"[null]", b'[[["x"]]]', b'{"__proto__": {"role": "admin"}}',
    b'{"a": 1, "a": 2}', b'[1, "a", null, {}]', b"[" + b"0," * 20_000 + b"0]", b"\xef\xbb\xbf1", b"'x'",
    b"// x\n1", b"1 2", b"tru",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Payload:
    """What is sent: `text` where bytes go, `json` where a JSON value goes."""

    text: bytes
    json: bytes

    @property
    def sleeps(self) -> bool:
        """Whether carrying it out would take SLEEP_SECONDS."""
        return b"pg_sleep" in self.text


def _all() -> tuple[Payload, ...]:
    texts = [*_SQL, *_PATTERNS, *_OTHERS]
    found = [Payload(text.encode(), json.dumps(text).encode()) for text in texts]
    found += [Payload(raw, b'"' + raw + b'"') for raw in _BYTES]
    found += [Payload(raw[:4_000], raw) for raw in _JSON]
    return tuple(found)


PAYLOADS = _all()
SQL = PAYLOADS[: len(_SQL)]
