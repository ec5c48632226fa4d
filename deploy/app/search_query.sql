-- Deploy app/search_query
-- requires: app/schema

begin;

create or replace function app.search_query(search text)
    returns tsquery
    immutable
    parallel safe
    language sql
as $$
    -- A minus before nothing negates nothing, but PostgreSQL keeps it for what may come, and fails
    -- at the 33rd ("tsquery stack too small").
    select websearch_to_tsquery('english', regexp_replace(search_query.search, '-(?!"?[[:alnum:]])', ' ', 'g'))
$$;

comment on function app.search_query(text) is
    'What people search for, as full-text search takes it; any text is a search, if only for nothing.';

grant execute on function app.search_query(text) to penstock_clerk;

commit;
