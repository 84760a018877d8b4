//! `omega pnl`: figures worked out by hand, prices that do not exist, and what is refused with the nearest allowed.

use crate::{Said, omega};

/// `omega pnl` with these words.
fn pnl(words: &str) -> Said {
    let words: Vec<&str> = words.split_whitespace().collect();
    let mut arguments: Vec<&dyn AsRef<std::ffi::OsStr>> = vec![&"pnl"];
    words.iter().for_each(|word| arguments.push(word));
    omega(&arguments)
}

/// The digits of a key, as they are written.
fn digits<'a>(said: &'a Said, key: &str) -> &'a str {
    assert_eq!(said.code, 0, "{}", said.err);
    let (_, rest) = said.out.split_once(&format!("\"{key}\":")).expect(key);
    rest.split([',', '}']).next().unwrap()
}

#[test]
fn a_long_by_hand() {
    let said = pnl("--side long --entry 40000 --exit 41000 --quantity 0.1 --leverage 10 --json");
    assert_eq!(said.err, "");
    for (key, want) in [
        ("notional", "4000.000000"),
        ("initial_margin", "400.000000"),
        ("gross_pnl", "100.000000"),
        ("fee_entry", "2.400000"),
        ("fee_exit", "2.460000"),
        ("funding", "0.000000"),
        ("net_pnl", "95.140000"),
        ("roe", "0.23785"),
        // 400 + 0.1 m - 4000 = 0.0046 x 0.1 m: m = 3600 / 0.09954.
        ("liquidation_price", "36166.3652802893"),
        // 0.1 (p - 40000) = 2.4 + 0.00006 p: p = 4002.4 / 0.09994 = 40048.03, and a tick is 0.1.
        ("break_even_price", "40048.1"),
        ("liquidation_price_in_profit", "null"),
    ] {
        assert_eq!(digits(&said, key), want, "{key}");
    }
}

#[test]
fn a_short_with_a_rebate_and_funding_by_hand() {
    let said =
        pnl("--side short --entry 60000 --exit 59000 --quantity 0.5 --leverage 20 --fee-maker -0.0001 \
         --entry-maker --funding -0.0001 --funding-payments 3 --json");
    for (key, want) in [
        ("gross_pnl", "500.000000"),
        ("fee_entry", "-3.000000"),
        ("fee_exit", "17.700000"),
        ("funding", "-9.000000"),
        ("net_pnl", "476.300000"),
        // 1500 - 0.5 (m - 60000) = 0.0046 x 0.5 m; 9 less after the funding.
        ("liquidation_price_before_funding", "62711.5269759109"),
        ("liquidation_price", "62693.6093967749"),
    ] {
        assert_eq!(digits(&said, key), want, "{key}");
    }
    let once =
        pnl("--side short --entry 60000 --exit 59000 --quantity 0.5 --leverage 20 --funding 0.0001 --json");
    assert_eq!(digits(&once, "funding"), "3.000000", "a rate alone is one payment");
}

#[test]
fn a_price_that_does_not_exist_is_not_a_number() {
    let words = "--side long --entry 40000 --exit 41000 --quantity 0.1 --leverage 10 --margin-mode cross --balance 5000";
    let table = pnl(words);
    assert!(table.out.contains("n/a (its margin covers every price)"), "{}", table.out);
    let json = pnl(&format!("{words} --json")).json();
    assert!(json["liquidation_price"].is_null());
    assert_eq!(json["reasons"]["liquidation_price"], "its margin covers every price");
    let drained = pnl(
        "--side short --entry 40000 --exit 1 --quantity 0.1 --leverage 1 --funding -0.1 --funding-payments 11",
    );
    assert!(drained.out.contains("n/a (no price earns the costs back)"), "{}", drained.out);
    assert!(drained.err.starts_with("warning: the position is liquidated before"), "{}", drained.err);
}

