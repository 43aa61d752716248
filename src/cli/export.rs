//! `clippings export`

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{ValueEnum, ValueHint};
use jiff::Timestamp;

use super::error::one_line;
use super::search::{Sort, date_range, outlet_name, synonyms, with_outlets};
use super::{CliError, CliResult, Exit, Global, OutputFormat};
use crate::clipping::KOREAN_OFFSET;
use crate::query::{self, Parsed};
use crate::report::export::{Entry, Export, ExportError, ExportFormat, Group};
use crate::search::{Engine, Request, snippet};

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

Output: --format jsonl (default), csv, tsv, markdown, xlsx or clipbook.")]
pub struct Args {
    /// What to find; nothing takes all that pass the filters; -- before a query that begins with -
    #[arg(value_name = "QUERY")]
    query: Vec<String>,

    /// Only of this outlet; may be repeated; names and aliases are understood
    #[arg(long, value_name = "NAME", help_heading = "Filters")]
    outlet: Vec<String>,

    /// Only by this reporter; may be repeated
    #[arg(long, value_name = "NAME", help_heading = "Filters")]
    reporter: Vec<String>,

    /// Only from this day on: 2024, 2024-02, 2024-02-22, 7d, 오늘; Korean time
    #[arg(long, value_name = "DATE", help_heading = "Filters")]
    from: Option<String>,

    /// Only up to this day, itself included
    #[arg(long, value_name = "DATE", help_heading = "Filters")]
    to: Option<String>,

    /// With --from or --to: also clippings without a date
    #[arg(long, help_heading = "Filters")]
    undated: bool,

    /// Order of the clippings
    #[arg(long, value_enum, value_name = "ORDER", default_value_t = Sort::Newest)]
    sort: Sort,

    /// At most this many clippings [default: all]
    #[arg(short = 'n', long, value_name = "N")]
    limit: Option<usize>,

    /// Near-duplicates too, not only the first of them
    #[arg(long)]
    all_copies: bool,

    /// Words that mean the same, several on a line [default: synonyms.txt in the index folder]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    synonyms: Option<PathBuf>,

    /// Leave out the built-in synonyms
    #[arg(long)]
    no_synonyms: bool,

    /// Write to this file instead of standard output
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    output: Option<PathBuf>,

    /// Title of the clip book or document [default: the query]
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,

    /// Group the clippings of a clip book or document
    #[arg(long, value_enum, value_name = "FIELD", default_value_t = By::Outlet)]
    by: By,

    /// Whole texts in a clip book or document, not only the passages that match
    #[arg(long, conflicts_with = "links_only")]
    full_text: bool,

    /// Only headlines and links, where a licence covers no more
    #[arg(long)]
    links_only: bool,

    /// Characters of a snippet
    #[arg(long, value_name = "N", default_value_t = 240)]
    snippet_chars: usize,

    /// A template of your own for the clip book (minijinja)
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    template: Option<PathBuf>,

    /// Begin a table with a byte order mark, which Excel needs
    #[arg(long)]
    bom: bool,
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
    let format = args.format(global)?;
    let template = match &args.template {
        None => None,
        Some(_) if format != ExportFormat::Clipbook => {
            return Err(CliError::new("--template is for the clip book")
                .with_hint("use it with --format clipbook or -o FILE.html"));
        }
        Some(path) => Some(
            fs::read_to_string(path)
                .map_err(|e| CliError::new(format!("{}: {e}", path.display())))?,
        ),
    };
    let export = args.export(global)?;
    let write = |out: &mut dyn Write| {
        export
            .write(format, template.as_deref(), args.bom, out)
            .map_err(|e| match e {
                ExportError::Io(e) => CliError::from(e),
                e => CliError::new(e.to_string()),
            })
    };
    match &args.output {
        None => {
            let mut out = global.output();
            write(&mut out)?;
            out.flush()?;
        }
        Some(path) => {
            replace(path, write)?;
            if !global.quiet {
                eprintln!(
                    "wrote {} clippings to {}",
                    export.entries.len(),
                    one_line(&path.display().to_string())
                );
            }
        }
    }
    Ok(match export.entries.is_empty() {
        true => Exit::Nothing,
        false => Exit::Done,
    })
}

