//! The options that every command has.

use std::io::{self, BufWriter, IsTerminal, StdoutLock};
use std::path::PathBuf;
use std::sync::Once;

use clap::{Args, ValueEnum, ValueHint};

use super::CliError;
use crate::index::Archive;

/// See the module.
#[derive(Debug, Args)]
#[command(next_help_heading = "Everywhere")]
pub struct Global {
    /// Folder of the index
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        env = "CLIPPINGS_INDEX",
        default_value = "index",
        value_hint = ValueHint::DirPath
    )]
    pub index: PathBuf,

    /// Form of the output; which of these a command knows is in its help
    #[arg(long, global = true, value_name = "FORMAT", value_enum)]
    pub format: Option<OutputFormat>,

    /// Only results and errors: no progress, no summary
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,

    /// More about what was done
    #[arg(short, long, global = true)]
    pub verbose: bool,

    /// Colors in the output
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        value_enum,
        default_value_t = ColorChoice::Auto
    )]
    pub color: ColorChoice,
}

/// When to write colors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ColorChoice {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// Forms of output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OutputFormat {
    /// For people
    Text,
    /// One JSON document
    Json,
    /// One JSON object a line
    Jsonl,
    /// A table for spreadsheets
    Csv,
    /// Lines for the scorers of the Text REtrieval Conference
    Trec,
    /// A table separated by tabs
    Tsv,
    /// A document in Markdown
    #[value(alias = "md")]
    Markdown,
    /// A workbook
    Xlsx,
    /// A clip book: one HTML file for printing and mailing
    #[value(alias = "html")]
    Clipbook,
    /// A chart
    Svg,
}

impl Global {
    /// The format asked for, else the first that the command knows.
    ///
    /// # Errors
    /// When the command does not know the one asked for.
    pub fn format_among(&self, known: &[OutputFormat]) -> Result<OutputFormat, CliError> {
        let name = |f: &OutputFormat| {
            f.to_possible_value()
                .map(|v| v.get_name().to_owned())
                .unwrap_or_default()
        };
        match self.format {
            None => Ok(known.first().copied().unwrap_or(OutputFormat::Text)),
            Some(asked) if known.contains(&asked) => Ok(asked),
            Some(asked) => Err(CliError::new(format!(
                "this command does not write {}",
                name(&asked)
            ))
            .with_hint(format!(
                "--format can be {}",
                known.iter().map(name).collect::<Vec<_>>().join(", ")
            ))),
        }
    }

    /// Whether standard output gets colors.
    pub fn colors(&self) -> bool {
        match self.color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => {
                io::stdout().is_terminal()
                    && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
                    && std::env::var_os("TERM").is_none_or(|v| v != "dumb")
            }
        }
    }

    /// Columns of the terminal that standard output is; `None` for a pipe or a file.
    pub fn width(&self) -> Option<usize> {
        io::stdout()
            .is_terminal()
            .then(terminal_size::terminal_size)
            .flatten()
            .map(|(width, _)| usize::from(width.0))
    }

    /// Opens the index for reading.
    ///
    /// # Errors
    /// See [`Archive::open`].
    pub fn archive(&self) -> Result<Archive, CliError> {
        let archive = Archive::open(&self.index)?;
        self.tell_words_changed(archive.words_changed());
        Ok(archive)
    }

    /// Says once, when it is so, that the index does not know the words of `user-words.txt` yet.
    pub fn tell_words_changed(&self, changed: bool) {
        static TOLD: Once = Once::new();
        if changed && !self.quiet {
            TOLD.call_once(|| {
                eprintln!(
                    "note: user-words.txt has changed since the index was made: run `clippings reindex`"
                );
            });
        }
    }

    /// Standard output, buffered. Whoever writes must flush at the end.
    pub fn output(&self) -> BufWriter<StdoutLock<'static>> {
        BufWriter::with_capacity(64 << 10, io::stdout().lock())
    }
}
