//! What the system does to people was assessed (G2).

use kernel::Need;

use super::{Answered, Question, Reply};

pub(super) fn needs(question: &Question) -> Vec<Need> {
    vec![
        question.of_system::<facts::ImpactAssessment>(),
        question.of_system::<facts::IntendedUse>(),
    ]
}

/// G2: an approved impact assessment is up to date, covers what the system is intended for, and its
/// conditions are met.
pub(super) fn assessed(question: &Question) -> Answered {
    let mut reply = Reply::default();
    let found = question.all::<facts::ImpactAssessment>(|a| a.system == question.id);
    let current: Vec<_> = found.iter().filter(|(_, a)| a.is_current()).collect();
    reply.saw_all(&found);
    if found.is_empty() {
        reply.fails("The system has no impact assessment");
    } else if current.is_empty() {
        for (id, assessment) in &found {
            reply.fails_by(id, format!("{id} is {}", assessment.status));
        }
    }
    for (id, assessment) in &current {
        if let Some(due) = assessment.next_due.filter(|due| *due < question.today()) {
            reply.fails_by(id, format!("{id} was to be done again by {due}"));
        }
        let open = assessment.conditions.values().filter(|c| c.met_at.is_none()).count();
        if open > 0 {
            reply.fails_by(id, format!("{id}: {open} of its conditions are not met"));
        }
    }
    for (id, intended) in question.all::<facts::IntendedUse>(|u| u.system == question.id) {
        let uses = intended.in_force.iter().flat_map(|in_force| &in_force.intended_uses);
        let is_assessed = |wanted: &str| {
            let mut assessed = current.iter().flat_map(|(_, a)| &a.intended_uses);
            assessed.any(|known| plain(known) == plain(wanted))
        };
        let mut wider = uses.filter(|wanted| !is_assessed(wanted));
        if let (Some(wider), false) = (wider.next(), current.is_empty()) {
            reply.fails_by(&id, format!("{id}: the use \"{wider}\" was not assessed"));
        }
        reply.saw(&id);
    }
    let ids = current.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>().join(", ");
    reply.done(question, format!("{ids} is approved, in time and without condition."))
}

/// A use as it is compared: case and blanks do not count.
fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}
