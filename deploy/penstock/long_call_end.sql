-- Deploy penstock/long_call_end
-- requires: penstock/long_calls_policy

begin;

create or replace function penstock.long_call_end(call_id uuid, status integer, body json)
    returns void
    volatile
    security definer
    set search_path = ''
    language plpgsql
as $$
begin
    update penstock.long_calls as c
    set state = 'done',
        done = c.lines,
        status = long_call_end.status,
        body = long_call_end.body,
        ended_at = clock_timestamp()
    where c.id = long_call_end.call_id
        and c.state = 'running'
        and c.role = request.role()
        and c.subject = request.claims() ->> 'sub'
        -- Without its lock others were told that it is lost, and then it must not be committed.
        and exists (
            select
            from pg_catalog.pg_locks as l
            where l.locktype = 'advisory'
                and l.pid = pg_backend_pid()
                and l.mode = 'ExclusiveLock'
                and l.granted
                and l.database = (select d.oid from pg_catalog.pg_database as d where d.datname = current_database())
                and (l.classid::bigint << 32) | l.objid::bigint
                    = hashtextextended('penstock.long_call:' || c.id, 0)
        );

    if not found then
        raise exception using
            errcode = 'PK003',
            message = 'This call is not running any more: nothing of it may be kept.';
    end if;
end
$$;

-- Belongs to the agent: callers write nothing of this themselves.
grant create on schema penstock to penstock_agent;
alter function penstock.long_call_end(uuid, integer, json) owner to penstock_agent;
revoke create on schema penstock from penstock_agent;

comment on function penstock.long_call_end(uuid, integer, json) is
    'Says what a call of the caller''s came to: the last statement of its own transaction, so that it is done exactly if that is committed. Raises PK003 where it has ended, or its lock is not held.';

grant execute on function penstock.long_call_end(uuid, integer, json)
    to member, staff, admin;

commit;
