//! Sealing of a file as a stream: segments that open on their own, so that neither end holds the
//! whole and a range can be read alone.
//!
//! The format is Tink's AES256-GCM-HKDF with segments of 64 KiB (an online AEAD after Hoang,
//! Reyhanitabar, Rogaway and Vizár, 2015):
//!
//! ```text
//! 40 ‖ salt (32) ‖ prefix (7) ‖ segment 0 ‖ segment 1 ‖ …
//! key of a file's segments = HKDF-SHA256(key, salt, context); nonce = prefix ‖ n ‖ is it the last
//! ```
//!
//! Segments cannot be changed, swapped, left out at the end or taken from another file: number and
//! end stand in the nonce, the salt is the file's own, the context names tenant and object.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hkdf;
use event_store::Fault;
use event_store::seal::{SecretKey, random};

use crate::FileError;

/// Bytes of a sealed segment; the first shares them with the header, the last may be shorter.
pub const SEGMENT: usize = 64 << 10;
/// Bytes of the header.
pub const HEADER: usize = 1 + SALT + PREFIX;

const SALT: usize = 32;
const PREFIX: usize = 7;
const TAG: usize = 16;
/// Bytes of text in a segment; in the first, the header counts as text.
const TEXT: usize = SEGMENT - TAG;

/// Segments of a file of so many bytes; there is always one.
fn segments(plain: u64) -> u64 {
    (plain + HEADER as u64).div_ceil(TEXT as u64)
}

/// Bytes of the sealed form of a file of so many bytes.
pub fn sealed_len(plain: u64) -> u64 {
    plain + HEADER as u64 + segments(plain) * TAG as u64
}

/// Where a sealed segment lies: the first byte, and the byte after its last.
pub fn place(segment: u64, plain: u64) -> (u64, u64) {
    let (begin, size) = (segment * SEGMENT as u64, SEGMENT as u64);
    (begin.max(HEADER as u64), (begin + size).min(sealed_len(plain)))
}

/// The segment that holds a byte, and which of the segment's bytes it is.
pub fn find(byte: u64) -> (u64, usize) {
    let at = byte + HEADER as u64;
    let segment = at / TEXT as u64;
    let hidden = if segment == 0 { HEADER as u64 } else { 0 };
    // Less than a segment.
    let offset = usize::try_from(at % TEXT as u64 - hidden).unwrap_or(usize::MAX);
    (segment, offset)
}

/// The last segment of a file.
pub fn last(plain: u64) -> u64 {
    segments(plain) - 1
}

struct Segments {
    key: LessSafeKey,
    prefix: [u8; PREFIX],
}

impl Segments {
    fn of(
        key: &SecretKey,
        context: &str,
        salt: &[u8],
        prefix: [u8; PREFIX],
    ) -> Result<Self, Fault> {
        let mut derived = [0; 32];
        let unusable = |_| Fault::Key("no key of a file could be derived".into());
        hkdf::Salt::new(hkdf::HKDF_SHA256, salt)
            .extract(key.bytes())
            .expand(&[context.as_bytes()], hkdf::HKDF_SHA256)
            .and_then(|okm| okm.fill(&mut derived))
            .map_err(unusable)?;
        let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &derived).map_err(unusable)?);
        Ok(Self { key, prefix })
    }

    fn nonce(&self, segment: u32, is_last: bool) -> Nonce {
        let mut nonce = [0; NONCE_LEN];
        nonce[..PREFIX].copy_from_slice(&self.prefix);
        nonce[PREFIX..PREFIX + 4].copy_from_slice(&segment.to_be_bytes());
        nonce[PREFIX + 4] = u8::from(is_last);
        Nonce::assume_unique_for_key(nonce)
    }
}

/// Seals a file from its first byte to its last.
pub struct Sealer {
    segments: Segments,
    text: Vec<u8>,
    /// What is still free in the segment.
    free: usize,
    next: u32,
}

