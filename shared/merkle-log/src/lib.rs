//! The Merkle tree of a log as RFC 6962 (section 2.1) and RFC 9162 define it: leaf hash, node hash
//! and the compact range of a growing tree. Pure; usable by a verifier outside.

use sha2::{Digest, Sha256};

/// A SHA-256 hash.
pub type Hash = [u8; 32];

/// Hash of a leaf: `SHA-256(0x00 || bytes)`.
pub fn leaf_hash(bytes: &[u8]) -> Hash {
    Sha256::new().chain_update([0]).chain_update(bytes).finalize().into()
}

/// Hash of an inner node: `SHA-256(0x01 || left || right)`.
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// The compact range of a tree: the roots of its perfect subtrees, largest (leftmost) first. It is
/// all that is needed to add a leaf and to know the root: at most 64 hashes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    nodes: Vec<Hash>,
}

/// The stored bytes do not belong to a tree of the stated size.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a tree of {size} leaves has {expected} frontier hashes, not {bytes} bytes")]
pub struct NotAFrontier {
    /// The stated size.
    pub size: u64,
    /// How many hashes such a tree has.
    pub expected: u32,
    /// How many bytes were given.
    pub bytes: usize,
}

impl Frontier {
    /// Reads the hashes of a tree of `size` leaves.
    ///
    /// # Errors
    /// When their number does not fit the size.
    pub fn read(size: u64, bytes: &[u8]) -> Result<Self, NotAFrontier> {
        let (nodes, rest) = bytes.as_chunks::<32>();
        let expected = size.count_ones();
        if !rest.is_empty() || nodes.len() != expected as usize {
            return Err(NotAFrontier { size, expected, bytes: bytes.len() });
        }
        Ok(Self { size, nodes: nodes.to_vec() })
    }

    /// The hashes one after the other.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.nodes.concat()
    }

    /// Number of leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf by its hash.
    pub fn push(&mut self, leaf: Hash) {
        let mut node = leaf;
        // Each trailing 1 of the size is a perfect subtree that the new leaf completes.
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.nodes.pop() {
                node = node_hash(&left, &node);
            }
        }
        self.nodes.push(node);
        self.size += 1;
    }

    /// Root hash; of the empty tree the hash of the empty string.
    pub fn root(&self) -> Hash {
        let mut smallest_first = self.nodes.iter().rev();
        match smallest_first.next() {
            None => Sha256::digest([]).into(),
            Some(last) => smallest_first.fold(*last, |right, left| node_hash(left, &right)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition of RFC 6962, word for word.
    fn by_definition(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => Sha256::digest([]).into(),
            [one] => *one,
            many => {
                let split = largest_power_below(many.len());
                node_hash(&by_definition(&many[..split]), &by_definition(&many[split..]))
            }
        }
    }

    fn largest_power_below(n: usize) -> usize {
        let mut power = 1;
        while power * 2 < n {
            power *= 2;
        }
        power
    }

    #[test]
    fn the_frontier_gives_the_root_of_the_definition_at_every_size() {
        let leaves: Vec<Hash> = (0..130u32).map(|i| leaf_hash(&i.to_be_bytes())).collect();
        let mut frontier = Frontier::default();
        for size in 0..leaves.len() {
            assert_eq!(frontier.root(), by_definition(&leaves[..size]), "size {size}");
            let stored = Frontier::read(size as u64, &frontier.to_bytes()).unwrap();
            assert_eq!(stored, frontier);
            frontier.push(leaves[size]);
        }
    }

    #[test]
    fn others_code_agrees() {
        use tlog_tiles::{record_hash, stored_hashes, tree_hash};
        let records: Vec<[u8; 4]> = (0..70u32).map(u32::to_be_bytes).collect();
        let mut frontier = Frontier::default();
        let mut stored = Vec::new();
        for (n, record) in records.iter().enumerate() {
            assert_eq!(record_hash(record).0, leaf_hash(record));
            let reader = Stored(stored.clone());
            stored.extend(stored_hashes(n as u64, record, &reader).unwrap());
            frontier.push(leaf_hash(record));
            let root = tree_hash(n as u64 + 1, &Stored(stored.clone())).unwrap();
            assert_eq!(root.0, frontier.root());
        }
    }

    struct Stored(Vec<tlog_tiles::Hash>);

    impl tlog_tiles::HashReader for Stored {
        fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<tlog_tiles::Hash>, tlog_tiles::Error> {
            Ok(indexes.iter().map(|&i| self.0[i as usize]).collect())
        }
    }

    #[test]
    fn bytes_of_another_size_are_refused() {
        assert!(Frontier::read(3, &[0; 32]).is_err());
        assert!(Frontier::read(1, &[0; 31]).is_err());
        assert!(Frontier::read(1, &[0; 32]).is_ok());
    }
}
