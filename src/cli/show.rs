//! `clippings show`

use std::io::{self, IsTerminal, Write};

use super::help::examples;
use super::output_target::refuse_terminal;
use super::{CliResult, Exit, Global, OutputFormat};
use crate::app::read::{ReadAnswer, ReadRequest};
use crate::report::clipping;

#[derive(Debug, clap::Args)]
#[command(
    after_help = examples("\
  clippings show 7kq2m4
  clippings show --query '생성형 AI' 7kq2m4
  clippings show --format json law:205074 | jq .body
  clippings show --page 7kq2m4 > page.html"),
    long_about = text!(
        ko: "기사 전문을 보여 줍니다\n\nID는 `search`가 보여 주며, 앞부분만 써도 됩니다. 비슷한 기사는 글 아래에 적습니다.",
        en: "Show full clippings\n\nIDs are printed by `search`; a unique prefix is enough. \
            Near-duplicates are named below the text.",
    ),
)]
pub struct Args {
    #[arg(
        required = true, value_name = "ID",
        help = text!(ko: "기사 ID", en: "Clipping IDs"),
    )]
    ids: Vec<String>,

    #[arg(
        long, value_name = "QUERY", conflicts_with = "page",
        help = text!(ko: "이 검색식에 맞는 단어를 표시합니다", en: "Highlight the words of this query"),
    )]
    query: Option<String>,

    #[arg(
        long,
        help = text!(
            ko: "`add --keep-pages`로 보관한 원본을 그대로 내보냅니다",
            en: "Output the original page stored by `add --keep-pages`",
        ),
    )]
    page: bool,
}

/// What `show` writes.
pub(super) const FORMATS: &[OutputFormat] =
    &[OutputFormat::Text, OutputFormat::Json, OutputFormat::Jsonl];

pub fn run(args: &Args, global: &Global) -> CliResult {
    let format = global.format_among("show", FORMATS)?;
    let app = global.opened(global.app())?;
    if args.page {
        // Pages are foreign bytes, escape sequences among them.
        refuse_terminal(io::stdout().is_terminal())?;
        let mut out = global.output();
        for id in &args.ids {
            out.write_all(&app.page(id)?)?;
        }
        out.flush()?;
        return Ok(Exit::Done);
    }
    // All are read before any is written, so that no error follows half the output.
    let read = |id: &String| {
        app.read(&ReadRequest {
            id: id.clone(),
            query: args.query.clone().unwrap_or_default(),
            ..ReadRequest::default()
        })
    };
    let shown = args.ids.iter().map(read);
    let shown = shown.collect::<Result<Vec<ReadAnswer>, _>>()?;
    let style = global.style();
    let mut out = global.output_of(format);
    match format {
        OutputFormat::Json => clipping::read_json(&shown, &mut out)?,
        OutputFormat::Jsonl => {
            for answer in &shown {
                clipping::read_json_line(answer, &mut out)?;
            }
        }
        _ => {
            for (i, answer) in shown.iter().enumerate() {
                if i > 0 {
                    writeln!(out)?;
                }
                clipping::read_text(answer, style, &mut out)?;
            }
        }
    }
    out.flush()?;
    Ok(Exit::Done)
}
