//! A log driven through an engine, and the same log in memory, to compare the two.

use std::sync::Arc;

use event_store::engine::{
    Condition, DocumentRow, Engine, EventRow, Head, ListQuery, Op, Slot, SlotValue, Slots, Writes,
};
use kernel::{Instant, Position, TenantId};

/// A small generator: the same seed gives the same log.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % bound
    }

    pub fn one_of<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())].clone()
    }

    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

/// Texts that databases like to order or match in their own way.
pub const TEXTS: [&str; 18] = [
    "",
    "a",
    "A",
    "ab",
    "aB",
    "a%b",
    "a_b",
    "axb",
    "%",
    "_",
    "é",
    "e\u{301}",
    "ü",
    "Z",
    "日本",
    "\u{ffff}",
    "a\u{10ffff}",
    "a'b\"c\\d",
];

/// One tenant's log.
pub struct World {
    pub engine: Arc<dyn Engine>,
    pub tenant: TenantId,
    /// Every version of every document, as it should stand in the store.
    pub versions: Vec<DocumentRow>,
    pub position: Position,
}

/// A new version of an object.
#[derive(Clone)]
pub struct Change {
    pub id: String,
    pub kind: String,
    pub slots: Slots,
    pub search: String,
}

impl Change {
    pub fn of(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            kind: "scope".to_owned(),
            slots: Slots::default(),
            search: String::new(),
        }
    }

    pub fn random(random: &mut Random, id: &str) -> Self {
        let slots = Slots {
            text: [
                Some(random.one_of(&TEXTS).to_owned()),
                random.chance(70).then(|| random.one_of(&TEXTS).to_owned()),
                None,
            ],
            number: [
                Some(i64::try_from(random.below(5)).unwrap() - 2),
                random.chance(70).then(|| random.one_of(&[i64::MIN, -1, 0, 1, i64::MAX])),
                None,
            ],
        };
        let kind = if id.ends_with('9') { "risk" } else { "scope" };
        let search = format!("{} {}", random.one_of(&TEXTS), random.one_of(&TEXTS)).to_lowercase();
        Self { id: id.to_owned(), kind: kind.to_owned(), slots, search }
    }
}

pub fn start_of(tenant: &TenantId) -> Head {
    Head {
        tenant: tenant.clone(),
        log: format!("log_{tenant}"),
        position: Position::START,
        at: Instant::default(),
        simulated: false,
        frontier: Vec::new(),
    }
}

impl World {
    pub async fn open(engine: &Arc<dyn Engine>, tenant: &str) -> Self {
        let tenant = TenantId::new(tenant);
        assert!(engine.open_log(&start_of(&tenant), b"key").await.unwrap());
        Self { engine: engine.clone(), tenant, versions: Vec::new(), position: Position::START }
    }

    /// Appends one event per change, all in one transaction.
    pub async fn commit(&mut self, changes: &[Change]) {
        let batch = self.engine.lock(std::slice::from_ref(&self.tenant), true).await.unwrap();
        let head = batch.heads()[0].clone();
        assert_eq!(head.position, self.position);
        let writes = self.writes(head, changes);
        batch.write(&writes).await.unwrap();
    }

    /// What a transaction of these changes writes; the model moves on as if it were committed.
    pub fn writes(&mut self, mut head: Head, changes: &[Change]) -> Writes {
        let mut writes = Writes::default();
        let before = head.position;
        head.at = Instant::from_micros(1_000 * (head.position.as_i64() + 1));
        for change in changes {
            head.position = head.position.next();
            let row = self.replace(change, head.position, head.at, before, &mut writes);
            writes.events.push(event_of(&self.tenant, &row));
            self.versions.push(row);
        }
        let fresh = self.versions.iter().filter(|row| row.from > before);
        for row in fresh {
            let owned = (self.tenant.clone(), row.clone());
            match row.to {
                Some(_) => writes.ended.push(owned),
                None => writes.current.push(owned),
            }
        }
        head.frontier = vec![7; 32];
        self.position = head.position;
        writes.heads.push(head);
        writes
    }

    fn replace(
        &mut self,
        change: &Change,
        at: Position,
        time: Instant,
        before: Position,
        writes: &mut Writes,
    ) -> DocumentRow {
        let current = self.versions.iter_mut().find(|row| row.id == change.id && row.to.is_none());
        let (mut version, mut created_at) = (1, time);
        if let Some(current) = current {
            (version, created_at) = (current.version + 1, current.created_at);
            current.to = Some(at);
            if current.from <= before {
                writes.ended.push((self.tenant.clone(), current.clone()));
            }
        }
        DocumentRow {
            id: change.id.clone(),
            kind: change.kind.clone(),
            version,
            from: at,
            to: None,
            at: time,
            created_at,
            shape: 1,
            dated: version % 2 == 0,
            body: Arc::from(format!("{{\"title\":\"{} ü {version}\"}}", change.id)),
            slots: change.slots.clone(),
            search: change.search.clone(),
        }
    }

