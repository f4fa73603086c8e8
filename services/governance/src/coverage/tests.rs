//! Given, when, then: what covers an item.

use super::*;

const ISO: &str = "iso42001-2023";
const ACT: &str = "eu-ai-act-2024";

fn point(catalogue: &str, number: &str) -> Point {
    (catalogue.to_owned(), number.to_owned())
}

fn asked(number: &str, item_kind: ItemKind) -> Asked {
    let number = number.to_owned();
    Asked { title: format!("Title of {number}"), number, item_kind, parent: None }
}

/// The obligation Art.15, the control A.6.2.4 and the clause 9.1, which leads to Art.72.
fn world() -> Records {
    let items = [
        (point(ACT, "Art.15"), asked("Art.15", ItemKind::Obligation)),
        (point(ACT, "Art.72"), asked("Art.72", ItemKind::Obligation)),
        (point(ISO, "A.6.2.4"), asked("A.6.2.4", ItemKind::Control)),
        (point(ISO, "9.1"), asked("9.1", ItemKind::Clause)),
    ];
    let links = vec![
        link((ISO, "A.6.2.4"), (ACT, "Art.15"), Relation::Supports),
        link((ISO, "9.1"), (ACT, "Art.72"), Relation::Supports),
    ];
    Records { items: items.into(), links, ..Records::default() }
}

fn link(from: (&str, &str), to: (&str, &str), relation: Relation) -> Link {
    Link {
        from: point(from.0, from.1),
        to: point(to.0, to.1),
        relation,
        source: "a crosswalk".into(),
        source_version: "1".into(),
        confidence: Confidence::Medium,
        mapping: None,
    }
}

fn row(decision: Decision, status: ControlStatus) -> Row {
    Row { id: "soc_1".into(), decision, status, evidence: vec!["evd_1".into()] }
}

fn of(catalogue: &str, records: &Records) -> Coverage {
    let in_it = records.items.iter().filter(|(point, _)| point.0 == catalogue);
    let mut items: Vec<_> = in_it.map(|(_, item)| item.clone()).collect();
    items.sort_by(|a, b| a.number.cmp(&b.number));
    coverage(catalogue, &items, records)
}

/// What covers an item, and how it stands.
fn shown(catalogue: &str, number: &str, records: &Records) -> (CoveredBy, Standing) {
    let found =
        of(catalogue, records).items.into_iter().find(|item| item.number.as_str() == number);
    let found = found.unwrap();
    (found.covered_by, found.standing)
}

#[test]
fn a_row_of_the_statement_says_how_a_control_stands() {
    use ControlStatus::{Implemented, NotEffective, NotStarted, PartiallyImplemented, Planned};
    use Decision::{Applicable, Excluded, Undecided};
    for (decision, status, fresh, wanted) in [
        (Applicable, Implemented, true, (CoveredBy::Direct, Standing::Proven)),
        (Applicable, Implemented, false, (CoveredBy::Direct, Standing::Implemented)),
        (Applicable, PartiallyImplemented, true, (CoveredBy::Nothing, Standing::Partly)),
        (Applicable, Planned, true, (CoveredBy::Nothing, Standing::Open)),
        (Applicable, NotStarted, true, (CoveredBy::Nothing, Standing::Open)),
        (Applicable, NotEffective, true, (CoveredBy::Nothing, Standing::Open)),
        (Excluded, Implemented, true, (CoveredBy::Excluded, Standing::Excluded)),
        (Undecided, Implemented, true, (CoveredBy::Direct, Standing::Evidenced)),
        (Undecided, Implemented, false, (CoveredBy::Nothing, Standing::Open)),
    ] {
        let mut records = world();
        records.rows.insert(point(ISO, "A.6.2.4"), row(decision, status));
        if fresh {
            records.fresh.insert("evd_1".into());
        }
        assert_eq!(shown(ISO, "A.6.2.4", &records), wanted, "{decision:?} {status:?} {fresh}");
    }
}

#[test]
fn without_a_statement_fresh_evidence_counts_and_records_count_for_clauses_alone() {
    let mut records = world();
    for number in ["9.1", "A.6.2.4"] {
        records.recorded.insert(point(ISO, number), ["kpi"].into());
    }
    assert_eq!(shown(ISO, "9.1", &records), (CoveredBy::Direct, Standing::Recorded));
    assert_eq!(shown(ISO, "A.6.2.4", &records), (CoveredBy::Nothing, Standing::Recorded));
    for number in ["9.1", "A.6.2.4"] {
        records.linked.insert(point(ISO, number), ["evd_1".to_owned()].into());
    }
    assert_eq!(shown(ISO, "9.1", &records), (CoveredBy::Direct, Standing::Recorded));
    records.fresh.insert("evd_1".into());
    assert_eq!(shown(ISO, "9.1", &records), (CoveredBy::Direct, Standing::Evidenced));
    assert_eq!(shown(ISO, "A.6.2.4", &records), (CoveredBy::Direct, Standing::Evidenced));
}

#[test]
fn what_is_done_about_one_end_covers_the_other_and_says_by_whom() {
    let mut records = world();
    assert_eq!(shown(ACT, "Art.15", &records), (CoveredBy::Nothing, Standing::Open));
    let implemented = row(Decision::Applicable, ControlStatus::Implemented);
    records.rows.insert(point(ISO, "A.6.2.4"), implemented);
    assert_eq!(shown(ACT, "Art.15", &records), (CoveredBy::Mapping, Standing::Open));
    let lead = of(ACT, &records).items.remove(0).through.remove(0);
    let named = (lead.catalogue.as_str(), lead.number.as_str(), lead.source.as_str());
    assert_eq!(named, (ISO, "A.6.2.4", "a crosswalk"));
    assert_eq!((lead.relation, lead.whole, lead.counts), (Relation::Supports, false, true));
    assert_eq!((lead.confidence, lead.standing), (Confidence::Medium, Standing::Implemented));
    records.recorded.insert(point(ISO, "9.1"), ["kpi"].into());
    assert_eq!(shown(ACT, "Art.72", &records), (CoveredBy::Mapping, Standing::Open));
}

