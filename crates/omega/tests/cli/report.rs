//! The report: five files of one run, a page that shows what its document says, and the page made again.
//!
//! What the page shows is read in Chromium where there is one; where there is none, those tests say `SKIPPED`.

use crate::{Sandbox, omega};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

const FILES: [&str; 5] = ["equity.csv", "psychology.csv", "report.html", "report.json", "trades.csv"];

/// A report over so many minutes of a made market, in a directory of its own.
fn report(sandbox: &Sandbox, minutes: u32) -> (PathBuf, Value) {
    let (bars, directory) = (sandbox.path("bars.csv"), sandbox.path("report"));
    let (funding, minutes) = (sandbox.path("funding.csv"), minutes.to_string());
    let mut made: Vec<&dyn AsRef<std::ffi::OsStr>> =
        vec![&"data", &"generate", &"--minutes", &minutes, &"--out", &bars];
    // Within eight hours nothing is settled.
    if minutes.parse::<u32>().unwrap() > 480 {
        made.extend([&"--funding" as &dyn AsRef<std::ffi::OsStr>, &funding]);
    }
    let made = omega(&made);
    assert_eq!(made.code, 0, "{}", made.err);
    let mut given: Vec<&dyn AsRef<std::ffi::OsStr>> =
        vec![&"backtest", &"--bars", &bars, &"--persona", &"all", &"--json", &"--report", &directory];
    if funding.is_file() {
        given.extend([&"--funding" as &dyn AsRef<std::ffi::OsStr>, &funding]);
    }
    let said = omega(&given);
    let printed = said.json();
    assert!(
        said.err.contains(&format!("report: {}", directory.join("report.html").display())),
        "{}",
        said.err
    );
    (directory, printed)
}

fn read(directory: &Path, name: &str) -> String {
    std::fs::read_to_string(directory.join(name)).unwrap()
}

fn document(directory: &Path) -> Value {
    serde_json::from_str(&read(directory, "report.json")).unwrap()
}

/// The page as Chromium has built it, or nothing where there is no Chromium.
fn built_by_chromium(directory: &Path, fragment: &str, sandbox: &Sandbox) -> Option<String> {
    let named = std::env::var_os("OMEGA_CHROMIUM").map(PathBuf::from);
    let usual =
        ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].map(PathBuf::from);
    let Some(chromium) = named.into_iter().chain(usual).find(|binary| binary.is_file()) else {
        println!("SKIPPED: what the page shows needs Chromium; name it in OMEGA_CHROMIUM");
        return None;
    };
    let output = Command::new(chromium)
        .args(["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--dump-dom"])
        .arg(format!("--user-data-dir={}", sandbox.path("chromium").display()))
        .arg(format!("file://{}#{fragment}", directory.join("report.html").display()))
        .output()
        .unwrap();
    let page = String::from_utf8(output.stdout).unwrap();
    assert!(page.contains(" data-ready=\""), "the page's script did not come to its end: {:.400}", page);
    Some(page)
}

/// A figure as an element of the page carries it.
#[derive(Debug)]
struct Shown {
    path: String,
    value: String,
    unit: Option<String>,
    text: String,
}

fn figures(page: &str) -> Vec<Shown> {
    let attribute = |tag: &str, name: &str| {
        let (_, rest) = tag.split_once(&format!("{name}=\""))?;
        Some(rest.split('"').next().unwrap().replace("&amp;", "&"))
    };
    page.split("<span")
        .filter_map(|part| {
            let (tag, rest) = part.split_once('>')?;
            let path = attribute(tag, "data-path")?;
            let text = rest.split('<').next().unwrap().to_owned();
            Some(Shown {
                path,
                value: attribute(tag, "data-value").unwrap(),
                unit: attribute(tag, "data-unit"),
                text,
            })
        })
        .collect()
}

