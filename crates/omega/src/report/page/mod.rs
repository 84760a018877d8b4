//! The report as a page: one HTML file that opens offline, made of one JSON document and nothing else.
//!
//! It refuses to say anything that the document does not: a page made again from an old document is the same page.

// tidy: list-of .
mod bots;
mod candles;
mod facts;
mod html;

use super::Run;
use super::run_json::{self, Session};
use crate::json::Json;
use crate::market_files::LoadedMarket;

pub use html::{Problem, of_document};

/// What this build's page understands; a document of another version is refused.
pub const VERSION: i64 = 1;

/// The document of `--json`, and under `page` what only the page needs: curves, candles, trades, words.
pub fn document(market: &LoadedMarket, session: &Session, runs: &[Run]) -> Json {
    let Json::Object(mut pairs) = run_json::document(market, session, runs) else {
        panic!("the document is an object")
    };
    let instrument = market.history.instrument();
    let page = Json::object([
        ("version", Json::Whole(VERSION)),
        ("made_by", Json::text(format!("omega {}", env!("CARGO_PKG_VERSION")))),
        // As text: a seed has more digits than a script's numbers.
        ("seed", Json::text(session.seed)),
        ("facts", facts::run(market, session, runs)),
        ("warnings", facts::warnings(runs)),
        ("not_modelled", facts::not_modelled(market)),
        ("luck", facts::luck(runs)),
        ("dictionary", facts::dictionary()),
        ("candles", candles::json(&market.history.bars(), instrument)),
        ("bots", Json::List(runs.iter().map(|run| bots::json(run, instrument)).collect())),
    ]);
    pairs.push(("page".to_owned(), page));
    Json::Object(pairs)
}