impl Sealer {
    /// A sealer under a file's key, and the header.
    ///
    /// # Errors
    /// When the operating system gives no randomness.
    pub fn new(key: &SecretKey, context: &str) -> Result<(Self, [u8; HEADER]), Fault> {
        let (salt, prefix) = (random::<SALT>()?, random::<PREFIX>()?);
        let mut header = [0; HEADER];
        // 40 fits in a byte.
        header[0] = HEADER as u8;
        header[1..=SALT].copy_from_slice(&salt);
        header[1 + SALT..].copy_from_slice(&prefix);
        let segments = Segments::of(key, context, &salt, prefix)?;
        let text = Vec::with_capacity(SEGMENT);
        Ok((Self { segments, text, free: TEXT - HEADER, next: 0 }, header))
    }

    /// Takes bytes; whole segments are handed to `out`. A full one is kept back until it is known
    /// that it is not the last.
    ///
    /// # Errors
    /// When the file grows beyond 2^32 segments.
    pub fn push(&mut self, mut bytes: &[u8], mut out: impl FnMut(Vec<u8>)) -> Result<(), Fault> {
        while !bytes.is_empty() {
            if self.free == 0 {
                out(self.seal(false)?);
            }
            let (now, later) = bytes.split_at(self.free.min(bytes.len()));
            self.text.extend_from_slice(now);
            self.free -= now.len();
            bytes = later;
        }
        Ok(())
    }

    /// The last segment.
    ///
    /// # Errors
    /// As for `push`.
    pub fn finish(mut self) -> Result<Vec<u8>, Fault> {
        self.seal(true)
    }

    fn seal(&mut self, is_last: bool) -> Result<Vec<u8>, Fault> {
        let mut text = std::mem::replace(&mut self.text, Vec::with_capacity(SEGMENT));
        let nonce = self.segments.nonce(self.next, is_last);
        let sealed = self.segments.key.seal_in_place_append_tag(nonce, Aad::empty(), &mut text);
        sealed.map_err(|_| Fault::Key("sealing failed".into()))?;
        let next = self.next.checked_add(1);
        self.next = next.ok_or_else(|| Fault::Key("a file has too many segments".into()))?;
        self.free = TEXT;
        Ok(text)
    }
}

/// Opens segments of a file, in any order.
pub struct Opener(Segments);

impl Opener {
    /// An opener under a file's key.
    ///
    /// # Errors
    /// When the header is none of ours.
    pub fn new(key: &SecretKey, context: &str, header: &[u8]) -> Result<Self, FileError> {
        let header: &[u8; HEADER] =
            header.try_into().map_err(|_| FileError::damaged("its header is cut short"))?;
        if usize::from(header[0]) != HEADER {
            return Err(FileError::damaged("its header is none of ours"));
        }
        let mut prefix = [0; PREFIX];
        prefix.copy_from_slice(&header[1 + SALT..]);
        Ok(Self(Segments::of(key, context, &header[1..=SALT], prefix)?))
    }

