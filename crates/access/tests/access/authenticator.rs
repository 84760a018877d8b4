//! Authenticators: enrolled in two steps, no code twice, a limit on guesses, recovery codes.
//!
//! Refuses to take a code again after a restart.

use super::scene::{START, Scene, entropy};
use access::{Denied, ENROLMENT_EXPIRY, RECOVERY_CODES, Rules, code_shown};
use model::command::Role;
use model::{Interval, Time};
use proptest::prelude::*;

const STEP: Interval = Interval(30_000);

#[derive(Clone, Debug)]
enum Move {
    Show { steps: i64 },
    Wait { seconds: i64 },
    Restart,
    SetClock { hours: i64 },
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let one = prop_oneof![
        5 => (-3..=3i64).prop_map(|steps| Move::Show { steps }),
        3 => (0..45i64).prop_map(|seconds| Move::Wait { seconds }),
        1 => Just(Move::Restart),
        1 => (-1..=1i64).prop_map(|hours| Move::SetClock { hours }),
    ];
    prop::collection::vec(one, 1..60)
}

proptest! {
    #[test]
    fn a_code_counts_once_and_in_its_time(moves in moves()) {
        let mut scene = Scene::new(Rules { attempts_max: 1_000, ..Rules::default() });
        let ann = scene.person("ann", Role::Admin);
        let ann = scene.who(ann);
        let secret = scene.enrol(START, &ann);
        let shown = |step: i64| code_shown(&secret, Time(step * STEP.0)).expect("after 1970");
        let (mut now, mut last) = (START, START.0 / STEP.0);
        for one in moves {
            match one {
                Move::Wait { seconds } => now = now + Interval(seconds * 1_000),
                Move::Restart => scene.restart(),
                Move::SetClock { hours } => now = now + Interval(hours * Interval::HOUR.0),
                Move::Show { steps } => {
                    let middle = now.0 / STEP.0;
                    let code = shown(middle + steps);
                    let meant = (middle - 1..=middle + 1).rev().find(|step| shown(*step) == code);
                    let got = scene.access.check_code(now, &ann, &code).map(|changed| scene.keep(changed));
                    match meant.filter(|step| *step > last) {
                        Some(step) => {
                            prop_assert_eq!(got, Ok(()));
                            last = step;
                        }
                        None => prop_assert_eq!(got, Err(Denied::CodeWrong)),
                    }
                }
            }
        }
    }
}

#[test]
fn an_enrolment_counts_with_its_first_code_only() {
    let mut scene = Scene::new(Rules::default());
    let ann = scene.person("ann", Role::Admin);
    let ann = scene.who(ann);
    let (secret, recovery) = (entropy(77), entropy(78));
    let code = |at| code_shown(&secret, at).expect("after 1970");
    let early = scene.access.finish_enrolment(START, &ann, &code(START), &recovery);
    assert_eq!(early.map(drop), Err(Denied::NotEnrolling));

    let begun = scene.access.enrol(START, &ann, None, &secret).expect("she has none");
    let enrolment = scene.keep(begun);
    assert!(enrolment.uri().starts_with("otpauth://totp/Omega:ann?secret="), "{}", enrolment.uri());
    assert!(enrolment.uri().contains(enrolment.secret()));
    assert_eq!(scene.access.check_code(START, &ann, &code(START)).map(drop), Err(Denied::NotEnrolled));
    let late = START + ENROLMENT_EXPIRY;
    let too_late = scene.access.finish_enrolment(late, &ann, &code(late), &recovery);
    assert_eq!(too_late.map(drop), Err(Denied::NotEnrolling));

    let begun = scene.access.enrol(late, &ann, None, &secret).expect("she has none");
    scene.keep(begun);
    let wrong = scene.access.finish_enrolment(late, &ann, "12345", &recovery);
    assert_eq!(wrong.map(drop), Err(Denied::CodeWrong));
    let done = scene.access.finish_enrolment(late, &ann, &code(late), &recovery).expect("its first code");
    assert_eq!(scene.keep(done).reveal().count(), RECOVERY_CODES);
    assert_eq!(scene.access.check_code(late, &ann, &code(late)).map(drop), Err(Denied::CodeWrong), "spent");

    // Who has one shows a code of it to get another.
    let (now, other) = (late + STEP, entropy(79));
    assert_eq!(scene.access.enrol(now, &ann, None, &other).map(drop), Err(Denied::CodeNeeded));
    let begun = scene.access.enrol(now, &ann, Some(&code(now)), &other).expect("a fresh code");
    scene.keep(begun);
    let still = now + STEP;
    let checked = scene.access.check_code(still, &ann, &code(still)).expect("the old one counts until then");
    scene.keep(checked);
}

