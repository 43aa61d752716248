//! Arguments of all commands that take a query: filters, order and synonyms.

use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};
use clap_complete::ArgValueCandidates;

use super::CliError;
use super::candidates::outlets;
use super::error::lang;
use crate::app::{self, Note, SynonymSource};
use crate::messages::{Localize, msg};

/// Which clippings to consider, beside the query.
#[derive(Debug, Clone, Default, Args)]
pub struct FilterArgs {
    /// Only this outlet (repeatable; aliases work)
    #[arg(long, value_name = "NAME", help_heading = "Filters", add = ArgValueCandidates::new(outlets))]
    outlet: Vec<String>,

    /// Only this reporter (repeatable)
    #[arg(long, value_name = "NAME", help_heading = "Filters")]
    reporter: Vec<String>,

    /// Published on or after: 2024, 2024-02, 2024-02-22, 7d, 오늘; Korean time
    #[arg(long, alias = "since", value_name = "DATE", help_heading = "Filters")]
    from: Option<String>,

    /// Published on or before (inclusive)
    #[arg(long, alias = "until", value_name = "DATE", help_heading = "Filters")]
    to: Option<String>,

    /// With --from or --to, include undated clippings
    #[arg(long, help_heading = "Filters")]
    undated: bool,
}

impl FilterArgs {
    /// The filters.
    pub fn filters(&self) -> app::Filters {
        app::Filters {
            outlets: self.outlet.clone(),
            reporters: self.reporter.clone(),
            from: self.from.clone(),
            to: self.to.clone(),
            undated: self.undated,
        }
    }
}

/// Whether a query may be read as something else.
#[derive(Debug, Clone, Copy, Default, Args)]
pub struct StrictArgs {
    /// Fail with exit code 2 instead of answering something other than the query as typed
    #[arg(long)]
    strict_query: bool,
}

impl StrictArgs {
    /// # Errors
    /// Under `--strict-query`, when one of `notes` says that the query was not answered as typed.
    pub fn refuse_changes(&self, notes: &[Note]) -> Result<(), CliError> {
        let changed = notes.iter().find(|note| note.changes_the_query());
        match changed.filter(|_| self.strict_query) {
            None => Ok(()),
            Some(note) => Err(CliError::new(note.text(lang())).with_hint(msg!(lang(),
                ko: "--strict-query를 빼면 이 내용을 알리고 검색합니다",
                en: "without --strict-query this is a note, and the search goes on",
            ))),
        }
    }
}

/// Filters as they are typed: `--outlet 한겨레 --from 7d`.
pub fn typed(filters: &app::Filters) -> String {
    let mut options = Vec::new();
    for (option, values) in [
        ("outlet", &filters.outlets),
        ("reporter", &filters.reporters),
    ] {
        options.extend(values.iter().map(|value| format!("--{option} {value}")));
    }
    for (option, value) in [("from", &filters.from), ("to", &filters.to)] {
        options.extend(value.iter().map(|value| format!("--{option} {value}")));
    }
    if filters.undated {
        options.push("--undated".to_owned());
    }
    options.join(" ")
}

/// Orders of results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SortArg {
    /// Best first
    Relevance,
    /// Newest first, undated last
    Newest,
    /// Oldest first, undated last
    Oldest,
}

impl From<SortArg> for app::Sort {
    fn from(sort: SortArg) -> Self {
        match sort {
            SortArg::Relevance => app::Sort::Relevance,
            SortArg::Newest => app::Sort::Newest,
            SortArg::Oldest => app::Sort::Oldest,
        }
    }
}

/// Where synonyms come from.
#[derive(Debug, Clone, Default, Args)]
pub struct SynonymArgs {
    /// File of synonyms, one comma-separated group per line [default: synonyms.txt in the index folder]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    synonyms: Option<PathBuf>,

    /// Disable the built-in synonyms (생성형 AI for 생성 AI, 북한 for 北, ...)
    #[arg(long)]
    no_synonyms: bool,
}

impl SynonymArgs {
    /// The source.
    pub fn source(&self) -> SynonymSource {
        SynonymSource {
            file: self.synonyms.clone(),
            without_builtin: self.no_synonyms,
        }
    }
}
