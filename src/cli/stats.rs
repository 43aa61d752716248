//! `clippings stats`

use std::io::Write;

use super::help::examples;
use super::query_args::FilterArgs;
use super::{CliResult, Exit, Global, OutputFormat};
use crate::report::stats;

#[derive(Debug, clap::Args)]
#[command(
    after_help = examples("\
  clippings stats
  clippings stats --skipped
  clippings stats --outlet 한겨레 --from 2024-02
  clippings stats --format json | jq .outlets"),
    about = text!(
        ko: "현황을 보여 줍니다: 매체별·월별 건수, 디스크 사용량",
        en: "Show index statistics: counts by outlet and month, size on disk",
    ),
)]
pub struct Args {
    #[arg(
        long, conflicts_with_all = ["outlet", "reporter", "from", "to"],
        help = text!(
            ko: "`add`가 건너뛴 것과 이유를 보여 줍니다",
            en: "List what `add` skipped, with reasons",
        ),
    )]
    skipped: bool,

    #[command(flatten)]
    filters: FilterArgs,
}

/// What `stats` writes.
pub(super) const FORMATS: &[OutputFormat] = &[OutputFormat::Text, OutputFormat::Json];

pub fn run(args: &Args, global: &Global) -> CliResult {
    let format = global.format_among("stats", FORMATS)?;
    let is_json = format == OutputFormat::Json;
    let style = global.style();
    let mut out = global.output_of(format);
    if args.skipped {
        let skipped = global.app().skipped()?;
        match is_json {
            true => stats::skipped_json(&skipped, style.lang, &mut out)?,
            false => stats::skipped_text(&skipped, style.lang, &mut out)?,
        }
    } else {
        let app = global.opened(global.app())?;
        let counted = app.stats(&args.filters.filters())?;
        if counted.clippings == 0 {
            global.say_notes(&app.name_notes("", &args.filters.filters())?);
        }
        match is_json {
            true => stats::json(&counted, &mut out)?,
            false => stats::text(&counted, style.lang, &mut out)?,
        }
    }
    out.flush()?;
    Ok(Exit::Done)
}
