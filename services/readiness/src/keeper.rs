//! Keeps the registers of tenants that were asked about: in memory, within bounds, and as bytes in
//! the store, so that the first answer after a restart need not read everything.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use event_store::engine::DocumentRow;
use event_store::{Fault, Log};
use kernel::{Position, TenantId};
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use serde::Deserialize;

use crate::register::{KINDS, Register, Version};
use crate::value::Time;

/// Memory for registers.
const CACHE_BYTES: u64 = 192 << 20;
/// Name under which a register's bytes are kept.
const NAME: &str = "readiness";
/// Rows that are read at once.
const CHUNK: usize = 2_000;
/// Versions of one object that are read at once.
const VERSIONS: usize = 64;
/// With more events than this since its bytes were kept, a register's bytes are kept again.
const STALE_AFTER: u64 = 1_000;
/// With more changed objects than this, reading everything again is faster, unless there is far
/// more of it.
const CHANGED_MAX: usize = 5_000;

#[derive(Clone)]
struct Weight;

impl Weighter<TenantId, Arc<Register>> for Weight {
    fn weight(&self, _: &TenantId, register: &Arc<Register>) -> u64 {
        register.weight().max(1)
    }
}

/// The registers.
pub struct Keeper {
    registers: Cache<TenantId, Arc<Register>, Weight>,
    /// Who brings a tenant's register up to date: one at a time.
    turns: Mutex<HashMap<TenantId, Arc<tokio::sync::Mutex<u64>>>>,
}

impl Default for Keeper {
    fn default() -> Self {
        let registers = Cache::with_weighter(64, CACHE_BYTES, Weight);
        Self { registers, turns: Mutex::default() }
    }
}

impl Keeper {
    /// A register that knows a tenant's records at least up to a position.
    ///
    /// # Errors
    /// When the database fails or a document does not have the form of its kind.
    pub async fn register(&self, log: &Log, upto: Position) -> Result<Arc<Register>, Fault> {
        let tenant = log.tenant();
        let known = |register: &Arc<Register>| register.position >= upto.0;
        if let Some(found) = self.registers.get(tenant).filter(known) {
            return Ok(found);
        }
        let turn = {
            let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(turns.entry(tenant.clone()).or_default())
        };
        let mut kept = turn.lock().await;
        if let Some(found) = self.registers.get(tenant).filter(known) {
            return Ok(found);
        }
        let before = match self.registers.remove(tenant) {
            // Whoever still reads it keeps his own.
            Some((_, register)) => Some(Arc::unwrap_or_clone(register)),
            None => match log.derived(NAME).await? {
                Some((_, bytes)) => Register::from_bytes(&bytes),
                None => None,
            },
        };
        if let Some(before) = before.as_ref().filter(|_| *kept == 0) {
            *kept = before.position;
        }
        let register = Arc::new(current(log, before, upto).await?);
        self.registers.insert(tenant.clone(), Arc::clone(&register));
        let enough = STALE_AFTER.max(u64::try_from(register.len()).unwrap_or_default() / 10);
        if register.position.saturating_sub(*kept) >= enough {
            *kept = register.position;
            keep(log.clone(), Arc::clone(&register));
        }
        Ok(register)
    }
}

/// Keeps a register's bytes while the answer is already on its way.
fn keep(log: Log, register: Arc<Register>) {
    tokio::spawn(async move {
        let position = Position(register.position);
        let bytes = match register.to_bytes() {
            Ok(bytes) => bytes,
            Err(error) => {
                tracing::error!(tenant = %log.tenant(), %error, "a register has no bytes");
                return;
            }
        };
        drop(register);
        if let Err(fault) = log.keep_derived(NAME, position, &bytes).await {
            tracing::warn!(tenant = %log.tenant(), %fault, "a register is not kept");
        }
    });
}

/// A register of everything up to a position, from an older one where that is less work.
async fn current(log: &Log, before: Option<Register>, upto: Position) -> Result<Register, Fault> {
    let Some(mut register) = before.filter(|before| before.position <= upto.0) else {
        return whole(log, upto).await;
    };
    let since = Position(register.position);
    let changed = events(log, &mut register, upto).await?;
    if changed.len() > CHANGED_MAX.max(register.len() / 20) {
        return whole(log, upto).await;
    }
    for id in changed {
        let mut after = since;
        loop {
            let rows = log.stored_versions((&id, after), VERSIONS).await?;
            let full = rows.len() == VERSIONS;
            let own: Vec<_> = rows.into_iter().filter(|row| row.id == id).collect();
            let last = own.last().map(|row| row.from);
            let all = own.len();
            take(&mut register, own, upto)?;
            match last.filter(|_| full && all == VERSIONS) {
                Some(last) => after = last,
                None => break,
            }
        }
    }
    register.finish(upto.0);
    Ok(register)
}

/// Reads everything.
async fn whole(log: &Log, upto: Position) -> Result<Register, Fault> {
    let mut register = Register::new();
    events(log, &mut register, upto).await?;
    let (mut id, mut from) = (String::new(), Position::START);
    loop {
        let rows = log.stored_versions((&id, from), CHUNK).await?;
        let full = rows.len() == CHUNK;
        if let Some(last) = rows.last() {
            (id, from) = (last.id.clone(), last.from);
        }
        take(&mut register, rows, upto)?;
        if !full {
            break;
        }
    }
    register.finish(upto.0);
    register.shrink();
    Ok(register)
}

fn take(register: &mut Register, rows: Vec<DocumentRow>, upto: Position) -> Result<(), Fault> {
    for row in rows.into_iter().filter(|row| row.from <= upto) {
        let version = Version {
            kind: &row.kind,
            id: &row.id,
            from: row.from.0,
            at: Time(row.at.micros()),
            created: Time(row.created_at.micros()),
            body: &row.body,
        };
        register
            .version(&version)
            .map_err(|error| Fault::Corrupt(format!("{} for readiness: {error}", row.id)))?;
    }
    Ok(())
}

/// What is read of an event's payload.
#[derive(Deserialize)]
struct Evidences<'a> {
    #[serde(borrow, default)]
    clauses: Vec<&'a str>,
}

/// Takes in what events evidence, up to a position; answers which objects that count have changed.
async fn events(
    log: &Log,
    register: &mut Register,
    upto: Position,
) -> Result<HashSet<String>, Fault> {
    let (mut after, mut changed) = (Position(register.position), HashSet::new());
    loop {
        let rows = log.stored_events(after, upto, CHUNK).await?;
        let full = rows.len() == CHUNK;
        for row in rows {
            after = row.position;
            let evidences: Evidences<'_> = serde_json::from_slice(&row.payload)
                .map_err(|error| Fault::Corrupt(format!("payload at {after}: {error}")))?;
            for clause in evidences.clauses {
                register.evidenced(clause, after.0, Time(row.at.micros()));
            }
            if KINDS.contains(&row.kind.as_str()) {
                changed.insert(row.stream);
            }
        }
        if !full {
            return Ok(changed);
        }
    }
}
