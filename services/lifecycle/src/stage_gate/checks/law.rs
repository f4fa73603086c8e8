//! What the law says of the system: its class (G1), assessment of rights and registration (G15).

use kernel::Need;
use kernel::values::{Key, Line};
use reference::rules::{Case, Rules, Trigger};

use super::{Answered, Question, Reply};

/// G1: every regime's class is confirmed, and none is prohibited.
pub(super) fn classified(question: &Question) -> Answered {
    let mut reply = Reply::default();
    let found = question.all::<facts::RegulatoryClassification>(|c| c.system == question.id);
    if found.is_empty() {
        reply.fails("The system is not classified");
    }
    for (id, class) in &found {
        if class.has_effect("forbidden") {
            reply.fails_by(id, format!("{id}: {} {} is prohibited", class.regime, class.class));
        } else if !class.is_confirmed() {
            reply.fails_by(id, format!("{id}: {} is not confirmed", class.regime));
        }
    }
    reply.saw_all(&found);
    let classes = found.iter().map(|(_, c)| format!("{} {}", c.regime, c.class));
    let classes = classes.collect::<Vec<_>>().join(", ");
    reply.done(question, format!("Confirmed as {classes}."))
}

pub(super) fn needs_of_registration(question: &Question) -> Vec<Need> {
    vec![
        question.of_system::<facts::RegulatoryClassification>(),
        question.of_system::<facts::ImpactAssessment>(),
        Rules::need(),
    ]
}

/// G15: by the rules of today, the impact on fundamental rights is assessed and the system is
/// registered where either is demanded.
pub(super) fn registered(question: &Question) -> Answered {
    let mut reply = Reply::default();
    let (rules, today) = (Rules::known(&question.known.facts), question.today());
    let found = question.all::<facts::RegulatoryClassification>(|c| c.system == question.id);
    if found.is_empty() {
        reply.unknown("The system is not classified");
    }
    let assessments = question.all::<facts::ImpactAssessment>(|a| a.system == question.id);
    let has_rights = assessments.iter().any(|(_, assessment)| {
        let approved = assessment.approved.as_ref();
        assessment.is_current() && approved.is_some_and(|approved| approved.rights_assessed)
    });
    let mut demands = 0;
    for (id, class) in &found {
        if !class.is_confirmed() {
            reply.unknown_by(id, format!("{id}: {} is not confirmed", class.regime));
            continue;
        }
        let case = case_of(class);
        let demanded = |trigger| {
            let told = rules.evaluate(trigger, &case, today).into_iter();
            let mut told = told.filter(|e| e.applies && e.rule.regime.as_str() == class.regime);
            told.next().map(|evaluation| evaluation.rule.article.to_string())
        };
        let (fria, entry) = (demanded(Trigger::Fria), demanded(Trigger::Registration));
        demands += usize::from(fria.is_some()) + usize::from(entry.is_some());
        if let Some(article) = fria.filter(|_| !has_rights) {
            reply.fails_by(id, format!("{id}: {article} asks for an impact assessment on rights"));
        }
        if let Some(article) = entry.filter(|_| class.registration.is_none()) {
            reply.fails_by(id, format!("{id}: {article} asks for registration"));
        }
    }
    reply.saw_all(&found);
    reply.saw_all(&assessments);
    let holds = match demands {
        0 => format!("No rule asks for assessment of rights or registration on {today}."),
        n => format!("What {n} rules ask for on {today} is done."),
    };
    reply.done(question, holds)
}

fn case_of(classification: &facts::RegulatoryClassification) -> Case {
    let class = (Key::new(&*classification.regime), Key::new(&*classification.class));
    Case {
        classes: [class].into(),
        roles: vec![Key::new(&*classification.role)],
        point: classification.point.as_deref().map(Line::new),
        public_body: classification.public_body,
        exempt: classification.is_exempt(),
        ..Case::default()
    }
}
