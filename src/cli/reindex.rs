//! `clippings reindex`

use super::error::{lang, say, say_labelled};
use super::help::examples;
use super::ingest_args::WaitArgs;
use super::signal::stop_flag;
use super::{CliError, CliResult, Exit, Global};
use crate::messages::{Label, Localize, msg};

#[derive(Debug, clap::Args)]
#[command(
    after_help = examples("\
  clippings reindex
  clippings reindex --extract"),
    long_about = text!(
        ko: "저장된 기록으로 인덱스를 다시 만듭니다\n\n사전, 단어 목록, 버전이 바뀌면 필요하며, 그때 알려 드립니다. 새 인덱스가 다 될 때까지 검색은 전의 \
            인덱스로 합니다.",
        en: "Rebuild the index from its own stored records\n\nNeeded after changing the dictionary, \
            word list or version (you will be told). Searches keep using the old index until the \
            new one replaces it.",
    ),
)]
pub struct Args {
    #[command(flatten)]
    wait: WaitArgs,

    #[arg(
        long,
        long_help = text!(
            ko: "보관한 원본에서 기사를 다시 뽑습니다\n\n기사를 더 잘 뽑게 된 새 버전을 설치한 뒤에 쓰세요. 원본이 없는 기사나 원본에서 기사를 뽑지 못한 것은 \
                그대로 두며, 뽑지 못한 것은 알려 드립니다.",
            en: "Re-extract clippings from stored pages\n\nUse after an update that improves \
                extraction. Clippings without a stored page, or whose page no longer yields one, \
                are kept; the latter are listed.",
        ),
    )]
    extract: bool,
}

pub fn run(args: &Args, global: &Global) -> CliResult {
    let stop = stop_flag()?;
    let rebuilt = global
        .app()
        .reindex(args.extract, args.wait.duration(), &stop)?;
    for damage in &rebuilt.damage {
        say_labelled(Label::Warning, &damage.text(lang()));
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
        let id = &skip.source;
        let line =
            msg!(lang(), ko: "{id}: 그대로 둡니다({reason})", en: "{id} is unchanged: {reason}");
        say_labelled(Label::Warning, &line);
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
                ko: "(보관한 원본에서 {extracted}건)",
                en: ", {extracted} from stored pages",
            ),
            false => String::new(),
        };
        say(format_args!("{clippings}{extracted}"));
    }
    match (rebuilt.lost, rebuilt.may_have_lost_more) {
        (0, false) => Ok(Exit::Done),
        (lost, has_more) => Err(CliError::new(match lost {
            _ if has_more => msg!(lang(),
                ko: "기사를 {lost}건 이상 잃었습니다",
                en: "{lost} clippings or more are lost",
            ),
            1 => msg!(lang(), ko: "기사 1건을 잃었습니다", en: "1 clipping is lost"),
            _ => msg!(lang(), ko: "기사 {lost}건을 잃었습니다", en: "{lost} clippings are lost"),
        })
        .with_hint(msg!(lang(),
            ko: "`clippings add --reread 경로...`로 원본을 다시 넣으세요",
            en: "add their sources again with `clippings add --reread PATH...`",
        ))),
    }
}
