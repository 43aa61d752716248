//! The tantivy index in a data folder: creating and opening it, and listing its files.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use tantivy::directory::FileSlice;
use tantivy::index::SegmentComponent;
use tantivy::store::Compressor;
use tantivy::{
    Directory, HasLen, Index, IndexBuilder, IndexReader, IndexSettings, ReloadPolicy, Searcher,
    SegmentMeta, TantivyError,
};

use crate::analyze::Language;
use crate::index::engine::directory::{META, VerifiedDirectory, is_unverified};
use crate::index::engine::document::IndexDocument;
use crate::index::engine::id_lookup::{self, IdLookupPlugin};
use crate::index::engine::merge_policy::select_merge;
use crate::index::engine::record_codec::RecordCodec;
use crate::index::engine::records::Records;
use crate::index::engine::schema::schema;
use crate::index::engine::segment_builder::{BuildContext, Builder, RunFilter};
use crate::index::engine::segment_writer::SegmentWriter;
use crate::index::engine::snapshot::Snapshot;
use crate::index::{Fields, IndexError, MadeWith, Result};

/// Block size of the document store. Records are compressed one by one (see `record_codec`), so a
/// larger block would only mean copying more to read one.
const RECORD_BLOCK: usize = 4 << 10;

/// Bytes read at a time when a file is verified.
const PART: usize = 4 << 20;

/// How often the files of a commit are opened again because another process committed meanwhile.
const ATTEMPTS: usize = 20;

/// The files that tantivy writes per segment, besides deletes.
const COMPONENTS: [SegmentComponent; 6] = [
    SegmentComponent::Postings,
    SegmentComponent::Positions,
    SegmentComponent::FastFields,
    SegmentComponent::FieldNorms,
    SegmentComponent::Terms,
    SegmentComponent::Store,
];

/// The tantivy index in a data folder. No tokenizer is registered: queries are built from terms.
pub(in crate::index) struct DataIndex {
    index: Index,
    fields: Fields,
    codec: RecordCodec,
}

impl DataIndex {
    /// Creates an empty index in an empty folder.
    pub(in crate::index) fn create(data: &Path) -> Result<()> {
        let settings = IndexSettings {
            docstore_compression: Compressor::None,
            docstore_blocksize: RECORD_BLOCK,
            // Segments are already built on all cores.
            docstore_compress_dedicated_thread: false,
            ..IndexSettings::default()
        };
        IndexBuilder::new()
            .schema(schema())
            .settings(settings)
            .register_plugin(Arc::new(IdLookupPlugin))
            .open_or_create(VerifiedDirectory::open(data)?)?;
        Ok(())
    }

    /// # Errors
    /// [`IndexError::Outdated`] if the files have no block checksums, as in early versions.
    pub(in crate::index) fn open(data: &Path) -> Result<DataIndex> {
        DataIndex::over(data, VerifiedDirectory::open(data)?)
    }

    /// # Errors
    /// See [`DataIndex::open`].
    pub(in crate::index) fn open_for_writing(data: &Path) -> Result<DataIndex> {
        DataIndex::over(data, VerifiedDirectory::for_writing(data)?)
    }

    fn over(data: &Path, directory: VerifiedDirectory) -> Result<DataIndex> {
        if is_unverified(data) {
            return Err(IndexError::Outdated(MadeWith::Format));
        }
        let mut index = Index::open(directory)?;
        index.register_plugin(Arc::new(IdLookupPlugin));
        Ok(DataIndex {
            fields: Fields::of(&index.schema())?,
            index,
            codec: RecordCodec::open(data)?,
        })
    }

    pub(in crate::index) fn fields(&self) -> Fields {
        self.fields
    }

    pub(in crate::index) fn codec(&self) -> &RecordCodec {
        &self.codec
    }

    fn reader(&self) -> Result<IndexReader> {
        let reader = self.index.reader_builder();
        Ok(reader.reload_policy(ReloadPolicy::Manual).try_into()?)
    }

    /// A searcher on the last commit.
    pub(in crate::index) fn searcher(&self) -> Result<Searcher> {
        Ok(self.reader()?.searcher())
    }

    /// The stored records of the segments of `searcher`.
    pub(in crate::index) fn records(&self, searcher: &Searcher) -> Result<Records> {
        Records::open(searcher, self.fields.record, self.codec.clone())
    }

    pub(in crate::index) fn segment_writer(
        &self,
        language: &Language,
        threads: Option<usize>,
    ) -> Result<SegmentWriter> {
        let codec = self.codec.clone();
        SegmentWriter::new(&self.index, self.fields, language, codec, threads)
    }

