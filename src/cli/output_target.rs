//! Where a command writes a whole document, and in which format.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, IsTerminal, Seek, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};

use super::error::{lang, one_line, say};
use super::global::format_names;
use super::{CliError, Global, OutputFormat};
use crate::messages::msg;

// A file, or standard output.
#[derive(Debug, Clone, Default, Args)]
pub struct OutputTarget {
    #[arg(
        short = 'o', long = "output", value_name = "FILE", value_hint = ValueHint::FilePath,
        help = text!(
            ko: "표준 출력(-) 대신 파일에 씁니다. 확장자가 형식을 정합니다",
            en: "Write to FILE instead of stdout (-); the extension sets the format",
        ),
    )]
    file: Option<PathBuf>,
}

impl OutputTarget {
    /// The file; `None` for standard output.
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref().filter(|path| *path != Path::new("-"))
    }

    /// The format of `--format`, else that of the file's extension, else the first of `known`.
    ///
    /// # Errors
    /// When it is not among `known`.
    pub fn format(
        &self,
        global: &Global,
        command: &str,
        known: &[OutputFormat],
    ) -> Result<OutputFormat, CliError> {
        let extension = self.file().filter(|path| !is_special(path));
        let (None, Some(extension)) = (global.format, extension.and_then(Path::extension)) else {
            return global.format_among(command, known);
        };
        let extension = extension.to_string_lossy().to_lowercase();
        let format = match extension.as_str() {
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
        format.filter(|f| known.contains(f)).ok_or_else(|| {
            let names = format_names(known);
            CliError::new(msg!(lang(),
                ko: ".{extension} 파일은 쓸 수 없습니다",
                en: "cannot write .{extension} files",
            ))
            .with_hint(msg!(lang(),
                ko: "--format으로 형식을 지정하세요: {names}",
                en: "name a format with --format: {names}",
            ))
        })
    }

    /// Writes the document. A regular file is replaced when the document is complete, and stays as
    /// it was when writing fails; a device or a pipe is written into.
    ///
    /// # Errors
    /// Those of `write`, or when the file cannot be written.
    pub fn write(
        &self,
        global: &Global,
        format: OutputFormat,
        write: impl FnOnce(&mut dyn Write) -> Result<(), CliError>,
    ) -> Result<(), CliError> {
        let Some(path) = self.file() else {
            let mut out = global.output_of(format);
            write(&mut out)?;
            return Ok(out.flush()?);
        };
        if is_special(path) {
            let file = OpenOptions::new().write(true).open(path);
            let mut out = BufWriter::new(file.map_err(|e| CliError::file(path, &e))?);
            write(&mut out)?;
            return Ok(out.flush()?);
        }
        replace(path, write)
    }

    /// The file's name for a message that it was written; `None` for standard output and with `--quiet`.
    pub fn reported_file(&self, global: &Global) -> Option<String> {
        let path = self.file().filter(|_| !global.quiet)?;
        Some(one_line(&path.display().to_string()).into_owned())
    }

    /// Says on stderr that the file was written.
    pub fn report(&self, global: &Global) {
        if let Some(path) = self.reported_file(global) {
            let done = msg!(lang(), ko: "{path}에 썼습니다", en: "wrote {path}");
            say(format_args!("{done}"));
        }
    }

    /// Whether the document would go to a terminal.
    pub fn is_terminal(&self) -> bool {
        self.file().is_none() && io::stdout().is_terminal()
    }
}

/// Refuses to write bytes that are not text to a terminal.
///
/// # Errors
/// When `is_terminal`.
pub fn refuse_terminal(is_terminal: bool) -> Result<(), CliError> {
    match is_terminal {
        false => Ok(()),
        true => Err(CliError::new(msg!(lang(),
            ko: "터미널에는 쓰지 않습니다",
            en: "this output is not for a terminal",
        ))
        .with_hint(msg!(lang(),
            ko: "파일로 보내세요: `> 파일` 또는 `-o 파일`",
            en: "send it to a file with `> FILE` or `-o FILE`",
        ))),
    }
}

/// A device, a pipe or a descriptor under /dev/fd: it is written into, never replaced.
fn is_special(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir())
}

