//! Compiles the packed dictionary into the form that lindera loads, in `OUT_DIR`.
//!
//! pack → source (`format/source.rs`) → the files lindera's builder reads → its compiled files, which
//! `src/lib.rs` embeds. What stands in between is removed again. Nothing is downloaded.

use std::collections::BTreeMap;
use std::env;
use std::error::Error;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lindera_dictionary::builder::DictionaryBuilder;
use lindera_dictionary::builder::context_id_remap::compute_context_id_remap;
use lindera_dictionary::dictionary::context_id_map::ContextIdMap;
use lindera_dictionary::dictionary::metadata::Metadata;

#[path = "format/source.rs"]
mod source;

use source::{CharInfo, Characters, Entry, Matrix, Source, Text, Unknown};

const PACK: &str = "data/ko-dic.pack";
const METADATA: &str = "data/metadata.json";
const CONTEXT_ID_FREQ: &str = "data/context_id_freq.txt";

/// The folder in `OUT_DIR` that `src/lib.rs` embeds.
const COMPILED: &str = "ko-dic";

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    for input in ["build.rs", "format", "data"] {
        println!("cargo::rerun-if-changed={input}");
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("OUT_DIR is not set")?);
    let content = zstd::decode_all(File::open(PACK)?)?;
    println!("cargo::rustc-env=KO_DIC_DIGEST={}", blake3::hash(&content));
    println!("cargo::rustc-env=LINDERA_WORKDIR={}", out.display());

    let source = Source::decode(&content)?;
    drop(content);
    let definitions = out.join("source");
    let compiled = out.join(COMPILED);
    fs::create_dir_all(&definitions)?;
    fs::create_dir_all(&compiled)?;
    compile(source, &definitions, &compiled)?;
    fs::remove_dir_all(&definitions)?;
    Ok(())
}

/// Writes what lindera's builder reads into `definitions`, and has it build into `compiled`.
///
/// The stages are called one by one, because the matrix is not built from text: `matrix.def` would
/// have 144 MB, of which the builder needs the header alone to renumber the context ids.
fn compile(source: Source, definitions: &Path, compiled: &Path) -> Result<()> {
    let Source {
        texts,
        characters,
        unknown,
        matrix,
        lexicon,
    } = source;
    write_characters(&characters, &definitions.join("char.def"))?;
    write_unknown(&unknown, &characters, &definitions.join("unk.def"))?;
    write_lexicon(&lexicon, &definitions.join("lexicon.csv"))?;
    let header = format!("{} {}\n", matrix.right, matrix.left);
    fs::write(definitions.join("matrix.def"), header)?;

    let metadata = Metadata::load(&fs::read(METADATA)?)?;
    let ids = compute_context_id_remap(definitions, &metadata, Some(Path::new(CONTEXT_ID_FREQ)))?;
    let ids = Arc::new(ids);
    write_matrix(&matrix, &ids, &compiled.join("matrix.mtx"))?;
    let penalties = space_penalties(&texts, &lexicon, &unknown, &ids)?;
    fs::write(compiled.join("space_penalty.bin"), penalties)?;
    drop((matrix, lexicon));

    let builder = DictionaryBuilder::new(metadata);
    builder.build_metadata(compiled, Some(&ids))?;
    let characters = builder.build_character_definition(definitions, compiled)?;
    builder.build_unknown_dictionary(definitions, compiled, &characters, Some(ids.clone()))?;
    builder.build_prefix_dictionary(definitions, compiled, Some(ids))?;
    Ok(())
}

/// Writes `char.def`. Lindera unites ranges that overlap, where MeCab lets the last one win; so each
/// range is written once, with its default category first.
fn write_characters(characters: &Characters, path: &Path) -> Result<()> {
    let name = |index: usize| {
        let name = characters.categories.get(index).map(String::as_str);
        name.ok_or("a character is in a category without a name")
    };
    let mut file = BufWriter::new(File::create(path)?);
    for (index, category) in characters.categories.iter().enumerate() {
        // What holds for a category stands with the characters that have it as their default. One
        // that is the default of none never makes a word.
        let mut infos = characters.runs.iter().map(|(_, info)| *info);
        let info = infos.find(|info| default_category(*info) == index);
        let CharInfo(bits) = info.unwrap_or(CharInfo(0));
        let (length, group, invoke) = (bits >> 26 & 0xf, bits >> 30 & 1, bits >> 31);
        writeln!(file, "{category} {invoke} {group} {length}")?;
    }
    let mut start = 0;
    for &(length, info) in &characters.runs {
        let mut line = name(default_category(info))?.to_owned();
        for index in 0..characters.categories.len() {
            if index != default_category(info) && info.0 & ((1 << 18) - 1) & 1 << index != 0 {
                write!(line, " {}", name(index)?)?;
            }
        }
        let end = start + length;
        // What stands in no range is in the first category anyway. Surrogates are no characters, and
        // lindera would take them for U+FFFD.
        for range in [start..end.min(0xd800), start.max(0xe000)..end] {
            if !range.is_empty() && line != characters.categories[0] {
                writeln!(
                    file,
                    "0x{:04X}..0x{:04X} {line}",
                    range.start,
                    range.end - 1
                )?;
            }
        }
        start = end;
    }
    Ok(file.flush()?)
}

