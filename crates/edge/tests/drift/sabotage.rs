//! What is changed in a journal, or in what was done, is seen where it belongs, and nowhere else.

use crate::lives::{ALONE, Case, Kept, trips_without_drift};
use drift::{
    Budget, Comparison, Deeds, Market, OrderKey, Report, Stretch, Subject, Terms, TripKey, Verdict, Wanted,
    Why, sessions,
};
use farm::Step;
use farm::journal::{Input, Pen, Shelf, origin, replay_with};
use model::event::Audit;
use model::{AccountId, BotId, Event, Price, Qty, Report as Told, Time, Usd};

const CASE: Case = Case { name: "sabotage", ..ALONE };
/// No difference is allowed at all.
const NONE: Budget = Budget {
    signals_max_bps: 0,
    trades_max_bps: 0,
    fill_gap_mean_max_bps: 0,
    fill_gap_p95_max_bps: 0,
    fill_gap_worst_max_bps: 0,
    fees_max_bps: 0,
    funding_max_bps: 0,
    result_max_bps: 0,
};

/// Inputs of a journal, to be written down again otherwise.
enum Said {
    Event(Time, Event),
    Bars(model::BarColumns),
}

/// A day of the farm, its market, and every input of its journal.
struct Day {
    minutes: Vec<Stretch>,
    kept: Kept,
    inputs: Vec<Said>,
}

fn day(name: &'static str) -> Day {
    let case = Case { name, ..CASE };
    let minutes = case.minutes()[..2 * 1_440].to_vec();
    let kept = case.live(&minutes, |_, _| {});
    let mut inputs = Vec::new();
    replay_with(&kept.0.read().unwrap(), |heard| {
        inputs.push(match heard.input {
            Input::Event(at, event) => Said::Event(at, event),
            Input::Rules(..) => unreachable!("nobody changes the rules of this day"),
            Input::Bars(bars, _) => {
                let mut columns = model::BarColumns::new(bars.interval);
                (0..bars.len()).for_each(|i| columns.push(bars.get(i)));
                Said::Bars(columns)
            }
        });
    })
    .unwrap();
    Day { minutes, kept, inputs }
}

impl Day {
    /// The journal with each event as `change` has it; what it makes nothing of was never heard.
    fn rewritten(&self, mut change: impl FnMut(Time, Event) -> Vec<Event>) -> Vec<u8> {
        let mut pen = Pen::new(Vec::new(), &origin(&self.kept.0.read().unwrap()).unwrap());
        for input in &self.inputs {
            match input {
                Said::Event(at, event) => {
                    change(*at, *event).into_iter().for_each(|event| pen.input(&Step::Event(*at, event)));
                }
                Said::Bars(bars) => pen.input(&Step::Bars(bars.as_bars())),
            }
        }
        pen.into_keeper()
    }

    fn reports(&self, journal: &[u8], terms: &Terms) -> Vec<Report> {
        let until = drift::last_bar(journal).unwrap();
        let wanted = Wanted { since: Time(i64::MIN), until };
        sessions(journal, wanted, terms, &mut Market::told(self.minutes.iter().copied())).unwrap()
    }

    /// The last report of this kind that is of a whole session: nothing that was decided in it hangs on it.
    fn last(&self, wanted: impl Fn(&Told) -> bool) -> usize {
        let is_it = |(_, input): &(usize, &Said)| match input {
            Said::Event(_, Event::Report(_, told)) => wanted(told),
            _ => false,
        };
        self.inputs.iter().enumerate().rfind(is_it).unwrap().0
    }

    /// The journal with that input as `change` has it.
    fn changed(&self, which: usize, change: impl Fn(Told) -> Option<Told>) -> Vec<u8> {
        let mut wanted = None;
        let mut events = 0;
        for (number, input) in self.inputs.iter().enumerate() {
            if let Said::Event(..) = input {
                if number == which {
                    wanted = Some(events);
                }
                events += 1;
            }
        }
        let (wanted, mut number) = (wanted.unwrap(), 0);
        self.rewritten(|_, event| {
            number += 1;
            match event {
                Event::Report(account, told) if number - 1 == wanted => {
                    change(told).map(|told| Event::Report(account, told)).into_iter().collect()
                }
                // An account that is not as its books have it would be found out.
                Event::Audit(..) if number > wanted => Vec::new(),
                event => vec![event],
            }
        })
    }
}

/// The lines that are not within a budget of nothing, of whichever bot in the last sessions.
fn broken(reports: &[Report]) -> Vec<(Subject, Verdict)> {
    let mut lines: Vec<(Subject, Verdict)> = reports
        .iter()
        .flat_map(|report| report.bots.values().flat_map(|one| one.lines(&NONE)))
        .filter(|line| line.verdict != Verdict::Within)
        .map(|line| (line.subject, line.verdict))
        .collect();
    lines.sort_unstable();
    lines.dedup();
    lines
}

