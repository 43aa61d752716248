//! Stored records, each packed by itself with a dictionary of what all of them say.
//!
//! A record is some 2 kB of Korean: too little for a packer to train from, so that the engine's own
//! way is to pack records in blocks of many, and to unpack a block for one of them. Here the packer
//! learns once: from the first records of an index comes a dictionary, kept beside the engine's
//! files, and every record is packed and read alone. Against blocks of 64 KB that takes an
//! eighth less room, and reading a record unpacks it alone.
//!
//! What is inside a record is the matter of `record`.
//!
//! ```text
//! [01 key of the page]?  { ...                         a record as `record` writes it
//! [01 key of the page]?  02 zstd frame without magic   the same, packed (RFC 8878)
//! ```
//!
//! The dictionary is zstd's (RFC 8878, 5), itself packed, in `records.dict` of the data folder and once
//! more beside it. It is there before any record that needs it, and never changes.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::{self, JoinHandle};

use tantivy::Directory;
use tantivy::directory::error::OpenReadError;
use zstd::dict::{DecoderDictionary, EncoderDictionary};
use zstd::zstd_safe::{self, CCtx, DCtx};

use crate::index::engine::directory::VerifiedDirectory;
use crate::index::engine::directory::packed::MAGIC;
use crate::index::engine::pool::Pool;
use crate::index::engine::record::split_page;
use crate::index::{IndexError, Result};

/// Names of the dictionary's file and its copy. Every record needs it, so it is there twice.
const FILES: [&str; 2] = ["records.dict", "records-copy.dict"];

/// First byte of a packed record. JSON never begins so.
const PACKED: u8 = 2;

/// Level of zstd for records. The next one takes half as long again for 1.5% less.
const LEVEL: i32 = 5;

/// Level of zstd for the dictionary, packed once.
const LEVEL_OF_DICTIONARY: i32 = 12;

/// Bytes of records that a dictionary is made of. Twice as many make records 0.5% smaller.
pub(in crate::index) const TRAINING_BYTES: usize = 2 << 20;

/// Bytes of one record in the training set, so that a huge one is not all of it.
const SAMPLE_OF_ONE: usize = 16 << 10;

/// Bytes of a dictionary. Half as many make records 2.5% larger.
const DICTIONARY_BYTES: usize = 512 << 10;

/// Records to train from, not packed.
#[derive(Default)]
pub(in crate::index) struct TrainingSet {
    records: Vec<u8>,
    sizes: Vec<usize>,
}

impl TrainingSet {
    /// Adds a record.
    pub(in crate::index) fn add(&mut self, record: &[u8]) {
        let record = &record[..record.len().min(SAMPLE_OF_ONE)];
        self.records.extend_from_slice(record);
        self.sizes.push(record.len());
    }

    /// Whether there is nothing to train from.
    pub(in crate::index) fn is_empty(&self) -> bool {
        self.sizes.is_empty()
    }

    /// Whether it is enough.
    pub(in crate::index) fn is_enough(&self) -> bool {
        self.records.len() >= TRAINING_BYTES
    }
}

/// The packing of one data folder. Clones share what they train.
#[derive(Clone)]
pub struct RecordCodec(Arc<Shared>);

struct Shared {
    directory: VerifiedDirectory,
    /// The data folder, for messages.
    data: PathBuf,
    /// The dictionary as it was read.
    loaded: OnceLock<Vec<u8>>,
    packer: OnceLock<EncoderDictionary<'static>>,
    unpacker: OnceLock<DecoderDictionary<'static>>,
    packing: Pool<CCtx<'static>>,
    unpacking: Pool<DCtx<'static>>,
    /// The thread that makes the dictionary.
    learning: Mutex<Option<JoinHandle<Result<()>>>>,
}

impl RecordCodec {
    /// The packing of a data folder. Its dictionary is read when it is first needed.
    ///
    /// # Errors
    /// When there is no such folder.
    pub(in crate::index) fn open(data: &Path) -> Result<RecordCodec> {
        Ok(RecordCodec(Arc::new(Shared {
            directory: VerifiedDirectory::open(data)?,
            data: data.to_owned(),
            loaded: OnceLock::new(),
            packer: OnceLock::new(),
            unpacker: OnceLock::new(),
            packing: Pool::default(),
            unpacking: Pool::default(),
            learning: Mutex::default(),
        })))
    }

