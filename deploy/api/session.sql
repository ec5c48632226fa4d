-- Deploy api/session
-- requires: api/schema

begin;

do $$
begin
    create type api.session as (
        id uuid,
        agent text,
        created_at timestamptz,
        refreshed_at timestamptz,
        expires_at timestamptz,
        is_current boolean
    );
exception
    when duplicate_object then null;  -- deployed before: a type has no "if not exists"
end
$$;

comment on type api.session is 'A session of the caller.';
comment on column api.session.id is 'The session''s number.';
comment on column api.session.agent is 'With what the caller logged in, as it called itself.';
comment on column api.session.created_at is 'When the caller logged in.';
comment on column api.session.refreshed_at is 'When its last token was handed out.';
comment on column api.session.expires_at is 'When it ends, unless it is refreshed before.';
comment on column api.session.is_current is 'Whether it is the one of this request.';

commit;
