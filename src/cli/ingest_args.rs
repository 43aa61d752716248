//! What `add`, `search --add` and `extract` share: options of reading, and the summary.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

use super::error::{lang, one_line, say};
use super::progress::ReadBar;
use super::signal::stop_flag;
use super::{CliError, Global};
use crate::app::App;
use crate::app::add::{
    AddEvent, AddReport, AddRequest, ColumnMap, Extraction, FileReport, Fill, Limits, PathRule,
    ReadOptions, Skip, Summary, WebOptions, is_web_address, read_list,
};
use crate::clipping::Published;
use crate::messages::{Localize, msg};
use crate::report::shown_source;

/// Heading of the options about addresses.
const WEB: &str = "Web addresses";

/// How sources are read.
#[derive(Debug, Args)]
#[command(next_help_heading = "Reading")]
pub struct ReadArgs {
    /// Outlet for clippings that do not name one
    #[arg(long, value_name = "NAME")]
    outlet: Option<String>,

    /// Reporter for clippings without a byline (repeatable)
    #[arg(long, value_name = "NAME")]
    reporter: Vec<String>,

    /// Date for undated clippings: 2024-02-22 or 2024-02-22T10:31
    #[arg(long, value_name = "DATE")]
    date: Option<Published>,

    /// Fill missing fields from the file path, e.g. '{outlet}/{date}/*.html'
    ///
    /// The rule matches the end of the path. {outlet}, {reporter}, {section}, {date} or {year},
    /// {month} and {day} capture values, * matches within a name, ** any folders. Repeatable; the
    /// first rule that matches is used. Precedence: the page, then path rules, then --outlet,
    /// --reporter and --date.
    #[arg(long, value_name = "RULE", verbatim_doc_comment)]
    path_rule: Vec<PathRule>,

    /// Columns of tables (.xlsx, .csv, .tsv), e.g. headline=제목,body=내용
    ///
    /// Common Korean and English column names are recognised; use this for others.
    /// Fields: headline, body, summary, subhead, reporter, outlet, section, published, url, id,
    /// caption, keywords, news_id, category, incident, person, place, organization, excluded.
    #[arg(
        long,
        value_name = "FIELD=COLUMN,...",
        default_value = "",
        hide_default_value = true
    )]
    map: ColumnMap,

    /// Largest page or record to read, e.g. 500K, 100M, 2G
    #[arg(long, value_name = "SIZE", default_value = "100M", value_parser = parse_size)]
    max_size: u64,

    /// Maximum expansion ratio of compressed files
    #[arg(long, value_name = "N", default_value_t = Limits::default().ratio)]
    max_ratio: u64,

    /// Disable outlet-specific rules
    #[arg(long)]
    no_rules: bool,

    /// Timeout per page, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3600), help_heading = WEB)]
    timeout: u64,

    /// Delay between requests to the same host, in seconds (robots.txt may require more)
    #[arg(long, value_name = "SECONDS", default_value = "1", value_parser = parse_seconds, help_heading = WEB)]
    delay: Duration,

    /// Allow private and loopback addresses
    #[arg(long, help_heading = WEB)]
    allow_local: bool,

    /// Number of threads [default: number of cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    threads: Option<u16>,
}

impl Default for ReadArgs {
    /// As when no option is given.
    fn default() -> Self {
        ReadArgs {
            outlet: None,
            reporter: Vec::new(),
            date: None,
            path_rule: Vec::new(),
            map: ColumnMap::default(),
            max_size: Limits::default().item,
            max_ratio: Limits::default().ratio,
            no_rules: false,
            timeout: WebOptions::default().timeout.as_secs(),
            delay: WebOptions::default().delay,
            allow_local: false,
            threads: None,
        }
    }
}

impl ReadArgs {
    /// The options of reading `paths` and those in a list.
    pub fn options(&self, paths: &[PathBuf], listed: Vec<PathBuf>) -> ReadOptions {
        ReadOptions {
            paths: paths.to_vec(),
            listed,
            fill: Fill {
                outlet: self.outlet.clone(),
                reporters: self.reporter.clone(),
                published: self.date,
                rules: self.path_rule.clone(),
                columns: self.map.clone(),
            },
            limits: Limits {
                item: self.max_size,
                ratio: self.max_ratio.max(1),
            },
            web: WebOptions {
                timeout: Duration::from_secs(self.timeout),
                delay: self.delay,
                allow_local: self.allow_local,
            },
            extraction: Extraction {
                without_rules: self.no_rules,
                keep_pages: false,
            },
            threads: self.threads.map(usize::from),
            ..ReadOptions::default()
        }
    }
}

