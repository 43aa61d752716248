//! `clippings check`

use std::io::Write;

use super::error::{lang, one_line, say_labelled};
use super::help::examples;
use super::progress::CountBar;
use super::{CliError, CliResult, Exit, Global};
use crate::app::AppError;
use crate::messages::{Label, Localize, msg, number};

#[derive(Debug, clap::Args)]
#[command(
    after_help = examples("\
  clippings check"),
    long_about = text!(
        ko: "인덱스가 손상됐는지 확인합니다\n\n체크섬을 확인하고, 저장된 기록과 보관한 원본을 모두 읽어 인덱스와 맞는지 견줍니다.",
        en: "Check the index for damage\n\nVerifies checksums, reads every stored record and page, \
            and compares terms with records.",
    ),
)]
pub struct Args {}

pub fn run(_args: &Args, global: &Global) -> CliResult {
    let bar = CountBar::new(global.quiet);
    let findings = global
        .app()
        .check(&mut |done| bar.set(usize::try_from(done).unwrap_or(usize::MAX)))
        .map_err(unreadable)?;
    drop(bar);
    let (lines, errors) = global.app().check_own_files();
    let lines = lines.iter().map(|note| note.text(lang()));
    let errors = errors.iter().map(|e| e.text(lang()));
    let own: Vec<String> = lines.chain(errors).collect();
    let mut out = global.output();
    let damage = findings.problems.iter().map(|damage| damage.text(lang()));
    for problem in damage.chain(own.iter().cloned()) {
        writeln!(out, "{}", one_line(&problem))?;
    }
    if findings.unmerged > 0 && !global.quiet {
        let unmerged = findings.unmerged;
        let line = msg!(lang(),
            ko: "병합할 세그먼트가 {unmerged}개 있습니다. 다음 `clippings add`가 병합하며, 실패하면 -v로 이유를 보여줍니다",
            en: "{unmerged} segments are to be merged; the next `clippings add` merges them, and reports a failure with -v",
        );
        say_labelled(Label::Note, &line);
    }
    if findings.problems.is_empty() && own.is_empty() {
        if !global.quiet {
            let count = number(findings.clippings);
            let clippings = match findings.clippings {
                1 => msg!(lang(), ko: "기사 1건", en: "1 clipping"),
                _ => msg!(lang(), ko: "기사 {count}건", en: "{count} clippings"),
            };
            let pages = number(findings.pages);
            let pages = match findings.pages {
                0 => String::new(),
                1 => msg!(lang(), ko: ", 보관한 원본 1개", en: ", 1 stored page"),
                _ => msg!(lang(), ko: ", 보관한 원본 {pages}개", en: ", {pages} stored pages"),
            };
            let sound = msg!(lang(), ko: "손상이 없습니다", en: "no damage found");
            writeln!(out, "{clippings}{pages}, {sound}")?;
        }
        out.flush()?;
        return Ok(Exit::Done);
    }
    out.flush()?;
    let count = own.len();
    if findings.problems.is_empty() {
        return Err(CliError::new(msg!(lang(),
            ko: "인덱스 폴더의 사용자 파일에 문제가 있습니다: {count}가지",
            en: "problems in your own files in the index folder: {count}",
        ))
        .with_hint(msg!(lang(),
            ko: "파일을 고치거나 다른 곳으로 옮기세요",
            en: "fix these files, or move them away",
        )));
    }
    let count = findings.problems.len();
    Err(CliError::new(match count {
        1 => msg!(lang(),
            ko: "인덱스가 손상됐습니다: 문제 1가지",
            en: "the index is damaged: 1 problem",
        ),
        _ => msg!(lang(),
            ko: "인덱스가 손상됐습니다: 문제 {count}가지",
            en: "the index is damaged: {count} problems",
        ),
    })
    .with_hint(rebuild()))
}

/// An index that cannot even be opened: its hint must not be to check it.
fn unreadable(e: AppError) -> CliError {
    match e.is_damage() {
        true => CliError::from(e).with_hint(rebuild()),
        false => CliError::from(e),
    }
}

fn rebuild() -> String {
    msg!(lang(),
        ko: "`clippings reindex`로 읽을 수 있는 기록에서 다시 만들고, 나머지는 `clippings add --reread 경로...`로 다시 넣으세요",
        en: "`clippings reindex` rebuilds it from the records that can be read; add the rest again with `clippings add --reread PATH...`",
    )
}
