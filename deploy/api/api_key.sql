-- Deploy api/api_key
-- requires: api/schema app/user_role

begin;

do $$
begin
    create type api.api_key as (
        id uuid,
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

comment on type api.api_key is 'A key by which a service calls for the caller.';
comment on column api.api_key.id is 'The key''s number.';
comment on column api.api_key.name is 'What it is for.';
comment on column api.api_key.role is 'What it may do.';
comment on column api.api_key.quota is 'How many requests a day it may make; null for any number.';
comment on column api.api_key.created_at is 'When it was issued.';
comment on column api.api_key.expires_at is 'Until when it is good; null for ever.';

commit;
