-- Deploy penstock/long_call_begin
-- requires: penstock/long_calls_policy

begin;

create or replace function penstock.long_call_begin(call_id uuid, request text, lines bigint)
    returns uuid
    volatile
    security definer
    set search_path = ''
    language plpgsql
as $$
begin
    insert into penstock.long_calls (id, role, subject, request, lines)
    values (
        long_call_begin.call_id,
        request.role(),
        request.claims() ->> 'sub',
        long_call_begin.request,
        long_call_begin.lines
    );

    return long_call_begin.call_id;
end
$$;

-- Belongs to the agent: callers write nothing of this themselves.
grant create on schema penstock to penstock_agent;
alter function penstock.long_call_begin(uuid, text, bigint) owner to penstock_agent;
revoke create on schema penstock from penstock_agent;

comment on function penstock.long_call_begin(uuid, text, bigint) is
    'Notes that a call of the caller''s goes on after its answer; its id. Whoever does it must hold the lock of that id before, see penstock.long_call_find.';

grant execute on function penstock.long_call_begin(uuid, text, bigint)
    to member, staff, admin;

commit;
