//! Incidents: the clocks that the law starts, the reports that meet them, and what is learnt
//! (P8, P9, P10).

use facts::{AiSystem, ExternalReport, Incident, RegulatoryClassification};
use kernel::{Instant, Role};
use serde_json::json;

use super::{Reaction, work};
use crate::{Known, Order, Trigger, Work};

/// Days until a complete report follows an initial one.
const COMPLETE_DAYS: i64 = 15;
/// Days until what an incident teaches is drawn from it.
const LESSON_DAYS: i64 = 10;
/// From how much of a clock's time on top management is asked, in percent.
const PRESSING: u32 = 90;

/// The rules of this file.
pub const RULES: &[Reaction] = &[
    Reaction {
        id: "P8",
        doc: "What is serious, or a breach of personal data, is held against the regulatory rules; \
              each clock that runs has its report and its people, and the system version stays as \
              it is; a clock that ran out is proposed as a major nonconformity (A.8.4, A.8.5; EU \
              AI Act Art. 26(5), 73; GDPR Art. 33).",
        on: &[
            "incident.reported",
            "incident.triaged",
            "incident.severity_changed",
            "incident.causal_link_assessed",
            "regulatory_classification.confirmed",
            "incident.regulatory_clock_started",
            "incident.clock_alerted",
            "incident.regulatory_clock_missed",
            "external_report.fell_due",
            "external_report.deadline_missed",
        ],
        react: clocks,
    },
    Reaction {
        id: "P9",
        doc: "A submitted report meets its clock and calls in what was owed besides; an initial \
              one is followed by a complete one in 15 days (A.8.5; EU AI Act Art. 73(5)).",
        on: &[
            "external_report.submitted",
            "incident.regulatory_clock_met",
            "incident.regulatory_clock_lifted",
        ],
        react: reports,
    },
    Reaction {
        id: "P10",
        doc: "After an incident: a nonconformity or the reason for none, its risks assessed again, \
              and the impact too where somebody was harmed, in 10 days (10.2, 8.2).",
        on: &["incident.resolved"],
        react: lessons,
    },
];

fn clocks(trigger: &Trigger, known: &Known) -> Vec<Order> {
    match trigger.name.as_str() {
        "regulatory_classification.confirmed" => classified(trigger, known),
        "incident.regulatory_clock_started" => started(trigger, known),
        "incident.clock_alerted" => pressing(trigger, known),
        "incident.regulatory_clock_missed" => {
            missed(trigger, known, &trigger.object, trigger.text("article"))
        }
        "external_report.fell_due" => owed(trigger, known),
        "external_report.deadline_missed" => {
            let report = known.get::<ExternalReport>(&trigger.object);
            let about = report.as_ref().and_then(|report| report.incident.as_deref());
            let recipient = report.as_ref().map_or("", |report| &report.recipient);
            missed(trigger, known, about.unwrap_or(&trigger.object), recipient)
        }
        _ => assessed(trigger, known),
    }
}

fn assessed(trigger: &Trigger, known: &Known) -> Vec<Order> {
    let incident = known.get::<Incident>(&trigger.object);
    let counts = incident.filter(|incident| {
        !incident.has_ended() && (incident.may_be_reportable() || !incident.clocks.is_empty())
    });
    counts.map(|_| start(&trigger.object)).into_iter().collect()
}

fn start(incident: &str) -> Order {
    Order::to("incident", incident, "start_clocks", json!({}))
}

/// Another class can bring other duties to report.
fn classified(trigger: &Trigger, known: &Known) -> Vec<Order> {
    let class = known.get::<RegulatoryClassification>(&trigger.object);
    let system = class.map(|class| class.system).unwrap_or_default();
    let mut incidents = known.of::<Incident>("system", &system);
    incidents.retain(|(_, incident)| !incident.has_ended() && incident.may_be_reportable());
    incidents.iter().map(|(id, _)| start(id)).collect()
}

