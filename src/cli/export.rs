//! `clippings export`

use clap::ValueEnum;

use super::book::BookArgs;
use super::error::one_line;
use super::filters::{Filters, Sort, SynonymArgs};
use super::writing::Target;
use super::{CliError, CliResult, Exit, Global, OutputFormat, asking};
use crate::report::export::{self, Export, ExportError, ExportFormat, Group};
use crate::search::{Engine, Request};

/// Write what a query finds to a file: records, table, workbook, Markdown, clip book
///
/// Takes the same queries and filters as `search` and writes everything that is found. The format
/// is that of --format, else told by the name of the file: .jsonl, .csv, .tsv, .md, .xlsx or .html
/// (a clip book: one file for printing and mailing, with cover, contents and a chart).
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  clippings export '생성형 AI' -o book.html --title '생성형 AI 보도'
  clippings export '금리 인하' --from 2024-02 --to 2024-03 -o rates.xlsx
  clippings export --outlet 한겨레 --format csv --bom > hani.csv
  clippings export 반도체 --links-only -o links.md
  clippings export --print-template > mine.html    a template to begin with; its head explains it
  clippings export 반도체 --template mine.html -o book.html

Output: --format jsonl (default), csv, tsv, markdown, xlsx or clipbook.")]
pub struct Args {
    /// What to find; nothing takes all that pass the filters; -- before a query that begins with -
    #[arg(value_name = "QUERY")]
    query: Vec<String>,

    #[command(flatten)]
    filters: Filters,

    /// Order of the clippings
    #[arg(long, value_enum, value_name = "ORDER", default_value_t = Sort::Newest)]
    sort: Sort,

    /// At most this many clippings [default: all]
    #[arg(short = 'n', long, value_name = "N")]
    limit: Option<usize>,

    /// Near-duplicates too, not only the first of them
    #[arg(long)]
    all_copies: bool,

    #[command(flatten)]
    synonyms: SynonymArgs,

    #[command(flatten)]
    target: Target,

    #[command(flatten)]
    book: BookArgs,

    /// Group the clippings of a clip book or document
    #[arg(long, value_enum, value_name = "FIELD", default_value_t = By::Outlet)]
    by: By,

    /// Begin a table with a byte order mark, which Excel needs
    #[arg(long)]
    bom: bool,

    /// Print the clip book's own template instead, to make another from it
    #[arg(long)]
    print_template: bool,
}

/// What clippings are grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum By {
    /// Who published them
    Outlet,
    /// Their section
    Section,
    /// The month of publication
    Month,
}

pub fn run(args: &Args, global: &Global) -> CliResult {
    if args.print_template {
        args.target.write(
            global,
            |out| Ok(out.write_all(export::TEMPLATE.as_bytes())?),
        )?;
        return Ok(Exit::Done);
    }
    let format = args.format(global)?;
    let template = args.book.template(format)?;
    let export = args.export(global)?;
    args.target.write(global, |out| {
        export
            .write(export_format(format), template.as_ref(), args.bom, out)
            .map_err(refused)
    })?;
    if let Some(path) = args.target.file.as_ref().filter(|_| !global.quiet) {
        let count = export.entries.len();
        let path = path.display().to_string();
        eprintln!("wrote {count} clippings to {}", one_line(&path));
    }
    Ok(match export.entries.is_empty() {
        true => Exit::Nothing,
        false => Exit::Done,
    })
}

/// The export's format of that name; records for those that are none.
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

/// Why an export could not be written, for people.
pub(super) fn refused(e: ExportError) -> CliError {
    match e {
        ExportError::Io(e) => CliError::from(e),
        e => CliError::new(e.to_string()),
    }
}

impl Args {
    fn format(&self, global: &Global) -> Result<OutputFormat, CliError> {
        const KNOWN: &[OutputFormat] = &[
            OutputFormat::Jsonl,
            OutputFormat::Csv,
            OutputFormat::Tsv,
            OutputFormat::Markdown,
            OutputFormat::Xlsx,
            OutputFormat::Clipbook,
        ];
        // What a template makes may have any name.
        match (global.format, self.target.format(global, KNOWN)) {
            (None, Err(_) | Ok(OutputFormat::Jsonl)) if self.book.template.is_some() => {
                Ok(OutputFormat::Clipbook)
            }
            (None, Ok(OutputFormat::Markdown)) if self.book.template.is_some() => {
                Ok(OutputFormat::Clipbook)
            }
            (_, format) => format,
        }
    }

    /// Finds everything and fetches it.
    fn export(&self, global: &Global) -> Result<Export, CliError> {
        let today = asking::today();
        let query = self.query.join(" ");
        let (request, notes) = asking::request(&query, &self.filters, today, global)?;
        asking::tell(&notes, global);
        let engine = Engine::open(&global.index, self.synonyms.read(global)?)?;
        let request = Request {
            sort: self.sort.into(),
            limit: self.limit.unwrap_or(usize::MAX).max(1),
            all_copies: self.all_copies,
            show: self.book.show(),
            ..request
        };
        let mut entries = Vec::new();
        engine
            .searcher()?
            .search_in_batches(&request, &mut |hits| {
                entries.extend(BookArgs::entries(hits, ""));
                Ok::<_, CliError>(())
            })?;
        let title = self.book.title.clone();
        let title = title.unwrap_or_else(|| match query.trim() {
            "" | "*" => "기사 모음".to_owned(),
            query => query.to_owned(),
        });
        Ok(Export {
            title,
            query,
            made: Some(today),
            group: match self.by {
                By::Outlet => Group::Outlet,
                By::Section => Group::Section,
                By::Month => Group::Month,
            },
            links_only: self.book.links_only,
            full_text: self.book.full_text,
            entries,
        })
    }
}
