-- Deploy api/api_key_issue
-- requires: api/api_key_issued auth/api_keys_policy app/users_policy

begin;

create or replace function api.api_key_issue(
    name text,
    role app.user_role default 'member',
    quota integer default null,
    expires_at timestamptz default null
)
    returns api.api_key_issued
    volatile
    security definer
    set search_path = ''
    language plpgsql
as $$
declare
    -- 244 random bits: nothing that is guessed, so a plain SHA-256 keeps it safe.
    v_key constant text := 'psk_' || replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '');
    v_issued api.api_key_issued;
begin
    if request.claims() ? 'key' then
        raise exception using
            errcode = 'PT403',
            constraint = 'api_keys_of_keys',
            message = 'A key can''t issue keys: log in.';
    end if;

    if api_key_issue.role > (select u.role from app.users as u where u.id = request.user_id()) then
        raise exception using
            errcode = 'PT403',
            constraint = 'api_keys_role',
            message = 'A key may do no more than its user.';
    end if;

    insert into auth.api_keys as k (user_id, name, role, key_hash, quota, expires_at)
    values (
        request.user_id(), api_key_issue.name, api_key_issue.role,
        sha256(convert_to(v_key, 'UTF8')), api_key_issue.quota, api_key_issue.expires_at
    )
    returning k.id, v_key, k.name, k.role, k.quota, k.created_at, k.expires_at
    into v_issued;

    return v_issued;
end
$$;

-- Belongs to gatekeeper, who alone may see keys and sessions: a caller sees what is theirs.
grant create on schema api to gatekeeper;
alter function api.api_key_issue(text, app.user_role, integer, timestamptz) owner to gatekeeper;
revoke create on schema api from gatekeeper;

comment on function api.api_key_issue(text, app.user_role, integer, timestamptz) is $$
Issue a key by which a service calls for the caller, as no more than they are.
The answer has the key itself, this once: it is kept nowhere.

HTTP POST /me/keys
@status 201
@tag users
$$;

grant execute on function api.api_key_issue(text, app.user_role, integer, timestamptz) to member, staff, admin;

commit;
