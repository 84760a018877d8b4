//! What is known of a file of the catalogue without opening it: its rows, its holes, its hash and where it came from.
//!
//! It refuses a line it does not know: a manifest that was damaged must not pass for one that says less. It holds no
//! time of its making: the same download makes the same manifest.

use super::coverage::Span;
use model::Time;
use std::fmt::Write as _;

/// What is known of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// Rows.
    pub rows: usize,
    /// The first row's instant.
    pub first: Time,
    /// The last row's instant.
    pub last: Time,
    /// Where rows should be and are not.
    pub holes: Vec<Span>,
    /// Length of the file.
    pub bytes: u64,
    /// SHA-256 of the file, in hexadecimal digits.
    pub sha256: String,
    /// How it came here.
    pub provenance: Provenance,
}

/// How the rows of a file came here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Provenance {
    /// The addresses they were fetched from, in order.
    pub urls: Vec<String>,
    /// The checks that the source's own checksums passed, one for each address; `none` where it publishes none.
    pub checks: Vec<String>,
}

const HEADING: &str = "omega catalogue 1";

impl Manifest {
    /// The manifest as text.
    pub fn text(&self) -> String {
        let mut text = format!("{HEADING}\n");
        let mut line = |key: &str, value: &str| {
            writeln!(text, "{key} {value}").expect("text takes all that is written");
        };
        line("rows", &self.rows.to_string());
        line("first", &self.first.0.to_string());
        line("last", &self.last.0.to_string());
        for hole in &self.holes {
            line("hole", &format!("{} {}", hole.from.0, hole.to.0));
        }
        line("bytes", &self.bytes.to_string());
        line("sha256", &self.sha256);
        assert_eq!(
            self.provenance.urls.len(),
            self.provenance.checks.len(),
            "each address is checked or said not to be"
        );
        for (url, check) in self.provenance.urls.iter().zip(&self.provenance.checks) {
            line("url", url);
            line("check", check);
        }
        line("end", "");
        text
    }

    /// The manifest that a text states; `None` where it is not whole.
    pub fn read(text: &str) -> Option<Manifest> {
        let mut lines = text.lines();
        if lines.next() != Some(HEADING) {
            return None;
        }
        let (mut rows, mut first, mut last, mut bytes, mut sha256) = (None, None, None, None, None);
        let (mut holes, mut provenance, mut is_whole) = (Vec::new(), Provenance::default(), false);
        for line in lines {
            let (key, value) = line.split_once(' ')?;
            match key {
                "rows" => rows = Some(value.parse().ok()?),
                "first" => first = Some(Time(value.parse().ok()?)),
                "last" => last = Some(Time(value.parse().ok()?)),
                "hole" => {
                    let (from, to) = value.split_once(' ')?;
                    holes.push(Span { from: Time(from.parse().ok()?), to: Time(to.parse().ok()?) });
                }
                "bytes" => bytes = Some(value.parse().ok()?),
                "sha256" => sha256 = Some(value.to_owned()),
                "url" => provenance.urls.push(value.to_owned()),
                "check" => provenance.checks.push(value.to_owned()),
                "end" => is_whole = true,
                _ => return None,
            }
        }
        if !is_whole || provenance.urls.len() != provenance.checks.len() {
            return None;
        }
        let (first, last) = (first?, last?);
        Some(Manifest { rows: rows?, first, last, holes, bytes: bytes?, sha256: sha256?, provenance })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_and_half_of_it_is_refused() {
        let manifest = Manifest {
            rows: 1_439,
            first: Time(60_000),
            last: Time(86_340_000),
            holes: vec![Span { from: Time(0), to: Time(60_000) }],
            bytes: 4_096,
            sha256: "ab".repeat(32),
            provenance: Provenance {
                urls: vec!["http://x/a b.zip".to_owned()],
                checks: vec!["sha256".to_owned()],
            },
        };
        let text = manifest.text();
        assert_eq!(Manifest::read(&text), Some(manifest));
        for cut in 0..text.len() - 2 {
            assert_eq!(Manifest::read(&text[..cut]), None, "cut at {cut}");
        }
        assert_eq!(Manifest::read(&text.replace("rows", "rose")), None);
    }
}
