//! `clippings restore`

use super::error::{lang, say, say_labelled};
use super::global::found;
use super::help::examples;
use super::ingest_args::WaitArgs;
use super::{CliResult, Global};
use crate::messages::{Label, msg};

#[derive(Debug, clap::Args)]
#[command(
    after_help = examples("\
  clippings restore
  clippings restore 7kq2m4"),
    long_about = text!(
        ko: "지운 기사를 되살립니다\n\nID를 쓰지 않으면 마지막 `remove`로 지운 기사를 되살립니다. 보관한 원본과 처음 추가한 때도 그대로 돌아옵니다. 다음 \
            `reindex` 전까지 할 수 있습니다.",
        en: "Bring back removed clippings\n\nWithout IDs, those of the last `remove`. They come back \
            with their stored pages, and count as added when they were first added. It works until \
            the next `reindex`.",
    ),
)]
pub struct Args {
    #[arg(
        value_name = "ID",
        help = text!(ko: "기사 ID 또는 그 앞부분", en: "Clipping IDs or prefixes of them"),
    )]
    ids: Vec<String>,

    #[command(flatten)]
    wait: WaitArgs,
}

pub fn run(args: &Args, global: &Global) -> CliResult {
    let restored = global.app().restore(&args.ids, args.wait.duration())?;
    if !global.quiet {
        let count = restored.clippings;
        let mut done = match count {
            0 => msg!(lang(), ko: "되살릴 기사가 없습니다", en: "nothing to restore"),
            _ => msg!(lang(), ko: "{count}건을 되살렸습니다", en: "restored {count}"),
        };
        if restored.lost_pages > 0 {
            let lost = restored.lost_pages;
            done += &msg!(lang(),
                ko: ", 보관한 원본 {lost}개는 남아 있지 않습니다",
                en: ", {lost} without the page that was stored",
            );
        }
        say(format_args!("{done}"));
    }
    if restored.unreadable > 0 {
        let (file, lines) = ("removed.jsonl", restored.unreadable);
        let warning = msg!(lang(),
            ko: "{file}에서 {lines}행을 읽을 수 없어 그대로 두었습니다",
            en: "unreadable lines of {file}, left as they are: {lines}",
        );
        say_labelled(Label::Warning, &warning);
    }
    Ok(found(restored.clippings > 0))
}