/// Reads `100M`: bytes, with K, M or G for powers of 1024.
fn parse_size(text: &str) -> Result<u64, String> {
    let text = text.trim();
    let upper = text.to_ascii_uppercase();
    let upper = upper.strip_suffix('B').unwrap_or(&upper);
    let (digits, unit) = match upper.chars().last() {
        Some('K') => (&upper[..upper.len() - 1], 1 << 10),
        Some('M') => (&upper[..upper.len() - 1], 1 << 20),
        Some('G') => (&upper[..upper.len() - 1], 1 << 30),
        _ => (upper, 1u64),
    };
    digits
        .parse::<u64>()
        .ok()
        .and_then(|n| n.checked_mul(unit))
        .filter(|&n| n > 0)
        .ok_or_else(|| "write a size such as 500K, 100M or 2G".to_owned())
}

/// Reads `1` or `0.5`: seconds, up to an hour.
fn parse_seconds(text: &str) -> Result<Duration, String> {
    text.trim()
        .parse::<f64>()
        .ok()
        .filter(|seconds| (0.0..=3600.0).contains(seconds))
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .ok_or_else(|| "write seconds such as 1 or 0.5, 3600 at most".to_owned())
}

/// The paths in the file of `--from-file`.
///
/// # Errors
/// When it cannot be read.
pub fn listed(list: Option<&Path>) -> Result<Vec<PathBuf>, CliError> {
    let Some(file) = list else {
        return Ok(Vec::new());
    };
    let read = match file.as_os_str() == "-" {
        true => read_list(io::stdin()),
        false => File::open(file).and_then(read_list),
    };
    read.map_err(|e| {
        CliError::file(file, &e).with_hint(msg!(lang(),
            ko: "--from-file은 줄마다 주소나 경로가 하나씩 있는 텍스트 파일을 받습니다",
            en: "--from-file takes a text file with one URL or path per line",
        ))
    })
}

/// How long to wait for the lock.
#[derive(Debug, Clone, Copy, Args)]
pub struct WaitArgs {
    /// Seconds to wait while another process is writing the index
    #[arg(long, value_name = "SECONDS", default_value_t = WaitArgs::default().wait)]
    wait: u64,
}

impl Default for WaitArgs {
    fn default() -> Self {
        WaitArgs { wait: 10 }
    }
}

impl WaitArgs {
    /// The duration, a year at most: clocks overflow on more.
    pub fn duration(self) -> Duration {
        Duration::from_secs(self.wait.min(365 * 24 * 60 * 60))
    }
}

/// Adds what `options` names and writes a summary to standard error.
///
/// # Errors
/// When the index cannot be opened or written.
pub fn add(
    global: &Global,
    app: &App,
    options: ReadOptions,
    command: &'static str,
    wait: WaitArgs,
) -> Result<AddReport, CliError> {
    let stop = stop_flag()?;
    let bar = ReadBar::new(global.quiet);
    let request = AddRequest {
        read: options,
        command,
        wait: wait.duration(),
        progress: bar.is_visible(),
    };
    let report = app.add(request, &stop, &|event| match event {
        AddEvent::Note(note) => global.say_notes(&[note]),
        AddEvent::Progress(progress) => bar.set(progress),
        // Someone who names an address waits for that page; in folders some files are always
        // skipped.
        AddEvent::File(file) => {
            if global.verbose {
                file_line(file).iter().for_each(|line| bar.line(line));
            }
        }
        AddEvent::Skipped(skip) => {
            if global.verbose || (!global.quiet && is_web_address(&skip.source)) {
                bar.line(&skipped_line(skip));
            }
        }
    })?;
    if global.verbose
        && let Some(e) = &report.merge_failure
    {
        let e = one_line(e);
        bar.line(&msg!(lang(),
            ko: "세그먼트를 병합하지 못해 검색이 느려집니다: {e}",
            en: "segments could not be merged, so searches are slower: {e}",
        ));
    }
    drop(bar);
    for failure in &report.summary.failures {
        say_failure(failure);
    }
    if !global.quiet {
        summarize(&report, global.verbose);
    }
    Ok(report)
}

