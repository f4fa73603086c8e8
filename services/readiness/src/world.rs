//! All that is true as of one position and one point in time.

use std::cell::OnceCell;

use crate::metrics::evidence::Fresh;
use crate::register::{Fronts, Register, Rows, Tables};
use crate::rows::governance::{Soa, SoaControl};
use crate::rules::Rules;
use crate::table::Seen;
use crate::value::{Day, Sym, Time};

/// A register that is read from its beginning to one position after the other.
pub struct Sweep<'a> {
    register: &'a Register,
    fronts: Fronts,
    position: u64,
}

impl<'a> Sweep<'a> {
    /// From the beginning.
    pub fn new(register: &'a Register) -> Self {
        Self { register, fronts: Fronts::default(), position: 0 }
    }

    /// On to a position, which does not lie before the last one; `at` is the point in time that
    /// deadlines are compared with.
    pub fn to(&mut self, position: u64, at: Time) -> World<'_> {
        debug_assert!(position >= self.position, "a sweep goes forward");
        self.register.tables.advance(&mut self.fronts, position);
        self.position = position;
        World::of(self.register, &self.fronts, position, at)
    }
}

/// What is true.
pub struct World<'a> {
    /// Where it was read.
    pub(crate) register: &'a Register,
    fronts: &'a Fronts,
    /// As of which position.
    pub position: u64,
    /// As of which point in time.
    pub at: Time,
    /// Its day.
    pub day: Day,
    /// What the organisation sets.
    pub rules: Rules,
    controls: OnceCell<Controls<'a>>,
    fresh: OnceCell<Fresh>,
}

impl<'a> Rows<'a> for World<'a> {
    fn tables(&self) -> &'a Tables {
        &self.register.tables
    }

    fn fronts(&self) -> &'a Fronts {
        self.fronts
    }
}

/// The statement of applicability on ISO/IEC 42001 with its rows.
#[derive(Default)]
pub(crate) struct Controls<'a> {
    /// The statement, if there is one.
    pub soa: Option<(Sym, &'a Soa)>,
    /// Its rows as they were approved, with their ids.
    pub approved: Vec<(Sym, &'a SoaControl)>,
    /// Its rows as they stand.
    pub working: Vec<(Sym, &'a SoaControl)>,
}

impl<'a> World<'a> {
    fn of(register: &'a Register, fronts: &'a Fronts, position: u64, at: Time) -> Self {
        let (controls, fresh) = (OnceCell::new(), OnceCell::new());
        let (day, rules) = (at.day(), Rules::default());
        let mut world = Self { register, fronts, position, at, day, rules, controls, fresh };
        let organisation = world.organisations().rows().next();
        world.rules = Rules::of(organisation.and_then(|found| found.settings.readiness.as_ref()));
        world
    }

    /// The statement and its rows.
    pub(crate) fn controls(&self) -> &Controls<'a> {
        self.controls.get_or_init(|| self.read_controls().unwrap_or_default())
    }

    fn read_controls(&self) -> Option<Controls<'a>> {
        let catalogue = self.find(reference::catalogue::ISO_42001)?;
        let (id, soa) = self.soas().iter().find(|(_, soa)| soa.catalogue == catalogue)?;
        let of_soa = |(_, row): &(Sym, &SoaControl)| row.soa == id;
        let approved = soa.effective.as_ref().and(soa.effective_rows.as_ref());
        let approved = approved.map(|rows| {
            let table = &self.register.tables.soa_controls;
            table.at(rows.position.0.max(0).unsigned_abs()).into_iter().filter(of_soa).collect()
        });
        Some(Controls {
            soa: Some((id, soa)),
            approved: approved.unwrap_or_default(),
            working: self.soa_controls().iter().filter(of_soa).collect(),
        })
    }

    /// Which evidence is fresh, and what it is linked to.
    pub(crate) fn fresh(&self) -> &Fresh {
        self.fresh.get_or_init(|| Fresh::of(self))
    }

    /// The place of a name.
    pub(crate) fn find(&self, name: &str) -> Option<Sym> {
        self.register.names.find(name)
    }

    /// A name.
    pub(crate) fn text(&self, name: Sym) -> &'a str {
        self.register.names.text(name)
    }

    /// The row of an object, among the rows of its kind.
    pub(crate) fn one<R>(&self, rows: Seen<'a, R>, id: Sym) -> Option<&'a R> {
        rows.at(self.register.place(id)?, id)
    }

    /// The last day on which an event evidenced a clause or control.
    pub(crate) fn last_evidenced(&self, number: &str) -> Option<Day> {
        self.register.last_evidenced(self.find(number)?, self.position)
    }
}
