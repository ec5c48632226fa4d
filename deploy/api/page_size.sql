-- Deploy api/page_size

begin;

do $$
begin
    create domain api.page_size as integer
        constraint page_size_in_range check (value between 1 and 100);
exception
    when duplicate_object then null;  -- deployed before: a domain has no "if not exists"
end
$$;

comment on domain api.page_size is 'How many entries of a list to return at once.';
comment on constraint page_size_in_range on domain api.page_size is
    'A page holds between 1 and 100 entries.';

commit;
