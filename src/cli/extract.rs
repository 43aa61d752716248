//! `clippings extract`

use std::io::Write;
use std::sync::atomic::Ordering;

use super::error::one_line;
use super::help::examples;
use super::ingest_args::{PathArgs, ReadArgs, say_failure, skipped_line};
use super::progress::ReadBar;
use super::signal::stop_flag;
use super::{CliError, CliResult, Exit, Global, OutputFormat, lang};
use crate::app::extract::{ExtractedField, NotRead, extract, refusal};
use crate::messages::Localize;
use crate::report::clipping;

#[derive(Debug, clap::Args)]
#[command(
    after_help = examples("\
  clippings extract page.html
  clippings extract --format text page.html
  clippings extract ~/scraps > scraps.jsonl
  clippings extract https://news.example/2024/02/22/1"),
    long_about = text!(
        ko: "인덱스 없이, `add`가 무엇을 뽑아낼지 보여 줍니다\n\n기사마다 기록 하나를 입력 순서대로 JSON Lines로 보여 주며, 이 기록은 `add`로 \
            다시 읽을 수 있습니다. -v를 쓰면 항목마다 어디서 찾았는지, 무엇을 건너뛰었는지도 표준 오류로 알려 줍니다.",
        en: "Show what `add` would extract, without an index\n\nPrints one record per article, in \
            the order of the input, as JSON Lines that `add` reads too. With -v it also shows, on \
            stderr, where each field was found and what was skipped.",
    ),
)]
pub struct Args {
    #[command(flatten)]
    paths: PathArgs,

    #[command(flatten)]
    read: ReadArgs,

    #[arg(
        long,
        help = text!(
            ko: "건너뛴 것이 있으면 종료 코드 1로 끝냅니다",
            en: "Exit with code 1 if anything was skipped",
        ),
    )]
    strict: bool,
}

/// What `extract` writes.
pub(super) const FORMATS: &[OutputFormat] =
    &[OutputFormat::Jsonl, OutputFormat::Json, OutputFormat::Text];

pub fn run(args: &Args, global: &Global) -> CliResult {
    let format = global.format_among("extract", FORMATS)?;
    let style = global.style();
    let stop = stop_flag()?;
    let mut out = global.output();
    let (mut count, mut skipped) = (0u64, 0u64);
    let listed = args.paths.listed()?;
    let mut is_failed = false;
    let bar = ReadBar::new(global.quiet);
    let mut array = clipping::JsonArray::default();
    let progress = |progress: &_| bar.set(progress);
    extract(
        args.read.options(&args.paths.given, listed),
        &stop,
        bar.is_visible().then_some(&progress),
        &mut |extracted| -> Result<(), CliError> {
            match extracted {
                Ok(made) => {
                    match format {
                        OutputFormat::Text => {
                            if count > 0 {
                                writeln!(out)?;
                            }
                            clipping::text(&made.clipping, style, &mut out)?;
                        }
                        OutputFormat::Json => array.item(&made.clipping, &mut out)?,
                        _ => clipping::json(&made.clipping, false, &mut out)?,
                    }
                    if global.verbose {
                        for found in &made.provenance {
                            let field = found.field.text(lang());
                            let origin = found.origin.text(lang());
                            bar.line(&format!("{field}: {}", one_line(&origin)));
                        }
                    }
                    count += 1;
                }
                Err(NotRead::Failed(failure)) => {
                    is_failed = true;
                    bar.suspend(|| say_failure(&failure));
                }
                Err(NotRead::Skipped(skip)) => {
                    skipped += 1;
                    if !global.quiet {
                        bar.line(&skipped_line(&skip));
                        if global.verbose
                            && let Some(signs) = refusal(&skip.source)
                        {
                            let field = ExtractedField::Article.text(lang());
                            bar.line(&format!("{field}: {}", signs.text(lang())));
                        }
                    }
                }
            }
            Ok(())
        },
    )?;
    drop(bar);
    if format == OutputFormat::Json {
        array.finish(&mut out)?;
    }
    out.flush()?;
    Ok(if stop.load(Ordering::Relaxed) {
        Exit::Interrupted
    } else if is_failed {
        Exit::Error
    } else if count == 0 || (args.strict && skipped > 0) {
        Exit::Nothing
    } else {
        Exit::Done
    })
}
