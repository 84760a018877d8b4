//! Scenarios of orders on bars: `bar OPEN HIGH LOW CLOSE [VOLUME]`, what is ordered before it, what the venue says.

mod script;
use script::check;

#[test]
fn a_market_order_fills_at_the_next_open() {
    check(
        "fees 0.0002 0.0006 0
         buy 10 market
         bar 100 105 95 102
         show",
        "0 open: filled 1 +10 at 100 fee 0.6
         wallet 9999.4 first +10 equity 10019.4 fees 0.6 free 9899.4",
    );
}

#[test]
fn slippage_and_latency_only_hurt() {
    // Half a minute late: half-way from 100 to the high 111 is 105.5, a buyer pays 106; 1 % of it is 2 ticks.
    check(
        "latency 30000
         slippage 0.01
         buy 10 market
         bar 100 111 95 102
         sell 10 market
         bar 102 111 95 102",
        "0 +30000ms: filled 1 +10 at 108
         1 +30000ms: filled 2 -10 at 97",
    );
    // A request sent a bar before arrives at the open.
    check(
        "latency 60000\nbuy 1 market\nbar 100 100 100 100\nbar 101 109 99 101",
        "1 open: filled 1 +1 at 101",
    );
}

#[test]
fn a_limit_fills_only_when_traded_through() {
    check(
        "fees 0.0002 0.0006 0
         buy 10 limit 95
         bar 100 105 95 102
         bar 100 105 94 102
         sell 10 limit 110
         bar 100 110 99 102
         # A gap beyond the price still fills at the price.
         bar 115 115 114 115",
        "0 open: accepted 1
         1 in: filled 1 +10 at 95 maker fee 0.19
         2 open: accepted 2
         3 open: filled 2 -10 at 110 maker fee 0.22",
    );
}

#[test]
fn a_marketable_limit_takes_but_never_beyond_its_price() {
    check(
        "slippage 0.05
         buy 10 limit 103
         bar 100 105 95 102
         sell 10 limit 102
         bar 102 105 95 102",
        "0 open: accepted 1
         0 open: filled 1 +10 at 103
         1 open: accepted 2
         1 open: filled 2 -10 at 102",
    );
}

#[test]
fn time_in_force() {
    check(
        "buy 1 post-only 100
         buy 1 post-only 99
         buy 1 ioc 99
         buy 1 ioc 100
         buy 1 fok 99
         buy 1 fok 101
         bar 100 100 100 100",
        "0 open: rejected 1 WouldTake
         0 open: accepted 2
         0 open: accepted 3
         0 open: cancelled 3 Unfilled
         0 open: accepted 4
         0 open: filled 4 +1 at 100
         0 open: rejected 5 CannotFillAll
         0 open: accepted 6
         0 open: filled 6 +1 at 100",
    );
}

#[test]
fn participation_limits_what_a_bar_fills() {
    check(
        "participation 0.1
         buy 25 market
         bar 100 100 100 100 100
         bar 101 101 101 101 0
         buy 20 fok 102
         buy 20 ioc 102
         bar 102 102 102 102 100
         bar 103 103 103 103 300",
        "0 open: accepted 1
         0 open: filled 1 +10 at 100 remaining 15
         2 open: rejected 2 CannotFillAll
         2 open: accepted 3
         2 open: filled 3 +10 at 102 remaining 10
         2 open: cancelled 3 Unfilled
         3 open: filled 1 +15 at 103",
    );
    check(
        "participation 0.1
         buy 25 limit 95
         bar 100 100 90 100 100
         bar 100 100 95 100 100
         bar 100 100 94 100 1000
         sell 25 stop-market 90 reduce
         bar 95 95 89 89 150
         bar 80 80 80 80 150",
        "0 open: accepted 1
         0 in: filled 1 +10 at 95 maker remaining 15
         2 in: filled 1 +15 at 95 maker
         3 open: accepted 2
         3 in: triggered 2
         3 in: filled 2 -15 at 90 remaining 10
         4 open: filled 2 -10 at 80",
    );
}

#[test]
fn a_stop_fires_on_touch_and_gaps_fill_at_the_open() {
    check(
        "slippage 0.01
         buy 10 market
         bar 100 100 100 100
         sell 5 stop-market 95 reduce
         sell 5 stop-market 90 reduce
         bar 100 105 95 102
         bar 80 85 75 85",
        "0 open: filled 1 +10 at 101
         1 open: accepted 2
         1 open: accepted 3
         1 in: triggered 2
         1 in: filled 2 -5 at 94
         2 open: triggered 3
         2 open: filled 3 -5 at 79",
    );
}

