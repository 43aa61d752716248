//! `clippings remove`

use std::io::{self, BufRead, IsTerminal};

use super::error::{lang, one_line, say};
use super::help::examples;
use super::ingest_args::WaitArgs;
use super::query_args::{FilterArgs, StrictArgs};
use super::{CliError, CliResult, Exit, Global};
use crate::app::remove::RemovalPlan;
use crate::messages::msg;

#[derive(Debug, clap::Args)]
#[command(
    after_help = examples("\
  clippings remove 7kq2m4
  clippings remove --query '광고' --outlet 한빛신문
  clippings remove --query '*' --to 2019 --yes"),
    long_about = text!(
        ko: "인덱스에서 기사를 지웁니다\n\nID는 `search`가 보여 주며, 앞부분만 써도 됩니다. 원본 파일은 그대로 두며, 파일이 바뀔 때까지 `add`는 그 \
            파일을 다시 읽지 않습니다. 지운 기사는 다음 `reindex` 전까지 `clippings restore`로 되살릴 수 있습니다.\n\n--query를 쓰면 \
            맞는 기사를 모두 지웁니다. 터미널이 아니거나 묻지 않고 지우려면 --yes를 붙이세요.",
        en: "Remove clippings from the index\n\nIDs are printed by `search`; a unique prefix is \
            enough. Source files are not touched; `add` ignores them until they change. `clippings \
            restore` brings removed clippings back until the next `reindex`.\n\nWith --query, \
            all matches are removed after confirmation; add --yes to skip it, or without a \
            terminal.",
    ),
)]
pub struct Args {
    #[arg(
        required_unless_present = "query",
        conflicts_with = "query",
        value_name = "ID",
        help = text!(ko: "기사 ID", en: "Clipping IDs"),
    )]
    ids: Vec<String>,

    #[arg(
        long, value_name = "QUERY",
        help = text!(
            ko: "이 검색식에 맞는 기사를 비슷한 기사까지 모두 지웁니다",
            en: "Remove all results of this query, copies included",
        ),
    )]
    query: Option<String>,

    #[command(flatten)]
    filters: FilterArgs,

    #[command(flatten)]
    strict: StrictArgs,

    #[arg(
        long,
        help = text!(ko: "묻지 않습니다", en: "Do not ask"),
    )]
    yes: bool,

    #[command(flatten)]
    wait: WaitArgs,
}

pub fn run(args: &Args, global: &Global) -> CliResult {
    let app = global.app();
    let Some(query) = &args.query else {
        let removed = app.remove(&args.ids, args.wait.duration())?;
        report(removed, global);
        return Ok(Exit::Done);
    };
    let plan = app.plan_removal(query, &args.filters.filters())?;
    args.strict.refuse_changes(&plan.notes)?;
    global.say_notes(&plan.notes);
    if plan.ids.is_empty() {
        report(0, global);
        return Ok(Exit::Nothing);
    }
    if !args.yes {
        show(&plan);
        if !io::stdin().is_terminal() {
            return Err(CliError::new(msg!(lang(),
                ko: "아무것도 지우지 않았습니다",
                en: "nothing was removed",
            ))
            .with_hint(msg!(lang(),
                ko: "지우려면 --yes를 붙이세요",
                en: "add --yes to remove them",
            )));
        }
        if !confirmed() {
            return Ok(Exit::Nothing);
        }
    }
    let removed = app.remove(&plan.ids, args.wait.duration())?;
    report(removed, global);
    Ok(Exit::Done)
}

fn report(removed: u64, global: &Global) {
    if !global.quiet {
        let done = msg!(lang(), ko: "{removed}건을 지웠습니다", en: "removed {removed}");
        say(format_args!("{done}"));
    }
}

/// Shows how many clippings would be removed, and the first of them.
fn show(plan: &RemovalPlan) {
    for headline in &plan.headlines {
        say(format_args!("  {}", one_line(headline)));
    }
    let count = plan.ids.len();
    let rest = count - plan.headlines.len();
    if rest > 0 {
        let rest = msg!(lang(), ko: "  외 {rest}건", en: "  and {rest} more");
        say(format_args!("{rest}"));
    }
    let all = match count {
        1 => msg!(lang(), ko: "기사 1건", en: "1 clipping"),
        _ => msg!(lang(), ko: "기사 {count}건", en: "{count} clippings"),
    };
    say(format_args!("{all}"));
}

fn confirmed() -> bool {
    let question = msg!(lang(), ko: "지울까요? [y/N]", en: "Remove them? [y/N]");
    say(format_args!("{question}"));
    let mut answer = String::new();
    let is_read = io::stdin().lock().read_line(&mut answer).is_ok();
    is_read && matches!(answer.trim(), "y" | "Y" | "yes" | "예" | "네" | "ㅛ")
}
