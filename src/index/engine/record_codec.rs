//! Compresses stored records one by one, with a shared zstd dictionary.
//!
//! A record is about 2 kB of Korean text, too little to compress well by itself, so tantivy
//! compresses blocks of many records and decompresses a whole block to read one. Here a dictionary
//! is trained once, on the first records of an index, and every record is compressed on its own
//! with it. Compared with blocks of 64 KB, records take an eighth less space, and reading one
//! decompresses only that one.
//!
//! The content of a record is defined in `record`.
//!
//! ```text
//! [01 page key]?  { ...                         a record as `record` writes it
//! [01 page key]?  02 zstd frame without magic   the same, compressed (RFC 8878)
//! ```
//!
//! The dictionary (RFC 8878, section 5) is compressed itself and stored in `records.dict` of the
//! data folder and a copy beside it. It is written before any record that needs it, and never
//! changes.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::{self, JoinHandle};

use tantivy::Directory;
use tantivy::directory::error::OpenReadError;
use zstd::dict::{DecoderDictionary, EncoderDictionary};
use zstd::zstd_safe::{self, CCtx, DCtx};

use crate::index::engine::directory::VerifiedDirectory;
use crate::index::engine::directory::compressed::MAGIC;
use crate::index::engine::pool::Pool;
use crate::index::engine::record::split_page;
use crate::index::{Damage, IndexError, Result};

/// File names of the dictionary. Every record depends on it, so it is stored twice.
const FILES: [&str; 2] = ["records.dict", "records-copy.dict"];

/// First byte of a compressed record. JSON never begins with it.
const COMPRESSED: u8 = 2;

/// zstd level for records. The next level takes half as long again for 1.5% less.
const LEVEL: i32 = 5;

/// zstd level for the dictionary, which is compressed once.
const DICTIONARY_LEVEL: i32 = 12;

/// Bytes of records to train on. Twice as many make records 0.5% smaller.
pub(in crate::index) const TRAINING_BYTES: usize = 2 << 20;

/// Bytes used of each record, so that a huge one does not dominate the sample.
const MAX_SAMPLE_BYTES: usize = 16 << 10;

/// Size of the dictionary. Half of it makes records 2.5% larger.
const DICTIONARY_BYTES: usize = 512 << 10;

/// Sample of uncompressed records to train a dictionary on.
#[derive(Default)]
pub(in crate::index) struct TrainingSet {
    records: Vec<u8>,
    sizes: Vec<usize>,
}

impl TrainingSet {
    pub(in crate::index) fn add(&mut self, record: &[u8]) {
        let record = &record[..record.len().min(MAX_SAMPLE_BYTES)];
        self.records.extend_from_slice(record);
        self.sizes.push(record.len());
    }

    pub(in crate::index) fn is_empty(&self) -> bool {
        self.sizes.is_empty()
    }

    /// Whether there are [`TRAINING_BYTES`].
    pub(in crate::index) fn is_enough(&self) -> bool {
        self.records.len() >= TRAINING_BYTES
    }
}

/// The codec of one data folder. Clones share the dictionary.
#[derive(Clone)]
pub struct RecordCodec(Arc<Shared>);

struct Shared {
    directory: VerifiedDirectory,
    /// For error messages.
    data: PathBuf,
    /// The dictionary, decompressed.
    loaded: OnceLock<Vec<u8>>,
    encoder: OnceLock<EncoderDictionary<'static>>,
    decoder: OnceLock<DecoderDictionary<'static>>,
    compressors: Pool<CCtx<'static>>,
    decompressors: Pool<DCtx<'static>>,
    /// Trains the dictionary.
    training: Mutex<Option<JoinHandle<Result<()>>>>,
}

impl RecordCodec {
    /// Opens the codec of a data folder. The dictionary is read when first needed.
    ///
    /// # Errors
    /// When the folder does not exist.
    pub(in crate::index) fn open(data: &Path) -> Result<RecordCodec> {
        Ok(RecordCodec(Arc::new(Shared {
            directory: VerifiedDirectory::open(data)?,
            data: data.to_owned(),
            loaded: OnceLock::new(),
            encoder: OnceLock::new(),
            decoder: OnceLock::new(),
            compressors: Pool::default(),
            decompressors: Pool::default(),
            training: Mutex::default(),
        })))
    }

