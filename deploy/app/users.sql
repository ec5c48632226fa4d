-- Deploy app/users
-- requires: app/email app/username app/full_name app/user_role app/row_touch

begin;

create table if not exists app.users (
    id bigint generated always as identity,
    email app.email not null,
    username app.username not null,
    full_name app.full_name,
    role app.user_role not null default 'member',
    is_active boolean not null default true,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint users_pkey primary key (id)
);

create unique index if not exists users_email_unique on app.users (lower(email));
create unique index if not exists users_username_unique on app.users (lower(username));
create index if not exists users_by_state on app.users (is_active, id);

create or replace trigger touch before update on app.users
    for each row execute function app.row_touch();

comment on table app.users is 'Who has an account, and the customers that the retail import brought.';
comment on column app.users.id is 'The user''s number.';
comment on column app.users.email is 'The address the user logs in with; unique without regard to case.';
comment on column app.users.username is 'The name others know the user by; unique without regard to case.';
comment on column app.users.full_name is 'The user''s full name, if they gave it.';
comment on column app.users.role is 'What the user may do.';
comment on column app.users.is_active is 'Whether the user may log in and buy.';
comment on column app.users.created_at is 'When the user registered.';
comment on column app.users.updated_at is 'When the user was last changed.';
comment on index app.users_email_unique is 'This e-mail address is taken.';
comment on index app.users_username_unique is 'This username is taken.';

commit;
