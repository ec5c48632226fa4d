-- Deploy penstock/long_calls_audit
-- requires: penstock/long_calls audit/rows_skip

begin;

call audit.rows_skip('penstock.long_calls', 'A record by itself: each row is ended once, and cleared away.');

commit;