/// A clock runs, or ends earlier than it did.
fn started(trigger: &Trigger, known: &Known) -> Vec<Order> {
    let id = trigger.object.as_str();
    let due: Option<Instant> = trigger.field("due");
    let (Some(incident), Some(due)) = (known.get::<Incident>(id), due) else { return Vec::new() };
    let mut orders = report(trigger, known, due);
    let (title, last) = (&incident.title, due.date());
    if !work::is_asked(known, id, "P8", "investigate", Role::Im) {
        let text = format!("Contain and investigate \"{title}\": a report is due on {last}");
        let work = Work::new("investigate", &text, Role::Im, last).about(id);
        orders.push(work.until("incident.contained", Some(id)).order(trigger));
    }
    if !work::is_asked(known, id, "P8", "decide", Role::Tm) {
        let text = format!("Release the report on \"{title}\", due on {last}");
        let work = Work::new("decide", &text, Role::Tm, last).about(id);
        orders.push(work.until_about("external_report.released", id).order(trigger));
    }
    let system = incident.system.as_str();
    let frozen = work::is_asked(known, system, "P8", "investigate", Role::So);
    if let Some(view) = known.get::<AiSystem>(system)
        && incident.severity == "serious"
        && !frozen
    {
        let name = &view.name;
        let text = format!(
            "Leave {name} as it is until the authority is told of \"{title}\" (Art. 73(6))"
        );
        let work = Work::new("investigate", &text, Role::So, last).about(system).blocking();
        orders.push(work.until("incident.regulatory_clock_met", Some(id)).order(trigger));
    }
    orders
}

/// The report that a clock asks for; when it is owed already and due later, earlier.
fn report(trigger: &Trigger, known: &Known, due: Instant) -> Vec<Order> {
    let (id, rule) = (trigger.object.as_str(), trigger.text("rule"));
    let reports = known.of::<ExternalReport>("incident", id);
    let same = reports.iter().find(|(_, report)| {
        let of_rule = report.rule.as_deref() == Some(rule) && report.report_kind == "initial";
        of_rule && report.status != "withdrawn"
    });
    let Some((report, view)) = same else {
        let recipient = format!("Authority by {}", trigger.text("article"));
        let duty = json!({
            "rule": rule, "recipient": recipient, "incident": id, "reportKind": "initial",
            "due": due,
        });
        return vec![Order::make("external_report", "fall_due", duty)];
    };
    let is_earlier = view.due.is_none_or(|before| due < before) && !view.is_submitted();
    let work = is_earlier.then(|| ask(&view.recipient, report, due));
    work.into_iter().map(|work| work.order(trigger)).collect()
}

/// The data protection officer's work on a report.
fn ask(recipient: &str, report: &str, due: Instant) -> Work {
    let title = format!("Write and submit the report to: {recipient}");
    let work = Work::new("inform", &title, Role::Dpo, due.date()).about(report);
    let work = work.detail(&format!("The report is due at {due} at the latest."));
    work.until("external_report.submitted", Some(report))
}

fn owed(trigger: &Trigger, known: &Known) -> Vec<Order> {
    let report = known.get::<ExternalReport>(&trigger.object);
    let Some((report, due)) = report.and_then(|report| Some((report.clone(), report.due?))) else {
        return Vec::new();
    };
    vec![ask(&report.recipient, &trigger.object, due).order(trigger)]
}

fn pressing(trigger: &Trigger, known: &Known) -> Vec<Order> {
    let id = trigger.object.as_str();
    let percent: u32 = trigger.field("percent").unwrap_or_default();
    let due: Option<Instant> = trigger.field("due");
    let (Some(incident), Some(due)) = (known.get::<Incident>(id), due) else { return Vec::new() };
    if percent < PRESSING {
        return Vec::new();
    }
    let title = format!(
        "{percent} percent of the time are used up: see that \"{}\" is reported ({})",
        incident.title,
        trigger.text("article")
    );
    let work = Work::new("inform", &title, Role::Tm, due.date()).about(id);
    vec![work.until("incident.regulatory_clock_met", Some(id)).order(trigger)]
}

fn missed(trigger: &Trigger, known: &Known, about: &str, what: &str) -> Vec<Order> {
    let why = format!("a report was not made in time ({what}), which is major");
    if work::is_asked(known, about, "P8", "decide", Role::Am) {
        return Vec::new();
    }
    work::nonconformity(trigger, known, about, &why)
}

