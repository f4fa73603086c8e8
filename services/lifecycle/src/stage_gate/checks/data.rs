//! The data that the version uses (G5, G9).

use kernel::Need;

use super::{Answered, Question, Reply, counted};

/// The data sets of the version.
pub(super) fn needs(question: &Question) -> Vec<Need> {
    let datasets = question.version.datasets.iter();
    datasets.map(|dataset| Need::Object(dataset.id().to_owned())).collect()
}

/// G9: every data set of the version is approved for use today.
pub(super) fn approved(question: &Question) -> Answered {
    let mut reply = Reply::default();
    for dataset in &question.version.datasets {
        let id = dataset.id();
        match question.get::<facts::Dataset>(id) {
            Some(data) if data.is_approved_on(question.today()) => {}
            Some(data) => match data.approved_until.filter(|_| data.status == "approved_for_use") {
                Some(until) => reply.fails_by(id, format!("{id} was approved until {until}")),
                None => reply.fails_by(id, format!("{id} is {}", data.status)),
            },
            None => reply.unknown(format!("{id} cannot be found")),
        }
        reply.saw(id);
    }
    let used = counted(question.version.datasets.len(), "data set", "data sets");
    reply.done(question, format!("{used} in use, each approved for use."))
}

/// Whether personal data are used, and what was assessed.
pub(super) fn needs_of_privacy(question: &Question) -> Vec<Need> {
    let mut needs = needs(question);
    needs.push(question.of_system::<facts::PrivacyAssessment>());
    needs.push(question.of_system::<facts::ImpactAssessment>());
    needs
}

/// G5: a data protection impact assessment is approved when the version uses personal data.
pub(super) fn privacy_assessed(question: &Question) -> Answered {
    let mut reply = Reply::default();
    let privacy = question.all::<facts::PrivacyAssessment>(|p| p.system == question.id);
    let approved: Vec<_> = privacy.iter().filter(|(_, p)| p.effective.is_some()).collect();
    let impact = question.all::<facts::ImpactAssessment>(|a| a.system == question.id);
    let datasets = question.version.datasets.iter().map(|dataset| dataset.id());
    let datasets: Vec<_> =
        datasets.map(|id| (id.to_owned(), question.get::<facts::Dataset>(id))).collect();
    if approved.is_empty() {
        for (id, _) in impact.iter().filter(|(_, assessment)| assessment.personal_data) {
            reply.fails_by(id, format!("By {id} personal data are used, none is assessed"));
        }
        for (id, data) in &datasets {
            match data.as_ref().and_then(|data| data.personal_data) {
                Some(false) => {}
                Some(true) => {
                    reply.fails_by(id, format!("{id} holds personal data, none is assessed"));
                }
                None => reply.unknown_by(id, format!("Whether {id} holds personal data is open")),
            }
        }
    }
    reply.saw_all(&privacy);
    reply.saw_all(&datasets);
    reply.saw_all(&impact);
    let holds = match approved.first() {
        Some((id, _)) => format!("The privacy assessment {id} is approved."),
        None => {
            let used = counted(datasets.len(), "data set", "data sets");
            format!("No personal data are used: {used}, none with personal data.")
        }
    };
    reply.done(question, holds)
}
