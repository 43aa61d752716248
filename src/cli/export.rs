//! `clippings export`

use std::io::Write;

use clap::ValueEnum;
use clap_complete::ArgValueCompleter;
use rustc_hash::FxHashSet;

use super::candidates::queries;
use super::clipbook::BookArgs;
use super::error::{lang, say};
use super::global::found;
use super::help::examples;
use super::output_target::{OutputTarget, refuse_terminal};
use super::progress::CountBar;
use super::query_args::{FilterArgs, SortArg, StrictArgs, SynonymArgs};
use super::{CliError, CliResult, Exit, Global, OutputFormat};
use crate::app::App;
use crate::app::export::ExportRequest;
use crate::messages::msg;
use crate::report::export::{
    self, Export, ExportEntry, ExportError, ExportFormat, Group, Template,
};

/// What `export` writes.
pub(super) const FORMATS: &[OutputFormat] = &[
    OutputFormat::Jsonl,
    OutputFormat::Csv,
    OutputFormat::Tsv,
    OutputFormat::Markdown,
    OutputFormat::Xlsx,
    OutputFormat::Clipbook,
];

#[derive(Debug, clap::Args)]
#[command(
    after_help = examples("\
  clippings export '생성형 AI' -o book.html --title '생성형 AI 보도'
  clippings export '금리 인하' --from 2024-02 --to 2024-03 -o rates.xlsx
  clippings export --outlet 한겨레 --format csv --bom > hani.csv
  clippings export 반도체 --links-only -o links.md
  clippings export --print-template > mine.html
  clippings export 반도체 --template mine.html -o book.html"),
    long_about = text!(
        ko: "찾은 기사를 모두 파일로 내보냅니다: 기록, 표, 엑셀, 마크다운, 스크랩북\n\n검색식과 조건은 `search`와 같습니다. 형식은 --format이나 \
            파일 확장자로 정합니다: .jsonl, .csv, .tsv, .md, .xlsx, .html(표지와 차례, 그래프까지 한 파일에 담아 인쇄하거나 메일로 보낼 \
            수 있는 스크랩북).",
        en: "Write all results of a search to a file: records, table, workbook, Markdown, clip \
            book\n\nTakes the same queries and filters as `search`. The format comes from --format, \
            or else from the file extension: .jsonl, .csv, .tsv, .md, .xlsx or .html (a clip book: \
            one file for printing and mailing, with cover, contents and a chart).",
    ),
)]
pub struct Args {
    #[arg(
        value_name = "QUERY", add = ArgValueCompleter::new(queries),
        help = text!(
            ko: "검색식. 없으면 모두(-로 시작하는 검색식 앞에는 --를 씁니다)",
            en: "Query; omit it for everything (put -- before a query starting with -)",
        ),
    )]
    query: Vec<String>,

    #[command(flatten)]
    filters: FilterArgs,

    #[command(flatten)]
    strict: StrictArgs,

    #[arg(
        long, value_enum, value_name = "ORDER", default_value_t = SortArg::Newest,
        help = text!(ko: "기사의 순서", en: "Order of the clippings"),
    )]
    sort: SortArg,

    #[arg(
        short = 'n', long, value_name = "N",
        help = text!(ko: "최대 건수 [기본값: 모두]", en: "At most this many clippings [default: all]"),
    )]
    limit: Option<usize>,

    #[arg(
        long, overrides_with = "no_copies",
        help = text!(
            ko: "문서에도 비슷한 기사를 모두 넣습니다(표와 JSON Lines에는 늘 들어갑니다)",
            en: "Include near-duplicates in documents, too; tables and JSON Lines have them in any \
                case",
        ),
    )]
    all_copies: bool,

    #[arg(
        long, overrides_with = "all_copies",
        help = text!(
            ko: "표와 JSON Lines에서 비슷한 기사를 뺍니다",
            en: "Leave near-duplicates out of tables and JSON Lines",
        ),
    )]
    no_copies: bool,

    #[command(flatten)]
    synonyms: SynonymArgs,

    #[command(flatten)]
    target: OutputTarget,

    #[command(flatten)]
    book: BookArgs,

    #[arg(
        long, value_enum, value_name = "FIELD", default_value_t = By::Outlet,
        help = text!(
            ko: "스크랩북이나 문서에서 기사를 묶는 기준",
            en: "Group the clippings of a clip book or document",
        ),
    )]
    by: By,

    #[arg(
        long, overrides_with = "no_bom",
        help = text!(
            ko: "엑셀에서 CSV의 한글이 깨지지 않도록 UTF-8 BOM을 씁니다 [기본값: -o 파일.csv일 때]",
            en: "Write a UTF-8 BOM so that Excel shows CSV correctly [default: with -o FILE.csv]",
        ),
    )]
    bom: bool,

    #[arg(
        long, overrides_with = "bom",
        help = text!(ko: "BOM을 쓰지 않습니다", en: "Write no BOM"),
    )]
    no_bom: bool,

    #[arg(
        long,
        help = text!(
            ko: "내장 템플릿을 보여 줍니다. 고쳐 쓸 때 출발점으로 삼으세요",
            en: "Print the built-in template as a starting point",
        ),
    )]
    print_template: bool,
}

