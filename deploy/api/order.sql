-- Deploy api/order
-- requires: api/order_line app/order_status app/country

begin;

do $$
begin
    create type api.order as (
        id bigint,
        user_id bigint,
        status app.order_status,
        country app.country,
        total app.money,
        placed_at timestamptz,
        updated_at timestamptz,
        lines api.order_line[]
    );
exception
    when duplicate_object then null;  -- deployed before: a type has no "if not exists"
end
$$;

comment on type api.order is 'An order with its lines.';
comment on column api.order.id is 'The order''s number.';
comment on column api.order.user_id is 'Who ordered.';
comment on column api.order.status is 'Where the order stands.';
comment on column api.order.country is 'The country the order goes to.';
comment on column api.order.total is 'The sum of the lines'' amounts.';
comment on column api.order.placed_at is 'When the order was placed.';
comment on column api.order.updated_at is 'When the order was last changed.';
comment on column api.order.lines is 'What the order consists of.';

commit;
