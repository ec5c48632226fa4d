-- Deploy penstock/idempotency_find
-- requires: penstock/idempotency_keys_policy penstock/idempotency_id penstock/touch

begin;

create or replace function penstock.idempotency_find(route text, key text)
    returns table (request text, status integer, headers text, body text, touched text)
    stable
    security definer
    set search_path = ''
    rows 1
    language sql
as $$
    select
        k.request::text,
        k.status,
        k.headers,
        k.body,
        -- As penstock.touch leaves it: whoever made the change may have been killed before it
        -- could tell the caches.
        (
            select array_to_json(array[k.xid::text] || array_agg(tag.name))::text
            from penstock.touches as t
            cross join lateral unnest(t.tags) as tag (name)
            where t.xid = k.xid
            having count(*) > 0
        )
    from penstock.idempotency_keys as k
    where k.id = penstock.idempotency_id(idempotency_find.route, idempotency_find.key)
$$;

-- Belongs to the agent: callers may look at nothing but their own.
grant create on schema penstock to penstock_agent;
alter function penstock.idempotency_find(text, text) owner to penstock_agent;
revoke create on schema penstock from penstock_agent;

comment on function penstock.idempotency_find(text, text) is
    'What the caller was answered to a request with this key, and no row where they were not. `touched` is a JSON array of the transaction and the tags that it touched, or null.';

grant execute on function penstock.idempotency_find(text, text)
    to anon, member, staff, admin;

commit;
