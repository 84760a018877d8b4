//! Prometheus' text format, written.
//!
//! It refuses a name or a label's name that the format does not take, and the same family twice.

use control::telemetry::{BOUNDS_MS, Timed};
use std::collections::BTreeSet;
use std::fmt::Write;

/// What the format is called in a `Content-Type`.
pub(crate) const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// A page of metrics under way.
#[derive(Default)]
pub(crate) struct Page {
    text: String,
    families: BTreeSet<&'static str>,
}

/// What a family is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Counter,
    Gauge,
    Histogram,
}

/// The samples of one family.
pub(crate) struct Family<'p> {
    page: &'p mut Page,
    name: &'static str,
}

impl Page {
    /// Begins a family.
    pub(crate) fn family(&mut self, name: &'static str, kind: Kind, help: &str) -> Family<'_> {
        assert!(self.families.insert(name), "{name} is written once");
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte == b'_' || byte.is_ascii_digit();
        assert!(name.bytes().all(fits), "{name} is a name");
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        let _never_fails = write!(self.text, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
        Family { page: self, name }
    }

    pub(crate) fn finish(self) -> String {
        self.text
    }
}

fn push_labels(text: &mut String, labels: &[(&str, &str)]) {
    for (place, (name, value)) in labels.iter().enumerate() {
        text.push(if place == 0 { '{' } else { ',' });
        text.push_str(name);
        text.push_str("=\"");
        for letter in value.chars() {
            match letter {
                '\\' => text.push_str("\\\\"),
                '"' => text.push_str("\\\""),
                '\n' => text.push_str("\\n"),
                other => text.push(other),
            }
        }
        text.push('"');
    }
    if !labels.is_empty() {
        text.push('}');
    }
}

impl Family<'_> {
    /// A sample that is a whole number.
    pub(crate) fn whole(&mut self, labels: &[(&str, &str)], value: u64) -> &mut Self {
        self.sample("", labels, &value.to_string())
    }

    /// A sample that is not, or is already written.
    pub(crate) fn number(&mut self, labels: &[(&str, &str)], value: f64) -> &mut Self {
        self.sample("", labels, &value.to_string())
    }

    /// A sample as exact text: money.
    pub(crate) fn exact(&mut self, labels: &[(&str, &str)], value: &str) -> &mut Self {
        self.sample("", labels, value)
    }

    fn sample(&mut self, suffix: &str, labels: &[(&str, &str)], value: &str) -> &mut Self {
        self.page.text.push_str(self.name);
        self.page.text.push_str(suffix);
        push_labels(&mut self.page.text, labels);
        let _never_fails = writeln!(self.page.text, " {value}");
        self
    }

    /// All samples of a histogram.
    pub(crate) fn timed(&mut self, labels: &[(&str, &str)], timed: &Timed) -> &mut Self {
        let count = timed.at_most[BOUNDS_MS.len()];
        for (place, at_most) in timed.at_most.iter().enumerate() {
            let bound = BOUNDS_MS.get(place).map_or_else(|| "+Inf".to_owned(), f64::to_string);
            let labels: Vec<(&str, &str)> = labels.iter().copied().chain([("le", bound.as_str())]).collect();
            self.sample("_bucket", &labels, &at_most.to_string());
        }
        self.sample("_sum", labels, &timed.sum_ms.to_string());
        self.sample("_count", labels, &count.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use control::telemetry::Histogram;

    #[test]
    fn it_is_what_prometheus_reads() {
        let mut page = Page::default();
        page.family("omega_x_total", Kind::Counter, "How many.").whole(&[("bot", "a\"\\\nb")], 3);
        let histogram = Histogram::default();
        histogram.took_ms(3.0);
        page.family("omega_y_ms", Kind::Histogram, "How long.").timed(&[("shard", "m")], &histogram.get());
        let text = page.finish();
        assert!(text.contains("omega_x_total{bot=\"a\\\"\\\\\\nb\"} 3\n"), "{text}");
        assert!(text.contains("omega_y_ms_bucket{shard=\"m\",le=\"2.5\"} 0\n"), "{text}");
        assert!(text.contains("omega_y_ms_bucket{shard=\"m\",le=\"+Inf\"} 1\n"), "{text}");
        assert!(text.ends_with("omega_y_ms_sum{shard=\"m\"} 3\nomega_y_ms_count{shard=\"m\"} 1\n"), "{text}");
    }
}