    /// Whether the dictionary of the folder, if it has one, is there twice.
    ///
    /// # Errors
    /// [`IndexError::Damaged`] when it is not.
    pub(in crate::index) fn verify(&self) -> Result<()> {
        let [first, second] = FILES.map(|file| self.read_file(file));
        match (first?, second?) {
            (Some(_), None) | (None, Some(_)) => Err(damaged("its dictionary lacks its copy")),
            _ => Ok(()),
        }
    }

    /// Makes ready to pack with the dictionary of the folder, and mends it where one copy of it is
    /// damaged. `false` when there is none yet.
    ///
    /// # Errors
    /// When it is there and cannot be read.
    pub(in crate::index) fn prepare(&self) -> Result<bool> {
        if self.0.packer.get().is_some() {
            return Ok(true);
        }
        let Some(dictionary) = self.read()? else {
            return Ok(false);
        };
        if self.verify().is_err() {
            self.write(&dictionary)?;
        }
        self.pack_with(&dictionary)?;
        Ok(true)
    }

    /// Begins to make the dictionary of the folder, in a thread of its own. A sample that no dictionary
    /// can be made of, one text again and again, is left: then records are packed without.
    ///
    /// # Errors
    /// When no thread can be begun.
    pub(in crate::index) fn train(&self, sample: TrainingSet) -> Result<()> {
        let packing = self.clone();
        let learning = thread::Builder::new()
            .name("train".to_owned())
            .spawn(move || packing.learn_now(&sample))
            .map_err(|e| IndexError::Engine(format!("no thread for a dictionary: {e}")))?;
        *self.learning() = Some(learning);
        Ok(())
    }

    /// Waits for the dictionary that is being made, if one is. It is on disk then.
    ///
    /// # Errors
    /// When it could not be written.
    pub(in crate::index) fn learned(&self) -> Result<()> {
        match self.learning().take().map(JoinHandle::join) {
            None => Ok(()),
            Some(Ok(learned)) => learned,
            Some(Err(_)) => Err(IndexError::Engine("no dictionary could be made".to_owned())),
        }
    }

    fn learning(&self) -> MutexGuard<'_, Option<JoinHandle<Result<()>>>> {
        self.0
            .learning
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn learn_now(&self, sample: &TrainingSet) -> Result<()> {
        let most = DICTIONARY_BYTES.min(sample.records.len() / 4);
        let Ok(dictionary) = zstd::dict::from_continuous(&sample.records, &sample.sizes, most)
        else {
            return Ok(());
        };
        self.write(&dictionary)?;
        self.pack_with(&dictionary)
    }

    fn write(&self, dictionary: &[u8]) -> Result<()> {
        let packed = zstd::bulk::compress(dictionary, LEVEL_OF_DICTIONARY)
            .map_err(|e| IndexError::Engine(format!("a dictionary cannot be packed: {e}")))?;
        for file in FILES {
            self.0
                .directory
                .atomic_write(Path::new(file), &packed)
                .map_err(|e| IndexError::io(&self.0.data.join(file), e))?;
        }
        Ok(())
    }

    fn pack_with(&self, dictionary: &[u8]) -> Result<()> {
        let prepared = EncoderDictionary::try_copy(dictionary, LEVEL).map_err(damaged)?;
        let _ = self.0.packer.set(prepared);
        Ok(())
    }

