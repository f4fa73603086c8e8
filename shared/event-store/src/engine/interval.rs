//! Which ended versions were true at a position: the relational interval tree.

use kernel::Position;

/// The node of the relational interval tree (Kriegel, Pötke, Seidl, VLDB 2000) under which a
/// closed interval `[from, to)` is stored: the number in it that is divisible by the highest power
/// of two. With it "which versions were true at P" is a few index ranges on any database.
pub fn interval_node(from: Position, to: Position) -> i64 {
    debug_assert!(Position::START < from && from < to);
    let (before, last) = (from.0 - 1, to.0 - 1);
    let bit = 63 - (before ^ last).leading_zeros().min(63);
    (last & !((1u64 << bit) - 1)).cast_signed()
}

/// The nodes whose intervals can contain `at` in a log of `length` events: those at or before it
/// (an interval there contains it when it ends after it) and those behind it (when it begins at or
/// before it). They are the position's ancestors in the tree.
pub fn stabbing_nodes(at: Position, length: Position) -> (Vec<i64>, Vec<i64>) {
    let height = 64 - length.0.max(at.0).leading_zeros();
    let (mut before, mut behind) = (Vec::new(), Vec::new());
    for level in at.0.trailing_zeros().min(height)..height {
        let node = (at.0 >> level >> 1 << 1 | 1) << level;
        let side = if node <= at.0 { &mut before } else { &mut behind };
        side.push(node.cast_signed());
    }
    (before, behind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_interval_is_found_at_each_of_its_positions_and_nowhere_else() {
        for from in 1..40 {
            for to in from + 1..41 {
                let node = interval_node(Position(from), Position(to));
                assert!((from..to).contains(&node.cast_unsigned()), "[{from},{to}) at {node}");
                for at in 1..41 {
                    let (before, behind) = stabbing_nodes(Position(at), Position(40));
                    let found =
                        before.contains(&node) && to > at || behind.contains(&node) && from <= at;
                    assert_eq!(found, (from..to).contains(&at), "[{from},{to}) at {at}");
                }
            }
        }
    }
}