    /// Opens a segment in place; its text is what is left.
    ///
    /// # Errors
    /// When it is not what was sealed at this place of this file.
    pub fn open(&self, segment: u64, is_last: bool, sealed: &mut Vec<u8>) -> Result<(), FileError> {
        let damaged = || FileError::damaged(&format!("segment {segment} does not open"));
        let number = u32::try_from(segment).map_err(|_| damaged())?;
        let nonce = self.0.nonce(number, is_last);
        let opened = self.0.key.open_in_place(nonce, Aad::empty(), sealed);
        let length = opened.map_err(|_| damaged())?.len();
        sealed.truncate(length);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sealed(key: &SecretKey, plain: &[u8], pieces: usize) -> Vec<u8> {
        let (mut sealer, header) = Sealer::new(key, "tnt_1/evd_1").unwrap();
        let mut out = header.to_vec();
        for piece in plain.chunks(pieces) {
            sealer.push(piece, |segment| out.extend(segment)).unwrap();
        }
        out.extend(sealer.finish().unwrap());
        out
    }

    fn opened(key: &SecretKey, context: &str, sealed: &[u8], plain: u64) -> Option<Vec<u8>> {
        let opener = Opener::new(key, context, &sealed[..HEADER]).ok()?;
        let mut out = Vec::new();
        for n in 0..=last(plain) {
            let (begin, end) = place(n, plain);
            let range = usize::try_from(begin).unwrap()..usize::try_from(end).unwrap();
            let mut segment = sealed.get(range)?.to_vec();
            opener.open(n, n == last(plain), &mut segment).ok()?;
            out.extend(segment);
        }
        Some(out)
    }

    /// Lengths around the ends of segments.
    const EDGES: [usize; 9] = [
        0,
        1,
        TEXT - HEADER - 1,
        TEXT - HEADER,
        TEXT - HEADER + 1,
        2 * TEXT - HEADER,
        2 * TEXT - HEADER + 1,
        3 * TEXT - HEADER,
        200_000,
    ];

    #[test]
    fn what_was_sealed_opens_whatever_its_length_and_pieces() {
        let key = SecretKey::generate().unwrap();
        for length in EDGES {
            let plain: Vec<u8> = (0..length).map(|n| (n % 251) as u8).collect();
            for pieces in [7, 1000, SEGMENT, 1 << 20] {
                let sealed = sealed(&key, &plain, pieces);
                assert_eq!(sealed.len() as u64, sealed_len(length as u64), "{length}");
                let found = opened(&key, "tnt_1/evd_1", &sealed, length as u64);
                assert!(found.as_ref() == Some(&plain), "{length} in {pieces}");
            }
        }
    }

    #[test]
    fn nothing_else_opens() {
        let key = SecretKey::generate().unwrap();
        let plain = vec![7; 2 * TEXT];
        let (length, good) = (plain.len() as u64, sealed(&key, &plain, 5000));
        assert!(opened(&key, "tnt_1/evd_2", &good, length).is_none(), "another object");
        let other = SecretKey::generate().unwrap();
        assert!(opened(&other, "tnt_1/evd_1", &good, length).is_none(), "another key");
        // A segment less, and one that is said to be the last although it is not.
        let shorter = (TEXT - HEADER) as u64;
        assert!(opened(&key, "tnt_1/evd_1", &good[..SEGMENT], shorter).is_none(), "cut");
        let mut swapped = good.clone();
        let (second, third) = (SEGMENT..SEGMENT + 50, 2 * SEGMENT..2 * SEGMENT + 50);
        swapped[second.clone()].copy_from_slice(&good[third.clone()]);
        swapped[third].copy_from_slice(&good[second]);
        assert!(opened(&key, "tnt_1/evd_1", &swapped, length).is_none(), "swapped");
        for byte in (0..good.len()).step_by(997).chain([0, 1, 33, 39, 40]) {
            let mut flipped = good.clone();
            flipped[byte] ^= 1;
            assert!(opened(&key, "tnt_1/evd_1", &flipped, length).is_none(), "byte {byte}");
        }
        assert!(sealed(&key, &plain, 5000) != good, "each file has a salt of its own");
    }

    /// Sealed by another implementation of the format: Python's `cryptography`, from the formulas
    /// above (key 00 01 …, salt ff fe …, prefix 1 … 7, context `tnt_1/evd_1`, text `Annals`).
    #[test]
    fn the_format_is_the_published_one() {
        let key = SecretKey::from_bytes(&(0..32).collect::<Vec<u8>>()).unwrap();
        let sealed = hex::decode(VECTOR).unwrap();
        let found = opened(&key, "tnt_1/evd_1", &sealed, 6);
        assert_eq!(found.as_deref(), Some(b"Annals".as_slice()));
    }

    const VECTOR: &str = "28fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0efeeedecebeae9e8e7e6e5e4e3e2e1e001020304050607681710483c1f4e4565d4c516b19944be924e081e96a1";

    proptest! {
        #[test]
        fn every_byte_is_found_where_it_lies(byte in 0u64..1 << 40, more in 0u64..1 << 20) {
            let (segment, offset) = find(byte);
            let plain = byte + 1 + more;
            let (begin, end) = place(segment, plain);
            prop_assert!((offset as u64) < end - begin - TAG as u64);
            prop_assert!(segment <= last(plain));
            // The bytes before it: the header, and a tag for each segment before.
            let before = begin + offset as u64;
            prop_assert_eq!(before, byte + HEADER as u64 + segment * TAG as u64);
        }
    }
}
