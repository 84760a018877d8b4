//! Confirmations against a model, under random previews, confirmations, withdrawals, time, restarts, crashes before the
//! write, changed roles, revoked tokens and repeated deliveries: each acts at most once, never without what it needs, and
//! is refused for the reason the model gives.
//!
//! Refuses to pass without having met every outcome.

use super::scene::{START, Scene};
use access::{
    CredentialId, Denied, IdentityId, Limits, Need, Needs, PENDINGS_PER_IDENTITY_MAX, PendingId, Reach,
    Rules, Who, code_shown,
};
use model::command::Role;
use model::{Interval, Time, Usd};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::cell::RefCell;
use std::collections::BTreeMap;

const PEOPLE: usize = 3;
const TOKENS: usize = 2;

#[derive(Clone, Copy, Debug)]
enum Code {
    None,
    Shown,
    Last,
    Wrong,
}

#[derive(Clone, Debug)]
enum Op {
    Preview { person: usize, token: usize, role: Role, needs: Needs },
    Confirm { person: usize, token: usize, which: usize, code: Code, crash: bool },
    Withdraw { person: usize, token: usize, which: usize },
    Again,
    Wait { seconds: i64 },
    Restart,
    SetRole { person: usize, role: Role },
    Revoke { person: usize, token: usize },
}

fn op() -> impl Strategy<Value = Op> {
    let role = prop::sample::select(Role::ALL.to_vec());
    let needs = prop::sample::select(vec![Needs::Confirm, Needs::Totp, Needs::SecondPerson]);
    let code = prop::sample::select(vec![
        Code::None,
        Code::Shown,
        Code::Shown,
        Code::Shown,
        Code::Last,
        Code::Wrong,
    ]);
    let (person, token) = (0..PEOPLE, 0..TOKENS);
    prop_oneof![
        8 => (person.clone(), token.clone(), role.clone(), needs)
            .prop_map(|(person, token, role, needs)| Op::Preview { person, token, role, needs }),
        10 => (person.clone(), token.clone(), 0..4usize, code, prop::bool::weighted(0.15))
            .prop_map(|(person, token, which, code, crash)| Op::Confirm { person, token, which, code, crash }),
        1 => (person.clone(), token.clone(), 0..4usize)
            .prop_map(|(person, token, which)| Op::Withdraw { person, token, which }),
        2 => Just(Op::Again),
        4 => (0..40i64).prop_map(|seconds| Op::Wait { seconds }),
        1 => Just(Op::Restart),
        2 => (person.clone(), role).prop_map(|(person, role)| Op::SetRole { person, role }),
        1 => (person, token).prop_map(|(person, token)| Op::Revoke { person, token }),
    ]
}

/// What the test believes of one confirmation.
#[derive(Clone)]
struct Believed {
    id: PendingId,
    asker: usize,
    token: usize,
    role: Role,
    needs: Needs,
    expires: Time,
    waits: bool,
    acted: u32,
}

struct Play {
    scene: Scene,
    now: Time,
    ids: Vec<IdentityId>,
    whos: Vec<Vec<Who>>,
    secrets: Vec<[u8; 20]>,
    // The model.
    roles: Vec<Role>,
    tokens: Vec<[bool; TOKENS]>,
    last_step: Vec<i64>,
    pendings: Vec<Believed>,
    last: Option<Op>,
}

fn step(now: Time) -> i64 {
    now.0 / 30_000
}

impl Play {
    fn new() -> Play {
        let rules = Rules {
            attempts_max: 1_000_000,
            totp_from: None,
            second_person_after: Interval(0),
            ..Rules::default()
        };
        let mut scene = Scene::new(rules);
        let roles = vec![Role::Admin, Role::Admin, Role::Operator];
        let ids: Vec<IdentityId> =
            ["ann", "ben", "cleo"].iter().zip(&roles).map(|(name, role)| scene.person(name, *role)).collect();
        let whos: Vec<Vec<Who>> =
            ids.iter().map(|id| (0..TOKENS).map(|_| scene.who(*id)).collect()).collect();
        let secrets = whos.iter().map(|his| scene.enrol(START, &his[0])).collect();
        let last_step = vec![step(START); PEOPLE];
        let tokens = vec![[true; TOKENS]; PEOPLE];
        Play {
            scene,
            now: START,
            ids,
            whos,
            secrets,
            roles,
            tokens,
            last_step,
            pendings: Vec::new(),
            last: None,
        }
    }