/// A line about what a file gave; none when all of it was skipped, which has lines of its own.
fn file_line(file: &FileReport) -> Option<String> {
    let FileReport {
        source,
        added,
        updated,
        unchanged,
        ..
    } = file;
    let parts = [
        (added, msg!(lang(), ko: "추가 {added}", en: "added {added}")),
        (
            updated,
            msg!(lang(), ko: "갱신 {updated}", en: "updated {updated}"),
        ),
        (
            unchanged,
            msg!(lang(), ko: "그대로 {unchanged}", en: "unchanged {unchanged}"),
        ),
    ];
    let parts = parts.into_iter().filter(|(count, _)| **count > 0);
    let parts: Vec<String> = parts.map(|(_, text)| text).collect();
    let source = one_line(shown_source(source));
    (!parts.is_empty()).then(|| format!("{source}: {}", parts.join(", ")))
}

/// A line about something that was skipped.
pub fn skipped_line(skip: &Skip) -> String {
    let reason = skip.reason.text(lang());
    let (source, reason) = (one_line(shown_source(&skip.source)), one_line(&reason));
    msg!(lang(), ko: "건너뜀 {source}: {reason}", en: "skipped {source}: {reason}")
}

/// Says that a path that was named cannot be read.
pub fn say_failure(failure: &Skip) {
    let reason = failure.reason.text(lang());
    let (source, reason) = (one_line(shown_source(&failure.source)), one_line(&reason));
    let line = msg!(lang(), ko: "오류: {source}: {reason}", en: "error: {source}: {reason}");
    say(format_args!("{line}"));
}

/// Writes the summary to standard error.
fn summarize(report: &AddReport, verbose: bool) {
    let Summary {
        added,
        updated,
        unchanged,
        pruned,
        skipped,
        ignored,
        gone,
        interrupted,
        ..
    } = &report.summary;
    let mut line = msg!(lang(),
        ko: "추가 {added}, 갱신 {updated}, 그대로 {unchanged}, 건너뜀 {skipped}",
        en: "added {added}, updated {updated}, unchanged {unchanged}, skipped {skipped}",
    );
    if *pruned > 0 {
        line += &msg!(lang(), ko: ", 삭제 {pruned}", en: ", removed {pruned}");
    }
    line += &match ignored {
        0 => String::new(),
        1 => msg!(lang(), ko: ", 글이 아닌 파일 1", en: ", 1 hidden or binary file ignored"),
        n => msg!(lang(), ko: ", 글이 아닌 파일 {n}", en: ", {n} hidden or binary files ignored"),
    };
    if verbose {
        let seconds = report.seconds;
        line += &msg!(lang(), ko: " ({seconds:.1}초)", en: " in {seconds:.1} s");
    }
    if *interrupted {
        let interrupted = msg!(lang(),
            ko: "중단했습니다. 여기까지는 저장됐으니 이어서 하려면 명령을 다시 실행하세요.",
            en: "Interrupted. Progress is saved; run the command again to continue.",
        );
        say(format_args!("{interrupted}"));
    }
    say(format_args!("{line}"));
    if *gone > 0 && *pruned == 0 {
        let gone = match gone {
            1 => msg!(lang(),
                ko: "파일 1개가 없어졌습니다. `clippings add --prune`으로 그 기사를 지울 수 있습니다",
                en: "1 file is no longer there; `clippings add --prune` removes its clippings",
            ),
            n => msg!(lang(),
                ko: "파일 {n}개가 없어졌습니다. `clippings add --prune`으로 그 기사를 지울 수 있습니다",
                en: "{n} files are no longer there; `clippings add --prune` removes their clippings",
            ),
        };
        say(format_args!("{gone}"));
    }
    if *skipped > 0 && !verbose {
        let hint = msg!(lang(),
            ko: "`clippings stats --skipped`로 건너뛴 것과 이유를 볼 수 있습니다",
            en: "`clippings stats --skipped` lists what was skipped and why",
        );
        say(format_args!("{hint}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read() {
        assert_eq!(parse_size("100M"), Ok(100 << 20));
        assert_eq!(parse_size("5kb"), Ok(5 << 10));
        assert_eq!(parse_size("77"), Ok(77));
        for no in ["", "M", "-1", "1.5M", "0", "99999999999999G", "é"] {
            assert!(parse_size(no).is_err(), "{no}");
        }
    }
}
