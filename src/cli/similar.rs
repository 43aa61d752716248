//! `clippings similar`

use super::global::found;
use super::help::examples;
use super::query_args::FilterArgs;
use super::{CliResult, Global, OutputFormat};
use crate::app::similar::SimilarRequest;
use crate::report::similar;

/// What `similar` writes.
pub(super) const FORMATS: &[OutputFormat] =
    &[OutputFormat::Text, OutputFormat::Json, OutputFormat::Jsonl];

#[derive(Debug, clap::Args)]
#[command(
    after_help = examples("\
  clippings similar 7kq2m4
  clippings similar law:205074 --from 2024-03 -n 20
  clippings similar 7kq2m4 --format json | jq '.hits[].headline'"),
    long_about = text!(
        ko: "기사 하나와 비슷한 주제의 기사를 찾습니다\n\n그 기사에 자주 나오고 다른 기사에는 드문 이름과 명사로 견줍니다. 거의 같은 기사는 뺍니다. 점수는 그 \
            기사 자신이 받을 점수에 대한 비율입니다.",
        en: "Find clippings on the same subject as a given one\n\nClippings are compared by names \
            and nouns that are frequent in the given one and rare in others. Copies of it are left \
            out. A score is a share of the given clipping's own score.",
    ),
)]
pub struct Args {
    #[arg(
        value_name = "ID",
        help = text!(
            ko: "`search`가 보여 주는 기사 ID. 앞부분만 써도 됩니다",
            en: "ID of the clipping, as `search` prints it; a unique prefix is enough",
        ),
    )]
    id: String,

    #[arg(
        short = 'n', long, value_name = "N", default_value_t = 10,
        help = text!(ko: "최대 건수", en: "At most this many clippings"),
    )]
    limit: usize,

    #[arg(
        long, value_name = "N", default_value_t = 160,
        help = text!(ko: "발췌문의 글자 수", en: "Snippet length in characters"),
    )]
    snippet_chars: usize,

    #[command(flatten)]
    filters: FilterArgs,
}

pub fn run(args: &Args, global: &Global) -> CliResult {
    let format = global.format_among("similar", FORMATS)?;
    let app = global.opened(global.app())?;
    let similar = app.similar(&SimilarRequest {
        id: args.id.clone(),
        filters: args.filters.filters(),
        limit: args.limit,
        snippet_chars: args.snippet_chars,
        ..SimilarRequest::default()
    })?;
    let mut out = global.output_of(format);
    match format {
        OutputFormat::Json => similar::json(&similar, &mut out)?,
        OutputFormat::Jsonl => similar::jsonl(&similar, &mut out)?,
        _ => similar::text(&similar, global.style(), &mut out)?,
    }
    std::io::Write::flush(&mut out)?;
    Ok(found(!similar.hits.is_empty()))
}