    fn expire(&mut self) {
        for pending in self.pendings.iter_mut().filter(|pending| self.now >= pending.expires) {
            pending.waits = false;
        }
    }

    /// The latest ones are the interesting ones.
    fn place(&self, which: usize) -> Option<usize> {
        self.pendings.len().checked_sub(which + 1)
    }

    fn text(&self, person: usize, code: Code) -> Option<String> {
        let shown = |at| code_shown(&self.secrets[person], at).expect("after 1970");
        match code {
            Code::None => None,
            Code::Shown => Some(shown(self.now)),
            Code::Last => Some(shown(Time(self.last_step[person] * 30_000))),
            Code::Wrong => {
                let near: Vec<String> = (-1..=1).map(|by| shown(self.now + Interval(by * 30_000))).collect();
                (0..4).map(|digit| digit.to_string().repeat(6)).find(|text| !near.contains(text))
            }
        }
    }

    /// The step a code is spent at, as the model sees it.
    fn spendable(&self, person: usize, text: &str) -> Option<i64> {
        let of = |step: i64| code_shown(&self.secrets[person], Time(step * 30_000)).expect("after 1970");
        let middle = step(self.now);
        let latest = (middle - 1..=middle + 1).rev().find(|step| of(*step) == text)?;
        (latest > self.last_step[person]).then_some(latest)
    }

