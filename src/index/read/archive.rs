//! An index opened for reading: one consistent state of it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, thread};

use serde::{Deserialize, Serialize};
use tempfile::TempDir;

use crate::analyze::Language;
use crate::clipping::Clipping;
use crate::index::engine::data_index::{DataIndex, due_merge};
use crate::index::engine::{DocAddress, Searcher, columns, ids};
use crate::index::language::language_of;
use crate::index::{
    Fields, IndexError, KeptPage, Meta, PageKey, PageReader, Records, Result, TermDictCache,
    WholeCounts,
};

/// With fewer segments, a search takes less time than starting threads.
const MIN_PARALLEL_SEGMENTS: usize = 4;

/// Ids listed in an error about an ambiguous prefix.
const IDS_LISTED: usize = 5;

/// An index opened for reading. Later commits are not visible.
pub struct Archive {
    dir: PathBuf,
    /// Contents of `clippings.json` and `meta.json`, read before opening.
    state: (Vec<u8>, Vec<u8>),
    meta: Meta,
    language: Language,
    words_changed: bool,
    fields: Fields,
    searcher: Searcher,
    terms: TermDictCache,
    records: Records,
    /// Deletes a temporary folder on drop.
    _folder: Option<TempDir>,
}

impl Archive {
    /// Opens the current state of the index in `dir`.
    ///
    /// # Errors
    /// When there is no index, when it has another format, dictionary or analyzer, or when it
    /// cannot be read.
    pub fn open(dir: &Path) -> Result<Archive> {
        let mut meta = Meta::read(dir)?;
        loop {
            let (language, words_changed) = language_of(dir, &meta)?;
            match Archive::open_state(dir, meta.clone(), language, words_changed) {
                Ok(archive) => return Ok(archive),
                // A rebuild may have replaced the data folder in between.
                Err(e) => match Meta::read(dir)? {
                    now if now == meta => return Err(e),
                    now => meta = now,
                },
            }
        }
    }

    fn open_state(
        dir: &Path,
        meta: Meta,
        language: Language,
        words_changed: bool,
    ) -> Result<Archive> {
        let data = meta.data_dir(dir);
        let state = state_files(dir, &data);
        let index = DataIndex::open(&data)?;
        let searcher = index.searcher()?;
        // A rebuild may remove the folder while a search runs, so open now what is read by path.
        index.codec().load()?;
        Ok(Archive {
            dir: dir.to_owned(),
            state,
            meta,
            language,
            words_changed,
            fields: index.fields(),
            records: index.records(&searcher)?,
            searcher,
            terms: TermDictCache::default(),
            _folder: None,
        })
    }

