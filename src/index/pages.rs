//! Storage of original pages, so that clippings can be extracted again by a later version.
//!
//! Pages are in *packs* under `pages/`, outside tantivy's files, so searches never read them. A
//! record refers to its page by a key. Pages are synced before the commit whose records refer to
//! them, and removed after the commit whose records no longer do. A process killed in between
//! leaves an unreferenced page, which the next `reindex` removes. The pages of removed
//! clippings stay until then too, so that they can be restored.
//!
//! A pack is written sequentially by one process:
//!
//! ```text
//! clippgs1                                          magic
//! flag  key       length   CRC-32   zstd            repeated for each page
//! 1     16 bytes  4 bytes  4 bytes  length bytes    little-endian
//! ```
//!
//! The flag is `1`, or `0` for a removed page, whose bytes are zeroed. A pack that a killed process
//! left ends at its last complete page. When a quarter of a pack is removed, the rest is rewritten
//! to a new pack.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use rustc_hash::{FxHashMap, FxHashSet};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::atomic_file::sync_folder;
use crate::index::{Damage, IndexError, Result};

pub(in crate::index) const FOLDER: &str = "pages";
const EXTENSION: &str = "pack";
const MAGIC: &[u8; 8] = b"clippgs1";
const HEADER_LEN: usize = 1 + 16 + 4 + 4;
const LIVE: u8 = 1;
const DROPPED: u8 = 0;

/// Size at which a pack is closed. Rewriting a pack of this size takes no noticeable time.
const PACK_BYTES: u64 = 64 << 20;

/// zstd level. Pages are written once and rarely read.
const LEVEL: i32 = 6;

/// Limit for the decompressed size of a page.
const PAGE_BYTES: usize = 1 << 30;

/// Key of a stored page: a hash of the clipping's id and the compressed page, so that no two
/// clippings share a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PageKey(pub(in crate::index) [u8; 16]);

impl fmt::Display for PageKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl Serialize for PageKey {
    fn serialize<S: Serializer>(&self, s: S) -> std::result::Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PageKey {
    fn deserialize<D: Deserializer<'de>>(d: D) -> std::result::Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        let digits = text.as_bytes().chunks(2).map(|digits| {
            let digits = str::from_utf8(digits).ok()?;
            u8::from_str_radix(digits, 16).ok()
        });
        let bytes = digits.collect::<Option<Vec<u8>>>();
        let key = bytes.and_then(|bytes| bytes.try_into().ok());
        key.map(PageKey)
            .ok_or_else(|| D::Error::custom("not the key of a page"))
    }
}

/// A stored page, decompressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptPage {
    /// One line of metadata from the caller that stored it.
    pub about: String,
    /// The page as fetched.
    pub bytes: Vec<u8>,
}

/// A compressed page.
#[derive(Debug, Clone)]
pub struct PackedPage(Vec<u8>);

impl KeptPage {
    /// Compresses a page. `about` is one line, returned with the page.
    ///
    /// # Errors
    /// When memory runs out.
    pub fn pack(about: &str, bytes: &[u8]) -> io::Result<PackedPage> {
        let mut packer = zstd::Encoder::new(Vec::with_capacity(bytes.len() / 4 + 64), LEVEL)?;
        packer.write_all(about.replace('\n', " ").as_bytes())?;
        packer.write_all(b"\n")?;
        packer.write_all(bytes)?;
        packer.finish().map(PackedPage)
    }

    /// Decompresses a page; `None` if the bytes are corrupt.
    pub fn unpack(packed: &[u8]) -> Option<KeptPage> {
        let mut all = Vec::new();
        zstd::Decoder::new(packed)
            .ok()?
            .take(PAGE_BYTES as u64)
            .read_to_end(&mut all)
            .ok()?;
        let end = memchr::memchr(b'\n', &all)?;
        let bytes = all.split_off(end + 1);
        all.pop();
        Some(KeptPage {
            about: String::from_utf8(all).ok()?,
            bytes,
        })
    }
}

impl PackedPage {
    /// The compressed bytes, for temporary storage elsewhere.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Restores a page from the result of [`PackedPage::as_bytes`].
    pub fn from_bytes(bytes: Vec<u8>) -> PackedPage {
        PackedPage(bytes)
    }

