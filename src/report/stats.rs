//! Statistics, skipped sources and results of `add`.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::text::counts;
use super::{sanitize, shown_source, to_json};
use crate::app::add::AddReport;
use crate::app::stats::{Skip, Skipped, Stats};
use crate::messages::{Lang, Localize, msg, number};

/// One JSON document.
pub fn json(stats: &Stats, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", to_json(stats, true)?)
}

/// As text.
pub fn text(stats: &Stats, lang: Lang, out: &mut dyn Write) -> io::Result<()> {
    let Stats {
        clippings,
        groups,
        undated,
        first_day,
        last_day,
        outlets,
        months,
        text_bytes,
        disk_bytes,
        pages,
        page_bytes,
        unmerged_segments,
    } = stats;
    let (count, stories) = (number(*clippings), number(*groups));
    let line = match clippings {
        1 => msg!(lang, ko: "기사 1건", en: "1 clipping"),
        _ => msg!(lang,
            ko: "기사 {count}건(비슷한 기사를 묶으면 {stories}건)",
            en: "{count} clippings, {stories} distinct stories",
        ),
    };
    writeln!(out, "{line}")?;
    let undated = number(*undated);
    let line = match (first_day, last_day) {
        (Some(first), Some(last)) => msg!(lang,
            ko: "보도일     {first} ~ {last}, 날짜 없음 {undated}건",
            en: "published  {first} to {last}, {undated} undated",
        ),
        _ => msg!(lang, ko: "보도일     날짜 없음 {undated}건", en: "published  {undated} undated"),
    };
    writeln!(out, "{line}")?;
    let (disk, text) = (size(*disk_bytes), size(*text_bytes));
    let line = msg!(lang,
        ko: "디스크     {disk}(글 {text})",
        en: "on disk    {disk} for {text} of text",
    );
    writeln!(out, "{line}")?;
    if *pages > 0 {
        let (pages, bytes) = (number(*pages), size(*page_bytes));
        let line = msg!(lang,
            ko: "페이지     {pages}개, {bytes}",
            en: "pages      {pages} stored, {bytes}",
        );
        writeln!(out, "{line}")?;
    }
    if *unmerged_segments > 0 {
        let line = msg!(lang,
            ko: "세그먼트   {unmerged_segments}개 병합 대기(다음 `clippings add`가 병합)",
            en: "segments   {unmerged_segments} to be merged by the next `clippings add`",
        );
        writeln!(out, "{line}")?;
    }
    let lists = [
        (msg!(lang, ko: "매체별", en: "by outlet"), outlets),
        (msg!(lang, ko: "월별", en: "by month"), months),
    ];
    for (name, list) in lists.iter().filter(|(_, list)| !list.is_empty()) {
        counts(name, list, usize::MAX, lang, out)?;
    }
    Ok(())
}

/// Skipped sources as a JSON document.
pub fn skipped_json(skipped: &Skipped, lang: Lang, out: &mut dyn Write) -> io::Result<()> {
    let skips: Vec<Value> = skipped
        .skips
        .iter()
        .map(|skip| skip_json(skip, lang))
        .collect();
    let object = json!({ "count": skipped.count, "skips": skips });
    writeln!(out, "{}", to_json(&object, true)?)
}

fn skip_json(Skip { source, reason }: &Skip, lang: Lang) -> Value {
    json!({ "source": source, "reason": reason, "message": reason.text(lang) })
}

/// Skipped sources as text, one per line.
pub fn skipped_text(skipped: &Skipped, lang: Lang, out: &mut dyn Write) -> io::Result<()> {
    for Skip { source, reason } in &skipped.skips {
        let reason = reason.text(lang);
        let (source, reason) = (
            sanitize::line(shown_source(source)),
            sanitize::line(&reason),
        );
        writeln!(out, "{source}: {reason}")?;
    }
    match skipped.count.saturating_sub(skipped.skips.len() as u64) {
        0 => Ok(()),
        rest => {
            let rest = number(rest);
            let line = msg!(lang, ko: "외 {rest}개", en: "and {rest} more");
            writeln!(out, "{line}")
        }
    }
}

/// The result of `add` as a JSON document.
pub fn added_json(report: &AddReport, out: &mut dyn Write) -> io::Result<()> {
    let summary = &report.summary;
    let object = json!({
        "added": summary.added,
        "updated": summary.updated,
        "unchanged": summary.unchanged,
        "skipped": summary.skipped,
        "removed": summary.pruned,
        "unreadable_dates": summary.unreadable_dates,
        "gone": summary.gone,
        "failures": summary.failures,
        "ignored": summary.ignored,
        "interrupted": summary.interrupted,
        "seconds": report.seconds,
        "skips": summary.skips,
    });
    writeln!(out, "{}", to_json(&object, true)?)
}

/// A size with its unit.
pub fn size(bytes: u64) -> String {
    match bytes {
        0..=99_999 => format!("{:.1} KB", bytes as f64 / 1e3),
        100_000..=9_999_999_999 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}
