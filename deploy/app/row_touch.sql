-- Deploy app/row_touch
-- requires: app/schema

begin;

create or replace function app.row_touch()
    returns trigger
    language plpgsql
as $$
begin
    new.updated_at := now();

    return new;
end
$$;

comment on function app.row_touch() is 'Trigger: keeps updated_at, whoever writes the row.';

commit;
