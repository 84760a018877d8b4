//! The sky on the command line, the test of whether it matters, and the study: wrong input first, then what they say.

use crate::{Sandbox, csv, omega, rows};
use std::path::Path;

/// Message, hint, exit code 2 or 1, nothing on stdout.
fn refused(arguments: &[&dyn AsRef<std::ffi::OsStr>], code: i32, message: &str) {
    let said = omega(arguments);
    assert_eq!((said.code, said.out.as_str()), (code, ""), "{said:?}");
    let lines: Vec<&str> = said.err.lines().collect();
    assert_eq!(lines.len(), 2, "{said:?}");
    assert!(lines[0].starts_with("error: ") && lines[0].contains(message), "{message} is not in {said:?}");
    assert!(lines[1].starts_with("hint: "), "{said:?}");
}

#[test]
fn wrong_skies_are_refused_with_a_hint() {
    refused(&[&"cosmos", &"at", &"1800-01-01"], 2, "lies outside the ephemeris");
    refused(&[&"cosmos", &"at", &"yesterday"], 2, "there is no such day");
    refused(&[&"cosmos", &"at", &"2022-01-01T25:00"], 2, "there is no such instant");
    refused(&[&"cosmos", &"now", &"--latitude", &"91"], 2, "no place on Earth");
    refused(&[&"cosmos", &"now", &"--factors", &"venus"], 2, "no factor is called \"venus\"");
    refused(&[&"cosmos", &"now", &"--reading", &"kp"], 2, "it has no =");
    refused(&[&"cosmos", &"now", &"--reading", &"moon=x.csv"], 2, "worked out");
    refused(&[&"cosmos", &"now", &"--reading", &"kp=nowhere.csv"], 1, "cannot read nowhere.csv");
    refused(&[&"cosmos", &"now", &"--reading", &"kp=x.csv,lag=soon"], 2, "no length of time");
    refused(&[&"cosmos", &"now", &"--reading", &"kp=x.csv,colour=red"], 2, "nothing is called \"colour\"");
    refused(&[&"cosmos", &"calendar", &"--from", &"2024-02-02", &"--to", &"2024-01-01"], 2, "lies after");
    refused(&[&"cosmos", &"calendar", &"--from", &"1949-12-31", &"--to", &"2024-01-01"], 2, "outside");
    let sandbox = Sandbox::new();
    let kp = sandbox.write("kp.csv", "time,kp\n2022-01-01,3\n2022-01-01T03:00Z,12\n");
    let reading = format!("kp={}", kp.display());
    refused(&[&"cosmos", &"now", &"--reading", &reading], 1, "row 2: 12 is no reading of kp");
}

#[test]
fn the_calendar_and_an_instant_are_documents() {
    let said = omega(&[&"cosmos", &"calendar", &"--from", &"2024-01-01", &"--to", &"2024-01-12", &"--json"]);
    let want = "[{\"kind\":\"mercury_station_direct\",\"time\":\"2024-01-02T03:07:37Z\"},\
                {\"kind\":\"last_quarter\",\"time\":\"2024-01-04T03:30:30Z\"},\
                {\"kind\":\"new_moon\",\"time\":\"2024-01-11T11:57:28Z\"}]\n";
    assert_eq!((said.code, said.out.as_str(), said.err.as_str()), (0, want, ""));
    let sandbox = Sandbox::new();
    let kp = sandbox.write("kp.csv", "time,kp\n2022-05-12T06:00Z,7.5\n");
    let reading = format!("kp={},unit=Kp,source=made", kp.display());
    let at = |time: &str| omega(&[&"cosmos", &"at", &time, &"--reading", &reading, &"--json"]).json();
    let document = at("2022-05-12T13:30Z");
    assert_eq!(document["moon"]["phase"], "waxing gibbous");
    assert_eq!(document["mercury"]["motion"], "retrograde");
    let factor = |document: &serde_json::Value, name: &str| {
        document["factors"].as_array().unwrap().iter().find(|one| one["factor"] == name).unwrap().clone()
    };
    let known = factor(&document, "kp");
    assert_eq!((known["value"].as_f64(), known["source"].as_str()), (Some(7.5), Some("made")));
    // Stamped at its start: three hours of interval and one of lag later it is known, and not a second before.
    assert_eq!(known["available_at"], "2022-05-12T10:00:00Z");
    assert!(factor(&at("2022-05-12T09:59:59Z"), "kp")["effect"].is_null());
    assert!(factor(&document, "schumann")["absent"].as_str().unwrap().contains("no source named"));
    let shown = omega(&[&"cosmos", &"at", &"2022-05-12T13:30Z"]);
    assert!(shown.out.contains("waxing gibbous") && shown.out.contains("Mercury turns direct"), "{shown:?}");
}