    /// Writes `documents` as the only commit of an empty index. Faster than a [`SegmentWriter`], which starts
    /// tantivy's threads and compresses records.
    ///
    /// # Errors
    /// When the folder is not writable.
    pub(in crate::index) fn fill(
        &self,
        documents: impl Iterator<Item = Result<IndexDocument>>,
        language: &Language,
        runs: Option<RunFilter>,
    ) -> Result<()> {
        let mut builder = Builder::new(BuildContext {
            index: self.index.clone(),
            fields: self.fields,
            language: language.clone(),
            codec: None,
            threads: thread::available_parallelism().map_or(1, usize::from),
            memory: usize::MAX,
            runs,
        });
        let mut built = Vec::new();
        for document in documents {
            built.extend(builder.add(document?)?);
        }
        built.extend(builder.flush()?);
        let mut commit = self.index.load_metas()?;
        commit.segments = built.iter().map(|b| b.segment.meta().clone()).collect();
        let commit = serde_json::to_vec(&commit).map_err(|e| IndexError::Engine(e.to_string()))?;
        let written = self
            .index
            .directory()
            .atomic_write(Path::new(META), &commit);
        Ok(written.map_err(TantivyError::from)?)
    }

    pub(in crate::index) fn snapshots(&self) -> Result<Snapshots> {
        Ok(Snapshots {
            reader: self.reader()?,
            fields: self.fields,
            codec: self.codec.clone(),
        })
    }

    /// Opens the last commit together with every file of it, so that none is removed while it is
    /// read. Files that a killed process left behind do not belong to a commit and are skipped.
    ///
    /// # Errors
    /// When the index cannot be opened.
    pub(in crate::index) fn open_files(&self) -> Result<(Searcher, OpenFiles)> {
        let mut attempts = 0..ATTEMPTS;
        loop {
            let metas = self.index.searchable_segment_metas()?;
            let mut files = BTreeSet::new();
            for segment in &metas {
                files.extend(COMPONENTS.map(|c| segment.relative_path(c)));
                files.insert(segment.relative_path(id_lookup::component()));
                if segment.has_deletes() {
                    files.insert(segment.relative_path(SegmentComponent::Delete));
                }
            }
            let mut opened = OpenFiles::default();
            for path in files {
                match self.index.directory().open_read(&path) {
                    Ok(file) => opened.files.push((path, file)),
                    Err(e) => opened.problems.push(TantivyError::from(e).into()),
                }
            }
            // A commit of another process may have removed files before they were opened here.
            let same = |now: &[SegmentMeta]| {
                let key = |m: &SegmentMeta| (m.id(), m.delete_opstamp());
                now.iter().map(key).eq(metas.iter().map(key))
            };
            if same(&self.index.searchable_segment_metas()?) || attempts.next().is_none() {
                return match opened.problems.is_empty() {
                    true => Ok((self.searcher()?, opened)),
                    false => Err(opened.problems.swap_remove(0)),
                };
            }
        }
    }

    /// Reads `files` front to back, which verifies every block. Reads in parts to bound the memory.
    pub(in crate::index) fn verify(&self, files: &OpenFiles, problem: &mut dyn FnMut(IndexError)) {
        for (_, file) in &files.files {
            let length = file.len();
            for start in (0..length).step_by(PART) {
                if let Err(e) = file.read_bytes_slice(start..(start + PART).min(length)) {
                    problem(TantivyError::from(e).into());
                    break;
                }
            }
        }
    }
}

/// Number of segments in the next due merge, 0 if none is due.
pub(in crate::index) fn due_merge(searcher: &Searcher) -> usize {
    let segments = searcher.segment_readers().iter();
    select_merge(segments.map(|s| (s.num_docs(), s.max_doc()))).len()
}

/// The files of one commit, held open.
#[derive(Default)]
pub(in crate::index) struct OpenFiles {
    files: Vec<(PathBuf, FileSlice)>,
    problems: Vec<IndexError>,
}

/// Opens a [`Snapshot`] after each commit of a writer.
pub(in crate::index) struct Snapshots {
    reader: IndexReader,
    fields: Fields,
    codec: RecordCodec,
}

impl Snapshots {
    /// Opens the last commit. `before`, the previous snapshot, supplies the columns that are open.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub(in crate::index) fn latest(&self, before: Option<&Snapshot>) -> Result<Snapshot> {
        self.reader.reload()?;
        Snapshot::open(self.reader.searcher(), self.fields, &self.codec, before)
    }
}
