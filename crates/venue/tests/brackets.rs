//! Scenarios of brackets: `stop PRICE` and `target QTY@PRICE` rest with an entry from the instant it fills.

mod script;
use script::check;

#[test]
fn a_stop_and_a_target_in_one_bar_is_the_stop() {
    check(
        "buy 10 market stop 95 target 10@105
         bar 100 106 95 105
         show",
        "0 open: filled 1 +10 at 100
         0 open: accepted 1-sl
         0 open: accepted 1-tp1
         0 in: triggered 1-sl
         0 in: filled 1-sl -10 at 95
         0 in: cancelled 1-tp1 PositionClosed
         wallet 9950 equity 9950 fees 0 free 9950",
    );
    check(
        "sell 10 market stop 105 target 10@95
         bar 100 105 94 95",
        "0 open: filled 1 -10 at 100
         0 open: accepted 1-sl
         0 open: accepted 1-tp1
         0 in: triggered 1-sl
         0 in: filled 1-sl +10 at 105
         0 in: cancelled 1-tp1 PositionClosed",
    );
}

#[test]
fn a_ladder_shrinks_the_stop_rung_by_rung() {
    check(
        "buy 10 market stop 95 target 4@105 target 3@110 target 3@115
         bar 100 111 96 111
         show
         bar 112 112 90 90",
        "0 open: filled 1 +10 at 100
         0 open: accepted 1-sl
         0 open: accepted 1-tp1
         0 open: accepted 1-tp2
         0 open: accepted 1-tp3
         0 in: filled 1-tp1 -4 at 105 maker
         0 in: filled 1-tp2 -3 at 110 maker
         wallet 10050 first +3 equity 10083 fees 0 free 10020 [1-sl 3 Stop { trigger: Price(95) }] [1-tp3 3 Limit { price: Price(115) }]
         1 in: triggered 1-sl
         1 in: filled 1-sl -3 at 95
         1 in: cancelled 1-tp3 PositionClosed",
    );
}

#[test]
fn an_entry_filled_inside_the_bar_has_its_stop_but_not_its_targets() {
    check(
        "buy 10 limit 98 stop 95 target 10@105
         bar 100 106 96 105
         bar 104 106 104 105",
        "0 open: accepted 1
         0 in: filled 1 +10 at 98 maker
         0 in: accepted 1-sl
         0 in: accepted 1-tp1
         1 in: filled 1-tp1 -10 at 105 maker
         1 in: cancelled 1-sl PositionClosed",
    );
    check(
        "buy 10 stop-market 104 stop 95 target 10@105
         bar 100 106 95 105",
        "0 open: accepted 1
         0 in: triggered 1
         0 in: filled 1 +10 at 104
         0 in: accepted 1-sl
         0 in: accepted 1-tp1
         0 in: triggered 1-sl
         0 in: filled 1-sl -10 at 95
         0 in: cancelled 1-tp1 PositionClosed",
    );
}

#[test]
fn partial_fills_of_an_entry_grow_its_exits() {
    check(
        "participation 0.1
         buy 10 market stop 90 target 6@110 target 4@120
         bar 100 100 100 100 40
         show
         bar 100 100 100 100 40
         show
         bar 100 100 100 100 40
         show",
        "0 open: accepted 1
         0 open: filled 1 +4 at 100 remaining 6
         0 open: accepted 1-sl
         0 open: accepted 1-tp1
         wallet 10000 first +4 equity 10000 fees 0 free 9900 [1 6 Market] [1-sl 4 Stop { trigger: Price(90) }] [1-tp1 4 Limit { price: Price(110) }]
         1 open: filled 1 +4 at 100 remaining 2
         1 open: accepted 1-tp2
         wallet 10000 first +8 equity 10000 fees 0 free 9900 [1 2 Market] [1-sl 8 Stop { trigger: Price(90) }] [1-tp1 6 Limit { price: Price(110) }] [1-tp2 2 Limit { price: Price(120) }]
         2 open: filled 1 +2 at 100
         wallet 10000 first +10 equity 10000 fees 0 free 9900 [1-sl 10 Stop { trigger: Price(90) }] [1-tp1 6 Limit { price: Price(110) }] [1-tp2 4 Limit { price: Price(120) }]",
    );
}

