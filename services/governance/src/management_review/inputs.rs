//! The seven inputs of a management review (9.3.2), each a fixed query that is frozen at a position
//! of the tenant's log: the bytes of its answer follow from the query and the position alone, so
//! that anyone who reads the same documents at the same position gets bytes of the same hash.

use std::collections::BTreeMap;

use declare::{record, words};
use kernel::canonical::canonical;
use kernel::values::{Hash, Key};
use kernel::{Context, Need, Position};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{Event, ManagementReview, Refusal};
use crate::stamp::Stamp;

/// Number of the queries as they stand here. A query that changes gets the next number, and the old
/// one stays for what was frozen by it.
const QUERY: u32 = 1;

/// An input of a management review.
#[words]
pub enum InputKind {
    /// Status of actions from earlier reviews.
    EarlierActions,
    /// Changes of internal and external issues.
    ContextChanges,
    /// Changes of the needs and expectations of interested parties.
    PartyChanges,
    /// Trends in nonconformities and corrective actions.
    NonconformityTrends,
    /// Results of monitoring and measurement.
    MeasurementResults,
    /// Results of audits.
    AuditResults,
    /// Opportunities for continual improvement.
    ImprovementOpportunities,
}

impl InputKind {
    /// All seven, in the order of the standard.
    pub const ALL: [InputKind; 7] = [
        InputKind::EarlierActions,
        InputKind::ContextChanges,
        InputKind::PartyChanges,
        InputKind::NonconformityTrends,
        InputKind::MeasurementResults,
        InputKind::AuditResults,
        InputKind::ImprovementOpportunities,
    ];

    /// The input's word.
    pub const fn word(self) -> &'static str {
        match self {
            InputKind::EarlierActions => "earlier_actions",
            InputKind::ContextChanges => "context_changes",
            InputKind::PartyChanges => "party_changes",
            InputKind::NonconformityTrends => "nonconformity_trends",
            InputKind::MeasurementResults => "measurement_results",
            InputKind::AuditResults => "audit_results",
            InputKind::ImprovementOpportunities => "improvement_opportunities",
        }
    }

    /// The input of a word.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// The kinds whose documents are the answer, all of them; but not the review itself.
    pub const fn kinds(self) -> &'static [&'static str] {
        match self {
            InputKind::EarlierActions => &["management_review"],
            InputKind::ContextChanges => &["organisation", "scope", "aims_change"],
            InputKind::PartyChanges => {
                &["interested_party", "customer_expectation", "reporting_obligation"]
            }
            InputKind::NonconformityTrends => &["nonconformity", "supplier_corrective_action"],
            InputKind::MeasurementResults => &["objective", "kpi"],
            InputKind::AuditResults => {
                &["audit_programme", "internal_audit", "audit_finding", "certification_audit"]
            }
            InputKind::ImprovementOpportunities => &["improvement"],
        }
    }

    fn key(self) -> Key {
        Key::new(self.word())
    }
}

/// Input of `freeze_inputs`.
#[record]
pub struct FreezeInputs {
    /// Which; all seven when left out. One that is frozen already is frozen anew.
    pub inputs: Vec<InputKind>,
}

/// An input as it was frozen.
#[record]
pub struct Frozen {
    /// The position in the tenant's log at which it was read.
    pub snapshot_as_of: Position,
    /// SHA-256 of its canonical JSON (RFC 8785).
    pub snapshot_hash: Hash,
    /// How many documents it has.
    pub documents: u32,
    /// Number of the query by which it was read.
    pub query: u32,
    /// Who froze it, and when.
    pub frozen: Stamp,
}

/// Inputs were frozen.
#[record]
pub struct InputsFrozen {
    /// Which, and how, by their words.
    pub inputs: BTreeMap<Key, Frozen>,
}

/// What an input's query found, by kind: ids and documents as they are stored, in the order of ids.
/// Texts that name people stay sealed in it, so that erasure changes nothing.
pub type Documents<'a> = BTreeMap<&'a str, BTreeMap<&'a str, &'a Value>>;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Snapshot<'a> {
    query: u32,
    input: &'static str,
    review: &'a str,
    as_of: Position,
    documents: &'a Documents<'a>,
}

/// The bytes of an input: the canonical JSON of what its query found at a position. The review that
/// asks is left out of the documents. The only place that knows the form: what was frozen and what
/// is read again later both come from here.
pub fn snapshot(
    input: InputKind,
    review: &str,
    as_of: Position,
    mut documents: Documents<'_>,
) -> Vec<u8> {
    documents.retain(|kind, _| input.kinds().contains(kind));
    for of_kind in documents.values_mut() {
        of_kind.retain(|id, _| *id != review);
    }
    documents.retain(|_, of_kind| !of_kind.is_empty());
    let snapshot =
        Snapshot { query: QUERY, input: input.word(), review, as_of, documents: &documents };
    canonical(&snapshot).unwrap_or_default()
}

impl FreezeInputs {
    fn wanted(&self) -> Vec<InputKind> {
        if self.inputs.is_empty() { InputKind::ALL.to_vec() } else { self.inputs.clone() }
    }

    /// The kinds that the queries read.
    pub(super) fn needs(&self) -> Vec<Need> {
        let kinds = self.wanted().into_iter().flat_map(InputKind::kinds);
        kinds.map(|kind| Need::All(kind)).collect()
    }
}

impl ManagementReview {
    /// The words of the inputs that are not frozen.
    pub(super) fn missing(&self) -> Vec<&'static str> {
        let missing = InputKind::ALL.into_iter().filter(|kind| !self.is_frozen(*kind));
        missing.map(InputKind::word).collect()
    }

    fn is_frozen(&self, input: InputKind) -> bool {
        self.inputs.contains_key(&input.key())
    }

    pub(super) fn inputs_frozen(
        &self,
        input: &FreezeInputs,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        if !self.is_to_come() {
            return Err(self.wrong_status("given other inputs"));
        }
        let frozen = |kind: InputKind| (kind.key(), frozen(kind, context));
        let inputs = input.wanted().into_iter().map(frozen).collect();
        Ok(vec![Event::InputsFrozen(InputsFrozen { inputs })])
    }
}

fn frozen(input: InputKind, context: &Context) -> Frozen {
    let found = |kind: &&'static str| (*kind, context.facts.documents(kind).collect());
    let mut documents: Documents<'_> = input.kinds().iter().map(found).collect();
    documents.values_mut().for_each(|of_kind: &mut BTreeMap<&str, &Value>| {
        of_kind.remove(context.id.as_str());
    });
    let count = documents.values().map(BTreeMap::len).sum::<usize>();
    let as_of = context.facts.position;
    let bytes = snapshot(input, &context.id, as_of, documents);
    Frozen {
        snapshot_as_of: as_of,
        snapshot_hash: Hash::new(hex::encode(Sha256::digest(bytes))),
        documents: u32::try_from(count).unwrap_or(u32::MAX),
        query: QUERY,
        frozen: Stamp::of(context),
    }
}