#[test]
fn guessing_codes_ends_soon_and_restarts_do_not_help() {
    let mut scene = Scene::new(Rules::default());
    let ann = scene.person("ann", Role::Admin);
    let ann = scene.who(ann);
    let secret = scene.enrol(START, &ann);
    let mut now = START + Interval::HOUR;
    let mut looked_at = 0;
    let end = now + Interval::DAY;
    while now < end {
        let right = code_shown(&secret, now).expect("after 1970");
        let guess = if right == "000000" { "111111" } else { "000000" };
        match scene.access.check_code(now, &ann, guess) {
            Err(Denied::CodeWrong) => looked_at += 1,
            Err(Denied::CodeLocked { until }) => {
                let while_locked = scene.access.check_code(now, &ann, &right).map(drop);
                assert_eq!(while_locked, Err(Denied::CodeLocked { until }), "the right one neither");
                now = until - Interval(1);
            }
            other => panic!("{other:?}"),
        }
        assert!(looked_at <= 100, "nothing stops him");
        scene.keep_at_leisure();
        scene.restart();
        now = now + Interval(1);
    }
    assert_eq!(
        looked_at,
        8 * 5,
        "five tries, then five more after 15 and 30 minutes and 1, 2, 4, 8 and 8 hours"
    );
}

#[test]
fn a_recovery_code_is_good_once_however_it_is_typed() {
    let mut scene = Scene::new(Rules { attempts_max: 100, ..Rules::default() });
    let ann = scene.person("ann", Role::Admin);
    let ann = scene.who(ann);
    let (secret, recovery) = (entropy(5), entropy(6));
    let begun = scene.access.enrol(START, &ann, None, &secret).expect("she has none");
    scene.keep(begun);
    let code = code_shown(&secret, START).expect("after 1970");
    let done = scene.access.finish_enrolment(START, &ann, &code, &recovery).expect("its first code");
    let codes: Vec<String> = scene.keep(done).reveal().map(str::to_owned).collect();
    let left = |scene: &Scene| scene.access.identities().next().expect("ann").recovery_codes_left;
    for (index, code) in codes.iter().enumerate() {
        assert_eq!(code.len(), 19, "four groups of four");
        let typed = if index % 2 == 0 { code.clone() } else { code.replace('-', " ").to_uppercase() };
        let checked = scene.access.check_code(START, &ann, &typed).expect("it is one of hers");
        scene.keep(checked);
        scene.restart();
        assert_eq!(left(&scene), RECOVERY_CODES - index - 1);
        assert_eq!(scene.access.check_code(START, &ann, code).map(drop), Err(Denied::CodeWrong));
    }
    for nothing in ["", "-", " "] {
        assert_eq!(scene.access.check_code(START, &ann, nothing).map(drop), Err(Denied::CodeWrong));
    }
}

#[test]
fn a_dead_random_device_enrols_nobody() {
    let mut scene = Scene::new(Rules::default());
    let ann = scene.person("ann", Role::Admin);
    let ann = scene.who(ann);
    assert_eq!(scene.access.enrol(START, &ann, None, &[0; 20]).map(drop), Err(Denied::NoEntropy));
    let issued = scene.access.issue_token(START, None, ann.identity(), "", None, &[7; 35]);
    assert_eq!(issued.map(drop), Err(access::Unfit::NoEntropy));
}
