-- Deploy api/event
-- requires: api/schema

begin;

do $$
begin
    create type api.event as (
        id text,
        event text,
        data jsonb
    );
exception
    when duplicate_object then null;  -- deployed before: a type has no "if not exists"
end
$$;

comment on type api.event is 'An event of a stream.';
comment on column api.event.id is 'Its place, from which the stream is taken up again.';
comment on column api.event.event is 'Its topic.';
comment on column api.event.data is 'What there is to say of it.';

commit;
