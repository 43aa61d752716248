//! Segments each line of standard input with lindera and the embedded dictionary.
//!
//! For each line, prints its morphemes as `start:end:tag` in characters, separated by spaces; white
//! space of the line is omitted. `compare/agreement.py` compares the output with mecab-ko.

use std::borrow::Cow;
use std::error::Error;
use std::io::{self, BufRead, BufWriter, Write};

use lindera::mode::Mode;
use lindera::segmenter::Segmenter;

fn main() -> Result<(), Box<dyn Error>> {
    let segmenter = Segmenter::new(Mode::Normal, clippings_ko_dic::load()?, None);
    let mut out = BufWriter::new(io::stdout().lock());
    for line in io::stdin().lock().lines() {
        let line = line?;
        let (mut bytes, mut chars) = (0, 0);
        for mut token in segmenter.segment(Cow::Borrowed(&line))? {
            let (start, end) = (token.byte_start, token.byte_end);
            chars += line[bytes..start].chars().count();
            let length = line[start..end].chars().count();
            let tag = token.details().first().copied().unwrap_or("UNKNOWN");
            write!(out, "{chars}:{}:{tag} ", chars + length)?;
            chars += length;
            bytes = end;
        }
        writeln!(out)?;
    }
    Ok(())
}
