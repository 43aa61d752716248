//! What `add`, `search --add` and `extract` share: options of reading, and how a summary is told.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Args;

use super::error::one_line;
use super::progress::Bar;
use super::signal::stop_flag;
use super::{CliError, Global};
use crate::clipping::Published;
use crate::index::{Writer, WriterOptions};
use crate::ingest::{Extraction, Options, Progress, Summary, ingest};
use crate::source::{ColumnMap, Fill, Limits, PathRule, WebOptions, is_web_address, read_list};

/// Heading of the options about addresses.
const WEB: &str = "Web addresses";

/// How sources are read.
#[derive(Debug, Args)]
#[command(next_help_heading = "Reading")]
pub struct ReadArgs {
    /// Outlet of clippings that do not name theirs
    #[arg(long, value_name = "NAME")]
    outlet: Option<String>,

    /// Reporter of clippings that name none; may be repeated
    #[arg(long, value_name = "NAME")]
    reporter: Vec<String>,

    /// Date of clippings that give none: 2024-02-22 or 2024-02-22T10:31
    #[arg(long, value_name = "DATE")]
    date: Option<Published>,

    /// Read what a clipping does not say from its path, such as '{outlet}/{date}/*.html'
    ///
    /// The rule is matched against the end of the path. {outlet}, {reporter}, {section}, {date} or
    /// {year}, {month} and {day} stand for values, * for anything within a name, ** for any
    /// folders. May be repeated; the first rule that fits counts. What a page says itself stands,
    /// then comes what a rule reads, then --outlet, --reporter and --date.
    #[arg(long, value_name = "RULE", verbatim_doc_comment)]
    path_rule: Vec<PathRule>,

    /// Columns of tables (.xlsx, .csv, .tsv), such as headline=제목,body=내용
    ///
    /// Columns are known by their usual names in Korean and English; this names those that are not.
    /// Fields: headline, body, summary, subhead, reporter, outlet, section, published, url, id,
    /// caption, keywords.
    #[arg(
        long,
        value_name = "FIELD=COLUMN,...",
        default_value = "",
        hide_default_value = true
    )]
    map: ColumnMap,

    /// Largest page or record to read, such as 500K, 100M, 2G
    #[arg(long, value_name = "SIZE", default_value = "100M", value_parser = parse_size)]
    max_size: u64,

    /// How many times larger than the file the content of a compressed one may be
    #[arg(long, value_name = "N", default_value_t = Limits::default().ratio)]
    max_ratio: u64,

    /// Leave out the rules about particular outlets
    #[arg(long)]
    no_rules: bool,

    /// Seconds that a page of the web may take
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3600), help_heading = WEB)]
    timeout: u64,

    /// Seconds between two requests to one host; more where its robots.txt asks for more
    #[arg(long, value_name = "SECONDS", default_value = "1", value_parser = parse_seconds, help_heading = WEB)]
    delay: Duration,

    /// Fetch from private and loopback addresses too
    #[arg(long, help_heading = WEB)]
    allow_local: bool,

    /// Threads to read with [default: as many as there are cores]
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
    /// The options of reading `paths`.
    pub fn options(&self, paths: &[PathBuf]) -> Options {
        Options {
            paths: paths.to_vec(),
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
            ..Options::default()
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

/// The paths that are named, and those that a list names.
///
/// # Errors
/// When the list cannot be read.
pub fn listed(paths: &[PathBuf], list: Option<&Path>) -> Result<Vec<PathBuf>, CliError> {
    let mut all = paths.to_vec();
    if let Some(file) = list {
        let read = match file.as_os_str() == "-" {
            true => read_list(io::stdin()),
            false => File::open(file).and_then(read_list),
        };
        all.extend(read.map_err(|e| {
            CliError::new(format!("{} cannot be read: {e}", file.display()))
                .with_hint("--from-file takes a text file with an address or a path on each line")
        })?);
    }
    Ok(all)
}

/// Takes in what `options` names and tells what came of it.
///
/// # Errors
/// When the index cannot be opened or written.
pub fn take_in(
    global: &Global,
    options: Options,
    command: &str,
    wait: Duration,
) -> Result<Summary, CliError> {
    let stop = stop_flag()?;
    let begun = Instant::now();
    let mut writer = Writer::open(
        &global.index,
        true,
        WriterOptions {
            command,
            wait,
            threads: options.threads,
        },
    )?;
    global.tell_words_changed(writer.words_changed());
    let options = Arc::new(options);
    let progress = Arc::new(Progress::default());
    let bar = Bar::over(&options.paths, &progress, global.quiet);
    let summary = ingest(&mut writer, &options, &stop, &progress, &mut |skip| {
        // Whoever names an address waits for that page; in a folder of files some are always skipped.
        if global.verbose || (!global.quiet && is_web_address(&skip.source)) {
            bar.line(&format!(
                "skipped {}: {}",
                one_line(&skip.source),
                one_line(&skip.reason)
            ));
        }
    })
    .map_err(|e| e.or_gone(&global.index))?;
    if !summary.interrupted {
        writer.finish().map_err(|e| e.or_gone(&global.index))?;
    }
    drop(bar);
    if !global.quiet {
        tell(&summary, begun.elapsed(), global.verbose);
    }
    Ok(summary)
}

/// Writes the summary to standard error.
fn tell(summary: &Summary, took: Duration, verbose: bool) {
    let Summary {
        added,
        updated,
        unchanged,
        skipped,
        passed_over,
        interrupted,
        ..
    } = summary;
    let mut line =
        format!("added {added}, updated {updated}, unchanged {unchanged}, skipped {skipped}");
    if *passed_over > 0 {
        line.push_str(&format!(", passed over {passed_over} that are no text"));
    }
    if verbose {
        line.push_str(&format!(" in {:.1} s", took.as_secs_f64()));
    }
    // Nothing is to be done when standard error is closed.
    let mut err = std::io::stderr().lock();
    if *interrupted {
        let _ = writeln!(
            err,
            "interrupted: what is counted here is kept, run the command again for the rest"
        );
    }
    let _ = writeln!(err, "{line}");
    if *skipped > 0 && !verbose {
        let _ = writeln!(
            err,
            "`clippings stats --skipped` lists what was skipped and why"
        );
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
