//! The versions of one kind's rows, in the order of their positions.

use serde::{Deserialize, Serialize};

use crate::rows::Settle;
use crate::value::{Sym, Time};

/// No place.
pub(crate) const NOWHERE: u32 = u32::MAX;

/// A version: from its position until that of the object's next one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Version<R> {
    from: u64,
    object: u32,
    row: R,
}

/// An object of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Object {
    id: Sym,
    created: Time,
}

/// All rows of a kind. A version that says the same as the one before it is not kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Table<R> {
    objects: Vec<Object>,
    versions: Vec<Version<R>>,
    /// The newest version of each object.
    newest: Vec<u32>,
}

impl<R> Default for Table<R> {
    fn default() -> Self {
        Self { objects: Vec::new(), versions: Vec::new(), newest: Vec::new() }
    }
}

/// Which version of each object counts at a position.
#[derive(Clone, Debug, Default)]
pub struct Front {
    next: usize,
    heads: Vec<u32>,
}

impl<R: Settle + PartialEq> Table<R> {
    /// Takes an object in.
    pub(crate) fn begin(&mut self, id: Sym, created: Time) -> u32 {
        let place = place(self.objects.len());
        self.objects.push(Object { id, created });
        self.newest.push(NOWHERE);
        place
    }

    /// Takes a version in, which is later than all others of its object.
    pub(crate) fn take(&mut self, object: u32, from: u64, at: Time, mut row: R) {
        let Some(newest) = self.newest.get_mut(object as usize) else { return };
        let before = self.versions.get(*newest as usize).map(|version| &version.row);
        row.settle(before, at);
        if before == Some(&row) {
            return;
        }
        *newest = place(self.versions.len());
        self.versions.push(Version { from, object, row });
    }

    /// Puts versions that were taken in object by object into the order of their positions.
    pub(crate) fn sort(&mut self) {
        if self.versions.is_sorted_by_key(|version| version.from) {
            return;
        }
        self.versions.sort_by_key(|version| (version.from, version.object));
        for (index, version) in self.versions.iter().enumerate() {
            if let Some(newest) = self.newest.get_mut(version.object as usize) {
                *newest = place(index);
            }
        }
    }

    /// Gives back memory that was taken for growing.
    pub(crate) fn shrink(&mut self) {
        self.versions.shrink_to_fit();
        self.objects.shrink_to_fit();
        self.newest.shrink_to_fit();
    }

    /// Moves a front on to a position; false when nothing changed up to there.
    pub(crate) fn advance(&self, front: &mut Front, to: u64) -> bool {
        front.heads.resize(self.objects.len(), NOWHERE);
        let begin = front.next;
        while let Some(version) = self.versions.get(front.next).filter(|v| v.from <= to) {
            if let Some(head) = front.heads.get_mut(version.object as usize) {
                *head = place(front.next);
            }
            front.next += 1;
        }
        front.next > begin
    }

    /// What counts at a position, whatever any front is at.
    pub(crate) fn at(&self, position: u64) -> Vec<(Sym, &R)> {
        let mut front = Front::default();
        self.advance(&mut front, position);
        let heads = front.heads.iter().zip(&self.objects);
        let rows = heads.filter_map(|(head, object)| {
            Some((object.id, &self.versions.get(*head as usize)?.row))
        });
        rows.collect()
    }

    /// What counts at a front.
    pub(crate) fn seen<'a>(&'a self, front: &'a Front) -> Seen<'a, R> {
        Seen { table: self, front }
    }

    /// About how many bytes it takes.
    pub(crate) fn weight(&self) -> u64 {
        let versions = self.versions.capacity() * size_of::<Version<R>>();
        (versions + self.objects.capacity() * 16 + self.newest.capacity() * 4) as u64
    }

    /// How many versions it holds.
    pub(crate) fn len(&self) -> usize {
        self.versions.len()
    }
}

/// The rows of a kind as of a position.
pub struct Seen<'a, R> {
    table: &'a Table<R>,
    front: &'a Front,
}

impl<R> Clone for Seen<'_, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R> Copy for Seen<'_, R> {}

impl<'a, R> Seen<'a, R> {
    /// Each with its id.
    pub fn iter(self) -> impl Iterator<Item = (Sym, &'a R)> {
        self.dated().map(|(id, _, row)| (id, row))
    }

    /// Each with its id and when its object's first event was recorded.
    pub fn dated(self) -> impl Iterator<Item = (Sym, Time, &'a R)> {
        let rows = self.front.heads.iter().zip(&self.table.objects);
        rows.filter_map(move |(head, object)| {
            let version = self.table.versions.get(*head as usize)?;
            Some((object.id, object.created, &version.row))
        })
    }

    /// The rows alone.
    pub fn rows(self) -> impl Iterator<Item = &'a R> {
        self.iter().map(|(_, row)| row)
    }

    /// The row of the object at a place, if that is where the object of this id stands.
    pub(crate) fn at(self, object: u32, id: Sym) -> Option<&'a R> {
        self.table.objects.get(object as usize).filter(|known| known.id == id)?;
        let head = self.front.heads.get(object as usize)?;
        self.table.versions.get(*head as usize).map(|version| &version.row)
    }
}

fn place(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(NOWHERE)
}
