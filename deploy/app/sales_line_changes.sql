-- Deploy app/sales_line_changes
-- requires: app/order_lines
-- Appended to and emptied, as app.sales_moves is.

begin;

create table if not exists app.sales_line_changes (
    order_id bigint not null,
    product_id bigint not null,
    lines integer not null,
    units integer not null,
    revenue numeric not null
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

comment on table app.sales_line_changes is
    'Order lines that came or went since the roll-ups were last brought up to date.';
comment on column app.sales_line_changes.order_id is 'The order.';
comment on column app.sales_line_changes.product_id is 'The product.';
comment on column app.sales_line_changes.lines is '1 for a line that came, -1 for one that went.';
comment on column app.sales_line_changes.units is 'The pieces it brought or took away.';
comment on column app.sales_line_changes.revenue is
    'The quantity times the unit price that it brought or took away.';

commit;
