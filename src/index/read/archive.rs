//! Reading an index: one consistent state of it, from opening to the end of the command.

use std::path::{Path, PathBuf};
use std::{fs, thread};

use crate::analyze::Language;
use crate::clipping::Clipping;
use crate::index::engine::data_index::{DataIndex, due_merge};
use crate::index::engine::{DocAddress, Searcher, columns, ids};
use crate::index::language::language_of;
use crate::index::{
    Fields, IndexError, KeptPage, Meta, PageKey, PageReader, Records, Result, TermDictCache,
};

/// With fewer segments than this, a search is done before threads have started.
const OPENED_TOGETHER: usize = 4;

/// How many ids are listed when a prefix fits several.
const IDS_LISTED: usize = 5;

/// An index opened for reading. What another process commits meanwhile does not show.
pub struct Archive {
    dir: PathBuf,
    /// `clippings.json` and the engine's list of segments, as they were before opening.
    state: (Vec<u8>, Vec<u8>),
    meta: Meta,
    language: Language,
    words_changed: bool,
    fields: Fields,
    searcher: Searcher,
    terms: TermDictCache,
    records: Records,
}

impl Archive {
    /// Opens the index in `dir` as it stands now.
    ///
    /// # Errors
    /// When there is none, when it was made by another version or with another dictionary, or when
    /// it cannot be read.
    pub fn open(dir: &Path) -> Result<Archive> {
        let mut meta = Meta::read(dir)?;
        loop {
            let (language, words_changed) = language_of(dir, &meta)?;
            match Archive::open_state(dir, meta.clone(), language, words_changed) {
                Ok(archive) => return Ok(archive),
                // A rebuild may have put another data folder in the place of the one just read.
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
        // A rebuild may remove the folder while a search runs: what the search reads by path is opened now.
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
        })
    }

    /// Whether the folder still holds the state that was opened: nothing was committed and the index
    /// was not rebuilt.
    pub fn is_current(&self) -> bool {
        self.state == state_files(&self.dir, &self.meta.data_dir(&self.dir))
    }

    /// A text that differs for every committed state.
    pub fn state(&self) -> String {
        let (index, engine) = &self.state;
        blake3::Hasher::new()
            .update(index)
            .update(engine)
            .finalize()
            .to_string()
    }

    /// The folder of the index.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// What it was made with.
    pub fn meta(&self) -> &Meta {
        &self.meta
    }

    /// The language its texts were analyzed in.
    pub fn language(&self) -> &Language {
        &self.language
    }

    /// Whether the user's word list says something else than when the index was made. It answers by
    /// the words it was made with.
    pub fn words_changed(&self) -> bool {
        self.words_changed
    }

    /// Its fields.
    pub fn fields(&self) -> &Fields {
        &self.fields
    }

    /// The state that was there at opening.
    pub fn searcher(&self) -> &Searcher {
        &self.searcher
    }

    /// Opens the terms of text ahead of a search, in several threads where the index is large: to
    /// verify term dictionaries is most of the work then. An error is returned when the search itself opens
    /// them.
    pub fn open_terms(&self) {
        let segments = self.searcher.segment_readers();
        if segments.len() < OPENED_TOGETHER {
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

    /// Its terms.
    pub fn terms(&self) -> &TermDictCache {
        &self.terms
    }

    /// What its clippings say.
    pub fn records(&self) -> &Records {
        &self.records
    }

    /// How many clippings it holds.
    pub fn len(&self) -> u64 {
        self.searcher.num_docs()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many segments are to be merged and are not: a merge failed, or the last `add` was interrupted.
    pub fn unmerged_segments(&self) -> usize {
        due_merge(&self.searcher)
    }

    /// The clipping at an address that a search gave.
    ///
    /// # Errors
    /// [`IndexError::Damaged`] when the record cannot be read.
    pub fn fetch(&self, address: DocAddress) -> Result<Clipping> {
        self.records.clipping(address)
    }

    /// Where the clipping named exactly `id` is.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn find(&self, id: &str) -> Result<Option<DocAddress>> {
        ids::find(&self.searcher, self.fields.id, id)
    }

    /// The clipping named `id`, or the only one whose name begins with it.
    ///
    /// # Errors
    /// [`IndexError::NoClipping`], [`IndexError::Ambiguous`], or when the index cannot be read.
    pub fn get(&self, id: &str) -> Result<Clipping> {
        self.fetch(self.resolve(id)?)
    }

    /// The page that was kept with the clipping named `id` or, the only one, beginning so.
    ///
    /// # Errors
    /// See [`Archive::get`]; [`IndexError::NoPage`] when none was kept.
    pub fn page(&self, id: &str) -> Result<KeptPage> {
        let key = self.records.page(self.resolve(id)?)?;
        let key = key.ok_or_else(|| IndexError::NoPage(id.to_owned()))?;
        PageReader::open(&self.dir)?.get(key)
    }

    /// Calls `each` with the page of every clipping that has one.
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

    /// Whether a page was stored with the clipping named `id`.
    ///
    /// # Errors
    /// See [`Archive::get`].
    pub fn has_page(&self, id: &str) -> Result<bool> {
        Ok(self.records.page(self.resolve(id)?)?.is_some())
    }

    /// The near-duplicates of the clipping at an address, at most `limit`. Goes through one column,
    /// about 10 ms for a million clippings.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn copies(&self, address: DocAddress, limit: usize) -> Result<Vec<DocAddress>> {
        columns::of_same_group(&self.searcher, address, limit)
    }

    /// Where the clipping named `id` is, or the only one whose name begins with it.
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

/// The files that change when an index changes. One that cannot be read is empty here; opening it
/// says why.
fn state_files(dir: &Path, data: &Path) -> (Vec<u8>, Vec<u8>) {
    let read = |path: PathBuf| fs::read(path).unwrap_or_default();
    (read(Meta::path(dir)), read(data.join("meta.json")))
}
