//! The names of all events that the table speaks of, each once, gathered when it is compiled.

use super::table::TABLE;

/// Most names.
const MAX: usize = 256;

/// The names of the events that make, end, use up or unsettle a decision.
pub const EVENTS: &[&str] = {
    const GATHERED: Names = gathered();
    GATHERED.names.split_at(GATHERED.count).0
};

struct Names {
    names: [&'static str; MAX],
    count: usize,
}

const fn gathered() -> Names {
    let mut all = Names { names: [""; MAX], count: 0 };
    let mut service = 0;
    while service < TABLE.len() {
        let mut row = 0;
        while row < TABLE[service].len() {
            let decisions = &TABLE[service][row];
            all = with(with(all, decisions.made), decisions.ended);
            let mut n = 0;
            while n < decisions.used.len() {
                all = with(all, &[decisions.used[n].0]);
                n += 1;
            }
            let mut n = 0;
            while n < decisions.rests.len() {
                all = with(all, decisions.rests[n].on);
                n += 1;
            }
            row += 1;
        }
        service += 1;
    }
    all
}

const fn with(mut all: Names, names: &[&'static str]) -> Names {
    let mut n = 0;
    while n < names.len() {
        if !has(&all, names[n]) {
            all.names[all.count] = names[n];
            all.count += 1;
        }
        n += 1;
    }
    all
}

const fn has(all: &Names, name: &str) -> bool {
    let mut n = 0;
    while n < all.count {
        if same(all.names[n].as_bytes(), name.as_bytes()) {
            return true;
        }
        n += 1;
    }
    false
}

const fn same(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    let mut n = 0;
    while n < one.len() {
        if one[n] != other[n] {
            return false;
        }
        n += 1;
    }
    true
}
