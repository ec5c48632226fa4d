-- Deploy app/order_lines
-- requires: app/orders app/products app/quantity app/money

begin;

create table if not exists app.order_lines (
    order_id bigint not null,
    line_no integer not null,
    product_id bigint not null,
    quantity app.quantity not null,
    unit_price app.money not null,
    constraint order_lines_pkey primary key (order_id, line_no),
    constraint order_lines_order_id_fkey foreign key (order_id)
        references app.orders (id) on delete cascade,
    constraint order_lines_product_id_fkey foreign key (product_id) references app.products (id)
);

create index if not exists order_lines_by_product on app.order_lines (product_id);

comment on table app.order_lines is 'What each order consists of.';
comment on column app.order_lines.order_id is 'The order.';
comment on column app.order_lines.line_no is 'The line''s place in the order, from 1.';
comment on column app.order_lines.product_id is 'The product.';
comment on column app.order_lines.quantity is 'How many pieces.';
comment on column app.order_lines.unit_price is 'What a piece cost when it was ordered.';
comment on constraint order_lines_product_id_fkey on app.order_lines is 'This product has been ordered, so it must be kept: make it inactive instead.';

commit;
