//! A farm that rises from a snapshot is the farm that never stopped: the same actions, the same state, bit by bit.

use super::{history, origin, settings, sky};
use backtest::{Replay, RunSettings, prepare};
use farm::journal::{
    Ending, Heard, Input, Origin, Pen, Recorded, Unfit, replay_with, rise, rise_with, survey,
};
use farm::{Actions, Desk, Farm, Step, drive};
use model::{BarColumns, Event, Rng, StateHash, Time};
use risk::Rules;

/// An input with bars of its own.
enum Kept {
    Event(Time, Event),
    Rules(Time, Rules),
    Bars(BarColumns),
}

impl Kept {
    fn of(input: &Input<'_>) -> Kept {
        match *input {
            Input::Event(now, event) => Kept::Event(now, event),
            Input::Rules(now, rules) => Kept::Rules(now, rules),
            Input::Bars(bars, _) => {
                let mut columns = BarColumns::new(bars.interval);
                (0..bars.len()).for_each(|i| columns.push(bars.get(i)));
                Kept::Bars(columns)
            }
        }
    }

    fn step(&self) -> Step<'_> {
        match self {
            Kept::Event(now, event) => Step::Event(*now, *event),
            Kept::Rules(now, rules) => Step::Rules(*now, *rules),
            Kept::Bars(columns) => Step::Bars(columns.as_bars()),
        }
    }

    /// What a farm makes of it, and its state afterwards.
    fn feed(&self, farm: &mut Farm) -> After {
        let mut out = Actions::default();
        match self {
            Kept::Event(now, event) => farm.on_event(*now, event, &mut out),
            Kept::Rules(now, rules) => farm.on_rules(*now, *rules, &mut out),
            Kept::Bars(columns) => {
                farm.on_bars(columns.as_bars(), &mut out);
            }
        }
        After::of(out.as_slice(), farm)
    }
}

/// What can be seen of a farm after an input: floats by their bits, or by the shortest text that is read back as them.
#[derive(Debug, PartialEq)]
struct After {
    actions: String,
    state: u64,
    view: u64,
    wakes_at: Option<i64>,
}

impl After {
    fn of(actions: &[farm::Action], farm: &Farm) -> After {
        let mut view = StateHash::default();
        farm.market().hash(&mut view);
        After {
            actions: format!("{actions:?}"),
            state: farm.state_hash(),
            view: view.finish(),
            wakes_at: farm.next_wake().map(|(at, _)| at.0),
        }
    }
}

/// A snapshot: how many inputs were heard before it, the length of the journal that ends with it, and who was there.
struct Cut {
    heard: usize,
    length: usize,
    farm: Farm,
    desk: Desk,
}

/// A life, input by input, and its journal with a snapshot behind some of them.
struct Life {
    origin: Origin,
    inputs: Vec<(Kept, After)>,
    cuts: Vec<Cut>,
    journal: Vec<u8>,
    farm: Farm,
    desk: Desk,
}

fn desk_of(origin: &Origin) -> Desk {
    Desk::new(origin.recruits.iter().map(|recruit| recruit.account), origin.interval)
}

impl Life {
    /// With snapshots at about this many places.
    fn of(bars: usize, who: impl Fn(&RunSettings) -> bool, snapshots: u64, seed: u64) -> Life {
        let history = history(bars);
        let settings: Vec<RunSettings> = settings(&sky(&history)).into_iter().filter(|it| who(it)).collect();
        let origin = origin(&history, &settings);
        let (mut farm, mut world): (Farm, Replay<'_>) = prepare(&history, &settings).expect("fits");
        let mut pen = Pen::new(Vec::new(), &origin);
        drive(&mut farm, &mut Recorded { world: &mut world, pen: &mut pen });
        let lived = pen.keeper().clone();
        let total = replay_with(&lived, |_| {}).expect("whole").inputs;
        let mut rng = Rng::new(seed);
        let mut life = Life {
            inputs: Vec::new(),
            cuts: Vec::new(),
            journal: Vec::new(),
            farm,
            desk: desk_of(&origin),
            origin,
        };
        let mut pen = Pen::new(Vec::new(), &life.origin);
        replay_with(&lived, |heard: &Heard<'_>| {
            life.desk.remember(heard);
            let kept = Kept::of(&heard.input);
            pen.input(&kept.step());
            life.inputs.push((kept, After::of(heard.actions, heard.farm)));
            if rng.below(total) < snapshots {
                pen.snapshot_with(heard.farm, &life.desk);
                let (inputs, length) = (life.inputs.len(), pen.keeper().len());
                let (farm, desk) = (heard.farm.clone(), life.desk.clone());
                life.cuts.push(Cut { heard: inputs, length, farm, desk });
            }
        })
        .expect("whole");
        life.journal = pen.keeper().clone();
        life
    }
}