/// How much was written.
#[derive(Default)]
struct Written {
    clippings: usize,
    /// Near-duplicates counted once.
    stories: usize,
}

/// What clippings are grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum By {
    #[value(help = text!(ko: "매체", en: "Outlet"))]
    Outlet,
    #[value(help = text!(ko: "섹션", en: "Section"))]
    Section,
    #[value(help = text!(ko: "보도한 달", en: "Month of publication"))]
    Month,
}

pub fn run(args: &Args, global: &Global) -> CliResult {
    if args.print_template {
        let template = export::TEMPLATE.as_bytes();
        args.target.write(global, OutputFormat::Clipbook, |out| {
            Ok(out.write_all(template)?)
        })?;
        return Ok(Exit::Done);
    }
    args.refuse_file_name()?;
    let format = args.format(global)?;
    refuse_terminal(format == OutputFormat::Xlsx && args.target.is_terminal())?;
    let template = args.book.template(format)?;
    let app = global.opened(global.app_with(&args.synonyms))?;
    let notes = app.query_notes(&args.query.join(" "), &args.filters.filters())?;
    args.strict.refuse_changes(&notes)?;
    global.say_notes(&notes);
    let mut written = Written::default();
    args.target.write(global, format, |out| {
        written = args.export(&app, format, template.as_ref(), global, out)?;
        Ok(())
    })?;
    if written.clippings == 0 {
        global.say_notes(&app.name_notes(&args.query.join(" "), &args.filters.filters())?);
    }
    if let Some(path) = args.target.reported_file(global) {
        let Written { clippings, stories } = written;
        let done = match (clippings, stories) {
            (1, _) => {
                msg!(lang(), ko: "{path}에 기사 1건을 썼습니다", en: "wrote 1 clipping to {path}")
            }
            (n, stories) if stories < n => msg!(lang(),
                ko: "{path}에 기사 {n}건(비슷한 기사를 묶으면 {stories}건)을 썼습니다",
                en: "wrote {n} clippings ({stories} stories) to {path}",
            ),
            (n, _) => {
                msg!(lang(), ko: "{path}에 기사 {n}건을 썼습니다", en: "wrote {n} clippings to {path}")
            }
        };
        say(format_args!("{done}"));
    }
    Ok(found(written.clippings > 0))
}

/// The format of an export; JSON Lines for formats of other commands.
pub(super) fn export_format(format: OutputFormat) -> ExportFormat {
    match format {
        OutputFormat::Csv => ExportFormat::Csv,
        OutputFormat::Tsv => ExportFormat::Tsv,
        OutputFormat::Markdown => ExportFormat::Markdown,
        OutputFormat::Xlsx => ExportFormat::Xlsx,
        OutputFormat::Clipbook => ExportFormat::Clipbook,
        _ => ExportFormat::Jsonl,
    }
}

/// Why an export could not be written.
pub(super) fn refused(e: ExportError) -> CliError {
    match e {
        ExportError::Io(e) => CliError::from(e),
        ExportError::Template(detail) => CliError::new(msg!(lang(),
            ko: "템플릿: {detail}",
            en: "the template: {detail}",
        )),
        ExportError::Workbook(detail) => CliError::new(msg!(lang(),
            ko: "엑셀 파일로 쓸 수 없습니다: {detail}",
            en: "a workbook cannot hold this: {detail}",
        )),
    }
}

