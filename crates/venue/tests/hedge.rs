//! Scenarios of hedge accounts that several bots share: legs belong to the decision that opened the lots, and only its
//! own orders cut them.

mod script;
use script::check;

#[test]
fn one_of_two_leaves_and_its_stop_stays() {
    // The first bot sells its ten at market: both stops rest as they were. Its stop then takes the other's five, clipped
    // by nothing but the line, and with the line flat the other's legs go too.
    check(
        "account hedge
         buy 10 market long stop 95
         bot 2
         buy 5 market long stop 90 target 5@120
         bar 100 100 100 100
         bot 1
         sell 10 market long reduce
         bar 100 100 100 100
         show
         bar 100 100 94 96
         show",
        "0 open: filled 1 +10 at 100
         0 open: accepted 1-sl
         0 open: filled b2-0-1 +5 at 100
         0 open: accepted b2-0-1-sl
         0 open: accepted b2-0-1-tp1
         1 open: filled 2 -10 at 100
         wallet 10000 first +5 equity 10000 fees 0 free 9950 [1-sl 10 Stop { trigger: Price(95) }] [b2-0-1-sl 5 Stop { trigger: Price(90) }] [b2-0-1-tp1 5 Limit { price: Price(120) }]
         2 in: triggered 1-sl
         2 in: filled 1-sl -5 at 95
         2 in: cancelled b2-0-1-sl PositionClosed
         2 in: cancelled b2-0-1-tp1 PositionClosed
         wallet 9975 equity 9975 fees 0 free 9975",
    );
}

#[test]
fn a_bot_that_takes_its_legs_back_leaves_the_other_alone() {
    check(
        "account hedge
         buy 10 market long stop 95 target 10@110
         bot 2
         buy 5 market long stop 90
         bar 100 100 100 100
         bot 1
         sell 10 market long reduce
         cancel 1-sl
         cancel 1-tp1
         bar 100 115 91 100
         show",
        "0 open: filled 1 +10 at 100
         0 open: accepted 1-sl
         0 open: accepted 1-tp1
         0 open: filled b2-0-1 +5 at 100
         0 open: accepted b2-0-1-sl
         1 open: filled 2 -10 at 100
         1 open: cancelled 1-sl Requested
         1 open: cancelled 1-tp1 Requested
         wallet 10000 first +5 equity 10000 fees 0 free 9950 [b2-0-1-sl 5 Stop { trigger: Price(90) }]",
    );
}

#[test]
fn all_legs_go_when_the_line_is_flat() {
    // The second bot closes more than it opened: to the line. The short line is another one and keeps its stop.
    check(
        "account hedge
         buy 10 market long stop 95 target 4@110
         sell 3 market short stop 130
         bot 2
         buy 5 market long stop 90
         sell 20 market long reduce
         bar 100 100 100 100
         show",
        "0 open: filled 1 +10 at 100
         0 open: accepted 1-sl
         0 open: accepted 1-tp1
         0 open: filled 2 -3 at 100
         0 open: accepted 2-sl
         0 open: filled b2-0-1 +5 at 100
         0 open: accepted b2-0-1-sl
         0 open: filled b2-0-2 -15 at 100
         0 open: cancelled 1-sl PositionClosed
         0 open: cancelled 1-tp1 PositionClosed
         0 open: cancelled b2-0-1-sl PositionClosed
         wallet 10000 second -3 equity 10000 fees 0 free 9970 [2-sl 3 Stop { trigger: Price(130) }]",
    );
}

