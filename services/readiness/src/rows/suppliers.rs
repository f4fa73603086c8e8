//! Rows of the suppliers service's documents.

use crate::value::{Day, Keyed, Sym};
use crate::word::Word;

row! {
    /// A supplier.
    Supplier { criticality: Word, status: Word, condition_due: Option<Day> }
    /// Its assessment.
    SupplierAssessment { supplier: Sym, status: Word, valid_until: Option<Day> }
    /// A component from it.
    SuppliedComponent { supplier: Sym, status: Word, used_by: Keyed<ComponentUse> }
    /// A use of the component.
    ComponentUse { system: Sym, contract: Sym }
    /// A contract.
    Contract {
        supplier: Option<Sym>,
        status: Word,
        valid_from: Day,
        valid_until: Option<Day>,
        allocation: Keyed<Duty>,
    }
    /// Who answers for an activity in a stage.
    Duty { stage: Word, who: Option<Word> }
}

impl Supplier {
    /// Whether its components may be used on this day.
    pub fn is_approved_on(&self, day: Day) -> bool {
        match self.status {
            Word::Approved => true,
            Word::ConditionallyApproved => self.condition_due.is_none_or(|due| day <= due),
            _ => false,
        }
    }
}

impl Contract {
    /// Whether who answers for what is agreed and holds on this day.
    pub fn is_agreed_on(&self, day: Day) -> bool {
        matches!(self.status, Word::Agreed | Word::Amended)
            && self.valid_from <= day
            && self.valid_until.is_none_or(|until| day <= until)
    }
}
