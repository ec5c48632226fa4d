begin;

select 'cancellation'::app.reject_reason;

rollback;
