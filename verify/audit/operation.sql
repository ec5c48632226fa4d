begin;

select 'prune'::audit.operation;

rollback;
