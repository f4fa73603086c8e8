-- The store on PostgreSQL: one log per tenant, its documents, and what hangs on both.
-- Times are microseconds since 1970 in UTC; text is ordered byte by byte (collate "C").

-- Two roles without login. Policies are per role, so a reader gains nothing by setting what an
-- appender may set. Roles belong to the whole cluster: another database may create them meanwhile.
do $$
declare
    role_name text;
begin
    if current_setting('server_encoding') <> 'UTF8' then
        raise exception 'the database must have the encoding UTF8, not %',
            current_setting('server_encoding');
    end if;
    foreach role_name in array array['annals_reader', 'annals_appender'] loop
        if not exists (select from pg_catalog.pg_roles where rolname = role_name) then
            begin
                execute format('create role %I nologin', role_name);
            exception
                when duplicate_object or unique_violation then null;
                when insufficient_privilege then
                    raise exception 'role % is missing and % may not create it', role_name,
                        current_user
                    using hint = format('As an administrator: create role %I nologin; '
                        'grant %I to %I;', role_name, role_name, current_user);
            end;
        end if;
        if not pg_has_role(current_user, role_name,
            case when current_setting('server_version_num')::int >= 160000
                then 'SET' else 'MEMBER' end)
        then
            begin
                execute format('grant %I to %I', role_name, current_user);
            exception
                when unique_violation then null;
                when insufficient_privilege then
                    raise exception '% may not act as role %', current_user, role_name
                    using hint = format('As an administrator: grant %I to %I;', role_name,
                        current_user);
            end;
        end if;
        if not has_schema_privilege(role_name, current_schema(), 'usage') then
            execute format('grant usage on schema %I to %I', current_schema(), role_name);
        end if;
    end loop;
end
$$;

create table log_head (
    tenant text collate "C" primary key,
    log text not null,
    position bigint not null,
    at bigint not null,
    simulated boolean not null,
    frontier bytea not null,
    wrapped_key bytea not null
) with (fillfactor = 40, autovacuum_vacuum_scale_factor = 0.1);

create table event (
    tenant text collate "C" not null,
    position bigint not null,
    stream text collate "C" not null,
    kind text collate "C" not null,
    version bigint not null,
    name text collate "C" not null,
    at bigint not null,
    effective bigint,
    leaf bytea not null,
    header bytea not null,
    payload bytea not null,
    primary key (tenant, position),
    unique (tenant, stream, version)
);
create index event_time on event (tenant, at, position);

create table document (
    tenant text collate "C" not null,
    id text collate "C" not null,
    kind text collate "C" not null,
    version bigint not null,
    from_position bigint not null,
    at bigint not null,
    created_at bigint not null,
    shape bigint not null,
    dated boolean not null,
    n0 bigint,
    n1 bigint,
    n2 bigint,
    t0 text collate "C",
    t1 text collate "C",
    t2 text collate "C",
    search text collate "C" not null,
    body text not null
) with (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.05);
create index document_id on document (tenant, kind, id);
create index document_t0 on document (tenant, kind, t0);
create index document_n0 on document (tenant, kind, n0);
create index document_n1 on document (tenant, kind, n1);
-- Last: plans are made once per connection, perhaps while the tables are empty and all indexes seem
-- to cost the same; the planner then takes the newest, and that must be the key.
alter table document add primary key (tenant, id);

-- Versions that ended. `node` is the interval's node in the relational interval tree
-- (interval_node in engine.rs).
create table document_history (
    tenant text collate "C" not null,
    id text collate "C" not null,
    kind text collate "C" not null,
    version bigint not null,
    from_position bigint not null,
    to_position bigint not null,
    node bigint not null,
    at bigint not null,
    created_at bigint not null,
    shape bigint not null,
    dated boolean not null,
    n0 bigint,
    n1 bigint,
    n2 bigint,
    t0 text collate "C",
    t1 text collate "C",
    t2 text collate "C",
    search text collate "C" not null,
    body text not null
);
create index document_history_node
    on document_history (tenant, kind, node, to_position, from_position);
alter table document_history add primary key (tenant, id, from_position);

create table answer (
    tenant text collate "C" not null,
    key text collate "C" not null,
    fingerprint bytea not null,
    answer bytea not null,
    at bigint not null,
    primary key (tenant, key)
);

create table blob (
    tenant text collate "C" not null,
    hash text collate "C" not null,
    subject text collate "C" not null,
    bytes bytea not null,
    primary key (tenant, hash)
);

create table subject_key (
    tenant text collate "C" not null,
    subject text collate "C" not null,
    wrapped bytea not null,
    primary key (tenant, subject)
);

create table checkpoint (
    subscriber text collate "C" not null,
    tenant text collate "C" not null,
    position bigint not null,
    primary key (subscriber, tenant)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.1);

-- Streams whose event could not be handled; without retry_at an operator resumes them.
create table parked (
    subscriber text collate "C" not null,
    tenant text collate "C" not null,
    stream text collate "C" not null,
    position bigint not null,
    error text not null,
    attempts bigint not null,
    retry_at bigint,
    primary key (subscriber, tenant, stream)
);
create index parked_retry on parked (subscriber, retry_at);

-- Nobody changes the log, whatever rights he has.
create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '% on % is refused: the log is append-only', tg_op, tg_table_name
        using errcode = 'restrict_violation';
end
$$;
create trigger event_is_final before update or delete or truncate on event
    for each statement execute function refuse_change();
alter table event enable always trigger event_is_final;
create trigger log_head_stays before delete or truncate on log_head
    for each statement execute function refuse_change();
alter table log_head enable always trigger log_head_stays;

grant select on event, document, document_history, answer, blob, subject_key, log_head
    to annals_reader;
grant select, insert on event to annals_appender;
grant select, insert, update on log_head to annals_appender;
grant select, insert, update, delete
    on document, document_history, answer, blob, subject_key, checkpoint, parked
    to annals_appender;

-- A reader sees the one tenant that its connection is set to; the appender's transaction sees the
-- tenants that it was begun for. The sub-selects make the setting be read once per statement.
do $$
declare
    place text;
begin
    foreach place in array array['event', 'document', 'document_history', 'answer', 'blob',
        'subject_key', 'log_head']
    loop
        execute format('alter table %I enable row level security', place);
        execute format('alter table %I force row level security', place);
        execute format($policy$create policy reader on %I for select to annals_reader
            using (tenant = (select nullif(current_setting('annals.tenant', true), '')))$policy$,
            place);
        execute format($policy$create policy appender on %I for all to annals_appender
            using (tenant = any((select string_to_array(
                nullif(current_setting('annals.tenants', true), ''), ','))::text[]))$policy$,
            place);
    end loop;
end
$$;
-- Whoever looks for work must see how far every log has come.
create policy discovery on log_head for select to annals_appender using (true);
