//! Roles, bots and sizes; the book of identities, its maxima, and how it is kept and read.
//!
//! Refuses a book that was tampered with, and any secret in what is printed.

use super::scene::{START, Scene, entropy};
use access::{
    Access, Bots, CREDENTIALS_MAX, Class, Denied, IDENTITIES_MAX, IdentityId, Limits, Need, Needs, Reach,
    Rules, Unfit,
};
use model::Usd;
use model::command::Role;

fn limits(bots: &[&str], size_max: Option<i64>) -> Limits {
    let names = bots.iter().map(|&name| name.to_owned()).collect();
    Limits { bots: Bots::Only(names), size_max: size_max.map(Usd) }
}

#[test]
fn roles_bots_and_sizes_are_each_looked_at() {
    let mut scene = Scene::new(Rules::default());
    let boss = scene.person("boss", Role::Admin);
    let cleo = scene.person_within("cleo", Role::Operator, limits(&["a", "b"], Some(100)));
    let (boss, cleo) = (scene.who(boss), scene.who(cleo));
    let role = |needs| Err(Denied::Role { needs });
    let size = Err(Denied::Size { size_max: Usd(100) });
    for (needed, reach, amount, expected) in [
        (Role::Viewer, Reach::Nothing, None, Ok(())),
        (Role::Operator, Reach::Bots(&["a"]), Some(Usd(100)), Ok(())),
        (Role::Operator, Reach::Bots(&["a", "b"]), Some(Usd(-100)), Ok(())),
        (Role::Operator, Reach::Bots(&["a"]), Some(Usd(101)), size),
        (Role::Operator, Reach::Bots(&["a"]), Some(Usd(-101)), size),
        (Role::Operator, Reach::Bots(&["a"]), Some(Usd(i64::MIN)), size),
        (Role::Operator, Reach::Bots(&["a"]), Some(Need::UNKNOWN_SIZE), size),
        (Role::Operator, Reach::Bots(&["a", "c"]), None, Err(Denied::Bot)),
        (Role::Operator, Reach::Bots(&["A"]), None, Err(Denied::Bot)),
        (Role::Operator, Reach::Bots(&[]), None, Err(Denied::Bot)),
        (Role::Viewer, Reach::Farm, None, Err(Denied::Farm)),
        (Role::Admin, Reach::Bots(&["a"]), None, role(Role::Admin)),
    ] {
        let need = Need { role: needed, reach, size: amount };
        let got = scene.access.permits(START, &cleo, &need);
        assert_eq!(got, expected, "{need:?}");
        assert!(got.is_ok() || got.is_err_and(|denied| denied.class() == Class::Forbidden));
        let nothing_named = reach == Reach::Bots(&[]);
        assert_eq!(scene.access.permits(START, &boss, &need).is_ok(), !nothing_named, "{need:?}");
    }
    assert!(scene.access.sees(START, &cleo, "a") && !scene.access.sees(START, &cleo, "c"));
    assert_eq!(cleo.to_string(), format!("cleo#{}", cleo.identity().0));
}

#[test]
fn what_a_command_must_be_confirmed_with_follows_the_rules() {
    let rules = Rules { second_person_above: Some(Usd(500)), ..Rules::default() };
    let need = |role, size: Option<i64>| Need { role, reach: Reach::Farm, size: size.map(Usd) };
    for (role, size, expected) in [
        (Role::Operator, None, Needs::Confirm),
        (Role::Operator, Some(500), Needs::Confirm),
        (Role::Operator, Some(501), Needs::SecondPerson),
        (Role::Operator, Some(-501), Needs::SecondPerson),
        (Role::Admin, Some(500), Needs::Totp),
        (Role::Admin, Some(i64::MAX), Needs::SecondPerson),
    ] {
        assert_eq!(rules.needs(&need(role, size)), expected, "{role:?} {size:?}");
    }
    let never = Rules { totp_from: None, second_person_above: None, ..rules };
    assert_eq!(never.needs(&need(Role::Admin, Some(i64::MAX))), Needs::Confirm);
}

#[test]
fn a_code_is_asked_for_only_where_there_can_be_one() {
    let mut scene = Scene::new(Rules::default());
    let boss = scene.person("boss", Role::Admin);
    let boss = scene.who(boss);
    let need = Need { role: Role::Admin, reach: Reach::Farm, size: None };
    let shown = scene.access.preview(START, &boss, &need, Needs::Totp, "rearm").map(drop);
    assert_eq!(shown, Err(Denied::NotEnrolled));
    let long = "x".repeat(access::WHAT_BYTES_MAX + 1);
    let shown = scene.access.preview(START, &boss, &need, Needs::Confirm, &long).map(drop);
    assert_eq!(shown, Err(Denied::TooLong));
}

#[test]
fn the_farm_is_never_without_an_administrator() {
    let mut scene = Scene::new(Rules::default());
    let (boss, ben) = (scene.person("boss", Role::Admin), scene.person("ben", Role::Operator));
    assert_eq!(scene.access.remove_identity(boss).map(drop), Err(Unfit::LastAdmin));
    assert_eq!(scene.access.set_role(START, boss, Role::Viewer).map(drop), Err(Unfit::LastAdmin));
    let raised = scene.access.set_role(START, ben, Role::Admin).expect("he is there");
    scene.keep(raised);
    let who = scene.who(boss);
    let removed = scene.access.remove_identity(boss).expect("there is another");
    scene.keep(removed);
    let need = Need { role: Role::Viewer, reach: Reach::Nothing, size: None };
    assert_eq!(scene.access.permits(START, &who, &need), Err(Denied::Unknown));
    let again = scene.person("boss", Role::Viewer);
    assert!(again > ben, "a number is never given twice");
    assert_eq!(scene.access.remove_identity(IdentityId(999)).map(drop), Err(Unfit::NoIdentity));
}

