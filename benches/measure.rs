//! Runs one measurement on the given data and prints `name TAB value` lines for `benches/run`:
//!
//! ```text
//! cargo bench --bench measure -- analysis ARTICLES.jsonl
//! cargo bench --bench measure -- extraction FOLDER
//! cargo bench --bench measure -- query INDEX QUERIES.tsv
//! cargo bench --bench measure -- space INDEX
//! ```
//!
//! Throughput is measured in CPU-seconds of this process, latency in milliseconds of wall-clock
//! time. Loading the input is not counted.

use std::collections::BTreeMap;
use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clippings::analyze::bulk::{Interner, RunSequences, TermTable};
use clippings::analyze::{Analyzer, Language, TermKind};
use clippings::clipping::Clipping;
use clippings::extract::{Extractor, Page};
use clippings::index::Archive;
use clippings::query::parse;
use clippings::search::{Engine, Request, Show};
use jiff::civil::date;
use rustix::time::{ClockId, clock_gettime};

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|a| a != "--bench")
        .collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments.as_slice() {
        ["analysis", articles] => analysis(articles),
        ["extraction", folder] => extraction(Path::new(folder)),
        ["space", index] => space(Path::new(index)),
        ["query", index, queries] => query(Path::new(index), Path::new(queries)),
        _ => {
            eprintln!(
                "usage: measure analysis ARTICLES.jsonl | extraction FOLDER | query INDEX QUERIES.tsv | space INDEX"
            );
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("measure: {error}");
            ExitCode::from(2)
        }
    }
}

/// User and system CPU time of this process.
fn cpu() -> Duration {
    let now = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(now.tv_sec as u64, now.tv_nsec as u32)
}

/// Analyzes the headline and body of every article, in two ways: in bulk, as `add` does with one
/// thread, iterating over every term and position; and text by text, as for display, with byte
/// offsets and an analyzer whose cache starts empty.
fn analysis(articles: &str) -> Outcome {
    let mut texts = Vec::new();
    for line in fs::read_to_string(articles)?.lines() {
        let clipping: Clipping = serde_json::from_str(line)?;
        texts.push(clipping.headline);
        texts.push(clipping.body);
    }
    println!(
        "text_bytes\t{}",
        texts.iter().map(|text| text.len() + 1).sum::<usize>()
    );
    let language = Language::embedded()?;
    let started = cpu();
    let terms = in_bulk(&texts, &language)?;
    println!("cpu_seconds\t{:.3}", (cpu() - started).as_secs_f64());
    println!("terms\t{terms}");

    let started = cpu();
    let mut analyzer = Analyzer::new(language);
    let mut terms = 0u64;
    for text in &texts {
        analyzer.terms(text, &mut |term| {
            black_box(term);
            terms += 1;
        });
    }
    println!("one_by_one_seconds\t{:.3}", (cpu() - started).as_secs_f64());
    println!("one_by_one_terms\t{terms}");
    Ok(())
}

/// Analyzes `texts` in bulk and counts their terms.
fn in_bulk(texts: &[String], language: &Language) -> Result<u64, Box<dyn std::error::Error>> {
    let (mut runs, mut numbered) = (Interner::default(), RunSequences::default());
    for (doc, text) in (0..).zip(texts) {
        numbered.add(doc, std::iter::once(text.as_str()), &mut runs);
    }
    let write = |kind: TermKind, text: &str, out: &mut String| {
        out.push_str(text);
        out.push_str(kind.name());
        true
    };
    let terms = TermTable::build(&runs.into_words(), language, 1, &|_| true, &write)
        .map_err(|_| "the analyzer panicked")?;
    let mut count = 0;
    for (_, placed) in numbered.docs() {
        for (run, position) in placed {
            for &term in terms.of_run(run) {
                black_box((term, position));
                count += 1;
            }
        }
    }
    Ok(count)
}

