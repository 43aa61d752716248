//! Reading an index: one consistent state of it, from opening to the end of the command.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, thread};

use tantivy::directory::MmapDirectory;
use tantivy::{DocAddress, DocId, Index, ReloadPolicy, Searcher, SegmentReader, Term};

use crate::analyze::Language;
use crate::clipping::Clipping;
use crate::index::engine::directory::{self, VerifiedDirectory};
use crate::index::engine::id_lookup::IdLookupPlugin;
use crate::index::engine::record_codec::RecordCodec;
use crate::index::language::language_of;
use crate::index::{
    Fields, IndexError, KeptPage, Meta, PageReader, Records, Result, TermDictCache,
};

/// With fewer segments than this, a search is done before threads have started.
const OPENED_TOGETHER: usize = 4;

/// How many names are listed when a prefix fits several.
const NAMES_LISTED: usize = 5;

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
        let index = open_data(&data)?;
        let fields = Fields::of(&index.schema())?;
        let searcher = index
            .reader_builder()
            .reload_policy(ReloadPolicy::Manual)
            .try_into()?
            .searcher();
        let records = Records::open(&searcher, fields.record, RecordCodec::open(&data)?)?;
        Ok(Archive {
            dir: dir.to_owned(),
            state,
            meta,
            language,
            words_changed,
            fields,
            searcher,
            terms: TermDictCache::default(),
            records,
        })
    }

    /// Whether the folder still holds the state that was opened: nothing was committed and the index
    /// was not rebuilt.
    pub fn is_current(&self) -> bool {
        self.state == state_files(&self.dir, &self.meta.data_dir(&self.dir))
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
    /// verify term dictionaries is most of the work then. What cannot be read is told when it is asked
    /// for.
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
        find(&self.searcher, &Term::from_field_text(self.fields.id, id))
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

    /// Where the clipping named `id` is, or the only one whose name begins with it.
    ///
    /// # Errors
    /// See [`Archive::get`].
    pub fn resolve(&self, id: &str) -> Result<DocAddress> {
        if let Some(address) = self.find(id)? {
            return Ok(address);
        }
        let mut found: Vec<(String, DocAddress)> = Vec::new();
        if !id.is_empty() {
            for (ord, segment) in self.searcher.segment_readers().iter().enumerate() {
                let terms = segment.inverted_index(self.fields.id)?;
                let mut stream = terms
                    .terms()
                    .range()
                    .ge(id)
                    .into_stream()
                    .map_err(io_error)?;
                while stream.advance() && stream.key().starts_with(id.as_bytes()) {
                    let postings = terms
                        .read_postings_from_terminfo(
                            stream.value(),
                            tantivy::schema::IndexRecordOption::Basic,
                        )
                        .map_err(io_error)?;
                    if let Some(doc) = first_alive(segment, postings) {
                        let name = String::from_utf8_lossy(stream.key()).into_owned();
                        found.push((name, DocAddress::new(ord as u32, doc)));
                    }
                    if found.len() > NAMES_LISTED {
                        break;
                    }
                }
            }
        }
        match found.as_slice() {
            [] => Err(IndexError::NoClipping(id.to_owned())),
            [(_, address)] => Ok(*address),
            _ => {
                let mut names: Vec<String> = found.into_iter().map(|(name, _)| name).collect();
                names.sort();
                if names.len() > NAMES_LISTED {
                    names.truncate(NAMES_LISTED);
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

/// Opens the engine's index in a data folder. Reading needs no analyzer: queries come as terms.
///
/// # Errors
/// [`IndexError::Outdated`] when its files were written before there were checksums.
pub(in crate::index) fn open_data(data: &Path) -> Result<Index> {
    open_with(data, VerifiedDirectory::open)
}

/// The same for writing.
///
/// # Errors
/// See [`open_data`].
pub(in crate::index) fn open_for_writing(data: &Path) -> Result<Index> {
    open_with(data, VerifiedDirectory::for_writing)
}

fn open_with(
    data: &Path,
    directory: impl FnOnce(&Path) -> Result<VerifiedDirectory>,
) -> Result<Index> {
    if directory::is_unverified(data) {
        return Err(IndexError::Outdated("version of the index format"));
    }
    let mut index = Index::open(directory(data)?)?;
    index.register_plugin(Arc::new(IdLookupPlugin));
    Ok(index)
}

/// The same for rebuilding: also files of versions without checksums.
pub(in crate::index) fn open_old_data(data: &Path) -> Result<Index> {
    if directory::is_unverified(data) {
        let files = MmapDirectory::open(data).map_err(tantivy::TantivyError::from)?;
        return Ok(Index::open(files)?);
    }
    open_data(data)
}

/// The document that holds an exact term, when it is alive.
pub(in crate::index) fn find(searcher: &Searcher, term: &Term) -> Result<Option<DocAddress>> {
    for (ord, segment) in searcher.segment_readers().iter().enumerate() {
        if let Some(doc) = find_in(segment, term)? {
            return Ok(Some(DocAddress::new(ord as u32, doc)));
        }
    }
    Ok(None)
}

/// The same in one segment.
pub(in crate::index) fn find_in(segment: &SegmentReader, term: &Term) -> Result<Option<DocId>> {
    let postings = segment
        .inverted_index(term.field())?
        .read_postings(term, tantivy::schema::IndexRecordOption::Basic)
        .map_err(io_error)?;
    Ok(postings.and_then(|postings| first_alive(segment, postings)))
}

fn first_alive(segment: &SegmentReader, mut postings: impl tantivy::DocSet) -> Option<DocId> {
    let mut doc = postings.doc();
    while doc != tantivy::TERMINATED {
        if !segment.is_deleted(doc) {
            return Some(doc);
        }
        doc = postings.advance();
    }
    None
}

fn io_error(e: std::io::Error) -> IndexError {
    IndexError::from(tantivy::TantivyError::from(e))
}
