//! Accepting a risk (ISO/IEC 42001 6.1.3): by its owner, or by top management above the appetite,
//! for a time, and never by who assessed it. What is refused for such a ground is a fact and is
//! recorded.

use declare::{record, words};
use kernel::values::Prose;
use kernel::{Context, Date, Instant, Need, Refused, Role, UserId};

use super::{Edit, Event, Rating, Refusal, Risk, RiskStatus};
use crate::risk_criteria::{Authority, Criteria, Level, Rules, Standing};

/// An acceptance: of one rating, by one person, until a day.
#[record]
pub struct Acceptance {
    /// Who accepted the risk.
    pub by: UserId,
    /// The role that gave the authority.
    pub role: Role,
    /// The score that was accepted.
    pub score: u32,
    /// The level that was accepted.
    pub level: Level,
    /// Whether what remains after treatment was accepted, rather than an untreated risk.
    pub residual: bool,
    /// Why.
    pub reason: Prose,
    /// Last day on which it holds.
    pub valid_until: Date,
    /// The version of the criteria that gave the authority.
    pub criteria_version: u32,
    /// The version of the risk that was accepted.
    pub risk_version: u64,
    /// The version of the risk's history that holds the rating.
    pub rating_version: Option<u64>,
    /// Who, and when.
    pub edit: Edit,
}

/// Why an acceptance ended.
#[words]
pub enum AcceptanceEnd {
    /// It was taken back.
    Revoked,
    /// Its last day passed.
    Expired,
    /// The risk had to be assessed again.
    Reviewed,
    /// The risk was accepted anew.
    Replaced,
    /// The risk was closed.
    Closed,
}

/// An acceptance that has ended.
#[record]
pub struct EndedAcceptance {
    /// The acceptance.
    #[field(flatten)]
    pub acceptance: Acceptance,
    /// Why it ended.
    pub ended: AcceptanceEnd,
    /// When.
    pub ended_at: Instant,
    /// Why it was taken back.
    pub revoked_because: Option<Prose>,
}

/// What changed in a risk since it was accepted.
#[words]
pub enum StaleReason {
    /// It was analysed again.
    AnalysedAgain,
    /// What remains was rated again.
    ResidualEvaluated,
    /// It has another owner.
    OwnerChanged,
    /// It concerns an AI system more.
    SystemsAdded,
}

/// Since when and why an acceptance no longer fits the risk.
#[record]
pub struct Stale {
    /// Since when; absent where the event of that time did not say.
    pub since: Option<Instant>,
    /// The version of the risk's history that changed it first.
    pub since_version: Option<u64>,
    /// What changed.
    pub because: Vec<StaleReason>,
}

/// Input of `accept`.
#[record]
pub struct Accept {
    /// Last day on which the acceptance holds.
    pub valid_until: Date,
    /// Why the risk is accepted.
    pub reason: Prose,
}

/// Input of `revoke_acceptance`.
#[record]
pub struct RevokeAcceptance {
    /// Why.
    pub reason: Prose,
}

/// An acceptance was refused.
#[record]
pub struct AcceptanceRefused {
    /// What was refused, and by which rule.
    pub refusal: Refused,
    /// Until when it would have held.
    pub valid_until: Date,
    /// The score that would have been accepted.
    pub score: u32,
    /// The level that would have been accepted.
    pub level: Level,
    /// The version of the criteria that were in force.
    pub criteria_version: u32,
    /// The version of the risk that would have been accepted.
    pub risk_version: u64,
    /// Who wanted to accept it, and when.
    pub edit: Edit,
}

/// The acceptance was taken back.
#[record]
pub struct AcceptanceRevoked {
    /// Why.
    pub reason: Prose,
    /// Who, and when.
    pub edit: Edit,
}

/// The acceptance ran out.
#[record]
pub struct AcceptanceExpired {
    /// Its last day.
    pub valid_until: Date,
    /// When that was noticed.
    pub at: Instant,
}

/// The criteria, and the plans in force with open mandatory actions.
pub(super) fn needs() -> Vec<Need> {
    let open = Need::Where("treatment_plan", "mandatoryActions", "open".to_owned());
    vec![Criteria::need(), open]
}

/// What a person may do with a rating under the criteria in force.
struct Verdict<'a> {
    risk: &'a Risk,
    rating: &'a Rating,
    rules: &'a Rules,
    context: &'a Context,
}

