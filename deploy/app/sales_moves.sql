-- Deploy app/sales_moves
-- requires: app/orders
-- Nothing but appended to and, by app.sales_fold, emptied: orders that are placed at once never
-- wait for each other here, and there is no index to keep.

begin;

create table if not exists app.sales_moves (
    id bigint generated always as identity,
    order_id bigint not null,
    user_id bigint not null,
    side integer not null,
    day date,
    country app.country not null
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

comment on table app.sales_moves is
    'Orders that came, changed or went since the roll-ups were last brought up to date. One that changed went and came anew.';
comment on column app.sales_moves.id is
    'Counts up. Of two moves of one order the earlier has the lower one: its row was locked.';
comment on column app.sales_moves.order_id is 'The order, which may be gone by now.';
comment on column app.sales_moves.user_id is 'Whose order it is, or was.';
comment on column app.sales_moves.side is '1 for an order that came, -1 for one that went.';
comment on column app.sales_moves.day is
    'The day on which it counts, or counted; null if it counts nowhere, being cancelled.';
comment on column app.sales_moves.country is 'The country it counts for, or counted for.';

commit;
