-- Deploy app/sales_fold_at_commit
-- requires: app/sales_fold
-- At commit, because in the middle of a statement some of what it did is not noted yet: of orders
-- that are deleted the lines are gone before their trigger is called.

begin;

create or replace function app.sales_fold_at_commit()
    returns trigger
    security definer
    set search_path = ''
    language plpgsql
as $$
begin
    -- Within another trigger if somebody has set all constraints immediate: see above.
    if pg_catalog.pg_trigger_depth() > 1
        or pg_catalog.current_setting('app.sales_are_folded', true) = 'yes'
    then
        return null;
    end if;

    perform app.sales_fold();
    perform pg_catalog.set_config('app.sales_are_folded', 'yes', true);

    return null;
end
$$;

comment on function app.sales_fold_at_commit() is
    'Trigger: one note in 160 has its transaction fold at commit, once. So 27 orders are pending on average.';

-- Belongs to the clerk, who keeps the roll-ups, whoever writes orders.
grant create on schema app to penstock_clerk;
alter function app.sales_fold_at_commit() owner to penstock_clerk;
revoke create on schema app from penstock_clerk;

drop trigger if exists sales_moves_fold on app.sales_moves;
create constraint trigger sales_moves_fold after insert on app.sales_moves
    deferrable initially deferred
    for each row
    when (random() * 160 < 1)
    execute function app.sales_fold_at_commit();

drop trigger if exists sales_line_changes_fold on app.sales_line_changes;
create constraint trigger sales_line_changes_fold after insert on app.sales_line_changes
    deferrable initially deferred
    for each row
    when (random() * 160 < 1)
    execute function app.sales_fold_at_commit();

commit;