    /// Checks that the dictionary, if there is one, is stored twice.
    ///
    /// # Errors
    /// [`IndexError::Damaged`] when it is not.
    pub(in crate::index) fn verify(&self) -> Result<()> {
        let [first, second] = FILES.map(|file| self.read_file(file));
        match (first?, second?) {
            (Some(_), None) | (None, Some(_)) => {
                Err(damaged("a copy of the dictionary is missing"))
            }
            _ => Ok(()),
        }
    }

    /// Loads the dictionary for compressing, and restores a damaged or missing copy of it. `false`
    /// if the folder has none yet.
    ///
    /// # Errors
    /// When both copies are damaged.
    pub(in crate::index) fn prepare(&self) -> Result<bool> {
        if self.0.encoder.get().is_some() {
            return Ok(true);
        }
        let Some(dictionary) = self.read()? else {
            return Ok(false);
        };
        if self.verify().is_err() {
            self.write(&dictionary)?;
        }
        self.set_encoder(&dictionary)?;
        Ok(true)
    }

    /// Starts training the dictionary on a thread. If no dictionary can be trained on the sample,
    /// say one text repeated, records are compressed without.
    ///
    /// # Errors
    /// When no thread can be started.
    pub(in crate::index) fn train(&self, sample: TrainingSet) -> Result<()> {
        let codec = self.clone();
        let training = thread::Builder::new()
            .name("train".to_owned())
            .spawn(move || codec.train_now(&sample))
            .map_err(|e| {
                IndexError::Engine(format!("cannot start a thread to train a dictionary: {e}"))
            })?;
        *self.training() = Some(training);
        Ok(())
    }

    /// Waits for the training started by [`RecordCodec::train`], if any. The dictionary is on disk
    /// then.
    ///
    /// # Errors
    /// When it could not be written.
    pub(in crate::index) fn finish_training(&self) -> Result<()> {
        match self.training().take().map(JoinHandle::join) {
            None => Ok(()),
            Some(Ok(trained)) => trained,
            Some(Err(_)) => Err(IndexError::Engine(
                "training the dictionary panicked".to_owned(),
            )),
        }
    }

    fn training(&self) -> MutexGuard<'_, Option<JoinHandle<Result<()>>>> {
        self.0
            .training
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn train_now(&self, sample: &TrainingSet) -> Result<()> {
        let max_bytes = DICTIONARY_BYTES.min(sample.records.len() / 4);
        let Ok(dictionary) = zstd::dict::from_continuous(&sample.records, &sample.sizes, max_bytes)
        else {
            return Ok(());
        };
        self.write(&dictionary)?;
        self.set_encoder(&dictionary)
    }

    fn write(&self, dictionary: &[u8]) -> Result<()> {
        let compressed = zstd::bulk::compress(dictionary, DICTIONARY_LEVEL)
            .map_err(|e| IndexError::Engine(format!("a dictionary cannot be compressed: {e}")))?;
        for file in FILES {
            self.0
                .directory
                .atomic_write(Path::new(file), &compressed)
                .map_err(|e| IndexError::io(&self.0.data.join(file), e))?;
        }
        Ok(())
    }

    fn set_encoder(&self, dictionary: &[u8]) -> Result<()> {
        let dictionary = EncoderDictionary::try_copy(dictionary, LEVEL).map_err(damaged)?;
        let _ = self.0.encoder.set(dictionary);
        Ok(())
    }

    /// Reads the dictionary from whichever copy is intact; `None` when there is none.
    ///
    /// # Errors
    /// When both copies are damaged.
    pub(in crate::index) fn read(&self) -> Result<Option<Vec<u8>>> {
        let [first, second] = FILES;
        match self.read_file(first) {
            Ok(Some(dictionary)) => Ok(Some(dictionary)),
            first => match (first, self.read_file(second)) {
                (_, Ok(Some(dictionary))) => Ok(Some(dictionary)),
                (Err(e), _) | (_, Err(e)) => Err(e),
                (Ok(_), Ok(None)) => Ok(None),
            },
        }
    }

    fn read_file(&self, file: &str) -> Result<Option<Vec<u8>>> {
        let compressed = match self.0.directory.atomic_read(Path::new(file)) {
            Ok(compressed) => compressed,
            Err(OpenReadError::FileDoesNotExist(_)) => return Ok(None),
            Err(OpenReadError::IoError { io_error, .. }) => return Err(damaged(io_error)),
            Err(e) => return Err(damaged(e)),
        };
        zstd::bulk::decompress(&compressed, DICTIONARY_BYTES)
            .map(Some)
            .map_err(damaged)
    }

