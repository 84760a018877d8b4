//! Pages of lists: newest first, from before an id on, at most so many.
//!
//! Both generations page by the last id of the page before. Refuses a page longer than the exchange's.

use crate::http::Params;
use crate::refusal::Refusal;
use model::Time;

/// Rows of a page.
const ROWS_MAX: i64 = 100;

/// Which page is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Page {
    before: Option<u64>,
    from: Option<Time>,
    to: Option<Time>,
    rows: usize,
}

impl Page {
    /// Reads a page's parameters; `cursor` is their name for the last id.
    pub(crate) fn of(params: &Params, cursor: &str) -> Result<Page, Refusal> {
        let rows = params.number("limit")?.unwrap_or(ROWS_MAX);
        if !(1..=ROWS_MAX).contains(&rows) {
            return Err(Refusal::new("40020", "Parameter limit error"));
        }
        let before = params.text(cursor).map(|text| text.parse().map_err(|_| Refusal::parameter(cursor)));
        Ok(Page {
            before: before.transpose()?,
            from: params.instant("startTime")?,
            to: params.instant("endTime")?,
            rows: usize::try_from(rows).expect("a page has 1 to 100 rows"),
        })
    }

    /// The rows of the page and the id of the last one; none where the page is empty.
    pub(crate) fn cut<'a, T>(
        &self,
        newest_first: impl Iterator<Item = &'a T>,
        key: impl Fn(&T) -> (u64, Time),
    ) -> (Vec<&'a T>, Option<u64>) {
        let fits = |row: &&T| {
            let (id, at) = key(row);
            self.before.is_none_or(|before| id < before)
                && self.from.is_none_or(|from| at >= from)
                && self.to.is_none_or(|to| at <= to)
        };
        let rows: Vec<&T> = newest_first.filter(fits).take(self.rows).collect();
        let last = rows.last().map(|row| key(row).0);
        (rows, last)
    }
}

/// An id as it ends a page.
pub(crate) fn end_id(last: Option<u64>) -> serde_json::Value {
    last.map_or(serde_json::Value::Null, |id| id.to_string().into())
}
