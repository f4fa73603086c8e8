//! Counts what a metric counts, with the items behind the number where they are wanted.

use std::borrow::Cow;

use declare::words;

use crate::value::Sym;
use crate::world::World;

/// One, in millionths.
pub const ONE: i64 = 1_000_000;

/// What a value is measured in.
#[words]
#[derive(Default)]
pub enum Unit {
    /// A share of a whole, 0 to 1.
    #[default]
    Share,
    /// How many.
    Count,
    /// Days.
    Days,
    /// Hours.
    Hours,
    /// Points.
    Points,
    /// Yes (1) or no (0).
    YesNo,
}

/// Something behind a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item<'a> {
    /// Its id, or the number of the clause or control that it is.
    pub id: Cow<'a, str>,
    /// Whether it counts in the numerator.
    pub counted: bool,
    /// What is to be said of it.
    pub note: Cow<'static, str>,
}

/// A part of a number, or one that goes with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Of which clause, area, band or the like; or what it says.
    pub name: Cow<'static, str>,
    /// In millionths.
    pub numerator: i64,
    /// In millionths; none where the numerator alone is the number.
    pub denominator: Option<i64>,
    /// What it is measured in.
    pub unit: Unit,
    /// Whether it has a value at all.
    pub known: bool,
}

impl Part {
    /// Its value in millionths.
    pub fn value(&self) -> Option<i64> {
        value(self.numerator, self.denominator).filter(|_| self.known)
    }
}

/// The quotient in millionths, rounded to nearest; none by zero.
fn value(numerator: i64, denominator: Option<i64>) -> Option<i64> {
    let Some(denominator) = denominator else { return Some(numerator) };
    if denominator == 0 {
        return None;
    }
    let (number, by) = (i128::from(numerator) * i128::from(ONE), i128::from(denominator));
    let half = by.abs() / 2;
    let rounded = if number < 0 { (number - half) / by } else { (number + half) / by };
    i64::try_from(rounded).ok()
}

/// What a metric has counted.
#[derive(Clone, Debug, Default)]
pub struct Tally<'a> {
    /// Whether items are wanted.
    wanted: bool,
    /// In millionths.
    pub numerator: i64,
    /// In millionths; none where the numerator alone is the number.
    pub denominator: Option<i64>,
    /// Whether there is nothing of which it could be the number.
    pub absent: bool,
    /// What is behind it.
    pub items: Vec<Item<'a>>,
    /// Its parts and what goes with it.
    pub parts: Vec<Part>,
}

impl<'a> Tally<'a> {
    /// Nothing counted yet.
    pub fn new(wanted: bool) -> Self {
        Self { wanted, ..Self::default() }
    }

    /// Its value in millionths.
    pub fn value(&self) -> Option<i64> {
        value(self.numerator, self.denominator).filter(|_| !self.absent)
    }

    /// The denominator begins at zero: the number is a share.
    pub fn share(&mut self) -> &mut Self {
        self.denominator.get_or_insert(0);
        self
    }

    /// One more of the whole, counted or not.
    pub fn one(
        &mut self,
        world: &World<'a>,
        id: Sym,
        counted: bool,
        note: impl FnOnce() -> Cow<'static, str>,
    ) {
        self.weigh(
            Cow::Borrowed(world.text(id)),
            if counted { ONE } else { 0 },
            ONE,
            counted,
            note,
        );
    }

    /// More of the whole, and how much of that counts.
    pub fn weigh(
        &mut self,
        id: Cow<'a, str>,
        part: i64,
        whole: i64,
        counted: bool,
        note: impl FnOnce() -> Cow<'static, str>,
    ) {
        self.numerator += part;
        *self.denominator.get_or_insert(0) += whole;
        self.item(id, counted, note);
    }

    /// Something behind the number.
    pub fn item(
        &mut self,
        id: Cow<'a, str>,
        counted: bool,
        note: impl FnOnce() -> Cow<'static, str>,
    ) {
        if self.wanted {
            self.items.push(Item { id, counted, note: note() });
        }
    }

    /// A number that goes with it.
    pub fn number(&mut self, name: impl Into<Cow<'static, str>>, number: i64, unit: Unit) {
        let numerator = number.saturating_mul(ONE);
        let name = name.into();
        self.parts.push(Part { name, numerator, denominator: None, unit, known: true });
    }

    /// A quotient that goes with it.
    pub fn quotient(
        &mut self,
        name: impl Into<Cow<'static, str>>,
        (numerator, denominator): (i64, i64),
        unit: Unit,
    ) {
        let name = name.into();
        self.parts.push(Part {
            name,
            numerator,
            denominator: Some(denominator),
            unit,
            known: true,
        });
    }

    /// A share that goes with it, of whole numbers.
    pub fn ratio(&mut self, name: impl Into<Cow<'static, str>>, numerator: i64, denominator: i64) {
        self.quotient(name, (numerator * ONE, denominator * ONE), Unit::Share);
    }

    /// A number that goes with it, if it is known.
    pub fn maybe(&mut self, name: impl Into<Cow<'static, str>>, number: Option<i64>, unit: Unit) {
        self.number(name, number.unwrap_or_default(), unit);
        if let Some(part) = self.parts.last_mut() {
            part.known = number.is_some();
        }
    }
}