    /// The dictionary of the folder, from whichever file has it; `None` when there is none.
    ///
    /// # Errors
    /// When it is there and cannot be read.
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
        let packed = match self.0.directory.atomic_read(Path::new(file)) {
            Ok(packed) => packed,
            Err(OpenReadError::FileDoesNotExist(_)) => return Ok(None),
            Err(OpenReadError::IoError { io_error, .. }) => return Err(damaged(io_error)),
            Err(e) => return Err(damaged(e)),
        };
        zstd::bulk::decompress(&packed, DICTIONARY_BYTES)
            .map(Some)
            .map_err(damaged)
    }

    /// Reads the dictionary now, if there is one, so that it is there when the folder is removed.
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

    /// Packs a record; leaves it as it is when that does not make it smaller.
    pub(in crate::index) fn pack(&self, record: &[u8]) -> Vec<u8> {
        let (page, body) = split_page(record);
        let mut frame = Vec::with_capacity(zstd_safe::compress_bound(body.len()));
        let context = self.0.packing.take().or_else(CCtx::try_create);
        let packed = context.and_then(|mut context| {
            let packed = match self.0.packer.get() {
                Some(dictionary) => {
                    context.compress_using_cdict(&mut frame, body, dictionary.as_cdict())
                }
                None => context.compress(&mut frame, body, LEVEL),
            };
            self.0.packing.put(context);
            packed.ok()
        });
        match packed.and_then(|_| frame.strip_prefix(&MAGIC)) {
            Some(frame) if frame.len() < body.len() => [page, &[PACKED], frame].concat(),
            _ => record.to_vec(),
        }
    }

    /// A stored record as it was before it was packed, without the key of its page.
    ///
    /// # Errors
    /// [`IndexError::Damaged`] when these are not the bytes that were written, or the dictionary that
    /// they need is not there.
    pub(in crate::index) fn unpack<'s>(&self, stored: &'s [u8]) -> Result<Cow<'s, [u8]>> {
        let (_, body) = split_page(stored);
        let Some((&PACKED, frame)) = body.split_first() else {
            return Ok(Cow::Borrowed(body));
        };
        let frame = [&MAGIC, frame].concat();
        let size = zstd_safe::get_frame_content_size(&frame).ok().flatten();
        let size = size.and_then(|size| usize::try_from(size).ok());
        let size = size.ok_or_else(|| damaged("it has no length"))?;
        let mut record = Vec::new();
        record.try_reserve_exact(size).map_err(damaged)?;
        let dictionary = match zstd_safe::get_dict_id_from_frame(&frame) {
            Some(_) => Some(self.unpacker()?),
            None => None,
        };
        let context = self.0.unpacking.take().or_else(DCtx::try_create);
        let mut context = context.ok_or_else(|| damaged("no memory"))?;
        let unpacked = match dictionary {
            Some(dictionary) => {
                context.decompress_using_ddict(&mut record, &frame, dictionary.as_ddict())
            }
            None => context.decompress(&mut record, &frame),
        };
        self.0.unpacking.put(context);
        match unpacked {
            Ok(_) => Ok(Cow::Owned(record)),
            Err(code) => Err(damaged(zstd_safe::get_error_name(code))),
        }
    }

    fn unpacker(&self) -> Result<&DecoderDictionary<'static>> {
        if let Some(dictionary) = self.0.unpacker.get() {
            return Ok(dictionary);
        }
        self.load()?;
        let dictionary = self.0.loaded.get();
        let dictionary = dictionary.ok_or_else(|| damaged("its dictionary is not there"))?;
        let prepared = DecoderDictionary::try_copy(dictionary).map_err(damaged)?;
        Ok(self.0.unpacker.get_or_init(|| prepared))
    }
}