    /// Reads the dictionary, if any, now: the folder may be removed while it is in use.
    ///
    /// # Errors
    /// When it is there and cannot be read.
    pub(in crate::index) fn load(&self) -> Result<()> {
        if self.0.loaded.get().is_none()
            && let Some(dictionary) = self.read()?
        {
            let _ = self.0.loaded.set(dictionary);
        }
        Ok(())
    }

    /// Compresses a record, or returns it unchanged if compression does not make it smaller.
    pub(in crate::index) fn compress(&self, record: &[u8]) -> Vec<u8> {
        let (page, body) = split_page(record);
        let mut frame = Vec::with_capacity(zstd_safe::compress_bound(body.len()));
        let context = self.0.compressors.take().or_else(CCtx::try_create);
        let compressed = context.and_then(|mut context| {
            let compressed = match self.0.encoder.get() {
                Some(dictionary) => {
                    context.compress_using_cdict(&mut frame, body, dictionary.as_cdict())
                }
                None => context.compress(&mut frame, body, LEVEL),
            };
            self.0.compressors.put(context);
            compressed.ok()
        });
        match compressed.and_then(|_| frame.strip_prefix(&MAGIC)) {
            Some(frame) if frame.len() < body.len() => [page, &[COMPRESSED], frame].concat(),
            _ => record.to_vec(),
        }
    }

    /// Decompresses a stored record and drops its page prefix.
    ///
    /// # Errors
    /// [`IndexError::Damaged`] when the bytes are corrupt or the dictionary is missing.
    pub(in crate::index) fn decompress<'s>(&self, stored: &'s [u8]) -> Result<Cow<'s, [u8]>> {
        let (_, body) = split_page(stored);
        let Some((&COMPRESSED, frame)) = body.split_first() else {
            return Ok(Cow::Borrowed(body));
        };
        let frame = [&MAGIC, frame].concat();
        let size = zstd_safe::get_frame_content_size(&frame).ok().flatten();
        let size = size.and_then(|size| usize::try_from(size).ok());
        let size = size.ok_or_else(|| damaged("its length is missing"))?;
        let mut record = Vec::new();
        record.try_reserve_exact(size).map_err(damaged)?;
        let dictionary = match zstd_safe::get_dict_id_from_frame(&frame) {
            Some(_) => Some(self.decoder()?),
            None => None,
        };
        let context = self.0.decompressors.take().or_else(DCtx::try_create);
        let mut context = context.ok_or_else(|| damaged("out of memory"))?;
        let decompressed = match dictionary {
            Some(dictionary) => {
                context.decompress_using_ddict(&mut record, &frame, dictionary.as_ddict())
            }
            None => context.decompress(&mut record, &frame),
        };
        self.0.decompressors.put(context);
        match decompressed {
            Ok(_) => Ok(Cow::Owned(record)),
            Err(code) => Err(damaged(zstd_safe::get_error_name(code))),
        }
    }

    fn decoder(&self) -> Result<&DecoderDictionary<'static>> {
        if let Some(dictionary) = self.0.decoder.get() {
            return Ok(dictionary);
        }
        self.load()?;
        let dictionary = self.0.loaded.get();
        let dictionary = dictionary.ok_or_else(|| damaged("the dictionary is missing"))?;
        let dictionary = DecoderDictionary::try_copy(dictionary).map_err(damaged)?;
        Ok(self.0.decoder.get_or_init(|| dictionary))
    }
}

