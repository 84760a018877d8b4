//! What only looks: answers from views and from rows of the history, dated where they are old.

use crate::scene::{NOW, answer, give, read, usdt, views};
use control::catalogue::{Act, Answer, BotName, COMMANDS, Colour, Own, Question, Rows, Sum};
use control::message::Tier;
use control::period::Period;
use control::record::{AuditRecord, Kind, Record, TradeRecord};
use model::Time;

fn trade(order: &str, net: i64) -> Record {
    let text = str::to_owned;
    Record::Trade(TradeRecord {
        shard: text("main"),
        bot: text("strategic_btc"),
        persona: text("strategic"),
        account: text("main"),
        mode: text("paper"),
        symbol: text("BTCUSDT"),
        side: text("long"),
        entry_order: text(order),
        entered_at: NOW.0 - 7_200_000,
        exited_at: NOW.0 - 3_600_000,
        entry_price: text("40000"),
        exit_price: text("40400"),
        quantity: text("0.025"),
        stop: Some(text("39000")),
        leverage: 2,
        gross: usdt(net + 1),
        fees: usdt(1),
        funding: usdt(0),
        net: usdt(net),
        equity_at_entry: usdt(10_000),
        exit_reason: text("take_profit"),
        entry_kind: text("signal"),
        entry_reason: Some(text("it pulled back")),
        mood: text("calm"),
        mistake: false,
    })
}

/// What a read comes to with these rows.
fn from_rows(line: &str, rows: Rows) -> Answer {
    (read(line, &views()).then)(rows)
}

/// Every command that looks, with its example: nothing breaks, tables are whole, and what is old is dated.
#[test]
fn every_look_answers_and_none_shows_what_is_old_as_if_it_were_now() {
    let (fresh, mut old) = (views(), views());
    old.iter_mut().for_each(|view| view.at = NOW.0 - 61_000);
    let seen = |line: &str, views: &[control::ShardView]| match give(line, views) {
        Ok(Act::Answer(answer) | Act::Gateway(Own::Health(answer))) => Some(answer),
        Ok(Act::Read(read)) => Some((read.then)(Rows::Records(vec![trade("b1-0-9", 10)]))),
        Ok(Act::Errands(errands)) => Some(errands.preview),
        Ok(Act::Gateway(_)) => None,
        // What an example names need not be there.
        Err(_) => None,
    };
    let undated = ["audit", "help", "history", "profile"];
    let mut looked = 0;
    for command in COMMANDS {
        let spec = &command.spec;
        let (Some(now), Some(then)) = (seen(spec.example, &fresh), seen(spec.example, &old)) else {
            continue;
        };
        looked += 1;
        let is_dated = |answer: &Answer| answer.notes.iter().any(|note| note.contains("is silent"));
        assert!(!is_dated(&now), "{}: {now:?}", spec.name);
        assert_eq!(is_dated(&then), !undated.contains(&spec.name), "{}: {then:?}", spec.name);
        for table in now.tables.iter().chain(&then.tables) {
            assert!(table.rows.iter().all(|row| row.len() == table.columns.len()), "{}", spec.name);
        }
        let json = serde_json::to_string(&now).expect("an answer is text");
        assert_eq!(serde_json::from_str::<Answer>(&json).expect("the same"), now);
    }
    assert!(looked >= 30, "{looked}");
}

#[test]
fn everybody_at_a_glance() {
    let mut views = views();
    let told = answer("farm_status", &views);
    assert_eq!(told.fields[2], ("equity".to_owned(), "30150.00 USDT".to_owned()));
    assert_eq!(told.colour, Colour::Good);
    assert_eq!(told.tables[0].rows[0][..3], ["strategic_btc", "trading", "10050.00 USDT"]);
    assert_eq!(told.tables[0].rows[0][3], "+50.00 USDT (+0.50 %)");
    views[0].bots[0].equity = None;
    views[1].halted_at = Some(NOW.0);
    let told = answer("farm_status", &views);
    assert_eq!((told.fields[2].1.as_str(), told.colour), ("n/a (not known yet)", Colour::Bad));
}

#[test]
fn results_are_counted_from_rows() {
    let rows = vec![trade("b1-0-3", 30), trade("b1-0-2", -10), trade("b1-0-1", -5)];
    let told = from_rows("stats strategic_btc", Rows::Records(rows.clone()));
    let field =
        |name: &str| told.fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    assert_eq!(field("win rate"), Some("33.3 %"));
    assert_eq!(field("profit factor"), Some("2.00"));
    assert_eq!(field("average win over average loss"), Some("4.00"));
    assert_eq!(field("net of these"), Some("+15.00 USDT"));
    assert_eq!(field("held on average"), Some("1 h"));
    let told = from_rows("history strategic_btc", Rows::Records(rows.clone()));
    assert_eq!((told.tables[0].rows.len(), told.fields[0].1.as_str()), (3, "+15.00 USDT"));
    assert!(from_rows("history strategic_btc", Rows::Records(Vec::new())).notes[0].contains("no round trip"));
    let told = from_rows("why strategic_btc b1-0-2", Rows::Records(rows.clone())).plain();
    assert!(
        told.contains("wanted in because: it pulled back") && told.contains("came to: -10.00 USDT"),
        "{told}"
    );
    let told = from_rows("why strategic_btc b1-0-8", Rows::Records(rows)).plain();
    assert!(told.contains("no finished round trip that began with b1-0-8"), "{told}");
    let wanted = read("history main/strategic_btc 5", &views()).question;
    let of = Some(BotName { shard: "main".to_owned(), bot: "strategic_btc".to_owned() });
    assert_eq!(wanted, Question::Newest { kind: Kind::Trades, of, rows_max: 5 });
}

