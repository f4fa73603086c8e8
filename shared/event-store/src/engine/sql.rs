//! Statements that are the same on both engines, and the column lists of the others.

/// Columns of `row::event`.
macro_rules! event {
    () => {
        "tenant, position, stream, kind, version, name, at, effective, header, payload, leaf"
    };
}
/// Columns of `row::document` in the current table.
macro_rules! current {
    () => {
        "id, kind, version, from_position, cast(null as bigint) as to_position, at, created_at, \
         shape, dated, t0, t1, t2, n0, n1, n2, search, body, due_at, due_simulated, held"
    };
}
/// Columns of `row::document` in the history.
macro_rules! ended {
    () => {
        "id, kind, version, from_position, to_position, at, created_at, \
         shape, dated, t0, t1, t2, n0, n1, n2, search, body, \
         cast(null as bigint) as due_at, cast(null as bigint) as due_simulated, held"
    };
}
/// Columns of `row::due`, with the name of the time's column, of objects in a scope that are not
/// parked at the version that waits.
macro_rules! due {
    ($column:literal, $scope:literal) => {
        concat!(
            "select d.tenant, d.id, d.version, d.from_position, d.",
            $column,
            " from document as d where d.",
            $column,
            " <= $1 and ",
            $scope,
            " and not exists (select 1 from parked as p where p.subscriber = 'deadlines' \
             and p.tenant = d.tenant and p.stream = d.id and p.position >= d.from_position \
             and (p.retry_at is null or p.retry_at > $1)) \
             order by d.",
            $column,
            ", d.tenant, d.id limit $3"
        )
    };
}
pub(super) use {current, due, ended};

/// What waits in one log. Its own part of the index is short enough to be walked.
pub(super) const DUE_OF_REAL: &str = due!("due_at", "d.tenant = $2");
pub(super) const DUE_OF_SIMULATED: &str = due!("due_simulated", "d.tenant = $2");

pub(super) const NEXT_DUE: &str =
    "select due_at from document where due_at > $1 order by due_at limit 1";

/// The newest version of an object that could not be handled stands for all before it.
pub(super) const PARK_DUE: &str = "insert into parked \
     (subscriber, tenant, stream, position, error, attempts, retry_at) \
     values ('deadlines', $1, $2, $3, $4, 1, $5) on conflict (subscriber, tenant, stream) \
     do update set position = excluded.position, error = excluded.error, \
     attempts = parked.attempts + 1, retry_at = excluded.retry_at";

/// Opens a log; no row when it is open. This is no event, so the clause may be used.
pub(super) const OPEN_LOG: &str = "insert into log_head \
     (tenant, log, position, at, simulated, frontier, wrapped_key) \
     values ($1, $2, $3, $4, $5, $6, $7) on conflict (tenant) do nothing";

pub(super) const HEAD: &str =
    "select tenant, log, position, at, simulated, frontier from log_head where tenant = $1";

pub(super) const TENANTS: &str = "select tenant from log_head order by tenant";

pub(super) const TENANT_KEY: &str = "select wrapped_key from log_head where tenant = $1";

/// A key that is there stays: what was sealed under it must open.
pub(super) const PUT_KEY: &str = "insert into subject_key (tenant, subject, wrapped) \
     values ($1, $2, $3) on conflict (tenant, subject) do nothing";

pub(super) const DROP_KEY: &str = "delete from subject_key where tenant = $1 and subject = $2";

pub(super) const DERIVED: &str =
    "select position, bytes from derived where tenant = $1 and name = $2";

pub(super) const PUT_DERIVED: &str = "insert into derived (tenant, name, position, bytes) \
     values ($1, $2, $3, $4) on conflict (tenant, name) \
     do update set position = excluded.position, bytes = excluded.bytes";

/// Documents that are derived again may differ from those that it was made of.
pub(super) const FORGET_DERIVED: &str = "delete from derived where tenant = $1";

pub(super) const ANSWER: &str =
    "select key, fingerprint, answer, at from answer where tenant = $1 and key = $2";

/// Times rise with positions, so the last one in time is the last one in number.
pub(super) const POSITION_AT: &str = "select position from event \
     where tenant = $1 and at <= $2 order by at desc, position desc limit 1";

pub(super) const EVENTS: &str = concat!(
    "select ",
    event!(),
    " from event where tenant = $1 and position > $2 and position <= $3 \
     order by position limit $4"
);

pub(super) const STREAM: &str = concat!(
    "select ",
    event!(),
    " from event where tenant = $1 and stream = $2 and version > $3 and position <= $4 \
     order by version limit $5"
);

/// The bound on the id alone is what the indexes begin at.
pub(super) const VERSIONS: &str = concat!(
    "select * from (select * from (select ",
    current!(),
    " from document where tenant = $1 and id >= $2 and (id, from_position) > ($2, $3) \
     order by id, from_position limit $4) as now union all select * from (select ",
    ended!(),
    " from document_history where tenant = $1 and id >= $2 and (id, from_position) > ($2, $3) \
     order by id, from_position limit $4) as past) as version \
     order by id, from_position limit $4"
);

/// Columns of `row::parked`.
macro_rules! parked {
    () => {
        "subscriber, tenant, stream, position, error, attempts, retry_at"
    };
}

pub(super) const PARKED: &str = concat!(
    "select ",
    parked!(),
    " from parked where subscriber = $1 and tenant = $2 order by stream"
);

/// What the scheduler parked and has changed since waits no longer.
pub(super) const ALL_PARKED: &str = concat!(
    "select ",
    parked!(),
    " from parked as p where $1 in ('', subscriber) and (subscriber <> 'deadlines' or exists ( \
     select 1 from document as d where d.tenant = p.tenant and d.id = p.stream \
     and d.from_position <= p.position and (d.due_at is not null or d.due_simulated is not null))) \
     order by subscriber, tenant, stream"
);

pub(super) const PARK: &str = concat!(
    "insert into parked (",
    parked!(),
    ") values ($1, $2, $3, $4, $5, $6, $7) \
     on conflict (subscriber, tenant, stream) do update set position = excluded.position, \
     error = excluded.error, attempts = excluded.attempts, retry_at = excluded.retry_at"
);

pub(super) const UNPARK: &str =
    "delete from parked where subscriber = $1 and tenant = $2 and stream = $3";

pub(super) const RESUME: &str = "update parked set attempts = 0, retry_at = 0 \
     where subscriber = $1 and tenant = $2 and stream = $3 and coalesce(retry_at, 1) <> 0";

pub(super) const HANDLED: &str =
    "select position from checkpoint where subscriber = $1 and tenant = $2";

pub(super) const FINISH: &str = "insert into checkpoint (subscriber, tenant, position) \
     values ($1, $2, $3) on conflict (subscriber, tenant) do update set position = excluded.position";