    /// Whether it may be confirmed, and with which step of the code.
    fn expected(
        &self,
        person: usize,
        token: usize,
        place: usize,
        code: Option<&str>,
    ) -> Result<Option<i64>, &'static str> {
        let pending = &self.pendings[place];
        let own = pending.asker == person;
        if !self.tokens[person][token] {
            return Err("unknown");
        }
        if !pending.waits || (pending.needs != Needs::SecondPerson && !own) {
            return Err("not_pending");
        }
        if pending.needs == Needs::SecondPerson {
            if own {
                return Err("same_person");
            }
            if self.roles[person] < pending.role {
                return Err("role");
            }
        }
        if self.roles[pending.asker] < pending.role || !self.tokens[pending.asker][pending.token] {
            return Err("asker_lost_it");
        }
        match (pending.needs, code) {
            (Needs::Confirm, _) => Ok(None),
            (_, None) => Err("code_needed"),
            (_, Some(code)) => self.spendable(person, code).map(Some).ok_or("code_wrong"),
        }
    }

    fn confirm(&mut self, op: &Op) -> &'static str {
        let Op::Confirm { person, token, which, code, crash } = *op else {
            unreachable!("the caller looked")
        };
        let Some(place) = self.place(which) else { return "nothing" };
        self.expire();
        let text = self.text(person, code);
        let expected = self.expected(person, token, place, text.as_deref());
        let (now, who, id) = (self.now, self.whos[person][token].clone(), self.pendings[place].id);
        match (expected, self.scene.access.confirm(now, &who, id, text.as_deref())) {
            (Ok(_), Ok(changed)) if crash => {
                assert!(changed.keep(|_| Err("the disk is full")).is_err(), "nobody gets what was not kept");
                self.scene.restart();
                "crashed"
            }
            (Ok(spent), Ok(changed)) => {
                let granted = self.scene.keep(changed);
                let pending = &mut self.pendings[place];
                assert_eq!((granted.pending.id, granted.confirmed_by), (pending.id, self.ids[person]));
                assert_eq!(granted.pending.what, format!("command {}", pending.expires.0));
                pending.acted += 1;
                pending.waits = false;
                assert_eq!(pending.acted, 1, "each acts once");
                if let Some(spent) = spent {
                    self.last_step[person] = spent;
                }
                match pending.needs {
                    Needs::Confirm => "confirmed",
                    Needs::Totp => "confirmed with a code",
                    Needs::SecondPerson => "confirmed by another",
                }
            }
            (Err(expected), Err(denied)) => {
                assert_eq!(denied.word(), expected);
                if denied == Denied::AskerLostIt {
                    self.pendings[place].waits = false;
                }
                denied.word()
            }
            (expected, got) => panic!("{op:?}: expected {expected:?}, got {got:?}"),
        }
    }

    fn preview(&mut self, person: usize, token: usize, role: Role, needs: Needs) -> &'static str {
        self.expire();
        let need = Need { role, reach: Reach::Farm, size: Some(Usd(1)) };
        let expires = self.now + self.scene.rules.confirm_expiry;
        let waiting = self.pendings.iter().filter(|pending| pending.waits && pending.asker == person).count();
        let expected = if !self.tokens[person][token] {
            Err("unknown")
        } else if self.roles[person] < role {
            Err("role")
        } else if waiting >= PENDINGS_PER_IDENTITY_MAX {
            Err("too_many_pending")
        } else {
            Ok(())
        };
        let what = format!("command {}", expires.0);
        let got = self.scene.access.preview(self.now, &self.whos[person][token], &need, needs, &what);
        assert_eq!(got.as_ref().map(|_| ()).map_err(Denied::word), expected);
        let Ok(changed) = got else { return expected.expect_err("they agree") };
        let id = self.scene.keep(changed).id;
        assert!(self.pendings.iter().all(|pending| pending.id < id), "a number is never given twice");
        self.pendings.push(Believed {
            id,
            asker: person,
            token,
            role,
            needs,
            expires,
            waits: true,
            acted: 0,
        });
        "previewed"
    }

    fn withdraw(&mut self, person: usize, token: usize, which: usize) -> &'static str {
        let Some(place) = self.place(which) else { return "nothing" };
        self.expire();
        let pending = &mut self.pendings[place];
        let concerns = pending.asker == person
            || (pending.needs == Needs::SecondPerson && self.roles[person] >= pending.role);
        let may = self.tokens[person][token] && pending.waits && concerns;
        match self.scene.access.withdraw(self.now, &self.whos[person][token], pending.id) {
            Ok(changed) => {
                assert!(may);
                pending.waits = false;
                self.scene.keep(changed);
                "withdrawn"
            }
            Err(denied) => {
                assert!(!may, "{denied}");
                "not withdrawn"
            }
        }
    }

    fn set_role(&mut self, person: usize, role: Role) -> &'static str {
        match self.scene.access.set_role(self.now, self.ids[person], role) {
            Ok(changed) => {
                self.scene.keep(changed);
                self.roles[person] = role;
                "role set"
            }
            Err(_) => {
                let others =
                    (0..PEOPLE).filter(|other| *other != person && self.roles[*other] == Role::Admin);
                assert!(others.count() == 0 && role < Role::Admin);
                "last admin"
            }
        }
    }

    fn revoke(&mut self, person: usize, token: usize) -> &'static str {
        let id: CredentialId = self.whos[person][token].credential();
        let revoked = self.scene.access.revoke(id);
        assert_eq!(revoked.is_ok(), self.tokens[person][token]);
        if let Ok(changed) = revoked {
            assert_eq!(self.scene.keep(changed), self.ids[person]);
        }
        self.tokens[person][token] = false;
        "revoked"
    }

    fn play(&mut self, op: &Op) -> &'static str {
        let outcome = match op {
            Op::Preview { person, token, role, needs } => self.preview(*person, *token, *role, *needs),
            Op::Confirm { .. } => self.confirm(op),
            Op::Withdraw { person, token, which } => self.withdraw(*person, *token, *which),
            Op::Again => match self.last.clone() {
                Some(last) if matches!(self.confirm(&last), "not_pending") => "delivered twice",
                _ => "nothing",
            },
            Op::Wait { seconds } => {
                self.now = self.now + Interval(seconds * 1_000);
                "waited"
            }
            Op::Restart => {
                self.scene.restart();
                "restarted"
            }
            Op::SetRole { person, role } => self.set_role(*person, *role),
            Op::Revoke { person, token } => self.revoke(*person, *token),
        };
        self.last = matches!(op, Op::Confirm { .. }).then(|| op.clone()).or(self.last.take());
        self.scene.keep_at_leisure();
        self.expire();
        self.agree();
        outcome
    }

    /// What is shown as waiting is what the model says waits.
    fn agree(&self) {
        for person in 0..PEOPLE {
            let Some(token) = (0..TOKENS).find(|token| self.tokens[person][*token]) else { continue };
            let shown =
                self.scene.access.pendings(self.now, &self.whos[person][token]).expect("he is let in");
            let his = |pending: &&Believed| {
                pending.waits
                    && (pending.asker == person
                        || (pending.needs == Needs::SecondPerson && self.roles[person] >= pending.role))
            };
            let wanted: Vec<PendingId> = self.pendings.iter().filter(his).map(|pending| pending.id).collect();
            assert_eq!(shown.iter().map(|pending| pending.id).collect::<Vec<_>>(), wanted);
        }
    }
}

