"""The faults that tests must find, see tests/planted.py."""

from tests.planted import Edit, Fault

_TOKENS = "tests/api/test_tokens.py"
_HOSTILE = f"{_TOKENS}::test_a_hostile_token_opens_nothing"
_AUTH = "tests/api/test_auth.py"
_AUDIT = "tests/api/test_audit.py"
_ONCE = "tests/api/test_once.py"
_STREAMS = "tests/api/test_streams.py"
_LONG = "tests/api/test_long_calls.py"
_EXPORTS = "tests/api/test_exports.py"
_LINT = "tests/db/style/lint.sql"
_WRITTEN = "tests/security/test_pages.py::test_it_is_as_it_is_written_down"
_REACHED = "tests/security/test_pages.py::test_nobody_reaches_what_is_anothers"
_ANALYST = "tests/security/test_analyst.py::test_what_can_be_set_shows_nothing_more"


_KEPT_LATER = """answer = await run(call)
                    await self._run(Call(
                        call.context,
                        "select penstock.idempotency_keep($1, $2, $3::uuid, 201, $4)",
                        (once.route, once.key, once.request, answer.row[0].decode()),
                        reads_out=False,
                    ))
                    return answer"""


def _tokens(old: str, new: str) -> tuple[Edit, ...]:
    return (Edit("api/tokens.py", old, new),)


def _exports(old: str, new: str) -> tuple[Edit, ...]:
    return (Edit("api/exports.py", old, new),)


def _sql(file: str, old: str, new: str = "") -> tuple[Edit, ...]:
    return (Edit(f"deploy/{file}.sql", old, new),)


