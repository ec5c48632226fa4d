begin;

drop table penstock.webhooks;

commit;