#[test]
fn partial_fills_of_a_rung_shrink_only_their_own_stop() {
    // Both bots call it decision 1. Four lots a bar: the first one's rung fills in two parts.
    check(
        "account hedge
         participation 0.1
         buy 10 market long stop 90 target 6@110 target 4@120
         bot 2
         buy 8 market long stop 85 target 8@130
         bar 100 100 100 100 200
         bar 105 111 105 111 40
         show
         bar 111 112 111 111 40
         show
         bar 111 121 111 121 40
         show",
        "0 open: filled 1 +10 at 100
         0 open: accepted 1-sl
         0 open: accepted 1-tp1
         0 open: accepted 1-tp2
         0 open: filled b2-0-1 +8 at 100
         0 open: accepted b2-0-1-sl
         0 open: accepted b2-0-1-tp1
         1 in: filled 1-tp1 -4 at 110 maker remaining 2
         wallet 10040 first +14 equity 10194 fees 0 free 9900 [1-sl 6 Stop { trigger: Price(90) }] [1-tp1 2 Limit { price: Price(110) }] [1-tp2 4 Limit { price: Price(120) }] [b2-0-1-sl 8 Stop { trigger: Price(85) }] [b2-0-1-tp1 8 Limit { price: Price(130) }]
         2 open: filled 1-tp1 -2 at 110 maker
         wallet 10060 first +12 equity 10192 fees 0 free 9940 [1-sl 4 Stop { trigger: Price(90) }] [1-tp2 4 Limit { price: Price(120) }] [b2-0-1-sl 8 Stop { trigger: Price(85) }] [b2-0-1-tp1 8 Limit { price: Price(130) }]
         3 in: filled 1-tp2 -4 at 120 maker
         3 in: cancelled 1-sl PositionClosed
         wallet 10140 first +8 equity 10308 fees 0 free 10060 [b2-0-1-sl 8 Stop { trigger: Price(85) }] [b2-0-1-tp1 8 Limit { price: Price(130) }]",
    );
}

#[test]
fn a_stop_that_fills_in_parts_cuts_its_own_ladder_from_the_far_end() {
    check(
        "account hedge
         participation 0.1
         buy 10 market long stop 95 target 5@110 target 5@120
         bot 2
         buy 5 market long stop 80 target 5@110
         bar 100 100 100 100 200
         bar 100 100 94 96 70
         show
         bar 96 96 96 96 70
         show",
        "0 open: filled 1 +10 at 100
         0 open: accepted 1-sl
         0 open: accepted 1-tp1
         0 open: accepted 1-tp2
         0 open: filled b2-0-1 +5 at 100
         0 open: accepted b2-0-1-sl
         0 open: accepted b2-0-1-tp1
         1 in: triggered 1-sl
         1 in: filled 1-sl -7 at 95 remaining 3
         1 in: cancelled 1-tp2 PositionClosed
         wallet 9965 first +8 equity 9933 fees 0 free 9853 [1-sl 3 Market] [1-tp1 3 Limit { price: Price(110) }] [b2-0-1-sl 5 Stop { trigger: Price(80) }] [b2-0-1-tp1 5 Limit { price: Price(110) }]
         2 open: filled 1-sl -3 at 96
         2 open: cancelled 1-tp1 PositionClosed
         wallet 9953 first +5 equity 9933 fees 0 free 9883 [b2-0-1-sl 5 Stop { trigger: Price(80) }] [b2-0-1-tp1 5 Limit { price: Price(110) }]",
    );
}

#[test]
fn no_stop_takes_foreign_lots_under_its_wing() {
    check(
        "account hedge
         buy 10 market long stop 90
         bot 2
         buy 5 market long
         bar 100 100 100 100
         show
         bar 100 100 90 95
         show",
        "0 open: filled 1 +10 at 100
         0 open: accepted 1-sl
         0 open: filled b2-0-1 +5 at 100
         wallet 10000 first +15 equity 10000 fees 0 free 9850 [1-sl 10 Stop { trigger: Price(90) }]
         1 in: triggered 1-sl
         1 in: filled 1-sl -10 at 90
         wallet 9900 first +5 equity 9875 fees 0 free 9825",
    );
}

#[test]
fn a_rung_for_more_than_the_line_holds_is_clipped_to_it() {
    check(
        "account hedge
         buy 10 market long stop 90 target 10@110
         sell 7 market long reduce
         bar 100 100 100 100
         show
         bar 100 111 100 111
         show",
        "0 open: filled 1 +10 at 100
         0 open: accepted 1-sl
         0 open: accepted 1-tp1
         0 open: filled 2 -7 at 100
         wallet 10000 first +3 equity 10000 fees 0 free 9970 [1-sl 10 Stop { trigger: Price(90) }] [1-tp1 10 Limit { price: Price(110) }]
         1 in: filled 1-tp1 -3 at 110 maker
         1 in: cancelled 1-sl PositionClosed
         wallet 10030 equity 10030 fees 0 free 10030",
    );
}