#[test]
fn names_limits_and_numbers_have_a_maximum() {
    let mut scene = Scene::new(Rules::default());
    let ann = scene.person("ann", Role::Viewer);
    let add = |scene: &mut Scene, name: &str, limits: Limits| {
        scene.access.add_identity(START, name, Role::Viewer, limits).map(drop)
    };
    assert_eq!(add(&mut scene, "ann", Limits::NONE), Err(Unfit::Taken));
    for name in ["", "a b", "a\n", "a#1", &"x".repeat(65)] {
        assert_eq!(add(&mut scene, name, Limits::NONE), Err(Unfit::Name), "{name}");
    }
    assert_eq!(add(&mut scene, "ben", limits(&[], Some(-1))), Err(Unfit::Limits));
    assert_eq!(add(&mut scene, "ben", limits(&["a b"], None)), Err(Unfit::Limits));
    for number in 1..CREDENTIALS_MAX as u64 + 2 {
        let issued = scene.access.issue_token(START, None, ann, "t", None, &entropy(number)).map(drop);
        let full = number > CREDENTIALS_MAX as u64;
        assert_eq!(issued, if full { Err(Unfit::CredentialsFull) } else { Ok(()) });
    }
    let issued = scene.access.issue_token(START, None, ann, "t", Some(START), &entropy(99)).map(drop);
    assert_eq!(issued, Err(Unfit::Expired));
    for number in 1..IDENTITIES_MAX {
        assert_eq!(add(&mut scene, &format!("n{number}"), Limits::NONE), Ok(()));
    }
    assert_eq!(add(&mut scene, "one-more", Limits::NONE), Err(Unfit::IdentitiesFull));
}

/// A book with one of everything in it.
fn full() -> (Scene, Vec<String>) {
    let mut scene = Scene::new(Rules::default());
    let ann = scene.person_within("ann", Role::Admin, limits(&["a"], Some(1_000)));
    let token = scene.token(ann);
    let who = scene.access.identify(START, "p", &token).expect("it is hers");
    let secret = scene.enrol(START, &who);
    let linked = scene.access.link_discord(START, None, ann, 7).expect("nobody has it");
    scene.keep(linked);
    let need = Need { role: Role::Admin, reach: Reach::Bots(&["a"]), size: Some(Usd(5)) };
    let shown = scene.access.preview(START, &who, &need, Needs::Totp, "transfer 5").expect("she may");
    scene.keep(shown);
    let begun = {
        let code = access::code_shown(&secret, START + model::Interval(30_000)).expect("after 1970");
        scene
            .access
            .enrol(START + model::Interval(30_000), &who, Some(&code), &entropy(500))
            .expect("a fresh code")
    };
    let enrolment = scene.keep(begun);
    let secrets = vec![token, enrolment.secret().to_owned(), enrolment.uri().to_owned()];
    (scene, secrets)
}

#[test]
fn what_is_kept_is_read_again_the_same() {
    let (mut scene, _) = full();
    let (kept, before) = (scene.kept.clone(), scene.access.identities().collect::<Vec<_>>());
    scene.restart();
    assert!(scene.access.unsaved().is_none(), "nothing has changed");
    assert_eq!(scene.access.save().reveal(), kept);
    assert_eq!(scene.access.identities().collect::<Vec<_>>(), before);
}

#[test]
fn a_book_that_cannot_be_lets_nobody_in() {
    let (scene, _) = full();
    let kept = &scene.kept;
    let load = |text: &str| Access::load("Omega", Rules::default(), text).map(drop);
    let layout = load(&kept.replace("\"layout\": 1", "\"layout\": 2"));
    assert_eq!(layout, Err(Unfit::Layout { found: 2, wanted: 1 }));
    for (from, to) in [
        ("\"admin\"", "\"owner\""),
        ("\"name\": \"ann\"", "\"name\": \"a b\""),
        ("\"size_max_micro_usdt\": 1000", "\"size_max_micro_usdt\": -1"),
        ("\"transfer 5\"", "\"transfer 500\""),
        ("\"next\": ", "\"next\": 0, \"nexxt\": "),
        ("\"user\": 7", "\"user\": 7, \"admin\": true"),
        ("\"id\": 2", "\"id\": 1"),
        ("\"id\": 2", "\"id\": 9999"),
    ] {
        assert!(kept.contains(from), "{from} in {kept}");
        let got = load(&kept.replacen(from, to, 1));
        assert!(matches!(got, Err(Unfit::Damaged { .. })), "{to}: {got:?}");
    }
    for end in (0..kept.len()).step_by(7) {
        assert!(load(&kept[..end]).is_err(), "cut at {end}");
    }
}

#[test]
fn nothing_that_is_printed_or_kept_has_a_token_in_it() {
    let (mut scene, secrets) = full();
    let saved = scene.access.save();
    let printed = format!("{:?} {saved:?}", scene.access);
    let views = format!("{:?}", scene.access.identities().collect::<Vec<_>>());
    for secret in &secrets {
        assert!(!printed.contains(secret.as_str()) && !views.contains(secret.as_str()));
    }
    let token = &secrets[0];
    let secret_part = token.rsplit('_').next().expect("a token has three parts");
    assert!(!scene.kept.contains(secret_part) && !scene.kept.contains(&secret_part.to_uppercase()));

    // A file with a secret where a number belongs: the error says where, not what.
    let broken = scene.kept.replacen("\"next\": ", &format!("\"next\": \"{token}\", \"x\": "), 1);
    let error = Access::load("Omega", Rules::default(), &broken).expect_err("that is no number");
    assert!(!format!("{error} {error:?}").contains(secret_part), "{error}");
}
