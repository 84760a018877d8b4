//! What every store must do, in numbered cases: each begins with a place where nothing was ever kept.

use crate::place::Place;
use crate::sample::{START_MS, audit, rows, session, trade, trades};
use control::Amount;
use control::record::{Kind, Record};
use history::{BadQuery, BadRecord, BadStore, Cursor, Kept, Order, Period, Query, ROWS_MAX, Store, Sum};
use model::{Interval, Time, Usd};

pub type Case = fn(&dyn Place);

/// Every case, by its number.
pub const CASES: &[(u32, &str, Case)] = &[
    (1, "what was kept comes back as it was, of every kind", comes_back),
    (2, "a row that is kept twice is there once", twice),
    (3, "neither order nor batches matter", order_and_batches),
    (4, "a batch with a row that nobody can keep is not kept", a_bad_row),
    (5, "a batch that breaks in the middle is not kept", a_broken_batch),
    (6, "the first that came under a key stays", a_contradiction),
    (7, "rows are found by what is asked for", found),
    (8, "pages hold every row once, also while rows come in", pages),
    (9, "what cannot be asked is refused", refused),
    (10, "sums are exact, by day, week and month", sums),
    (11, "sums have more room than an amount", large_sums),
    (12, "what was kept is there when it is opened again", reopened),
    (13, "a sealed row shows what it is found by and nothing else", sealed),
    (14, "a wrong key, and none, are told at once", wrong_key),
    (15, "rows from before there was a key stay readable", mixed),
    (16, "what is sealed belongs to its row", exchanged),
    (17, "what a later version wrote is left alone", newer),
    (18, "two that keep the same rows at once keep them once", two_writers),
    (19, "who reads beside a writer sees whole batches", reader_beside_writer),
    (20, "no rows are kept at once", nothing),
];

/// Everything of a kind in one order, page by page.
pub fn all(store: &mut dyn Store, query: Query) -> Vec<Record> {
    let mut query = query;
    let mut found = Vec::new();
    loop {
        let page = store.read(&query).unwrap();
        assert!(page.records.len() <= query.rows_max);
        found.extend(page.records);
        query.after = page.next;
        if query.after.is_none() {
            return found;
        }
    }
}

/// Everything, as text: two that hold the same say the same.
pub fn everything(store: &mut dyn Store) -> String {
    let kinds = Kind::ALL.map(|kind| Query { order: Order::OldestFirst, rows_max: 1_000, ..Query::of(kind) });
    kinds.into_iter().flat_map(|query| all(store, query)).map(|record| format!("{record:?}\n")).collect()
}

/// What a place says of rows that were put into it in their order: oldest first, by kind.
fn expected(records: &[Record]) -> String {
    let of = |kind: Kind| {
        let mut rows: Vec<&Record> = records.iter().filter(|record| record.kind() == kind).collect();
        rows.sort_by_key(|record| (record.at(), record.key()));
        rows.dedup_by_key(|record| record.key());
        rows
    };
    Kind::ALL.into_iter().flat_map(of).map(|record| format!("{record:?}\n")).collect()
}

fn added(rows: usize) -> Kept {
    Kept { added: rows, ..Kept::default() }
}

fn comes_back(place: &dyn Place) {
    let mut records = rows(40);
    // The widest amounts, the smallest doubles, and names that could end a statement.
    let mut odd = trade(1_000);
    (odd.net, odd.gross) = (Amount(Usd(i64::MAX)), Amount(Usd(i64::MIN + 1)));
    (odd.bot, odd.shard) = ("a'; --/\"$".to_owned(), "über/😀 $ne".to_owned());
    (odd.entry_reason, odd.exited_at) = (Some(String::new()), 253_402_300_799_999);
    records.push(Record::Trade(odd));
    let mut last = audit(1);
    last.seq = i64::MAX as u64;
    records.push(Record::Audit(last));
    let mut store = place.open(None).unwrap();
    assert_eq!(store.keep(&records).unwrap(), added(records.len()));
    assert_eq!(everything(&mut *store), expected(&records));
}