const fn over(subject: Subject) -> (Subject, Verdict) {
    (subject, Verdict::Over)
}

/// The last fill that finishes nothing: an entry, whose price is in no result but its own.
fn is_fill(told: &Told) -> bool {
    matches!(told, Told::Filled(_))
}

#[test]
fn a_journal_written_again_has_no_drift() {
    let day = day("again");
    let again = day.reports(&day.rewritten(|_, event| vec![event]), &CASE.terms());
    assert!(trips_without_drift(&again) > 5);
    assert_eq!(broken(&again), []);
    assert!(day.kept.0.read().unwrap().range().1 > 2, "it was read across segments");
}

#[test]
fn a_fill_moved_by_ticks_is_a_gap_and_what_it_cost() {
    let day = day("moved");
    let which = day.last(is_fill);
    for ticks in [-7_i64, 1, 40] {
        let Said::Event(_, Event::Report(_, Told::Filled(fill))) = day.inputs[which] else {
            panic!("a fill")
        };
        let (sign, price) = (fill.qty.0.signum(), fill.price.0);
        let moved = day.changed(which, |told| match told {
            Told::Filled(fill) => {
                Some(Told::Filled(model::Fill { price: Price(fill.price.0 + ticks), ..fill }))
            }
            told => Some(told),
        });
        let reports = day.reports(&moved, &CASE.terms());
        assert_eq!(broken(&reports), [over(Subject::FillGap), over(Subject::Result)], "{ticks} ticks");
        let gaps: Vec<i64> = reports
            .iter()
            .flat_map(|report| report.together().gaps_milli_bps)
            .filter(|gap| *gap != 0)
            .collect();
        let wanted = (ticks as f64 / price as f64 * 1e7).round() as i64 * sign;
        assert_eq!(gaps, [wanted], "worse is positive");
    }
}

#[test]
fn a_fee_that_was_changed_is_a_fee_and_what_it_cost() {
    let day = day("fee");
    let dearer = day.changed(day.last(is_fill), |told| match told {
        Told::Filled(fill) => Some(Told::Filled(model::Fill { fee: Usd(fill.fee.0 + 1), ..fill })),
        told => Some(told),
    });
    let reports = day.reports(&dearer, &CASE.terms());
    assert_eq!(broken(&reports), [over(Subject::Fees), over(Subject::Result)]);
    let more: i64 = reports.iter().map(|report| report.together().fees.difference().0).sum();
    assert_eq!(more, 1, "to the micro-USDT");
}

#[test]
fn a_funding_that_was_left_out_is_funding_and_what_it_brought() {
    let day = day("funding");
    let which = day.last(|told| matches!(told, Told::Funding { .. }));
    let Said::Event(due, Event::Report(_, Told::Funding { amount, .. })) = day.inputs[which] else {
        panic!("funding")
    };
    let without = day.changed(which, |_| None);
    let reports = day.reports(&without, &CASE.terms());
    // What a bot earns changes what it dares, but not within the session.
    let hit: Vec<&Report> =
        reports.iter().filter(|report| report.span.from <= due && due < report.span.to).collect();
    assert_eq!(broken(&[hit[0].clone()]), [over(Subject::Funding), over(Subject::Result)]);
    assert_eq!(hit[0].together().funding.difference(), -amount);
    // Where the journal is all there is, nobody knows the rate: that is not within its budget.
    let until = drift::last_bar(&without).unwrap();
    let wanted = Wanted { since: Time(due.0 - 1), until };
    let alone = day.inputs.iter().filter(
        |input| matches!(input, Said::Event(at, Event::Report(_, Told::Funding { .. })) if *at == due),
    );
    let known = if alone.count() > 1 { Verdict::Over } else { Verdict::Unknown };
    let reports = sessions(&without, wanted, &CASE.terms(), &mut Market::Bars).unwrap();
    let lines = broken(&reports[..1]);
    assert!(lines.contains(&(Subject::Funding, known)), "{lines:?}");
}

/// What was done by a bot, with and without one thing.
#[test]
fn a_trade_or_a_decision_that_only_one_of_them_made_is_counted_and_nothing_else() {
    let entry = OrderKey::Carried(0, 7, 0);
    let trip = TripKey { entry, sign: 1, left: Some("stop") };
    let signal = drift::SignalKey { bar: Time(60_000), sign: 1, opens: true, nth: 0 };
    let nothing = Deeds { equity_before: Usd(1_000_000), ..Deeds::default() };
    let traded = Deeds { trips: [trip].into(), ..nothing.clone() };
    let decided = Deeds { signals: [signal].into(), ..nothing.clone() };
    let lines = |lived: &Deeds, again: &Deeds| {
        let one = Comparison::of(lived, again);
        let over = one.lines(&NONE).into_iter().filter(|line| line.verdict != Verdict::Within);
        (over.map(|line| line.subject).collect::<Vec<_>>(), one)
    };
    let (hit, one) = lines(&nothing, &traded);
    assert_eq!((hit, one.trades.missing, one.trades.extra), (vec![Subject::Trades], 1, 0));
    let (hit, one) = lines(&traded, &nothing);
    assert_eq!((hit, one.trades.missing, one.trades.extra), (vec![Subject::Trades], 0, 1));
    let (hit, one) = lines(&decided, &nothing);
    assert_eq!((hit, one.signals.missing, one.signals.extra), (vec![Subject::Signals], 0, 1));
    // The same entry, left otherwise, is another round trip.
    let otherwise = Deeds { trips: [TripKey { left: Some("target"), ..trip }].into(), ..nothing.clone() };
    let (hit, one) = lines(&traded, &otherwise);
    assert_eq!((hit, one.trades.missing, one.trades.extra), (vec![Subject::Trades], 1, 1));
    assert_eq!(lines(&traded, &traded).0, []);
}

