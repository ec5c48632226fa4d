begin;

select 'ada.lovelace'::app.username;

rollback;
