//! The number streams inside a Parquet page: run lengths and deltas, walked before they are decoded.
//!
//! The decoder asserts that a variable-length number ends within ten bytes and that a delta stream holds a value;
//! a damaged page breaks both. Streams that merely end too early pass: the decoder reports those itself.

/// Largest block of a delta stream; writers use 128 to 1 024.
const DELTA_BLOCK_MAX: u64 = 1 << 20;
/// Most bytes of a variable-length number.
const NUMBER_BYTES_MAX: usize = 10;

/// A number, or why there is none.
enum Number {
    Is(u64),
    Ends,
    TooLong,
}

fn number(bytes: &mut &[u8]) -> Number {
    let mut value = 0_u64;
    for (i, &byte) in bytes.iter().enumerate() {
        if i == NUMBER_BYTES_MAX {
            return Number::TooLong;
        }
        value |= u64::from(byte & 0x7F).wrapping_shl(7 * i as u32);
        if byte < 0x80 {
            *bytes = &bytes[i + 1..];
            return Number::Is(value);
        }
    }
    if bytes.len() >= NUMBER_BYTES_MAX { Number::TooLong } else { Number::Ends }
}

/// Takes as many bytes as there are, up to `count`.
fn skip(bytes: &mut &[u8], count: u64) {
    let count = usize::try_from(count).unwrap_or(usize::MAX).min(bytes.len());
    *bytes = &bytes[count..];
}

/// Whether `count` values of `width` bits in runs can be decoded without breaking the decoder.
pub(crate) fn runs_are_sound(bytes: &[u8], width: u8, count: u64) -> bool {
    walk(bytes, width, count).is_some()
}

/// How many of `count` one-bit levels say that there is a value; `None` if they would break the decoder.
pub(crate) fn levels_set(bytes: &[u8], count: u64) -> Option<u64> {
    walk(bytes, 1, count).map(|set| set.min(count))
}

/// Walks runs until `count` values are covered; counts the bits that are set, which one-bit levels make sense of.
fn walk(mut bytes: &[u8], width: u8, count: u64) -> Option<u64> {
    let width = u64::from(width);
    let (mut covered, mut set) = (0_u64, 0_u64);
    while covered < count {
        let head = match number(&mut bytes) {
            Number::Is(head) => head,
            Number::Ends => break,
            Number::TooLong => return None,
        };
        let (length, before) = (head >> 1, bytes);
        if head & 1 == 0 {
            skip(&mut bytes, width.div_ceil(8));
            set = set.saturating_add(if before.first() == Some(&1) { length } else { 0 });
            covered = covered.saturating_add(length);
        } else {
            skip(&mut bytes, length.saturating_mul(width));
            let packed = &before[..before.len() - bytes.len()];
            set = set.saturating_add(packed.iter().map(|byte| u64::from(byte.count_ones())).sum());
            covered = covered.saturating_add(length.saturating_mul(8));
        }
    }
    Some(set)
}

/// Whether a delta stream of a page with `count` values can be decoded without breaking the decoder.
pub(crate) fn deltas_are_sound(mut bytes: &[u8], count: u64) -> bool {
    let mut head = [0_u64; 4];
    for slot in &mut head {
        match number(&mut bytes) {
            Number::Is(value) => *slot = value,
            Number::Ends => return true,
            Number::TooLong => return false,
        }
    }
    let [block, minis, total, _first] = head;
    if block > DELTA_BLOCK_MAX || minis == 0 || minis > block || total == 0 || total > count {
        return false;
    }
    let values_per_mini = block / minis;
    let mut left = total - 1;
    while left > 0 && !bytes.is_empty() {
        if matches!(number(&mut bytes), Number::TooLong) {
            return false;
        }
        let widths = &bytes[..bytes.len().min(minis as usize)];
        skip(&mut bytes, minis);
        for &width in widths {
            if left == 0 {
                break;
            }
            skip(&mut bytes, u64::from(width) * values_per_mini / 8);
            left = left.saturating_sub(values_per_mini);
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs() {
        assert!(runs_are_sound(&[20, 1], 1, 10), "ten times one");
        assert!(runs_are_sound(&[20], 1, 10), "it ends early: the decoder says so");
        assert!(runs_are_sound(&[3, 0xFF, 4, 1], 1, 10), "a packed group and a run");
        assert!(!runs_are_sound(&[0xFF; 11], 1, 10));
        assert!(!runs_are_sound(
            &[2, 1, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0],
            1,
            10
        ));
    }

    #[test]
    fn levels() {
        assert_eq!(levels_set(&[20, 1], 10), Some(10));
        assert_eq!(levels_set(&[20, 0], 10), Some(0));
        assert_eq!(levels_set(&[3, 0b0101_0101, 4, 1], 10), Some(6));
        assert_eq!(levels_set(&[0xFF; 11], 10), None);
    }

    #[test]
    fn deltas() {
        let head = |total: u8| vec![0x80, 0x01, 4, total, 7];
        let block = |total: u8, min_delta: &[u8]| [&head(total)[..], min_delta, &[0, 0, 0, 0]].concat();
        assert!(deltas_are_sound(&head(1), 1));
        assert!(deltas_are_sound(&block(100, &[2]), 100));
        assert!(!deltas_are_sound(&head(0), 1), "no value where there should be one");
        assert!(!deltas_are_sound(&head(2), 1), "more values than the page has");
        assert!(!deltas_are_sound(&block(100, &[0xFF; 12]), 100));
        assert!(!deltas_are_sound(&[0xFF, 0xFF, 0xFF, 0xFF, 0x7F, 4, 1, 7], 1), "an absurd block");
        assert!(!deltas_are_sound(&[0x80, 0x01, 0, 1, 7], 1));
    }
}