#[test]
fn bots_that_count_alike_are_not_repeats_and_no_partners() {
    // The first bot is at its third decision when the second takes its first; both use group 1.
    check(
        "account hedge
         buy 1 limit 50 long
         buy 1 limit 50 long
         buy 2 limit 98 long oco 1
         buy 2 limit 90 long oco 1
         bot 2
         buy 3 limit 91 long oco 1
         again buy 3 limit 91 long oco 1
         bar 100 100 97 97
         # Of the second bot.
         cancel 1
         bar 97 97 97 97
         show",
        "0 open: accepted 1
         0 open: accepted 2
         0 open: accepted 3
         0 open: accepted 4
         0 open: accepted b2-0-1
         0 open: rejected b2-0-1 DuplicateId
         0 in: filled 3 +2 at 98 maker
         0 in: cancelled 4 OtherFilled
         1 open: cancelled b2-0-1 Requested
         wallet 10000 first +2 equity 9998 fees 0 free 9968.4 [1 1 Limit { price: Price(50) }] [2 1 Limit { price: Price(50) }]",
    );
}

#[test]
fn as_many_bots_as_an_account_tells_apart() {
    let (mut script, mut said) = ("account hedge 1000000\n".to_owned(), String::new());
    for bot in 1..=venue::BOTS_MAX {
        let name = if bot == 1 { "1".to_owned() } else { format!("b{bot}-0-1") };
        script += &format!("bot {bot}\nbuy 1 market long\n");
        said += &format!("0 open: filled {name} +1 at 100\n");
    }
    let one_more = venue::BOTS_MAX + 1;
    script += &format!("bot {one_more}\nbuy 1 market long\nbot 1\nbuy 1 market long\nbar 100 100 100 100");
    said += &format!("0 open: rejected b{one_more}-0-1 TooManyOrders\n0 open: filled 2 +1 at 100");
    check(&script, &said);
}

#[test]
fn a_seized_account_ends_as_a_liquidated_one() {
    // Cross: the whole wallet is gone although nothing was near its level. Isolated: the pools.
    check(
        "account hedge cross x10 1000
         seize
         buy 10 market long stop 90
         sell 4 market short
         bar 100 100 100 100
         seize
         show
         buy 1 market long
         seize
         bar 100 100 100 100",
        "0 open: filled 1 +10 at 100
         0 open: accepted 1-sl
         0 open: filled 2 -4 at 100
         1 open: cancelled 1-sl Liquidated
         1 open: liquidated -10 at 100 fee 0.000000 settlement 0.000000
         1 open: liquidated +4 at 100 fee 0.000000 settlement -1000.000000
         wallet 0 equity 0 fees 0 free 0
         1 open: rejected 3 AccountClosed",
    );
    check(
        "account hedge isolated x10 1000
         fees 0 0 0.01
         basis 5
         buy 10 market long stop 90
         sell 4 market short
         buy 2 limit 80 long
         bar 100 100 100 100
         seize
         show",
        "0 open: filled 1 +10 at 100
         0 open: accepted 1-sl
         0 open: filled 2 -4 at 100
         0 open: accepted 3
         1 open: cancelled 1-sl Liquidated
         1 open: cancelled 3 Liquidated
         1 open: liquidated -10 at 105 fee 10.500000 settlement -139.500000
         1 open: liquidated +4 at 105 fee 4.200000 settlement -15.800000
         wallet 860 equity 860 fees 14.7 free 860",
    );
}

