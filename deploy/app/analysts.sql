-- Deploy app/analysts
-- requires: app/country

begin;

create table if not exists app.analysts (
    login name not null,
    countries app.country[],
    constraint analysts_pkey primary key (login),
    constraint analysts_countries_some check (
        cardinality(countries) > 0 and array_position(countries, null) is null
    )
);

comment on table app.analysts is
    'Who sees what in the report views: a row for each database login of an analyst. Without one a login sees nothing.';
comment on column app.analysts.login is
    'The login role (session_user). It also needs the role reporter: grant reporter to …';
comment on column app.analysts.countries is
    'The countries whose orders the analyst sees; null for all.';
comment on constraint analysts_countries_some on app.analysts is
    'An analyst sees at least one country, or, with null, all of them.';

commit;
