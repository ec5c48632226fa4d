-- Deploy app/product_labels
-- requires: app/products_policy

-- No security barrier: it hides columns, not rows, and a barrier would keep joins from the index.

begin;

create or replace view app.product_labels as
select p.id, p.sku, p.name
from app.products as p;

comment on view app.product_labels is
    'What a product is called, so that an order can name it when it is no longer for sale.';
comment on column app.product_labels.id is 'The product''s number.';
comment on column app.product_labels.sku is 'The code by which the trade knows the product.';
comment on column app.product_labels.name is 'What the product is called.';

-- Reads as the clerk, who sees products that the public no longer sees.
grant create on schema app to penstock_clerk;
alter view app.product_labels owner to penstock_clerk;
revoke create on schema app from penstock_clerk;

grant select on app.product_labels to member, staff, admin;

commit;
