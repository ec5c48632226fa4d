-- Deploy auth/api_key_find
-- requires: auth/api_keys_policy auth/api_keys_touch app/users_policy

begin;

create or replace function auth.api_key_find(key_hash bytea)
    returns table (key_id uuid, user_id bigint, role text, quota integer, seconds_left double precision)
    stable
    rows 1
    language sql
as $$
    -- No key can do more than its user can now.
    select k.id, k.user_id, k.role::text, k.quota, extract(epoch from k.expires_at - now())
    from auth.api_keys as k
    join app.users as u on u.id = k.user_id
    where k.key_hash = api_key_find.key_hash
        and k.revoked_at is null
        and (k.expires_at > now()) is not false
        and u.is_active
        and k.role <= u.role
$$;

comment on function auth.api_key_find(bytea) is $$
For whom a key calls, as what, how many requests a day, and for how many seconds more.
No row when it has been revoked or has expired, or never was.
$$;

grant execute on function auth.api_key_find(bytea) to gatekeeper;

commit;
