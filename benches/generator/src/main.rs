//! Writes a collection of generated articles; see `generate --help`.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use clippings_generator::{Generator, Lexicon, html};

/// Generate Korean articles for benchmarks. The same seed gives the same articles, and a smaller
/// collection is a prefix of a larger one.
#[derive(Parser)]
#[command(
    name = "clippings-generator",
    after_help = "Example:\n  clippings-generator 100000 -o articles.jsonl"
)]
struct Arguments {
    /// Number of articles.
    articles: u64,
    /// Seed of the collection.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Write JSON Lines to this file instead of standard output.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Write saved pages into this folder, one file each, instead of JSON Lines.
    #[arg(long, value_name = "DIR", conflicts_with = "output")]
    pages: Option<PathBuf>,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("clippings-generator: {error}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &Arguments) -> io::Result<()> {
    let lexicon = Lexicon::embedded().map_err(io::Error::other)?;
    let generator = Generator::new(lexicon, arguments.seed);
    if let Some(folder) = &arguments.pages {
        fs::create_dir_all(folder)?;
        let others: Vec<String> = (0..120).map(|n| generator.article(n).headline).collect();
        for n in 0..arguments.articles {
            let article = generator.article(n);
            fs::write(
                folder.join(format!("{}.html", article.id)),
                html(&article, &others),
            )?;
        }
        return Ok(());
    }
    let mut out: BufWriter<Box<dyn Write>> = BufWriter::new(match &arguments.output {
        Some(path) => Box::new(File::create(path)?),
        None => Box::new(io::stdout().lock()),
    });
    for n in 0..arguments.articles {
        serde_json::to_writer(&mut out, &generator.article(n))?;
        out.write_all(b"\n")?;
    }
    out.flush()
}
