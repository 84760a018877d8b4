//! The page's one file: readable parts of `web/report/`, the chart library and a document, put together.
//!
//! It refuses a document of another version, and any connection: what the page shows it brings along.

use super::VERSION;

const SHELL: &str = include_str!("../../../../../web/report/page.html");

// tidy: list-of web/report/*.css
const STYLES: &[&str] = &[
    include_str!("../../../../../web/report/theme.css"),
    include_str!("../../../../../web/report/layout.css"),
    include_str!("../../../../../web/report/print.css"),
];

/// In the order in which they run: each uses only what stands above it.
// tidy: list-of web/report/*.js
const SCRIPTS: &[&str] = &[
    include_str!("../../../../../web/report/figures.js"),
    include_str!("../../../../../web/report/document.js"),
    include_str!("../../../../../web/report/drawing.js"),
    include_str!("../../../../../web/report/overview.js"),
    include_str!("../../../../../web/report/equity.js"),
    include_str!("../../../../../web/report/market.js"),
    include_str!("../../../../../web/report/trades.js"),
    include_str!("../../../../../web/report/bot.js"),
    include_str!("../../../../../web/report/moods.js"),
    include_str!("../../../../../web/report/page.js"),
];

const LIBRARY: &str =
    include_str!("../../../../../web/vendor/lightweight-charts/lightweight-charts.standalone.production.js");
const NOTICE: &str = include_str!("../../../../../web/vendor/lightweight-charts/NOTICE");
const LICENSE: &str = include_str!("../../../../../web/vendor/lightweight-charts/LICENSE");

/// Why a document is not one of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// It does not read as JSON.
    Malformed(String),
    /// It is JSON of something else, or without what the page needs.
    NotAReport,
    /// It was made for another version of the page.
    Version(i64),
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Problem::Malformed(why) => write!(f, "it is not JSON: {why}"),
            Problem::NotAReport => f.write_str("it is not the document of a report"),
            Problem::Version(version) => {
                write!(f, "it is of version {version}, and this build reads version {VERSION}")
            }
        }
    }
}

/// The page of a document's text.
pub fn of_document(document: &str) -> Result<String, Problem> {
    let read: serde_json::Value =
        serde_json::from_str(document).map_err(|error| Problem::Malformed(error.to_string()))?;
    let page = read.get("page").filter(|page| page["bots"].is_array() && page["candles"].is_object());
    let version = page.and_then(|page| page["version"].as_i64()).ok_or(Problem::NotAReport)?;
    if version != VERSION {
        return Err(Problem::Version(version));
    }
    let symbol = read["symbol"].as_str().unwrap_or("unknown market");
    Ok(assemble(document.trim_end(), symbol, read["made_market"].as_str()))
}

/// Fills the shell's places. Each place is looked for in the shell alone, never in what was filled in.
fn assemble(document: &str, symbol: &str, made: Option<&str>) -> String {
    let script = format!("\"use strict\";\n(() => {{\n{}\n}})();\n", SCRIPTS.join("\n"));
    let filling =
        |place: &str| match place {
            "title" => {
                let made = made.map_or_else(String::new, |made| format!(", {made}"));
                escaped(&format!("Back-test of {symbol}{made}"))
            }
            // Of bars that are not known to be made it is not said that they are history either.
            "simulation" => escaped(&made.map_or("This is a simulation".to_owned(), |made| {
                format!("This is a simulation in a {made}")
            })),
            "styles" => STYLES.join("\n"),
            "notice" => escaped(NOTICE),
            "license" => escaped(LICENSE),
            // Inside a string of JSON `<` may be written so; outside of strings JSON has none.
            "document" => document.replace('<', "\\u003c"),
            "library" => LIBRARY.to_owned(),
            "script" => script.clone(),
            other => panic!("the shell names a place that nothing fills: {other}"),
        };
    let mut parts = SHELL.split("{{");
    let mut page = parts.next().expect("a split has a first part").to_owned();
    for part in parts {
        let (place, rest) = part.split_once("}}").expect("a place of the shell is closed");
        page.push_str(&filling(place));
        page.push_str(rest);
    }
    page
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = "{\"symbol\":\"</script>\",\"page\":{\"version\":1,\"bots\":[],\"candles\":{}}}\n";

    #[test]
    fn a_document_cannot_break_out_of_its_element() {
        let page = of_document(SMALL).expect("a report");
        assert!(page.contains("{\"symbol\":\"\\u003c/script>\""), "the data are there, escaped");
        assert!(page.contains("<title>Back-test of &lt;/script&gt;</title>"));
        assert_eq!(page.matches("</script>").count(), 3, "data, library and page script, and no other");
    }

    #[test]
    fn a_made_market_is_called_one_and_no_other_is_called_history() {
        let (plain, made) =
            ("This is a simulation, not advice", "This is a simulation in a made market, seed 1, not");
        let page = of_document(SMALL).expect("a report");
        assert!(page.contains(plain) && !page.contains("simulation of history"));
        let page =
            of_document(&SMALL.replacen('{', "{\"made_market\":\"made market, seed 1, not history\",", 1));
        let page = page.expect("a report");
        assert!(page.contains(made) && page.contains("made market, seed 1, not history</title>"));
    }

    #[test]
    fn the_vendored_library_is_the_published_one() {
        use sha2::{Digest, Sha256};
        let sum: String = Sha256::digest(LIBRARY).iter().map(|byte| format!("{byte:02x}")).collect();
        assert!(include_str!("../../../../../web/vendor/README.md").contains(&sum), "{sum}");
    }

    #[test]
    fn the_page_reaches_for_nothing() {
        let page = of_document(SMALL).expect("a report");
        assert!(page.contains("default-src 'none'"));
        for part in STYLES.iter().chain(SCRIPTS).chain([&SHELL]) {
            // The name of a namespace is no address.
            let part = part.replace("http://www.w3.org/2000/svg", "");
            for reach in ["http://", "src=", "@import", "fetch(", "XMLHttpRequest", "url("] {
                assert!(!part.contains(reach), "{reach} in {}", &part[..part.len().min(80)]);
            }
        }
        assert!(page.contains("TradingView, Inc.") && page.contains("Apache License"));
    }

    #[test]
    fn other_documents_are_refused() {
        let problem = |text: &str| of_document(text).expect_err("no report").to_string();
        assert!(problem("{").starts_with("it is not JSON: "));
        assert_eq!(problem("{\"runs\":[]}"), "it is not the document of a report");
        let newer = SMALL.replace("\"version\":1", "\"version\":2");
        assert_eq!(problem(&newer), "it is of version 2, and this build reads version 1");
    }
}
