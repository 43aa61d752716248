//! Input data, generated once per run.

use std::path::Path;
use std::sync::Arc;
use std::sync::LazyLock;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use clippings::analyze::{Analyzer, Language};
use clippings::index::{Writer, WriterOptions};
use clippings::ingest::{IngestOptions, Progress, Summary, ingest};
use clippings_generator::{Article, Generator, Lexicon, html};
use tempfile::TempDir;

/// 2,000 articles with seed 1, about 5 MB.
pub static ARTICLES: LazyLock<Vec<Article>> = LazyLock::new(|| {
    let lexicon = Lexicon::embedded().unwrap();
    let generator = Generator::new(lexicon, 1);
    (0..2_000).map(|n| generator.article(n)).collect()
});

/// The first 100 articles as saved pages.
pub static PAGES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let headlines: Vec<String> = ARTICLES
        .iter()
        .take(120)
        .map(|a| a.headline.clone())
        .collect();
    ARTICLES
        .iter()
        .take(100)
        .map(|article| html(article, &headlines))
        .collect()
});

/// The articles as a JSON Lines file.
pub static FILE: LazyLock<TempDir> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let lines: Vec<String> = ARTICLES
        .iter()
        .map(|a| serde_json::to_string(a).unwrap())
        .collect();
    std::fs::write(folder.path().join("articles.jsonl"), lines.join("\n")).unwrap();
    folder
});

/// An index of the articles.
pub static INDEX: LazyLock<TempDir> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    add(folder.path(), None);
    folder
});

/// Adds [`FILE`] to the index in `folder`.
pub fn add(folder: &Path, threads: Option<usize>) -> Summary {
    let wait = Duration::ZERO;
    let options = WriterOptions {
        command: "bench",
        wait,
        threads,
    };
    let mut writer = Writer::open(folder, true, options).unwrap();
    let options = Arc::new(IngestOptions {
        paths: vec![FILE.path().join("articles.jsonl")],
        threads,
        ..IngestOptions::default()
    });
    let progress = Arc::new(Progress::default());
    let stop = Arc::new(AtomicBool::new(false));
    let summary = ingest(&mut writer, &options, &stop, &progress, &mut |_| {}).unwrap();
    writer.finish().unwrap();
    summary
}

/// An analyzer with an empty cache.
pub fn analyzer() -> Analyzer {
    Analyzer::new(Language::embedded().unwrap())
}

/// Total size of the bodies in bytes.
pub fn body_bytes() -> usize {
    ARTICLES.iter().map(|article| article.body.len()).sum()
}
