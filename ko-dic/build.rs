//! Compiles the packed dictionary into the format that lindera loads, in `OUT_DIR`.
//!
//! Pack → source (`format/source.rs`) → input files of lindera's builder → compiled files, which
//! `src/lib.rs` embeds. Intermediate files are deleted. Nothing is downloaded.

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

use source::{CharInfo, Characters, Entry, Matrix, Source, Unknown};

const PACK: &str = "data/ko-dic.pack";
const METADATA: &str = "data/metadata.json";
const CONTEXT_ID_FREQ: &str = "data/context_id_freq.txt";

/// Folder in `OUT_DIR` that `src/lib.rs` embeds.
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

/// Writes the input files of lindera's builder to `definitions` and builds into `compiled`.
///
/// The stages of the builder are called separately, because the matrix is not built from text:
/// `matrix.def` would be 144 MB, and only its header is needed to renumber the context ids.
fn compile(source: Source, definitions: &Path, compiled: &Path) -> Result<()> {
    let Source {
        characters,
        unknown,
        matrix,
        lexicon,
        ..
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
    drop((matrix, lexicon));

    let builder = DictionaryBuilder::new(metadata);
    builder.build_metadata(compiled, Some(&ids))?;
    let characters = builder.build_character_definition(definitions, compiled)?;
    builder.build_unknown_dictionary(definitions, compiled, &characters, Some(ids.clone()))?;
    builder.build_prefix_dictionary(definitions, compiled, Some(ids))?;
    Ok(())
}

/// Writes `char.def`. Where ranges overlap, lindera merges their categories, but MeCab uses only
/// the last one. The ranges are therefore written without overlap, with the default category first.
fn write_characters(characters: &Characters, path: &Path) -> Result<()> {
    let name = |index: usize| {
        let name = characters.categories.get(index).map(String::as_str);
        name.ok_or("a character is in a category without a name")
    };
    let mut file = BufWriter::new(File::create(path)?);
    for (index, category) in characters.categories.iter().enumerate() {
        // The flags of a category are found at the characters that have it as their default. A
        // category without such characters never starts a word.
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
        // Characters outside all ranges belong to the first category. Surrogates are excluded,
        // since lindera would read them as U+FFFD.
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

/// Index of the default category, whose unknown words the character can start.
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

/// Writes `matrix.mtx` in the format of lindera's `ConnectionCostMatrix`, in little-endian i16: -1,
/// number of right ids, number of left ids, then the costs, with the right id varying fastest.
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
