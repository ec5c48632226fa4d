-- Deploy penstock/idempotency_begin
-- requires: penstock/idempotency_keys_policy penstock/idempotency_id penstock/touch
-- The first statement of a call with a key, after who calls is known. It ends the transaction with
-- an error of its own where the call must not run: so one round trip is enough for a call that may.

begin;

create or replace function penstock.idempotency_begin(route text, key text, wait_ms integer)
    returns void
    volatile
    security definer
    set search_path = ''
    language plpgsql
as $$
declare
    v_id constant uuid := penstock.idempotency_id(idempotency_begin.route, idempotency_begin.key);
    v_lock constant bigint := hashtextextended(v_id::text, 0);
begin
    if not pg_try_advisory_xact_lock(v_lock) then
        declare
            v_timeout constant text := current_setting('lock_timeout');
        begin
            perform set_config('lock_timeout', greatest(idempotency_begin.wait_ms, 1)::text, true);
            perform pg_advisory_xact_lock(v_lock);
            perform set_config('lock_timeout', v_timeout, true);
        exception
            when lock_not_available then
                raise exception using
                    errcode = 'PK002',
                    message = 'Another request with this key is still being answered.';
        end;
    end if;

    -- In a statement of its own, which sees what was committed while we waited.
    if exists (select from penstock.idempotency_keys as k where k.id = v_id) then
        raise exception using
            errcode = 'PK001',
            message = 'A request with this key was answered already.';
    end if;
end
$$;

-- Belongs to the agent: callers may not look into what is kept.
grant create on schema penstock to penstock_agent;
alter function penstock.idempotency_begin(text, text, integer) owner to penstock_agent;
revoke create on schema penstock from penstock_agent;

comment on function penstock.idempotency_begin(text, text, integer) is
    'Lets a request with a key go on, and others with the same key of the same caller wait for the end of its transaction, for so many milliseconds. Raises PK001 where the key was answered already, see penstock.idempotency_find, and PK002 after that wait.';

grant execute on function penstock.idempotency_begin(text, text, integer)
    to anon, member, staff, admin;

commit;
