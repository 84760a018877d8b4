//! Seeded damage: the same seed and iteration make the same bytes, so every finding can be made again.
//!
//! Knows nothing of formats but a dictionary of texts and numbers that importers tend to stumble over. Refuses to
//! grow an input beyond [`INPUT_BYTES_MAX`].

use model::Rng;

/// Largest input made.
pub const INPUT_BYTES_MAX: usize = 64 * 1_024;

/// Most wounds an input gets.
const WOUNDS_MAX: u64 = 6;

const DICTIONARY: &[&[u8]] = &[
    b"",
    b"NaN",
    b"nan",
    b"inf",
    b"-inf",
    b"-0.0",
    b"-1",
    b"0",
    b"1e308",
    b"1e-400",
    b"0.00000000001",
    b"null",
    b"9223372036854775807",
    b"-9223372036854775808",
    b"18446744073709551616",
    b"1640995200",
    b"1640995200000000",
    b"2022-02-30 00:00:00",
    b"2022-01-01T00:00:60Z",
    b"+99:99",
    b"\"",
    b"\"\"",
    b",",
    b";",
    b"\t",
    b"\n",
    b"\r\n",
    b"\xEF\xBB\xBF",
    b"\xFF\xFE",
    b"\0",
    b"open_time",
    b"close",
    b"volume",
    b"PAR1",
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"ARROW1",
    b"</c>",
    b"<c r=\"ZZZ1\"><v>",
    b"&#0;",
    b"&amp",
    b"<![CDATA[",
    b"\xFF\xFF\xFF\xFF",
    b"\xFF\xFF\xFF\x7F",
    b"\0\0\0\x80",
    b"\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F",
    b"\x80\x80\x80\x80\x10",
    b"{}",
    b"[]",
    b"[[[[[[[[",
    b"{\"data\":",
    b"\":\"",
    b"true",
    b"\\u0000",
    b"BTCUSDT",
    b"1760000040000",
    b"99999999999999999999999",
    b"0.00000000000000000000001",
];

/// The damaged input of one iteration: a seed with a few wounds, sometimes crossed with another.
pub fn damaged(seeds: &[Vec<u8>], seed: u64, iteration: u64) -> Vec<u8> {
    assert!(!seeds.is_empty(), "a target without a seed file tests nothing");
    // Mixed, so that neighbouring seeds do not share iterations.
    let mut rng = Rng::new(Rng::new(seed).next_u64() ^ iteration);
    let mut input = pick(&mut rng, seeds).clone();
    for _ in 0..=rng.below(WOUNDS_MAX) {
        wound(&mut input, seeds, &mut rng);
        input.truncate(INPUT_BYTES_MAX);
    }
    input
}

fn pick<'a, T>(rng: &mut Rng, from: &'a [T]) -> &'a T {
    &from[below(rng, from.len())]
}

fn below(rng: &mut Rng, bound: usize) -> usize {
    rng.below(bound as u64) as usize
}

/// A range inside the input: mostly short.
fn range(rng: &mut Rng, length: usize) -> std::ops::Range<usize> {
    let start = below(rng, length + 1);
    let longest = if rng.below(4) == 0 { length } else { 32 };
    start..(start + below(rng, longest + 1)).min(length)
}

fn wound(input: &mut Vec<u8>, seeds: &[Vec<u8>], rng: &mut Rng) {
    let length = input.len();
    match rng.below(10) {
        0 => input.truncate(below(rng, length + 1)),
        1 if length > 0 => input[below(rng, length)] ^= 1 << rng.below(8),
        2 if length > 0 => input[below(rng, length)] = rng.next_u64() as u8,
        3 => drop(input.drain(range(rng, length))),
        4 => {
            let copy = input[range(rng, length)].to_vec();
            let at = below(rng, length + 1);
            input.splice(at..at, copy);
        }
        5 => {
            let place = range(rng, length);
            let byte = *pick(rng, &[0, 0xFF, b' ', b'0']);
            input[place].fill(byte);
        }
        6 => {
            let donor = pick(rng, seeds);
            let graft = donor[range(rng, donor.len())].to_vec();
            input.splice(range(rng, length), graft);
        }
        7 => swap_lines(input, rng),
        _ => {
            let place = range(rng, length);
            let place = if rng.below(2) == 0 { place.start..place.start } else { place };
            input.splice(place, pick(rng, DICTIONARY).iter().copied());
        }
    }
}

/// Shuffles and repeats rows of a text.
fn swap_lines(input: &mut Vec<u8>, rng: &mut Rng) {
    let mut lines: Vec<&[u8]> = input.split_inclusive(|byte| *byte == b'\n').collect();
    if lines.len() < 2 {
        return;
    }
    let (from, to) = (below(rng, lines.len()), below(rng, lines.len()));
    match rng.below(3) {
        0 => lines.swap(from, to),
        1 => lines.insert(to, lines[from]),
        _ => drop(lines.remove(from)),
    }
    *input = lines.concat();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_makes_the_same_damage() {
        let seeds = vec![b"time,open\n1,2\n3,4\n".to_vec(), vec![0; 300]];
        for iteration in 0..2_000 {
            let input = damaged(&seeds, 7, iteration);
            assert_eq!(input, damaged(&seeds, 7, iteration));
            assert!(input.len() <= INPUT_BYTES_MAX);
        }
    }

    #[test]
    fn seeds_and_iterations_differ() {
        let seeds = vec![(0..=255).collect::<Vec<u8>>()];
        let made =
            |seed| (0..500).map(|i| damaged(&seeds, seed, i)).collect::<std::collections::BTreeSet<_>>();
        let (first, second) = (made(1), made(2));
        assert!(first.len() > 450, "only {} of 500 inputs differ", first.len());
        assert!(first.intersection(&second).count() < 100);
    }
}
