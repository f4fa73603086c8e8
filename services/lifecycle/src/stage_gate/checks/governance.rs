//! What the management system says of the system: open work (G13), who answers (G14), and what
//! contradicts the Statement of Applicability (G16).

use kernel::{Fact, Need};

use super::{Answered, Question, Reply, counted, suppliers};

pub(super) fn needs_of_work(question: &Question) -> Vec<Need> {
    vec![
        question.of_system::<facts::Nonconformity>(),
        Need::Where(facts::Task::KIND, "subject", question.id.to_owned()),
    ]
}

/// G13: no major nonconformity and no blocking task on the system is open.
pub(super) fn undisturbed(question: &Question) -> Answered {
    let mut reply = Reply::default();
    let found = question.all::<facts::Nonconformity>(|nc| {
        nc.is_open() && nc.system.as_deref() == Some(question.id)
    });
    for (id, nonconformity) in &found {
        match nonconformity.grade.as_str() {
            "minor" => {}
            "major" => reply.fails_by(id, format!("{id} is major and {}", nonconformity.status)),
            other => reply.unknown_by(id, format!("{id} is graded {other}")),
        }
    }
    let tasks = question.all::<facts::Task>(|task| {
        task.blocking
            && matches!(task.status.as_str(), "open" | "overdue")
            && task.subject.as_deref() == Some(question.id)
    });
    for (id, task) in &tasks {
        reply.fails_by(id, format!("{id} blocks and is {}", task.status));
    }
    reply.saw_all(&found);
    let minor = counted(found.len(), "minor nonconformity", "minor nonconformities");
    let holds = format!("No major nonconformity and no blocking task; {minor} open.");
    reply.done(question, holds)
}

/// Who answers for the system and for the management system, and which posts are vacant.
pub(super) fn needs_of_roles(question: &Question) -> Vec<Need> {
    let kind = facts::RoleAssignment::KIND;
    let mut needs = vec![
        Need::Where(kind, "item", question.id.to_owned()),
        Need::Where(kind, "item", facts::RoleAssignment::AIMS.to_owned()),
        Need::Where(kind, "status", "vacant".to_owned()),
    ];
    let posts = question.all::<facts::RoleAssignment>(|_| true).into_iter();
    let holders = posts.filter_map(|(_, post)| post.holder).chain(question.system.owner.clone());
    needs.extend(holders.map(|who| Need::Object(facts::Membership::id_of(&who))));
    needs
}

/// G14: a member is accountable for the system (by a role assignment, or else as its registered
/// owner), one for the management system, and no accountable post of either is vacant.
pub(super) fn answered_for(question: &Question) -> Answered {
    let mut reply = Reply::default();
    let posts = question.all::<facts::RoleAssignment>(|_| true);
    let accountable = |item: &str| -> Vec<&(String, facts::RoleAssignment)> {
        let filled = |post: &facts::RoleAssignment| {
            let holder = post.is_accountability_for(item).then(|| post.holder_on(question.today()));
            holder.flatten().is_some_and(|who| question.is_member(who) == Some(true))
        };
        posts.iter().filter(|(_, post)| filled(post)).collect()
    };
    let of_system = accountable(question.id);
    if of_system.is_empty() {
        match question.system.owner.as_ref().map(|owner| question.is_member(owner)) {
            Some(Some(true)) => {}
            Some(Some(false)) => reply.fails("The owner of the system is no member any more"),
            Some(None) => reply.unknown("Whether the owner of the system is a member is open"),
            None => reply.fails("Nobody is accountable for the system"),
        }
    }
    let of_aims = accountable(facts::RoleAssignment::AIMS);
    if of_aims.is_empty() {
        reply.fails("Nobody is accountable for the process \"AI management system\"");
    }
    for (id, post) in &posts {
        let is_theirs = post.item == question.id || !post.item.starts_with("sys_");
        if post.status == "vacant" && post.responsibility == "accountable" && is_theirs {
            reply.fails_by(id, format!("{id}: the accountable post for {} is vacant", post.item));
        }
    }
    reply.saw(question.id);
    for (id, _) in of_system.iter().chain(&of_aims) {
        reply.saw(id);
    }
    let holds = "System and management system are answered for, no accountable post is vacant.";
    reply.done(question, holds)
}

/// The Statements of Applicability, and what the version is made of.
pub(super) fn needs_of_statement(question: &Question) -> Vec<Need> {
    let mut needs = suppliers::needs_of_components(question);
    needs.push(Need::All(facts::Soa::KIND));
    needs
}

/// G16: no open contradiction of a Statement of Applicability touches the system: none that the
/// system shows, or what its version is made of, or the organisation as a whole.
pub(super) fn uncontradicted(question: &Question) -> Answered {
    let mut reply = Reply::default();
    let version = &question.version;
    let mut parts = suppliers::components(question);
    parts.extend(suppliers::suppliers(question));
    parts.extend(version.datasets.iter().map(|dataset| dataset.id().to_owned()));
    parts.extend(version.resources.iter().map(|resource| resource.id().to_owned()));
    parts.insert(question.id.to_owned());
    let statements = question.all::<facts::Soa>(|_| true);
    for (id, statement) in &statements {
        for contradiction in statement.contradictions.values() {
            let control = &contradiction.control;
            match &contradiction.object {
                Some(object) if parts.contains(object) => {
                    reply.saw(object);
                    reply.fails_by(id, format!("{id} excludes {control}, against {object}"));
                }
                Some(_) => {}
                None => reply.fails_by(id, format!("{id} excludes {control} against the facts")),
            }
        }
    }
    reply.saw_all(&statements);
    let holds = "No open contradiction of the Statement of Applicability touches the system.";
    reply.done(question, holds)
}
