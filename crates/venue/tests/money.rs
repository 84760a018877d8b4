//! Scenarios of margin, funding and forced closes. Maintenance is 1 % unless a tier says otherwise.

mod script;
use script::check;

#[test]
fn orders_need_margin_and_fee() {
    // 1 000 USDT at 10x carry a notional of 10 000, less the fee.
    check(
        "account x10 1000
         fees 0 0.001 0
         buy 100 market
         buy 99 market
         bar 100 100 100 100
         show
         buy 1 market
         bar 100 100 100 100",
        "0 open: rejected 1 InsufficientMargin
         0 open: filled 2 +99 at 100 fee 9.9
         wallet 990.1 first +99 equity 990.1 fees 9.9 free 0.1
         1 open: rejected 3 InsufficientMargin",
    );
}

#[test]
fn resting_orders_hold_their_margin_and_give_it_back() {
    check(
        "account x10 1000
         buy 60 limit 90
         buy 60 limit 90
         bar 100 100 100 100
         show
         cancel 1
         buy 60 limit 90
         bar 100 100 100 100",
        "0 open: accepted 1
         0 open: rejected 2 InsufficientMargin
         wallet 1000 equity 1000 fees 0 free 460 [1 60 Limit { price: Price(90) }]
         1 open: cancelled 1 Requested
         1 open: accepted 3",
    );
}

#[test]
fn an_order_that_can_no_longer_be_margined_is_cancelled_when_it_fills() {
    check(
        "account x10 1000
         buy 50 market
         buy 45 stop-market 110
         bar 100 100 100 100
         # The gap makes the entry dearer than what was held back for it.
         bar 125 125 125 125",
        "0 open: filled 1 +50 at 100
         0 open: accepted 2
         1 open: triggered 2
         1 open: cancelled 2 InsufficientMargin",
    );
}

#[test]
fn profits_margin_nothing_new_but_losses_count() {
    check(
        "account x10 1000
         buy 50 market
         bar 100 110 100 110
         show
         bar 110 110 98 98
         show",
        "0 open: filled 1 +50 at 100
         wallet 1000 first +50 equity 1500 fees 0 free 500
         wallet 1000 first +50 equity 900 fees 0 free 400",
    );
}

#[test]
fn tiers_bound_leverage_and_size() {
    check(
        "account x50 1000000
         tier 10000 0.005 100
         tier 50000 0.01 40
         buy 100 market
         buy 1 market
         bar 100 100 100 100
         sell 201 market
         sell 9999999 market
         bar 100 100 100 100",
        "0 open: filled 1 +100 at 100
         0 open: rejected 2 LeverageTooHigh
         1 open: rejected 3 LeverageTooHigh
         1 open: rejected 4 PositionTooLarge",
    );
}

#[test]
fn an_isolated_position_is_lost_with_its_pool_only() {
    // 100 at 100 on 10x: pool 1 000. 1 000 + 100 (m - 100) = 1 % of 100 m: m = 9 000 / 99 = 90.909...
    check(
        "account isolated x10 5000
         buy 100 market
         sell 100 limit 120 reduce
         bar 100 100 91 95
         show
         bar 95 96 90 96
         show
         buy 1 market
         bar 100 100 100 100",
        "0 open: filled 1 +100 at 100
         0 open: accepted 2
         wallet 5000 first +100 equity 4500 fees 0 free 4000 [2 100 Limit { price: Price(120) }]
         1 in: cancelled 2 Liquidated
         1 in: liquidated -100 at 90 fee 0.000000 settlement 0.000000
         wallet 4000 equity 4000 fees 0 free 4000
         2 open: filled 3 +1 at 100",
    );
}

#[test]
fn a_cross_account_is_lost_as_a_whole() {
    // 1 000 + 90 (m - 100) = (1 % + 1 %) of 90 m: m = 8 000 / 88.2 = 90.70...; seized is what is left at 90.
    check(
        "account cross x10 1000
         fees 0 0 0.01
         buy 90 market
         buy 1 limit 50
         bar 100 100 91 95
         bar 95 96 90 96
         show
         buy 1 market
         cancel 1
         bar 100 100 100 100",
        "0 open: filled 1 +90 at 100
         0 open: accepted 2
         1 in: cancelled 2 Liquidated
         1 in: liquidated -90 at 90 fee 81.000000 settlement -19.000000
         wallet 0 equity 0 fees 81 free 0
         2 open: rejected 3 AccountClosed
         2 open: rejected 1 UnknownOrder",
    );
}

#[test]
fn a_gap_beyond_the_level_closes_at_the_open_and_the_deficit_is_covered() {
    check(
        "account cross x10 1000
         sell 90 market
         bar 100 100 100 100
         bar 120 125 119 121
         show",
        "0 open: filled 1 -90 at 100
         1 open: liquidated +90 at 120 fee 0.000000 settlement 800.000000
         wallet 0 equity 0 fees 0 free 0",
    );
}

#[test]
fn a_stop_before_the_level_fires_first() {
    check(
        "account isolated x10 5000
         buy 100 market stop 92
         bar 100 100 80 95
         show",
        "0 open: filled 1 +100 at 100
         0 open: accepted 1-sl
         0 in: triggered 1-sl
         0 in: filled 1-sl -100 at 92
         wallet 4200 equity 4200 fees 0 free 4200",
    );
    // Gapped through both: the stop trades if the pool can pay for it, else the venue takes over.
    check(
        "account isolated x10 5000
         buy 100 market stop 92
         bar 100 100 100 100
         bar 90 90 90 90
         buy 100 market stop 85
         bar 90 90 90 90
         bar 70 70 70 70
         show",
        "0 open: filled 1 +100 at 100
         0 open: accepted 1-sl
         1 open: triggered 1-sl
         1 open: filled 1-sl -100 at 90
         2 open: filled 2 +100 at 90
         2 open: accepted 2-sl
         3 open: triggered 2-sl
         3 open: cancelled 2-sl Liquidated
         3 open: liquidated -100 at 70 fee 0.000000 settlement 1100.000000
         wallet 3100 equity 3100 fees 0 free 3100",
    );
}

