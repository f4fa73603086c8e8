//! The rows of a statement, read as facts at one position: counted, hashed and pinned.

use declare::record;
use kernel::approval::content_hash;
use kernel::values::{Hash, Key, Number};
use kernel::{Context, Instant, Need, Position, UserId};

use crate::catalogue_ref;
use crate::soa_control::{ControlStatus, Decision, SoaControl};

/// The rows of one version: where they stand in the history, their hash, and how many say what.
#[record]
pub struct Rows {
    /// The position in the tenant's log at which they were read.
    pub position: Position,
    /// When they were read.
    pub at: Instant,
    /// SHA-256 over the canonical JSON (RFC 8785) of the rows in the order of their ids.
    pub hash: Hash,
    /// Controls that apply.
    pub applicable: u32,
    /// Controls that are excluded.
    pub excluded: u32,
    /// Applicable controls that are implemented.
    pub implemented: u32,
    /// Applicable controls that are implemented in part.
    pub partially_implemented: u32,
    /// Applicable controls that are planned.
    pub planned: u32,
    /// Applicable controls that nobody has begun with.
    pub not_started: u32,
    /// Applicable controls that do not work.
    pub not_effective: u32,
    /// Numbers of the excluded controls.
    pub excluded_controls: Vec<Number>,
}

impl Rows {
    /// Counts, hashes and pins the rows.
    pub(super) fn of(table: &[SoaControl], context: &Context) -> Self {
        let count = |fits: &dyn Fn(&SoaControl) -> bool| {
            u32::try_from(table.iter().filter(|row| fits(row)).count()).unwrap_or(u32::MAX)
        };
        let stands = |status| count(&|row| row.is_applicable() && row.status == status);
        let is_excluded = |row: &&SoaControl| row.choice.decision == Decision::Excluded;
        let excluded_controls = table.iter().filter(is_excluded).map(|row| row.control.clone());
        Self {
            position: context.facts.position,
            at: context.now,
            hash: content_hash(&table),
            applicable: count(&SoaControl::is_applicable),
            excluded: count(&|row| is_excluded(&row)),
            implemented: stands(ControlStatus::Implemented),
            partially_implemented: stands(ControlStatus::PartiallyImplemented),
            planned: stands(ControlStatus::Planned),
            not_started: stands(ControlStatus::NotStarted),
            not_effective: stands(ControlStatus::NotEffective),
            excluded_controls: excluded_controls.collect(),
        }
    }
}

/// What must be known to submit or approve: the rows, the treatment plans, the items of a catalogue
/// of the tenant's own and, once the rows are known, the evidence of what counts as implemented.
pub(super) fn needs(catalogue: &Key, known: &Context) -> Vec<Need> {
    let mut needs =
        vec![Need::Where("soa_control", "soa", known.id.clone()), Need::All("treatment_plan")];
    if let Some(own) = catalogue_ref::needs(catalogue) {
        let id = catalogue.as_str().to_owned();
        needs.extend([own, Need::Where("catalogue_item", "catalogue", id)]);
    }
    let proven = table(known).into_iter().filter(is_implemented);
    let evidence = proven.flat_map(|row| row.evidence);
    needs.extend(evidence.map(|evidence| Need::Object(evidence.id().to_owned())));
    needs
}

/// The rows of the statement that decides, in the order of their ids.
pub(super) fn table(context: &Context) -> Vec<SoaControl> {
    let rows = context.facts.all::<SoaControl>();
    let rows = rows.into_iter().map(|(_, row)| row);
    rows.filter(|row| row.soa.id() == context.id).collect()
}

/// Whether a row applies and counts as implemented.
pub(super) fn is_implemented(row: &SoaControl) -> bool {
    row.is_applicable() && row.status == ControlStatus::Implemented
}

/// Everyone who changed a row since then.
pub(super) fn authors(table: &[SoaControl], since: Option<Instant>) -> Vec<UserId> {
    let edits = table.iter().flat_map(|row| row.edits.values());
    let recent = edits.filter(|edit| since.is_none_or(|since| edit.at > since));
    let mut authors: Vec<_> = recent.map(|edit| edit.by.clone()).collect();
    authors.sort_unstable();
    authors.dedup();
    authors
}
