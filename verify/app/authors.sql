begin;

do $$
begin
    assert 'penstock_clerk' = (
        select pg_catalog.pg_get_userbyid(c.relowner)
        from pg_catalog.pg_class as c
        where c.oid = 'app.authors'::regclass
    );
end
$$;

select id, username, is_active
from app.authors
where false;

rollback;