#[test]
fn liquidation_looks_at_the_mark() {
    // The mark stays 5 above the trades: the level of 90.909... is a traded price of 85.909...
    check(
        "account isolated x10 5000
         basis 5
         buy 100 market
         bar 100 100 86 95
         bar 95 95 85 95",
        "0 open: filled 1 +100 at 100
         1 in: liquidated -100 at 85 fee 0.000000 settlement 500.000000",
    );
}

#[test]
fn a_mark_bar_of_its_own_liquidates_inside_the_traded_range() {
    // The mark falls to 80 while nothing trades below 98: lost at the mark, closed where it could trade.
    check(
        "account isolated x10 5000
         buy 100 market
         bar 100 100 100 100
         marks 100 100 80 99
         bar 100 101 98 100
         show",
        "0 open: filled 1 +100 at 100
         1 in: liquidated -100 at 98 fee 0.000000 settlement -800.000000
         wallet 4000 equity 4000 fees 0 free 4000",
    );
}

#[test]
fn a_turn_around_frees_the_pool_it_leaves() {
    check(
        "account isolated x10 1000
         buy 90 market
         bar 100 100 100 100
         sell 180 market
         sell 15 market
         bar 100 100 100 100
         show",
        "0 open: filled 1 +90 at 100
         1 open: filled 2 -180 at 100
         1 open: rejected 3 InsufficientMargin
         wallet 1000 first -90 equity 1000 fees 0 free 100",
    );
}

#[test]
fn a_hedged_cross_account_loses_both_legs() {
    // Long 100, short 10 at 100 with 1 000 and 1 % of each: 1 000 + 90 (m - 100) = 1.1 m: m = 8 000 / 88.9 = 89.98...
    check(
        "account hedge cross x20 1000
         buy 100 market long
         sell 10 market short
         bar 100 100 90 95
         bar 95 95 88 95
         show",
        "0 open: filled 1 +100 at 100
         0 open: filled 2 -10 at 100
         1 in: liquidated -100 at 89 fee 0.000000 settlement 0.000000
         1 in: liquidated +10 at 89 fee 0.000000 settlement -10.000000
         wallet 0 equity 0 fees 0 free 0",
    );
}

#[test]
fn funding_is_paid_on_the_position_then_held() {
    check(
        "account hedge
         buy 10 market long
         sell 4 market short
         bar 100 100 100 100
         funding 0.0001
         sell 10 market long reduce
         bar 100 100 100 100
         funding -0.001
         show",
        "0 open: filled 1 +10 at 100
         0 open: filled 2 -4 at 100
         1 open: funding +10: -0.100000
         1 open: funding -4: 0.040000
         1 open: filled 3 -10 at 100
         2 open: funding -4: -0.400000
         wallet 9999.54 second -4 equity 9999.54 fees 0 free 9959.54",
    );
}

#[test]
fn funding_can_eat_a_pool_to_its_end() {
    check(
        "account isolated x10 5000
         buy 100 market
         bar 100 100 100 100
         funding 0.095
         bar 100 101 100 101
         show",
        "0 open: filled 1 +100 at 100
         1 open: funding +100: -950.000000
         1 open: liquidated -100 at 100 fee 0.000000 settlement -50.000000
         wallet 4000 equity 4000 fees 0 free 4000",
    );
}

#[test]
fn as_many_orders_as_allowed() {
    let mut script = "account 1000000\n".to_owned();
    let mut said = String::new();
    for order in 1..=61 {
        script += "buy 1 limit 50\n";
        said += &format!("0 open: accepted {order}\n");
    }
    // The entry, its stop and two rungs need four places where three are left.
    script += "buy 10 market stop 90 target 5@110 target 5@120\nbuy 10 market stop 90 target 5@110\n";
    said += "0 open: rejected 62 TooManyOrders\n0 open: filled 63 +10 at 100\n";
    said += "0 open: accepted 63-sl\n0 open: accepted 63-tp1\n";
    script += "buy 1 limit 50\nbuy 1 limit 50\nbar 100 100 100 100";
    said += "0 open: accepted 64\n0 open: rejected 65 TooManyOrders\n";
    check(&script, &said);
}

#[test]
fn a_late_way_out_does_not_escape_a_liquidation_that_is_due_at_the_open() {
    check(
        "account x10 1000
         buy 90 market
         bar 100 100 100 100
         sell 90 market
         bar 89 89 89 89
         show",
        "0 open: filled 1 +90 at 100
         1 open: liquidated -90 at 89 fee 0.000000 settlement -10.000000
         1 open: rejected 2 AccountClosed
         wallet 0 equity 0 fees 0 free 0",
    );
}

#[test]
fn no_close_leaves_a_debt_however_safe_the_mark_is() {
    // The mark stays 300 above the trades: nothing is near its level there, but 300 USDT do not pay for a sale at 60.
    check(
        "account cross x5 300
         basis 300
         buy 10 market
         sell 10 stop-market 60 reduce
         bar 100 100 100 100
         bar 100 100 55 60
         show",
        "0 open: filled 1 +10 at 100
         0 open: accepted 2
         1 in: triggered 2
         1 in: cancelled 2 Liquidated
         1 in: liquidated -10 at 60 fee 0.000000 settlement 100.000000
         wallet 0 equity 0 fees 0 free 0",
    );
}