    /// The versions that were true at a position.
    pub fn as_of(&self, at: Position) -> Vec<DocumentRow> {
        let holds = |row: &&DocumentRow| row.from <= at && row.to.is_none_or(|to| to > at);
        let mut rows: Vec<_> = self.versions.iter().filter(holds).cloned().collect();
        rows.sort_by(|a, b| a.id.cmp(&b.id));
        rows
    }

    /// What a query should find, before `after` and `limit`.
    pub fn found(&self, query: &ListQuery) -> Vec<DocumentRow> {
        let mut rows = self.as_of(query.at);
        rows.retain(|row| {
            row.kind == query.kind
                && query.conditions.iter().all(|condition| holds(condition, row))
                && query.search.as_ref().is_none_or(|words| row.search.contains(words))
        });
        rows.sort_by(|a, b| compare(query, &keys(query, a), &keys(query, b)));
        rows
    }

    /// The page that a query should give.
    pub fn page(&self, query: &ListQuery) -> Vec<DocumentRow> {
        let mut rows = self.found(query);
        if let Some(after) = &query.after {
            rows.retain(|row| compare(query, &keys(query, row), after).is_gt());
        }
        rows.truncate(query.limit);
        rows
    }
}

pub fn event_of(tenant: &TenantId, row: &DocumentRow) -> EventRow {
    let mut leaf = [0; 32];
    leaf[..8].copy_from_slice(&row.from.0.to_be_bytes());
    EventRow {
        tenant: tenant.clone(),
        position: row.from,
        stream: row.id.clone(),
        kind: row.kind.clone(),
        version: row.version,
        name: format!("{}.changed", row.kind),
        at: row.at,
        effective: row.dated.then(|| row.at.plus_days(-1)),
        header: format!("header of {}", row.from).into_bytes(),
        payload: vec![0, 255, 10],
        leaf,
    }
}

/// The sort keys of a row.
pub fn keys(query: &ListQuery, row: &DocumentRow) -> Vec<SlotValue> {
    query.order.iter().map(|key| value(key.slot, row)).collect()
}

fn value(slot: Slot, row: &DocumentRow) -> SlotValue {
    match slot {
        Slot::Text(n) => row.slots.text[n].clone().map_or(SlotValue::Null, SlotValue::Text),
        Slot::Number(n) => row.slots.number[n].map_or(SlotValue::Null, SlotValue::Number),
        Slot::Id => SlotValue::Text(row.id.clone()),
    }
}

fn compare(query: &ListQuery, a: &[SlotValue], b: &[SlotValue]) -> std::cmp::Ordering {
    let mut by_key = query.order.iter().zip(a.iter().zip(b)).map(|(key, pair)| match pair {
        (SlotValue::Null, SlotValue::Null) => std::cmp::Ordering::Equal,
        (SlotValue::Null, _) => std::cmp::Ordering::Greater,
        (_, SlotValue::Null) => std::cmp::Ordering::Less,
        (a, b) if key.descending => order(b, a),
        (a, b) => order(a, b),
    });
    by_key.find(|found| found.is_ne()).unwrap_or(std::cmp::Ordering::Equal)
}

fn order(a: &SlotValue, b: &SlotValue) -> std::cmp::Ordering {
    match (a, b) {
        (SlotValue::Text(a), SlotValue::Text(b)) => a.as_bytes().cmp(b.as_bytes()),
        (SlotValue::Number(a), SlotValue::Number(b)) => a.cmp(b),
        _ => panic!("{a:?} and {b:?} do not compare"),
    }
}

fn holds(condition: &Condition, row: &DocumentRow) -> bool {
    let found = value(condition.slot, row);
    let is_null = found == SlotValue::Null;
    let test = |other: &SlotValue, wanted: fn(std::cmp::Ordering) -> bool| {
        !is_null && *other != SlotValue::Null && wanted(order(&found, other))
    };
    match &condition.op {
        Op::Eq(other) => test(other, std::cmp::Ordering::is_eq),
        Op::Ne(other) => !test(other, std::cmp::Ordering::is_eq),
        Op::In(others) => others.iter().any(|other| test(other, std::cmp::Ordering::is_eq)),
        Op::Lt(other) => test(other, std::cmp::Ordering::is_lt),
        Op::Lte(other) => test(other, std::cmp::Ordering::is_le),
        Op::Gt(other) => test(other, std::cmp::Ordering::is_gt),
        Op::Gte(other) => test(other, std::cmp::Ordering::is_ge),
        Op::StartsWith(prefix) => match &found {
            SlotValue::Text(text) => text.starts_with(prefix),
            SlotValue::Number(_) | SlotValue::Null => false,
        },
        Op::IsNull(wanted) => is_null == *wanted,
    }
}