#[test]
fn a_confirmation_acts_at_most_once_and_never_without_what_it_needs() {
    let met: RefCell<BTreeMap<&'static str, u32>> = RefCell::default();
    let mut runner = TestRunner::new(Config { cases: 250, failure_persistence: None, ..Config::default() });
    runner
        .run(&prop::collection::vec(op(), 1..150), |ops| {
            let mut play = Play::new();
            for op in &ops {
                *met.borrow_mut().entry(play.play(op)).or_default() += 1;
            }
            Ok(())
        })
        .unwrap_or_else(|error| panic!("{error}"));
    let met = met.into_inner();
    for outcome in [
        "confirmed",
        "confirmed with a code",
        "confirmed by another",
        "crashed",
        "delivered twice",
        "previewed",
        "unknown",
        "role",
        "not_pending",
        "same_person",
        "asker_lost_it",
        "code_needed",
        "code_wrong",
        "withdrawn",
        "not withdrawn",
        "role set",
        "last admin",
        "revoked",
    ] {
        assert!(met.contains_key(outcome), "never met: {outcome} in {met:?}");
    }
}

#[test]
fn who_was_just_given_his_rights_is_no_second_person() {
    let mut scene = Scene::new(Rules { second_person_above: Some(Usd(100)), ..Rules::default() });
    let (ann, ben) = (scene.person("ann", Role::Admin), scene.person("ben", Role::Admin));
    let (ann, ben) = (scene.who(ann), scene.who(ben));
    let secret = scene.enrol(START, &ben);
    let need = Need { role: Role::Admin, reach: Reach::Farm, size: Some(Usd(-101)) };
    let needs = scene.rules.needs(&need);
    assert_eq!(needs, Needs::SecondPerson, "a size counts whichever way it goes");

    let day_later = START + Interval::DAY;
    let just_before = day_later - Interval(1);
    for (now, expected) in [(just_before, Err(Denied::TooNew { from: day_later })), (day_later, Ok(()))] {
        let shown = scene.access.preview(now, &ann, &need, Needs::Confirm, "transfer").expect("she may");
        let shown = scene.keep(shown);
        assert_eq!(shown.needs, Needs::SecondPerson, "a caller cannot ask for less than the rules");
        let id = shown.id;
        let code = code_shown(&secret, now);
        let got =
            scene.access.confirm(now, &ben, id, code.as_deref()).map(|changed| drop(scene.keep(changed)));
        assert_eq!(got, expected);
    }

    // Whatever somebody else gives him begins the day anew; what he makes himself does not.
    let entropy = scene.entropy();
    let own = scene.access.issue_token(day_later, Some(&ben), ben.identity(), "phone", None, &entropy);
    scene.keep(own.expect("there is room"));
    let since = |scene: &Scene| scene.access.identities().nth(1).expect("ben").unchanged_since;
    assert_eq!(since(&scene), START);
    let entropy = scene.entropy();
    let given = scene.access.issue_token(day_later, Some(&ann), ben.identity(), "gift", None, &entropy);
    scene.keep(given.expect("there is room"));
    assert_eq!(since(&scene), day_later);
}

