//! Counters in the text format of Prometheus.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Mutex, PoisonError};

/// Counters since the process started.
#[derive(Debug, Default)]
pub struct Metrics {
    counters: Mutex<BTreeMap<(Counter, String), u64>>,
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Counter {
    /// Answered HTTP requests, by method and status.
    Requests,
    /// Commands that were carried out, by kind and verb.
    Commands,
    /// Events that they appended, by kind.
    Events,
    /// Bytes of files, by direction.
    FileBytes,
}

impl Counter {
    fn name(self) -> &'static str {
        match self {
            Counter::Requests => "annals_http_requests_total",
            Counter::Commands => "annals_commands_total",
            Counter::Events => "annals_events_appended_total",
            Counter::FileBytes => "annals_file_bytes_total",
        }
    }

    fn help(self) -> &'static str {
        match self {
            Counter::Requests => "Answered HTTP requests.",
            Counter::Commands => "Commands carried out, by kind and verb.",
            Counter::Events => "Events that these commands appended, by kind.",
            Counter::FileBytes => "Bytes of files that came in or went out.",
        }
    }
}

impl Metrics {
    /// Counts. The labels are `name="value",…` of our own words.
    pub fn count(&self, counter: Counter, labels: String, by: u64) {
        let mut counters = self.counters.lock().unwrap_or_else(PoisonError::into_inner);
        *counters.entry((counter, labels)).or_default() += by;
    }

    /// The exposition.
    pub fn text(&self) -> String {
        let counters = self.counters.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut out, mut last) = (String::new(), None);
        for ((counter, labels), value) in counters.iter() {
            let name = counter.name();
            // Writing to a string does not fail.
            if last != Some(*counter) {
                out.push_str(&format!("# HELP {name} {}\n# TYPE {name} counter\n", counter.help()));
                last = Some(*counter);
            }
            if writeln!(out, "{name}{{{labels}}} {value}").is_err() {
                break;
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_are_grouped_under_their_help() {
        let metrics = Metrics::default();
        metrics.count(Counter::Requests, "status=\"200\"".into(), 1);
        metrics.count(Counter::Requests, "status=\"200\"".into(), 2);
        let text = metrics.text();
        assert!(text.ends_with("annals_http_requests_total{status=\"200\"} 3\n"), "{text}");
        assert_eq!(text.matches("# TYPE").count(), 1);
    }
}
