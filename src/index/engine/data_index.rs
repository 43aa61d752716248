//! The engine's index in a data folder: created, opened for reading or writing, its files listed.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tantivy::directory::FileSlice;
use tantivy::index::SegmentComponent;
use tantivy::store::Compressor;
use tantivy::{
    Directory, HasLen, Index, IndexBuilder, IndexReader, IndexSettings, ReloadPolicy, Searcher,
    SegmentMeta, TantivyError,
};

use crate::analyze::Language;
use crate::index::engine::directory::{VerifiedDirectory, is_unverified};
use crate::index::engine::id_lookup::{self, IdLookupPlugin};
use crate::index::engine::merge_policy::select_merge;
use crate::index::engine::record_codec::RecordCodec;
use crate::index::engine::records::Records;
use crate::index::engine::schema::schema;
use crate::index::engine::segment_writer::SegmentWriter;
use crate::index::engine::snapshot::Snapshot;
use crate::index::{Fields, IndexError, Result};

/// Bytes of a block of stored records. They are compressed one by one (see `record_codec`); a block is what is
/// copied to read one.
const RECORD_BLOCK: usize = 4 << 10;

/// Bytes of a file that are verified at a time.
const PART: usize = 4 << 20;

/// How often files are opened anew because another process committed meanwhile.
const ATTEMPTS: usize = 20;

/// The files of every segment.
const COMPONENTS: [SegmentComponent; 6] = [
    SegmentComponent::Postings,
    SegmentComponent::Positions,
    SegmentComponent::FastFields,
    SegmentComponent::FieldNorms,
    SegmentComponent::Terms,
    SegmentComponent::Store,
];

/// The engine's index in a data folder. Reading needs no analyzer: queries come as terms.
pub(in crate::index) struct DataIndex {
    index: Index,
    fields: Fields,
    codec: RecordCodec,
}

impl DataIndex {
    /// Makes an empty index in an empty folder.
    pub(in crate::index) fn create(data: &Path) -> Result<()> {
        let settings = IndexSettings {
            docstore_compression: Compressor::None,
            docstore_blocksize: RECORD_BLOCK,
            // The threads that build segments are as many as there are cores already.
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
    /// [`IndexError::Outdated`] when its files were written before there were checksums.
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
            return Err(IndexError::Outdated("version of the index format"));
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

    /// The state of the last commit.
    pub(in crate::index) fn searcher(&self) -> Result<Searcher> {
        Ok(self.reader()?.searcher())
    }

    /// The stored records of a state.
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

    pub(in crate::index) fn snapshots(&self) -> Result<Snapshots> {
        Ok(Snapshots {
            reader: self.reader()?,
            fields: self.fields,
            codec: self.codec.clone(),
        })
    }

    /// Opens the state of the last commit with every file of it, so that none is removed while it is read. A process
    /// that was killed may have left others, even of the same segments: those are no part of the index.
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

    /// Reads every block of `files`, which verifies it. They are read in parts: a file may be large.
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

/// How many segments the merge that is due would merge.
pub(in crate::index) fn due_merge(searcher: &Searcher) -> usize {
    let segments = searcher.segment_readers().iter();
    select_merge(segments.map(|s| (s.num_docs(), s.max_doc()))).len()
}

/// The files of a commit, held open.
#[derive(Default)]
pub(in crate::index) struct OpenFiles {
    files: Vec<(PathBuf, FileSlice)>,
    problems: Vec<IndexError>,
}

/// Opens the state of each commit of a writer.
pub(in crate::index) struct Snapshots {
    reader: IndexReader,
    fields: Fields,
    codec: RecordCodec,
}

impl Snapshots {
    /// Opens the state of the last commit. `before` is the state of the one before, if there was one.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub(in crate::index) fn latest(&self, before: Option<&Snapshot>) -> Result<Snapshot> {
        self.reader.reload()?;
        Snapshot::open(self.reader.searcher(), self.fields, &self.codec, before)
    }
}
