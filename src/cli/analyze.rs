//! `clippings analyze`

use std::io::{self, Read, Write};

use unicode_normalization::UnicodeNormalization;

use super::error::one_line;
use super::{CliError, CliResult, Exit, Global, OutputFormat};
use crate::analyze::Analyzer;
use crate::analyze::explain::RunAnalysis;
use crate::extract::encoding;
use crate::index::language;
use crate::report::sanitize;

/// Bytes of standard input that are read.
const MOST_INPUT: u64 = 64 << 20;

/// Show the terms of a text, and how they came about
///
/// Prints what the index would keep of a text: the words as they stand, without their particles,
/// and their parts. A search matches when these meet.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  clippings analyze '국회의원들이 생성형 AI를'
  clippings analyze < article.txt
  clippings analyze --format json 李在明

Output: --format text (default), json or jsonl.")]
pub struct Args {
    /// The text; standard input when there is none
    #[arg(value_name = "TEXT")]
    pub text: Vec<String>,
}

pub fn run(args: &Args, global: &Global) -> CliResult {
    let format =
        global.format_among(&[OutputFormat::Text, OutputFormat::Json, OutputFormat::Jsonl])?;
    let text = match args.text.is_empty() {
        false => args.text.join(" "),
        true => {
            let mut bytes = Vec::new();
            let mut input = io::stdin().lock().take(MOST_INPUT);
            input
                .read_to_end(&mut bytes)
                .map_err(|e| CliError::new(format!("standard input cannot be read: {e}")))?;
            encoding::decode(&bytes, None).text.into_owned()
        }
    };
    // The word list of the index counts, whether or not there is an index yet.
    let mut analyzer = Analyzer::new(language(&global.index)?);
    let mut out = global.output();
    let runs = analyzer.explain(&text.nfc().collect::<String>());
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
    Ok(if runs.is_empty() {
        Exit::Nothing
    } else {
        Exit::Done
    })
}

fn table(runs: &[RunAnalysis], out: &mut dyn Write) -> io::Result<()> {
    for run in runs {
        let morphemes: Vec<String> = run
            .morphemes
            .iter()
            .map(|m| format!("{}/{}", one_line(&m.text), m.tag))
            .collect();
        let kind = if run.compound { "  (compound)" } else { "" };
        writeln!(out, "{:>4}  {}{kind}", run.position, one_line(&run.run))?;
        writeln!(out, "      {}", morphemes.join(" + "))?;
        for term in &run.terms {
            writeln!(
                out,
                "      {:<5} {}  {}",
                term.kind.name(),
                one_line(&term.term),
                term.why
            )?;
        }
        if !run.atoms.is_empty() {
            writeln!(
                out,
                "      asked for, also found by all of: {}",
                one_line(&run.atoms.join(", "))
            )?;
        }
    }
    Ok(())
}
