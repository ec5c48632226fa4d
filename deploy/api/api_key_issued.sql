-- Deploy api/api_key_issued
-- requires: api/schema app/user_role

begin;

do $$
begin
    create type api.api_key_issued as (
        id uuid,
        key text,
        name text,
        role app.user_role,
        quota integer,
        created_at timestamptz,
        expires_at timestamptz
    );
exception
    when duplicate_object then null;  -- deployed before: a type has no "if not exists"
end
$$;

comment on type api.api_key_issued is 'A key that has just been issued, with the key itself: it is shown this once.';
comment on column api.api_key_issued.id is 'The key''s number.';
comment on column api.api_key_issued.key is 'The key, to be sent as Authorization: Bearer. It is kept nowhere: who loses it needs another.';
comment on column api.api_key_issued.name is 'What it is for.';
comment on column api.api_key_issued.role is 'What it may do.';
comment on column api.api_key_issued.quota is 'How many requests a day it may make; null for any number.';
comment on column api.api_key_issued.created_at is 'When it was issued.';
comment on column api.api_key_issued.expires_at is 'Until when it is good; null for ever.';

commit;