#[test]
fn wrong_tests_are_refused_with_a_hint() {
    let sandbox = Sandbox::new();
    let bars = sandbox.write("bars.csv", csv(&rows(3 * 1_440)));
    let test = |more: &[&dyn AsRef<std::ffi::OsStr>], code, message| {
        let mut arguments: Vec<&dyn AsRef<std::ffi::OsStr>> = vec![&"cosmos", &"test", &"--bars", &bars];
        arguments.extend(more);
        refused(&arguments, code, message);
    };
    test(&[&"--factor", &"venus"], 2, "no factor is called \"venus\"");
    test(&[&"--factor", &"kp"], 2, "there is no reading of it");
    test(&[&"--factor", &"moon", &"--persona", &"buy_hold"], 2, "one persona is tested");
    test(&[&"--factor", &"moon", &"--persona", &"strategic,cosmic"], 2, "one persona is tested");
    test(&[&"--factor", &"moon", &"--placebos", &"1"], 2, "placebos");
    test(&[&"--factor", &"moon", &"--alpha", &"2"], 2, "a level lies inside");
    test(&[&"--factor", &"moon", &"--registered", &"nowhere.txt"], 1, "cannot read nowhere.txt");
    let other = sandbox.write("other.txt", "not a file of runs\n");
    test(&[&"--factor", &"moon", &"--resume", &other], 1, "holds no finished runs");
    refused(&[&"cosmos", &"selftest", &"--factor", &"kp"], 2, "no almanac knows \"kp\"");
    refused(&[&"cosmos", &"selftest", &"--persona", &"ema_cross"], 2, "feels no sky");
}

#[test]
fn a_registered_test_goes_on_where_it_stopped_and_repeats_its_hash() {
    let sandbox = Sandbox::new();
    let bars = sandbox.write("bars.csv", csv(&rows(12 * 1_440)));
    let (registration, runs) = (sandbox.path("asked.txt"), sandbox.path("runs.txt"));
    let test = |more: &[&dyn AsRef<std::ffi::OsStr>]| {
        let mut arguments: Vec<&dyn AsRef<std::ffi::OsStr>> =
            vec![&"cosmos", &"test", &"--bars", &bars, &"--factor", &"moon,circadian", &"--placebos", &"30"];
        arguments.extend(more);
        omega(&arguments)
    };
    let written = test(&[&"--register", &registration]);
    let hash = written.out.lines().last().unwrap().strip_prefix("sha256 ").unwrap().to_owned();
    let again = test(&[&"--register", &registration]);
    assert!(again.code == 2 && again.err.contains("is there already"), "{again:?}");
    let judged = |more: &[&dyn AsRef<std::ffi::OsStr>]| {
        let mut arguments: Vec<&dyn AsRef<std::ffi::OsStr>> = vec![&"--registered", &registration, &"--json"];
        arguments.extend(more);
        test(&arguments)
    };
    let first = judged(&[&"--resume", &runs]).json();
    assert_eq!(first["registered_sha256"], hash);
    let factors = first["factors"].as_array().unwrap();
    assert_eq!(factors.len(), 2);
    // The hours of a day leave 23 shifts; each has a verdict or says why it has none.
    assert_eq!(factors[1]["placebos"], 23);
    assert!(factors.iter().all(|one| one["verdict"].is_string() && one["effective_shifts"].is_u64()));
    let kept = std::fs::read_to_string(&runs).unwrap();
    // A head, the run without any sky, the arms of both factors.
    assert_eq!(kept.lines().count(), 1 + 1 + 31 + 24);
    // Torn in the middle of a line: that run and what is missing are run again, the result is the same.
    std::fs::write(&runs, &kept[..kept.len() / 2]).unwrap();
    assert_eq!(judged(&[&"--resume", &runs]).json(), first);
    assert_eq!(judged(&[]).json(), first);
    let changed = judged(&[&"--seed", &"2"]);
    assert!(changed.code == 2 && changed.err.contains("the flags say"), "{changed:?}");
}

