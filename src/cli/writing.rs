//! Where a command writes a whole document to, and in which format.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum, ValueHint};

use super::{CliError, Global, OutputFormat};

/// A file, or standard output.
#[derive(Debug, Clone, Default, Args)]
pub struct Target {
    /// Write to this file instead of standard output; its ending tells the format
    #[arg(short = 'o', long = "output", value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: Option<PathBuf>,
}

impl Target {
    /// The format of `--format`, else the one that the file's name tells, else the first that the
    /// command knows.
    ///
    /// # Errors
    /// When the command does not know it.
    pub fn format(
        &self,
        global: &Global,
        known: &[OutputFormat],
    ) -> Result<OutputFormat, CliError> {
        let ending = self.file.as_deref().and_then(Path::extension);
        let (None, Some(ending)) = (global.format, ending) else {
            return global.format_among(known);
        };
        let ending = ending.to_string_lossy().to_lowercase();
        let told = match ending.as_str() {
            "txt" => Some(OutputFormat::Text),
            "json" => Some(OutputFormat::Json),
            "jsonl" | "ndjson" => Some(OutputFormat::Jsonl),
            "csv" => Some(OutputFormat::Csv),
            "tsv" | "tab" => Some(OutputFormat::Tsv),
            "md" | "markdown" => Some(OutputFormat::Markdown),
            "xlsx" => Some(OutputFormat::Xlsx),
            "html" | "htm" => Some(OutputFormat::Clipbook),
            "svg" => Some(OutputFormat::Svg),
            _ => None,
        };
        told.filter(|format| known.contains(format)).ok_or_else(|| {
            let known: Vec<String> = known
                .iter()
                .filter_map(|f| Some(f.to_possible_value()?.get_name().to_owned()))
                .collect();
            CliError::new(format!(
                "this command knows no format by the name .{ending}"
            ))
            .with_hint(format!("name one with --format: {}", known.join(", ")))
        })
    }

    /// Writes the document. A file is put in its place when it is whole; until then, and when
    /// writing fails, it is as it was.
    ///
    /// # Errors
    /// Those of `write`, or when the file cannot be written.
    pub fn write(
        &self,
        global: &Global,
        write: impl FnOnce(&mut dyn Write) -> Result<(), CliError>,
    ) -> Result<(), CliError> {
        match &self.file {
            None => {
                let mut out = global.output();
                write(&mut out)?;
                Ok(out.flush()?)
            }
            Some(path) => replace(path, write),
        }
    }
}

/// Writes a file beside `path` and puts it in its place when it is whole.
fn replace(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> Result<(), CliError>,
) -> Result<(), CliError> {
    let refuse = |e: io::Error| CliError::new(format!("{}: {e}", path.display()));
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty());
    let mut file = tempfile::Builder::new()
        .prefix(".clippings-export")
        .tempfile_in(folder.unwrap_or(Path::new(".")))
        .map_err(refuse)?;
    let mut out = BufWriter::new(file.as_file_mut());
    write(&mut out)?;
    out.flush().map_err(refuse)?;
    drop(out);
    readable(file.as_file()).map_err(refuse)?;
    file.persist(path).map_err(|e| refuse(e.error))?;
    Ok(())
}

/// A temporary file is its owner's alone; what is written for others is not.
#[cfg(unix)]
fn readable(file: &fs::File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable(_: &fs::File) -> io::Result<()> {
    Ok(())
}