#[test]
fn a_take_profit_needs_a_trade_through_and_gains_nothing_by_a_gap() {
    check(
        "buy 10 market
         bar 100 100 100 100
         sell 5 take-profit 110 reduce
         sell 5 take-profit 111 reduce
         bar 100 110 100 110
         bar 110 111 109 110
         bar 120 121 119 120",
        "0 open: filled 1 +10 at 100
         1 open: accepted 2
         1 open: accepted 3
         2 in: triggered 2
         2 in: filled 2 -5 at 110
         3 open: triggered 3
         3 open: filled 3 -5 at 111",
    );
}

#[test]
fn a_trigger_on_the_wrong_side_is_refused() {
    check(
        "buy 10 market
         buy 1 stop-market 100
         sell 1 stop-market 100
         sell 1 take-profit 100
         buy 1 take-profit 101
         buy 1 stop-limit 99 105
         bar 100 100 100 100",
        "0 open: filled 1 +10 at 100
         0 open: rejected 2 WouldTrigger
         0 open: rejected 3 WouldTrigger
         0 open: rejected 4 WouldTrigger
         0 open: rejected 5 WouldTrigger
         0 open: rejected 6 WouldTrigger",
    );
}

#[test]
fn a_stop_limit_fills_in_its_bar_only_when_the_close_proves_it() {
    check(
        "fees 0.0002 0.0006 0
         buy 10 stop-limit 105 106
         bar 100 107 99 106
         bar 106 107 106 107
         bar 106 107 105 107
         sell 10 stop-limit 100 98
         bar 107 107 99 99",
        "0 open: accepted 1
         0 in: triggered 1
         2 in: filled 1 +10 at 106 maker fee 0.212
         3 open: accepted 2
         3 in: triggered 2
         3 in: filled 2 -10 at 98 fee 0.588",
    );
}

#[test]
fn a_trailing_stop_checks_its_old_level_first() {
    check(
        "buy 10 market
         bar 100 100 100 100
         sell 10 trail 5 reduce
         # Level 95 is not touched; the best price becomes 120, the level 115; the close lies above it.
         bar 100 120 96 116
         bar 116 117 115 116",
        "0 open: filled 1 +10 at 100
         1 open: accepted 2
         2 in: triggered 2
         2 in: filled 2 -10 at 115",
    );
    check(
        "buy 10 market
         sell 10 trail 5 reduce from 110
         bar 100 109 90 100
         # The close lies below the new level 115.
         bar 100 120 90 114",
        "0 open: filled 1 +10 at 100
         0 open: accepted 2
         1 in: triggered 2
         1 in: filled 2 -10 at 115",
    );
    check(
        "sell 10 market
         buy 10 trail 5 reduce
         bar 100 104 90 91
         bar 99 99 99 99",
        "0 open: filled 1 -10 at 100
         0 open: accepted 2
         1 open: triggered 2
         1 open: filled 2 +10 at 99",
    );
}

#[test]
fn reduce_only_is_clipped_and_ends_with_its_position() {
    check(
        "sell 5 market reduce
         buy 10 market
         bar 100 100 100 100
         sell 30 limit 110 reduce
         sell 30 stop-market 90 reduce
         buy 1 limit 80 reduce
         bar 100 111 100 111
         show",
        "0 open: rejected 1 NothingToReduce
         0 open: filled 2 +10 at 100
         1 open: accepted 3
         1 open: accepted 4
         1 open: rejected 5 NothingToReduce
         1 in: filled 3 -10 at 110 maker
         1 in: cancelled 4 PositionClosed
         wallet 10100 equity 10100 fees 0 free 10100",
    );
}

#[test]
fn one_cancels_the_other() {
    check(
        "buy 10 stop-market 105 oco 7
         sell 10 stop-market 95 oco 7
         buy 1 limit 90 oco 8
         bar 100 105 96 104",
        "0 open: accepted 1
         0 open: accepted 2
         0 open: accepted 3
         0 in: triggered 1
         0 in: filled 1 +10 at 105
         0 in: cancelled 2 OtherFilled",
    );
}

#[test]
fn a_turn_around_is_one_fill_with_one_fee() {
    check(
        "fees 0 0.001 0
         buy 10 market
         bar 100 110 100 110
         sell 25 market
         bar 110 110 110 110
         show",
        "0 open: filled 1 +10 at 100 fee 1
         1 open: filled 2 -25 at 110 fee 2.75
         wallet 10096.25 first -15 equity 10096.25 fees 3.75 free 9931.25",
    );
}

