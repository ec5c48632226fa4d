-- Deploy auth/credentials
-- requires: auth/schema api/password app/users

begin;

create table if not exists auth.credentials (
    user_id bigint not null,
    password_hash api.password not null,
    changed_at timestamptz not null default now(),
    constraint credentials_pkey primary key (user_id),
    constraint credentials_user_id_fkey foreign key (user_id)
        references app.users (id) on delete cascade
);

comment on table auth.credentials is 'How users prove who they are; a user without a row here can''t log in.';
comment on column auth.credentials.user_id is 'Whose credentials these are.';
comment on column auth.credentials.password_hash is 'The hash of the user''s password.';
comment on column auth.credentials.changed_at is 'When the user chose the password.';

commit;
