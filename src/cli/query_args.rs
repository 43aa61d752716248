//! Arguments of all commands that take a query: filters, order and synonyms.

use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};
use clap_complete::ArgValueCandidates;

use super::CliError;
use super::candidates::outlets;
use super::error::lang;
use crate::app::{self, Note, SynonymSource};
use crate::messages::{Localize, msg};

// Which clippings to consider, beside the query.
#[derive(Debug, Clone, Default, Args)]
pub struct FilterArgs {
    #[arg(
        long, value_name = "NAME", help_heading = text!(ko: "조건", en: "Filters"), add = ArgValueCandidates::new(outlets),
        help = text!(
            ko: "이 매체만(여러 번 쓸 수 있고 별칭도 됩니다)",
            en: "Only this outlet (repeatable; aliases work)",
        ),
    )]
    outlet: Vec<String>,

    #[arg(
        long, value_name = "NAME", help_heading = text!(ko: "조건", en: "Filters"),
        help = text!(ko: "이 기자만(여러 번 쓸 수 있음)", en: "Only this reporter (repeatable)"),
    )]
    reporter: Vec<String>,

    #[arg(
        long, alias = "since", value_name = "DATE", help_heading = text!(ko: "조건", en: "Filters"),
        help = text!(
            ko: "이날부터 보도한 기사: 2024, 2024-02, 2024-02-22, 7d, 오늘(한국 시간)",
            en: "Published on or after: 2024, 2024-02, 2024-02-22, 7d, 오늘; Korean time",
        ),
    )]
    from: Option<String>,

    #[arg(
        long, alias = "until", value_name = "DATE", help_heading = text!(ko: "조건", en: "Filters"),
        help = text!(ko: "이날까지 보도한 기사(그날 포함)", en: "Published on or before (inclusive)"),
    )]
    to: Option<String>,

    #[arg(
        long, help_heading = text!(ko: "조건", en: "Filters"),
        help = text!(
            ko: "--from이나 --to를 쓸 때 날짜 없는 기사도 넣습니다",
            en: "With --from or --to, include undated clippings",
        ),
    )]
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

// Whether a query may be read as something else.
#[derive(Debug, Clone, Copy, Default, Args)]
pub struct StrictArgs {
    #[arg(
        long,
        help = text!(
            ko: "입력한 검색식 그대로 찾을 수 없으면 고쳐 찾지 않고 종료 코드 2로 끝냅니다",
            en: "Fail with exit code 2 instead of answering something other than the query as typed",
        ),
    )]
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
    #[value(help = text!(ko: "관련도순", en: "Best first"))]
    Relevance,
    #[value(help = text!(ko: "최신순(날짜 없는 기사는 끝에)", en: "Newest first, undated last"))]
    Newest,
    #[value(help = text!(ko: "오래된순(날짜 없는 기사는 끝에)", en: "Oldest first, undated last"))]
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

// Where synonyms come from.
#[derive(Debug, Clone, Default, Args)]
pub struct SynonymArgs {
    #[arg(
        long, value_name = "FILE", value_hint = ValueHint::FilePath,
        help = text!(
            ko: "동의어 파일. 한 줄에 한 묶음씩 쉼표로 나눕니다 [기본값: 인덱스 폴더의 synonyms.txt]",
            en: "File of synonyms, one comma-separated group per line [default: synonyms.txt in the \
                index folder]",
        ),
    )]
    synonyms: Option<PathBuf>,

    #[arg(
        long,
        help = text!(
            ko: "내장 동의어(생성 AI와 생성형 AI, 北과 북한 등)를 쓰지 않습니다",
            en: "Disable the built-in synonyms (생성형 AI for 생성 AI, 북한 for 北, ...)",
        ),
    )]
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