#[test]
fn the_selftest_counts_its_rejections() {
    let document =
        omega(&[&"cosmos", &"selftest", &"--runs", &"6", &"--days", &"10", &"--placebos", &"25", &"--json"]);
    let document = document.json();
    let judged = document["judged"].as_u64().unwrap() + document["no_verdict"].as_u64().unwrap();
    assert_eq!((judged, &document["stated_power"]), (6, &serde_json::Value::Null));
}

#[test]
fn a_study_is_resumed_drawn_and_the_same_twice() {
    refused(&[&"study"], 1, "no bars of BTCUSDT were downloaded");
    refused(&[&"study", &"--made", &"10", &"--period", &"20"], 2, "longer than the 10 days");
    refused(&[&"study", &"--made", &"10", &"--period", &"0"], 2, "a life has a length");
    let sandbox = Sandbox::new();
    let bars = sandbox.write("bars.csv", csv(&rows(3 * 1_440)));
    refused(&[&"study", &"--bars", &bars, &"--period", &"20"], 2, "longer than the market");
    let (charts, lives) = (sandbox.path("charts"), sandbox.path("lives.txt"));
    let study = |more: &[&dyn AsRef<std::ffi::OsStr>]| {
        let mut arguments: Vec<&dyn AsRef<std::ffi::OsStr>> =
            vec![&"study", &"--made", &"20", &"--period", &"10d", &"--seeds", &"2", &"--json"];
        arguments.extend(more);
        let mut document = omega(&arguments).json();
        document["seconds"] = serde_json::Value::Null;
        document
    };
    let first = study(&[&"--resume", &lives, &"--charts", &charts]);
    assert_eq!((first["periods"].as_u64(), first["lives"].as_u64()), (Some(2), Some(24)));
    assert_eq!(first["personas"].as_array().unwrap().len(), 6);
    assert!(first["personas"][0]["figures"]["total_return"]["p50"].is_number());
    assert!(first["personas"][0]["figures"]["cost_of_emotion"]["count"] == 4);
    let drawn = |name: &str| std::fs::read_to_string(Path::new(&charts).join(name)).unwrap();
    assert!(drawn("total_return.svg").contains("newbie (4)"));
    assert_eq!(study(&[&"--resume", &lives]), first);
    assert_eq!(study(&[]), first);
}

/// Answers each request on 127.0.0.1 with what `answer` makes of its path, until it is dropped.
fn served(answer: fn(&str) -> (u16, &'static str)) -> String {
    use std::io::{Read, Write};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming().take(3) {
            let mut stream = stream.unwrap();
            let mut request = [0; 2_048];
            let read = stream.read(&mut request).unwrap();
            let text = String::from_utf8_lossy(&request[..read]).into_owned();
            let path = text.split(' ').nth(1).unwrap_or("/").to_owned();
            let (status, body) = answer(&path);
            let head =
                format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
            stream.write_all(format!("{head}{body}").as_bytes()).unwrap();
        }
    });
    format!("http://{address}")
}

#[test]
fn readings_come_from_an_address_too() {
    let server = served(|path| match path {
        "/kp.csv" => (200, "time,kp\n2022-05-12T06:00Z,6\n"),
        _ => (404, "gone"),
    });
    let good = format!("kp={server}/kp.csv");
    let document = omega(&[&"cosmos", &"at", &"2022-05-12T13:30Z", &"--reading", &good, &"--json"]).json();
    let kp = document["factors"].as_array().unwrap().iter().find(|one| one["factor"] == "kp").unwrap();
    assert_eq!(kp["value"].as_f64(), Some(6.0));
    assert!(kp["source"].as_str().unwrap().ends_with("/kp.csv"));
    let bad = format!("kp={server}/other.csv");
    refused(&[&"cosmos", &"now", &"--reading", &bad], 1, "cannot fetch");
    refused(&[&"cosmos", &"now", &"--reading", &"kp=http://127.0.0.1:1/x"], 1, "cannot fetch");
}
