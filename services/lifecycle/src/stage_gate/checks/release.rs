//! What users and operators need before a version serves them (G10, G11).

use kernel::{Need, UserId};

use super::{Answered, Question, Reply, counted};
use crate::deployment_plan::DeploymentPlan;

/// The intended use, who watches over the system, and what proves that they can.
pub(super) fn needs_of_use(question: &Question) -> Vec<Need> {
    let mut needs = vec![question.of_system::<facts::IntendedUse>()];
    for (_, intended) in question.all::<facts::IntendedUse>(|u| u.system == question.id) {
        for overseer in intended.in_force.iter().flat_map(|in_force| in_force.oversight.values()) {
            needs.extend(overseer.competence.iter().cloned().map(Need::Object));
            let who = UserId::new(&*overseer.who);
            needs.push(Need::Object(facts::Membership::id_of(&who)));
        }
    }
    needs
}

/// G10: the intended use is approved, its user information published, and everybody who watches
/// over the system is a member and shown to be competent.
pub(super) fn explained(question: &Question) -> Answered {
    let mut reply = Reply::default();
    let found = question.all::<facts::IntendedUse>(|u| u.system == question.id);
    if found.is_empty() {
        reply.fails("The system has no intended use");
    }
    reply.saw_all(&found);
    for (id, intended) in &found {
        if intended.effective.is_none() {
            reply.fails_by(id, format!("{id} is not approved"));
        }
        if intended.published_at.is_none() {
            reply.fails_by(id, format!("{id}: its user information is not published"));
        }
        let Some(in_force) = &intended.in_force else { continue };
        if in_force.oversight.is_empty() {
            reply.fails_by(id, format!("{id}: nobody watches over the system"));
        }
        for (key, overseer) in &in_force.oversight {
            oversees(question, id, key, overseer, &mut reply);
        }
    }
    let id = found.first().map_or("", |(id, _)| id);
    let holds = format!("{id} is approved and published, its oversight competent.");
    reply.done(question, holds)
}

fn oversees(
    question: &Question,
    intended: &str,
    key: &str,
    overseer: &facts::Overseer,
    reply: &mut Reply,
) {
    let post = format!("{intended}: oversight {key}");
    match question.is_member(&UserId::new(&*overseer.who)) {
        Some(true) => {}
        Some(false) => reply.fails_by(intended, format!("{post} is held by no member any more")),
        None => reply.unknown_by(intended, format!("{post} is held by nobody who is known")),
    }
    if overseer.competence.is_empty() {
        reply.fails_by(intended, format!("{post} has no evidence of competence"));
    }
    for evidence in &overseer.competence {
        match question.get::<facts::Evidence>(evidence) {
            Some(proof) if proof.is_good() => {}
            Some(proof) => {
                reply.fails_by(evidence, format!("{post} rests on {evidence}, {}", proof.status));
            }
            None => reply.unknown(format!("{post} rests on {evidence}, which cannot be found")),
        }
        reply.saw(evidence);
    }
    reply.proven_by(&overseer.competence);
}

pub(super) fn needs(question: &Question) -> Vec<Need> {
    vec![
        question.of_system::<DeploymentPlan>(),
        question.of_system::<facts::Monitor>(),
        question.of_system::<facts::EventLogPolicy>(),
    ]
}

/// G11: a plan with a way back is approved for this version, a monitor watches, and logging is on.
pub(super) fn planned(question: &Question) -> Answered {
    let mut reply = Reply::default();
    let label = question.label.as_str();
    let plans = question.all::<DeploymentPlan>(|plan| plan.is_for(question.id, question.label));
    let approved = |plan: &DeploymentPlan| plan.approval.effective.is_some();
    if !plans.iter().any(|(_, plan)| approved(plan) && !plan.content.rollback.is_empty()) {
        match plans.first() {
            Some((id, plan)) if approved(plan) => {
                reply.fails_by(id, format!("{id} names no way back"));
            }
            Some((id, _)) => reply.fails_by(id, format!("{id} is not approved")),
            None => reply.fails(format!("Version {label} has no deployment plan")),
        }
    }
    let monitors = question.all::<facts::Monitor>(|m| m.system == question.id);
    let watching = |m: &facts::Monitor| !matches!(m.status.as_str(), "paused" | "closed");
    if !monitors.iter().any(|(_, monitor)| watching(monitor)) {
        match monitors.first() {
            Some((id, monitor)) => reply.fails_by(id, format!("{id} is {}", monitor.status)),
            None => reply.fails("No monitor is armed"),
        }
    }
    let logs = question.all::<facts::EventLogPolicy>(|log| log.system == question.id);
    if !logs.iter().any(|(_, log)| log.status == "active") {
        match logs.first() {
            Some((id, log)) => reply.fails_by(id, format!("{id} is {}", log.status)),
            None => reply.fails("No event-log policy is active"),
        }
    }
    reply.saw_all(&plans);
    reply.saw_all(&monitors);
    reply.saw_all(&logs);
    let watched = counted(monitors.len(), "monitor", "monitors");
    let holds = format!("The plan for {label} is approved with a way back, {watched}, logging on.");
    reply.done(question, holds)
}
