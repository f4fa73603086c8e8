//! How an objective goes and ends.

use declare::{record, words};
use kernel::kinds;
use kernel::values::{Key, Prose, Ref};
use kernel::{Context, Instant, Need, Position, Role, UserId};

use super::{Event, Objective, Progress, Refusal};
use crate::kpi::{Kpi, Standing};

/// Whether an objective was reached.
#[words]
pub enum Outcome {
    /// It was.
    Achieved,
    /// It is no longer pursued.
    Dropped,
}

/// Input of `close`.
#[record]
pub struct Close {
    /// Whether it was reached.
    pub outcome: Outcome,
    /// Why it is closed.
    pub reason: Prose,
    /// What shows that it was reached, where no KPI does.
    #[field(max = 20)]
    pub evidence: Vec<Ref<kinds::Evidence>>,
    /// The management review that decided to drop it; needed while it is breached.
    pub review: Option<Ref<kinds::ManagementReview>>,
    /// Key of the decision in that review.
    pub decision: Option<Key>,
}

/// How it was closed.
#[record]
pub struct Closing {
    /// Why.
    pub reason: Prose,
    /// What shows that it was reached.
    pub evidence: Vec<Ref<kinds::Evidence>>,
    /// The management review that decided to drop it.
    pub review: Option<Ref<kinds::ManagementReview>>,
    /// Key of the decision in that review.
    pub decision: Option<Key>,
    /// How its KPIs stood.
    pub kpis: Vec<StandingOf>,
    /// Who closed it.
    pub by: UserId,
    /// When.
    pub at: Instant,
}

/// How a KPI stood.
#[record]
pub struct StandingOf {
    /// The KPI.
    pub kpi: Ref<kinds::Kpi>,
    /// How it stood.
    pub standing: Standing,
}

/// An objective goes otherwise than before.
#[record]
pub struct ProgressAssessed {
    /// How it goes.
    pub progress: Progress,
    /// How it went before.
    pub before: Progress,
    /// How its KPIs stood.
    pub kpis: Vec<StandingOf>,
    /// The position of the log at which they were read.
    pub position: Position,
}

impl Close {
    pub(super) fn needs(&self) -> Vec<Need> {
        let review = self.review.iter().map(|review| review.id());
        let evidence = self.evidence.iter().map(|evidence| evidence.id());
        review.chain(evidence).map(|id| Need::Object(id.to_owned())).collect()
    }

    fn check_evidence(&self, context: &Context) -> Result<(), Refusal> {
        for (n, evidence) in self.evidence.iter().enumerate() {
            let known = context.facts.get::<facts::Evidence>(evidence.id());
            if known.is_none_or(|known| !known.is_good()) {
                let (evidence, at) = (evidence.id().to_owned(), format!("/evidence/{n}"));
                return Err(Refusal::EvidenceNotGood { evidence, at });
            }
        }
        Ok(())
    }

    /// A review that was held has decided it.
    fn check_decision(&self, context: &Context) -> Result<(), Refusal> {
        let (Some(review), Some(decision)) = (&self.review, &self.decision) else {
            return Err(Refusal::BreachedWithoutDecision { at: "/review" });
        };
        let review = context.facts.get::<facts::ManagementReview>(review.id());
        let decided = |r: &facts::ManagementReview| {
            r.is_held() && r.decisions.contains_key(decision.as_str())
        };
        if review.is_some_and(|review| decided(&review)) {
            return Ok(());
        }
        Err(Refusal::NoSuchDecision { at: "/decision" })
    }
}

impl Progress {
    /// How an objective ended, in words; `None` while it is pursued.
    fn end(self) -> Option<&'static str> {
        match self {
            Progress::Achieved => Some("achieved"),
            Progress::Dropped => Some("dropped"),
            Progress::NotStarted | Progress::OnTrack | Progress::AtRisk | Progress::Breached => {
                None
            }
        }
    }

    /// How an objective goes whose KPIs stand so: as the worst of them.
    fn of(standings: &[Standing]) -> Self {
        let worst = |standing| standings.contains(&standing);
        if worst(Standing::Breached) {
            Progress::Breached
        } else if worst(Standing::AtRisk) {
            Progress::AtRisk
        } else if worst(Standing::OnTarget) {
            Progress::OnTrack
        } else {
            Progress::NotStarted
        }
    }
}