impl Verdict<'_> {
    /// The graver of the level that was found and the one of the criteria in force.
    fn level(&self) -> Level {
        let Rating { likelihood, level, .. } = self.rating;
        self.rules.level(*likelihood, self.rating.severity()).max(*level)
    }

    /// The authority under which the person may accept.
    fn authority(&self) -> Result<&Authority, Refusal> {
        let (risk, rules, context) = (self.risk, self.rules, self.context);
        if risk.analysis_incomplete {
            return Err(Refusal::AnalysisIncomplete);
        }
        let owner = risk.owner.as_ref().ok_or(Refusal::NoOwner)?;
        if risk.authors.contains(&context.user()) {
            return Err(Refusal::AcceptorIsAuthor);
        }
        let (score, level, tolerance) = (self.rating.score, self.level(), rules.tolerance);
        if level == Level::Critical {
            return Err(Refusal::CriticalNeverAccepted);
        }
        let standing = rules.standing(score, level);
        if standing == Standing::AboveTolerance {
            return Err(Refusal::AboveTolerance { score, tolerance });
        }
        let all = rules.acceptance_authority.iter();
        let held = all.filter(|a| a.up_to_score >= score && context.holds(a.role));
        let held: Vec<_> = held.collect();
        if held.is_empty() {
            let roles = context.roles.iter().filter(|role| matches!(role, Role::Ro | Role::Tm));
            let roles: Vec<_> = roles.map(|role| role.code()).collect();
            return Err(Refusal::NoAuthority { score, roles: roles.join(", ") });
        }
        // Above the appetite top management decides for others; within it the owner does himself.
        let needs_no_owner =
            |a: &&Authority| standing == Standing::WithinTolerance && a.role == Role::Tm;
        let is_owner = *owner == context.user();
        let usable = held.into_iter().filter(|a| is_owner || needs_no_owner(a));
        usable.max_by_key(|a| a.max_days).ok_or(Refusal::AcceptorIsNotOwner)
    }

    fn check_actions(&self) -> Result<(), Refusal> {
        let plans = self.context.facts.all::<facts::TreatmentPlan>();
        let open = plans.iter().filter(|(_, plan)| plan.treats(&self.context.id));
        let open = open.map(|(id, plan)| (id, plan.open_mandatory(None)));
        let open: Vec<_> = open.filter(|(_, count)| *count > 0).collect();
        let Some((plan, _)) = open.first() else { return Ok(()) };
        let count = open.iter().map(|(_, count)| count).sum();
        Err(Refusal::MandatoryActionsOpen { count, plan: (*plan).clone() })
    }
}

impl Risk {
    pub(super) fn accepted(&self, input: Accept, context: &Context) -> Result<Vec<Event>, Refusal> {
        self.must_be_open()?;
        let Some(rating) = self.current() else {
            return Err(Refusal::WrongStatus { status: self.status.text(), needed: "analysed" });
        };
        let Accept { valid_until, reason } = input;
        if valid_until < context.today() {
            return Err(Refusal::EndsInThePast { until: valid_until, at: "/validUntil" });
        }
        if self.holds_already(valid_until, context) {
            return Ok(Vec::new());
        }
        let criteria = Criteria::known(context).ok_or(Refusal::NoCriteria)?;
        let (criteria_version, rules) = criteria.in_force().ok_or(Refusal::NoCriteria)?;
        let verdict = Verdict { risk: self, rating, rules, context };
        let authority = verdict.authority().and_then(|a| verdict.check_actions().map(|()| a));
        let (score, level) = (rating.score, verdict.level());
        let (risk_version, edit) = (context.version, Edit::of(context));
        let authority = match authority {
            Ok(authority) => authority,
            Err(refusal) => {
                let refusal = Refused::of("risk", &refusal);
                return Ok(vec![Event::AcceptanceRefused(AcceptanceRefused {
                    refusal,
                    valid_until,
                    score,
                    level,
                    criteria_version,
                    risk_version,
                    edit,
                })]);
            }
        };
        self.must_be_acceptable(context.today())?;
        let last = authority.last_day(context.today());
        if valid_until > last {
            return Err(Refusal::AcceptedTooLong { last, at: "/validUntil" });
        }
        Ok(vec![Event::Accepted(Acceptance {
            by: context.user(),
            role: authority.role,
            score,
            level,
            residual: self.residual.is_some(),
            reason,
            valid_until,
            criteria_version,
            risk_version,
            rating_version: rating.edit.as_ref().map(|edit| edit.history_version),
            edit,
        })])
    }

