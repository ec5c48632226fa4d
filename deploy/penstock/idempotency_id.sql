-- Deploy penstock/idempotency_id
-- requires: request/claims request/role

begin;

create or replace function penstock.idempotency_id(route text, key text)
    returns uuid
    stable
    language sql
as $$
    -- The subject comes last: it is the only part that may hold a line break, so no two lists of
    -- them look the same.
    select encode(substring(sha256(convert_to(
        concat_ws(
            e'\n',
            request.role(), idempotency_id.route, idempotency_id.key, request.claims() ->> 'sub'
        ),
        'UTF8'
    )) for 16), 'hex')::uuid
$$;

comment on function penstock.idempotency_id(text, text) is
    'What a key is known by: it counts for the caller at hand and this route alone. Callers without a token are one caller.';

grant execute on function penstock.idempotency_id(text, text) to penstock_agent;

commit;