#[test]
fn what_is_implemented_in_part_or_excluded_covers_nothing_else() {
    use ControlStatus::{Implemented, PartiallyImplemented};
    for (decision, status) in
        [(Decision::Applicable, PartiallyImplemented), (Decision::Excluded, Implemented)]
    {
        let mut records = world();
        records.rows.insert(point(ISO, "A.6.2.4"), row(decision, status));
        assert_eq!(shown(ACT, "Art.15", &records).0, CoveredBy::Nothing);
        assert!(!of(ACT, &records).items[0].through[0].counts);
    }
}

#[test]
fn a_link_counts_in_the_direction_in_which_it_says_something() {
    for (relation, wanted) in [
        (Relation::Supports, None),
        (Relation::Equivalent, Some((Relation::Equivalent, true))),
        (Relation::Subset, Some((Relation::Superset, true))),
        (Relation::Superset, Some((Relation::Subset, false))),
        (Relation::Intersects, Some((Relation::Intersects, false))),
    ] {
        let mut records = world();
        records.links = vec![link((ISO, "A.6.2.4"), (ACT, "Art.15"), relation)];
        let implemented = row(Decision::Applicable, ControlStatus::Implemented);
        records.rows.insert(point(ACT, "Art.15"), implemented);
        let items = of(ISO, &records).items;
        let control = items.iter().find(|item| item.number.as_str() == "A.6.2.4").unwrap();
        let lead = control.through.first().map(|lead| (lead.relation, lead.whole));
        assert_eq!(lead, wanted, "{relation:?}");
        let covered = wanted.map_or(CoveredBy::Nothing, |_| CoveredBy::Mapping);
        assert_eq!(control.covered_by, covered, "{relation:?}");
    }
}

#[test]
fn mappings_count_one_step_far() {
    let mut records = world();
    let far = point("own", "1");
    records.items.insert(far.clone(), asked("1", ItemKind::Control));
    records.links.push(link(("own", "1"), (ISO, "A.6.2.4"), Relation::Equivalent));
    records.rows.insert(far, row(Decision::Applicable, ControlStatus::Implemented));
    assert_eq!(shown(ISO, "A.6.2.4", &records).0, CoveredBy::Mapping);
    assert_eq!(shown(ACT, "Art.15", &records).0, CoveredBy::Nothing);
}

#[test]
fn a_lead_that_is_no_item_any_more_is_left_out() {
    let mut records = world();
    records.items.remove(&point(ISO, "A.6.2.4"));
    assert!(of(ACT, &records).items[0].through.is_empty());
}

#[test]
fn the_best_lead_comes_first() {
    let mut records = world();
    records.items.insert(point("own", "2"), asked("2", ItemKind::Control));
    let mut second = link(("own", "2"), (ACT, "Art.15"), Relation::Equivalent);
    second.confidence = Confidence::Low;
    records.links.push(second);
    let first = |records: &Records| of(ACT, records).items[0].through[0].number.to_string();
    assert_eq!(first(&records), "2");
    let implemented = row(Decision::Applicable, ControlStatus::Implemented);
    records.rows.insert(point(ISO, "A.6.2.4"), implemented.clone());
    assert_eq!(first(&records), "A.6.2.4");
    records.rows.insert(point("own", "2"), implemented);
    assert_eq!(first(&records), "2");
}

#[test]
fn items_are_counted_by_kind_and_headings_are_not() {
    let mut records = world();
    records.items.insert(point(ISO, "A.6"), asked("A.6", ItemKind::Group));
    records.items.insert(point(ISO, "A.7.3"), asked("A.7.3", ItemKind::Control));
    let rows = [
        ("A.6.2.4", row(Decision::Applicable, ControlStatus::Implemented)),
        ("A.7.3", row(Decision::Excluded, ControlStatus::NotStarted)),
    ];
    for (number, row) in rows {
        records.rows.insert(point(ISO, number), row);
    }
    let counts = of(ISO, &records).counts;
    let clauses = CoverageCount {
        item_kind: ItemKind::Clause,
        items: 1,
        applicable: 1,
        uncovered: 1,
        ..CoverageCount::default()
    };
    let controls = CoverageCount {
        item_kind: ItemKind::Control,
        items: 2,
        excluded: 1,
        applicable: 1,
        direct: 1,
        implemented: 1,
        ..CoverageCount::default()
    };
    assert_eq!(counts, [clauses, controls]);
}

#[test]
fn evidence_is_named_once_whether_linked_or_named_by_the_row() {
    let mut records = world();
    let implemented = row(Decision::Applicable, ControlStatus::Implemented);
    records.rows.insert(point(ISO, "A.6.2.4"), implemented);
    let linked = ["evd_1", "evd_2", "evd_3"].map(str::to_owned);
    records.linked.insert(point(ISO, "A.6.2.4"), linked.into());
    records.fresh = ["evd_1", "evd_3"].map(str::to_owned).into();
    let items = of(ISO, &records).items;
    let control = items.iter().find(|item| item.number.as_str() == "A.6.2.4").unwrap();
    assert_eq!(control.evidence, ["evd_1", "evd_3"].map(Ref::new));
}