fn damaged(e: impl std::fmt::Display) -> IndexError {
    IndexError::Damaged(format!("a record cannot be unpacked: {e}"))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use proptest::prelude::*;

    use super::*;

    /// Records that have phrases in common, as records have.
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

    fn learned(dir: &Path, records: &[Vec<u8>]) -> RecordCodec {
        let packing = RecordCodec::open(dir).unwrap();
        assert!(!packing.prepare().unwrap());
        let mut sample = TrainingSet::default();
        records.iter().for_each(|record| sample.add(record));
        packing.train(sample).unwrap();
        packing.learned().unwrap();
        packing
    }

    #[test]
    fn a_record_comes_back_with_and_without_a_dictionary() {
        let dir = tempfile::tempdir().unwrap();
        let records = records(1_000);
        let plain = RecordCodec::open(dir.path()).unwrap();
        let before = plain.pack(&records[7]);
        let packing = learned(dir.path(), &records);
        let after = packing.pack(&records[7]);
        assert!(after.len() < before.len() && before.len() < records[7].len());
        // Another process reads the dictionary from the folder; so does one that was there before it.
        for reader in [&RecordCodec::open(dir.path()).unwrap(), &plain, &packing] {
            for stored in [&before, &after, &records[7]] {
                assert_eq!(reader.unpack(stored).unwrap(), records[7]);
            }
        }
        assert!(RecordCodec::open(dir.path()).unwrap().prepare().unwrap());
    }

    #[test]
    fn a_damaged_dictionary_is_read_from_its_copy_and_mended() {
        let dir = tempfile::tempdir().unwrap();
        let records = records(1_000);
        let stored = learned(dir.path(), &records).pack(&records[7]);
        let paths = FILES.map(|file| dir.path().join(file));
        let whole = fs::read(&paths[0]).unwrap();
        for at in (0..whole.len()).step_by(whole.len() / 20) {
            for path in &paths {
                let mut bytes = whole.clone();
                bytes[at] ^= 4;
                fs::write(path, bytes).unwrap();
                let packing = RecordCodec::open(dir.path()).unwrap();
                assert_eq!(packing.unpack(&stored).unwrap(), records[7]);
                assert!(packing.verify().is_err());
                assert!(packing.prepare().unwrap());
                packing.verify().unwrap();
                assert_eq!(fs::read(path).unwrap(), whole);
            }
        }
        for path in &paths {
            fs::remove_file(path).unwrap();
            let packing = RecordCodec::open(dir.path()).unwrap();
            assert_eq!(packing.unpack(&stored).unwrap(), records[7]);
            assert!(packing.verify().is_err() && packing.prepare().unwrap());
        }
    }

    #[test]
    fn without_a_dictionary_there_is_an_error_and_no_record() {
        let dir = tempfile::tempdir().unwrap();
        let records = records(1_000);
        let stored = learned(dir.path(), &records).pack(&records[7]);
        for file in FILES {
            fs::write(dir.path().join(file), "damaged").unwrap();
        }
        let packing = RecordCodec::open(dir.path()).unwrap();
        assert!(packing.unpack(&stored).is_err() && packing.read().is_err());
        assert!(packing.prepare().is_err() && packing.verify().is_err());
        for file in FILES {
            fs::remove_file(dir.path().join(file)).unwrap();
        }
        assert!(
            RecordCodec::open(dir.path())
                .unwrap()
                .unpack(&stored)
                .is_err()
        );
    }

    #[test]
    fn what_teaches_nothing_is_packed_all_the_same() {
        let dir = tempfile::tempdir().unwrap();
        let same = vec![b"{}".to_vec(); 3];
        let packing = learned(dir.path(), &same);
        assert!(!packing.prepare().unwrap());
        let long = vec![b'a'; 10_000];
        let stored = packing.pack(&long);
        assert!(stored.len() < 100);
        assert_eq!(packing.unpack(&stored).unwrap(), long);
    }

    proptest! {
        #[test]
        fn any_record_comes_back(
            body in prop::collection::vec(any::<u8>(), 0..300),
            times in 1usize..20,
            page in any::<Option<[u8; 16]>>(),
        ) {
            let dir = tempfile::tempdir().unwrap();
            let packing = RecordCodec::open(dir.path()).unwrap();
            let body = [b"{".to_vec(), body.repeat(times)].concat();
            let prefix = page.map_or_else(Vec::new, |key| [&[1], &key[..]].concat());
            let stored = packing.pack(&[prefix.clone(), body.clone()].concat());
            prop_assert!(stored.starts_with(&prefix));
            prop_assert_eq!(packing.unpack(&stored).unwrap(), body);
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
            let dir = tempfile::tempdir().unwrap();
            let packing = RecordCodec::open(dir.path()).unwrap();
            let _ = packing.unpack(&bytes);
            let _ = packing.unpack(&[&[PACKED], &bytes[..]].concat());
        }
    }
}
