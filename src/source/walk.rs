//! From the paths that a user names to the files behind them, in a fixed order.

use std::fs::{self, File, FileType, Metadata};
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use super::web::{Fetched, Fetcher, is_web_address};
use super::{Flow, Limits, Origin, Refusal, magic};

/// Folders nested deeper than this are not followed.
const DEEPEST: usize = 256;

/// A folder with this file is an index, and what lies in it is no source.
const INDEX_MARK: &str = "clippings.json";

/// One file to be read, a page of the web, or standard input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// `-`
    Stdin,
    /// A regular file.
    File(PathBuf),
    /// An address of the web.
    Web(String),
}

/// A location that can be read.
pub struct Opened {
    /// Its bytes.
    pub reader: Box<dyn io::Read>,
    /// What the file system says of it.
    pub metadata: Option<Metadata>,
    /// What came with it.
    pub origin: Origin,
}

impl Location {
    /// The name as the user gave it, or would: kept with every clipping.
    pub fn source(&self) -> String {
        match self {
            Location::Stdin => "-".to_owned(),
            Location::Web(address) => address.clone(),
            // `./a.html` and `a.html` are one name for one file.
            Location::File(path) => name(path.strip_prefix(".").unwrap_or(path)),
        }
    }

    /// Whether what it holds is a file's own and stays there. What comes through a pipe is another
    /// thing each time, under one name.
    pub fn is_lasting(&self) -> bool {
        match self {
            Location::Stdin => false,
            Location::File(path) => !is_own_descriptor(path),
            Location::Web(_) => true,
        }
    }

    /// The path that rules read values from.
    pub fn path(&self) -> &Path {
        match self {
            Location::Stdin => Path::new("-"),
            Location::File(path) => path,
            Location::Web(address) => Path::new(address),
        }
    }

    /// The name that its format may be told by, in lower case; empty when it has none.
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

    /// Opens it; what is on the web is fetched.
    ///
    /// # Errors
    /// When it cannot be opened or fetched.
    pub fn open(&self, fetcher: &mut Fetcher, limits: Limits) -> Result<Opened, Refusal> {
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

/// A path as text. Bytes that are no UTF-8 are written as `\xNN`, so that two names which differ in
/// such bytes stay two: Korean names of old archives are in CP949.
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

/// What a walk comes upon.
#[derive(Debug)]
pub enum Found {
    /// A file, with its metadata when it was asked for already.
    Location(Location, Option<Metadata>),
    /// Something that cannot be read, and why.
    Refused(PathBuf, String),
    /// A file in a folder that is hidden or plainly not text.
    PassedOver,
}

/// Visits the files behind `paths`: a folder with all below it, by the order of names, `-` as
/// standard input, `http://` and `https://` as the web. Hidden files and folders are passed over
/// unless named themselves, and so are indexes. A symbolic link is followed, except into a folder that contains it.
pub fn walk(paths: &[PathBuf], each: &mut dyn FnMut(Found) -> Flow) -> Flow {
    for path in paths {
        if path.as_os_str() == "-" {
            each(Found::Location(Location::Stdin, None))?;
            continue;
        }
        if let Some(address) = path.to_str().filter(|path| is_web_address(path)) {
            each(Found::Location(Location::Web(address.to_owned()), None))?;
            continue;
        }
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => folder(path, &mut Vec::new(), each)?,
            Ok(metadata) if metadata.is_file() || is_own_descriptor(path) => {
                each(Found::Location(
                    Location::File(path.clone()),
                    Some(metadata),
                ))?;
            }
            Ok(metadata) => each(Found::Refused(
                path.clone(),
                no_file(metadata.file_type()).to_owned(),
            ))?,
            Err(e) => each(Found::Refused(path.clone(), unreadable(&e)))?,
        }
    }
    ControlFlow::Continue(())
}

/// Visits what lies in the folder `path`; `above` holds the identities of the folders it lies in.
fn folder(path: &Path, above: &mut Vec<Identity>, each: &mut dyn FnMut(Found) -> Flow) -> Flow {
    let refuse = |each: &mut dyn FnMut(Found) -> Flow, reason: String| {
        each(Found::Refused(path.to_owned(), reason))
    };
    let own = match fs::metadata(path) {
        Ok(metadata) => identity(&metadata, path),
        Err(e) => return refuse(each, unreadable(&e)),
    };
    if above.contains(&own) {
        return refuse(each, "a link back to a folder above it".to_owned());
    }
    if path.join(INDEX_MARK).is_file() {
        return each(Found::PassedOver);
    }
    if above.len() >= DEEPEST {
        return refuse(each, format!("more than {DEEPEST} folders deep"));
    }
    // Names only: a folder may hold millions of files.
    let mut names = Vec::new();
    match fs::read_dir(path) {
        Ok(entries) => {
            for entry in entries {
                match entry {
                    Ok(entry) => names.push(entry.file_name().into_boxed_os_str()),
                    Err(e) => refuse(each, unreadable(&e))?,
                }
            }
        }
        Err(e) => return refuse(each, unreadable(&e)),
    }
    names.sort_unstable();
    above.push(own);
    for name in names {
        let text = name.to_string_lossy();
        let inner = path.join(&*name);
        if text.starts_with('.') {
            each(Found::PassedOver)?;
            continue;
        }
        match fs::metadata(&inner) {
            Ok(metadata) if metadata.is_dir() => folder(&inner, above, each)?,
            Ok(_) if magic::is_plainly_not_text(&text) => each(Found::PassedOver)?,
            Ok(metadata) if metadata.is_file() => {
                each(Found::Location(Location::File(inner), Some(metadata)))?;
            }
            Ok(metadata) => {
                each(Found::Refused(
                    inner,
                    no_file(metadata.file_type()).to_owned(),
                ))?;
            }
            Err(e) => each(Found::Refused(inner, unreadable(&e)))?,
        }
    }
    above.pop();
    ControlFlow::Continue(())
}

fn unreadable(e: &io::Error) -> String {
    match e.kind() {
        io::ErrorKind::NotFound => "no such file or folder".to_owned(),
        io::ErrorKind::PermissionDenied => "no permission to read it".to_owned(),
        io::ErrorKind::InvalidFilename => "the path is too long".to_owned(),
        // ELOOP of Linux and of the BSDs.
        _ if matches!(e.raw_os_error(), Some(40 | 62)) => "a link that leads to itself".to_owned(),
        _ => format!("cannot be read: {e}"),
    }
}

/// Names what is neither file nor folder.
#[cfg(unix)]
fn no_file(kind: FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt;
    if kind.is_fifo() {
        "a named pipe"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    }
}

#[cfg(not(unix))]
fn no_file(_: FileType) -> &'static str {
    "not a regular file"
}

