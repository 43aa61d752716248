//! Something to read: a file, a web page or standard input.

use std::fs::{self, File, Metadata};
use std::io;
use std::path::{Component, Path, PathBuf};

use super::web::{Fetched, Fetcher};
use super::{Limits, Origin, SkipReason};

/// A file, a web page or standard input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// `-`
    Stdin,
    /// A regular file.
    File(PathBuf),
    /// An address of the web.
    Web(String),
}

/// An open location.
pub struct Opened {
    /// Its bytes.
    pub reader: Box<dyn io::Read>,
    /// File system metadata.
    pub metadata: Option<Metadata>,
    /// Metadata of the HTTP response.
    pub origin: Origin,
}

impl Location {
    /// The name as given by the user.
    pub fn source(&self) -> String {
        match self {
            Location::Stdin => "-".to_owned(),
            Location::Web(address) => address.clone(),
            // `./a.html` and `a.html` name the same file.
            Location::File(path) => name(path.strip_prefix(".").unwrap_or(path)),
        }
    }

    /// A name that does not depend on the working directory; stored with clippings.
    pub fn lasting_source(&self) -> String {
        match self {
            Location::File(path) if self.is_lasting() => name(&absolute(path)),
            _ => self.source(),
        }
    }

    /// Whether the name refers to the same content when read again. A pipe does not.
    pub fn is_lasting(&self) -> bool {
        match self {
            Location::Stdin => false,
            Location::File(path) => !is_own_descriptor(path),
            Location::Web(_) => true,
        }
    }

    /// The path for path rules.
    pub fn path(&self) -> &Path {
        match self {
            Location::Stdin => Path::new("-"),
            Location::File(path) => path,
            Location::Web(address) => Path::new(address),
        }
    }

    /// The file name in lower case, for detecting the format; empty if there is none.
    pub fn name(&self) -> String {
        let name = match self {
            Location::Stdin => return String::new(),
            Location::File(path) => path.file_name().unwrap_or_default().to_string_lossy(),
            Location::Web(address) => {
                let path = address.split(['?', '#']).next().unwrap_or_default();
                path.rsplit('/').next().unwrap_or_default().into()
            }
        };
        name.to_lowercase()
    }

    /// Opens it. A web page is fetched.
    ///
    /// # Errors
    /// When it cannot be opened or fetched.
    pub fn open(&self, fetcher: &mut Fetcher, limits: Limits) -> Result<Opened, SkipReason> {
        let mut opened = Opened {
            reader: Box::new(io::empty()),
            metadata: None,
            origin: Origin::default(),
        };
        match self {
            Location::Stdin => opened.reader = Box::new(io::stdin()),
            Location::File(path) => {
                let file = File::open(path)?;
                opened.metadata = Some(file.metadata()?);
                opened.reader = Box::new(file);
            }
            Location::Web(address) => {
                let Fetched {
                    url,
                    content_type,
                    bytes,
                } = fetcher.fetch(address, limits.item)?;
                opened.reader = Box::new(io::Cursor::new(bytes));
                opened.origin = Origin {
                    url: Some(url),
                    content_type,
                };
            }
        }
        Ok(opened)
    }
}

/// The absolute path. Symbolic links are kept, `..` is resolved.
pub fn absolute(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    if !absolute.components().any(|c| c == Component::ParentDir) {
        return absolute;
    }
    let resolved = match (absolute.parent(), absolute.file_name()) {
        (Some(folder), Some(file)) => folder.canonicalize().map(|folder| folder.join(file)),
        _ => absolute.canonicalize(),
    };
    resolved.unwrap_or(absolute)
}

/// Whether the file of a source is gone: neither it nor an archive that contained it exists. Always
/// false for relative paths.
pub fn is_gone(source: &str) -> bool {
    // The name of a file may end like that of an item, or have a backslash.
    if Path::new(source).is_file() || unescaped(source).is_file() {
        return false;
    }
    let path = path_of(source);
    path.is_absolute()
        && path
            .ancestors()
            .enumerate()
            .any(|(n, path)| n > 0 && path.is_dir())
        && !path
            .ancestors()
            .any(|path| match fs::symlink_metadata(path) {
                Ok(metadata) => !metadata.is_dir(),
                Err(e) => !matches!(
                    e.kind(),
                    io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
                ),
            })
}

