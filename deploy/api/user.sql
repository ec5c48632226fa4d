-- Deploy api/user
-- requires: api/schema app/email app/username app/full_name app/user_role

begin;

do $$
begin
    create type api.user as (
        id bigint,
        email app.email,
        username app.username,
        full_name app.full_name,
        role app.user_role,
        is_active boolean,
        created_at timestamptz,
        updated_at timestamptz
    );
exception
    when duplicate_object then null;  -- deployed before: a type has no "if not exists"
end
$$;

comment on type api.user is 'A user, as shown to themselves and to staff.';
comment on column api.user.id is 'The user''s number.';
comment on column api.user.email is 'The address the user logs in with.';
comment on column api.user.username is 'The name others know the user by.';
comment on column api.user.full_name is 'The user''s full name, if they gave it.';
comment on column api.user.role is 'What the user may do.';
comment on column api.user.is_active is 'Whether the user may log in and buy.';
comment on column api.user.created_at is 'When the user registered.';
comment on column api.user.updated_at is 'When the user was last changed.';

commit;
