//! The risks of the system are treated and accepted (G3, G4).

use kernel::{Fact, Need};

use super::{Answered, Question, Reply, counted};

/// The risks that name the system, and the criteria by which they are judged.
pub(super) fn needs(question: &Question) -> Vec<Need> {
    vec![
        Need::Holding(facts::Risk::KIND, "systems", question.id.to_owned()),
        Need::All(facts::RiskCriteria::KIND),
    ]
}

/// The open risks of the system.
fn open(question: &Question) -> Vec<(String, facts::Risk)> {
    question.all::<facts::Risk>(|risk| risk.is_open() && risk.concerns(question.id))
}

/// G3: no open risk is critical after treatment, and none above the appetite lacks an acceptance
/// that holds today.
pub(super) fn accepted(question: &Question) -> Answered {
    let mut reply = Reply::default();
    let risks = open(question);
    let criteria = question.all::<facts::RiskCriteria>(|_| true);
    let in_force = criteria.iter().find_map(|(_, criteria)| criteria.in_force());
    let appetite = in_force.and_then(|(_, approved)| approved.appetite);
    let mut accepted = 0;
    for (id, risk) in &risks {
        let Some(rating) = risk.current() else {
            reply.unknown_by(id, format!("{id} is not rated"));
            continue;
        };
        let (score, level) = (rating.score, &rating.level);
        let rated = if risk.residual.is_some() { "a residual" } else { "no residual rating, but" };
        if rating.is_critical() {
            reply.fails_by(id, format!("{id} has {rated} score {score}, critical"));
        } else if risk.has_valid_acceptance(question.today()) {
            accepted += 1;
        } else if let Some(appetite) = appetite {
            if score > appetite {
                let over = format!("{rated} score {score} ({level}) above the appetite {appetite}");
                reply.fails_by(id, format!("{id} has {over}, not validly accepted"));
            }
        } else {
            reply.unknown_by(id, format!("{id} has score {score}, and no criteria are in force"));
        }
    }
    reply.saw_all(&risks);
    reply.saw_all(&criteria);
    let open = counted(risks.len(), "open risk", "open risks");
    let limit = appetite.map_or_else(String::new, |n| format!(" within the appetite {n}"));
    let within = risks.len() - accepted;
    reply.done(question, format!("{open}: {within}{limit}, {accepted} accepted."))
}

/// What G3 needs, and the plans in force that treat one of these risks.
pub(super) fn needs_of_treatment(question: &Question) -> Vec<Need> {
    let plans = open(question).into_iter();
    let plans = plans.map(|(id, _)| Need::Holding(facts::TreatmentPlan::KIND, "inForce.risks", id));
    let risks = Need::Holding(facts::Risk::KIND, "systems", question.id.to_owned());
    [risks].into_iter().chain(plans).collect()
}

/// G4: of the plans in force, every mandatory action that was due by today is done.
pub(super) fn treated(question: &Question) -> Answered {
    let mut reply = Reply::default();
    let (risks, today) = (open(question), question.today());
    let plans =
        question.all::<facts::TreatmentPlan>(|plan| risks.iter().any(|(id, _)| plan.treats(id)));
    for (id, plan) in &plans {
        let late = plan.open_mandatory(Some(today));
        if late > 0 {
            let actions = counted(late, "mandatory action", "mandatory actions");
            reply.fails_by(id, format!("{id}: {actions} due by {today} not done"));
        }
    }
    reply.saw_all(&plans);
    reply.saw_all(&risks);
    let treating = counted(plans.len(), "treatment plan", "treatment plans");
    let holds = format!("{treating} in force, no mandatory action due by {today} is open.");
    reply.done(question, holds)
}
