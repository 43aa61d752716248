//! scratch: q search --index DIR --batch FILE --limit K --format trec   |  q DIR QUERY
use clippings::analyze::synonyms::Synonyms;
use clippings::index::*;
use clippings::search::*;
use std::io::Write;
use std::path::Path;
fn main() {
    let a: Vec<String> = std::env::args().skip(1).collect();
    let get = |n: &str| a.iter().position(|x| x == n).map(|i| a[i + 1].clone());
    let syn = std::env::var("NOSYN")
        .is_err()
        .then(|| Synonyms::builtin().clone());
    let today = jiff::civil::date(2026, 11, 23);
    if let Some(dir) = get("--index") {
        let mut e = Engine::new(Archive::open(Path::new(&dir)).unwrap(), syn);
        let limit: usize = get("--limit").unwrap().parse().unwrap();
        let out = std::io::stdout();
        let mut out = std::io::BufWriter::new(out.lock());
        let mut times = vec![];
        let mut part = 0;
        for line in std::fs::read_to_string(get("--batch").unwrap())
            .unwrap()
            .lines()
        {
            let (id, q) = line.split_once('\t').unwrap();
            let t = std::time::Instant::now();
            let r = Request {
                tree: clippings::query::parse(q, today).tree,
                limit,
                all_copies: true,
                ..Default::default()
            };
            let f = e.search(&r).unwrap();
            times.push(t.elapsed().as_secs_f64() * 1e3);
            part += f.partial as usize;
            let ids = e.ids(f.hits.iter().map(|h| h.address)).unwrap();
            for (i, (h, d)) in f.hits.iter().zip(ids).enumerate() {
                writeln!(out, "{id} Q0 {d} {} {} clippings", i + 1, h.score).unwrap();
            }
        }
        times.sort_by(f64::total_cmp);
        eprintln!(
            "p50 {:.2} ms p99 {:.2} ms max {:.2}, partial {part}/{}",
            times[times.len() / 2],
            times[times.len() * 99 / 100],
            times[times.len() - 1],
            times.len()
        );
        return;
    }
    let mut e = Engine::new(Archive::open(Path::new(&a[0])).unwrap(), syn);
    let p = clippings::query::parse(&a[1], today);
    println!("{} {:?}", p.tree, p.notes);
    let f = e
        .search(&Request {
            tree: p.tree,
            ..Default::default()
        })
        .unwrap();
    println!("total {} partial {}", f.total, f.partial);
    for h in &f.hits {
        let c = e.fetch(h.address).unwrap();
        let m = f.marks.of(&c.body, e.analyzer());
        let s = snippet::passages(&c.body, &m, 160, 1);
        println!(
            "{:.2} [{}] {} +{}\n    {}",
            h.score,
            c.id,
            c.headline,
            h.copies.len(),
            s.first()
                .map(|p| {
                    let ch: Vec<char> = p.text.chars().collect();
                    let mut o = String::new();
                    for (i, c) in ch.iter().enumerate() {
                        for (s, e) in &p.highlights {
                            if *s == i {
                                o.push('[');
                            }
                            if *e == i {
                                o.push(']');
                            }
                        }
                        o.push(*c);
                    }
                    o
                })
                .unwrap_or_default()
        );
    }
}