#[test]
fn a_period_is_summed_by_mode_and_shows_the_one_before() {
    let wanted = read("pnl week", &views()).question;
    // The Monday before the last.
    let from = Time::from_date(2026, 11, 16).expect("a day");
    assert_eq!(wanted, Question::Sums { of: None, period: Period::Week, from });
    let sum = |from: Time, mode: &str, net: i128| Sum {
        from,
        of: BotName { shard: "main".to_owned(), bot: "strategic_btc".to_owned() },
        mode: mode.to_owned(),
        trades: 4,
        won: 3,
        gross: net,
        fees: 0,
        funding: 0,
        net,
    };
    let this = Time::from_date(2026, 11, 23).expect("a day");
    let rows =
        vec![sum(from, "paper", 9_000_000), sum(this, "paper", -2_000_000), sum(this, "live", i128::MAX)];
    let told = from_rows("pnl week", Rows::Sums(rows));
    assert!(told.fields.contains(&("net (paper)".to_owned(), "-2.00 USDT".to_owned())), "{:?}", told.fields);
    assert_eq!((told.tables[0].rows.len(), told.colour), (3, Colour::Warning));
    assert!(told.fields.contains(&("open, at the last price".to_owned(), "+150.00 USDT".to_owned())));
}

#[test]
fn market_and_sky_are_told_once_for_shards_that_see_the_same() {
    let mut views = views();
    let told = answer("market_analysis", &views);
    assert_eq!(told.tables.len(), 2, "{told:?}");
    assert_eq!(told.tables[0].rows[0][..4], ["1h", "up", "0.80", "trending"]);
    assert_eq!(told.tables[1].rows[0][1], "39500.0 (3x)");
    views[1].market[0].trend = Some("down".to_owned());
    assert_eq!(answer("market_analysis", &views).tables.len(), 4);
    let told = answer("cosmic_influence", &views);
    assert_eq!((told.tables.len(), told.tables[0].rows[1][1].as_str()), (1, "no source named"));
    assert_eq!(answer("cosmic_influence moon", &views).tables[0].rows.len(), 1);
}

#[test]
fn limits_locks_and_decisions_are_as_the_view_says() {
    let views = views();
    let told = answer("limits newbie_btc", &views);
    assert_eq!((told.tables[0].rows[0][4].as_str(), told.colour), ("90.0 %", Colour::Warning));
    assert_eq!(answer("locks", &views).tables[0].rows[0][1], "cool down");
    assert_eq!(answer("locks strategic_btc", &views).colour, Colour::Good);
    let told = answer("why newbie_btc", &views).plain();
    assert!(told.contains("wanted in: it pulled back") && told.contains("cool down 3x"), "{told}");
    assert!(answer("mode live", &views).plain().contains("--live"));
}

#[test]
fn the_gateway_answers_what_only_it_knows() {
    let views = views();
    let own = |line: &str| match give(line, &views) {
        Ok(Act::Gateway(own)) => own,
        other => panic!("{line}: {other:?}"),
    };
    assert_eq!(own("whoami"), Own::WhoAmI);
    assert_eq!(own("alerts critical 5"), Own::Said { tier: Tier::Critical, of: None, rows_max: 5 });
    let of = Some(BotName { shard: "second".to_owned(), bot: "ema_btc".to_owned() });
    assert_eq!(own("logs bot=ema_btc"), Own::Said { tier: Tier::Informational, of, rows_max: 20 });
    assert_eq!(own("drift all"), Own::Drift { of: None });
    let shown = format!("{:?}", own("confirm 17 123456"));
    assert_eq!(shown, "Confirm { pending: 17, code: Some(Code(..)) }");
    assert!(matches!(give("health", &[]), Ok(Act::Gateway(Own::Health(told))) if told.colour == Colour::Bad));
}

#[test]
fn a_link_of_the_audit_is_read_or_shown_as_it_stands() {
    let link = |link: &str| {
        Record::Audit(AuditRecord {
            chain: "omega".to_owned(),
            seq: 3,
            at: NOW.0,
            who: "ann".to_owned(),
            link: link.to_owned(),
        })
    };
    let rows = vec![link(r#"{"command":"panic","decision":"denied","outcome":"role"}"#), link("no json")];
    let told = from_rows("audit", Rows::Records(rows));
    assert_eq!(told.tables[0].rows[0][4..], ["panic", "-", "denied", "role"]);
    assert_eq!(told.tables[0].rows[1][4], "no json");
}
