fn main() {
    let out = std::env::args().nth(1).unwrap();
    for file in std::env::args().skip(2) {
        let path = std::path::Path::new(&file);
        let start = std::time::Instant::now();
        match data::load_bars(path, &data::BarOptions::default()) {
            Ok(l) => {
                println!(
                    "{file} {} {:x} {:?} {} {:?}",
                    l.bars.len(),
                    l.source.data_hash,
                    l.source.time_unit,
                    l.source.price_decimals,
                    start.elapsed()
                );
                if out != "-" {
                    let s = std::time::Instant::now();
                    data::write_bars(
                        std::path::Path::new(&out),
                        l.bars.as_bars(),
                        model::Step::decimal(l.tick_decimals),
                    )
                    .unwrap();
                    println!("wrote {:?}", s.elapsed());
                }
            }
            Err(e) => println!("{file} ERR {e} | {}", e.hint()),
        }
    }
}
