#![allow(missing_docs, clippy::all)]
use sim::{Settings, run, run_traced, Outcome};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Mutex;
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let (from, n) = (args[1].parse::<u64>().unwrap(), args[2].parse::<u64>().unwrap());
    if args.len() > 3 {
        use std::io::Write;
        let mut out = std::io::BufWriter::new(std::fs::File::create(&args[3]).unwrap());
        let o = run_traced(&Settings::of(from), &mut |l| { writeln!(out, "{l}").unwrap(); out.flush().unwrap(); });
        println!("{o:?}");
        return;
    }
    let next = AtomicU64::new(from);
    let all: Mutex<Vec<(u64, Option<Outcome>)>> = Mutex::new(vec![]);
    let started = std::time::Instant::now();
    let jobs = std::env::var("JOBS").ok().and_then(|j| j.parse().ok()).unwrap_or(2);
    std::panic::set_hook(Box::new(|info| { eprintln!("PANIC {}", info); }));
    std::thread::scope(|s| { for _ in 0..jobs { s.spawn(|| loop {
        let seed = next.fetch_add(1, Ordering::SeqCst);
        if seed >= from + n { break; }
        let o = std::panic::catch_unwind(|| run(&Settings::of(seed))).ok();
        match &o { None => println!("seed {seed}: ABORT 127"), Some(o) => if let Some(b) = &o.broken { println!("seed {seed}: {} {b}", b.exit_code()) } }
        all.lock().unwrap().push((seed, o));
    }); } });
    let all = all.into_inner().unwrap();
    let secs = started.elapsed().as_secs_f64();
    let mut faults = sim::Tally::default();
    let (mut orders, mut fills, mut failed, mut naked) = (0, 0, 0, 0);
    for (_, o) in &all { match o { None => failed += 1, Some(o) => { failed += o.broken.is_some() as u32; faults = faults.plus(&o.faults); orders += o.orders; fills += o.fills; naked = naked.max(o.naked_s); } } }
    println!("{n} seeds {failed} failed {secs:.1} s orders {orders} fills {fills} naked {naked}");
    for f in sim::Fault::ALL { print!("{} {} ", f.name(), faults.of(f)); }
    println!();
    let mut refusals = [0u64; risk::Refusal::ALL.len()];
    let mut rej = [0u64; model::RejectReason::ALL.len()];
    for (_, o) in &all { if let Some(o) = o { for (a, b) in refusals.iter_mut().zip(o.refusals) { *a += b; } for (a, b) in rej.iter_mut().zip(o.rejections) { *a += b; } } }
    for (r, c) in risk::Refusal::ALL.iter().zip(refusals) { print!("{} {c}, ", r.name()); }
    println!();
    for (r, c) in model::RejectReason::ALL.iter().zip(rej) { print!("{:?} {c}, ", r); }
    println!();
}