fn twice(place: &dyn Place) {
    let mut store = place.open(None).unwrap();
    let records = rows(10);
    store.keep(&records).unwrap();
    let before = everything(&mut *store);
    assert_eq!(store.keep(&records).unwrap(), Kept { repeated: 40, ..Kept::default() });
    let both: Vec<Record> = records.iter().chain(&rows(11)[40..]).chain(&rows(11)[40..]).cloned().collect();
    assert_eq!(store.keep(&both).unwrap(), Kept { added: 4, repeated: 44, contradicted: 0 });
    assert!(everything(&mut *store).len() > before.len());
    assert_eq!(everything(&mut *store), expected(&rows(11)));
}

fn order_and_batches(place: &dyn Place) {
    let mut records = rows(30);
    records.sort_by_key(|record| crate::sample::mixed(record.at().0 as u64));
    let mut store = place.open(None).unwrap();
    for batch in records.chunks(7) {
        store.keep(batch).unwrap();
    }
    assert_eq!(everything(&mut *store), expected(&rows(30)));
}

fn a_bad_row(place: &dyn Place) {
    let mut store = place.open(None).unwrap();
    let (mut long, mut nan, mut early, mut nul, mut far) =
        (trade(5), session(5), trade(6), trade(7), audit(8));
    long.entry_reason = Some("x".repeat(history::RECORD_BYTES_MAX));
    nan.total_return = f64::NAN;
    early.exited_at = -1;
    nul.account = "a\0b".to_owned();
    far.seq = u64::MAX;
    let bad = [
        Record::Trade(long),
        Record::Session(nan),
        Record::Trade(early),
        Record::Trade(nul),
        Record::Audit(far),
    ];
    for bad in bad {
        let mut batch = rows(3);
        batch.insert(6, bad);
        let refused = store.keep(&batch);
        assert!(matches!(refused, Err(BadStore::Record(_))), "{refused:?}");
    }
    assert!(matches!(history::check(&bad_amount()), Err(BadRecord::OutOfRange { column: "net", .. })));
    assert_eq!(everything(&mut *store), "");
}

fn bad_amount() -> Record {
    let mut trade = trade(1);
    trade.net = Amount(Usd(i64::MIN));
    Record::Trade(trade)
}

fn a_broken_batch(place: &dyn Place) {
    let mut store = place.open(None).unwrap();
    store.keep(&rows(1)).unwrap();
    place.refuse("refused");
    let mut hated = trade(77);
    hated.bot = "refused".to_owned();
    let mut batch = rows(6);
    batch.insert(13, Record::Trade(hated));
    assert!(store.keep(&batch).is_err());
    assert_eq!(everything(&mut *store), expected(&rows(1)));
    batch.remove(13);
    assert_eq!(store.keep(&batch).unwrap(), Kept { added: 20, repeated: 4, contradicted: 0 });
}

fn a_contradiction(place: &dyn Place) {
    for key in [None, Some(1)] {
        let mut store = place.open(key).unwrap();
        let mut other = trade(3);
        store.keep(&[Record::Trade(other.clone())]).unwrap();
        other.net = Amount(Usd(1));
        let kept = store.keep(&[Record::Trade(other), Record::Trade(trade(4))]).unwrap();
        assert_eq!((kept.repeated, kept.contradicted), (1 + usize::from(key.is_some()), 1));
        assert_eq!(
            all(&mut *store, Query { order: Order::OldestFirst, ..Query::of(Kind::Trades) }),
            trades(3, 5)
        );
    }
}

fn found(place: &dyn Place) {
    let mut store = place.open(None).unwrap();
    let records = rows(60);
    store.keep(&records).unwrap();
    let (from, to) = (Time(START_MS + 20 * 7_200_000), Time(START_MS + 40 * 7_200_000));
    let some = |name: &str| Some(name.to_owned());
    let trades = Query::of(Kind::Trades);
    let asked = [
        trades.clone(),
        Query { shard: some("btc-1"), ..trades.clone() },
        Query { bot: some("scalper"), mode: some("live"), ..trades.clone() },
        Query { from: Some(from), to: Some(to), ..trades.clone() },
        Query { from: Some(to), to: Some(from), ..trades.clone() },
        Query {
            shard: some("main"),
            bot: some("newbie"),
            from: Some(from),
            order: Order::OldestFirst,
            ..trades.clone()
        },
        Query { bot: some("nobody"), ..trades },
        Query { mode: some("paper"), from: Some(from), ..Query::of(Kind::Sessions) },
        Query { mode: some("live"), ..Query::of(Kind::Equity) },
        Query { to: Some(Time(START_MS + 30)), ..Query::of(Kind::Audit) },
    ];
    for (place, query) in asked.into_iter().enumerate() {
        let mut wanted: Vec<Record> =
            records.iter().filter(|record| matches(&query, record)).cloned().collect();
        wanted.sort_by_key(|record| (record.at(), record.key()));
        if query.order == Order::NewestFirst {
            wanted.reverse();
        }
        assert_eq!(wanted.is_empty(), matches!(place, 4 | 6 | 8), "{query:?}");
        assert_eq!(all(&mut *store, query.clone()), wanted, "{query:?}");
    }
}

