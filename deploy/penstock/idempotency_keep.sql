-- Deploy penstock/idempotency_keep
-- requires: penstock/idempotency_keys_policy penstock/idempotency_id penstock/touch

begin;

create or replace function penstock.idempotency_keep(
    route text,
    key text,
    request uuid,
    status integer,
    body text
)
    returns void
    volatile
    security definer
    set search_path = ''
    language plpgsql
as $$
begin
    insert into penstock.idempotency_keys (id, route, request, status, headers, body)
    values (
        penstock.idempotency_id(idempotency_keep.route, idempotency_keep.key),
        idempotency_keep.route,
        idempotency_keep.request,
        coalesce(nullif(current_setting('response.status', true), '')::integer, idempotency_keep.status),
        nullif(current_setting('response.headers', true), ''),
        idempotency_keep.body
    );
end
$$;

-- Belongs to the agent: callers may not look into what is kept.
grant create on schema penstock to penstock_agent;
alter function penstock.idempotency_keep(text, text, uuid, integer, text) owner to penstock_agent;
revoke create on schema penstock from penstock_agent;

comment on function penstock.idempotency_keep(text, text, uuid, integer, text) is
    'Keeps the answer to a request with a key, in the transaction that did what was asked. `request` is a digest of the arguments; a response.status that the function has set goes before `status`.';

grant execute on function penstock.idempotency_keep(text, text, uuid, integer, text)
    to anon, member, staff, admin;

commit;