    /// The rating that is accepted: what remains after treatment, or the untreated risk.
    fn current(&self) -> Option<&Rating> {
        self.residual.as_ref().map(|residual| &residual.rating).or(self.inherent.as_ref())
    }

    fn holds_already(&self, valid_until: Date, context: &Context) -> bool {
        let same = |a: &Acceptance| a.by == context.user() && a.valid_until == valid_until;
        self.status == RiskStatus::Accepted
            && self.acceptance_stale.is_none()
            && self.acceptance.as_ref().is_some_and(same)
    }

    /// Treatment is done, or not needed, and the assessment is not out of date.
    fn must_be_acceptable(&self, today: Date) -> Result<(), Refusal> {
        if self.review_fell_due || self.review_due.is_some_and(|due| due < today) {
            return Err(Refusal::ReviewIsDue);
        }
        if self.status == RiskStatus::Evaluated && self.is_retained() {
            return Ok(());
        }
        let fit = [RiskStatus::ResidualEvaluated, RiskStatus::Accepted];
        self.must_be(&fit, "rated after treatment, or retained within the appetite,")
    }

    pub(super) fn acceptance_revoked(
        &self,
        input: RevokeAcceptance,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        self.must_own(Role::Tm, context)?;
        if self.acceptance.is_none() {
            return self.already_ended(AcceptanceEnd::Revoked);
        }
        let edit = Edit::of(context);
        Ok(vec![Event::AcceptanceRevoked(AcceptanceRevoked { reason: input.reason, edit })])
    }

    pub(super) fn acceptance_expired(&self, context: &Context) -> Result<Vec<Event>, Refusal> {
        let Some(acceptance) = &self.acceptance else {
            return self.already_ended(AcceptanceEnd::Expired);
        };
        let valid_until = acceptance.valid_until;
        if context.today() <= valid_until {
            return Err(Refusal::StillAccepted { until: valid_until });
        }
        Ok(vec![Event::AcceptanceExpired(AcceptanceExpired { valid_until, at: context.now })])
    }

    /// Without acceptance: nothing to do when the last one ended so.
    fn already_ended(&self, end: AcceptanceEnd) -> Result<Vec<Event>, Refusal> {
        let ended = self.last_acceptance.as_ref().map(|last| last.ended);
        if ended == Some(end) { Ok(Vec::new()) } else { Err(Refusal::NotAccepted) }
    }

    /// Refuses unless the person owns the risk or holds the other role.
    pub(super) fn must_own(&self, or: Role, context: &Context) -> Result<(), Refusal> {
        if self.owner.as_ref() == Some(&context.user()) || context.holds(or) {
            return Ok(());
        }
        Err(Refusal::NotTheOwner { role: or.code() })
    }

    pub(super) fn end_acceptance(
        &mut self,
        ended: AcceptanceEnd,
        ended_at: Instant,
        revoked_because: Option<Prose>,
    ) {
        self.acceptance_stale = None;
        if let Some(acceptance) = self.acceptance.take() {
            let last = EndedAcceptance { acceptance, ended, ended_at, revoked_because };
            self.last_acceptance = Some(last);
        }
    }

    /// An accepted risk without acceptance stands where it stood before.
    pub(super) fn rest(&mut self) {
        if self.status == RiskStatus::Accepted {
            self.status = if self.residual.is_some() {
                RiskStatus::ResidualEvaluated
            } else {
                RiskStatus::Evaluated
            };
        }
    }

    /// An acceptance no longer fits once the risk has changed.
    pub(super) fn grow_stale(&mut self, reason: StaleReason, edit: Option<&Edit>) {
        if self.acceptance.is_none() {
            return;
        }
        let stale = self.acceptance_stale.get_or_insert_with(|| Stale {
            since: edit.map(|edit| edit.at),
            since_version: edit.map(|edit| edit.history_version),
            because: Vec::new(),
        });
        if !stale.because.contains(&reason) {
            stale.because.push(reason);
        }
    }
}
