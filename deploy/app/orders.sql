-- Deploy app/orders
-- requires: app/users app/order_status app/country app/money app/row_touch

begin;

create table if not exists app.orders (
    id bigint generated always as identity,
    user_id bigint not null,
    status app.order_status not null default 'placed',
    country app.country not null,
    total app.money not null,
    placed_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    source_invoice text,
    constraint orders_pkey primary key (id),
    constraint orders_source_invoice_unique unique (source_invoice),
    constraint orders_user_id_fkey foreign key (user_id) references app.users (id)
);

-- One index for each list: a customer's, everybody's, everybody's of one status.
create index if not exists orders_by_user on app.orders (user_id, placed_at desc, id desc);
create index if not exists orders_by_age on app.orders (placed_at desc, id desc);
create index if not exists orders_by_status on app.orders (status, placed_at desc, id desc);

create or replace trigger touch before update on app.orders
    for each row execute function app.row_touch();

comment on table app.orders is 'What customers ordered. Lines never change once they are in, so the total is kept here.';
comment on column app.orders.id is 'The order''s number.';
comment on column app.orders.user_id is 'Who ordered.';
comment on column app.orders.status is 'Where the order stands.';
comment on column app.orders.country is 'The country the order goes to.';
comment on column app.orders.total is 'The sum of quantity times unit price over the order''s lines.';
comment on column app.orders.placed_at is 'When the order was placed.';
comment on column app.orders.updated_at is 'When the order was last changed.';
comment on column app.orders.source_invoice is 'The invoice number of an imported order, which is history and never moves stock; null for the shop''s own.';
comment on constraint orders_user_id_fkey on app.orders is 'This user has orders, which must be kept: deactivate the user instead.';
comment on constraint orders_source_invoice_unique on app.orders is 'This invoice has been imported before.';

commit;