#[test]
fn every_decision_keeps_its_own_exits() {
    check(
        "buy 10 market stop 90 target 10@120
         bar 100 100 100 100
         buy 5 market stop 95 target 5@110
         bar 100 100 100 100
         show
         # A plain sale shrinks the oldest stop first.
         sell 3 market
         bar 100 100 100 100
         show
         bar 100 100 95 100
         bar 100 121 95 100",
        "0 open: filled 1 +10 at 100
         0 open: accepted 1-sl
         0 open: accepted 1-tp1
         1 open: filled 2 +5 at 100
         1 open: accepted 2-sl
         1 open: accepted 2-tp1
         wallet 10000 first +15 equity 10000 fees 0 free 9850 [1-sl 10 Stop { trigger: Price(90) }] [1-tp1 10 Limit { price: Price(120) }] [2-sl 5 Stop { trigger: Price(95) }] [2-tp1 5 Limit { price: Price(110) }]
         2 open: filled 3 -3 at 100
         wallet 10000 first +12 equity 10000 fees 0 free 9880 [1-sl 7 Stop { trigger: Price(90) }] [1-tp1 7 Limit { price: Price(120) }] [2-sl 5 Stop { trigger: Price(95) }] [2-tp1 5 Limit { price: Price(110) }]
         3 in: triggered 2-sl
         3 in: filled 2-sl -5 at 95
         3 in: cancelled 2-tp1 PositionClosed
         4 in: filled 1-tp1 -7 at 120 maker
         4 in: cancelled 1-sl PositionClosed",
    );
}

#[test]
fn an_entry_without_a_bracket_hides_under_the_newest_stop() {
    check(
        "buy 10 market stop 90
         buy 5 market
         bar 100 100 100 100
         show",
        "0 open: filled 1 +10 at 100
         0 open: accepted 1-sl
         0 open: filled 2 +5 at 100
         wallet 10000 first +15 equity 10000 fees 0 free 9850 [1-sl 15 Stop { trigger: Price(90) }]",
    );
}

#[test]
fn a_flip_takes_its_old_exits_away_and_rests_new_ones() {
    check(
        "buy 10 market stop 90 target 10@120
         bar 100 100 100 100
         sell 15 market stop 110 target 5@80
         bar 100 100 100 100
         show",
        "0 open: filled 1 +10 at 100
         0 open: accepted 1-sl
         0 open: accepted 1-tp1
         1 open: filled 2 -15 at 100
         1 open: cancelled 1-sl PositionClosed
         1 open: cancelled 1-tp1 PositionClosed
         1 open: accepted 2-sl
         1 open: accepted 2-tp1
         wallet 10000 first -5 equity 10000 fees 0 free 9950 [2-sl 5 Stop { trigger: Price(110) }] [2-tp1 5 Limit { price: Price(80) }]",
    );
}

#[test]
fn a_bracket_stop_is_moved_without_a_gap() {
    check(
        "buy 10 market stop 90
         bar 100 100 100 100
         amend 1-sl 96
         amend 1-sl 100
         bar 100 100 97 98
         bar 98 98 96 97",
        "0 open: filled 1 +10 at 100
         0 open: accepted 1-sl
         1 open: amended 1-sl to 96
         1 open: rejected 1-sl WouldTrigger
         2 in: triggered 1-sl
         2 in: filled 1-sl -10 at 96",
    );
}

#[test]
fn a_bracket_that_protects_nothing_is_refused() {
    check(
        "buy 10 market stop 100
         buy 10 market stop 95 target 6@105 target 5@110
         sell 10 market stop 99
         buy 10 limit 95 stop 96
         buy 10 stop-market 105 stop 102
         buy 10 market stop 0
         bar 100 100 100 100
         show",
        "0 open: rejected 1 BadBracket
         0 open: rejected 2 BadBracket
         0 open: rejected 3 BadBracket
         0 open: rejected 4 BadBracket
         0 open: accepted 5
         0 open: rejected 6 PriceNotPositive
         wallet 10000 equity 10000 fees 0 free 9895 [5 10 Stop { trigger: Price(105) }]",
    );
}