/// Whether the file of a source is gone while its folder still exists. The folders of an unmounted
/// drive do not exist either.
pub fn has_left_folder(source: &str) -> bool {
    path_of(source).parent().is_some_and(Path::is_dir) && is_gone(source)
}

/// The path in the name of a source: without `#n`, and with escapes `\xNN` of [`name`] undone.
pub fn path_of(source: &str) -> PathBuf {
    unescaped(file_of(source))
}

/// The file of an item: its source without `#n`.
pub fn file_of(source: &str) -> &str {
    match source.rsplit_once('#') {
        Some((file, n)) if !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()) => file,
        _ => source,
    }
}

#[cfg(unix)]
fn unescaped(name: &str) -> PathBuf {
    use std::os::unix::ffi::OsStringExt;
    let byte = |digits: &str| u8::from_str_radix(digits, 16).ok().filter(|b| *b >= 0x80);
    let mut bytes = Vec::with_capacity(name.len());
    let mut rest = name;
    while let Some((before, after)) = rest.split_once("\\x") {
        bytes.extend_from_slice(before.as_bytes());
        match after
            .split_at_checked(2)
            .and_then(|(n, rest)| Some((byte(n)?, rest)))
        {
            Some((b, after)) => {
                bytes.push(b);
                rest = after;
            }
            None => {
                bytes.extend_from_slice(b"\\x");
                rest = after;
            }
        }
    }
    bytes.extend_from_slice(rest.as_bytes());
    std::ffi::OsString::from_vec(bytes).into()
}

#[cfg(not(unix))]
fn unescaped(name: &str) -> PathBuf {
    PathBuf::from(name)
}

/// A path as text. Bytes that are not UTF-8 are escaped as `\xNN`, so that different names stay
/// different: old Korean archives have names in CP949.
pub fn name(path: &Path) -> String {
    let mut name = String::with_capacity(path.as_os_str().len());
    for chunk in path.as_os_str().as_encoded_bytes().utf8_chunks() {
        name.push_str(chunk.valid());
        for byte in chunk.invalid() {
            name.push_str(&format!("\\x{byte:02x}"));
        }
    }
    name
}

/// The shell's `<(command)`, and `/dev/stdin`, are pipes.
pub fn is_own_descriptor(path: &Path) -> bool {
    path == Path::new("/dev/stdin")
        || path.starts_with("/dev/fd")
        || path.starts_with("/proc/self/fd")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn names_that_are_not_utf8_stay_distinct() {
        use std::os::unix::ffi::OsStrExt;
        let named = |bytes: &[u8]| name(Path::new(std::ffi::OsStr::from_bytes(bytes)));
        assert_eq!(named("d/가.txt".as_bytes()), "d/가.txt");
        assert_eq!(named(b"d/\xb0\xa1.txt"), "d/\\xb0\\xa1.txt");
        assert_ne!(named(b"\xb0\xa1"), named(b"\xb0\xa2"));
        let bytes = std::ffi::OsStr::from_bytes(b"/d/\xb0\xa1\\x.txt");
        assert_eq!(path_of(&format!("{}#3", name(Path::new(bytes)))), bytes);
    }

    #[test]
    fn a_file_is_gone_if_neither_it_nor_its_archive_exists() {
        let dir = tempfile::tempdir().unwrap();
        let source = |name: &str| format!("{}/{name}", dir.path().display());
        fs::write(dir.path().join("a.zip"), "x").unwrap();
        for there in ["a.zip", "a.zip#3", "a.zip/b/c.html", "a.zip/b/c.csv#2"] {
            assert!(!is_gone(&source(there)), "{there}");
        }
        for gone in ["b.zip", "b.zip#3", "b.zip/c.html", "d/e.html"] {
            assert!(is_gone(&source(gone)), "{gone}");
        }
        assert!(has_left_folder(&source("b.html")));
        assert!(!has_left_folder(&source("d/e.html")));
        for other in ["-", "b.html", "https://example.com/a", "-#3"] {
            assert!(!is_gone(other), "{other}");
        }
    }
}
