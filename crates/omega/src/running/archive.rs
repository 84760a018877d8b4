//! The history, as the gateway asks it.
//!
//! It refuses to hold on to a store that failed: it is opened again for the next question.

use super::keeping::Keeping;
use control::catalogue::{BotName, Question, Rows, Sum};
use control::record::Kind;
use gateway::{Archive, Given, NoRows, Wanted};
use history::{BadStore, Cursor, Query, Store, Total};

/// One that is looked into.
pub(super) struct Looked {
    keeping: Keeping,
    store: Option<Box<dyn Store>>,
}

impl Looked {
    pub(super) fn new(keeping: Keeping) -> Looked {
        Looked { keeping, store: None }
    }

    fn with<T>(&mut self, act: impl FnOnce(&mut dyn Store) -> Result<T, BadStore>) -> Result<T, NoRows> {
        let mut store = match self.store.take() {
            Some(store) => store,
            None => self.keeping.look().map_err(|error| NoRows::Away(error.to_string()))?,
        };
        match act(&mut *store) {
            Ok(value) => {
                self.store = Some(store);
                Ok(value)
            }
            Err(BadStore::Query(error)) => {
                self.store = Some(store);
                Err(NoRows::Asked(error.to_string()))
            }
            Err(error) => Err(NoRows::Away(error.to_string())),
        }
    }
}

fn query(kind: Kind, of: Option<&BotName>) -> Query {
    Query { shard: of.map(|of| of.shard.clone()), bot: of.map(|of| of.bot.clone()), ..Query::of(kind) }
}

impl Archive for Looked {
    fn ask(&mut self, question: &Question) -> Result<Rows, NoRows> {
        match question {
            Question::Newest { kind, of, rows_max } => {
                let query = Query { rows_max: *rows_max as usize, ..query(*kind, of.as_ref()) };
                self.with(|store| store.read(&query)).map(|page| Rows::Records(page.records))
            }
            Question::Sums { of, period, from } => {
                let query = Query { from: Some(*from), ..query(Kind::Trades, of.as_ref()) };
                let totals = self.with(|store| store.totals(&query, *period))?;
                Ok(Rows::Sums(totals.into_iter().map(sum).collect()))
            }
        }
    }

    fn page(&mut self, wanted: &Wanted) -> Result<Given, NoRows> {
        let after = wanted.after.as_deref().map(str::parse::<Cursor>).transpose();
        let query = Query {
            shard: wanted.shard.clone(),
            bot: wanted.bot.clone(),
            mode: wanted.mode.clone(),
            from: wanted.from,
            to: wanted.to,
            after: after.map_err(|error| NoRows::Asked(error.to_string()))?,
            rows_max: wanted.rows_max as usize,
            ..Query::of(wanted.kind)
        };
        let page = self.with(|store| store.read(&query))?;
        Ok(Given { records: page.records, next: page.next.map(|cursor| cursor.to_string()) })
    }

    fn ails(&mut self) -> Option<String> {
        let one = Query { rows_max: 1, ..Query::of(Kind::Audit) };
        self.with(|store| store.read(&one)).err().map(|error| error.to_string())
    }
}

fn sum(total: Total) -> Sum {
    Sum {
        from: total.from,
        of: BotName { shard: total.shard, bot: total.bot },
        mode: total.mode,
        trades: total.trades,
        won: total.won,
        gross: total.gross.0,
        fees: total.fees.0,
        funding: total.funding.0,
        net: total.net.0,
    }
}
