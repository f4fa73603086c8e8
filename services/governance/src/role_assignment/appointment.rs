//! Proposing and assigning: who, for how long, and whether he may.

use declare::record;
use kernel::kinds::AimsChange;
use kernel::values::{Key, Line, Ref};
use kernel::{Context, Date, Instant, Need, Role, UserId};

use super::{AssignmentStatus, Event, Judged, Post, Refusal, RoleAssignment, Waiver, competence};
use crate::name::folded;

/// Input of `propose`.
#[record]
pub struct Propose {
    /// The post.
    #[field(flatten)]
    pub post: Post,
    /// Who.
    #[field(flatten)]
    pub nominee: Nominee,
}

/// Input of `propose_successor`.
#[record]
pub struct ProposeSuccessor {
    /// Who.
    #[field(flatten)]
    pub nominee: Nominee,
}

/// Who is to hold a post, and for how long.
#[record]
pub struct Nominee {
    /// Who.
    pub holder: UserId,
    /// Who stands in for him.
    pub deputy: Option<UserId>,
    /// First day on which he answers; may lie in the future.
    pub valid_from: Date,
    /// Last day on which he answers.
    pub valid_to: Option<Date>,
    /// Until when he may lack a competence that the role demands, and why.
    pub waiver: Option<Waiver>,
    /// The approved change of the management system under which a key role changes hands.
    pub aims_change: Option<Ref<AimsChange>>,
}

/// Somebody was proposed.
#[record]
pub struct Proposed {
    /// What it is about as lists find it.
    pub item: Line,
    /// The post.
    pub post: Post,
    /// Who, and for how long.
    pub nominee: Nominee,
    /// Who proposed him.
    pub by: UserId,
}

/// A role was assigned.
#[record]
pub struct RoleAssigned {
    /// Who holds it.
    pub holder: UserId,
    /// First day.
    pub valid_from: Date,
    /// Last day.
    pub valid_to: Option<Date>,
    /// What his competence was judged by.
    pub judged: Judged,
    /// The competences that he lacks under a waiver.
    pub waived: Vec<Key>,
    /// Who assigned it.
    pub by: UserId,
    /// When.
    pub at: Instant,
}

/// What must be known to judge a nominee.
pub(super) fn needs(item: &Line, post: &Post, nominee: &Nominee) -> Vec<Need> {
    let mut needs = competence::needs(post, &nominee.holder);
    needs.push(Need::Where("role_assignment", "item", item.to_string()));
    needs.push(Need::Object(facts::Membership::id_of(&nominee.holder)));
    needs.extend(nominee.aims_change.iter().map(|change| Need::Object(change.id().to_owned())));
    needs
}

impl Post {
    /// What it is about as lists find it; `None` unless it is one thing.
    pub(super) fn item(&self) -> Option<Line> {
        match (&self.system, &self.process) {
            (Some(system), None) => Some(Line::new(system.id())),
            (None, Some(process)) => Some(folded(process.as_str())),
            (Some(_), Some(_)) | (None, None) => None,
        }
    }

    /// Whether it is the other post too: the accountable one of an item, else the same role.
    fn is_same(&self, other: &Post) -> bool {
        let both_accountable =
            self.responsibility.is_accountable() && other.responsibility.is_accountable();
        let same_role = folded(self.role.as_str()) == folded(other.role.as_str());
        both_accountable || self.responsibility == other.responsibility && same_role
    }
}

impl Nominee {
    fn ends(&self) -> Date {
        self.valid_to.unwrap_or_else(|| self.valid_from.plus_months(12 * 1000))
    }

    fn check(&self, post: &Post, context: &Context) -> Result<(Judged, Vec<Key>), Refusal> {
        if self.deputy.as_ref() == Some(&self.holder) {
            return Err(Refusal::DeputyIsHolder { at: "/deputy" });
        }
        if let Some(until) = self.valid_to
            && (until < self.valid_from || until < context.today())
        {
            return Err(Refusal::PeriodHasEnded { until, at: "/validTo" });
        }
        let membership = facts::Membership::id_of(&self.holder);
        let member = context.facts.get::<facts::Membership>(&membership);
        let Some(member) = member.filter(|member| member.status == "active") else {
            return Err(Refusal::HolderNotMember {
                holder: self.holder.to_string(),
                at: "/holder",
            });
        };
        if let Some(role) = post.aims_role.filter(|role| !has(&member, *role)) {
            return Err(Refusal::HolderLacksRole { role: role.code(), at: "/holder" });
        }
        competence::check_waiver(self.waiver.as_ref(), context)?;
        let (judged, lacking) = competence::judge(post, &self.holder, context);
        match lacking.first().filter(|_| self.waiver.is_none()) {
            Some(first) => {
                let competence = first.as_str().to_owned();
                Err(Refusal::LacksCompetence { competence, at: "/holder" })
            }
            None => Ok((judged, lacking)),
        }
    }
}

/// Every member is an employee.
fn has(member: &facts::Membership, role: Role) -> bool {
    role == Role::Emp || member.holds_one_of(&[role])
}

impl RoleAssignment {
    /// Who is proposed or holds the post; `None` while it is vacant.
    pub(super) fn nominee(&self) -> Option<Nominee> {
        Some(Nominee {
            holder: self.holder.clone()?,
            deputy: self.deputy.clone(),
            valid_from: self.valid_from,
            valid_to: self.valid_to,
            waiver: self.waiver.clone(),
            aims_change: self.aims_change.clone(),
        })
    }

