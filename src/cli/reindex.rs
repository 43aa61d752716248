//! `clippings reindex`

use super::error::{lang, one_line, say};
use super::ingest_args::WaitArgs;
use super::signal::stop_flag;
use super::{CliError, CliResult, Exit, Global};
use crate::messages::{Localize, msg};

/// Rebuild the index from its own stored records
///
/// Needed after changing the dictionary, word list or version (you will be told). Searches keep
/// using the old index until the new one replaces it.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  clippings reindex
  clippings reindex --extract")]
pub struct Args {
    #[command(flatten)]
    wait: WaitArgs,

    /// Re-extract clippings from stored pages
    ///
    /// Use after an update that improves extraction. Clippings without a stored page, or whose page
    /// no longer yields one, are kept; the latter are listed.
    #[arg(long)]
    extract: bool,
}

pub fn run(args: &Args, global: &Global) -> CliResult {
    let stop = stop_flag()?;
    let rebuilt = global
        .app()
        .reindex(args.extract, args.wait.duration(), &stop)?;
    for damage in &rebuilt.damage {
        say(format_args!("warning: {}", one_line(damage)));
    }
    let Some(count) = rebuilt.clippings else {
        let interrupted = msg!(lang(),
            ko: "중단했습니다. 인덱스는 그대로입니다",
            en: "Interrupted. The index is unchanged.",
        );
        say(format_args!("{interrupted}"));
        return Ok(Exit::Interrupted);
    };
    for skip in &rebuilt.kept_as_they_were {
        let reason = skip.reason.text(lang());
        let (id, reason) = (one_line(&skip.source), one_line(&reason));
        say(format_args!("warning: {id} is unchanged: {reason}"));
    }
    if !global.quiet {
        let clippings = match count {
            1 => msg!(lang(), ko: "기사 1건을 다시 만들었습니다", en: "rebuilt 1 clipping"),
            _ => {
                msg!(lang(), ko: "기사 {count}건을 다시 만들었습니다", en: "rebuilt {count} clippings")
            }
        };
        let extracted = rebuilt.redone;
        let extracted = match args.extract {
            true => msg!(lang(),
                ko: "(저장된 페이지에서 {extracted}건)",
                en: ", {extracted} from stored pages",
            ),
            false => String::new(),
        };
        say(format_args!("{clippings}{extracted}"));
    }
    match rebuilt.lost {
        0 => Ok(Exit::Done),
        lost => Err(CliError::new(match lost {
            1 => msg!(lang(), ko: "기사 1건을 잃었습니다", en: "1 clipping is lost"),
            _ => msg!(lang(), ko: "기사 {lost}건을 잃었습니다", en: "{lost} clippings are lost"),
        })
        .with_hint(msg!(lang(),
            ko: "`clippings add --reread 경로...`로 원본을 다시 넣으세요",
            en: "add their sources again with `clippings add --reread PATH...`",
        ))),
    }
}
