//! What `add`, `search --add` and `extract` share: options of reading, and the summary.

use std::fmt::Display;
use std::fs::File;
use std::io;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::{Args, ValueHint};

use super::error::{lang, one_line, say, say_labelled};
use super::progress::ReadBar;
use super::signal::stop_flag;
use super::{CliError, Global};
use crate::app::App;
use crate::app::add::{
    AddEvent, AddReport, AddRequest, ColumnMap, Extraction, FileReport, Fill, Limits, PathRule,
    ReadOptions, Skip, Summary, WebOptions, is_web_address, read_list,
};
use crate::clipping::Published;
use crate::messages::{Label, Localize, msg};
use crate::report::shown_source;

// What is read.
#[derive(Debug, Args)]
pub struct PathArgs {
    #[arg(
        id = "paths", required_unless_present = "from_file", value_name = "PATH",
        value_hint = ValueHint::AnyPath,
        help = text!(ko: "파일, 폴더, 웹 주소(-는 표준 입력)", en: "Files, folders and URLs; - for stdin"),
    )]
    pub given: Vec<PathBuf>,

    #[arg(
        long, value_name = "FILE", value_hint = ValueHint::FilePath,
        help = text!(
            ko: "한 줄에 하나씩 적은 웹 주소나 경로를 파일에서 읽습니다(#은 주석, -는 표준 입력)",
            en: "Read URLs or paths from FILE, one per line (# starts a comment, - means stdin)",
        ),
    )]
    from_file: Option<PathBuf>,
}

// How sources are read.
#[derive(Debug, Args)]
#[command(next_help_heading = text!(ko: "읽기", en: "Reading"))]
pub struct ReadArgs {
    #[arg(
        long, value_name = "NAME",
        help = text!(
            ko: "매체가 적혀 있지 않은 기사의 매체",
            en: "Outlet for clippings that do not name one",
        ),
    )]
    outlet: Option<String>,

    #[arg(
        long, value_name = "NAME",
        help = text!(
            ko: "기자 이름이 없는 기사의 기자(여러 번 쓸 수 있음)",
            en: "Reporter for clippings without a byline (repeatable)",
        ),
    )]
    reporter: Vec<String>,

    #[arg(
        long, value_name = "DATE", value_parser = localized::<Published>,
        help = text!(
            ko: "날짜가 없는 기사의 날짜: 2024-02-22 또는 2024-02-22T10:31",
            en: "Date for undated clippings: 2024-02-22 or 2024-02-22T10:31",
        ),
    )]
    date: Option<Published>,

    #[arg(
        long, value_name = "RULE", value_parser = localized::<PathRule>,
        long_help = text!(
            ko: "빠진 항목을 파일 경로에서 채웁니다. 예: '{outlet}/{date}/*.html'\n\n규칙은 경로의 끝부분과 맞춥니다. \
                {outlet}(매체), {reporter}(기자), {section}(섹션), {date}(날짜) 또는 {year}, {month}, {day} \
                자리의 값을 읽으며, *는 이름 안의 글자, **는 폴더 여러 단계와 맞습니다. 여러 번 쓸 수 있고 먼저 맞는 규칙을 씁니다. 페이지에 적힌 값이 \
                먼저이고, 그다음이 경로 규칙, 그다음이 --outlet, --reporter, --date입니다.",
            en: "Fill missing fields from the file path, e.g. '{outlet}/{date}/*.html'\n\nThe rule \
                matches the end of the path. {outlet}, {reporter}, {section}, {date} or {year}, \
                {month} and {day} capture values, * matches within a name, ** any folders. \
                Repeatable; the first rule that matches is used. Precedence: the page, then path \
                rules, then --outlet, --reporter and --date.",
        ),
    )]
    path_rule: Vec<PathRule>,

    #[arg(
        long,
        value_name = "FIELD=COLUMN,...",
        value_parser = localized::<ColumnMap>,
        default_value = "",
        hide_default_value = true,
        long_help = text!(
            ko: "표(.xlsx, .csv, .tsv)의 열 이름. 예: headline=제목,body=내용\n\n흔히 쓰는 한국어와 영어 열 이름은 알아서 읽으니, \
                그 밖의 이름일 때 지정하세요. 항목: headline, body, summary, subhead, reporter, outlet, section, \
                published, url, id, caption, keywords, news_id, category, incident, person, place, \
                organization, excluded.",
            en: "Columns of tables (.xlsx, .csv, .tsv), e.g. headline=제목,body=내용\n\nCommon Korean \
                and English column names are recognized; use this for others. Fields: headline, \
                body, summary, subhead, reporter, outlet, section, published, url, id, caption, \
                keywords, news_id, category, incident, person, place, organization, excluded.",
        ),
    )]
    map: ColumnMap,

    #[arg(
        long, value_name = "SIZE", default_value = "100M", value_parser = parse_size,
        help = text!(
            ko: "읽을 페이지나 기록의 최대 크기. 예: 500K, 100M, 2G",
            en: "Largest page or record to read, e.g. 500K, 100M, 2G",
        ),
    )]
    max_size: u64,

    #[arg(
        long, value_name = "N", default_value_t = Limits::default().ratio,
        help = text!(
            ko: "압축 파일이 풀리는 최대 배율",
            en: "Maximum expansion ratio of compressed files",
        ),
    )]
    max_ratio: u64,

    #[arg(
        long,
        help = text!(ko: "매체별 규칙을 쓰지 않습니다", en: "Disable outlet-specific rules"),
    )]
    no_rules: bool,

    #[arg(
        long, value_name = "SECONDS", default_value_t = 30, value_parser = within(1..=3600_u64), help_heading = text!(ko: "웹 주소", en: "Web addresses"),
        help = text!(ko: "페이지를 기다리는 최대 시간(초)", en: "Timeout per page, in seconds"),
    )]
    timeout: u64,

    #[arg(
        long, value_name = "SECONDS", default_value = "1", value_parser = parse_seconds, help_heading = text!(ko: "웹 주소", en: "Web addresses"),
        help = text!(
            ko: "같은 서버에 다시 요청하기까지의 간격(초). robots.txt가 더 길게 정하면 따릅니다",
            en: "Delay between requests to the same host, in seconds (robots.txt may require more)",
        ),
    )]
    delay: Duration,

    #[arg(
        long, help_heading = text!(ko: "웹 주소", en: "Web addresses"),
        help = text!(
            ko: "사설망과 이 컴퓨터의 주소도 허용합니다",
            en: "Allow private and loopback addresses",
        ),
    )]
    allow_local: bool,

    #[arg(
        long, value_name = "N", value_parser = within(1..=256_u16),
        help = text!(
            ko: "스레드 수 [기본값: 코어 수]",
            en: "Number of threads [default: number of cores]",
        ),
    )]
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

