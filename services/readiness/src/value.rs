//! What rows are made of: names as numbers, days, times, decimals and words. Each is read from the
//! text of a document's body, and kept as a number in a snapshot of the register.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use kernel::{Date, Decimal, Instant};
use serde::de::{self, DeserializeOwned, MapAccess, SeqAccess, Visitor};
use serde::ser::SerializeSeq;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Microseconds of a day.
const DAY_US: i64 = 86_400_000_000;

/// An identifier, number or key by its place among the register's names; the first is empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sym(pub u32);

/// Several of them.
pub type Syms = Box<[Sym]>;

/// All names of a register, each once.
#[derive(Clone, Debug)]
pub struct Names {
    list: Vec<Arc<str>>,
    places: HashMap<Arc<str>, Sym>,
}

impl Default for Names {
    fn default() -> Self {
        let mut names = Self { list: Vec::new(), places: HashMap::new() };
        names.take("");
        names
    }
}

thread_local! {
    /// The names into which the document that is being read puts its own.
    static READING: RefCell<Names> = RefCell::default();
}

impl Names {
    /// The place of a name, which it is given if it has none.
    pub fn take(&mut self, name: &str) -> Sym {
        if let Some(known) = self.places.get(name) {
            return *known;
        }
        let place = Sym(u32::try_from(self.list.len()).unwrap_or(u32::MAX));
        let name: Arc<str> = name.into();
        self.list.push(Arc::clone(&name));
        self.places.insert(name, place);
        place
    }

    /// The place of a name, if it has one.
    pub fn find(&self, name: &str) -> Option<Sym> {
        self.places.get(name).copied()
    }

    /// The name at a place.
    pub fn text(&self, place: Sym) -> &str {
        self.list.get(place.0 as usize).map_or("", |name| name)
    }

    /// About how many bytes they take.
    pub fn weight(&self) -> u64 {
        let texts: usize = self.list.iter().map(|name| name.len() + 16).sum();
        (texts + self.list.capacity() * 16 + self.places.capacity() * 25) as u64
    }

    /// Reads a value from JSON whose names become names of these.
    pub(crate) fn read<T: DeserializeOwned>(&mut self, json: &str) -> Result<T, serde_json::Error> {
        READING.with_borrow_mut(|reading| std::mem::swap(reading, self));
        let found = serde_json::from_str(json);
        READING.with_borrow_mut(|reading| std::mem::swap(reading, self));
        found
    }
}

impl Serialize for Names {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_seq(Some(self.list.len()))?;
        for name in &self.list {
            out.serialize_element(&**name)?;
        }
        out.end()
    }
}

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let texts = Vec::<&str>::deserialize(deserializer)?;
        let (list, places) = (Vec::with_capacity(texts.len()), HashMap::with_capacity(texts.len()));
        let mut names = Self { list, places };
        for text in texts {
            names.take(text);
        }
        Ok(names)
    }
}

impl Serialize for Sym {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u32(self.0)
    }
}

/// Reads text by a function.
struct Text<T>(fn(&str) -> Option<T>, PhantomData<T>);

impl<T> Visitor<'_> for Text<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        (self.0)(text).ok_or_else(|| E::custom(format!("{text} is not of the form")))
    }
}

impl<'de> Deserialize<'de> for Sym {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            let take = |name: &str| READING.with_borrow_mut(|names| Some(names.take(name)));
            return deserializer.deserialize_str(Text(take, PhantomData));
        }
        u32::deserialize(deserializer).map(Sym)
    }
}

macro_rules! scalar {
    ($(#[$meta:meta])* $name:ident = $parse:expr) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub i64);

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_i64(self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                if deserializer.is_human_readable() {
                    return deserializer.deserialize_str(Text($parse, PhantomData));
                }
                i64::deserialize(deserializer).map($name)
            }
        }
    };
}

scalar! {
    /// A calendar date: days since 1970.
    Day = |text| text.parse::<Date>().ok().map(Day::of)
}
scalar! {
    /// A point in time: microseconds since 1970, UTC.
    Time = |text| text.parse::<Instant>().ok().map(|at| Time(at.micros()))
}
scalar! {
    /// A decimal: millionths.
    Micros = |text| text.parse::<Decimal>().ok().map(|number| Micros(number.micros()))
}
scalar! {
    /// A position in the log, which documents hold as text.
    At = |text| text.parse::<i64>().ok().map(At)
}

scalar! {
    /// The first 64 bits of a hash.
    Print = |text| {
        let digits = text.get(..16)?;
        u64::from_str_radix(digits, 16).ok().map(|bits| Print(bits.cast_signed()))
    }
}

impl Day {
    /// The day of a date.
    pub fn of(date: Date) -> Self {
        Self(date.start().micros().div_euclid(DAY_US))
    }

    /// The day so many days later.
    pub fn plus(self, days: i64) -> Self {
        Self(self.0.saturating_add(days))
    }

    /// The date.
    pub fn date(self) -> Date {
        Time(self.0.saturating_mul(DAY_US)).instant().date()
    }

    /// The same day so many months earlier, or the last of that month.
    pub fn months_before(self, months: u32) -> Self {
        Self::of(self.date().plus_months(-i64::from(months)))
    }
}

impl Time {
    /// Its day.
    pub fn day(self) -> Day {
        Day(self.0.div_euclid(DAY_US))
    }

    /// The point in time.
    pub fn instant(self) -> Instant {
        Instant::from_micros(self.0)
    }
}

/// Records by key, as a document keeps them.
#[derive(Clone, Debug, PartialEq)]
pub struct Keyed<T>(pub Box<[(Sym, T)]>);

impl<T> Default for Keyed<T> {
    fn default() -> Self {
        Self(Box::default())
    }
}

impl<T> Keyed<T> {
    /// The records.
    pub fn values(&self) -> impl Iterator<Item = &T> {
        self.0.iter().map(|(_, value)| value)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T: Serialize> Serialize for Keyed<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Keyed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            return deserializer.deserialize_map(Entries(PhantomData));
        }
        Box::<[(Sym, T)]>::deserialize(deserializer).map(Keyed)
    }
}

struct Entries<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Entries<T> {
    type Value = Keyed<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("records by key")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Keyed<T>, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Keyed(entries.into()))
    }
}

/// How many records a document keeps by key, where their content does not matter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Count(pub u32);

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            return deserializer.deserialize_any(Counted);
        }
        u32::deserialize(deserializer).map(Count)
    }
}

struct Counted;

impl<'de> Visitor<'de> for Counted {
    type Value = Count;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("records")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Count, A::Error> {
        let mut count = 0;
        while map.next_entry::<de::IgnoredAny, de::IgnoredAny>()?.is_some() {
            count += 1;
        }
        Ok(Count(count))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Count, A::Error> {
        let mut count = 0;
        while seq.next_element::<de::IgnoredAny>()?.is_some() {
            count += 1;
        }
        Ok(Count(count))
    }
}