/// Writes a new file and puts it in the place of `path` when it is complete. A link is followed; an
/// existing file keeps its permissions and owner.
fn replace(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> Result<(), CliError>,
) -> Result<(), CliError> {
    let failed = |e: io::Error| match e.kind() {
        io::ErrorKind::NotFound => missing_folder(path, &e),
        _ => CliError::file(path, &e),
    };
    if path.is_dir() {
        let path = path.display();
        return Err(CliError::new(msg!(lang(),
            ko: "{path}은(는) 폴더입니다",
            en: "{path} is a folder",
        )));
    }
    // Where a link points to nothing yet, writing through it makes its target.
    let target = match fs::canonicalize(path) {
        Ok(target) => target,
        Err(_) if path.is_symlink() => {
            let file = File::create(path).map_err(failed)?;
            let mut out = BufWriter::new(file);
            write(&mut out)?;
            return out.flush().map_err(failed);
        }
        Err(_) => path.to_owned(),
    };
    let folder = target.parent().filter(|p| !p.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    sweep(folder);
    let mut file = Unfinished::create(folder).map_err(failed)?;
    let mut out = BufWriter::new(file.file());
    write(&mut out)?;
    out.flush().map_err(failed)?;
    drop(out);
    if let Ok(existing) = fs::metadata(&target)
        && !keep_attributes(file.file(), &existing)
    {
        // The owner is another, and only its owner can be given a file: the content is replaced.
        let mut old = OpenOptions::new()
            .write(true)
            .truncate(true)
            .open(&target)
            .map_err(failed)?;
        let new = file.file();
        new.rewind().map_err(failed)?;
        io::copy(new, &mut old).map_err(failed)?;
        return Ok(());
    }
    file.put_at(&target).map_err(failed)
}

fn missing_folder(path: &Path, e: &io::Error) -> CliError {
    match path.parent().filter(|folder| !folder.exists()) {
        Some(folder) if !folder.as_os_str().is_empty() => {
            let folder = folder.display();
            CliError::new(msg!(lang(),
                ko: "{folder} 폴더가 없습니다",
                en: "no such folder: {folder}",
            ))
        }
        _ => CliError::file(path, e),
    }
}

/// Beginning of the names of unfinished files.
const UNFINISHED: &str = ".clippings-export";

/// A file that has no name, or a temporary one, until it is complete.
struct Unfinished {
    file: File,
    /// Removed on drop; `None` for a file without a name.
    name: Option<tempfile::TempPath>,
}

impl Unfinished {
    /// A file in `folder`. Where the system can, it has no name, so that nothing is left of it when
    /// the process is killed; else it is locked, so that [`sweep`] of another process leaves it.
    fn create(folder: &Path) -> io::Result<Unfinished> {
        if let Some(file) = unnamed(folder) {
            return Ok(Unfinished { file, name: None });
        }
        let (file, name) = named(folder)?.into_parts();
        file.lock()?;
        Ok(Unfinished {
            file,
            name: Some(name),
        })
    }

    fn file(&mut self) -> &mut File {
        &mut self.file
    }

    /// Puts the file at `target`, in the place of what is there.
    fn put_at(self, target: &Path) -> io::Result<()> {
        if let Some(name) = self.name {
            return name.persist(target).map_err(|e| e.error);
        }
        match link(&self.file, target) {
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {
                // A link cannot replace: it gets a temporary name, and that is renamed.
                let folder = target.parent().unwrap_or(Path::new("."));
                let name = named(folder)?.into_temp_path();
                fs::remove_file(&name)?;
                link(&self.file, &name)?;
                name.persist(target).map_err(|e| e.error)
            }
            linked => linked,
        }
    }
}

fn named(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(UNFINISHED);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}

/// A file without a name (O_TMPFILE), on file systems that have it.
#[cfg(target_os = "linux")]
fn unnamed(folder: &Path) -> Option<File> {
    use rustix::fs::{Mode, OFlags, open};

    let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
    let file = open(folder, flags, Mode::from_raw_mode(0o666)).ok()?;
    Some(File::from(file))
}

#[cfg(not(target_os = "linux"))]
fn unnamed(_: &Path) -> Option<File> {
    None
}

/// Gives a file without a name one (open(2), linkat(2): by its descriptor under /proc).
#[cfg(target_os = "linux")]
fn link(file: &File, target: &Path) -> io::Result<()> {
    use std::os::fd::AsRawFd;

    use rustix::fs::{AtFlags, CWD, linkat};

    let descriptor = format!("/proc/self/fd/{}", file.as_raw_fd());
    Ok(linkat(
        CWD,
        descriptor,
        CWD,
        target,
        AtFlags::SYMLINK_FOLLOW,
    )?)
}

#[cfg(not(target_os = "linux"))]
fn link(_: &File, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Removes what killed processes left. A file that is still being written is locked.
fn sweep(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let is_ours = entry.file_name().to_string_lossy().starts_with(UNFINISHED);
        if is_ours
            && entry.file_type().is_ok_and(|kind| kind.is_file())
            && File::open(entry.path()).is_ok_and(|file| file.try_lock().is_ok())
        {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Gives a new file the permissions and owner of the one that it replaces; false when it cannot
/// have the owner.
#[cfg(unix)]
fn keep_attributes(file: &File, existing: &fs::Metadata) -> bool {
    use std::os::unix::fs::{MetadataExt, fchown};

    let Ok(new) = file.metadata() else {
        return false;
    };
    let owner = (existing.uid(), existing.gid());
    if owner != (new.uid(), new.gid()) && fchown(file, Some(owner.0), Some(owner.1)).is_err() {
        return false;
    }
    file.set_permissions(existing.permissions()).is_ok()
}

#[cfg(not(unix))]
fn keep_attributes(file: &File, existing: &fs::Metadata) -> bool {
    file.set_permissions(existing.permissions()).is_ok()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn an_unfinished_file_is_invisible() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        fs::write(&path, "old").unwrap();
        let listed = || fs::read_dir(dir.path()).unwrap().count();
        replace(&path, |out| {
            out.write_all(b"new").unwrap();
            assert_eq!(listed(), 1);
            Ok(())
        })
        .unwrap();
        assert_eq!((fs::read(&path).unwrap(), listed()), (b"new".to_vec(), 1));
    }

    #[test]
    fn what_is_not_text_does_not_go_to_a_terminal() {
        assert!(refuse_terminal(true).is_err());
        assert!(refuse_terminal(false).is_ok());
    }
}