/// What the eye reads and what the attribute holds are what the document says.
fn check(shown: &Shown, document: &Value) {
    let said = document.pointer(&shown.path).unwrap_or_else(|| panic!("not in the document: {shown:?}"));
    match said {
        Value::Null => {
            assert_eq!(shown.value, "null", "{shown:?}");
            assert!(shown.text.starts_with("n/a"), "{shown:?}");
        }
        Value::String(text) => assert_eq!((&shown.value, &shown.text), (text, text)),
        said => {
            let said = said.as_f64().unwrap();
            // The reader of these tests may be off by a last bit; the page's is not.
            let carried: f64 = shown.value.parse().unwrap();
            assert!((carried - said).abs() <= said.abs() * 1e-15, "{shown:?} is not {said}");
            let (scale, step) = match shown.unit.as_deref().unwrap() {
                "fraction" => (100.0, 0.01),
                "money" => (1.0, 0.01),
                "ratio" => (1.0, 0.001),
                "count" | "days" => (1.0, 1.0),
                other => panic!("an unknown unit: {other}"),
            };
            let plain = shown.text.replace('\u{2212}', "-").replace([',', '%', 'd', ' '], "");
            let read: f64 = plain.parse().unwrap_or_else(|_| panic!("no number: {shown:?}"));
            let tolerance = step * 0.500_001 + said.abs() * scale * 1e-12;
            assert!((read - said * scale).abs() <= tolerance, "{shown:?} is not {said}");
        }
    }
}

#[test]
fn the_page_shows_what_the_document_says() {
    let sandbox = Sandbox::new();
    let (directory, _) = report(&sandbox, 40 * 1_440);
    let document = document(&directory);
    for (run, name) in [(0, "strategic"), (3, "newbie"), (7, "buy_hold")] {
        let Some(page) = built_by_chromium(&directory, name, &sandbox) else { return };
        let shown = figures(&page);
        shown.iter().for_each(|figure| check(figure, &document));
        let has = |path: &str| assert!(shown.iter().any(|figure| figure.path == path), "{path} is not shown");
        for of in 0..8 {
            for key in ["net_pnl", "max_drawdown", "metrics/sharpe", "trades", "track_record/days"] {
                has(&format!("/runs/{of}/{key}"));
            }
        }
        for metric in
            document["runs"][run]["metrics"].as_object().unwrap().keys().filter(|key| *key != "reasons")
        {
            has(&format!("/runs/{run}/metrics/{metric}"));
        }
        (0..8).for_each(|target| has(&format!("/page/bots/{run}/targets/{target}/value")));
        has(&format!("/page/bots/{run}/months/0/1"));
        has("/page/luck/sharpe_of_the_luckiest");
        if name == "newbie" {
            has("/runs/3/cost_of_emotion/low_95");
            has("/runs/3/behaviour/disposition_effect");
        }
        assert!(page.contains("Past results promise nothing"));
        assert!(shown.len() > 120, "{} figures", shown.len());
    }
}

#[test]
fn a_run_of_nothing_is_a_page_too() {
    for minutes in [2, 1_440] {
        let sandbox = Sandbox::new();
        let (directory, _) = report(&sandbox, minutes);
        let document = document(&directory);
        // A fragment that nothing can be read from leaves the page as it is without one.
        for name in ["strategic", "buy_hold", "100%"] {
            let Some(page) = built_by_chromium(&directory, name, &sandbox) else { return };
            let shown = figures(&page);
            shown.iter().for_each(|figure| check(figure, &document));
            assert!(page.contains("n/a (no trade)") && page.contains("n/a (1 daily returns, needs 2)"));
        }
    }
}

#[test]
fn five_files_say_what_the_command_prints() {
    let sandbox = Sandbox::new();
    let (directory, printed) = report(&sandbox, 10 * 1_440);
    let mut names: Vec<String> = std::fs::read_dir(&directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, FILES);
    let mut written = document(&directory);
    let page = written.as_object_mut().unwrap().remove("page").unwrap();
    assert_eq!(written, printed, "but for `page` it is the document of --json, digit by digit");
    for (run, bot) in written["runs"].as_array().unwrap().iter().zip(page["bots"].as_array().unwrap()) {
        assert_eq!(run["persona"], bot["persona"]);
        let rows = bot["trades"].as_array().unwrap();
        assert_eq!(run["trades"], rows.len());
        let net: i64 = rows.iter().map(|row| crate::micro(&row[9])).sum();
        assert_eq!(crate::micro(&run["net_pnl"]), net, "the trades on the page sum to the result");
        let last = bot["equity"]["usdt"].as_array().unwrap().last().unwrap();
        assert_eq!(&run["final_equity"], last);
    }
    assert!(
        !read(&directory, "report.json").contains(sandbox.0.to_str().unwrap()),
        "no folder is given away"
    );
    let trades = sandbox.path("again.csv");
    let (bars, funding) = (sandbox.path("bars.csv"), sandbox.path("funding.csv"));
    let given: [&dyn AsRef<std::ffi::OsStr>; 10] = [
        &"backtest",
        &"--bars",
        &bars,
        &"--funding",
        &funding,
        &"--persona",
        &"all",
        &"--trades",
        &trades,
        &"--json",
    ];
    omega(&given).json();
    assert_eq!(read(&directory, "trades.csv"), std::fs::read_to_string(trades).unwrap());
}

