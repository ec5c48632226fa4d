-- Deploy app/body
-- requires: app/schema

begin;

do $$
begin
    create domain app.body as text
        constraint body_length check (length(value) between 1 and 50000)
        constraint body_not_blank check (value ~ '[^[:space:]]');
exception
    when duplicate_object then null;  -- deployed before: a domain has no "if not exists"
end
$$;

comment on domain app.body is 'The text of a post.';
comment on constraint body_length on domain app.body is
    'A post has 1 to 50,000 characters.';
comment on constraint body_not_blank on domain app.body is
    'A post is not blank.';

commit;
