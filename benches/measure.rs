//! Measures one thing on given data and prints `name TAB value` lines, for `benches/run` to read:
//!
//! ```text
//! cargo bench --bench measure -- analysis ARTICLES.jsonl
//! ```
//!
//! Times are CPU-seconds of this process; reading and parsing the input is not counted.

use std::fs;
use std::hint::black_box;
use std::process::ExitCode;
use std::time::Duration;

use clippings::analyze::{Analyzer, Language};
use clippings::clipping::Clipping;
use rustix::time::{ClockId, clock_gettime};

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments.as_slice() {
        ["analysis", articles] => analysis(articles),
        _ => {
            eprintln!("usage: measure analysis ARTICLES.jsonl");
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

/// CPU time that this process has used, in user and system mode.
fn cpu() -> Duration {
    let now = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(now.tv_sec as u64, now.tv_nsec as u32)
}

/// Analyses headline and body of every article, with one analyzer that starts with an empty cache.
fn analysis(articles: &str) -> Outcome {
    let mut texts = Vec::new();
    for line in fs::read_to_string(articles)?.lines() {
        let clipping: Clipping = serde_json::from_str(line)?;
        texts.push(clipping.headline);
        texts.push(clipping.body);
    }
    let mut analyzer = Analyzer::new(Language::embedded()?);
    let mut terms = 0u64;
    let started = cpu();
    for text in &texts {
        analyzer.terms(text, &mut |term| {
            black_box(term);
            terms += 1;
        });
    }
    let spent = cpu() - started;
    println!("text_bytes\t{}", texts.iter().map(|text| text.len() + 1).sum::<usize>());
    println!("cpu_seconds\t{:.3}", spent.as_secs_f64());
    println!("terms\t{terms}");
    Ok(())
}
