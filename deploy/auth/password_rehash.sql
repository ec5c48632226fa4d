-- Deploy auth/password_rehash
-- requires: auth/credentials_policy auth/caller_is

begin;

create or replace function auth.password_rehash(user_id bigint, password_hash api.password)
    returns void
    volatile
    language sql
as $$
    select auth.caller_is(password_rehash.user_id, null);

    -- The same password under a better hash: changed_at stays.
    update auth.credentials as c
    set password_hash = password_rehash.password_hash
    where c.user_id = password_rehash.user_id
$$;

comment on function auth.password_rehash(bigint, api.password) is
    'Stores a better hash of the password that a user has just logged in with.';

grant execute on function auth.password_rehash(bigint, api.password) to gatekeeper;

commit;
