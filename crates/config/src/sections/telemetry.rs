//! Logs and metrics. No level of log shows a secret.

use crate::kinds::{Truth, Url, word, words};
use crate::section::section;

words! {
    /// What is logged; each includes those before it.
    pub enum LogLevel {
        /// What failed.
        Error = "error",
        /// What somebody should look at.
        Warn = "warn",
        /// What happens.
        Info = "info",
        /// Why it happens.
        Debug = "debug",
        /// Everything.
        Trace = "trace",
    }
}

words! {
    /// How logs are written.
    pub enum LogFormat {
        /// For people.
        Text = "text",
        /// For programs: a JSON object a line.
        Json = "json",
    }
}

section! {
    /// Logs and metrics.
    pub struct Telemetry {
        /// What is logged.
        log: LogLevel = word(), default "\"info\"", live;
        /// How.
        log_format: LogFormat = word(), default "\"text\"", restart;
        /// Whether the gateway serves /metrics.
        metrics: bool = Truth, default "true", restart;
        /// Where traces go (OpenTelemetry); only builds with traces send any.
        otel_url: Option<String> = Url { schemes: &["https://", "http://"], example: "http://127.0.0.1:4318" }, unset "\"http://127.0.0.1:4318\"", restart, env ["OTEL_EXPORTER_OTLP_ENDPOINT"];
    }
}
