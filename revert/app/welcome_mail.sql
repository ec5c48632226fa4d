begin;

drop function app.welcome_mail(app.email, app.username);

commit;
