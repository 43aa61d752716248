//! The arguments that every command shares which asks the index for clippings: filters, and the
//! words that mean the same.

use std::path::PathBuf;
use std::{fs, io};

use clap::{Args, ValueEnum, ValueHint};
use jiff::civil::Date;

use super::error::one_line;
use super::{CliError, Global};
use crate::analyze::synonyms::Synonyms;
use crate::extract::outlet;
use crate::query::date_range::BadDate;
use crate::query::{self, DateRange};
use crate::saved::Search;
use crate::search;

/// Which clippings are asked for, beside the query.
#[derive(Debug, Clone, Default, Args)]
pub struct Filters {
    /// Only of this outlet; may be repeated; names and aliases are understood
    #[arg(long, value_name = "NAME", help_heading = "Filters")]
    pub outlet: Vec<String>,

    /// Only by this reporter; may be repeated
    #[arg(long, value_name = "NAME", help_heading = "Filters")]
    pub reporter: Vec<String>,

    /// Only from this day on: 2024, 2024-02, 2024-02-22, 7d, 오늘; Korean time
    #[arg(long, value_name = "DATE", help_heading = "Filters")]
    pub from: Option<String>,

    /// Only up to this day, itself included
    #[arg(long, value_name = "DATE", help_heading = "Filters")]
    pub to: Option<String>,

    /// With --from or --to: also clippings without a date
    #[arg(long, help_heading = "Filters")]
    pub undated: bool,
}

impl Filters {
    /// The filters as parts of a query. `today` is the day in Korea.
    ///
    /// # Errors
    /// When `--from` or `--to` is no date, or they stand in the wrong order.
    pub fn parts(&self, today: Date) -> Result<query::Filters, CliError> {
        Ok(query::Filters {
            outlets: self.outlet.iter().map(|name| outlet_name(name)).collect(),
            reporters: self.reporter.clone(),
            published: self.days(today)?,
            undated: self.undated,
        })
    }

    /// The days that `--from` and `--to` name; `None` when neither is given.
    ///
    /// # Errors
    /// See [`Filters::parts`].
    pub fn days(&self, today: Date) -> Result<Option<DateRange>, CliError> {
        let bad = |e: BadDate| CliError::new(e.to_string());
        let from = self.from.as_deref().map(|d| DateRange::start(d, today));
        let to = self.to.as_deref().map(|d| DateRange::end(d, today));
        let (from, to) = (from.transpose().map_err(bad)?, to.transpose().map_err(bad)?);
        if let (Some(from), Some(to)) = (from, to)
            && from > to
        {
            return Err(CliError::new(format!("--from {from} is after --to {to}")));
        }
        Ok((from.is_some() || to.is_some()).then_some(DateRange { from, to }))
    }

    /// Whether everything passes.
    pub fn are_none(&self) -> bool {
        self.outlet.is_empty()
            && self.reporter.is_empty()
            && self.from.is_none()
            && self.to.is_none()
    }

    /// A query with these filters, to be kept under `name`.
    pub fn saved_as(&self, name: &str, query: String) -> Search {
        Search {
            name: name.to_owned(),
            query,
            outlets: self.outlet.clone(),
            reporters: self.reporter.clone(),
            from: self.from.clone(),
            to: self.to.clone(),
            undated: self.undated,
        }
    }
}

/// The canonical name of an outlet; as typed when it is not known.
pub fn outlet_name(name: &str) -> String {
    outlet::canonical(name).map_or_else(|| name.to_owned(), |o| o.name.to_string())
}

/// Orders of results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Sort {
    /// Best first
    Relevance,
    /// Latest first, undated last
    Newest,
    /// Earliest first, undated last
    Oldest,
}

impl From<Sort> for search::Sort {
    fn from(sort: Sort) -> Self {
        match sort {
            Sort::Relevance => search::Sort::Relevance,
            Sort::Newest => search::Sort::Newest,
            Sort::Oldest => search::Sort::Oldest,
        }
    }
}

/// Which words mean the same.
#[derive(Debug, Clone, Default, Args)]
pub struct SynonymArgs {
    /// Words that mean the same, several on a line [default: synonyms.txt in the index folder]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub synonyms: Option<PathBuf>,

    /// Leave out the built-in synonyms (생성형 AI for 생성 AI, 북한 for 北, ...)
    #[arg(long)]
    pub no_synonyms: bool,
}

impl SynonymArgs {
    /// The synonyms of the file, or of the index's own, with the built-in ones.
    ///
    /// # Errors
    /// When the file that was named cannot be read.
    pub fn read(&self, global: &Global) -> Result<Option<Synonyms>, CliError> {
        let path = match &self.synonyms {
            Some(path) => path.clone(),
            None => global.index.join("synonyms.txt"),
        };
        let own = match fs::read_to_string(&path) {
            Ok(text) => {
                let (synonyms, notes) = Synonyms::parse(&text);
                for note in notes {
                    eprintln!(
                        "note: {}: {}",
                        one_line(&path.display().to_string()),
                        one_line(&note.to_string())
                    );
                }
                synonyms
            }
            Err(e) if self.synonyms.is_none() && e.kind() == io::ErrorKind::NotFound => {
                Synonyms::default()
            }
            Err(e) => return Err(CliError::new(format!("{}: {e}", path.display()))),
        };
        Ok(match self.no_synonyms {
            true => (!own.is_empty()).then_some(own),
            false => Some(own.merge(Synonyms::builtin())),
        })
    }
}
