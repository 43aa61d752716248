//! `clippings add`

use std::io::Write;

use super::help::examples;
use super::ingest_args::{PathArgs, ReadArgs, WaitArgs, add};
use super::{CliResult, Exit, Global, OutputFormat};
use crate::report::stats;

#[derive(Debug, clap::Args)]
#[command(
    after_help = examples("\
  clippings add ~/scraps
  clippings add articles.jsonl.zst page.html
  clippings add --path-rule '{outlet}/{date}/*.html' archive
  clippings add https://news.example/2024/02/22/1
  clippings add --from-file urls.txt --delay 3") + text!(
        ko: "\n\n요약은 표준 오류에 씁니다. --format json이면 표준 출력에 씁니다.",
        en: "\n\nThe summary goes to stderr; with --format json it goes to stdout.",
    ),
    long_about = text!(
        ko: "파일, 폴더, 내보낸 자료, 웹 주소에서 기사를 추가합니다\n\n저장한 페이지(HTML, PDF, 텍스트, 인코딩은 무엇이든), 내보낸 자료, 피드, 메일과 \
            그 압축 파일을 읽어 그 안의 기사를 인덱스에 추가합니다. 폴더는 하위 폴더까지 읽으며, 숨김 파일과 글이 아닌 파일은 읽지 않습니다. 웹 주소는 \
            robots.txt가 허용하면 가져옵니다.\n\n바뀌지 않은 파일은 다시 읽지 않고, 바뀐 파일은 기사를 새로 고칩니다. 끝나면 추가, 갱신, 그대로, \
            건너뜀 건수를 보여 줍니다.",
        en: "Add clippings from files, folders, exports or URLs\n\nReads saved pages (HTML, PDF or \
            plain text, in any encoding), exports, feeds, mail and archives of these, and adds the \
            articles they hold to the index. Folders are read recursively; hidden and binary files \
            are ignored. URLs are fetched if robots.txt allows it.\n\nUnchanged files are skipped; \
            a changed file replaces its clipping. Prints a summary: added, updated, unchanged, \
            skipped.",
    ),
)]
pub struct Args {
    #[command(flatten)]
    paths: PathArgs,

    #[command(flatten)]
    read: ReadArgs,

    #[arg(
        long,
        long_help = text!(
            ko: "원본 페이지도 인덱스에 보관합니다\n\n`show --page`로 꺼내 보고, `reindex --extract`로 기사를 다시 뽑을 수 있습니다. \
                웹에서 가져온 페이지는 늘 보관합니다.",
            en: "Also store the original pages in the index\n\n`show --page` outputs them and \
                `reindex --extract` re-extracts from them. Fetched pages are always stored.",
        ),
    )]
    keep_pages: bool,

    #[arg(
        long,
        help = text!(
            ko: "지정한 폴더에서 파일이 없어진 기사를 지웁니다",
            en: "Remove clippings whose files are gone from the folders named",
        ),
    )]
    prune: bool,

    #[arg(
        long,
        help = text!(
            ko: "바뀌지 않은 파일도 모두 다시 읽습니다",
            en: "Re-read everything, even unchanged files",
        ),
    )]
    reread: bool,

    #[arg(
        long,
        help = text!(
            ko: "건너뛴 것이 있으면 종료 코드 1로 끝냅니다",
            en: "Exit with code 1 if anything was skipped",
        ),
    )]
    strict: bool,

    #[command(flatten)]
    wait: WaitArgs,
}

/// What `add` writes.
pub(super) const FORMATS: &[OutputFormat] = &[OutputFormat::Text, OutputFormat::Json];

pub fn run(args: &Args, global: &Global) -> CliResult {
    let format = global.format_among("add", FORMATS)?;
    let mut options = args.read.options(&args.paths.given, args.paths.listed()?);
    options.reread = args.reread;
    options.prune = args.prune;
    options.extraction.keep_pages = args.keep_pages;
    let report = add(global, &global.app(), options, "add", args.wait)?;
    if format == OutputFormat::Json {
        let mut out = global.output();
        stats::added_json(&report, &mut out)?;
        out.flush()?;
    }
    let summary = &report.summary;
    Ok(if summary.interrupted {
        Exit::Interrupted
    } else if !summary.failures.is_empty() {
        Exit::Error
    } else if args.strict && summary.skipped > 0 {
        Exit::Nothing
    } else {
        Exit::Done
    })
}
