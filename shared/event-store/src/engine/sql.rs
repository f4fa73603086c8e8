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
         shape, dated, t0, t1, t2, n0, n1, n2, search, body"
    };
}
/// Columns of `row::document` in the history.
macro_rules! ended {
    () => {
        "id, kind, version, from_position, to_position, at, created_at, \
         shape, dated, t0, t1, t2, n0, n1, n2, search, body"
    };
}
pub(super) use {current, ended};

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

pub(super) const ALL_PARKED: &str = concat!(
    "select ",
    parked!(),
    " from parked where $1 in ('', subscriber) order by subscriber, tenant, stream"
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
     where subscriber = $1 and tenant = $2 and stream = $3";

pub(super) const FINISH: &str = "insert into checkpoint (subscriber, tenant, position) \
     values ($1, $2, $3) on conflict (subscriber, tenant) do update set position = excluded.position";
