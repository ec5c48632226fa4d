-- Deploy app/sales_moves
-- requires: app/orders
-- Nothing but appended to and, by app.sales_fold, emptied: orders that are placed at once never
-- wait for each other here, and there is no index to keep.

begin;

create table if not exists app.sales_moves (
    id bigint generated always as identity,
    order_id bigint not null,
    user_id bigint not null,
    day date,
    country app.country not null
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

comment on table app.sales_moves is
    'Orders that came, changed or went since the roll-ups were last brought up to date, and where each stood before.';
comment on column app.sales_moves.id is
    'Counts up. Of two moves of one order the earlier has the lower one: its row was locked.';
comment on column app.sales_moves.order_id is 'The order, which may be gone by now.';
comment on column app.sales_moves.user_id is 'The customer who had it before, or has it now.';
comment on column app.sales_moves.day is
    'The day on which the order counted before the move; null if it counted nowhere.';
comment on column app.sales_moves.country is 'The country it counted for.';

commit;
