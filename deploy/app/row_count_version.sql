-- Deploy app/row_count_version
-- requires: app/schema

begin;

create or replace function app.row_count_version()
    returns trigger
    language plpgsql
as $$
begin
    new.version := old.version + 1;

    return new;
end
$$;

comment on function app.row_count_version() is
    'Trigger: counts the versions of a row, whoever writes it and whatever number they write.';

commit;