    /// The key of this page as the page of clipping `id`.
    pub(in crate::index) fn key(&self, id: &str) -> PageKey {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&(id.len() as u64).to_le_bytes());
        hasher.update(id.as_bytes());
        hasher.update(&self.0);
        let mut key = [0; 16];
        hasher.finalize_xof().fill(&mut key);
        PageKey(key)
    }
}

/// Writes and removes pages. Creates nothing on disk until the first page.
pub(in crate::index) struct PageWriter {
    folder: PathBuf,
    pack: Option<Pack>,
    /// Pages to remove after the next commit.
    dropped: FxHashSet<PageKey>,
}

/// The pack that is being written.
struct Pack {
    file: BufWriter<File>,
    size: u64,
}

impl PageWriter {
    pub(in crate::index) fn new(index: &Path) -> PageWriter {
        PageWriter {
            folder: index.join(FOLDER),
            pack: None,
            dropped: FxHashSet::default(),
        }
    }

    /// Writes a page, which is durable after the next [`PageWriter::sync`].
    pub(in crate::index) fn put(&mut self, key: PageKey, page: &PackedPage) -> Result<()> {
        self.keep(key);
        self.write(key, &page.0)
            .map_err(|e| IndexError::io(&self.folder, e))
    }

    /// Cancels [`PageWriter::drop_later`]: a new record refers to the page.
    pub(in crate::index) fn keep(&mut self, key: PageKey) {
        self.dropped.remove(&key);
    }

    /// Marks a page whose record will be gone with the next commit.
    pub(in crate::index) fn drop_later(&mut self, key: PageKey) {
        self.dropped.insert(key);
    }

    fn write(&mut self, key: PageKey, packed: &[u8]) -> io::Result<()> {
        let length = u32::try_from(packed.len())
            .map_err(|_| io::Error::other("a page of more than 4 GB"))?;
        if self
            .pack
            .as_ref()
            .is_some_and(|pack| pack.size >= PACK_BYTES)
        {
            self.close()?;
        }
        let pack = match &mut self.pack {
            Some(pack) => pack,
            None => self.pack.insert(Pack::begin(&self.folder)?),
        };
        let mut header = [LIVE; HEADER_LEN];
        header[1..17].copy_from_slice(&key.0);
        header[17..21].copy_from_slice(&length.to_le_bytes());
        header[21..].copy_from_slice(&checksum(key, packed).to_le_bytes());
        pack.file.write_all(&header)?;
        pack.file.write_all(packed)?;
        pack.size += (HEADER_LEN + packed.len()) as u64;
        Ok(())
    }

    /// Makes all pages written so far durable.
    pub(in crate::index) fn sync(&mut self) -> Result<()> {
        let Some(pack) = &mut self.pack else {
            return Ok(());
        };
        pack.file
            .flush()
            .and_then(|()| pack.file.get_ref().sync_data())
            .map_err(|e| IndexError::io(&self.folder, e))
    }

    fn close(&mut self) -> io::Result<()> {
        if let Some(mut pack) = self.pack.take() {
            pack.file.flush()?;
            pack.file.get_ref().sync_data()?;
        }
        Ok(())
    }

    /// Removes the pages marked by [`PageWriter::drop_later`].
    pub(in crate::index) fn remove_dropped(&mut self) -> Result<()> {
        if self.dropped.is_empty() {
            return Ok(());
        }
        let dropped = std::mem::take(&mut self.dropped);
        self.remove_where(&|key| dropped.contains(&key))
    }

    /// Removes all pages except `live`.
    pub(in crate::index) fn retain(&mut self, live: &FxHashSet<PageKey>) -> Result<()> {
        self.remove_where(&|key| !live.contains(&key))
    }

    fn remove_where(&mut self, is_dead: &dyn Fn(PageKey) -> bool) -> Result<()> {
        let folder = self.folder.clone();
        self.close()
            .and_then(|()| {
                for pack in packs(&folder)? {
                    self.remove_in(&pack, is_dead)?;
                }
                Ok(())
            })
            .map_err(|e| IndexError::io(&folder, e))
    }