/// Reads a value, with what is wrong in the language of the process.
fn localized<T: FromStr<Err: Localize>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|e: T::Err| e.text(lang()))
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
        .ok_or_else(|| {
            msg!(lang(),
                ko: "500K, 100M, 2G처럼 쓰세요",
                en: "write a size such as 500K, 100M or 2G",
            )
        })
}

/// A parser of whole numbers within `range`.
fn within<T>(range: RangeInclusive<T>) -> impl Fn(&str) -> Result<T, String> + Clone
where
    T: FromStr + PartialOrd + Display + Clone,
{
    move |text| {
        let number = text.trim().parse().ok();
        number.filter(|n| range.contains(n)).ok_or_else(|| {
            let (least, most) = (range.start(), range.end());
            msg!(lang(),
                ko: "{least}부터 {most}까지의 정수를 쓰세요",
                en: "write a whole number from {least} to {most}",
            )
        })
    }
}

/// Reads `1` or `0.5`: seconds, up to an hour.
fn parse_seconds(text: &str) -> Result<Duration, String> {
    text.trim()
        .parse::<f64>()
        .ok()
        .filter(|seconds| (0.0..=3600.0).contains(seconds))
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .ok_or_else(|| {
            msg!(lang(),
                ko: "1이나 0.5처럼 초를 쓰세요(3600까지)",
                en: "write seconds such as 1 or 0.5, 3600 at most",
            )
        })
}

impl PathArgs {
    /// The paths in the file of `--from-file`.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn listed(&self) -> Result<Vec<PathBuf>, CliError> {
        let Some(file) = &self.from_file else {
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
}

// How long to wait for the lock.
#[derive(Debug, Clone, Copy, Args)]
pub struct WaitArgs {
    #[arg(
        long, value_name = "SECONDS", default_value_t = WaitArgs::default().wait,
        help = text!(
            ko: "다른 프로그램이 인덱스에 쓰고 있을 때 기다리는 시간(초)",
            en: "Seconds to wait while another process is writing the index",
        ),
    )]
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
        AddEvent::File(file) => {
            if global.verbose {
                file_line(file).iter().for_each(|line| bar.line(line));
            }
        }
        AddEvent::Skipped(skip) => {
            // In folders some files are always skipped, but a page was asked for by its address.
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
    let source = shown_source(&failure.source);
    say_labelled(Label::Error, &format!("{source}: {reason}"));
}

/// Writes the summary to standard error.
fn summarize(report: &AddReport, verbose: bool) {
    let Summary {
        added,
        updated,
        unchanged,
        pruned,
        unreadable_dates,
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
        1 => {
            msg!(lang(), ko: ", 숨김 파일이나 이진 파일 1", en: ", 1 hidden or binary file ignored")
        }
        n => {
            msg!(lang(), ko: ", 숨김 파일이나 이진 파일 {n}", en: ", {n} hidden or binary files ignored")
        }
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
    if *unreadable_dates > 0 {
        let undated = match unreadable_dates {
            1 => msg!(lang(),
                ko: "기사 1건은 날짜를 읽을 수 없어 날짜 없이 넣었습니다(값은 `clippings show ID`에 나옵니다)",
                en: "1 clipping has a date that cannot be read, and is undated (`clippings show ID` shows the value)",
            ),
            n => msg!(lang(),
                ko: "기사 {n}건은 날짜를 읽을 수 없어 날짜 없이 넣었습니다(값은 `clippings show ID`에 나옵니다)",
                en: "{n} clippings have dates that cannot be read, and are undated (`clippings show ID` shows the value)",
            ),
        };
        say(format_args!("{undated}"));
    }
    if *gone > 0 && *pruned == 0 {
        let gone = match gone {
            1 => msg!(lang(),
                ko: "파일 1개가 없어졌습니다. `clippings add --prune`으로 거기에만 있던 기사를 지울 수 있습니다",
                en: "1 file is no longer there; `clippings add --prune` removes the clippings that only it had",
            ),
            n => msg!(lang(),
                ko: "파일 {n}개가 없어졌습니다. `clippings add --prune`으로 거기에만 있던 기사를 지울 수 있습니다",
                en: "{n} files are no longer there; `clippings add --prune` removes the clippings that only they had",
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