impl Args {
    fn format(&self, global: &Global) -> Result<OutputFormat, CliError> {
        // A template may make a file with any extension.
        match (global.format, self.target.format(global, "export", FORMATS)) {
            (None, Err(_) | Ok(OutputFormat::Jsonl | OutputFormat::Markdown))
                if self.book.has_template() =>
            {
                Ok(OutputFormat::Clipbook)
            }
            (_, format) => format,
        }
    }

    /// `export 제주 book.html` means a file.
    fn refuse_file_name(&self) -> Result<(), CliError> {
        const EXTENSIONS: [&str; 7] = ["csv", "tsv", "xlsx", "html", "md", "jsonl", "json"];
        let last = self.query.last().filter(|_| self.query.len() > 1);
        let Some(name) = last.filter(|_| self.target.file().is_none()) else {
            return Ok(());
        };
        let is_file = name
            .rsplit_once('.')
            .is_some_and(|(stem, end)| !stem.is_empty() && EXTENSIONS.contains(&end));
        match is_file {
            false => Ok(()),
            true => Err(CliError::new(msg!(lang(),
                ko: "'{name}'은(는) 검색식이 아니라 파일 이름으로 보입니다",
                en: "'{name}' looks like a file name, not like a part of the query",
            ))
            .with_hint(msg!(lang(),
                ko: "`-o {name}`으로 쓰세요",
                en: "write to it with `-o {name}`",
            ))),
        }
    }

    /// Excel takes CSV without a BOM for the code page of the system; a pipe leads to a program,
    /// which would take the BOM for a part of the first column's name.
    fn bom(&self) -> bool {
        let is_csv = |path: &std::path::Path| {
            path.extension()
                .is_some_and(|e| e.eq_ignore_ascii_case("csv"))
        };
        self.bom || (!self.no_bom && self.target.file().is_some_and(is_csv))
    }

    /// Writes the results. Tables and JSON Lines are streamed; documents and workbooks are collected
    /// first, since they begin with totals.
    fn export(
        &self,
        app: &App,
        format: OutputFormat,
        template: Option<&Template>,
        global: &Global,
        out: &mut dyn Write,
    ) -> Result<Written, CliError> {
        let query = self.query.join(" ");
        let is_streamed = matches!(
            format,
            OutputFormat::Jsonl | OutputFormat::Csv | OutputFormat::Tsv
        );
        let mut export = self.empty(&query);
        let mut write = |export: &Export| {
            let format = export_format(format);
            let written = export.write(format, template, self.bom(), out);
            written.map_err(refused)
        };
        let request = ExportRequest {
            query,
            filters: self.filters.filters(),
            sort: self.sort.into(),
            limit: self.limit,
            all_copies: self.all_copies
                || !(self.no_copies || export_format(format).folds_copies()),
            snippet_chars: self.book.chars(),
        };
        let bar = CountBar::new(global.quiet);
        let mut stories = FxHashSet::default();
        let mut count = 0;
        app.export(&request, &mut |hits| -> Result<(), CliError> {
            count += hits.len();
            stories.extend(hits.iter().map(|hit| hit.story.clone()));
            export
                .entries
                .extend(hits.into_iter().map(ExportEntry::new));
            bar.set(count);
            if is_streamed {
                write(&export)?;
                export.entries.clear();
                export.is_continued = true;
            }
            Ok(())
        })?;
        drop(bar);
        if !export.is_continued {
            write(&export)?;
        }
        Ok(Written {
            clippings: count,
            stories: stories.len(),
        })
    }

    /// The document without clippings.
    fn empty(&self, query: &str) -> Export {
        let title = self.book.title.clone();
        let title = title.unwrap_or_else(|| match query.trim() {
            "" | "*" => msg!(lang(), ko: "기사 모음", en: "Clippings"),
            query => query.to_owned(),
        });
        Export {
            lang: lang(),
            title,
            query: query.to_owned(),
            made: Some(crate::app::today()),
            group: match self.by {
                By::Outlet => Group::Outlet,
                By::Section => Group::Section,
                By::Month => Group::Month,
            },
            links_only: self.book.links_only,
            full_text: self.book.full_text,
            is_continued: false,
            entries: Vec::new(),
        }
    }
}
