-- Deploy api/api_key_list
-- requires: api/api_key auth/api_keys_policy

begin;

create or replace function api.api_key_list()
    returns setof api.api_key
    stable
    security definer
    set search_path = ''
    language plpgsql
as $$
begin
    return query
    select k.id, k.name, k.role, k.quota, k.created_at, k.expires_at
    from auth.api_keys as k
    where k.user_id = (select request.user_id())
        and k.revoked_at is null
        and (k.expires_at > now()) is not false
    order by k.created_at desc, k.id
    limit 100;
end
$$;

-- Belongs to gatekeeper, who alone may see keys and sessions: a caller sees what is theirs.
grant create on schema api to gatekeeper;
alter function api.api_key_list() owner to gatekeeper;
revoke create on schema api from gatekeeper;

comment on function api.api_key_list() is $$
The caller's keys that are good, the last hundred, the latest first.

HTTP GET /me/keys
@tag users
$$;

grant execute on function api.api_key_list() to member, staff, admin;

commit;