/// How long it is looked at behind a snapshot, in inputs.
const TAIL: usize = 400;

#[test]
fn whoever_rises_from_a_snapshot_never_stopped() {
    let names = [
        "strategic",
        "aggressive",
        "scalper",
        "newbie",
        "fibonacci",
        "cosmic",
        "ema_cross",
        "buy_hold",
        "all",
    ];
    let (mut acted, mut waiting) = (0, 0);
    for (seed, name) in (1..).zip(names) {
        let life = Life::of(6_000, |it| name == "all" || it.character.name() == name, 14, seed);
        assert!(life.cuts.len() > 4, "{name}: {} snapshots", life.cuts.len());
        for &Cut { heard, length, farm: ref there, desk: ref then } in &life.cuts {
            let mut desk = desk_of(&life.origin);
            let risen = rise_with(&life.journal[..length], None, &mut desk, |_| {}).expect("whole");
            assert_eq!((risen.lived, risen.inputs), (0, heard as u64), "{name}");
            assert_eq!(risen.snapshots.agreed, 1, "{:?}", risen.snapshots);
            assert_eq!(format!("{desk:?}"), format!("{then:?}"), "{name} behind {heard}");
            waiting += usize::from(desk.open_requests() > 0);
            // Every field, also those that no input would have shown.
            assert!(format!("{:?}", risen.farm) == format!("{there:?}"), "{name} behind {heard}");
            let mut farm = risen.farm;
            assert_eq!(farm.state_hash(), life.inputs[heard - 1].1.state, "{name} behind {heard}");
            for (i, (input, after)) in life.inputs.iter().enumerate().skip(heard).take(TAIL) {
                assert_eq!(input.feed(&mut farm), *after, "{name}: input {i}, risen behind {heard}");
                acted += usize::from(after.actions != "[]");
            }
        }
        // Behind the last snapshot, and behind each one on the way.
        let mut desk = desk_of(&life.origin);
        let risen = rise_with(&life.journal, None, &mut desk, |_| {}).expect("whole");
        assert_eq!(risen.farm.state_hash(), life.farm.state_hash(), "{name}");
        assert_eq!(format!("{desk:?}"), format!("{:?}", life.desk), "{name}");
        assert!(risen.behind.is_some() && risen.lived < risen.inputs, "{name}");
        let whole = replay_with(&life.journal, |_| {}).expect("whole");
        assert_eq!(whole.snapshots.agreed, life.cuts.len() as u64, "{name}: {:?}", whole.snapshots);
        assert_eq!((whole.snapshots.left_aside, whole.behind), (0, None));
        assert_eq!((whole.frames, whole.bytes, whole.inputs), (risen.frames, risen.bytes, risen.inputs));
    }
    assert!(acted > 1_000 && waiting > 10, "{acted} inputs with actions, {waiting} desks with open requests");
}

