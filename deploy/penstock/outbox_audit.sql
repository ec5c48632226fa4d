-- Deploy penstock/outbox_audit
-- requires: penstock/events penstock/webhooks penstock/deliveries penstock/jobs audit/rows_record audit/rows_skip

begin;

call audit.rows_record('penstock.webhooks', secret => '{secret}');
call audit.rows_record('penstock.jobs', ignored => '{due_at,last_run_at,last_seconds,last_error}');
call audit.rows_skip('penstock.events', 'A record by itself: its rows are written once, and cleared away.');
call audit.rows_skip('penstock.deliveries', 'Follows from events and subscriptions; it says by itself what came of each.');

commit;
