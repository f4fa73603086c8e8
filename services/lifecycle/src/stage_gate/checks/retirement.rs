//! What must be settled before a system's life ends (G17).

use kernel::{Fact, Need};

use super::{Answered, Question, Reply};

/// What the system leaves behind: incidents, logs, contracts with suppliers and customers.
pub(super) fn needs(question: &Question) -> Vec<Need> {
    let system = || question.id.to_owned();
    let mut needs = vec![
        question.of_system::<facts::Incident>(),
        question.of_system::<facts::EventLogPolicy>(),
        Need::Holding(facts::SuppliedComponent::KIND, "usedBy", system()),
        Need::Holding(facts::CustomerExpectation::KIND, "systems", system()),
    ];
    for (_, component) in only_here(question) {
        needs.push(Need::Where(facts::Contract::KIND, "supplier", component.supplier));
    }
    let expectations = promised(question).into_iter();
    needs.extend(expectations.filter_map(|(_, e)| e.contract).map(Need::Object));
    needs
}

/// The components that no other system uses. A contract about others goes on.
fn only_here(question: &Question) -> Vec<(String, facts::SuppliedComponent)> {
    question.all::<facts::SuppliedComponent>(|component| {
        let is_only = component.used_by.keys().all(|system| system == question.id);
        is_only && component.used_by.contains_key(question.id) && component.status != "withdrawn"
    })
}

/// What customers were promised of this system and no other.
fn promised(question: &Question) -> Vec<(String, facts::CustomerExpectation)> {
    question.all::<facts::CustomerExpectation>(|expectation| {
        let is_only = expectation.systems.iter().all(|system| system == question.id);
        is_only && !expectation.systems.is_empty() && expectation.status != "declined"
    })
}

/// G17: data and models have a destination, users were told, logs are kept as long as they must be,
/// contracts that serve this system alone have ended, and no incident is open.
pub(super) fn settled(question: &Question) -> Answered {
    let mut reply = Reply::default();
    reply.saw(question.id);
    planned(question, &mut reply);
    contracts_ended(question, &mut reply);
    let incidents = question.all::<facts::Incident>(|i| i.system == question.id);
    for (id, incident) in &incidents {
        if !matches!(incident.status.as_str(), "closed" | "duplicate" | "not_an_incident") {
            reply.fails_by(id, format!("{id} is {}, not closed", incident.status));
        }
    }
    let until = question.system.retirement_plan.as_ref().map(|plan| plan.logs_kept_until);
    let until = until.map_or_else(String::new, |until| until.to_string());
    let holds = format!(
        "Data and models have a destination, users were told, logs are kept to {until}, \
         contracts have ended, no incident is open."
    );
    reply.done(question, holds)
}

/// The plan of retirement: disposition, notice, and how long logs are kept.
fn planned(question: &Question, reply: &mut Reply) {
    let today = question.today();
    let Some(plan) = &question.system.retirement_plan else {
        return reply.fails("No plan says what becomes of data, models, users and logs");
    };
    if plan.users_told_on.is_none() {
        reply.fails_by(question.id, "Users have not been told");
    }
    if plan.logs_kept_until < today {
        let until = plan.logs_kept_until;
        reply.fails_by(question.id, format!("Logs are kept only to {until}"));
    }
    for (id, log) in question.all::<facts::EventLogPolicy>(|log| log.system == question.id) {
        reply.saw(&id);
        let least = today.plus_months(i64::from(log.retention_months));
        if matches!(log.status.as_str(), "active" | "gap") && plan.logs_kept_until < least {
            let months = log.retention_months;
            let kept = format!("logs are kept for {months} months, to {least}, not only to {}", {
                plan.logs_kept_until
            });
            reply.fails_by(&id, format!("By {id} {kept}"));
        }
    }
}

/// Contracts that serve this system alone.
fn contracts_ended(question: &Question, reply: &mut Reply) {
    let today = question.today();
    for (id, component) in only_here(question) {
        reply.saw(&id);
        let others = question.all::<facts::Contract>(|contract| {
            contract.supplier.as_deref() == Some(&component.supplier)
        });
        for (contract, _) in others.iter().filter(|(_, contract)| contract.is_agreed_on(today)) {
            let said = format!("{contract} with {} is in force for {id}", component.supplier);
            reply.fails_by(contract, said);
        }
    }
    for (id, expectation) in promised(question) {
        let Some(contract) = expectation.contract else { continue };
        reply.saw(&id);
        match question.get::<facts::Contract>(&contract) {
            Some(known) if known.is_agreed_on(today) => {
                reply.fails_by(&contract, format!("{contract} is in force, {id} rests on it"));
            }
            Some(_) => {}
            None => reply.unknown(format!("{contract} cannot be found")),
        }
    }
}
