-- The store on SQLite: the same tables as on PostgreSQL (migrations/postgres), in one file.
-- Times are microseconds since 1970 in UTC; text is ordered byte by byte (BINARY).

create table log_head (
    tenant text not null primary key,
    log text not null,
    position integer not null,
    at integer not null,
    simulated integer not null,
    frontier blob not null,
    wrapped_key blob not null
) strict;

create table event (
    tenant text not null,
    position integer not null,
    stream text not null,
    kind text not null,
    version integer not null,
    name text not null,
    at integer not null,
    effective integer,
    leaf blob not null,
    header blob not null,
    payload blob not null,
    primary key (tenant, position),
    unique (tenant, stream, version)
) strict;
create index event_time on event (tenant, at, position);

create table document (
    tenant text not null,
    id text not null,
    kind text not null,
    version integer not null,
    from_position integer not null,
    at integer not null,
    created_at integer not null,
    shape integer not null,
    dated integer not null,
    n0 integer,
    n1 integer,
    n2 integer,
    t0 text,
    t1 text,
    t2 text,
    search text not null,
    body text not null,
    primary key (tenant, id)
) strict;
create index document_id on document (tenant, kind, id);
create index document_t0 on document (tenant, kind, t0);
create index document_n0 on document (tenant, kind, n0);
create index document_n1 on document (tenant, kind, n1);

-- Versions that ended. `node` is the interval's node in the relational interval tree
-- (interval_node in engine.rs).
create table document_history (
    tenant text not null,
    id text not null,
    kind text not null,
    version integer not null,
    from_position integer not null,
    to_position integer not null,
    node integer not null,
    at integer not null,
    created_at integer not null,
    shape integer not null,
    dated integer not null,
    n0 integer,
    n1 integer,
    n2 integer,
    t0 text,
    t1 text,
    t2 text,
    search text not null,
    body text not null,
    primary key (tenant, id, from_position)
) strict;
create index document_history_node
    on document_history (tenant, kind, node, to_position, from_position);

create table answer (
    tenant text not null,
    key text not null,
    fingerprint blob not null,
    answer blob not null,
    at integer not null,
    primary key (tenant, key)
) strict;

create table blob (
    tenant text not null,
    hash text not null,
    subject text not null,
    bytes blob not null,
    primary key (tenant, hash)
) strict;

create table subject_key (
    tenant text not null,
    subject text not null,
    wrapped blob not null,
    primary key (tenant, subject)
) strict, without rowid;

create table checkpoint (
    subscriber text not null,
    tenant text not null,
    position integer not null,
    primary key (subscriber, tenant)
) strict, without rowid;

-- Streams whose event could not be handled; without retry_at an operator resumes them.
create table parked (
    subscriber text not null,
    tenant text not null,
    stream text not null,
    position integer not null,
    error text not null,
    attempts integer not null,
    retry_at integer,
    primary key (subscriber, tenant, stream)
) strict, without rowid;
create index parked_retry on parked (subscriber, retry_at);

-- Nobody changes the log. `insert or replace` would delete silently; the insert trigger refuses
-- a position or version that is taken before the conflict clause is looked at.
create trigger event_is_not_updated before update on event
begin
    select raise(abort, 'UPDATE on event is refused: the log is append-only');
end;
create trigger event_is_not_deleted before delete on event
begin
    select raise(abort, 'DELETE on event is refused: the log is append-only');
end;
create trigger event_is_not_replaced before insert on event
when exists (select 1 from event where tenant = new.tenant and position = new.position)
    or exists (select 1 from event
        where tenant = new.tenant and stream = new.stream and version = new.version)
begin
    select raise(abort, 'UNIQUE constraint failed: event is append-only');
end;
create trigger log_head_stays before delete on log_head
begin
    select raise(abort, 'DELETE on log_head is refused: the log is append-only');
end;
