//! Walks the paths that the user names, in a fixed order.

use std::fs::{self, Metadata};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use super::location::{Location, is_own_descriptor};
use super::web::is_web_address;
use super::{Flow, SkipReason, SpecialFile, magic};

/// Maximum depth of folders.
const MAX_DEPTH: usize = 256;

/// A folder with this file is an index; it is skipped.
const INDEX_MARK: &str = "clippings.json";

/// What a walk finds.
#[derive(Debug)]
pub enum FoundPath {
    /// Something to read.
    Location {
        /// The location.
        location: Location,
        /// File system metadata, if already known.
        metadata: Option<Metadata>,
        /// Whether the user named it, as opposed to being found in a folder.
        is_named: bool,
    },
    /// Something that cannot be read.
    Refused {
        /// The path.
        path: PathBuf,
        /// The reason.
        reason: SkipReason,
        /// Whether the user named it, as opposed to being found in a folder.
        is_named: bool,
    },
    /// A file in a folder that is hidden or is not text by its name.
    Ignored,
}

type Visit<'a> = &'a mut dyn FnMut(FoundPath) -> Flow;

/// Visits the files behind `paths`: folders recursively, sorted by name; `-` as standard input;
/// `http://` and `https://` as URLs. Hidden files and folders and indexes are skipped, unless
/// named. Symbolic links are followed, except to a folder above them.
pub fn walk(paths: &[PathBuf], visit: Visit<'_>) -> Flow {
    for path in paths {
        let named = |location, metadata| FoundPath::Location {
            location,
            metadata,
            is_named: true,
        };
        if path.as_os_str() == "-" {
            visit(named(Location::Stdin, None))?;
            continue;
        }
        if let Some(address) = path.to_str().filter(|path| is_web_address(path)) {
            visit(named(Location::Web(address.to_owned()), None))?;
            continue;
        }
        match named_file(path) {
            Ok(metadata) if metadata.is_dir() => folder(path, &mut Vec::new(), visit)?,
            Ok(metadata) => visit(named(Location::File(path.clone()), Some(metadata)))?,
            Err(reason) => visit(refused(path, reason, true))?,
        }
    }
    ControlFlow::Continue(())
}

/// If none of `paths` can be read, the reasons. Checked before an index is created.
pub fn all_unreadable(paths: &[PathBuf]) -> Option<Vec<(PathBuf, SkipReason)>> {
    paths
        .iter()
        .map(|path| {
            let is_file = path.as_os_str() != "-" && !path.to_str().is_some_and(is_web_address);
            let reason = is_file.then(|| named_file(path).err()).flatten()?;
            Some((path.clone(), reason))
        })
        .collect::<Option<Vec<_>>>()
        .filter(|refused| !refused.is_empty())
}

/// Metadata of a file or folder that the user names.
fn named_file(path: &Path) -> Result<Metadata, SkipReason> {
    let metadata = fs::metadata(path)?;
    match metadata.is_dir() || metadata.is_file() || is_own_descriptor(path) {
        true => Ok(metadata),
        false => Err(special(&metadata)),
    }
}

fn refused(path: &Path, reason: SkipReason, is_named: bool) -> FoundPath {
    FoundPath::Refused {
        path: path.to_owned(),
        reason,
        is_named,
    }
}

/// Visits the entries of a folder. `above` has the identities of the folders around it.
fn folder(path: &Path, above: &mut Vec<Identity>, visit: Visit<'_>) -> Flow {
    let is_named = above.is_empty();
    let own = match fs::metadata(path) {
        Ok(metadata) => identity(&metadata, path),
        Err(e) => return visit(refused(path, e.into(), is_named)),
    };
    if above.contains(&own) {
        return visit(refused(path, SkipReason::LinkToParent, is_named));
    }
    if path.join(INDEX_MARK).is_file() {
        return visit(FoundPath::Ignored);
    }
    if above.len() >= MAX_DEPTH {
        let reason = SkipReason::FolderTooDeep { limit: MAX_DEPTH };
        return visit(refused(path, reason, is_named));
    }
    // Store names only, since a folder may have millions of files.
    let mut names = Vec::new();
    match fs::read_dir(path) {
        Ok(entries) => {
            for entry in entries {
                match entry {
                    Ok(entry) => names.push(entry.file_name().into_boxed_os_str()),
                    Err(e) => visit(refused(path, e.into(), is_named))?,
                }
            }
        }
        Err(e) => return visit(refused(path, e.into(), is_named)),
    }
    names.sort_unstable();
    above.push(own);
    for name in names {
        let text = name.to_string_lossy();
        let inner = path.join(&*name);
        if text.starts_with('.') {
            visit(FoundPath::Ignored)?;
            continue;
        }
        match fs::metadata(&inner) {
            Ok(metadata) if metadata.is_dir() => folder(&inner, above, visit)?,
            Ok(_) if magic::is_plainly_not_text(&text) => visit(FoundPath::Ignored)?,
            Ok(metadata) if metadata.is_file() => visit(FoundPath::Location {
                location: Location::File(inner),
                metadata: Some(metadata),
                is_named: false,
            })?,
            Ok(metadata) => visit(refused(&inner, special(&metadata), false))?,
            Err(e) => visit(refused(&inner, e.into(), false))?,
        }
    }
    above.pop();
    ControlFlow::Continue(())
}

/// The reason for something that is neither file nor folder.
fn special(metadata: &Metadata) -> SkipReason {
    SkipReason::SpecialFile {
        kind: special_kind(metadata),
    }
}

#[cfg(unix)]
fn special_kind(metadata: &Metadata) -> SpecialFile {
    use std::os::unix::fs::FileTypeExt;
    let kind = metadata.file_type();
    if kind.is_fifo() {
        SpecialFile::Pipe
    } else if kind.is_socket() {
        SpecialFile::Socket
    } else {
        SpecialFile::Device
    }
}

#[cfg(not(unix))]
fn special_kind(_: &Metadata) -> SpecialFile {
    SpecialFile::Other
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

    fn found(root: &Path) -> (Vec<String>, Vec<(String, SkipReason)>, usize) {
        let (mut files, mut refused, mut ignored) = (Vec::new(), Vec::new(), 0);
        let _ = walk(&[root.to_owned()], &mut |found| {
            let short = |p: &Path| {
                p.strip_prefix(root)
                    .unwrap()
                    .to_string_lossy()
                    .replace('\\', "/")
            };
            match found {
                FoundPath::Location {
                    location: Location::File(path),
                    ..
                } => files.push(short(&path)),
                FoundPath::Location { .. } => {}
                FoundPath::Refused { path, reason, .. } => refused.push((short(&path), reason)),
                FoundPath::Ignored => ignored += 1,
            }
            ControlFlow::Continue(())
        });
        (files, refused, ignored)
    }

    #[test]
    fn files_are_sorted_and_hidden_ones_and_images_are_skipped() {
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
        let (files, refused, ignored) = found(root);
        assert_eq!(files, ["a.html", "b/c/n.txt", "z.html"]);
        assert!(refused.is_empty());
        assert_eq!(ignored, 3);
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
                ("a/up".to_owned(), SkipReason::LinkToParent),
                (
                    "s".to_owned(),
                    SkipReason::SpecialFile {
                        kind: SpecialFile::Socket
                    }
                ),
                ("self".to_owned(), SkipReason::LinkLoop),
            ]
        );
    }
}
