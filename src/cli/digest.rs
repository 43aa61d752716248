//! `clippings digest`

use std::io::Write;

use clap_complete::ArgValueCandidates;

use super::candidates::saved;
use super::clipbook::BookArgs;
use super::error::{lang, say};
use super::export::{export_format, refused};
use super::output_target::OutputTarget;
use super::query_args::{SortArg, SynonymArgs, typed};
use super::{CliError, CliResult, Exit, Global, OutputFormat};
use crate::app::digest::{Digest, DigestPart, DigestRequest};
use crate::app::today;
use crate::messages::msg;
use crate::report::export::{Export, ExportEntry, Group};
use crate::report::{Format, Printer, ResultPage, Style};

/// Show what is new in the saved searches
///
/// "New" means added since the previous digest of that search; the first digest shows everything.
/// Changed clippings and `reindex` do not count as new. All words of a query must match. A new copy
/// of an older clipping is shown, with that one as its copy.
///
/// Clippings are marked as seen once the digest is completely written; not with --peek or --since.
/// If nothing is new, nothing is written and the exit code is 1, for cron:
///
///   clippings digest -o new.html && mail ... < new.html
#[derive(Debug, clap::Args)]
#[command(
    verbatim_doc_comment,
    after_help = "\
Examples:
  clippings digest
  clippings digest 금리 칩 --format markdown > new.md
  clippings digest -o new.html --title '오늘의 클리핑' --links-only
  clippings digest --since 7d --peek
  clippings digest --since 12h"
)]
pub struct Args {
    /// Only these saved searches
    #[arg(value_name = "NAME", add = ArgValueCandidates::new(saved))]
    names: Vec<String>,

    /// Since when: last (digest), 2024-02-22, '2024-02-22 10:30', 7d, 12h, 30min, 어제
    #[arg(long, alias = "from", value_name = "WHEN", default_value = "last")]
    since: String,

    /// Do not mark the clippings shown as seen
    #[arg(long)]
    peek: bool,

    /// Omit new copies of known stories
    #[arg(long)]
    skip_copies: bool,

    /// Show near-duplicates separately
    #[arg(long, conflicts_with = "skip_copies")]
    all_copies: bool,

    /// Order of the clippings
    #[arg(long, value_enum, value_name = "ORDER", default_value_t = SortArg::Newest)]
    sort: SortArg,

    /// At most N per search (the rest are marked as seen, too) [default: all]
    #[arg(short = 'n', long, value_name = "N")]
    limit: Option<usize>,

    #[command(flatten)]
    synonyms: SynonymArgs,

    #[command(flatten)]
    target: OutputTarget,

    #[command(flatten)]
    book: BookArgs,
}

pub(super) const FORMATS: &[OutputFormat] = &[
    OutputFormat::Text,
    OutputFormat::Json,
    OutputFormat::Jsonl,
    OutputFormat::Markdown,
    OutputFormat::Clipbook,
];

pub fn run(args: &Args, global: &Global) -> CliResult {
    let format = args.target.format(global, "digest", FORMATS)?;
    let template = args.book.template(format)?;
    let app = global.opened(global.app_with(&args.synonyms))?;
    let digest = app.digest(&DigestRequest {
        names: args.names.clone(),
        since: Some(args.since.clone()),
        skip_copies: args.skip_copies,
        all_copies: args.all_copies,
        sort: args.sort.into(),
        limit: args.limit,
        snippet_chars: args.book.chars(),
    })?;
    let Digest {
        parts,
        failed,
        seen,
    } = digest;
    let has_failed = !failed.is_empty();
    for (name, error) in failed {
        CliError::from(error).about(&format!("@{name}")).print();
    }
    let is_new = !parts.is_empty();
    if is_new {
        args.target.write(global, format, |out| match format {
            OutputFormat::Markdown | OutputFormat::Clipbook => args
                .document(parts)
                .write(export_format(format), template.as_ref(), false, out)
                .map_err(refused),
            _ => args.pages(parts, format, global, out),
        })?;
    } else if !global.quiet {
        let nothing = msg!(lang(), ko: "새 기사가 없습니다", en: "nothing new");
        say(format_args!("{nothing}"));
    }
    // Only now, when all is written, has it been seen.
    if !args.peek {
        app.mark_seen(seen)?;
    }
    Ok(match (has_failed, is_new) {
        (true, _) => Exit::Error,
        (false, true) => Exit::Done,
        (false, false) => Exit::Nothing,
    })
}

impl Args {
    /// Writes pages of results, one per search.
    fn pages(
        &self,
        parts: Vec<DigestPart>,
        format: OutputFormat,
        global: &Global,
        out: &mut dyn Write,
    ) -> Result<(), CliError> {
        let kind = match format {
            OutputFormat::Json => Format::Json,
            OutputFormat::Jsonl => Format::Jsonl,
            _ => Format::Text,
        };
        let style = match self.target.file() {
            None => global.style(),
            Some(_) => Style::default(),
        };
        let mut printer = Printer::new(kind, style, true);
        for mut part in parts {
            if self.book.links_only {
                let hits = part.hits.iter_mut();
                hits.for_each(|hit| hit.clipping.keep_only_link());
            }
            let query = [part.query, typed(&part.filters)].join(" ");
            let page = ResultPage {
                query_id: Some(&part.name),
                query: query.trim(),
                total: part.total,
                partial: 0,
                clippings: part.clippings,
                notes: &part.notes,
                hits: &part.hits,
                facets: None,
            };
            printer.page(&page, out)?;
        }
        Ok(printer.finish(out)?)
    }

    /// The document, with a part for each search.
    fn document(&self, parts: Vec<DigestPart>) -> Export {
        let today = today();
        let entries = parts.into_iter().flat_map(|part| {
            let group = part.name;
            part.hits.into_iter().map(move |hit| ExportEntry {
                group: group.clone(),
                ..ExportEntry::new(hit)
            })
        });
        Export {
            title: self
                .book
                .title
                .clone()
                .unwrap_or_else(|| format!("새 기사 {today}")),
            query: String::new(),
            made: Some(today),
            group: Group::Given,
            links_only: self.book.links_only,
            full_text: self.book.full_text,
            is_continued: false,
            entries: entries.collect(),
        }
    }
}