#[test]
fn what_waits_is_bounded_by_person_and_runs_out() {
    let mut scene = Scene::new(Rules::default());
    let (ann, ben) = (scene.person("ann", Role::Operator), scene.person("ben", Role::Operator));
    let (ann, ben) = (scene.who(ann), scene.who(ben));
    let need = Need { role: Role::Operator, reach: Reach::Bots(&["a"]), size: None };
    let ask = |scene: &mut Scene, now, who: &Who| {
        let shown = scene.access.preview(now, who, &need, Needs::Confirm, "close a");
        shown.map(|changed| scene.keep(changed).id)
    };
    for _ in 0..PENDINGS_PER_IDENTITY_MAX {
        ask(&mut scene, START, &ann).expect("there is room");
    }
    assert_eq!(ask(&mut scene, START, &ann), Err(Denied::TooManyPending));
    let his = ask(&mut scene, START, &ben).expect("his room is his own");
    let late = START + scene.rules.confirm_expiry;
    assert_eq!(scene.access.confirm(late, &ben, his, None).map(drop), Err(Denied::NotPending));
    assert!(ask(&mut scene, late, &ann).is_ok());
    // A clock set back a little loses nothing, set back far keeps nothing alive.
    let hers = ask(&mut scene, late, &ann).expect("there is room");
    let shown =
        |now| scene.access.pendings(now, &ann).expect("she is let in").iter().any(|one| one.id == hers);
    assert!(shown(late - Interval::SECOND));
    assert!(!shown(late - Interval::HOUR));
}

#[test]
fn whatever_widens_somebody_s_rights_begins_his_day_anew() {
    let mut scene = Scene::new(Rules::default());
    let (ann, ben) = (scene.person("ann", Role::Admin), scene.person("ben", Role::Viewer));
    let who = scene.who(ben);
    let mut now = START;
    let since =
        |scene: &Scene| scene.access.identities().find(|one| one.id == ben).expect("ben").unchanged_since;
    let mut later = || {
        now = now + Interval::HOUR;
        now
    };

    let at = later();
    let changed = scene.access.set_role(at, ben, Role::Operator).expect("he is there");
    scene.keep(changed);
    assert_eq!(since(&scene), at, "a higher role");
    let lowered = scene.access.set_role(later(), ben, Role::Viewer).expect("he is there");
    scene.keep(lowered);
    assert_eq!(since(&scene), at, "a lower one widens nothing");

    let limits = Limits { size_max: Some(Usd(5)), ..Limits::NONE };
    let at = later();
    let changed = scene.access.set_limits(at, ben, limits.clone()).expect("he is there");
    scene.keep(changed);
    assert_eq!(since(&scene), at, "other limits");
    let same = scene.access.set_limits(later(), ben, limits).expect("he is there");
    scene.keep(same);
    assert_eq!(since(&scene), at, "the same ones");

    let at = later();
    let secret = scene.enrol(at, &who);
    assert_eq!(since(&scene), at, "a first authenticator");
    let again = later();
    let (code, second) = (code_shown(&secret, again).expect("after 1970"), scene.entropy());
    let begun = scene.access.enrol(again, &who, Some(&code), &second).expect("a fresh code");
    scene.keep(begun);
    let (code, recovery) = (code_shown(&second, again).expect("after 1970"), scene.entropy());
    let done = scene.access.finish_enrolment(again, &who, &code, &recovery).expect("its first code");
    scene.keep(done);
    assert_eq!(since(&scene), at, "another one, by a code of the first");

    let at = later();
    let changed = scene.access.reset_second_factor(at, ben).expect("he is there");
    scene.keep(changed);
    assert_eq!(since(&scene), at, "one taken away");
    let at = later();
    let linked = scene.access.link_discord(at, None, ben, 7).expect("nobody has it");
    scene.keep(linked);
    assert_eq!(since(&scene), at, "a link");
    assert!(scene.access.identities().any(|one| one.id == ann && one.unchanged_since == START));
}