    pub(super) fn proposed(input: Propose, context: &Context) -> Result<Vec<Event>, Refusal> {
        let Propose { mut post, nominee } = input;
        let item = post.item().ok_or(Refusal::NotOneItem { at: "/process" })?;
        post.is_key |= post.responsibility.is_accountable();
        let fresh = Self { item, post, ..Self::default() };
        fresh.proposal(nominee, context)
    }

    pub(super) fn successor_proposed(
        &self,
        input: ProposeSuccessor,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        match self.status {
            AssignmentStatus::Vacant | AssignmentStatus::Proposed => {}
            AssignmentStatus::Active | AssignmentStatus::Ended => {
                return Err(Refusal::WrongStatus { status: self.status.text() });
            }
        }
        self.proposal(input.nominee, context)
    }

    fn proposal(&self, nominee: Nominee, context: &Context) -> Result<Vec<Event>, Refusal> {
        nominee.check(&self.post, context)?;
        self.check_sole(&nominee, context)?;
        self.check_change(&nominee, context)?;
        let (item, post, by) = (self.item.clone(), self.post.clone(), context.user());
        Ok(vec![Event::Proposed(Proposed { item, post, nominee, by })])
    }

    pub(super) fn assigned(&self, context: &Context) -> Result<Vec<Event>, Refusal> {
        let nominee = match (self.status, self.nominee()) {
            (AssignmentStatus::Active, _) => return Ok(Vec::new()),
            (AssignmentStatus::Proposed, Some(nominee)) => nominee,
            (_, _) => return Err(Refusal::WrongStatus { status: self.status.text() }),
        };
        let by = context.user();
        if self.post.is_key && !context.holds(Role::Tm) {
            return Err(Refusal::NotTopManagement);
        }
        if self.post.is_key && self.proposed_by == by {
            return Err(Refusal::AssignerIsProposer);
        }
        let (judged, waived) = nominee.check(&self.post, context)?;
        self.check_sole(&nominee, context)?;
        self.check_change(&nominee, context)?;
        let Nominee { holder, valid_from, valid_to, .. } = nominee;
        let at = context.now;
        let assigned = RoleAssigned { holder, valid_from, valid_to, judged, waived, by, at };
        Ok(vec![Event::RoleAssigned(assigned)])
    }

    /// The other assignments of the item.
    fn others(&self, context: &Context) -> impl Iterator<Item = (String, RoleAssignment)> {
        let (own, item) = (context.id.clone(), self.item.clone());
        let all = context.facts.all::<RoleAssignment>().into_iter();
        all.filter(move |(id, other)| *id != own && other.item == item)
    }

    /// One is accountable at a time.
    fn check_sole(&self, nominee: &Nominee, context: &Context) -> Result<(), Refusal> {
        if !self.post.responsibility.is_accountable() {
            return Ok(());
        }
        let clashes = |other: &RoleAssignment| match (other.status, other.nominee()) {
            (AssignmentStatus::Ended, _) => false,
            (AssignmentStatus::Vacant, _) | (_, None) => true,
            (AssignmentStatus::Proposed | AssignmentStatus::Active, Some(held)) => {
                held.valid_from <= nominee.ends() && nominee.valid_from <= held.ends()
            }
        };
        let accountable = |other: &RoleAssignment| other.post.responsibility.is_accountable();
        let mut others = self.others(context);
        match others.find(|(_, other)| accountable(other) && clashes(other)) {
            Some((assignment, _)) => Err(Refusal::AnotherIsAccountable { assignment }),
            None => Ok(()),
        }
    }

    /// A key role that was held before changes hands by a planned change (6.3).
    fn check_change(&self, nominee: &Nominee, context: &Context) -> Result<(), Refusal> {
        let was_held = |post: &Post, assigned: Option<Instant>| {
            post.is_key && assigned.is_some() && post.is_same(&self.post)
        };
        let own = was_held(&self.post, self.assigned_at);
        let before = || self.others(context).any(|(_, o)| was_held(&o.post, o.assigned_at));
        if !self.post.is_key || !(own || before()) {
            return Ok(());
        }
        let change = nominee.aims_change.as_ref();
        let change = change.ok_or(Refusal::NoAimsChange { at: "/aimsChange" })?;
        let change = context.facts.get::<facts::AimsChange>(change.id());
        let role = folded(self.post.role.as_str());
        let touches = |touched: &facts::AffectedByChange| {
            touched.roles.iter().any(|name| folded(name) == role)
        };
        if change.as_ref().and_then(facts::AimsChange::touches).is_some_and(touches) {
            return Ok(());
        }
        Err(Refusal::AimsChangeNotApproved { at: "/aimsChange" })
    }

    pub(super) fn take_proposal(&mut self, event: Proposed) {
        let Proposed { item, post, nominee, by } = event;
        (self.item, self.post, self.proposed_by) = (item, post, by);
        (self.holder, self.deputy) = (Some(nominee.holder), nominee.deputy);
        (self.valid_from, self.valid_to) = (nominee.valid_from, nominee.valid_to);
        (self.waiver, self.aims_change) = (nominee.waiver, nominee.aims_change);
        (self.lacking, self.judged) = (Vec::new(), None);
        self.status = AssignmentStatus::Proposed;
    }

    pub(super) fn take_assignment(&mut self, event: RoleAssigned) {
        self.status = AssignmentStatus::Active;
        (self.judged, self.lacking) = (Some(event.judged), event.waived);
        (self.assigned_by, self.assigned_at) = (Some(event.by), Some(event.at));
        (self.vacant_since, self.vacancy_reported_at, self.end_reason) = (None, None, None);
    }
}