#[test]
fn a_stop_that_fills_in_parts_leaves_no_ladder_behind() {
    check(
        "participation 0.1
         buy 10 market stop 95 target 10@105
         bar 100 100 100 100 100
         bar 100 100 94 100 40
         show
         bar 106 106 106 106 100",
        "0 open: filled 1 +10 at 100
         0 open: accepted 1-sl
         0 open: accepted 1-tp1
         1 in: triggered 1-sl
         1 in: filled 1-sl -4 at 95 remaining 6
         wallet 9980 first +6 equity 9980 fees 0 free 9920 [1-sl 6 Market] [1-tp1 6 Limit { price: Price(105) }]
         2 open: filled 1-sl -6 at 106
         2 open: cancelled 1-tp1 PositionClosed",
    );
}

#[test]
fn several_entries_on_one_way_then_the_worst() {
    // Both limits lie on the way down, the stop of both below them; the target above is not for this bar.
    check(
        "buy 5 limit 98 stop 90 target 5@101
         buy 5 limit 95 stop 90 target 5@101
         bar 100 102 90 101",
        "0 open: accepted 1
         0 open: accepted 2
         0 in: filled 1 +5 at 98 maker
         0 in: accepted 1-sl
         0 in: accepted 1-tp1
         0 in: filled 2 +5 at 95 maker
         0 in: accepted 2-sl
         0 in: accepted 2-tp1
         0 in: triggered 1-sl
         0 in: filled 1-sl -5 at 90
         0 in: cancelled 1-tp1 PositionClosed
         0 in: triggered 2-sl
         0 in: filled 2-sl -5 at 90
         0 in: cancelled 2-tp1 PositionClosed",
    );
}

#[test]
fn a_flat_account_walks_to_the_nearer_side_of_its_close() {
    // Down first when the bar rises: the sale is stopped out at the high.
    check(
        "sell 5 stop-market 95 stop 104
         buy 5 stop-market 105
         bar 100 106 94 103",
        "0 open: accepted 1
         0 open: accepted 2
         0 in: triggered 1
         0 in: filled 1 -5 at 95
         0 in: accepted 1-sl
         0 in: triggered 1-sl
         0 in: filled 1-sl +5 at 104
         0 in: triggered 2
         0 in: filled 2 +5 at 105",
    );
}

#[test]
fn a_stop_ends_the_entry_it_protects_and_leaves_first() {
    // Ten lots a bar: the entry has filled ten of fifty when its stop goes off; the rest must not fill behind it.
    check(
        "participation 0.1
         buy 50 market stop 90
         bar 100 100 100 100 100
         bar 100 100 85 85 100
         bar 80 80 80 80 100
         bar 70 70 70 70 100
         show",
        "0 open: accepted 1
         0 open: filled 1 +10 at 100 remaining 40
         0 open: accepted 1-sl
         1 open: filled 1 +10 at 100 remaining 30
         1 in: triggered 1-sl
         1 in: cancelled 1 PositionClosed
         2 open: filled 1-sl -10 at 80 remaining 10
         3 open: filled 1-sl -10 at 70
         wallet 9500 equity 9500 fees 0 free 9500",
    );
}

#[test]
fn a_stop_that_is_passed_already_goes_off_where_the_price_is() {
    // The entry follows the price down and buys at 84, far below its stop at 97: it is sold there, not at 97.
    check(
        "buy 10 trail 4 stop 97 from 90
         bar 100 100 98 100
         bar 90 91 80 90
         show",
        "0 open: accepted 1
         1 in: triggered 1
         1 in: filled 1 +10 at 84
         1 in: accepted 1-sl
         1 in: triggered 1-sl
         1 in: filled 1-sl -10 at 84
         wallet 10000 equity 10000 fees 0 free 10000",
    );
}