    /// Removes pages of one pack. Sets the flag first, so that no page is half zeroed but live.
    fn remove_in(&mut self, pack: &Path, is_dead: &dyn Fn(PageKey) -> bool) -> io::Result<()> {
        let Headers { pages, is_whole } = read_headers(pack)?;
        let is_dropped = |page: &PageHeader| page.is_live && is_dead(page.key);
        if pages.iter().any(is_dropped) {
            let mut file = OpenOptions::new().write(true).open(pack)?;
            for page in pages.iter().filter(|page| is_dropped(page)) {
                file.seek(SeekFrom::Start(page.at - HEADER_LEN as u64))?;
                file.write_all(&[DROPPED])?;
            }
            file.sync_data()?;
            for page in pages.iter().filter(|page| is_dropped(page)) {
                file.seek(SeekFrom::Start(page.at))?;
                io::copy(&mut io::repeat(0).take(page.length.into()), &mut file)?;
            }
            file.sync_data()?;
        }
        // Behind a damaged header there may be pages that cannot be found.
        if !is_whole {
            return Ok(());
        }
        let bytes = |of: &dyn Fn(&PageHeader) -> bool| -> u64 {
            pages
                .iter()
                .filter(|page| of(page))
                .map(|page| u64::from(page.length))
                .sum()
        };
        let live = bytes(&|page| page.is_live && !is_dead(page.key));
        let all = bytes(&|_| true);
        if all > 0 && (all - live) * 4 < all {
            return Ok(());
        }
        let mut file = File::open(pack)?;
        for page in pages
            .iter()
            .filter(|page| page.is_live && !is_dead(page.key))
        {
            let packed = page.read(&mut file)?;
            // Do not move a corrupt page: that would give it a valid checksum.
            if page.is_whole(&packed) {
                self.write(page.key, &packed)?;
            } else {
                return Ok(());
            }
        }
        self.close()?;
        drop(file);
        fs::remove_file(pack)
    }
}

impl Pack {
    fn begin(folder: &Path) -> io::Result<Pack> {
        fs::create_dir_all(folder)?;
        let last = packs(folder)?
            .last()
            .and_then(|pack| number(pack))
            .unwrap_or(0);
        let path = folder.join(format!("{:06}.{EXTENSION}", last + 1));
        let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
        file.write_all(MAGIC)?;
        sync_folder(folder)?;
        if let Some(index) = folder.parent() {
            sync_folder(index)?;
        }
        Ok(Pack {
            file: BufWriter::with_capacity(256 << 10, file),
            size: MAGIC.len() as u64,
        })
    }
}

/// Header of a page in a pack.
#[derive(Debug, Clone, Copy)]
struct PageHeader {
    key: PageKey,
    is_live: bool,
    at: u64,
    length: u32,
    checksum: u32,
}

impl PageHeader {
    fn read(&self, file: &mut File) -> io::Result<Vec<u8>> {
        file.seek(SeekFrom::Start(self.at))?;
        let mut packed = Vec::new();
        file.take(self.length.into()).read_to_end(&mut packed)?;
        Ok(packed)
    }

    fn is_whole(&self, packed: &[u8]) -> bool {
        packed.len() == self.length as usize && checksum(self.key, packed) == self.checksum
    }
}

/// Reads stored pages.
pub struct PageReader {
    packs: Vec<PathBuf>,
    /// By key: index into `packs` and header.
    pages: FxHashMap<PageKey, (usize, PageHeader)>,
    open: Option<(usize, File)>,
}

impl PageReader {
    /// Reads the headers of all packs of the index in `index`.
    ///
    /// # Errors
    /// When a pack cannot be read.
    pub fn open(index: &Path) -> Result<PageReader> {
        let folder = index.join(FOLDER);
        let read = || -> io::Result<PageReader> {
            let packs = packs(&folder)?;
            let mut pages = FxHashMap::default();
            for (number, pack) in packs.iter().enumerate() {
                let Headers { pages: found, .. } = read_headers(pack)?;
                for page in found.into_iter().filter(|page| page.is_live) {
                    pages.insert(page.key, (number, page));
                }
            }
            Ok(PageReader {
                packs,
                pages,
                open: None,
            })
        };
        read().map_err(|e| IndexError::io(&folder, e))
    }

    /// Compressed size of a page in bytes; `None` if it does not exist.
    pub(in crate::index) fn length(&self, key: PageKey) -> Option<u64> {
        self.pages.get(&key).map(|(_, page)| u64::from(page.length))
    }

    /// Number of pages and their size in bytes, compressed.
    pub fn size(&self) -> (u64, u64) {
        let bytes = self
            .pages
            .values()
            .map(|(_, page)| u64::from(page.length))
            .sum();
        (self.pages.len() as u64, bytes)
    }

