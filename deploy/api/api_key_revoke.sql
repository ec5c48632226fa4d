-- Deploy api/api_key_revoke
-- requires: auth/api_keys_policy auth/api_keys_touch api/schema

begin;

create or replace function api.api_key_revoke(key_id uuid)
    returns void
    volatile
    security definer
    set search_path = ''
    language plpgsql
as $$
begin
    update auth.api_keys as k
    set revoked_at = now()
    where k.id = api_key_revoke.key_id
        and k.user_id = (select request.user_id())
        and k.revoked_at is null;

    if not found then
        raise exception using
            errcode = 'no_data_found',
            message = format('You have no key %s.', api_key_revoke.key_id);
    end if;
end
$$;

-- Belongs to gatekeeper, who alone may see keys and sessions: a caller sees what is theirs.
grant create on schema api to gatekeeper;
alter function api.api_key_revoke(uuid) owner to gatekeeper;
revoke create on schema api from gatekeeper;

comment on function api.api_key_revoke(uuid) is $$
Revoke one of the caller's keys: from now on nobody calls with it.

HTTP DELETE /me/keys/{key_id}
@tag users
$$;

grant execute on function api.api_key_revoke(uuid) to member, staff, admin;

commit;
