//! What is proposed of a system, and whether the rules know it.

use declare::{record, words};
use kernel::Date;
use kernel::values::{Key, Line, Prose};
use reference::rules::{Case, Effect, Rule, Rules, is_point_of};

use super::Refusal;

/// How a system is classified within a regime. Input of `repropose`.
#[record]
#[derive(Default)]
pub struct Proposal {
    /// The class by its code, such as `high_risk`; the rules that hold on the day say which there
    /// are.
    #[field(index)]
    pub class: Key,
    /// The use by its point in the regime's list, such as `5(b)` of Annex III of the EU AI Act.
    /// Asked for by classes that are defined by such a list.
    #[field(max = 20)]
    pub point: Option<Line>,
    /// Why a listed use is not of high risk all the same (EU AI Act Art. 6(3)).
    pub exemption: Option<Exemption>,
    /// The organisation's role for the system, such as `provider` or `deployer`.
    pub role: Key,
    /// Whether the organisation is a public body or provides public services with the system; left
    /// out, it is not.
    pub public_body: Option<bool>,
    /// Why this class and this role.
    #[field(correctable)]
    pub rationale: Prose,
}

/// Why a listed use is not of high risk (EU AI Act Art. 6(3), 6(4)).
#[record]
pub struct Exemption {
    /// On which ground.
    pub ground: ExemptionGround,
    /// The assessment; it must be documented.
    pub reason: Option<Prose>,
    /// Whether the system profiles people: then there is no exemption.
    pub profiling: bool,
}

/// The grounds of Art. 6(3).
#[words]
pub enum ExemptionGround {
    /// It performs a narrow procedural task.
    NarrowProcedural,
    /// It improves the result of a human activity that was completed before.
    ImprovesHumanWork,
    /// It detects patterns in decisions, without replacing the human assessment.
    PatternDetection,
    /// It prepares an assessment.
    Preparatory,
}

impl Proposal {
    /// What the rules are asked about.
    pub fn case(&self, regime: &Key) -> Case {
        Case {
            classes: [(regime.clone(), self.class.clone())].into(),
            roles: vec![self.role.clone()],
            point: self.point.clone(),
            public_body: self.public_body.unwrap_or_default(),
            exempt: self.exemption.is_some(),
            ..Case::default()
        }
    }

    /// Checks it against the rules as they were published until the day; returns the rule that
    /// defines its class, and the set that this stands in.
    ///
    /// # Errors
    /// When the rules do not know the regime, the class, the point or the role, or when there can
    /// be no exemption.
    pub fn check<'a>(
        &self,
        regime: &Key,
        rules: &'a Rules,
        on: Date,
    ) -> Result<(&'a Rule, String), Refusal> {
        let (class, regime) = (self.class.as_str(), regime.as_str());
        let Some((rule, set)) = rules.class(regime, class, on) else {
            return Err(unknown_class(class, regime, rules, on));
        };
        self.check_point(rule)?;
        self.check_exemption(rule)?;
        check_role(&self.role, regime, rules)?;
        Ok((rule, set))
    }

    fn check_point(&self, rule: &Rule) -> Result<(), Refusal> {
        let class = self.class.as_str().to_owned();
        let listed: Vec<_> = rule.when.points.iter().map(Line::as_str).collect();
        let points = listed.join(", ");
        match &self.point {
            None if listed.is_empty() => Ok(()),
            None => Err(Refusal::PointMissing { class, points, at: "/point" }),
            Some(_) if listed.is_empty() => {
                Err(Refusal::ClassWithoutPoints { class, at: "/point" })
            }
            Some(point)
                if is_point(point.as_str()) && is_point_of(point.as_str(), &rule.when.points) =>
            {
                Ok(())
            }
            Some(point) => {
                let point = point.to_string();
                Err(Refusal::UnknownPoint { point, class, points, at: "/point" })
            }
        }
    }

    fn check_exemption(&self, rule: &Rule) -> Result<(), Refusal> {
        let Some(exemption) = &self.exemption else { return Ok(()) };
        if !rule.effects.contains(&Effect::HighRisk) || rule.when.points.is_empty() {
            let class = self.class.as_str().to_owned();
            return Err(Refusal::NoExemptionFromClass { class, at: "/exemption" });
        }
        if exemption.profiling {
            return Err(Refusal::ExemptionWhileProfiling { at: "/exemption/profiling" });
        }
        if exemption.reason.as_ref().is_none_or(Prose::is_blank) {
            return Err(Refusal::ExemptionWithoutReason { at: "/exemption/reason" });
        }
        Ok(())
    }
}

/// Checks that the regime knows the role.
///
/// # Errors
/// When it does not.
pub fn check_role(role: &Key, regime: &str, rules: &Rules) -> Result<(), Refusal> {
    let known = rules.roles(regime);
    if known.contains(role.as_str()) {
        return Ok(());
    }
    Err(Refusal::UnknownRole {
        role: role.as_str().to_owned(),
        regime: regime.to_owned(),
        known: known.into_iter().collect::<Vec<_>>().join(", "),
        at: "/role",
    })
}

fn unknown_class(class: &str, regime: &str, rules: &Rules, on: Date) -> Refusal {
    let (regime, on_day) = (regime.to_owned(), on.to_string());
    let classes: Vec<_> = rules.classes(&regime, on).into_iter().collect();
    if classes.is_empty() {
        let known = rules.regimes(on).into_iter().collect::<Vec<_>>().join(", ");
        return Refusal::UnknownRegime { regime, on: on_day, known, at: "/regime" };
    }
    let (class, known) = (class.to_owned(), classes.join(", "));
    Refusal::UnknownClass { class, regime, on: on_day, known, at: "/class" }
}

/// Whether the text is a number with at most one letter in brackets, `5` or `5(b)`.
fn is_point(text: &str) -> bool {
    let (number, letter) = text.split_once('(').unwrap_or((text, "a)"));
    let is_number = (1..=3).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
    let letter = letter.strip_suffix(')').unwrap_or_default();
    is_number && letter.len() == 1 && letter.bytes().all(|b| b.is_ascii_lowercase())
}
