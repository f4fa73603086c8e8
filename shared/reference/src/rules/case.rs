//! What a rule is asked about, and what it asks for.

use std::collections::BTreeMap;

use declare::{record, words};
use kernel::values::{Key, Line};

/// What a class of a regime brings about for a system.
#[words]
pub enum Effect {
    /// The system may not be placed on the market, put into service or used.
    Forbidden,
    /// The duties of high-risk systems apply.
    HighRisk,
    /// People must be told that they deal with AI, or that a content was made by it.
    Transparency,
}

impl Effect {
    /// Its word.
    pub const fn word(self) -> &'static str {
        match self {
            Effect::Forbidden => "forbidden",
            Effect::HighRisk => "high_risk",
            Effect::Transparency => "transparency",
        }
    }
}

/// What must be the case for a rule to apply. What is left out may be anything; all that is given
/// must hold, and of a list one member suffices.
#[record]
#[derive(Default)]
pub struct Condition {
    /// Classes of the rule's regime.
    #[field(max = 20)]
    pub classes: Vec<Key>,
    /// What the system's class brings about.
    #[field(max = 3)]
    pub effects: Vec<Effect>,
    /// Roles of the organisation, such as `provider`.
    #[field(max = 20)]
    pub roles: Vec<Key>,
    /// Grounds that make an incident serious, such as `b` of Art. 3(49) of the EU AI Act.
    #[field(max = 20)]
    pub grounds: Vec<Key>,
    /// Points of the regime's list of uses, such as `5(b)` of Annex III of the EU AI Act; `5`
    /// stands for all of its points.
    #[field(max = 40)]
    pub points: Vec<Line>,
    /// Whether somebody died.
    pub death: Option<bool>,
    /// Whether the infringement is widespread.
    pub widespread: Option<bool>,
    /// Whether personal data are affected.
    pub personal_data: Option<bool>,
    /// Whether the organisation is a public body or provides public services.
    pub public_body: Option<bool>,
    /// Whether the system is exempted from its class, as by Art. 6(3) of the EU AI Act.
    pub exempt: Option<bool>,
}

/// What rules are evaluated for: a classification, an incident, or both.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Case {
    /// The system's class by regime.
    pub classes: BTreeMap<Key, Key>,
    /// What its class brings about; only looked at where `classes` has none for a rule's regime.
    pub effects: Vec<Effect>,
    /// Roles that the organisation plays for the system.
    pub roles: Vec<Key>,
    /// Grounds that make the incident serious.
    pub grounds: Vec<Key>,
    /// The point of the regime's list of uses, `5(b)`.
    pub point: Option<Line>,
    /// Whether somebody died.
    pub death: bool,
    /// Whether the infringement is widespread.
    pub widespread: bool,
    /// Whether personal data are affected.
    pub personal_data: bool,
    /// Whether the organisation is a public body or provides public services.
    pub public_body: bool,
    /// Whether the system is exempted from its class; a class has no high-risk effect then.
    pub exempt: bool,
}

/// A part of a condition: whether it holds, and in words what is the case.
pub(super) type Weighed = (bool, String);

/// Whether the point is one of these, or belongs to one of them.
pub(super) fn is_among(point: &str, points: &[Line]) -> bool {
    let belongs = |to: &str| point.strip_prefix(to).is_some_and(|rest| rest.starts_with('('));
    points.iter().any(|of| of.as_str() == point || belongs(of.as_str()))
}

impl Condition {
    /// Every part that is asked for. `class` is the case's class in the rule's regime, `effects`
    /// what that brings about.
    pub(super) fn weigh(
        &self,
        case: &Case,
        class: Option<&Key>,
        effects: &[Effect],
    ) -> Vec<Weighed> {
        let mut parts: Vec<Weighed> = Vec::new();
        parts.extend(self.weigh_class(case, class, effects));
        parts.extend(any_of("role", &words(&self.roles), &words(&case.roles)));
        parts.extend(any_of("ground", &words(&self.grounds), &words(&case.grounds)));
        parts.extend(self.weigh_point(case));
        let flags = [
            (self.death, case.death, "somebody died", "nobody died"),
            (
                self.widespread,
                case.widespread,
                "the infringement is widespread",
                "the infringement is not widespread",
            ),
            (
                self.personal_data,
                case.personal_data,
                "personal data are affected",
                "no personal data are affected",
            ),
            (
                self.public_body,
                case.public_body,
                "the organisation is a public body or provides public services",
                "the organisation is no public body and provides no public services",
            ),
            (self.exempt, case.exempt, "the system is exempted", "the system is not exempted"),
        ];
        parts.extend(flags.into_iter().filter_map(|(asked, is, yes, no)| {
            Some((asked? == is, if is { yes } else { no }.to_owned()))
        }));
        parts
    }

    fn weigh_class(&self, case: &Case, class: Option<&Key>, effects: &[Effect]) -> Option<Weighed> {
        let asked = words(&self.classes);
        let class = class.map(Key::as_str);
        let named = any_of("class", &asked, &class.into_iter().collect::<Vec<_>>());
        if self.effects.is_empty() || named.as_ref().is_some_and(|(holds, _)| !holds) {
            return named;
        }
        let wanted: Vec<_> = self.effects.iter().map(|effect| effect.word()).collect();
        if let Some(effect) = effects.iter().find(|effect| self.effects.contains(effect)) {
            let is = class.unwrap_or(effect.word());
            return Some((true, format!("the class is {is}")));
        }
        let wanted = either(&wanted);
        Some((
            false,
            match class {
                Some(class) if case.exempt => format!("the system is exempted from {class}"),
                Some(class) => format!("the class is {class}, not {wanted}"),
                None => format!("the system is not known to be {wanted}"),
            },
        ))
    }

    fn weigh_point(&self, case: &Case) -> Option<Weighed> {
        if self.points.is_empty() {
            return None;
        }
        let wanted = either(&self.points.iter().map(Line::as_str).collect::<Vec<_>>());
        Some(match case.point.as_ref().map(Line::as_str) {
            None => (false, format!("no point is named, where {wanted} is asked for")),
            Some(is) if is_among(is, &self.points) => (true, format!("the point is {is}")),
            Some(is) => (false, format!("the point is {is}, not {wanted}")),
        })
    }
}

fn any_of(what: &str, asked: &[&str], known: &[&str]) -> Option<Weighed> {
    if asked.is_empty() {
        return None;
    }
    let found = known.iter().find(|known| asked.contains(known));
    Some(match found {
        Some(found) => (true, format!("the {what} is {found}")),
        None if known.is_empty() => {
            (false, format!("no {what} is known, where {} is asked for", either(asked)))
        }
        None => (false, format!("the {what} is {}, not {}", known.join(" and "), either(asked))),
    })
}

fn words(keys: &[Key]) -> Vec<&str> {
    keys.iter().map(Key::as_str).collect()
}

/// `a`, `a or b`, `a, b or c`.
pub(super) fn either(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}