/// What a query means, said once more.
fn matches(query: &Query, record: &Record) -> bool {
    let (shard, bot, mode) = match record {
        Record::Trade(row) => (&*row.shard, &*row.bot, &*row.mode),
        Record::Session(row) => (&*row.shard, &*row.bot, &*row.mode),
        Record::Equity(row) => (&*row.shard, &*row.bot, &*row.mode),
        Record::Audit(_) => ("", "", ""),
    };
    let is = |wanted: &Option<String>, found: &str| wanted.as_deref().is_none_or(|wanted| wanted == found);
    record.kind() == query.kind
        && is(&query.shard, shard)
        && is(&query.bot, bot)
        && is(&query.mode, mode)
        && query.from.is_none_or(|from| record.at() >= from)
        && query.to.is_none_or(|to| record.at() < to)
}

fn pages(place: &dyn Place) {
    let mut store = place.open(None).unwrap();
    // Many rows of one instant: only their keys tell them apart.
    let one_instant = (0..25).map(|n| {
        let mut trade = trade(n);
        trade.exited_at = START_MS;
        Record::Trade(trade)
    });
    let records: Vec<Record> = one_instant.chain(trades(100, 120)).collect();
    store.keep(&records).unwrap();
    for order in [Order::NewestFirst, Order::OldestFirst] {
        let whole = store.read(&Query { order, rows_max: ROWS_MAX, ..Query::of(Kind::Trades) }).unwrap();
        assert_eq!((whole.records.len(), whole.next), (45, None));
        for rows_max in [1, 2, 9, 44, 45] {
            let found = all(&mut *store, Query { order, rows_max, ..Query::of(Kind::Trades) });
            assert_eq!(found, whole.records, "{order:?} {rows_max}");
        }
    }
    let first = store.read(&Query { rows_max: 20, ..Query::of(Kind::Trades) }).unwrap();
    let next: Cursor = first.next.unwrap().to_string().parse().unwrap();
    assert_eq!(next, Cursor::behind(first.records.last().unwrap()));
    store.keep(&trades(200, 210)).unwrap();
    let rest = store.read(&Query { after: Some(next), ..Query::of(Kind::Trades) }).unwrap();
    assert_eq!(rest.records.len(), 25, "what came in since is newer than this place");
    assert!("yesterday".parse::<Cursor>().is_err());
}

fn refused(place: &dyn Place) {
    let mut store = place.open(None).unwrap();
    for rows_max in [0, ROWS_MAX + 1] {
        let asked = store.read(&Query { rows_max, ..Query::of(Kind::Trades) });
        assert!(matches!(asked, Err(BadStore::Query(BadQuery::Rows(_)))), "{asked:?}");
    }
    let asked = store.read(&Query { bot: Some("newbie".to_owned()), ..Query::of(Kind::Audit) });
    assert!(matches!(asked, Err(BadStore::Query(BadQuery::NotOfTheAudit("bot")))), "{asked:?}");
    let asked = store.totals(&Query::of(Kind::Equity), Period::Day);
    assert!(matches!(asked, Err(BadStore::Query(BadQuery::NoSums("equity")))), "{asked:?}");
}