/// Behind every single input: what is set for a moment only, such as a trade that is made too late, comes back as well.
#[test]
fn every_moment_rises() {
    let mut late = 0;
    for name in ["newbie", "scalper"] {
        let life = Life::of(5_000, |it| it.character.name() == name, u64::MAX, 2);
        assert!(life.cuts.len() == life.inputs.len() && life.cuts.len() > 50, "{name}: {}", life.cuts.len());
        for Cut { heard, length, farm, .. } in &life.cuts {
            let risen = rise(&life.journal[..*length]).expect("whole");
            assert_eq!((risen.lived, risen.snapshots.agreed), (0, 1), "{name} behind {heard}");
            let told = format!("{farm:?}");
            assert!(format!("{:?}", risen.farm) == told, "{name} behind {heard}");
            late += usize::from(told.contains("late: Some("));
        }
    }
    assert!(late > 0, "nobody was late");
}

/// A bot that is put back to a checkpoint is put back to the same bot.
#[test]
fn checkpoints_rise_too() {
    let life = Life::of(12_000, |_| true, 3, 5);
    let risen = rise(&with_an_end(&life)).expect("whole").farm;
    assert_eq!(risen.checkpoints(), life.farm.checkpoints());
    assert!(risen.checkpoints().len() > 5);
    for checkpoint in risen.checkpoints() {
        for bot in risen.bots() {
            let of = |farm: &Farm| format!("{:?}", farm.roster().snapshot(checkpoint.session, bot.id()));
            assert_eq!(of(&risen), of(&life.farm), "{checkpoint:?}");
        }
    }
}

/// The journal of a life with a snapshot at its end.
fn with_an_end(life: &Life) -> Vec<u8> {
    let whole = survey(&life.journal).expect("whole");
    let mut pen = Pen::resume(life.journal.clone(), &whole);
    pen.snapshot(&life.farm);
    pen.keeper().clone()
}

#[test]
fn a_snapshot_of_another_farm_is_told_and_does_not_mislead() {
    let life = Life::of(4_000, |_| true, 0, 6);
    let (head, tail) = life.inputs.split_at(life.inputs.len() / 2);
    let mut farm = life.origin.farm().expect("made before");
    let mut pen = Pen::new(Vec::new(), &life.origin);
    for (i, (input, _)) in head.iter().enumerate() {
        if i + 40 == head.len() {
            farm = replay_with(pen.keeper(), |_| {}).expect("whole").farm;
        }
        pen.input(&input.step());
    }
    // Forty inputs too young.
    pen.snapshot(&farm);
    tail.iter().for_each(|(input, _)| pen.input(&input.step()));
    pen.state(life.farm.state_hash());
    let number = head.len() as u64 + 1;
    for replayed in [replay_with(pen.keeper(), |_| {}), rise(pen.keeper())] {
        let replayed = replayed.expect("the inputs are whole");
        assert_eq!(replayed.farm.state_hash(), life.farm.state_hash());
        assert_eq!((replayed.behind, replayed.lived), (None, replayed.inputs));
        assert_eq!((replayed.snapshots.agreed, replayed.snapshots.left_aside), (0, 1));
        let first = replayed.snapshots.first_left_aside.expect("one was left aside");
        assert_eq!((first.number, first.why), (number, Unfit::Parted));
    }
}

/// A tail that was torn inside a snapshot costs the snapshot and nothing else.
#[test]
fn a_torn_snapshot_is_none() {
    let life = Life::of(3_000, |_| true, 2, 8);
    let whole = with_an_end(&life);
    let last_before = life.cuts.last().map(|cut| cut.heard as u64);
    let mut rng = Rng::new(7);
    for _ in 0..20 {
        let cut = life.journal.len() + 1 + rng.below((whole.len() - life.journal.len() - 1) as u64) as usize;
        let risen = rise(&whole[..cut]).expect("a torn tail is no damage");
        assert_eq!(risen.farm.state_hash(), life.farm.state_hash());
        assert_eq!(risen.ending, Ending::Torn { bytes: (cut - life.journal.len()) as u64 });
        assert_eq!(risen.inputs - risen.lived, last_before.unwrap_or(0));
    }
    assert_eq!(rise(&whole).expect("whole").lived, 0);
}