FAULTS = (
    # ── Tokens ───────────────────────────────────────────────────────────────────────────────────
    Fault(
        "the audience is not checked",
        _HOSTILE,
        _tokens('"strict_aud": True', '"verify_aud": False'),
    ),
    Fault("the issuer is not checked", _HOSTILE, _tokens("issuer=self._issuer,", "")),
    Fault(
        "a token of another kind is let in",
        _HOSTILE,
        _tokens('claims["typ"] != "access"', "False"),
    ),
    Fault(
        "a header may ask for anything",
        _HOSTILE,
        _tokens("or not header.keys() <= _HEADER", ""),
    ),
    Fault(
        "the token says which algorithm",
        _HOSTILE,
        (
            Edit("api/tokens.py", 'header.get("alg") != key.algorithm', "False"),
            Edit(
                "api/tokens.py",
                "algorithms=[key.algorithm],",
                'algorithms=["EdDSA", "ES256", "HS256", "HS512", "RS256", "RS512", "PS256"],',
            ),
        ),
    ),
    Fault(
        "names may stand twice",
        _HOSTILE,
        _tokens("        loads(text)  #", "        json.loads(text)  #"),
    ),
    Fault(
        "a token may be of any length",
        _HOSTILE,
        _tokens("_MAX_BYTES = 8192", "_MAX_BYTES = 1 << 30"),
    ),
    Fault("a token may name any role", _HOSTILE, _tokens("or role not in self._roles", "")),
    Fault(
        "times may be text",
        _HOSTILE,
        _tokens("isinstance(value, int | float)\n", "isinstance(value, int | float | str)\n"),
    ),
    Fault(
        "a token that was let in once is let in for ever",
        "tests/api/test_sessions.py::test_a_change_by_sql_is_seen_by_all_within_a_second",
        (
            Edit("api/heard.py", "self.drop(self._keys[number])", "pass"),
            Edit("api/heard.py", "self._values.clear()", "pass"),
        ),
    ),
    # ── Sessions ─────────────────────────────────────────────────────────────────────────────────
    Fault(
        "a replay ends nothing",
        f"{_AUTH}::test_a_replay_of_any_ancestor_ends_the_family",
        _sql("auth/session_refresh", "if outcome = 'replayed' then", "if false then"),
    ),
    Fault(
        "a refresh token is good twice",
        f"{_AUTH}::test_a_hundred_in_any_order_never_leave_two",
        (
            *_sql("auth/session_refresh", "        and t.used_at is null\n"),
            *_sql("auth/refresh_tokens", "create unique index", "create index"),
        ),
    ),
    Fault(
        "whoever comes at the same moment is taken for a thief",
        f"{_AUTH}::test_a_hundred_at_once_leave_one_lineage",
        _sql("auth/session_refresh", "v_was_unused or session_refresh.came <= v_used_at", "false"),
    ),
    Fault(
        "a session is refreshed for ever",
        f"{_AUTH}::test_what_is_over_is_not_refreshed",
        _sql("auth/session_refresh", "        and s.expires_at > now()\n"),
    ),
    Fault(
        "anybody ends anybody's session",
        f"{_AUTH}::test_nobody_ends_the_sessions_of_others",
        _sql("api/session_end", "        and s.user_id = (select request.user_id())\n"),
    ),
    Fault(
        "another password leaves sessions alone",
        f"{_AUTH}::test_another_password_ends_all_other_sessions",
        _sql("auth/password_change", "and s.id <> password_change.session_id", "and false"),
    ),
    # ── Guessing ─────────────────────────────────────────────────────────────────────────────────
    Fault(
        "guesses are not counted",
        f"{_AUTH}::test_ten_guesses_are_evaluated_however_many_come",
        _sql("auth/attempt_take", "set recent = v_recent || v_now", "set recent = v_recent"),
    ),
    Fault(
        "two guesses at once count as one",
        f"{_AUTH}::test_ten_guesses_are_evaluated_however_many_come",
        _sql(
            "auth/attempt_take",
            "do update set recent = a.recent\n    returning array(",
            "do nothing;\n    select array(",
        ),
    ),
    Fault(
        "a device counts for anybody",
        f"{_AUTH}::test_a_device_counts_for_its_own_user_alone",
        _sql("auth/login_begin", "        and d.user_id = login_begin.user_id"),
    ),
    Fault(
        "the owner is locked out with the guesser",
        f"{_AUTH}::test_the_owner_has_a_way_in_meanwhile",
        _sql("auth/login_begin", "coalesce(v_device, '')", "''"),
    ),
    Fault(
        "nobody's password is not hashed",
        f"{_AUTH}::test_known_and_unknown_take_the_same_time",
        (
            Edit(
                "api/passwords.py",
                "        try:\n            right, better",
                "        if hashed is None:\n            return False, None\n"
                "        try:\n            right, better",
            ),
        ),
    ),
    # ── Cookies and keys ─────────────────────────────────────────────────────────────────────────
    Fault(
        "a cookie changes things by itself",
        f"{_AUTH}::test_a_change_by_cookie_needs_the_token_beside_it",
        (Edit("api/callers.py", "if by_cookie and scope", "if False and scope"),),
    ),
    Fault(
        "scripts can read the tokens",
        f"{_AUTH}::test_a_browser_gets_cookies_and_no_tokens",
        (Edit("api/cookies.py", "{text}; HttpOnly", "{text}"),),
    ),
    Fault(
        "the CSRF token reaches functions",
        f"{_AUTH}::test_the_csrf_token_never_reaches_a_function",
        _tokens("claims.pop(_CSRF, None)", "claims.get(_CSRF)"),
    ),
    Fault(
        "a key that is revoked goes on",
        f"{_AUTH}::test_a_key_that_is_revoked_is_out_at_once_here_and_soon_elsewhere",
        (Edit("api/heard.py", "self.drop(self._keys[number])", "pass"),),
    ),
    Fault(
        "a key does what its user may no longer",
        f"{_AUTH}::test_a_key_does_no_more_than_its_user",
        _sql("auth/api_key_find", "\n        and k.role <= u.role"),
    ),
    Fault(
        "keys are kept in the clear",
        f"{_AUTH}::test_a_key_is_kept_as_its_hash_alone",
        _sql("api/api_key_issue", "sha256(convert_to(v_key, 'UTF8'))", "left(v_key, 32)::bytea"),
    ),
    # ── Rows and privileges ──────────────────────────────────────────────────────────────────────
    Fault(
        "a table without forced row-level security",
        _LINT,
        sql="alter table app.orders no force row level security",
    ),
    Fault(
        "a table without row-level security",
        _REACHED,
        sql="alter table app.orders disable row level security",
    ),
    Fault("the owner without a policy", _LINT, sql="drop policy orders_owner on app.orders"),
    Fault(
        "a policy that shows all",
        _REACHED,
        sql="create policy plant on app.orders for select to member using (true)",
    ),
    Fault(
        "a policy that lets write for others",
        _REACHED,
        sql="alter policy posts_own on app.posts with check (true)",
    ),
    Fault(
        "a policy that asks once a row",
        _LINT,
        sql=(
            "create policy plant on app.orders for select to staff"
            " using (user_id = request.user_id())"
        ),
    ),
    Fault(
        "a view that reads as its owner",
        _LINT,
        sql="create view app.plants as select * from app.orders",
    ),
    Fault(
        "a function for everybody",
        _LINT,
        sql="grant execute on function api.user_list(api.page_size, jsonb, boolean) to public",
    ),
    Fault(
        "an endpoint for anon",
        _WRITTEN,
        sql="grant execute on function api.user_list(api.page_size, jsonb, boolean) to anon",
    ),
    Fault("a column for anon", _WRITTEN, sql="grant select (email) on app.users to anon"),
    Fault(
        "credentials for members",
        _WRITTEN,
        sql="grant usage on schema auth to member; grant select on auth.credentials to member",
    ),
    Fault(
        "a definer with a search path",
        _LINT,
        sql="alter function api.order_place reset search_path",
    ),
    Fault("a definer of the owner's", _LINT, sql="alter function api.me_get() security definer"),
    Fault(
        "a definer that forgets whose",
        _REACHED,
        sql="alter function api.order_list security definer",
    ),
    Fault("a foreign key without an index", _LINT, sql="drop index app.order_lines_by_product"),
    Fault(
        "dynamic SQL that quotes nothing",
        _LINT,
        sql=(
            "create function app.plant(t text) returns void language plpgsql"
            " as 'begin execute ''drop table '' || t; end';"
            " comment on function app.plant(text) is 'Planted.'"
        ),
    ),
    Fault(
        "a policy that believes a setting",
        _ANALYST,
        sql=(
            "create policy plant on app.orders for select to report_owner"
            " using (current_setting('request.jwt.claims', true) <> '')"
        ),
    ),
    # ── The record ───────────────────────────────────────────────────────────────────────────────
    Fault("a table that is not recorded", _LINT, sql="drop trigger audit_update on app.products"),
    Fault(
        "a record that staff can change",
        _WRITTEN,
        sql="grant usage on schema audit to staff; grant update on audit.changes to staff",
    ),
    Fault(
        "a secret on record",
        f"{_AUDIT}::test_a_password_s_hash_is_nowhere",
        _sql("audit/rows_record", "or bool_or(t.type = 'api.password'::regtype)", ""),
    ),
    Fault(
        "claims of any login on record",
        f"{_AUDIT}::test_nobody_but_the_api_says_for_whom",
        _sql(
            "audit/caller",
            "when session_user = 'authenticator'\n"
            "                    then nullif(current_setting('request.jwt.claims'",
            "when true\n                    then nullif(current_setting('request.jwt.claims'",
        ),
    ),
    # ── Rates, addresses, origins, hosts ─────────────────────────────────────────────────────────
    Fault(
        "anybody is believed about their address",
        "tests/api/test_address.py::test_nobody_but_a_trusted_proxy_is_believed",
        (
            Edit(
                "api/address.py",
                "if address is None or not self._trusts(address):\n            return peer",
                "if address is None:\n            return peer",
            ),
        ),
    ),
    Fault(
        "any origin may read",
        "tests/api/test_web.py::test_no_other_origin_may",
        (
            Edit(
                "api/web.py",
                "self._origins.get(origins[0]) if len",
                "_for_origin(self.plain, origins[0]) if len",
            ),
        ),
    ),
    Fault(
        "any host is answered for",
        "tests/api/test_web.py::test_for_no_other",
        (Edit("api/web.py", "raise Problem(421,", "Problem(421,"),),
    ),
    Fault(
        "anybody may keep what was for a token",
        "tests/api/test_web.py::test_nobody_keeps_what_was_for_a_token",
        (Edit("api/web.py", "manner = manner.unkept", "pass"),),
    ),
    Fault(
        "a wrong token does not count",
        "tests/api/test_rate.py::test_calls_that_come_to_nothing_count_too",
        (
            Edit(
                "api/gateway.py",
                "            if limits is None:\n                raise\n",
                "            raise\n",
            ),
        ),
    ),
    # ── Once ─────────────────────────────────────────────────────────────────────────────────────
    Fault(
        "nobody waits for a request with the same key",
        f"{_ONCE}::test_fifty_at_once_are_one",
        _sql(
            "penstock/idempotency_begin",
            "if not pg_try_advisory_xact_lock(v_lock) then",
            "if false then",
        ),
    ),
    Fault(
        "a key is anybody's",
        f"{_ONCE}::test_nobody_gets_what_was_another_s",
        _sql("penstock/idempotency_id", ", request.claims() ->> 'sub'"),
    ),
    Fault(
        "a key is any role's",
        f"{_ONCE}::test_nobody_gets_what_was_another_s",
        _sql("penstock/idempotency_id", "request.role(), "),
    ),
    Fault(
        "the answer is kept when all is committed",
        "tests/faults/test_once.py::test_cut_anywhere_it_is_done_once",
        (
            Edit("api/once.py", "        statement=_keeping(call.statement, first),\n", ""),
            Edit(
                "api/once.py",
                "        parameters=(*call.parameters, once.route, once.key, once.request, "
                "str(status)),\n",
                "",
            ),
            Edit("api/once.py", "return await run(call)", _KEPT_LATER),
        ),
    ),
    Fault(
        "what is asked is not compared",
        f"{_ONCE}::test_another_request_with_the_same_key_is_422",
        (Edit("api/once.py", 'if kept.request.replace("-", "") != once.request:', "if False:"),),
    ),
    Fault(
        "what a write touched is read out before its deferred triggers run",
        "tests/api/test_cache.py::test_what_is_touched_when_the_transaction_ends_is_seen_too",
        (Edit("api/wire.py", "s.*, penstock.settle(), {read_out}", "s.*, null, {read_out}"),),
    ),
    Fault(
        "short calls wait for long ones",
        "tests/api/test_throttle.py::test_a_short_call_waits_for_no_long_ones",
        (Edit("api/exclusive.py", "now > wire.flights[0].since + LONG_SECONDS", "False"),),
    ),
    Fault(
        "all connections are used at once",
        "tests/api/test_throttle.py::test_short_calls_use_few_connections",
        (Edit("api/throttle.py", "else min(LEAST, most)", "else most"),),
    ),
    Fault(
        "a rehearsal is committed",
        "tests/api/test_prefer.py::test_a_rehearsal_leaves_no_trace",
        (Edit("api/wire.py", 'b"rollback" if call.rolls_back else b"commit"', 'b"commit"'),),
    ),
    Fault(
        "a rehearsal asks no deferred rule",
        "tests/api/test_prefer.py::test_what_is_put_off_to_the_end_is_asked_all_the_same",
        (
            Edit(
                "api/dispatch.py", "rolls_back=True, settles=True", "rolls_back=True, settles=False"
            ),
        ),
    ),
    Fault(
        "a batch asks nobody's role",
        "tests/api/test_batch.py::test_roles_are_asked_for_each",
        (Edit("api/batch_plan.py", "        authorize(step.endpoint, caller)\n", ""),),
    ),
    Fault(
        "a batch writes in its reads",
        "tests/api/test_batch.py::test_a_batch_of_reads_is_read_only_and_so_are_reads_in_another",
        (Edit("api/copying.py", '"on" if context.read_only else "off"', '"off"'),),
    ),
    # ── Events, streams, webhooks ────────────────────────────────────────────────────────────────
    Fault(
        "events are shown while an older transaction still runs",
        f"{_STREAMS}::test_no_event_is_lost_or_doubled_while_transactions_commit_out_of_order",
        _sql("penstock/events_after", "pg_snapshot_xmin(", "pg_snapshot_xmax("),
    ),
    Fault(
        "everybody sees everybody's events",
        f"{_STREAMS}::test_events_come_as_they_happen_to_whom_they_are_for",
        (
            *_sql(
                "penstock/events_policy",
                "using (subject = (select request.claims() ->> 'sub'))",
                "using (true)",
            ),
            *_sql("penstock/events_after", "where s.subject = v_subject\n", "where true\n"),
            Edit("api/streams.py", "found = self._by_tag.get(tag, ())", "found = self._streams"),
        ),
    ),
    Fault(
        "a stream goes on when its session has ended",
        f"{_STREAMS}::test_a_session_that_ends_takes_its_streams_along",
        (Edit("api/streams.py", "found = self._by_session.get(tag, ())", "found = ()"),),
    ),
    Fault(
        "a stream goes on when its token has expired",
        f"{_STREAMS}::test_a_token_that_expires_ends_the_stream",
        (Edit("api/streams.py", "if _seconds_left(caller) <= 0:", "if False:"),),
    ),
    Fault(
        "who has left is not forgotten",
        f"{_STREAMS}::test_nobody_has_more_streams_than_they_may",
        (Edit("api/streams.py", "            self._forget(stream)\n", "            pass\n"),),
    ),
    Fault(
        "webhooks reach private networks",
        "tests/worker/test_webhooks.py::test_private_networks_are_out_of_reach",
        (Edit("api/webhooks.py", "if not is_public(", "if False and is_public("),),
    ),
    Fault(
        "a receiver of webhooks may be anybody",
        "tests/worker/test_tls.py::test_a_receiver_that_nobody_vouches_for_gets_nothing",
        (
            Edit(
                "api/webhooks.py",
                "ssl.create_default_context()",
                "ssl._create_unverified_context()",
            ),
        ),
    ),
    Fault(
        "a password goes to a mail server in the clear",
        "tests/worker/test_tls.py::test_no_password_goes_to_another_machine_in_the_clear",
        (Edit("api/mail.py", "True if secret else None", "None"),),
    ),
    Fault(
        "a line break in a subject begins a header",
        "tests/worker/test_mail.py::test_no_header_and_no_recipient_comes_with_what_is_said",
        (Edit("api/mail.py", "or _CONTROL.search(subject):", "or False:"),),
    ),
    Fault(
        "two workers do one job",
        "tests/worker/test_jobs.py::test_two_workers_never_do_one_job_at_once",
        (Edit("api/jobs.py", "if locked != (True,):", "if False:"),),
    ),
    # ── Lists ────────────────────────────────────────────────────────────────────────────────────
    Fault(
        "a list with a bad line is taken all the same",
        "tests/api/test_bulk_rows.py::test_a_bad_line_refuses_all_with_a_report",
        (Edit("api/bulk.py", "if self.report.rejected and not self._lenient:", "if False:"),),
    ),
    Fault(
        "what was rehearsed for one part of a list is there for the next",
        "tests/api/test_sifting.py::test_what_belongs_together_is_not_refused_for_being_taken_apart",
        (Edit("api/sifting.py", "transaction(force_rollback=True)", "transaction()"),),
    ),
    Fault(
        "lines that refuse each other are looked at one by one",
        "tests/api/test_sifting.py::test_a_lenient_client_gets_the_rest_in",
        (Edit("api/sifting.py", "if not is_by_itself:", "if False:"),),
    ),
    Fault(
        "a bomb is unpacked to its end",
        "tests/api/test_arriving.py::test_a_bomb_is_met_at_the_limit",
        (Edit("api/arriving.py", "if self._unpacked > self._limit:", "if False:"),),
    ),
    Fault(
        "half a gzip stream is a whole one",
        "tests/api/test_arriving.py::test_half_a_stream_is_none",
        (Edit("api/arriving.py", "if self._is_packed and self._is_amid:", "if False:"),),
    ),
    Fault(
        "plain lines are not looked at",
        "tests/api/test_bulk.py::test_odd_lines_among_many_plain_ones_are_found",
        (
            Edit(
                "api/csvlines.py",
                "if chunk.translate(None, _ALL_ELSE) != self._plain_lines * count:",
                "if False:",
            ),
        ),
    ),
    Fault(
        "an order of a sheet is placed in part",
        "tests/db/api/orders_place.sql",
        _sql("api/orders_place", "where l.order_no is not null", "where false"),
    ),
    # ── What leaves the server ───────────────────────────────────────────────────────────────────
    Fault(
        "PostgreSQL's detail reaches clients",
        (
            "tests/api/test_problems.py"
            "::test_each_sqlstate_has_its_status_and_only_some_messages_are_for_clients"
        ),
        (
            Edit(
                "api/problems.py",
                '_FOR_CLIENTS = re.compile(r"P0001|P0002|PT[45][0-9]{2}")',
                '_FOR_CLIENTS = re.compile(r".*")',
            ),
        ),
    ),
    Fault(
        "NUL reaches PostgreSQL",
        "tests/api/test_bad_input.py::test_a_bad_body_says_what_is_wrong_and_where",
        (Edit("api/strictjson.py", 'if "\\x00" in text:', "if False:"),),
    ),
    # ── Lists as files ───────────────────────────────────────────────────────────────────────────
    Fault(
        "a file is written as somebody else",
        f"{_EXPORTS}::test_a_member_gets_their_own_orders_alone",
        (Edit("api/copying.py", "        context.role,\n", '        "admin",\n'),),
    ),
    Fault(
        "the query of a client that has left goes on",
        f"{_EXPORTS}::test_a_client_that_leaves_frees_the_backend",
        _exports("                await connection.cancel_safe(timeout=_CLEAN_SECONDS)\n", ""),
    ),
    Fault(
        "half a file ends like a whole one",
        f"{_EXPORTS}::test_an_error_midway_breaks_the_file_off",
        _exports(
            "            raise self._failed(error) from error\n",
            '            await send({"type": "http.response.body"})\n',
        ),
    ),
    Fault(
        "a file is begun before its first rows are there",
        f"{_EXPORTS}::test_what_is_refused_is_a_problem",
        (Edit("api/exports.py", "await _unless_gone(_next(pieces), receive, until)", 'b""'),),
    ),
    Fault(
        "a list is written as far as its first page",
        f"{_EXPORTS}::test_all_forms_say_the_same",
        (Edit("api/unloading.py", "where p.{ident(place)} is not null", "where false"),),
    ),
    # ── Long calls ───────────────────────────────────────────────────────────────────────────────
    Fault(
        "a job's outcome is written outside of its transaction",
        f"{_LONG}::test_what_was_told_lost_is_not_committed",
        (
            Edit(
                "api/bulk.py",
                "                    await long.end(connection, answer)\n",
                "                    pass\n",
            ),
            Edit(
                "api/bulk.py",
                "                return answer\n",
                "            if long is not None:\n"
                "                async with lane.connection(role) as c, c.transaction():\n"
                "                    await copying.enter(c, self._call)\n"
                "                    await long.end(c, answer)\n"
                "            return answer\n",
            ),
        ),
    ),
    Fault(
        "a job's lock is not held",
        f"{_LONG}::test_it_runs_until_it_is_done",
        (Edit("api/long_calls.py", '"select pg_advisory_lock(', '"select pg_advisory_xact_lock('),),
    ),
    Fault(
        "a job tells nobody how far it is",
        "tests/api/test_parts.py::test_a_job_says_how_many_lines_are_done",
        (Edit("api/bulk.py", "await long.advance(before.rejected + taken)", "pass"),),
    ),
    Fault(
        "what belongs together is torn apart",
        "tests/api/test_parts.py::test_what_belongs_together_is_never_apart_and_comes_in_its_order",
        (Edit("api/staging.py", "(rank() over (", "(row_number() over ("),),
    ),
    Fault(
        "a job that nobody does runs for ever",
        f"{_LONG}::test_a_job_that_nobody_does_is_failed",
        _sql("penstock/long_call_find", "if v_is_free and", "if false and"),
    ),
    Fault(
        "a job's connection is not watched",
        f"{_LONG}::test_a_server_that_ends_leaves_no_job_that_runs",
        (Edit("api/long_calls.py", "'1s', true", "'0', true"),),
    ),
    Fault(
        "a job is shown to anybody in the role",
        f"{_LONG}::test_only_its_owner_and_admins_see_it",
        _sql(
            "penstock/long_calls_policy",
            "subject = (select request.claims() ->> 'sub')\n        and ",
        ),
    ),
    Fault(
        "a job is begun each time that its key comes",
        f"{_LONG}::test_a_key_gives_the_same_job_however_often",
        (
            Edit(
                "api/dispatch.py",
                "return await self._once(replace(asked, call=call), self.run)",
                "return await self.run(replace(call, once=None))",
            ),
        ),
    ),
    # ── The catalogue ────────────────────────────────────────────────────────────────────────────
    Fault(
        "functions and types are of two moments",
        "tests/api/test_catalog.py::test_what_is_dropped_meanwhile_is_there_with_its_types",
        (Edit("api/catalog.py", "        await connection.execute(_SNAPSHOT)\n", ""),),
    ),
    Fault(
        "an endpoint is kept though a type has changed",
        "tests/api/test_slices.py::test_what_all_endpoints_are_made_of_makes_all_anew",
        (Edit("api/catalog.py", "self.types == other.types\n            and ", ""),),
    ),
    # ── Lanes ────────────────────────────────────────────────────────────────────────────────────
    Fault(
        "long calls queue for one connection while another idles",
        "tests/api/test_lane.py"
        "::test_short_calls_share_a_connection_and_long_ones_are_made_side_by_side",
        (Edit("api/shared.py", "seconds < _SHORT_SECONDS and ", ""),),
    ),
)