    /// Opens a temporary index of a part of an archive.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(in crate::index) fn of_part(
        folder: TempDir,
        meta: Meta,
        language: Language,
        whole: Arc<dyn WholeCounts>,
    ) -> Result<Archive> {
        let mut archive = Archive::open_state(folder.path(), meta, language, false)?;
        archive.terms = TermDictCache::of_part(whole);
        archive._folder = Some(folder);
        Ok(archive)
    }

    /// Whether nothing was committed and the index was not rebuilt since it was opened.
    pub fn is_current(&self) -> bool {
        self.state == state_files(&self.dir, &self.meta.data_dir(&self.dir))
    }

    /// A hash that identifies the committed state.
    pub fn state(&self) -> String {
        let (index, engine) = &self.state;
        blake3::Hasher::new()
            .update(index)
            .update(engine)
            .finalize()
            .to_string()
    }

    /// The index folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The content of `clippings.json`.
    pub fn meta(&self) -> &Meta {
        &self.meta
    }

    /// The language the index was created with.
    pub fn language(&self) -> &Language {
        &self.language
    }

    /// Whether the user's word list changed since the index was created. Searches use the old list
    /// until `reindex`.
    pub fn words_changed(&self) -> bool {
        self.words_changed
    }

    /// The fields of the schema.
    pub fn fields(&self) -> &Fields {
        &self.fields
    }

    /// The searcher over this state.
    pub fn searcher(&self) -> &Searcher {
        &self.searcher
    }

    /// Opens the term dictionaries of the text fields in parallel if there are many segments:
    /// verifying them dominates the first search. Errors are ignored here, since the search itself
    /// meets them.
    pub fn open_terms(&self) {
        let segments = self.searcher.segment_readers();
        if segments.len() < MIN_PARALLEL_SEGMENTS {
            return;
        }
        let threads = thread::available_parallelism().map_or(1, usize::from);
        thread::scope(|scope| {
            for part in segments.chunks(segments.len().div_ceil(threads)) {
                // Without a thread, the search opens them itself.
                let _ = thread::Builder::new().spawn_scoped(scope, move || {
                    for segment in part {
                        for field in [self.fields.body, self.fields.headline, self.fields.extra] {
                            let _ = segment.inverted_index(field);
                        }
                    }
                });
            }
        });
    }

    /// The term dictionaries.
    pub fn terms(&self) -> &TermDictCache {
        &self.terms
    }

    /// The stored records.
    pub fn records(&self) -> &Records {
        &self.records
    }

    /// Number of clippings.
    pub fn len(&self) -> u64 {
        self.searcher.num_docs()
    }

    /// Whether it has no clippings.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of clippings of the whole archive, of which this index may be a part.
    pub fn whole_len(&self) -> u64 {
        self.terms.clippings(&self.searcher)
    }

    /// Number of segments of a merge that is due but not done: it failed, or the last `add` was
    /// interrupted.
    pub fn unmerged_segments(&self) -> usize {
        due_merge(&self.searcher)
    }

    /// The clipping at `address`.
    ///
    /// # Errors
    /// [`IndexError::Damaged`] when the record cannot be read.
    pub fn fetch(&self, address: DocAddress) -> Result<Clipping> {
        self.records.clipping(address)
    }

    /// The address of the clipping with exactly this id.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn find(&self, id: &str) -> Result<Option<DocAddress>> {
        ids::find(&self.searcher, self.fields.id, id)
    }

    /// The clipping with this id, or the only one whose id begins with it.
    ///
    /// # Errors
    /// [`IndexError::NoClipping`], [`IndexError::Ambiguous`], or when the index cannot be read.
    pub fn get(&self, id: &str) -> Result<Clipping> {
        self.fetch(self.resolve(id)?)
    }

    /// The same, with everything that is needed to restore it after a removal.
    ///
    /// # Errors
    /// See [`Archive::get`].
    pub fn stored(&self, id: &str) -> Result<StoredClipping> {
        let address = self.resolve(id)?;
        Ok(StoredClipping {
            clipping: self.fetch(address)?,
            added: columns::added(&self.searcher, address)?,
            page: self.records.page(address)?,
        })
    }

    /// Calls `each` with every clipping, in index order, until it returns `false`.
    ///
    /// # Errors
    /// When a record cannot be read, or the error of `each`.
    pub fn for_each(&self, each: &mut dyn FnMut(StoredClipping) -> Result<bool>) -> Result<()> {
        for (ord, segment) in (0..).zip(self.searcher.segment_readers()) {
            for doc in segment.doc_ids_alive() {
                let address = DocAddress::new(ord, doc);
                let stored = StoredClipping {
                    clipping: self.fetch(address)?,
                    added: columns::added(&self.searcher, address)?,
                    page: None,
                };
                if !each(stored)? {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// The page stored with the clipping with this id, or with the only one whose id begins with
    /// it.
    ///
    /// # Errors
    /// See [`Archive::get`]; [`IndexError::NoPage`] when there is none.
    pub fn page(&self, id: &str) -> Result<KeptPage> {
        let key = self.records.page(self.resolve(id)?)?;
        let key = key.ok_or_else(|| IndexError::NoPage(id.to_owned()))?;
        PageReader::open(&self.dir)?.get(key)
    }

    /// Calls `each` with the page key of every clipping that has a stored page.
    ///
    /// # Errors
    /// When a record cannot be read.
    pub(in crate::index) fn for_each_page(&self, each: &mut dyn FnMut(PageKey)) -> Result<()> {
        for (ord, segment) in (0..).zip(self.searcher.segment_readers()) {
            for doc in segment.doc_ids_alive() {
                self.records
                    .page(DocAddress::new(ord, doc))?
                    .map(&mut *each);
            }
        }
        Ok(())
    }

    /// Whether a page is stored with the clipping.
    ///
    /// # Errors
    /// See [`Archive::get`].
    pub fn has_page(&self, id: &str) -> Result<bool> {
        Ok(self.records.page(self.resolve(id)?)?.is_some())
    }

    /// The addresses of up to `limit` near-duplicates of a clipping. Scans one column: about 10 ms
    /// per million clippings.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn copies(&self, address: DocAddress, limit: usize) -> Result<Vec<DocAddress>> {
        columns::of_same_group(&self.searcher, address, limit)
    }

    /// The address of the clipping with this id, or of the only one whose id begins with it.
    ///
    /// # Errors
    /// See [`Archive::get`].
    pub fn resolve(&self, id: &str) -> Result<DocAddress> {
        if let Some(address) = self.find(id)? {
            return Ok(address);
        }
        let found = match id.is_empty() {
            true => Vec::new(),
            false => ids::find_by_prefix(&self.searcher, self.fields.id, id, IDS_LISTED)?,
        };
        match found.as_slice() {
            [] => Err(IndexError::NoClipping(id.to_owned())),
            [(_, address)] => Ok(*address),
            _ => {
                let mut names: Vec<String> = found.into_iter().map(|(name, _)| name).collect();
                names.sort();
                if names.len() > IDS_LISTED {
                    names.truncate(IDS_LISTED);
                    names.push("...".to_owned());
                }
                Err(IndexError::Ambiguous {
                    prefix: id.to_owned(),
                    names,
                })
            }
        }
    }
}

/// A stored clipping with everything needed to restore it after a removal.
#[derive(Debug, Serialize, Deserialize)]
pub struct StoredClipping {
    /// The record.
    pub clipping: Clipping,
    /// Time of adding in Unix seconds.
    #[serde(default)]
    pub added: Option<i64>,
    /// Key of its stored page.
    #[serde(default)]
    pub page: Option<PageKey>,
}

/// The files that change with every commit or rebuild. An unreadable one gives an empty value;
/// opening the index reports the error.
fn state_files(dir: &Path, data: &Path) -> (Vec<u8>, Vec<u8>) {
    let read = |path: PathBuf| fs::read(path).unwrap_or_default();
    (read(Meta::path(dir)), read(data.join("meta.json")))
}