/// The KPIs of the objective that count, and how they stand.
fn kpis(context: &Context) -> Vec<(String, Kpi)> {
    let mut kpis = context.facts.all::<Kpi>();
    kpis.retain(|(_, kpi)| kpi.objective.id() == context.id && kpi.is_measured());
    kpis
}

fn standings(kpis: &[(String, Kpi)]) -> Vec<StandingOf> {
    let of = |(id, kpi): &(String, Kpi)| StandingOf { kpi: Ref::new(id), standing: kpi.standing };
    kpis.iter().map(of).collect()
}

impl Objective {
    pub(super) fn must_be_open(&self) -> Result<(), Refusal> {
        match self.progress.end() {
            Some(progress) => Err(Refusal::IsClosed { progress }),
            None => Ok(()),
        }
    }

    pub(super) fn must_be_measurable(&self, context: &Context) -> Result<(), Refusal> {
        let reason = self.content.not_measurable_because.as_ref();
        if kpis(context).is_empty() && reason.is_none_or(Prose::is_blank) {
            return Err(Refusal::NotMeasurable);
        }
        Ok(())
    }

    pub(super) fn assessed(&self, context: &Context) -> Result<Vec<Event>, Refusal> {
        self.must_be_open()?;
        if self.approval.effective.is_none() {
            return Err(Refusal::NotInForce);
        }
        let kpis = standings(&kpis(context));
        let all: Vec<_> = kpis.iter().map(|kpi| kpi.standing).collect();
        let (progress, before) = (Progress::of(&all), self.progress);
        if progress == before {
            return Ok(Vec::new());
        }
        let position = context.facts.position;
        let assessed = ProgressAssessed { progress, before, kpis, position };
        Ok(vec![Event::ProgressAssessed(assessed)])
    }

    pub(super) fn closed(&self, input: Close, context: &Context) -> Result<Vec<Event>, Refusal> {
        match (self.progress, input.outcome) {
            (Progress::Achieved, Outcome::Achieved) | (Progress::Dropped, Outcome::Dropped) => {
                return Ok(Vec::new());
            }
            (_, _) => self.must_be_open()?,
        }
        if self.approval.effective.is_none() {
            return Err(Refusal::NotInForce);
        }
        input.check_evidence(context)?;
        let measured = kpis(context);
        let kpis = standings(&measured);
        match input.outcome {
            Outcome::Achieved => check_reached(&input, &measured)?,
            Outcome::Dropped => {
                if !context.holds(Role::Tm) {
                    return Err(Refusal::NotTopManagement);
                }
                let breached = kpis.iter().any(|kpi| kpi.standing == Standing::Breached);
                if breached || self.progress == Progress::Breached || input.review.is_some() {
                    input.check_decision(context)?;
                }
            }
        }
        let Close { outcome, reason, evidence, review, decision } = input;
        let (by, at) = (context.user(), context.now);
        let closing = Closing { reason, evidence, review, decision, kpis, by, at };
        Ok(vec![match outcome {
            Outcome::Achieved => Event::Achieved(closing),
            Outcome::Dropped => Event::Dropped(closing),
        }])
    }
}

/// All KPIs have reached their targets; without any there is evidence.
fn check_reached(input: &Close, kpis: &[(String, Kpi)]) -> Result<(), Refusal> {
    if let Some((kpi, short)) = kpis.iter().find(|(_, kpi)| !kpi.reaches_target()) {
        let (kpi, standing) = (kpi.clone(), short.standing.text());
        return Err(Refusal::NotReached { kpi, standing });
    }
    if kpis.is_empty() && input.evidence.is_empty() {
        return Err(Refusal::AchievedWithoutProof { at: "/evidence" });
    }
    Ok(())
}
