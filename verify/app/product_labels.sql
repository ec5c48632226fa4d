begin;

do $$
begin
    assert 'penstock_clerk' = (
        select pg_catalog.pg_get_userbyid(c.relowner)
        from pg_catalog.pg_class as c
        where c.oid = 'app.product_labels'::regclass
    );
end
$$;

select id, sku, name
from app.product_labels
where false;

rollback;