fn damaged(e: impl std::fmt::Display) -> IndexError {
    IndexError::Damaged(Damage::Record(format!("it cannot be decompressed: {e}")))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use proptest::prelude::*;

    use super::*;

    /// Records with common phrases, like real ones.
    fn records(count: usize) -> Vec<Vec<u8>> {
        (0..count)
            .map(|i| {
                let body: String = (0..40)
                    .map(|n| format!("{} 장관은 {}일 국회에서 밝혔다. ", i * n % 97, i % 31))
                    .collect();
                format!(r#"{{"id":"{i}","headline":"소식 {i}","body":"{body}"}}"#).into_bytes()
            })
            .collect()
    }

    fn trained(dir: &Path, records: &[Vec<u8>]) -> RecordCodec {
        let codec = RecordCodec::open(dir).unwrap();
        assert!(!codec.prepare().unwrap());
        let mut sample = TrainingSet::default();
        records.iter().for_each(|record| sample.add(record));
        codec.train(sample).unwrap();
        codec.finish_training().unwrap();
        codec
    }

    #[test]
    fn records_round_trip_with_and_without_a_dictionary() {
        let dir = tempfile::tempdir().unwrap();
        let records = records(1_000);
        let plain = RecordCodec::open(dir.path()).unwrap();
        let before = plain.compress(&records[7]);
        let codec = trained(dir.path(), &records);
        let after = codec.compress(&records[7]);
        assert!(after.len() < before.len() && before.len() < records[7].len());
        // Another process reads the dictionary from the folder, and so does a codec that was opened
        // before it was written.
        for reader in [&RecordCodec::open(dir.path()).unwrap(), &plain, &codec] {
            for stored in [&before, &after, &records[7]] {
                assert_eq!(reader.decompress(stored).unwrap(), records[7]);
            }
        }
        assert!(RecordCodec::open(dir.path()).unwrap().prepare().unwrap());
    }

    #[test]
    fn a_damaged_dictionary_is_restored_from_its_copy() {
        let dir = tempfile::tempdir().unwrap();
        let records = records(1_000);
        let stored = trained(dir.path(), &records).compress(&records[7]);
        let paths = FILES.map(|file| dir.path().join(file));
        let whole = fs::read(&paths[0]).unwrap();
        for at in (0..whole.len()).step_by(whole.len() / 20) {
            for path in &paths {
                let mut bytes = whole.clone();
                bytes[at] ^= 4;
                fs::write(path, bytes).unwrap();
                let codec = RecordCodec::open(dir.path()).unwrap();
                assert_eq!(codec.decompress(&stored).unwrap(), records[7]);
                assert!(codec.verify().is_err());
                assert!(codec.prepare().unwrap());
                codec.verify().unwrap();
                assert_eq!(fs::read(path).unwrap(), whole);
            }
        }
        for path in &paths {
            fs::remove_file(path).unwrap();
            let codec = RecordCodec::open(dir.path()).unwrap();
            assert_eq!(codec.decompress(&stored).unwrap(), records[7]);
            assert!(codec.verify().is_err() && codec.prepare().unwrap());
        }
    }

    #[test]
    fn a_missing_dictionary_is_an_error() {
        let dir = tempfile::tempdir().unwrap();
        let records = records(1_000);
        let stored = trained(dir.path(), &records).compress(&records[7]);
        for file in FILES {
            fs::write(dir.path().join(file), "damaged").unwrap();
        }
        let codec = RecordCodec::open(dir.path()).unwrap();
        assert!(codec.decompress(&stored).is_err() && codec.read().is_err());
        assert!(codec.prepare().is_err() && codec.verify().is_err());
        for file in FILES {
            fs::remove_file(dir.path().join(file)).unwrap();
        }
        assert!(
            RecordCodec::open(dir.path())
                .unwrap()
                .decompress(&stored)
                .is_err()
        );
    }

    #[test]
    fn records_are_compressed_without_a_dictionary() {
        let dir = tempfile::tempdir().unwrap();
        let same = vec![b"{}".to_vec(); 3];
        let codec = trained(dir.path(), &same);
        assert!(!codec.prepare().unwrap());
        let long = vec![b'a'; 10_000];
        let stored = codec.compress(&long);
        assert!(stored.len() < 100);
        assert_eq!(codec.decompress(&stored).unwrap(), long);
    }

    proptest! {
        #[test]
        fn any_record_round_trips(
            body in prop::collection::vec(any::<u8>(), 0..300),
            times in 1usize..20,
            page in any::<Option<[u8; 16]>>(),
        ) {
            let dir = tempfile::tempdir().unwrap();
            let codec = RecordCodec::open(dir.path()).unwrap();
            let body = [b"{".to_vec(), body.repeat(times)].concat();
            let prefix = page.map_or_else(Vec::new, |key| [&[1], &key[..]].concat());
            let stored = codec.compress(&[prefix.clone(), body.clone()].concat());
            prop_assert!(stored.starts_with(&prefix));
            prop_assert_eq!(codec.decompress(&stored).unwrap(), body);
        }

        #[test]
        fn any_bytes_are_accepted(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
            let dir = tempfile::tempdir().unwrap();
            let codec = RecordCodec::open(dir.path()).unwrap();
            let _ = codec.decompress(&bytes);
            let _ = codec.decompress(&[&[COMPRESSED], &bytes[..]].concat());
        }
    }
}
