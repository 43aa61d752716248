//! scratch: idx DIR PATHS
use clippings::index::*;
use clippings::ingest::*;
use std::path::Path;
fn main() {
    let a: Vec<String> = std::env::args().skip(1).collect();
    let mut w = Writer::open(
        Path::new(&a[0]),
        true,
        WriterOptions {
            command: "add",
            wait: std::time::Duration::from_secs(1),
            threads: None,
        },
    )
    .unwrap();
    let o = Options {
        paths: a[1..].iter().map(|p| p.into()).collect(),
        ..Options::default()
    };
    let s = ingest(
        &mut w,
        &o,
        &Default::default(),
        &Default::default(),
        &mut |s| eprintln!("{s:?}"),
    )
    .unwrap();
    eprintln!(
        "added {} updated {} unchanged {} skipped {}",
        s.added, s.updated, s.unchanged, s.skipped
    );
    w.finish().unwrap();
}
