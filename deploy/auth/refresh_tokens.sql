-- Deploy auth/refresh_tokens
-- requires: auth/sessions

begin;

create table if not exists auth.refresh_tokens (
    token_hash bytea not null,
    session_id uuid not null,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null default now() + interval '14 days',
    used_at timestamptz,
    constraint refresh_tokens_pkey primary key (token_hash),
    constraint refresh_tokens_session_id_fkey foreign key (session_id)
        references auth.sessions (id) on delete cascade,
    constraint refresh_tokens_token_hash_is_sha256 check (length(token_hash) = 32)
);

-- A session has one token that is good: two would be two lineages.
create unique index if not exists refresh_tokens_one_unused on auth.refresh_tokens (session_id)
    where used_at is null;
create index if not exists refresh_tokens_by_session on auth.refresh_tokens (session_id, created_at);

comment on table auth.refresh_tokens is
    'What keeps a session going: each token is good once, for the next one. All of a session are kept, so that one used twice is known.';
comment on column auth.refresh_tokens.token_hash is 'The SHA-256 of the token, which itself is kept nowhere.';
comment on column auth.refresh_tokens.session_id is 'The session that it keeps going.';
comment on column auth.refresh_tokens.created_at is 'When it was handed out.';
comment on column auth.refresh_tokens.expires_at is 'Until when it is good.';
comment on column auth.refresh_tokens.used_at is 'When it was changed for the next one.';
comment on constraint refresh_tokens_token_hash_is_sha256 on auth.refresh_tokens is 'A token is kept as its SHA-256 alone.';
comment on index auth.refresh_tokens_one_unused is 'A session has one refresh token at a time.';

commit;
