//! Values for shell completion: outlets and saved searches of the index.

use std::ffi::OsStr;
use std::path::PathBuf;

use clap_complete::CompletionCandidate;

use super::Global;
use crate::app::{App, Filters, SynonymSource};

/// Names of outlets, by their number of clippings.
pub fn outlets() -> Vec<CompletionCandidate> {
    let stats = app().stats(&Filters::default());
    let outlets = stats.map(|stats| stats.outlets).unwrap_or_default();
    let numbered = outlets.into_iter().enumerate();
    numbered
        .map(|(place, outlet)| {
            CompletionCandidate::new(outlet.name)
                .help(Some(outlet.count.to_string().into()))
                .display_order(Some(place))
        })
        .collect()
}

/// Names of saved searches.
pub fn saved() -> Vec<CompletionCandidate> {
    named("")
}

/// `@NAME` of saved searches, when a query begins so.
pub fn queries(current: &OsStr) -> Vec<CompletionCandidate> {
    let Some(typed) = current.to_str().filter(|typed| typed.starts_with('@')) else {
        return Vec::new();
    };
    let mut all = named("@");
    all.retain(|candidate| {
        let name = candidate.get_value().to_str();
        name.is_some_and(|name| name.starts_with(typed))
    });
    all
}

fn named(sign: &str) -> Vec<CompletionCandidate> {
    let searches = app().saved_searches(&[]).unwrap_or_default();
    let candidate = |listed: crate::app::saved::ListedSearch| {
        CompletionCandidate::new(format!("{sign}{}", listed.search.name))
            .help(Some(listed.search.query.into()))
    };
    searches.into_iter().map(candidate).collect()
}

/// The index of `--index` on the line that is completed, else the default one.
fn app() -> App {
    let mut named = None;
    let mut words = std::env::args_os().skip_while(|word| word != "--");
    while let Some(word) = words.next() {
        match word.to_str() {
            Some("--index") => named = words.next().map(PathBuf::from),
            Some(text) => {
                if let Some(path) = text.strip_prefix("--index=") {
                    named = Some(PathBuf::from(path));
                }
            }
            None => {}
        }
    }
    App::new(Global::index_or(named), SynonymSource::default())
}
