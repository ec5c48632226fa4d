-- Deploy app/search_text
-- requires: app/schema

begin;

do $$
begin
    create domain app.search_text as text
        constraint search_text_length check (length(value) <= 200);
exception
    when duplicate_object then null;  -- deployed before: a domain has no "if not exists"
end
$$;

comment on domain app.search_text is 'Words to search for, as in a search engine: "in quotes", or, -not.';
comment on constraint search_text_length on domain app.search_text is
    'A search has at most 200 characters.';

commit;
