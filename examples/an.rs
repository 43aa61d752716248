//! scratch
use clippings::analyze::*;
use std::io::Read;
fn main() {
    let t0 = std::time::Instant::now();
    let mut a = Analyzer::new(Language::embedded().unwrap());
    let args: Vec<String> = std::env::args().skip(1).collect();
    if args[0] == "-" {
        let mut s = String::new();
        std::io::stdin().read_to_string(&mut s).unwrap();
        let t = std::time::Instant::now();
        let (mut n, mut b) = (0u64, 0u64);
        for line in s.lines() {
            a.terms(line, &mut |t| {
                n += 1;
                b += t.text.len() as u64;
            });
        }
        let e = t.elapsed().as_secs_f64();
        println!(
            "{} MB, {n} terms, {b} bytes of terms, {:.2} MB/s",
            s.len() as f64 / 1e6,
            s.len() as f64 / 1e6 / e
        );
        return;
    }
    for x in args {
        for r in a.explain(&x) {
            print!("{} [", r.run);
            for m in &r.morphemes {
                print!("{}/{} ", m.text, m.tag);
            }
            print!("] ");
            for t in &r.terms {
                print!(
                    " {}{}({:?})",
                    t.term,
                    match t.kind {
                        Kind::Whole => "=",
                        Kind::Stem => "~",
                        Kind::Part => "*",
                    },
                    t.why
                );
            }
            println!("  atoms {:?}", r.atoms);
        }
    }
    eprintln!("{:?}", t0.elapsed());
}