    /// Reads and verifies a page.
    ///
    /// # Errors
    /// [`IndexError::Damaged`] when the page is missing or corrupt.
    pub fn get(&mut self, key: PageKey) -> Result<KeptPage> {
        let damaged = |what: &str| IndexError::Damaged(Damage::Page(what.to_owned()));
        let &(number, page) = self.pages.get(&key).ok_or_else(|| damaged("is lost"))?;
        let path = self.packs.get(number).ok_or_else(|| damaged("is lost"))?;
        let file = match &mut self.open {
            Some((open, file)) if *open == number => file,
            open => {
                let file = File::open(path).map_err(|e| IndexError::io(path, e))?;
                &mut open.insert((number, file)).1
            }
        };
        let packed = page.read(file).map_err(|e| IndexError::io(path, e))?;
        if !page.is_whole(&packed) {
            return Err(damaged("has a wrong checksum"));
        }
        KeptPage::unpack(&packed).ok_or_else(|| damaged("cannot be unpacked"))
    }
}

/// The packs in a folder, oldest first.
fn packs(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut packs = Vec::new();
    match fs::read_dir(folder) {
        Ok(entries) => {
            for entry in entries {
                let path = entry?.path();
                if number(&path).is_some() {
                    packs.push(path);
                }
            }
        }
        Err(e) if e.kind() == io::ErrorKind::NotFound => {}
        Err(e) => return Err(e),
    }
    packs.sort_by_key(|pack| number(pack));
    Ok(packs)
}

fn number(pack: &Path) -> Option<u64> {
    let is_pack = pack.extension().is_some_and(|ending| ending == EXTENSION);
    let number = pack.file_stem()?.to_str()?.parse().ok()?;
    is_pack.then_some(number)
}

/// The headers of a pack, up to the first page that is incomplete or has a damaged header.
struct Headers {
    pages: Vec<PageHeader>,
    /// Whether they are those of all bytes of the pack.
    is_whole: bool,
}

fn read_headers(pack: &Path) -> io::Result<Headers> {
    let file = File::open(pack)?;
    let end = file.metadata()?.len();
    let mut file = BufReader::new(file);
    let mut mark = [0; MAGIC.len()];
    let mut pages = Vec::new();
    if file.read_exact(&mut mark).is_err() || mark != *MAGIC {
        return Ok(Headers {
            pages,
            is_whole: end == 0,
        });
    }
    let mut at = MAGIC.len() as u64;
    let mut header = [0; HEADER_LEN];
    while file.read_exact(&mut header).is_ok() {
        let [flag, rest @ ..] = header;
        let (key, rest) = rest.split_at(16);
        let (length, checksum) = rest.split_at(4);
        let number = |bytes: &[u8]| bytes.try_into().map_or(0, u32::from_le_bytes);
        let page = PageHeader {
            key: PageKey(key.try_into().unwrap_or_default()),
            is_live: flag == LIVE,
            at: at + HEADER_LEN as u64,
            length: number(length),
            checksum: number(checksum),
        };
        let after = page.at + u64::from(page.length);
        if after > end || !matches!(flag, LIVE | DROPPED) {
            break;
        }
        at = after;
        pages.push(page);
        file.seek_relative(page.length.into())?;
    }
    Ok(Headers {
        pages,
        is_whole: at == end,
    })
}

