-- Deploy auth/login_find
-- requires: auth/credentials_policy app/users_policy

begin;

create or replace function auth.login_find(email text)
    returns table (user_id bigint, role text, password_hash text, is_active boolean)
    stable
    rows 1
    language sql
as $$
    select u.id, u.role::text, c.password_hash::text, u.is_active
    from app.users as u
    join auth.credentials as c on c.user_id = u.id
    where lower(u.email) = lower(login_find.email)
$$;

comment on function auth.login_find(text) is $$
Who logs in with an e-mail address, and the hash to compare the password with.
No row when nobody has the address, or who has it can't log in (an imported customer).
$$;

grant execute on function auth.login_find(text) to gatekeeper;

commit;
