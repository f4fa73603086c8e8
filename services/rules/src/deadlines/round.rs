//! What has come due of one tenant, given in the order of its times.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant as Timer};

use event_store::engine::DueRow;
use futures::future::join_all;
use kernel::{Instant, TenantId};

use super::Deadlines;
use super::fire::{Step, Stop};

/// After so long a tenant makes room for others.
const SLICE: Duration = Duration::from_millis(250);
/// Most commands of one tenant and one time that are given at once: they share a transaction.
const TOGETHER: usize = 32;

/// What has come due of one tenant.
pub(super) struct Round {
    pub tenant: TenantId,
    /// In the order of their times.
    due: BTreeMap<(Instant, String), DueRow>,
    /// What comes due later than this was not looked for.
    upto: Option<Instant>,
}

/// Sorts what has come due by tenants, keeping the order in which the first of each came due.
pub(super) fn by_tenant(rows: Vec<DueRow>, more: bool) -> Vec<Round> {
    let upto = rows.last().map(|row| row.at).filter(|_| more);
    let mut places: HashMap<TenantId, usize> = HashMap::new();
    let mut rounds: Vec<Round> = Vec::new();
    for row in rows {
        let place = *places.entry(row.tenant.clone()).or_insert_with(|| {
            rounds.push(Round { tenant: row.tenant.clone(), due: BTreeMap::new(), upto });
            rounds.len() - 1
        });
        rounds[place].due.insert((row.at, row.id.clone()), row);
    }
    rounds
}

impl Round {
    /// The next commands, all due at one time and so in no order among themselves.
    fn next(&mut self) -> Vec<DueRow> {
        let Some(first) = self.due.first_key_value().map(|((at, _), _)| *at) else {
            return Vec::new();
        };
        let mut next = Vec::new();
        while next.len() < TOGETHER
            && let Some(entry) = self.due.first_entry().filter(|entry| entry.key().0 == first)
        {
            next.push(entry.remove());
        }
        next
    }

    /// An object waits for something else, which may have come due as well.
    fn take(&mut self, row: DueRow, now: Instant) {
        if row.at <= now && self.upto.is_none_or(|upto| row.at <= upto) {
            self.due.insert((row.at, row.id.clone()), row);
        }
    }
}

impl Deadlines {
    /// Gives what has come due of one tenant, until its time is used up.
    pub(super) async fn go_round(&self, mut round: Round, now: Instant) -> Result<(), Stop> {
        let (log, begun) = (self.store.log(&round.tenant), Timer::now());
        while begun.elapsed() < SLICE {
            let next = round.next();
            if next.is_empty() {
                return Ok(());
            }
            let given = next.iter().map(|due| self.fire(&log, due, now, None));
            for step in join_all(given).await {
                match step? {
                    Step::Fired(fired) => {
                        if let Some(row) = fired.next {
                            round.take(row, now);
                        }
                    }
                    Step::Parked | Step::Moved => {}
                }
            }
        }
        Ok(())
    }
}