/// A fill that was never heard: its order waits for ever, its round trip was never made.
#[test]
fn a_trade_taken_out_of_the_journal_is_missing() {
    let day = day("removed");
    let mut last = None;
    let shelf = day.kept.0.read().unwrap();
    replay_with(&shelf, |heard| {
        if let Input::Event(_, Event::Report(_, Told::Filled(fill))) = heard.input
            && fill.id.leg == model::Leg::Own
            && heard.farm.bots()[usize::from(fill.id.bot.0)].ledger().open_trade().is_some()
        {
            last = Some(fill.id);
        }
    })
    .unwrap();
    let entry = last.unwrap();
    let of = |told: &Told| match told {
        Told::Filled(fill) => fill.id.bot == entry.bot && fill.id.decision == entry.decision,
        told => told.order().is_some_and(|id| id.bot == entry.bot && id.decision == entry.decision),
    };
    let mut is_past = false;
    let without = day.rewritten(|_, event| match event {
        Event::Report(_, told) if of(&told) => {
            is_past = true;
            Vec::new()
        }
        Event::Audit(..) if is_past => Vec::new(),
        event => vec![event],
    });
    let reports = day.reports(&without, &CASE.terms());
    let missing: u32 = reports.iter().map(|report| report.together().trades.missing).sum();
    let lines = broken(&reports);
    assert!(missing >= 1 && lines.contains(&over(Subject::Trades)), "{missing}: {lines:?}");
}

/// What no market and no command explains ends the comparison, and nothing behind it is called within budget.
#[test]
fn what_cannot_be_lived_again_ends_the_comparison() {
    let day = day("foreign");
    let at = day.minutes[500].end();
    let stranger = |told: Event| {
        let mut said = false;
        day.rewritten(|now, event| {
            let first = now >= at && !said;
            said |= first;
            if first { vec![told, event] } else { vec![event] }
        })
    };
    let account = AccountId(0);
    let positions = [Qty::ZERO, Qty::ZERO];
    for (told, why) in [
        (Event::Audit(account, Audit::Foreign), Why::Orders),
        (Event::Unsayable(account), Why::Unsayable),
        (Event::Quarantined(Some(account)), Why::Quarantined),
    ] {
        let reports = day.reports(&stranger(told), &CASE.terms());
        let hit = reports.iter().find(|report| report.broken.is_some()).unwrap();
        let broken = hit.broken.unwrap();
        assert_eq!(broken.why, why);
        assert!(hit.span.from <= broken.at && broken.at < hit.span.to, "{:?} {broken:?}", hit.span);
        assert_eq!(hit.verdict(&Budget::default()), Verdict::Unknown, "{told:?} {:?}", hit.together());
        assert!(reports[0].broken.is_none() && reports[0].together().is_none());
    }
    let begin = Audit::Begin { wallet: Usd(1), positions };
    let odd = day.rewritten(|now, event| match event {
        Event::Audit(of, Audit::Begin { .. }) if now >= at && of == account => {
            vec![Event::Audit(of, begin)]
        }
        event => vec![event],
    });
    let reports = day.reports(&odd, &CASE.terms());
    let hit = reports.iter().find_map(|report| report.broken).unwrap();
    assert_eq!(hit.why, Why::Unexplained);
}

/// A venue that charges more than it says: the back-test is not the same venue, and each session says so.
#[test]
fn a_venue_of_other_terms_is_seen() {
    let day = day("terms");
    let models = venue::Models { slippage: model::Rate::bps(10), ..venue::Models::NONE };
    let journal = day.rewritten(|_, event| vec![event]);
    let reports = day.reports(&journal, &Terms { models, ..CASE.terms() });
    let all: Vec<i64> = reports.iter().flat_map(|report| report.together().gaps_milli_bps).collect();
    let better = all.iter().filter(|gap| **gap < -9_000).count();
    assert!(better > 3 && better * 4 > all.len(), "{all:?}");
    assert!(broken(&reports).contains(&over(Subject::FillGap)));
    let bots: Vec<BotId> = reports[0].bots.keys().copied().collect();
    assert_eq!(bots.len(), CASE.bots.len());
}