/// Writes a file beside `path` and puts it in its place when it is whole.
fn replace(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> Result<(), CliError>,
) -> Result<(), CliError> {
    let refuse = |e: std::io::Error| CliError::new(format!("{}: {e}", path.display()));
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty());
    let mut file = tempfile::Builder::new()
        .prefix(".clippings-export")
        .tempfile_in(folder.unwrap_or(Path::new(".")))
        .map_err(refuse)?;
    let mut out = std::io::BufWriter::new(file.as_file_mut());
    write(&mut out)?;
    out.flush().map_err(refuse)?;
    drop(out);
    readable(file.as_file()).map_err(refuse)?;
    file.persist(path).map_err(|e| refuse(e.error))?;
    Ok(())
}

/// A temporary file is its owner's alone; what is written for others is not.
#[cfg(unix)]
fn readable(file: &fs::File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable(_: &fs::File) -> std::io::Result<()> {
    Ok(())
}

impl Args {
    fn format(&self, global: &Global) -> Result<ExportFormat, CliError> {
        const KNOWN: &[OutputFormat] = &[
            OutputFormat::Jsonl,
            OutputFormat::Csv,
            OutputFormat::Tsv,
            OutputFormat::Markdown,
            OutputFormat::Xlsx,
            OutputFormat::Clipbook,
        ];
        let ending = self.output.as_deref().and_then(Path::extension);
        let ending = ending.map(|e| e.to_string_lossy().to_lowercase());
        if global.format.is_none() {
            match ending.as_deref() {
                Some("csv") => return Ok(ExportFormat::Csv),
                Some("tsv" | "tab") => return Ok(ExportFormat::Tsv),
                Some("md" | "markdown") => return Ok(ExportFormat::Markdown),
                Some("xlsx") => return Ok(ExportFormat::Xlsx),
                Some("html" | "htm") => return Ok(ExportFormat::Clipbook),
                None if self.template.is_some() => return Ok(ExportFormat::Clipbook),
                Some("jsonl" | "ndjson") | None => {}
                Some(_) if self.template.is_some() => return Ok(ExportFormat::Clipbook),
                Some(other) => {
                    return Err(
                        CliError::new(format!("no format is known by the name .{other}"))
                            .with_hint("name one with --format"),
                    );
                }
            }
        }
        Ok(match global.format_among(KNOWN)? {
            OutputFormat::Csv => ExportFormat::Csv,
            OutputFormat::Tsv => ExportFormat::Tsv,
            OutputFormat::Markdown => ExportFormat::Markdown,
            OutputFormat::Xlsx => ExportFormat::Xlsx,
            OutputFormat::Clipbook => ExportFormat::Clipbook,
            _ => ExportFormat::Jsonl,
        })
    }

    /// Finds everything and fetches it.
    fn export(&self, global: &Global) -> Result<Export, CliError> {
        let today = KOREAN_OFFSET.to_datetime(Timestamp::now()).date();
        let query = self.query.join(" ");
        let published = date_range(self.from.as_deref(), self.to.as_deref(), today)?;
        let Parsed { tree, notes, .. } = query::parse(&query, today);
        if !global.quiet {
            for note in notes {
                eprintln!("note: {}", one_line(&note));
            }
        }
        let synonyms = synonyms(self.synonyms.as_deref(), self.no_synonyms, global)?;
        let mut engine = Engine::new(global.archive()?, synonyms);
        let all = usize::try_from(engine.archive().searcher().num_docs()).unwrap_or(usize::MAX);
        let found = engine.search(&Request {
            tree: with_outlets(tree),
            outlets: self.outlet.iter().map(|name| outlet_name(name)).collect(),
            reporters: self.reporter.clone(),
            published,
            undated: self.undated,
            sort: self.sort.into(),
            limit: self.limit.unwrap_or(all).clamp(1, all.max(1)),
            all_copies: self.all_copies,
            ..Request::default()
        })?;
        if found.partial && !global.quiet {
            eprintln!("note: no clipping has all of the words; these have some of them");
        }
        let mut entries = Vec::with_capacity(found.hits.len());
        for hit in &found.hits {
            let clipping = engine.fetch(hit.address)?;
            let snippets = match self.links_only {
                true => Vec::new(),
                false => {
                    let marks = found.marks.of(&clipping.body, engine.analyzer());
                    let passages = snippet::passages(&clipping.body, &marks, self.snippet_chars, 1);
                    passages.into_iter().map(Into::into).collect()
                }
            };
            entries.push(Entry { clipping, snippets });
        }
        let title = self.title.clone().unwrap_or_else(|| match query.trim() {
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
            links_only: self.links_only,
            full_text: self.full_text,
            entries,
        })
    }
}
