//! `clippings copy`

use std::path::PathBuf;

use clap::ValueHint;

use super::error::{lang, say};
use super::help::examples;
use super::ingest_args::WaitArgs;
use super::progress::CountBar;
use super::signal::stop_flag;
use super::{CliResult, Exit, Global};
use crate::app::copy::{Copied, CopyOptions};
use crate::app::{App, SynonymSource};
use crate::messages::{msg, number};

#[derive(Debug, clap::Args)]
#[command(
    after_help = examples("\
  clippings copy --to opensearch+https://kim@search.example/clippings
  clippings copy --from opensearch+https://kim@search.example/clippings --to backup"),
    long_about = text!(
        ko: "인덱스를 다른 인덱스로 복사합니다\n\n폴더에서 클러스터로, 클러스터에서 폴더로 옮길 때 씁니다. 기사와 처음 추가한 때, 저장한 검색을 복사합니다. \
            보관한 원본은 복사하지 않습니다. 복사한 곳에 이미 있는 것은 그대로 두므로, 도중에 멈췄으면 다시 실행하면 이어서 복사합니다. 끝나면 두 인덱스의 건수를 \
            비교합니다.",
        en: "Copy an index into another\n\nMoves an archive from a folder to a cluster or back: \
            clippings with their times of adding, and saved searches. Stored pages are not copied. \
            What the other index already has stays as it is, so running an interrupted copy again \
            completes it. At the end the counts of both are compared.",
    ),
)]
pub struct Args {
    #[arg(
        long, value_name = "DIR", value_hint = ValueHint::DirPath,
        help = text!(
            ko: "복사할 인덱스(쓰지 않으면 --index의 인덱스)",
            en: "The index to copy, if not that of --index",
        ),
    )]
    from: Option<PathBuf>,

    #[arg(
        long, value_name = "DIR", value_hint = ValueHint::DirPath,
        help = text!(
            ko: "복사해 넣을 인덱스(폴더나 클러스터의 주소). 없으면 만듭니다",
            en: "The index to copy to, a folder or the address of a cluster; created if it does \
                not exist",
        ),
    )]
    to: PathBuf,

    #[command(flatten)]
    wait: WaitArgs,
}

pub fn run(args: &Args, global: &Global) -> CliResult {
    let from = args.from.clone().unwrap_or_else(|| global.index());
    let [from, to] = [from, args.to.clone()].map(|dir| App::new(dir, SynonymSource::default()));
    let stop = stop_flag()?;
    let bar = CountBar::new(global.quiet);
    let options = CopyOptions {
        command: "copy",
        wait: args.wait.duration(),
        progress: &|done| bar.set(usize::try_from(done).unwrap_or(usize::MAX)),
    };
    let copied = from.copy_to(&to, &options, &stop)?;
    drop(bar);
    if copied.interrupted {
        say(format_args!(
            "{}",
            msg!(lang(),
                ko: "중단했습니다. 복사한 것은 남아 있으며, 다시 실행하면 이어서 복사합니다",
                en: "Interrupted. What was copied is kept; run the command again to copy the rest.",
            )
        ));
        return Ok(Exit::Interrupted);
    }
    if !global.quiet {
        say(format_args!("{}", summary(&copied)));
    }
    Ok(Exit::Done)
}

fn summary(copied: &Copied) -> String {
    let counts = [
        copied.added,
        copied.updated,
        copied.unchanged,
        copied.searches,
        copied.from,
        copied.to,
    ];
    let [added, updated, unchanged, searches, from, to] = counts.map(number);
    msg!(lang(),
        ko: "추가 {added}건, 갱신 {updated}건, 그대로 {unchanged}건, 저장한 검색 {searches}개. 원본 {from}건, 복사한 곳 {to}건",
        en: "added {added}, updated {updated}, unchanged {unchanged}, saved searches {searches}; \
            the source has {from} clippings, the copy {to}",
    )
}
