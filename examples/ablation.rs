//! Ablation of the signals in `extract::evidence`: how many pages of a gold file are extracted
//! correctly without each.
//!
//! ```text
//! cargo run --release --example ablation -- GOLD.jsonl PAGES [NOT-ARTICLES]
//! ```
//!
//! Prints one line with all signals, and one for each signal whose absence changes a figure.

use std::collections::BTreeSet;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

use clippings::clipping::Clipping;
use clippings::extract::evidence::Sign;
use clippings::extract::{Extractor, Options, Page};
use serde::Deserialize;

/// Expected values of a page.
#[derive(Deserialize)]
struct Gold {
    file: String,
    headline: String,
    outlet: Option<String>,
    /// Alternative names that count as correct.
    #[serde(default)]
    outlet_also: Option<Vec<String>>,
    /// A news agency's credit after the text.
    #[serde(default)]
    credit: Option<String>,
    #[serde(default)]
    reporters: Vec<String>,
    published: Option<String>,
    #[serde(default)]
    body_first: String,
    #[serde(default)]
    body_last: String,
    #[serde(default)]
    must_not: Vec<String>,
    #[serde(default)]
    captions: Vec<String>,
    #[serde(default)]
    decks: Vec<String>,
}

const FIELDS: [&str; 10] = [
    "headline",
    "outlet",
    "reporters",
    "published",
    "lead",
    "tail",
    "clean",
    "captions",
    "decks",
    "whole",
];

#[derive(Default, PartialEq)]
struct Figures {
    right: [usize; FIELDS.len()],
    /// Non-articles from which a record was extracted.
    taken: usize,
}

fn squash(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace() && !"\"'“”‘’`´′″".contains(*c))
        .collect()
}

fn edge(text: &str, last: bool) -> String {
    let text = squash(text);
    let count = text.chars().count();
    match last {
        true => text.chars().skip(count.saturating_sub(24)).collect(),
        false => text.chars().take(24).collect(),
    }
}

fn judge(gold: &Gold, got: Option<Clipping>) -> [bool; FIELDS.len()] {
    let Some(got) = got else {
        return [false; FIELDS.len()];
    };
    let body = squash(&got.body);
    let subheads = squash(&got.subheads.join(" "));
    let names = |list: &[String]| -> BTreeSet<String> { list.iter().map(|n| squash(n)).collect() };
    let day = |text: String| text.chars().take(10).collect::<String>();
    let lead = match body.find(&edge(&gold.body_first, false)) {
        Some(at) => {
            let mut before = body[..at].to_owned();
            for deck in &gold.decks {
                before = before.replace(&squash(deck), "");
            }
            before.chars().count() <= 40
        }
        None => gold.body_first.is_empty(),
    };
    let last = edge(&gold.body_last, true);
    let tail = match body.rfind(&last) {
        Some(at) => {
            let credit = squash(gold.credit.as_deref().unwrap_or_default());
            body[at + last.len()..].replace(&credit, "").chars().count() <= 40
        }
        None => gold.body_last.is_empty(),
    };
    let also = gold.outlet_also.iter().flatten();
    let outlets: Vec<String> = gold.outlet.iter().chain(also).map(|o| squash(o)).collect();
    let outlet = got.outlet.as_deref().map(squash).unwrap_or_default();
    let mut right = [
        squash(&got.headline) == squash(&gold.headline),
        outlets.is_empty() || outlets.contains(&outlet),
        names(&got.reporters) == names(&gold.reporters),
        got.published.map(|p| day(p.to_string())) == gold.published.clone().map(day),
        lead,
        tail,
        !gold.must_not.iter().any(|m| body.contains(&squash(m))),
        !gold
            .captions
            .iter()
            .map(|c| squash(c))
            .any(|c| c.chars().count() >= 8 && body.contains(&c)),
        gold.decks
            .iter()
            .map(|d| squash(d))
            .all(|d| subheads.contains(&d) || body.contains(&d)),
        false,
    ];
    right[FIELDS.len() - 1] = right[..FIELDS.len() - 1].iter().all(|r| *r);
    right
}

fn measure(pages: &[(Gold, Vec<u8>)], others: &[Vec<u8>], without: Option<Sign>) -> Figures {
    let extractor = Extractor::new(Options {
        without,
        ..Options::default()
    });
    let extract = |bytes: &[u8]| extractor.extract(&Page::new(bytes, "page")).ok();
    let mut figures = Figures::default();
    for (gold, bytes) in pages {
        let right = judge(gold, extract(bytes).map(|e| e.clipping));
        for (count, right) in figures.right.iter_mut().zip(right) {
            *count += usize::from(right);
        }
    }
    figures.taken = others.iter().filter(|b| extract(b).is_some()).count();
    figures
}

fn print(name: &str, figures: &Figures) {
    print!("{name:<20}");
    for count in figures.right {
        print!("\t{count}");
    }
    println!("\t{}", figures.taken);
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let (gold, folder, others) = match arguments.as_slice() {
        [gold, folder] => (gold, folder, None),
        [gold, folder, others] => (gold, folder, Some(others)),
        _ => return Err("usage: ablation GOLD.jsonl PAGES [NOT-ARTICLES]".into()),
    };
    let mut pages = Vec::new();
    for line in fs::read_to_string(gold)?.lines() {
        let gold: Gold = serde_json::from_str(line)?;
        let bytes = fs::read(Path::new(folder).join(&gold.file))?;
        pages.push((gold, bytes));
    }
    let mut negatives = Vec::new();
    if let Some(folder) = others {
        let mut files = fs::read_dir(folder)?
            .map(|entry| entry.map(|e| e.path()))
            .collect::<Result<Vec<PathBuf>, _>>()?;
        files.sort();
        for file in files {
            negatives.push(fs::read(file)?);
        }
    }
    println!("without             \t{}\ttaken", FIELDS.join("\t"));
    let all = measure(&pages, &negatives, None);
    print("-", &all);
    for sign in Sign::ALL {
        let figures = measure(&pages, &negatives, Some(*sign));
        if figures != all {
            print(&format!("{sign:?}"), &figures);
        }
    }
    Ok(())
}
