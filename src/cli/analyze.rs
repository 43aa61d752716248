//! `clippings analyze`

use std::io::{self, Read, Write};

use super::error::{lang, one_line};
use super::global::found;
use super::help::examples;
use super::{CliError, CliResult, Global, OutputFormat};
use crate::app::analyze::{RunAnalysis, decode};
use crate::messages::{Localize, msg};
use crate::report::sanitize;

/// Bytes of standard input that are read.
const MAX_INPUT: u64 = 64 << 20;

#[derive(Debug, clap::Args)]
#[command(
    after_help = examples("\
  clippings analyze '국회의원들이 생성형 AI를'
  clippings analyze < article.txt
  clippings analyze --format json 李在明"),
    long_about = text!(
        ko: "글을 어떤 검색어로 나누는지 보여 줍니다\n\n글을 인덱스에 담는 말로 나누어 보여 줍니다. 적힌 그대로의 말, 조사를 뗀 말, 말을 이루는 부분입니다. \
            검색어의 말이 이와 같으면 찾습니다.",
        en: "Show how a text is split into search terms\n\nPrints the index terms of a text: words \
            as written, without particles, and their parts. A query matches when its terms do.",
    ),
)]
pub struct Args {
    #[arg(
        value_name = "TEXT",
        help = text!(ko: "글(없으면 표준 입력)", en: "Text [default: stdin]"),
    )]
    text: Vec<String>,
}

/// What `analyze` writes.
pub(super) const FORMATS: &[OutputFormat] =
    &[OutputFormat::Text, OutputFormat::Json, OutputFormat::Jsonl];

pub fn run(args: &Args, global: &Global) -> CliResult {
    let format = global.format_among("analyze", FORMATS)?;
    let text = match args.text.is_empty() {
        false => args.text.join(" "),
        true => {
            let mut bytes = Vec::new();
            let read = io::stdin().lock().take(MAX_INPUT).read_to_end(&mut bytes);
            read.map_err(|e| CliError::new(format!("stdin: {}", e.text(lang()))))?;
            decode(&bytes)
        }
    };
    let runs = global.app().analyze(&text)?;
    let mut out = global.output_of(format);
    match format {
        OutputFormat::Json => {
            let json = serde_json::to_string_pretty(&runs)?;
            writeln!(out, "{}", sanitize::json(&json))?;
        }
        OutputFormat::Jsonl => {
            for run in &runs {
                let json = serde_json::to_string(run)?;
                writeln!(out, "{}", sanitize::json(&json))?;
            }
        }
        _ => table(&runs, &mut out)?,
    }
    out.flush()?;
    Ok(found(!runs.is_empty()))
}

fn table(runs: &[RunAnalysis], out: &mut dyn Write) -> io::Result<()> {
    for run in runs {
        let morphemes: Vec<String> = run
            .morphemes
            .iter()
            .map(|m| format!("{}/{}", one_line(&m.text), m.tag))
            .collect();
        let kind = match run.compound {
            true => msg!(lang(), ko: "  (복합어)", en: "  (compound)"),
            false => String::new(),
        };
        writeln!(out, "{:>4}  {}{kind}", run.position, one_line(&run.run))?;
        writeln!(out, "      {}", morphemes.join(" + "))?;
        for term in &run.terms {
            writeln!(
                out,
                "      {:<5} {}  {}",
                term.kind.text(lang()),
                one_line(&term.term),
                term.why.text(lang())
            )?;
        }
        if !run.atoms.is_empty() {
            let atoms = run.atoms.join(", ");
            let atoms = one_line(&atoms);
            let line = msg!(lang(),
                ko: "검색어일 때는 이 모두로도 찾음: {atoms}",
                en: "in a query, also matches all of: {atoms}",
            );
            writeln!(out, "      {line}")?;
        }
    }
    Ok(())
}
