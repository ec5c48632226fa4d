-- Deploy auth/devices
-- requires: auth/schema app/users

begin;

create table if not exists auth.devices (
    token_hash bytea not null,
    user_id bigint not null,
    used_at timestamptz not null default now(),
    constraint devices_pkey primary key (token_hash),
    constraint devices_user_id_fkey foreign key (user_id)
        references app.users (id) on delete cascade,
    constraint devices_token_hash_is_sha256 check (length(token_hash) = 32)
);

create index if not exists devices_by_user on auth.devices (user_id, used_at);

comment on table auth.devices is
    'From where a user has logged in before: guesses by others don''t lock them out there.';
comment on column auth.devices.token_hash is 'The SHA-256 of what the device was given to be known by.';
comment on column auth.devices.user_id is 'Who logged in there.';
comment on column auth.devices.used_at is 'When they last did.';
comment on constraint devices_token_hash_is_sha256 on auth.devices is 'A token is kept as its SHA-256 alone.';

commit;
