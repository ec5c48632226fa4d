-- Deploy penstock/long_call_find
-- requires: penstock/long_calls_policy
-- Volatile, though it changes nothing: each statement must see what was committed just before. The
-- lock is let go after a commit is seen, so with the lock looked at first no call is taken for
-- lost that was done. The lock that this takes is shared, and goes with the reader's transaction.

begin;

create or replace function penstock.long_call_find(call_id uuid)
    returns setof penstock.long_calls
    volatile
    rows 1
    language plpgsql
as $$
declare
    v_is_free constant boolean := pg_try_advisory_xact_lock_shared(
        hashtextextended('penstock.long_call:' || long_call_find.call_id, 0)
    );
    v_call penstock.long_calls;
begin
    select c.* into v_call
    from penstock.long_calls as c
    where c.id = long_call_find.call_id;

    if not found then
        return;
    end if;

    if v_is_free and v_call.state = 'running' then
        v_call.state := 'failed';
        v_call.status := 503;
        v_call.body := json_build_object(
            'type', '/problems/call-lost',
            'title', 'Service Unavailable',
            'status', 503,
            'detail', 'The server that did this is gone, and nothing of it was kept: send it again.'
        );
    end if;

    return next v_call;
end
$$;

comment on function penstock.long_call_find(uuid) is
    'A long call that the caller may see, as it is now. One that says it is running is failed where nobody holds its lock: its server is gone, and its transaction was rolled back.';

grant execute on function penstock.long_call_find(uuid) to member, staff, admin;

commit;
