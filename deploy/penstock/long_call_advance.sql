-- Deploy penstock/long_call_advance
-- requires: penstock/long_calls_policy

begin;

create or replace function penstock.long_call_advance(call_id uuid, done bigint)
    returns void
    volatile
    security definer
    set search_path = ''
    language sql
as $$
    update penstock.long_calls as c
    set done = least(long_call_advance.done, c.lines)
    where c.id = long_call_advance.call_id
        and c.state = 'running'
        and c.role = request.role()
        and c.subject = request.claims() ->> 'sub'
$$;

-- Belongs to the agent: callers write nothing of this themselves.
grant create on schema penstock to penstock_agent;
alter function penstock.long_call_advance(uuid, bigint) owner to penstock_agent;
revoke create on schema penstock from penstock_agent;

comment on function penstock.long_call_advance(uuid, bigint) is
    'Says how many lines a call of the caller''s is through with; nothing where it has ended. In a transaction of its own, or nobody would see it before the end.';

grant execute on function penstock.long_call_advance(uuid, bigint)
    to member, staff, admin;

commit;