fn checksum(key: PageKey, packed: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&key.0);
    hasher.update(packed);
    hasher.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(text: &str) -> (PageKey, PackedPage) {
        // Incompressible content, so that sizes on disk are predictable.
        let noise: Vec<u8> = blake3::hash(text.as_bytes()).as_bytes().to_vec();
        let packed = KeptPage::pack("{}", &[text.as_bytes(), &noise].concat()).unwrap();
        (packed.key(text), packed)
    }

    fn has(index: &Path, text: &str) -> bool {
        let (key, _) = page(text);
        let mut reader = PageReader::open(index).unwrap();
        reader
            .get(key)
            .is_ok_and(|kept| kept.bytes.starts_with(text.as_bytes()) && kept.about == "{}")
    }

    #[test]
    fn written_pages_are_read_and_removed_pages_are_gone() {
        let dir = tempfile::tempdir().unwrap();
        let index = dir.path();
        for texts in [["하나", "둘", "셋"], ["넷", "다섯", "여섯"]] {
            let mut writer = PageWriter::new(index);
            for text in texts {
                let (key, packed) = page(text);
                writer.put(key, &packed).unwrap();
            }
            writer.sync().unwrap();
        }
        assert_eq!(packs(&index.join(FOLDER)).unwrap().len(), 2);
        let mut writer = PageWriter::new(index);
        let (one, packed) = page("하나");
        writer.drop_later(one);
        writer.drop_later(page("여섯").0);
        writer.keep(page("여섯").0);
        writer.remove_dropped().unwrap();
        assert!(!has(index, "하나") && has(index, "둘") && has(index, "여섯"));
        // A third of the first pack is removed, so the rest was rewritten.
        assert!(!index.join(FOLDER).join("000001.pack").exists());
        for pack in packs(&index.join(FOLDER)).unwrap() {
            let bytes = fs::read(pack).unwrap();
            assert!(memchr::memmem::find(&bytes, &packed.0[8..]).is_none());
        }
        assert_eq!(PageReader::open(index).unwrap().size().0, 5);
        writer
            .retain(&[page("둘").0].into_iter().collect())
            .unwrap();
        assert!(has(index, "둘") && !has(index, "넷"));
        assert_eq!(PageReader::open(index).unwrap().size().0, 1);
    }

    #[test]
    fn no_page_behind_damage_is_deleted() {
        let packed = |text: &str| page(text).1.0;
        let second = MAGIC.len() + HEADER_LEN + packed("하나").len();
        // The mark of the pack; in the header of the second page, its flag and its length.
        for at in [0, second, second + 20] {
            let dir = tempfile::tempdir().unwrap();
            let index = dir.path();
            let mut writer = PageWriter::new(index);
            for text in ["하나", "둘", "셋"] {
                let (key, packed) = page(text);
                writer.put(key, &packed).unwrap();
            }
            writer.sync().unwrap();
            let pack = index.join(FOLDER).join("000001.pack");
            let mut bytes = fs::read(&pack).unwrap();
            bytes[at] = 7;
            fs::write(&pack, &bytes).unwrap();
            let mut writer = PageWriter::new(index);
            writer.drop_later(page("하나").0);
            writer.remove_dropped().unwrap();
            let bytes = fs::read(&pack).unwrap();
            assert!(
                memchr::memmem::find(&bytes, &packed("셋")).is_some(),
                "{at}"
            );
            assert!(!has(index, "하나"), "{at}");
        }
    }

    #[test]
    fn a_truncated_pack_keeps_its_complete_pages() {
        let dir = tempfile::tempdir().unwrap();
        let index = dir.path();
        let mut writer = PageWriter::new(index);
        for text in ["하나", "둘"] {
            let (key, packed) = page(text);
            writer.put(key, &packed).unwrap();
        }
        writer.sync().unwrap();
        let pack = index.join(FOLDER).join("000001.pack");
        let whole = fs::read(&pack).unwrap();
        let first = MAGIC.len() + HEADER_LEN + page("하나").1.0.len();
        for end in 0..whole.len() {
            fs::write(&pack, &whole[..end]).unwrap();
            assert_eq!(has(index, "하나"), end >= first, "{end}");
            assert!(!has(index, "둘"), "{end}");
        }
        // Every flipped bit is detected.
        for at in first - 20..first {
            let mut turned = whole.clone();
            turned[at] ^= 1;
            fs::write(&pack, &turned).unwrap();
            assert!(!has(index, "하나") && has(index, "둘"), "{at}");
        }
    }

    #[test]
    fn corrupt_packs_are_empty() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join(FOLDER);
        fs::create_dir(&folder).unwrap();
        for bytes in [
            &b""[..],
            b"clippgs1",
            b"clippgs1\x01",
            b"other",
            &[0xff; 100],
        ] {
            fs::write(folder.join("000001.pack"), bytes).unwrap();
            fs::write(folder.join("note.txt"), bytes).unwrap();
            assert_eq!(PageReader::open(dir.path()).unwrap().size(), (0, 0));
        }
        let garbage = [&MAGIC[..], &[0xff; 300]].concat();
        fs::write(folder.join("000001.pack"), garbage).unwrap();
        assert_eq!(PageReader::open(dir.path()).unwrap().size(), (0, 0));
    }
}