/// The index of the category whose unknown words a character may start.
fn default_category(info: CharInfo) -> usize {
    (info.0 >> 18 & 0xff) as usize
}

fn write_unknown(unknown: &[Unknown], characters: &Characters, path: &Path) -> Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    for Unknown {
        category,
        word,
        features,
    } in unknown
    {
        let category = characters.categories.get(*category);
        let category = category.ok_or("an unknown word is of a category without a name")?;
        writeln!(
            file,
            "{category},{},{},{},{features}",
            word.left, word.right, word.cost
        )?;
    }
    Ok(file.flush()?)
}

fn write_lexicon(lexicon: &[Entry], path: &Path) -> Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    for Entry {
        surface,
        word,
        features,
    } in lexicon
    {
        if surface.contains(['"', ',', '\n', '\r']) {
            write!(file, "\"{}\"", surface.replace('"', "\"\""))?;
        } else {
            write!(file, "{surface}")?;
        }
        writeln!(
            file,
            ",{},{},{},{features}",
            word.left, word.right, word.cost
        )?;
    }
    Ok(file.flush()?)
}

/// Writes `matrix.mtx` as lindera's `ConnectionCostMatrix` reads it: i16, little-endian: -1, how many
/// right ids, how many left ids, then the costs with the right ids running fastest.
fn write_matrix(matrix: &Matrix, ids: &ContextIdMap, path: &Path) -> Result<()> {
    let right = usize::from(matrix.right);
    let mut costs = vec![0; matrix.costs.len()];
    for (left, row) in matrix.costs.chunks_exact(right).enumerate() {
        let row_at = usize::from(ids.left[left]) * right;
        for (&cost, &to) in row.iter().zip(&ids.right) {
            costs[row_at + usize::from(to)] = cost;
        }
    }
    let header = [
        -1,
        i16::try_from(matrix.right)?,
        i16::try_from(matrix.left)?,
    ];
    let mut file = BufWriter::new(File::create(path)?);
    for value in header.into_iter().chain(costs) {
        file.write_all(&value.to_le_bytes())?;
    }
    Ok(file.flush()?)
}

/// What a word with each left id (as renumbered) costs more at the start of an eojeol: u16,
/// little-endian.
///
/// MeCab has it by part of speech id, from `left-space-penalty-factor` in `dicrc`. The left id says
/// almost as much: only sixteen contracted particles share theirs with a plain one that costs more.
/// They get that one's.
fn space_penalties(
    texts: &[Text],
    lexicon: &[Entry],
    unknown: &[Unknown],
    ids: &ContextIdMap,
) -> Result<Vec<u8>> {
    let dicrc = texts.iter().find(|text| text.name == "dicrc");
    let line = dicrc.and_then(|text| {
        let mut lines = text.content.lines();
        lines.find_map(|line| line.strip_prefix("left-space-penalty-factor = "))
    });
    let mut numbers = line
        .ok_or("dicrc has no left-space-penalty-factor")?
        .split(',')
        .map(|number| number.trim().parse::<u16>());
    let mut by_pos = BTreeMap::new();
    while let (Some(pos), Some(penalty)) = (numbers.next(), numbers.next()) {
        by_pos.insert(pos?, penalty?);
    }

    let mut penalties = vec![0; ids.left.len()];
    let words = lexicon.iter().map(|entry| entry.word);
    for word in words.chain(unknown.iter().map(|unknown| unknown.word)) {
        let penalty = &mut penalties[usize::from(ids.map_left(word.left))];
        *penalty = by_pos.get(&word.pos).copied().unwrap_or(0).max(*penalty);
    }
    Ok(penalties.into_iter().flat_map(u16::to_le_bytes).collect())
}
