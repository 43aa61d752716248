//! `clippings digest`

use std::io::Write;

use clap_complete::ArgValueCandidates;

use super::candidates::saved;
use super::clipbook::BookArgs;
use super::error::{lang, say};
use super::export::{export_format, refused};
use super::help::examples;
use super::output_target::OutputTarget;
use super::query_args::{SortArg, SynonymArgs, typed};
use super::{CliError, CliResult, Exit, Global, OutputFormat};
use crate::app::digest::{Digest, DigestPart, DigestRequest};
use crate::app::today;
use crate::messages::msg;
use crate::report::export::{Export, ExportEntry, Group};
use crate::report::{Format, Printer, ResultPage, Style};

#[derive(Debug, clap::Args)]
#[command(
    long_about = text!(
        ko: "\
저장한 검색에 새로 들어온 기사를 보여 줍니다

그 검색의 지난 다이제스트 뒤에 추가한 기사가 새 기사이며, 첫 다이제스트에는 모두 나옵니다. 바뀐 기사와 `reindex`는 새 \
기사로 치지 않습니다. 검색식의 단어가 모두 있어야 합니다. 전에 있던 기사와 비슷한 기사가 새로 들어오면 그 기사와 함께 \
보여 줍니다.

다이제스트를 끝까지 쓰면 본 것으로 표시합니다. --peek이나 --since를 쓰면 표시하지 않습니다. \
새 기사가 없으면 아무것도 쓰지 않고 종료 코드 1로 끝나므로 cron에 쓰기 좋습니다.

  clippings digest -o new.html && mail ... < new.html",
        en: "\
Show what is new in the saved searches

\"New\" means added since the previous digest of that search; the first digest shows everything. \
Changed clippings and `reindex` do not count as new. All words of a query must match. A new copy \
of an older clipping is shown, with that one as its copy.

Clippings are marked as seen once the digest is completely written; not with --peek or --since. \
If nothing is new, nothing is written and the exit code is 1, for cron:

  clippings digest -o new.html && mail ... < new.html",
    ),
    after_help = examples("\
  clippings digest
  clippings digest 금리 칩 --format markdown > new.md
  clippings digest -o new.html --title '오늘의 클리핑' --links-only
  clippings digest --since 7d --peek
  clippings digest --since 12h")
)]
pub struct Args {
    #[arg(
        value_name = "NAME", add = ArgValueCandidates::new(saved),
        help = text!(ko: "이 저장한 검색만", en: "Only these saved searches"),
    )]
    names: Vec<String>,

    #[arg(
        long, alias = "from", value_name = "WHEN", default_value = "last",
        help = text!(
            ko: "언제부터: last(지난 다이제스트), 2024-02-22, '2024-02-22 10:30', 7d, 12h, 30min, 어제",
            en: "Since when: last (digest), 2024-02-22, '2024-02-22 10:30', 7d, 12h, 30min, 어제",
        ),
    )]
    since: String,

    #[arg(
        long,
        help = text!(
            ko: "보여 준 기사를 본 것으로 표시하지 않습니다",
            en: "Do not mark the clippings shown as seen",
        ),
    )]
    peek: bool,

    #[arg(
        long,
        help = text!(ko: "이미 본 기사와 비슷한 새 기사는 뺍니다", en: "Omit new copies of known stories"),
    )]
    skip_copies: bool,

    #[arg(
        long, conflicts_with = "skip_copies",
        help = text!(
            ko: "비슷한 기사를 묶지 않고 하나씩 보여 줍니다",
            en: "Show near-duplicates separately",
        ),
    )]
    all_copies: bool,

    #[arg(
        long, value_enum, value_name = "ORDER", default_value_t = SortArg::Newest,
        help = text!(ko: "기사의 순서", en: "Order of the clippings"),
    )]
    sort: SortArg,

    #[arg(
        short = 'n', long, value_name = "N",
        help = text!(
            ko: "검색마다 최대 N건(나머지도 본 것으로 표시) [기본값: 모두]",
            en: "At most N per search (the rest are marked as seen, too) [default: all]",
        ),
    )]
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
        args.target.report(global);
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
            lang: lang(),
            title: self.book.title.clone().unwrap_or_else(
                || msg!(lang(), ko: "새 기사 {today}", en: "New clippings {today}"),
            ),
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