/// Extracts all pages of a folder repeatedly, for at least three CPU-seconds. The first round
/// initializes lazy statics and is not counted.
fn extraction(folder: &Path) -> Outcome {
    let mut files = fs::read_dir(folder)?
        .map(|entry| entry.map(|e| e.path()))
        .collect::<Result<Vec<PathBuf>, _>>()?;
    files.sort();
    let mut pages = Vec::new();
    for file in files.iter().filter(|file| file.is_file()) {
        pages.push(fs::read(file)?);
    }
    if pages.is_empty() {
        return Err(format!("no pages are in {}", folder.display()).into());
    }
    let extractor = Extractor::default();
    let round = || {
        pages
            .iter()
            .filter(|page| extractor.extract(&Page::new(page, "page.html")).is_ok())
            .count()
    };
    let taken = round();
    let started = cpu();
    let mut rounds = 0;
    while cpu() - started < Duration::from_secs(3) {
        black_box(round());
        rounds += 1;
    }
    let spent = cpu() - started;
    println!("pages\t{}", pages.len() * rounds);
    println!(
        "page_bytes\t{}",
        pages.iter().map(Vec::len).sum::<usize>() * rounds
    );
    println!("taken\t{taken}");
    println!("cpu_seconds\t{:.3}", spent.as_secs_f64());
    Ok(())
}

/// Runs each query (lines `id TAB query`) three times and reports the third: parsing, searching,
/// ranking and reading the records of ten hits, without and with snippets.
fn query(index: &Path, queries: &Path) -> Outcome {
    let opened = Instant::now();
    let engine = Engine::open(index, None)?;
    println!("open_ms\t{:.3}", opened.elapsed().as_secs_f64() * 1e3);
    let today = date(2025, 1, 1);
    let queries = fs::read_to_string(queries)?;
    let queries: Vec<&str> = queries
        .lines()
        .filter_map(|l| Some(l.split_once('\t')?.1))
        .collect();
    let (mut found_ms, mut shown_ms, mut hits) = (Vec::new(), Vec::new(), 0);
    for round in 0..3 {
        for text in &queries {
            for (snippet_chars, times) in [(0, &mut found_ms), (160, &mut shown_ms)] {
                let started = Instant::now();
                let request = Request {
                    tree: parse(text, today).tree,
                    show: Show {
                        snippet_chars,
                        ..Show::default()
                    },
                    ..Request::default()
                };
                let answer = engine.searcher()?.search(&request)?;
                if round == 2 {
                    times.push(started.elapsed().as_secs_f64() * 1e3);
                    hits += answer.hits.len();
                }
            }
        }
    }
    hits /= 2;
    println!("queries\t{}", queries.len());
    println!("hits\t{hits}");
    for (name, times) in [("", &mut found_ms), ("shown_", &mut shown_ms)] {
        times.sort_by(f64::total_cmp);
        let at = |share: f64| {
            let place = (times.len() as f64 * share) as usize;
            times
                .get(place.min(times.len().saturating_sub(1)))
                .copied()
                .unwrap_or(0.0)
        };
        println!("{name}p50_ms\t{:.3}", at(0.5));
        println!("{name}p99_ms\t{:.3}", at(0.99));
    }
    Ok(())
}

/// Size of an index in bytes: records, and for each field its terms, postings, positions and
/// column. Postings and positions are measured as Tantivy writes them, before the compression on
/// disk.
fn space(index: &Path) -> Outcome {
    let archive = Archive::open(index)?;
    let usage = archive.searcher().space_usage()?;
    println!("all\t{}", usage.total().get_bytes());
    let mut fields: BTreeMap<(&str, String), u64> = BTreeMap::new();
    for segment in usage.segments() {
        *fields.entry(("records", String::new())).or_default() +=
            segment.store().total().get_bytes();
        for (kind, of) in [
            ("terms", segment.termdict()),
            ("postings", segment.postings()),
            ("positions", segment.positions()),
            ("columns", segment.fast_fields()),
            ("lengths", segment.fieldnorms()),
        ] {
            for field in of.fields() {
                let name = field.field_name().to_owned();
                *fields.entry((kind, name)).or_default() += field.total().get_bytes();
            }
        }
    }
    for ((kind, field), bytes) in fields {
        println!("{kind} {field}\t{bytes}");
    }
    Ok(())
}
