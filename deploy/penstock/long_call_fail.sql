-- Deploy penstock/long_call_fail
-- requires: penstock/long_calls_policy

begin;

create or replace function penstock.long_call_fail(call_id uuid, status integer, body json)
    returns void
    volatile
    security definer
    set search_path = ''
    language plpgsql
as $$
begin
    update penstock.long_calls as c
    set state = 'failed',
        status = long_call_fail.status,
        body = long_call_fail.body,
        ended_at = clock_timestamp()
    where c.id = long_call_fail.call_id
        and c.state = 'running'
        and c.role = request.role()
        and c.subject = request.claims() ->> 'sub';
end
$$;

-- Belongs to the agent: callers write nothing of this themselves.
grant create on schema penstock to penstock_agent;
alter function penstock.long_call_fail(uuid, integer, json) owner to penstock_agent;
revoke create on schema penstock from penstock_agent;

comment on function penstock.long_call_fail(uuid, integer, json) is
    'Says why a call of the caller''s failed, after its transaction was rolled back; nothing where it has ended.';

grant execute on function penstock.long_call_fail(uuid, integer, json)
    to member, staff, admin;

commit;
