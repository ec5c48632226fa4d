-- Deploy app/order_status
-- requires: app/schema

begin;

do $$
begin
    create type app.order_status as enum ('placed', 'paid', 'shipped', 'delivered', 'cancelled');
exception
    when duplicate_object then null;  -- deployed before: a type has no "if not exists"
end
$$;

comment on type app.order_status is
    'Where an order stands, on its way from placed to delivered, or cancelled.';

commit;
