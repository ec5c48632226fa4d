-- Deploy auth/sessions
-- requires: auth/schema app/users app/user_role

begin;

create table if not exists auth.sessions (
    id uuid not null default gen_random_uuid(),
    user_id bigint not null,
    role app.user_role not null,
    agent text,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null default now() + interval '90 days',
    ended_at timestamptz,
    constraint sessions_pkey primary key (id),
    constraint sessions_user_id_fkey foreign key (user_id)
        references app.users (id) on delete cascade,
    constraint sessions_agent_length check (length(agent) <= 200)
);

create index if not exists sessions_by_user on auth.sessions (user_id);

comment on table auth.sessions is
    'What a login begins: the tokens that name a session are good for as long as it has not ended.';
comment on column auth.sessions.id is 'The session''s number, in its tokens as sid.';
comment on column auth.sessions.user_id is 'Who logged in.';
comment on column auth.sessions.role is 'What the user was when they logged in, and what the tokens say.';
comment on column auth.sessions.agent is 'With what the user logged in, as it called itself.';
comment on constraint sessions_agent_length on auth.sessions is 'An agent''s name has at most 200 characters.';
comment on column auth.sessions.created_at is 'When the user logged in.';
comment on column auth.sessions.expires_at is 'When the user must log in again, however often the session was refreshed.';
comment on column auth.sessions.ended_at is 'When it ended: null as long as its tokens are good.';

commit;
