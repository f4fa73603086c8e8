//! The statements that only PostgreSQL has: arrays, row locks, writes within `with`.

use super::super::sql::{current, ended};

/// Documents as of a position. Of an object's ended versions only the last that began in time can
/// be the one.
pub(super) const DOCUMENTS: &str = concat!(
    "select ",
    current!(),
    " from document where tenant = $1 and id = any($2) and from_position <= $3 \
     union all select past.* from unnest($2) as asked (wanted) cross join lateral (select ",
    ended!(),
    " from document_history where tenant = $1 and id = wanted and from_position <= $3 \
     order by from_position desc limit 1) as past where past.to_position > $3"
);

pub(super) const NEWEST: &str =
    concat!("select ", current!(), " from document where tenant = $1 and id = any($2)");

pub(super) const BLOBS: &str =
    "select hash, subject, bytes from blob where tenant = $1 and hash = any($2)";

pub(super) const SUBJECT_KEYS: &str =
    "select subject, wrapped from subject_key where tenant = $1 and subject = any($2)";

macro_rules! lock {
    ($wait:literal) => {
        concat!(
            // The clock is read outside, so after the locks were waited for; the row that stands
            // alone brings it even when no head was locked.
            "select (extract(epoch from clock_timestamp()) * 1000000)::bigint, held.* ",
            "from (values (1)) as one left join (select tenant, log, position, at, simulated, ",
            "frontier from log_head where tenant = any($1) order by tenant for update",
            $wait,
            ") as held on true"
        )
    };
}

/// Locks heads in the order of tenants, leaving out those that are held.
pub(super) const LOCK: &str = lock!(" skip locked");
/// Locks heads in the order of tenants, waiting for those that are held.
pub(super) const LOCK_PATIENTLY: &str = lock!("");

/// Current version per stream.
pub(super) const VERSIONS: &str = "select coalesce((select event.version from event \
     where event.tenant = asked.tenant and event.stream = asked.stream \
     order by event.version desc limit 1), 0) \
     from unnest($1, $2) with ordinality as asked (tenant, stream, place) order by place";

/// First position that breaks each guard.
pub(super) const GUARDS: &str = "select (select event.position from event \
     where event.tenant = guard.tenant and event.position > guard.since \
     and (event.kind = any(guard.kinds) or event.stream = any(guard.streams) or exists \
         (select from jsonb_to_recordset(guard.matching) as wanted \
             (kind text, slot int, value text) \
         join document on document.tenant = event.tenant and document.id = event.stream \
         where wanted.kind = event.kind and wanted.value = case wanted.slot \
             when 0 then document.t0 when 1 then document.t1 else document.t2 end)) \
     order by event.position limit 1) \
     from rows from (jsonb_to_recordset($1::text::jsonb) \
     as (tenant text, since bigint, kinds text[], streams text[], matching jsonb)) \
     with ordinality as guard (tenant, since, kinds, streams, matching, place) order by place";

/// The answers that stand under keys, with the place of the key.
pub(super) const ANSWERS: &str = "select asked.place, answer.key, answer.fingerprint, \
     answer.answer, answer.at from unnest($1, $2) with ordinality as asked (tenant, key, place) \
     join answer on answer.tenant = asked.tenant and answer.key = asked.key";

/// Everything a batch writes, in one statement.
pub(super) const WRITE: &str = "with \
     logged as (insert into event (tenant, position, stream, kind, version, name, at, effective, \
         header, payload, leaf) \
         select * from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) returning 1), \
     version as (select * from unnest($12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, \
         $23, $24, $25, $26, $27, $28, $29, $30) as v (tenant, id, kind, version, from_position, \
         to_position, node, at, created_at, shape, dated, t0, t1, t2, n0, n1, n2, search, body)), \
     ended as (insert into document_history (tenant, id, kind, version, from_position, \
         to_position, node, at, created_at, shape, dated, t0, t1, t2, n0, n1, n2, search, body) \
         select * from version where to_position is not null), \
     begun as (insert into document (tenant, id, kind, version, from_position, at, created_at, \
         shape, dated, t0, t1, t2, n0, n1, n2, search, body) \
         select tenant, id, kind, version, from_position, at, created_at, \
         shape, dated, t0, t1, t2, n0, n1, n2, search, body from version \
         where to_position is null \
         on conflict (tenant, id) do update set kind = excluded.kind, \
         version = excluded.version, from_position = excluded.from_position, at = excluded.at, \
         created_at = excluded.created_at, shape = excluded.shape, dated = excluded.dated, \
         t0 = excluded.t0, t1 = excluded.t1, t2 = excluded.t2, \
         n0 = excluded.n0, n1 = excluded.n1, n2 = excluded.n2, \
         search = excluded.search, body = excluded.body \
         where document.from_position < excluded.from_position returning 1), \
     moved as (update log_head set position = h.position, at = h.at, frontier = h.frontier \
         from unnest($31, $32, $33, $34) as h (tenant, position, at, frontier) \
         where log_head.tenant = h.tenant returning 1), \
     answered as (insert into answer (tenant, key, fingerprint, answer, at) \
         select * from unnest($35, $36, $37, $38, $39)), \
     sealed as (insert into blob (tenant, hash, subject, bytes) \
         select * from unnest($40, $41, $42, $43)), \
     keyed as (insert into subject_key (tenant, subject, wrapped) \
         select * from unnest($44, $45, $46)) \
     select (select count(*) from logged), (select count(*) from begun), \
         (select count(*) from moved)";

/// Document versions of a rebuild: parameters as the versions in [`WRITE`].
pub(super) const REBUILD: &str = "with \
     version as (select * from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, \
         $12, $13, $14, $15, $16, $17, $18, $19) as v (tenant, id, kind, version, from_position, \
         to_position, node, at, created_at, shape, dated, t0, t1, t2, n0, n1, n2, search, body)), \
     passed as (insert into document_history (tenant, id, kind, version, from_position, \
         to_position, node, at, created_at, shape, dated, t0, t1, t2, n0, n1, n2, search, body) \
         select * from version where to_position is not null) \
     insert into document (tenant, id, kind, version, from_position, at, created_at, \
         shape, dated, t0, t1, t2, n0, n1, n2, search, body) \
         select tenant, id, kind, version, from_position, at, created_at, \
         shape, dated, t0, t1, t2, n0, n1, n2, search, body from version \
         where to_position is null";
