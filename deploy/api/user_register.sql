-- Deploy api/user_register
-- requires: api/user api/password app/users_policy auth/credentials_policy app/welcome_mail penstock/emit

begin;

create or replace function api.user_register(
    email app.email,
    username app.username,
    password api.password,
    full_name app.full_name default null
)
    returns api.user
    volatile
    security definer
    set search_path = ''
    language plpgsql
as $$
declare
    v_user api.user;
begin
    insert into app.users as u (email, username, full_name)
    values (user_register.email, user_register.username, user_register.full_name)
    returning u.id, u.email, u.username, u.full_name, u.role, u.is_active, u.created_at, u.updated_at
    into v_user;

    insert into auth.credentials (user_id, password_hash)
    values (v_user.id, user_register.password);

    perform penstock.emit('mail', app.welcome_mail(v_user.email, v_user.username));

    return v_user;
end
$$;

-- Belongs to gatekeeper, who alone may write credentials; anybody may register.
grant create on schema api to gatekeeper;
alter function api.user_register(app.email, app.username, api.password, app.full_name) owner to gatekeeper;
revoke create on schema api from gatekeeper;

comment on function api.user_register(app.email, app.username, api.password, app.full_name) is $$
Register: a new account, as a member.
The e-mail address and the username are each unique without regard to case.

HTTP POST /users
@status 201
@location /users/{id}
@tag users
@rate 30/min per=ip
@error 409 The e-mail address or the username is taken.
$$;

grant execute on function api.user_register(app.email, app.username, api.password, app.full_name)
    to anon, member, staff, admin;

commit;
