-- Deploy app/title
-- requires: app/schema

begin;

do $$
begin
    create domain app.title as text
        constraint title_length check (length(value) between 1 and 200)
        constraint title_not_blank check (value ~ '[^[:space:]]');
exception
    when duplicate_object then null;  -- deployed before: a domain has no "if not exists"
end
$$;

comment on domain app.title is 'The title of a post.';
comment on constraint title_length on domain app.title is
    'A title has 1 to 200 characters.';
comment on constraint title_not_blank on domain app.title is
    'A title is not blank.';

commit;