/// The shell's `<(command)` and `/dev/stdin` are pipes that someone writes to.
fn is_own_descriptor(path: &Path) -> bool {
    path == Path::new("/dev/stdin")
        || path.starts_with("/dev/fd")
        || path.starts_with("/proc/self/fd")
}

#[cfg(unix)]
type Identity = (u64, u64);

#[cfg(unix)]
fn identity(metadata: &Metadata, _path: &Path) -> Identity {
    use std::os::unix::fs::MetadataExt;
    (metadata.dev(), metadata.ino())
}

#[cfg(not(unix))]
type Identity = PathBuf;

#[cfg(not(unix))]
fn identity(_: &Metadata, path: &Path) -> Identity {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(root: &Path) -> (Vec<String>, Vec<String>, usize) {
        let (mut files, mut refused, mut passed_over) = (Vec::new(), Vec::new(), 0);
        let _ = walk(&[root.to_owned()], &mut |found| {
            let short = |p: &Path| {
                p.strip_prefix(root)
                    .unwrap()
                    .to_string_lossy()
                    .replace('\\', "/")
            };
            match found {
                Found::Location(Location::File(path), _) => files.push(short(&path)),
                Found::Location(Location::Stdin | Location::Web(_), _) => {}
                Found::Refused(path, reason) => refused.push(format!("{}: {reason}", short(&path))),
                Found::PassedOver => passed_over += 1,
            }
            ControlFlow::Continue(())
        });
        (files, refused, passed_over)
    }

    #[test]
    fn files_come_by_name_and_hidden_ones_and_pictures_do_not() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        fs::create_dir_all(root.join("b/c")).unwrap();
        fs::create_dir_all(root.join(".git")).unwrap();
        for file in [
            "z.html",
            "a.html",
            "b/c/n.txt",
            ".git/x.html",
            "b/p.JPG",
            ".hidden.html",
        ] {
            fs::write(root.join(file), "x").unwrap();
        }
        let (files, refused, passed_over) = found(root);
        assert_eq!(files, ["a.html", "b/c/n.txt", "z.html"]);
        assert!(refused.is_empty());
        assert_eq!(passed_over, 3);
    }

    #[cfg(unix)]
    #[test]
    fn names_that_are_no_text_stay_apart() {
        use std::os::unix::ffi::OsStrExt;
        let named = |bytes: &[u8]| name(Path::new(std::ffi::OsStr::from_bytes(bytes)));
        assert_eq!(named("d/가.txt".as_bytes()), "d/가.txt");
        assert_eq!(named(b"d/\xb0\xa1.txt"), "d/\\xb0\\xa1.txt");
        assert_ne!(named(b"\xb0\xa1"), named(b"\xb0\xa2"));
    }

    #[cfg(unix)]
    #[test]
    fn loops_and_sockets_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        fs::create_dir(root.join("a")).unwrap();
        fs::write(root.join("a/n.html"), "x").unwrap();
        std::os::unix::fs::symlink(root, root.join("a/up")).unwrap();
        std::os::unix::fs::symlink("self", root.join("self")).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(root.join("s")).unwrap();
        let (files, refused, _) = found(root);
        assert_eq!(files, ["a/n.html"]);
        assert_eq!(
            refused,
            [
                "a/up: a link back to a folder above it",
                "s: a socket",
                "self: a link that leads to itself"
            ]
        );
    }
}
