//! Related words as a text table, CSV or JSON.

use std::io::{self, Write};

use super::table::{Side, TextTable};
use super::text::{DIM, styled};
use super::{Style, sanitize, texts, to_json};
use crate::app::related::RelatedAnswer;
use crate::messages::{Lang, msg, number};

/// The table.
pub fn text(answer: &RelatedAnswer, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let (related, lang) = (&answer.related, style.lang);
    if related.words.is_empty() {
        let none = msg!(lang, ko: "찾은 단어가 없습니다", en: "nothing found");
        return writeln!(out, "{none}");
    }
    let share = |n: u64, of: u64| format!("{:.1}%", 100.0 * n as f64 / of.max(1) as f64);
    let [word, results, all, lift, score] = [
        msg!(lang, ko: "단어", en: "word"),
        msg!(lang, ko: "결과", en: "results"),
        msg!(lang, ko: "전체", en: "of all"),
        msg!(lang, ko: "배수", en: "times as often"),
        "G²".to_owned(),
    ];
    let mut table = TextTable::new(&[
        (&word, Side::Left),
        (&results, Side::Right),
        ("", Side::Right),
        (&all, Side::Right),
        ("", Side::Right),
        (&lift, Side::Right),
        (&score, Side::Right),
    ]);
    for word in &related.words {
        table.row([
            word.word.clone(),
            word.count.to_string(),
            share(word.count, related.results),
            word.clippings.to_string(),
            share(word.clippings, related.clippings),
            format!("{:.1}", word.lift),
            format!("{:.1}", word.score),
        ]);
    }
    table.write(style, out)?;
    let (results, clippings) = (number(related.results), number(related.clippings));
    let compared = msg!(lang,
        ko: "\n결과 {results}건을 기사 {clippings}건과 비교했습니다",
        en: "\n{results} results, compared with {clippings} clippings",
    );
    writeln!(out, "{}", styled(&compared, DIM, style))
}

/// A table for spreadsheets.
pub fn table(answer: &RelatedAnswer, separator: u8, out: &mut dyn Write) -> io::Result<()> {
    let related = &answer.related;
    let mut table = csv::WriterBuilder::new()
        .delimiter(separator)
        .from_writer(out);
    table.write_record(["word", "count", "clippings", "lift", "score"])?;
    for word in &related.words {
        table.write_record([
            sanitize::cell(&word.word).replace(['\t', '\n'], " "),
            word.count.to_string(),
            word.clippings.to_string(),
            format!("{:.3}", word.lift),
            format!("{:.3}", word.score),
        ])?;
    }
    table.flush()
}

/// One JSON document.
pub fn json(answer: &RelatedAnswer, lang: Lang, out: &mut dyn Write) -> io::Result<()> {
    let related = &answer.related;
    let object = serde_json::json!({
        "results": related.results,
        "clippings": related.clippings,
        "words": related.words,
        "notes": texts(&answer.notes, lang),
    });
    writeln!(out, "{}", to_json(&object, true)?)
}