fn sums(place: &dyn Place) {
    let mut store = place.open(None).unwrap();
    let records = trades(0, 400);
    store.keep(&records).unwrap();
    for period in Period::ALL {
        let totals = store.totals(&Query::of(Kind::Trades), period).unwrap();
        let order: Vec<_> = totals.iter().map(|t| (t.from, &t.shard, &t.bot, &t.mode)).collect();
        assert!(order.is_sorted() && totals.len() > 12, "{period:?}");
        for total in &totals {
            let mut wanted = [0; 6];
            for record in &records {
                let Record::Trade(trade) = record else { panic!("{record:?}") };
                let same = (&trade.shard, &trade.bot, &trade.mode) == (&total.shard, &total.bot, &total.mode);
                if same && period.start(record.at()) == total.from {
                    let amounts = [trade.gross, trade.fees, trade.funding, trade.net];
                    (0..4).for_each(|i| wanted[i] += i128::from(amounts[i].0.0));
                    wanted[4] += 1;
                    wanted[5] += i128::from(trade.net.0 > Usd::ZERO);
                }
            }
            let sums = [total.gross, total.fees, total.funding, total.net].map(|Sum(micro)| micro);
            assert_eq!([&sums[..], &[total.trades.into(), total.won.into()]].concat(), wanted, "{total:?}");
            assert_eq!(sums[0] - sums[1] + sums[2], sums[3], "{total:?}");
        }
        assert_eq!(totals.iter().map(|total| total.trades).sum::<u64>(), 400);
    }
    let days = Query {
        from: Some(Time(START_MS)),
        to: Some(Time(START_MS) + Interval(1)),
        ..Query::of(Kind::Trades)
    };
    let one = store.totals(&days, Period::Month).unwrap();
    assert_eq!((one.len(), one[0].from.to_string().as_str()), (1, "2026-01-01T00:00:00Z"));
}

fn large_sums(place: &dyn Place) {
    let mut store = place.open(None).unwrap();
    let huge = |n: u64, micro: i64| {
        let mut trade = trade(n);
        (trade.shard, trade.bot, trade.mode) = ("main".to_owned(), "whale".to_owned(), "live".to_owned());
        (trade.exited_at, trade.net) = (START_MS, Amount(Usd(micro)));
        Record::Trade(trade)
    };
    store.keep(&[huge(1, i64::MAX), huge(2, i64::MAX), huge(3, i64::MAX), huge(4, -1)]).unwrap();
    let totals = store.totals(&Query::of(Kind::Trades), Period::Day).unwrap();
    assert_eq!(totals.len(), 1);
    assert_eq!(totals[0].net.to_string(), "27670116110564.327420");
    assert_eq!(Sum(-1).to_string(), "-0.000001");
}

fn reopened(place: &dyn Place) {
    place.open(None).unwrap().keep(&rows(20)).unwrap();
    assert_eq!(everything(&mut *place.open(None).unwrap()), expected(&rows(20)));
    assert_eq!(everything(&mut *place.look(None).unwrap()), expected(&rows(20)));
}

fn sealed(place: &dyn Place) {
    let mut store = place.open(Some(1)).unwrap();
    store.keep(&rows(25)).unwrap();
    assert_eq!(everything(&mut *store), expected(&rows(25)));
    assert_eq!(everything(&mut *place.look(Some(1)).unwrap()), expected(&rows(25)));
    let plain = store.totals(&Query::of(Kind::Trades), Period::Week).unwrap();
    assert_eq!(plain.iter().map(|total| total.trades).sum::<u64>(), 25);
    let raw = place.raw();
    for shown in ["newbie", "btc-1", "paper", "gateway-1", "trade/main/strategic_btc/"] {
        assert!(raw.contains(shown), "{shown} can be asked for");
    }
    let Record::Trade(trade) = &rows(25)[0] else { panic!() };
    for hidden in [
        "sub-account-7",
        "BTCUSDT",
        "alice",
        "confident",
        "hash",
        &trade.entry_price,
        &trade.net.0.0.to_string(),
    ] {
        assert!(!raw.contains(hidden), "{hidden} is written in the clear");
    }
}

fn wrong_key(place: &dyn Place) {
    place.open(Some(1)).unwrap().keep(&rows(2)).unwrap();
    let refused = place.open(Some(2)).err().unwrap();
    assert!(matches!(refused, BadStore::WrongKey(_)), "{refused:?}");
    let refused = place.open(None).err().unwrap();
    assert!(matches!(refused, BadStore::KeyMissing(_)), "{refused:?}");
    let looked = |key| match place.look(key) {
        Ok(mut store) => store.read(&Query::of(Kind::Trades)).err().unwrap(),
        Err(refused) => refused,
    };
    let (wrong, none) = (looked(Some(2)), looked(None));
    assert!(
        matches!(wrong, BadStore::WrongKey(_)) && matches!(none, BadStore::KeyMissing(_)),
        "{wrong:?} {none:?}"
    );
    assert!(wrong.to_string().ends_with("configure the key that it was sealed with"), "{wrong}");
    assert_eq!(everything(&mut *place.open(Some(1)).unwrap()), expected(&rows(2)));
}