#[test]
fn the_page_is_made_again_from_its_document_alone() {
    let sandbox = Sandbox::new();
    let (directory, _) = report(&sandbox, 3_000);
    let (html, json) = (read(&directory, "report.html"), read(&directory, "report.json"));
    FILES
        .iter()
        .filter(|name| **name != "report.json")
        .for_each(|name| std::fs::remove_file(directory.join(name)).unwrap());
    let said = omega(&[&"report", &directory]);
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    assert_eq!(Path::new(said.out.trim_end()), directory.canonicalize().unwrap().join("report.html"));
    assert_eq!((read(&directory, "report.html"), read(&directory, "report.json")), (html, json.clone()));
    let refused = |text: &str, problem: &str, hint: &str| {
        std::fs::write(directory.join("report.json"), text).unwrap();
        let said = omega(&[&"report", &directory]);
        let file = directory.join("report.json");
        assert_eq!(said.err, format!("error: {} cannot be shown: {problem}\nhint: {hint}\n", file.display()));
        assert_eq!((said.code, said.out.as_str()), (1, ""));
    };
    let again = "write it with `omega backtest --report DIR`, and name that directory";
    refused("{\"runs\":[]}", "it is not the document of a report", again);
    let newer = json.replace("\"page\":{\"version\":1,", "\"page\":{\"version\":2,");
    refused(
        &newer,
        "it is of version 2, and this build reads version 1",
        "run the back-test again with this build",
    );
    std::fs::remove_file(directory.join("report.json")).unwrap();
    let said = omega(&[&"report", &directory]);
    assert!(
        said.code == 1 && said.err.starts_with("error: cannot read ") && said.err.contains(again),
        "{said:?}"
    );
}

#[test]
fn a_report_never_takes_the_place_of_anything_else() {
    let sandbox = Sandbox::new();
    let bars = sandbox.write("trades.csv", crate::csv(&crate::rows(200)));
    let said = omega(&[&"backtest", &"--bars", &bars, &"--report", &sandbox.0]);
    assert_eq!(said.err, "error: --report and --bars name the same file\nhint: give each its own file\n");
    let said = omega(&[&"backtest", &"--bars", &bars, &"--report", &bars]);
    assert!(said.code == 2 && said.err.contains("is not a directory"), "{said:?}");
    assert_eq!(sandbox.names(), ["trades.csv"]);
}

#[test]
#[cfg(target_os = "linux")]
fn open_hands_the_page_to_the_desktop() {
    use std::os::unix::fs::PermissionsExt;
    let sandbox = Sandbox::new();
    let (directory, _) = report(&sandbox, 2);
    let (desktop, told) = (sandbox.path("bin"), sandbox.path("told"));
    std::fs::create_dir(&desktop).unwrap();
    let open = |path: &Path| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_omega"));
        command.args(["report", "--open"]).arg(&directory).env("PATH", path).output().unwrap()
    };
    let alone = open(&desktop);
    assert!(alone.status.success());
    assert!(String::from_utf8(alone.stderr).unwrap().starts_with("warning: no browser could be started"));
    let script = sandbox.write("bin/xdg-open", format!("#!/bin/sh\necho \"$1\" > {}\n", told.display()));
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
    let opened = open(&desktop);
    assert_eq!((opened.status.success(), opened.stderr.len()), (true, 0));
    let page = directory.canonicalize().unwrap().join("report.html");
    let heard = || std::fs::read_to_string(&told).unwrap_or_default();
    for _ in 0..200 {
        if !heard().is_empty() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(25));
    }
    assert_eq!(Path::new(heard().trim_end()), page);
}
