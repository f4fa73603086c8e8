//! Readiness for certification: who may see what of it, and as of when. The numbers are worked out
//! by the readiness service.

use std::collections::HashSet;
use std::sync::Arc;

use bus::Registry;
use event_store::engine::Head;
use event_store::log::ResolveError;
use event_store::store::clock;
use event_store::{AsOf, Fault};
use identity::Caller;
use kernel::{Instant, Position, Role};
use readiness::answer::{self, Page, Point, Question, Readiness, ReadinessSeries};
use readiness::keeper::Keeper;
use readiness::metrics::metric;
use readiness::register::KINDS;

use crate::own::{Sight, sight};

/// Most items of a metric in an answer.
pub const ITEMS_MAX: usize = 500;
/// Items of a metric, unless the caller says otherwise.
pub const ITEMS_DEFAULT: usize = 20;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum NoReadiness {
    /// The caller is no member of the organisation.
    #[error("readiness is shown to the organisation's members and to auditors under an engagement")]
    NotForHim,
    /// Everything that it is counted from is withheld from the caller.
    #[error("readiness is worked out from records of which some are withheld from you")]
    Withheld,
    /// There is no such metric.
    #[error("there is no metric {0}")]
    Unknown(String),
    /// A point of a series cannot be resolved.
    #[error(transparent)]
    Resolve(#[from] ResolveError),
    /// Ours.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// A point as a caller has named it.
#[derive(Clone, Copy, Debug)]
pub struct Named {
    /// The position that it was resolved to.
    pub position: Position,
    /// What he named.
    pub as_of: AsOf,
    /// The clock of a simulated log.
    pub clock: Option<Instant>,
}

/// A question about readiness by somebody.
pub struct Asking<'a> {
    /// Who asks.
    pub caller: &'a Caller,
    /// The kinds.
    pub registry: &'a Registry,
    /// Has the registers.
    pub keeper: &'a Keeper,
    /// As of when.
    pub named: Named,
}

impl Asking<'_> {
    /// Readiness as of the point.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn readiness(
        &self,
        metrics: Vec<String>,
        page: Page,
    ) -> Result<Readiness, NoReadiness> {
        let question = self.question(metrics, page)?;
        let point = Point { position: self.named.position, at: self.at().await? };
        let register = self.keeper.register(&self.caller.log, point.position).await?;
        apart(move || answer::readiness(&register, &question, point)).await
    }

    /// Readiness at these times, which do not lie after the point's.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn series(
        &self,
        metrics: Vec<String>,
        times: &[Instant],
    ) -> Result<ReadinessSeries, NoReadiness> {
        let question = self.question(metrics, Page::default())?;
        let (known, head) = (self.named.position, self.head().await?);
        let mut points = Vec::with_capacity(times.len());
        for at in times {
            let position = if *at >= head.at {
                known
            } else {
                let resolved = self.caller.log.resolve_at(AsOf::Time(*at), &head).await?;
                resolved.position.min(known)
            };
            points.push(Point { position, at: *at });
        }
        let register = self.keeper.register(&self.caller.log, known).await?;
        apart(move || answer::series(&register, &question, &points, known)).await
    }

    /// The point in time that due dates are compared with: the one that was named, that of the
    /// position that was named, or now. An auditor's now is the ceiling of his engagement.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn at(&self) -> Result<Instant, NoReadiness> {
        let head = self.head().await?;
        match self.named.as_of {
            AsOf::Time(time) => Ok(time),
            AsOf::Position(position) if position == head.position => Ok(head.at),
            AsOf::Position(position) => {
                let before = Position(position.0.saturating_sub(1));
                let events = self.caller.log.stored_events(before, position, 1).await?;
                Ok(events.first().map(|event| event.at).unwrap_or_default())
            }
            AsOf::Now => Ok(match &self.caller.outlook {
                Some(outlook) if outlook.ceiling != outlook.head => outlook.ceiling.at,
                Some(outlook) => outlook.now.max(head.at),
                None if head.simulated => self.named.clock.unwrap_or(head.at).max(head.at),
                None => clock().max(head.at),
            }),
        }
    }

    async fn head(&self) -> Result<Head, NoReadiness> {
        if let Some(outlook) = &self.caller.outlook {
            return Ok(outlook.ceiling.clone());
        }
        if let Some(head) = &self.caller.head {
            return Ok(head.clone());
        }
        let head = self.caller.log.head().await?;
        Ok(head.ok_or_else(|| ResolveError::NoLog(self.caller.tenant().clone()))?)
    }

    fn question(&self, metrics: Vec<String>, page: Page) -> Result<Question, NoReadiness> {
        if let Some(unknown) = metrics.iter().find(|name| metric(name).is_none()) {
            return Err(NoReadiness::Unknown(unknown.clone()));
        }
        let caller = self.caller;
        let kinds = KINDS.iter().copied();
        let Some(outlook) = &caller.outlook else {
            if !caller.holds_one_of(Role::MEMBERS) && !caller.who.roles.contains(&Role::Sys) {
                return Err(NoReadiness::NotForHim);
            }
            // What somebody may not read is counted for him, but not named.
            let whole = |kind: &&str| {
                let decl = self.registry.named(kind).map(|kind| kind.decl());
                decl.is_some_and(|decl| sight(caller, decl) == Sight::Whole)
            };
            let listable = kinds.clone().filter(whole).collect();
            let readable = kinds.collect();
            return Ok(Question { metrics, page, readable, listable, is_member: true });
        };
        // A number tells of what is withheld: it is shown where nothing is.
        let readable: HashSet<_> = kinds.filter(|kind| outlook.sees_all_of(kind)).collect();
        if readable.is_empty() {
            return Err(NoReadiness::Withheld);
        }
        let listable = readable.clone();
        Ok(Question { metrics, page, readable, listable, is_member: false })
    }
}

/// Counting takes a while: not on the thread that serves requests.
async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, NoReadiness> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| Fault::Corrupt(format!("readiness was not worked out: {error}")).into())
}

/// The registers of an installation.
pub type Registers = Arc<Keeper>;