fn mixed(place: &dyn Place) {
    place.open(None).unwrap().keep(&rows(10)).unwrap();
    let mut store = place.open(Some(1)).unwrap();
    // A plain row that comes again stays as it is.
    assert_eq!(store.keep(&rows(20)).unwrap(), Kept { added: 40, repeated: 40, contradicted: 0 });
    assert_eq!(everything(&mut *store), expected(&rows(20)));
    let totals = store.totals(&Query::of(Kind::Trades), Period::Month).unwrap();
    assert_eq!(totals.iter().map(|total| total.trades).sum::<u64>(), 20);
}

fn exchanged(place: &dyn Place) {
    let mut store = place.open(Some(1)).unwrap();
    store.keep(&trades(0, 2)).unwrap();
    let keys = trades(0, 2).iter().map(Record::key).collect::<Vec<_>>();
    place.exchange_seals(Kind::Trades, [&keys[0], &keys[1]]);
    let found = store.read(&Query::of(Kind::Trades));
    assert!(matches!(found, Err(BadStore::WrongKey(_))), "{found:?}");
    place.exchange_seals(Kind::Trades, [&keys[0], &keys[1]]);
    assert_eq!(store.read(&Query::of(Kind::Trades)).unwrap().records.len(), 2);
}

fn newer(place: &dyn Place) {
    place.open(None).unwrap().keep(&rows(2)).unwrap();
    place.set_version(history::VERSION + 1);
    for refused in [place.open(None), place.look(None)].map(|opened| opened.err().unwrap()) {
        assert!(matches!(refused, BadStore::Newer { .. }), "{refused:?}");
        assert!(refused.to_string().contains("start the omega that wrote it"), "{refused}");
    }
    place.set_version(history::VERSION);
    assert_eq!(everything(&mut *place.open(None).unwrap()), expected(&rows(2)));
}

fn two_writers(place: &dyn Place) {
    drop(place.open(None).unwrap());
    let kept: Vec<Kept> = std::thread::scope(|scope| {
        let write = || {
            let mut store = place.open(None).unwrap();
            let mut sum = Kept::default();
            for batch in rows(40).chunks(8) {
                let kept = store.keep(batch).unwrap();
                sum.added += kept.added;
                sum.repeated += kept.repeated;
                sum.contradicted += kept.contradicted;
            }
            sum
        };
        let both = [scope.spawn(write), scope.spawn(write)];
        both.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert_eq!(kept[0].added + kept[1].added, 160, "{kept:?}");
    assert_eq!((kept[0].repeated + kept[1].repeated, kept[0].contradicted + kept[1].contradicted), (160, 0));
    assert_eq!(everything(&mut *place.open(None).unwrap()), expected(&rows(40)));
}

fn reader_beside_writer(place: &dyn Place) {
    const BATCH: usize = 50;
    let mut store = place.open(None).unwrap();
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut beside = place.look(None).unwrap();
            let mut seen = vec![0];
            while *seen.last().unwrap() < 20 * BATCH {
                let page = beside.read(&Query { rows_max: ROWS_MAX, ..Query::of(Kind::Trades) }).unwrap();
                seen.push(page.records.len());
            }
            seen
        });
        for batch in trades(0, 20 * BATCH as u64).chunks(BATCH) {
            store.keep(batch).unwrap();
        }
        let seen = reader.join().unwrap();
        assert!(seen.is_sorted() && seen.iter().all(|rows| rows.is_multiple_of(BATCH)), "{seen:?}");
    });
}

fn nothing(place: &dyn Place) {
    let mut store = place.open(None).unwrap();
    assert_eq!(store.keep(&[]).unwrap(), Kept::default());
    assert_eq!(everything(&mut *store), "");
    assert_eq!(store.totals(&Query::of(Kind::Trades), Period::Day).unwrap(), []);
}