fn reports(trigger: &Trigger, known: &Known) -> Vec<Order> {
    match trigger.name.as_str() {
        "incident.regulatory_clock_met" => met(trigger, known),
        "incident.regulatory_clock_lifted" => {
            let rule = trigger.text("rule");
            let reason = "Its rule does not apply any more.";
            withdraw(known, &trigger.object, reason, |_, report| {
                report.rule.as_deref() == Some(rule)
            })
        }
        _ => submitted(trigger, known),
    }
}

fn submitted(trigger: &Trigger, known: &Known) -> Vec<Order> {
    let id = trigger.object.as_str();
    let Some(report) = known.get::<ExternalReport>(id) else { return Vec::new() };
    let Some(incident) = report.incident.as_deref() else { return Vec::new() };
    let reason = "Another report says the same.";
    let mut orders = withdraw(known, incident, reason, |other, view| {
        let same = view.rule == report.rule && view.report_kind == report.report_kind;
        other != id && same && view.rule.is_some()
    });
    let clocks = known.get::<Incident>(incident).map(|incident| incident.clocks);
    let rule = report.rule.as_deref().unwrap_or_default();
    let runs =
        clocks.is_some_and(|clocks| clocks.get(rule).is_some_and(|clock| clock.is_running()));
    if runs && report.report_kind != "follow_up" {
        let input = json!({ "rule": rule, "report": id });
        orders.push(Order::to("incident", incident, "meet_clock", input));
    }
    orders
}

/// Reports on an incident that are owed, that nobody has begun, and that are owed no more.
fn withdraw(
    known: &Known,
    incident: &str,
    reason: &str,
    ends: impl Fn(&str, &ExternalReport) -> bool,
) -> Vec<Order> {
    let reports = known.of::<ExternalReport>("incident", incident).into_iter();
    let owed = reports.filter(|(id, report)| report.status == "due" && ends(id, report));
    let input = json!({ "reason": reason });
    owed.map(|(id, _)| Order::to("external_report", &id, "withdraw", input.clone())).collect()
}

/// An initial report met its clock: a complete one follows, unless it is there already.
fn met(trigger: &Trigger, known: &Known) -> Vec<Order> {
    let id = trigger.object.as_str();
    let report = known.get::<ExternalReport>(trigger.text("report"));
    let Some(report) = report.filter(|report| report.report_kind == "initial") else {
        return Vec::new();
    };
    let complete = known.of::<ExternalReport>("incident", id);
    let has_complete = complete.iter().any(|(_, other)| {
        let same = other.rule == report.rule && other.report_kind == "complete";
        same && other.status != "withdrawn"
    });
    let submitted: Option<Instant> = trigger.field("metAt");
    let Some(submitted) = submitted.filter(|_| !has_complete) else { return Vec::new() };
    let duty = json!({
        "rule": report.rule, "recipient": report.recipient, "incident": id,
        "reportKind": "complete", "due": submitted.plus_days(COMPLETE_DAYS),
    });
    vec![Order::make("external_report", "fall_due", duty)]
}

fn lessons(trigger: &Trigger, known: &Known) -> Vec<Order> {
    let id = trigger.object.as_str();
    let Some(incident) = known.get::<Incident>(id) else { return Vec::new() };
    let (title, due) = (&incident.title, trigger.in_days(LESSON_DAYS));
    let text = format!("Raise a nonconformity about \"{title}\", or say why there is none");
    let decide = Work::new("decide", &text, Role::Am, due).about(id);
    let mut orders = vec![decide.until_about("nonconformity.raised", id).order(trigger)];
    let name = known.get::<AiSystem>(&incident.system).map(|system| system.name);
    let name = name.as_deref().unwrap_or("the system");
    let text = format!("Assess the risks of {name} again after \"{title}\"");
    orders.push(Work::new("handle_risk", &text, Role::Rm, due).about(id).order(trigger));
    if !incident.harm.is_empty() {
        let reason = format!("Somebody was harmed: {title}");
        orders.extend(work::fire(known, &incident.system, "serious_incident", id, &reason));
    }
    orders
}

#[cfg(test)]
mod tests;
