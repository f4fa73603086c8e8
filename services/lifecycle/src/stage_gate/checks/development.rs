//! How the version was developed: requirements (G6), design and documentation (G7), verification
//! and validation (G8).

use kernel::Need;

use super::{Answered, Question, Reply};
use crate::stage::Stage;

/// G6: a baseline of the requirements is approved.
pub(super) fn required(question: &Question) -> Answered {
    let mut reply = Reply::default();
    let found = question.all::<facts::RequirementSet>(|set| set.system == question.id);
    let baseline = found.iter().find(|(_, set)| set.effective.is_some());
    if baseline.is_none() {
        match found.first() {
            Some((id, _)) => reply.fails_by(id, format!("{id} has no approved baseline")),
            None => reply.fails("The system has no requirement set"),
        }
    }
    reply.saw_all(&found);
    let id = baseline.map_or("", |(id, _)| id);
    reply.done(question, format!("The baseline of {id} is approved."))
}

pub(super) fn needs_of_design(question: &Question) -> Vec<Need> {
    vec![
        question.of_system::<facts::DesignRecord>(),
        question.of_system::<facts::TechnicalDocumentation>(),
    ]
}

/// G7: the design of exactly this version is approved, unless it was bought; from deployment on
/// also its technical documentation.
pub(super) fn designed(question: &Question) -> Answered {
    let mut reply = Reply::default();
    let label = question.label.as_str();
    let designs: Vec<(String, bool)> = question
        .all::<facts::DesignRecord>(|d| d.system == question.id && d.system_version == label)
        .into_iter()
        .map(|(id, design)| (id, design.effective.is_some()))
        .collect();
    let documents: Vec<(String, bool)> = question
        .all::<facts::TechnicalDocumentation>(|d| {
            d.system == question.id && d.system_version == label
        })
        .into_iter()
        .map(|(id, document)| (id, document.effective.is_some()))
        .collect();
    let is_before_deployment = matches!(
        question.to,
        Stage::Inception | Stage::DesignAndDevelopment | Stage::VerificationAndValidation
    );
    let asked = [
        ("design", &designs, !question.system.is_bought()),
        ("technical documentation", &documents, !is_before_deployment),
    ];
    let mut approved = Vec::new();
    for (what, found, _) in asked.into_iter().filter(|(_, _, is_asked)| *is_asked) {
        match (found.iter().find(|(_, in_force)| *in_force), found.first()) {
            (Some((id, _)), _) => approved.push(id.clone()),
            (None, Some((id, _))) => {
                reply.fails_by(id, format!("{id}: the {what} of {label} is not approved"));
            }
            (None, None) => reply.fails(format!("Version {label} has no {what}")),
        }
        reply.saw_all(found);
    }
    let holds = match approved.as_slice() {
        [] => format!("Version {label} was bought: nothing of its design is asked here."),
        ids => format!("Approved for version {label}: {}.", ids.join(", ")),
    };
    reply.done(question, holds)
}

/// The records of exactly this version that stand.
fn records(question: &Question) -> Vec<(String, facts::VerificationRecord)> {
    let label = question.label.as_str();
    let is_mine = |record: &facts::VerificationRecord| {
        record.system == question.id && record.system_version == label && record.stands()
    };
    question.all::<facts::VerificationRecord>(is_mine)
}

/// G8: exactly this version was verified and passed, and nobody who develops it validated it.
pub(super) fn verified(question: &Question) -> Answered {
    let mut reply = Reply::default();
    let (found, label) = (records(question), question.label.as_str());
    if found.is_empty() {
        reply.fails(format!("Version {label} has no verification record"));
    }
    for (id, record) in &found {
        match (record.status.as_str(), record.outcome.as_deref()) {
            ("completed", Some("pass")) => {}
            ("completed", Some(outcome)) => {
                reply.fails_by(id, format!("{id}: the outcome is {outcome}"));
            }
            ("completed", None) => reply.unknown_by(id, format!("{id} names no outcome")),
            (status, _) => reply.fails_by(id, format!("{id} is {status}, not completed")),
        }
        let developers = &question.version.developers;
        if record.validators.iter().any(|who| developers.iter().any(|d| d.as_str() == who)) {
            reply.fails_by(id, format!("{id}: a developer of {label} validated it"));
        }
        if record.validators.is_empty() {
            reply.unknown_by(id, format!("{id} names no validator"));
        }
    }
    reply.saw_all(&found);
    let id = found.first().map_or("", |(id, _)| id);
    let holds = format!("{id}: version {label} passed; no validator is a developer of it.");
    reply.done(question, holds)
}

/// The last part of G8: the criteria stood before every run.
pub(super) fn criteria_first(question: &Question) -> Answered {
    let mut reply = Reply::default();
    let (found, label) = (records(question), question.label.as_str());
    if found.is_empty() {
        reply.fails(format!("No criteria are registered for version {label}"));
    }
    for (id, record) in &found {
        if record.status != "completed" {
            reply.unknown_by(id, format!("{id} is {}, not completed", record.status));
        } else if !record.criteria_first {
            reply.fails_by(id, format!("{id}: a run began before its criteria were registered"));
        }
    }
    reply.saw_all(&found);
    let id = found.first().map_or("", |(id, _)| id);
    let holds = format!("{id}: every run began after its criteria were registered.");
    reply.done(question, holds)
}