#[test]
fn cancel_and_amend() {
    check(
        "buy 10 limit 95
         bar 100 100 99 99
         amend 1 97
         amend 1 99
         amend 2 90
         cancel 2
         bar 99 99 98 98
         cancel 1
         show
         bar 98 98 90 98
         show",
        "0 open: accepted 1
         1 open: amended 1 to 97
         1 open: rejected 1 WouldTake
         1 open: rejected 2 UnknownOrder
         1 open: rejected 2 UnknownOrder
         wallet 10000 equity 10000 fees 0 free 9903 [1 10 Limit { price: Price(97) }]
         2 open: cancelled 1 Requested
         wallet 10000 equity 10000 fees 0 free 10000",
    );
}

#[test]
fn ids_are_used_once() {
    check(
        "buy 1 market
         again buy 1 market
         buy 1 limit 50
         again buy 1 limit 50
         bar 100 100 100 100",
        "0 open: filled 1 +1 at 100
         0 open: rejected 1 DuplicateId
         0 open: accepted 2
         0 open: rejected 2 DuplicateId",
    );
}

#[test]
fn what_arrives_inside_a_bar_gains_nothing_from_it() {
    // The low of 90 may have been before the order came; only a close beyond its price proves a fill.
    check(
        "latency 30000
         buy 1 limit 95
         bar 100 100 90 95
         bar 100 100 94 100
         buy 1 limit 92
         bar 100 100 90 91",
        "0 +30000ms: accepted 1
         1 in: filled 1 +1 at 95 maker
         2 +30000ms: accepted 2
         2 in: filled 2 +1 at 92 maker",
    );
}

#[test]
fn a_late_trailing_stop_does_not_follow_what_it_missed() {
    // Half-way to the low is 99: the level is 94. The high of 120 may have been before; the close of 106 was after.
    check(
        "latency 30000
         buy 10 market
         bar 100 100 100 100
         sell 10 trail 5 reduce
         bar 100 120 98 106
         bar 106 106 102 103
         bar 103 103 101 102",
        "0 +30000ms: filled 1 +10 at 100
         1 +30000ms: accepted 2
         3 in: triggered 2
         3 in: filled 2 -10 at 101",
    );
}

#[test]
fn a_stop_on_the_way_comes_before_a_late_request() {
    // Half-way to the low of 80 is 90: the stop at 95 has fired by then, and there is nothing to cancel.
    check(
        "latency 30000
         buy 10 market
         sell 10 stop-market 95 reduce
         bar 100 100 100 100
         cancel 2
         bar 100 100 80 100",
        "0 +30000ms: filled 1 +10 at 100
         0 +30000ms: accepted 2
         1 +30000ms: triggered 2
         1 +30000ms: filled 2 -10 at 95
         1 +30000ms: rejected 2 UnknownOrder",
    );
}

#[test]
fn numbers_that_are_none_are_refused() {
    check(
        "buy 0 market
         buy -5 market
         buy 1 limit 0
         buy 1 limit -3
         sell 1 trail 0
         buy 9000000000000000000 market
         buy 1 stop-market 9000000000000000000
         buy 1 market long
         sell 1 market short
         bar 100 100 100 100",
        "0 open: rejected 1 QuantityTooSmall
         0 open: rejected 2 QuantityTooSmall
         0 open: rejected 3 PriceNotPositive
         0 open: rejected 4 PriceNotPositive
         0 open: rejected 5 PriceNotPositive
         0 open: rejected 6 PositionTooLarge
         0 open: rejected 7 PositionTooLarge
         0 open: rejected 8 WrongPositionSide
         0 open: rejected 9 WrongPositionSide",
    );
}

#[test]
fn hedge_mode_opens_and_reduces_side_by_side() {
    check(
        "account hedge
         buy 10 market
         sell 5 market long
         buy 5 market short
         buy 5 market long reduce
         buy 10 market long
         sell 4 market short
         sell 3 limit 105 long reduce
         buy 4 stop-market 106 short reduce
         bar 100 106 100 100
         show",
        "0 open: rejected 1 WrongPositionSide
         0 open: rejected 2 WrongSideForPosition
         0 open: rejected 3 WrongSideForPosition
         0 open: rejected 4 WrongSideForPosition
         0 open: filled 5 +10 at 100
         0 open: filled 6 -4 at 100
         0 open: accepted 7
         0 open: accepted 8
         0 in: filled 7 -3 at 105 maker
         0 in: triggered 8
         0 in: filled 8 +4 at 106
         wallet 9991 first +7 equity 9991 fees 0 free 9921",
    );
}
