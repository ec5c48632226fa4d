-- Deploy auth/api_keys
-- requires: auth/schema app/users app/user_role

begin;

create table if not exists auth.api_keys (
    id uuid not null default gen_random_uuid(),
    user_id bigint not null,
    name text not null,
    role app.user_role not null,
    key_hash bytea not null,
    quota integer,
    created_at timestamptz not null default now(),
    expires_at timestamptz,
    revoked_at timestamptz,
    constraint api_keys_pkey primary key (id),
    constraint api_keys_user_id_fkey foreign key (user_id)
        references app.users (id) on delete cascade,
    constraint api_keys_name_length check (length(name) between 1 and 100),
    constraint api_keys_quota_positive check (quota > 0),
    constraint api_keys_key_hash_is_sha256 check (length(key_hash) = 32)
);

create unique index if not exists api_keys_key_hash_unique on auth.api_keys (key_hash);
create index if not exists api_keys_by_user on auth.api_keys (user_id, created_at);

comment on table auth.api_keys is
    'Keys by which a service calls for a user, as long as they are not revoked.';
comment on column auth.api_keys.id is 'The key''s number, in its claims as key.';
comment on column auth.api_keys.user_id is 'For whom it calls.';
comment on column auth.api_keys.name is 'What it is for.';
comment on column auth.api_keys.role is 'What it may do: never more than its user.';
comment on column auth.api_keys.key_hash is 'The SHA-256 of the key, which itself is kept nowhere.';
comment on column auth.api_keys.quota is 'How many requests a day it may make; null for any number.';
comment on column auth.api_keys.created_at is 'When it was issued.';
comment on column auth.api_keys.expires_at is 'Until when it is good; null for ever.';
comment on column auth.api_keys.revoked_at is 'When it was called back.';
comment on constraint api_keys_name_length on auth.api_keys is 'A key''s name has 1 to 100 characters.';
comment on constraint api_keys_quota_positive on auth.api_keys is 'A quota is a number of requests above 0.';
comment on constraint api_keys_key_hash_is_sha256 on auth.api_keys is 'A key is kept as its SHA-256 alone.';
comment on index auth.api_keys_key_hash_unique is 'There is already such a key.';

commit;