#[test]
fn a_profit_into_a_dearer_tier_liquidates_too() {
    // 999840 at 100x has 9998.4 of margin. At 24 x 41666.67, a million, it has won 160 and needs 5600; from the next
    // unit of the mark on the tier asks for 1 % and the fee: 10600.
    let said = pnl("--side long --entry 41660 --exit 42000 --quantity 24 --leverage 100");
    assert!(said.out.contains("  and in profit at    41666.6666666667   a dearer"), "{}", said.out);
    assert!(said.err.starts_with("warning: the position is liquidated before"), "{}", said.err);
    let less = pnl("--side long --entry 41660 --exit 41666 --quantity 24 --leverage 100");
    assert_eq!(less.err, "");
}

#[test]
fn an_exit_beyond_the_liquidation_is_said() {
    let before = pnl("--side short --entry 40000 --exit 41807.6 --quantity 0.1 --leverage 20 --json");
    let beyond = pnl("--side short --entry 40000 --exit 41807.7 --quantity 0.1 --leverage 20 --json");
    assert_eq!((digits(&before, "liquidated_first"), before.err.as_str()), ("false", ""));
    assert_eq!(digits(&beyond, "liquidated_first"), "true");
    assert!(beyond.err.starts_with("warning: "), "{}", beyond.err);
}

#[test]
fn what_is_refused_is_told_the_nearest() {
    for (words, problem, hint) in [
        (
            "--entry 40000.17",
            "--entry 40000.17: it is not a whole number of ticks of 0.1",
            "the nearest are 40000.1 and 40000.2",
        ),
        ("--exit 0", "--exit 0: a price is above zero", "give a multiple of the tick of 0.1, such as 40000"),
        ("--exit -5", "--exit -5: a price is above zero", "give a multiple"),
        (
            "--exit 115000001000",
            "a price is too high for this quantity",
            "give prices of at most 115292150.4",
        ),
        (
            "--quantity 0.0015",
            "--quantity 0.0015: it is not a whole number of lots of 0.001",
            "the nearest are 0.001 and 0.002",
        ),
        (
            "--quantity 0.0001",
            "--quantity 0.0001: it is not a whole number of lots",
            "give 0.001, the smallest there is, or a multiple of it",
        ),
        ("--quantity 0", "--quantity 0: an order is at least 0.001", "give a multiple"),
        (
            "--entry 4000 --quantity 0.001",
            "--quantity 0.001 is worth 4.00 USDT, less than the smallest order of 5.00",
            "give a larger",
        ),
        (
            "--quantity 5000.001",
            "--quantity 5000.001 is more than the largest position of 200,000,000.00 USDT",
            "give a quantity of at most 5000.000",
        ),
        (
            "--quantity 5 --leverage 125",
            "--leverage 125 is above 100, the most that a position of 200,000.00 USDT may use",
            "give at most 100; or a quantity of at most 3.750",
        ),
        ("--leverage 126", "--leverage 126 is above 125", "give at most 125"),
        ("--margin-mode cross", "--margin-mode cross needs the money", "give --balance USDT"),
        (
            "--balance 10",
            "--balance does not carry the initial margin and a taker's fee, 402.400000 USDT together",
            "give a larger balance",
        ),
        ("--symbol ETHUSDT", "--symbol: no instrument is called \"ETHUSDT\"", "there is BTCUSDT"),
    ] {
        let mut all = vec![];
        for (flag, value) in
            [("--entry", "40000"), ("--exit", "41000"), ("--quantity", "0.1"), ("--leverage", "10")]
        {
            if !words.split_whitespace().any(|word| word == flag) {
                all.push(format!("{flag} {value}"));
            }
        }
        let said = pnl(&format!("--side long {words} {}", all.join(" ")));
        assert_eq!((said.code, said.out.as_str()), (2, ""), "{words}: {said:?}");
        let (first, second) = said.err.split_once('\n').unwrap();
        assert!(first.starts_with(&format!("error: {problem}")), "{words}: {}", said.err);
        assert!(second.starts_with(&format!("hint: {hint}")), "{words}: {}", said.err);
    }
}