#[test]
fn deleveraging_takes_profit_without_a_fee() {
    // Hedge: the legs stay while anything of the line is left.
    check(
        "account hedge
         fees 0 0.001 0.01
         buy 10 market long stop 90 target 4@140
         bar 100 120 100 120
         deleverage 3 118 long
         show
         deleverage 3 118 short
         deleverage 0 118 long
         deleverage 30 118 long
         show",
        "0 open: filled 1 +10 at 100 fee 1
         0 open: accepted 1-sl
         0 open: accepted 1-tp1
         1 open: deleveraged -3 at 118
         closed 3
         wallet 10053 first +7 equity 10193 fees 1 free 9983 [1-sl 10 Stop { trigger: Price(90) }] [1-tp1 4 Limit { price: Price(140) }]
         closed 0
         closed 0
         1 open: deleveraged -7 at 118
         1 open: cancelled 1-sl PositionClosed
         1 open: cancelled 1-tp1 PositionClosed
         closed 7
         wallet 10179 equity 10179 fees 1 free 10179",
    );
    // One-way: stop and ladder fit what is left, as after a fill.
    check(
        "buy 10 market stop 90 target 4@140 target 5@150
         bar 100 120 100 120
         deleverage 3 118
         show",
        "0 open: filled 1 +10 at 100
         0 open: accepted 1-sl
         0 open: accepted 1-tp1
         0 open: accepted 1-tp2
         1 open: deleveraged -3 at 118
         closed 3
         wallet 10054 first +7 equity 10194 fees 0 free 9984 [1-sl 7 Stop { trigger: Price(90) }] [1-tp1 4 Limit { price: Price(140) }] [1-tp2 3 Limit { price: Price(150) }]",
    );
}

#[test]
fn nobody_is_deleveraged_into_debt() {
    // A pool of 100 behind ten lots at 100 does not carry a close at 89.
    check(
        "account isolated x10 5000
         buy 10 market
         bar 100 100 100 100
         deleverage 10 89
         deleverage 10 90
         show",
        "0 open: filled 1 +10 at 100
         closed 0
         1 open: deleveraged -10 at 90
         closed 10
         wallet 4900 equity 4900 fees 0 free 4900",
    );
}

#[test]
fn the_scan_ahead_follows_what_the_venue_did_between_bars() {
    // Long and short 90 balance each other; with the short gone, 1 000 + 90 (m - 100) = 1 % of 90 m: m = 89.78...
    check(
        "account hedge cross x20 1000
         buy 90 market long
         sell 90 market short
         bar 100 100 100 100
         ask 100 100 89 95
         deleverage 90 100 short
         ask 100 100 90 95
         ask 100 100 89 95",
        "0 open: filled 1 +90 at 100
         0 open: filled 2 -90 at 100
         quiet
         1 open: deleveraged +90 at 100
         closed 90
         quiet
         touched",
    );
    // What was seized with its stop waits for nothing any more.
    check(
        "account x10 1000
         buy 90 market stop 95
         bar 100 100 100 100
         ask 100 100 95 100
         seize
         ask 100 200 1 100",
        "0 open: filled 1 +90 at 100
         0 open: accepted 1-sl
         touched
         1 open: cancelled 1-sl Liquidated
         1 open: liquidated -90 at 100 fee 0.000000 settlement -1000.000000
         quiet",
    );
}

#[test]
fn an_isolated_line_is_lost_at_its_own_level_whatever_the_other_line_did() {
    // The short's pool of 1 000 ends at 11 000 / 101 = 108.9...; that the long sold at 115 is another way.
    check(
        "account hedge isolated x10 5000
         buy 10 market long
         sell 100 market short
         sell 10 limit 115 long reduce
         bar 100 100 100 100
         bar 100 120 100 120",
        "0 open: filled 1 +10 at 100
         0 open: filled 2 -100 at 100
         0 open: accepted 3
         1 in: filled 3 -10 at 115 maker
         1 in: liquidated +100 at 109 fee 0.000000 settlement -100.000000",
    );
}

#[test]
fn a_leg_left_alone_by_the_other_ones_stop_does_not_get_into_the_next_bar() {
    // Hedged, the long survives the low; then the short is stopped out at the high, and the bar ends at the low.
    check(
        "account hedge cross x20 1000
         buy 90 market long
         sell 90 market short
         buy 90 stop-market 110 short reduce
         bar 100 100 100 100
         bar 100 110 80 80
         show",
        "0 open: filled 1 +90 at 100
         0 open: filled 2 -90 at 100
         0 open: accepted 3
         1 in: triggered 3
         1 in: filled 3 +90 at 110
         1 in: liquidated -90 at 80 fee 0.000000 settlement 1700.000000
         wallet 0 equity 0 fees 0 free 0",
    );
}
