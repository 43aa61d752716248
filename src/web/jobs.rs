//! Jobs of the "Add" page: extract what was uploaded, show a preview for correction, and add it once
//! the user confirms. Each job has a temporary folder.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;
use tempfile::TempDir;
use tokio::sync::{Semaphore, watch};
use tokio::task::spawn_blocking;

use crate::app::add::{Extraction, ReadOptions, ReadProgress, Skip};
use crate::app::extract::Provenance;
use crate::app::staged::{self, AddStaged, AddedStaged, StageEvent, Staged};
use crate::app::{App, AppError, today};
use crate::clipping::Clipping;
use crate::korean_time;

/// Maximum number of jobs; the oldest are discarded with their files.
const MAX_JOBS: usize = 32;

/// Maximum total size of the uploads of unfinished jobs, in bytes. Staged clippings are not counted.
const MAX_BYTES: u64 = 16 << 30;

/// Maximum number of clippings in a preview that can be corrected.
pub const MAX_EDITABLE: usize = 20;

/// Maximum number of further clippings listed in a preview.
pub const MAX_LISTED: usize = 200;

/// Maximum number of skipped sources listed in a preview.
const MAX_SKIPS: usize = 200;

/// Maximum number of jobs that extract or add at the same time.
const MAX_RUNNING: usize = 2;

/// How long to wait for the writer lock.
pub const LOCK_WAIT: Duration = Duration::from_secs(if cfg!(test) { 0 } else { 10 });

/// The command shown to other processes as the holder of the writer lock.
pub const COMMAND: &str = "serve";

/// Maximum length of a file name in bytes; most file systems allow 255.
const MAX_NAME_BYTES: usize = 200;

/// Maximum number of components of an uploaded path.
const MAX_DEPTH: usize = 32;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// The sources are being extracted.
    #[default]
    Reading,
    /// The preview waits for the user.
    Ready,
    /// The clippings are being added.
    Adding,
    /// The clippings are in the index.
    Done,
    /// Extraction failed, or a bug ended the job.
    Failed,
}

impl Phase {
    /// Whether the job progresses without user input.
    pub fn is_running(self) -> bool {
        matches!(self, Phase::Reading | Phase::Adding)
    }
}

/// The visible state of a job. The serialized fields are sent as events.
#[derive(Debug, Clone, Default, Serialize)]
pub struct State {
    pub phase: Phase,
    /// Clippings extracted or added so far.
    pub clippings: u64,
    /// Progress by bytes or clippings in percent, if their number is known.
    pub percent: Option<u64>,
    /// The source being read.
    pub current: String,
    pub skipped: u64,
    #[serde(skip)]
    pub skips: Vec<Skip>,
    #[serde(skip)]
    pub shown: Vec<PreviewItem>,
    #[serde(skip)]
    pub listed: Vec<Clipping>,
    #[serde(skip)]
    pub added: Option<Arc<AddedStaged>>,
    #[serde(skip)]
    pub error: Option<Arc<AppError>>,
}

/// A clipping of a preview that can be corrected.
#[derive(Debug, Clone)]
pub struct PreviewItem {
    pub clipping: Clipping,
    /// Field, and where in the page its value was found.
    pub provenance: Vec<Provenance>,
}

/// The input of a job.
#[derive(Debug, Default)]
pub struct Sources {
    /// Files, folders and URLs.
    pub paths: Vec<PathBuf>,
    /// The URL of a page, if the page does not contain it.
    pub page_url: Option<String>,
    /// Store the original pages with the clippings.
    pub keep_pages: bool,
}

impl Sources {
    pub fn options(self) -> ReadOptions {
        ReadOptions {
            paths: self.paths,
            page_url: self.page_url,
            extraction: Extraction {
                keep_pages: self.keep_pages,
                ..Extraction::default()
            },
            ..ReadOptions::default()
        }
    }
}

/// A temporary folder with the files of one request.
#[derive(Debug)]
pub struct Upload {
    dir: TempDir,
    files: HashSet<PathBuf>,
    folders: HashSet<PathBuf>,
    /// The entries at the top level, in order of arrival.
    top: Vec<PathBuf>,
}

impl Upload {
    /// Creates an empty folder.
    pub fn new() -> io::Result<Upload> {
        let mut builder = tempfile::Builder::new();
        builder.prefix("clippings-");
        let dir = match large_folder() {
            Some(folder) => builder.tempdir_in(folder)?,
            None => builder.tempdir()?,
        };
        fs::create_dir(dir.path().join("files"))?;
        Ok(Upload {
            dir,
            files: HashSet::new(),
            folders: HashSet::new(),
            top: Vec::new(),
        })
    }

    fn root(&self) -> PathBuf {
        self.dir.path().join("files")
    }

    /// Creates a file for an uploaded one called `name`, which may include folders. The name is made safe
    /// and unique.
    pub fn create(&mut self, name: &str) -> io::Result<File> {
        let mut relative = safe_path(name);
        // Two files with the same name, or a file with the name of a folder.
        let mut ancestors = relative.ancestors();
        if self.folders.contains(&relative) || ancestors.any(|path| self.files.contains(path)) {
            let top = relative.components().next().map(Component::as_os_str);
            let top = top.unwrap_or_default().display();
            let numbered = format!("{}-{top}", self.files.len() + 1);
            let rest = relative.components().skip(1);
            relative = std::iter::once(Component::Normal(numbered.as_ref()))
                .chain(rest)
                .collect();
        }
        let path = self.root().join(&relative);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let file = File::create_new(&path)?;
        if let Some(top) = relative.components().next()
            && !self.folders.contains(Path::new(&top))
        {
            self.top.push(self.root().join(top));
        }
        for folder in relative.ancestors().skip(1) {
            self.folders.insert(folder.to_owned());
        }
        self.files.insert(relative);
        Ok(file)
    }

    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// The files and folders at the top level, in order of arrival.
    pub fn paths(&self) -> Vec<PathBuf> {
        self.top.clone()
    }

    /// The parent folder of the files, for intermediate results.
    pub fn folder(&self) -> &Path {
        self.dir.path()
    }

    /// `source` relative to the folder, as the user named it.
    pub fn display_source(&self, source: &str) -> String {
        let root = self.root();
        let relative = source.strip_prefix(&*root.to_string_lossy());
        relative
            .unwrap_or(source)
            .trim_start_matches(['/', '\\'])
            .to_owned()
    }
}

/// `/var/tmp`, unless `TMPDIR` is set: `/tmp` is in memory on many systems.
fn large_folder() -> Option<&'static Path> {
    let folder = Path::new("/var/tmp");
    let is_chosen = std::env::var_os("TMPDIR").is_some();
    (cfg!(unix) && !is_chosen && folder.is_dir()).then_some(folder)
}

/// A relative path without `..`, control characters or overlong components.
fn safe_path(name: &str) -> PathBuf {
    let parts: Vec<String> = name
        .split(['/', '\\'])
        .filter(|part| !matches!(*part, "" | "." | ".."))
        .map(|part| {
            let is_bad = |c: char| c.is_control() || (cfg!(windows) && "<>:\"|?*".contains(c));
            let part: String = part
                .chars()
                .map(|c| if is_bad(c) { '_' } else { c })
                .collect();
            // Keep the end, which has the extension.
            let from = part.len().saturating_sub(MAX_NAME_BYTES);
            let from = (from..part.len()).find(|at| part.is_char_boundary(*at));
            part.get(from.unwrap_or(0)..).unwrap_or_default().to_owned()
        })
        .collect();
    let parts = parts
        .get(parts.len().saturating_sub(MAX_DEPTH)..)
        .unwrap_or_default();
    match parts.is_empty() {
        true => PathBuf::from("clippings"),
        false => parts.iter().collect(),
    }
}

/// A file name for pasted content, such as `2024-02-22 103100.txt`.
pub fn pasted_name(ending: &str) -> String {
    let time = korean_time::now().time();
    let (h, m, s) = (time.hour(), time.minute(), time.second());
    format!("{} {h:02}{m:02}{s:02}.{ending}", today())
}

#[derive(Debug)]
pub struct Job {
    pub id: String,
    /// Sequence number.
    number: u64,
    upload: Upload,
    bytes: u64,
    /// The name shown in the list of open jobs.
    pub title: String,
    state: watch::Sender<State>,
    staged: Mutex<Option<Arc<Staged>>>,
    stop: Arc<AtomicBool>,
}

impl Job {
    /// A copy of the current state.
    pub fn state(&self) -> State {
        self.state.borrow().clone()
    }

    pub fn phase(&self) -> Phase {
        self.state.borrow().phase
    }

    /// Receives changes of the state.
    pub fn watch(&self) -> watch::Receiver<State> {
        self.state.subscribe()
    }

    /// Stops the job. Clippings added so far are kept.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    fn read(&self, options: ReadOptions) {
        let folder = self.upload.folder();
        let progress = |progress: &ReadProgress| {
            let current = self.upload.display_source(&progress.current);
            let percent = progress.total_bytes.map(|total| {
                let percent = progress.bytes.saturating_mul(100) / total.max(1);
                percent.min(100)
            });
            self.state.send_if_modified(|state| {
                let is_new = state.current != current || state.percent != percent;
                (state.current, state.percent) = (current, percent);
                is_new
            });
        };
        let mut on = |event: StageEvent<'_>| match event {
            StageEvent::Extracted(item) => self.state.send_modify(|state| {
                state.clippings += 1;
                if state.shown.len() < MAX_EDITABLE {
                    state.shown.push(PreviewItem {
                        clipping: item.clipping.clone(),
                        provenance: item.provenance.clone(),
                    });
                } else if state.listed.len() < MAX_LISTED {
                    state.listed.push(summary_of(&item.clipping));
                }
            }),
            StageEvent::Skipped(skip) => self.state.send_modify(|state| {
                state.skipped += 1;
                if state.skips.len() < MAX_SKIPS {
                    state.skips.push(skip.clone());
                }
            }),
        };
        let name = |source: &str| self.upload.display_source(source);
        let staged = staged::stage(options, folder, &name, &self.stop, Some(&progress), &mut on);
        // The uploaded files are no longer needed.
        let _ = fs::remove_dir_all(self.upload.root());
        self.state.send_modify(|state| match staged {
            Ok(staged) => {
                *self.staged() = Some(Arc::new(staged));
                state.phase = Phase::Ready;
            }
            Err(e) => {
                state.phase = Phase::Failed;
                state.error = Some(Arc::new(e));
            }
        });
    }

    fn staged(&self) -> MutexGuard<'_, Option<Arc<Staged>>> {
        self.staged.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Replaces the clippings of the preview by corrected ones.
    pub fn correct(&self, corrected: Vec<Clipping>) {
        self.state.send_modify(|state| {
            for (shown, clipping) in state.shown.iter_mut().zip(corrected) {
                shown.clipping = clipping;
            }
        });
    }

    fn begin_adding(&self) -> bool {
        self.state.send_if_modified(|state| {
            let is_ready = state.phase == Phase::Ready;
            if is_ready {
                state.phase = Phase::Adding;
                state.error = None;
                (state.clippings, state.percent) = (0, None);
                state.current.clear();
            }
            is_ready
        })
    }

    fn add(&self, app: &App, left_out: &HashSet<u64>) {
        let Some(staged) = self.staged().clone() else {
            return;
        };
        let shown: Vec<Clipping> = self
            .state
            .borrow()
            .shown
            .iter()
            .map(|shown| shown.clipping.clone())
            .collect();
        let total = staged.count;
        let how = AddStaged {
            command: COMMAND,
            wait: LOCK_WAIT,
            correct: &|number, clipping| match left_out.contains(&number) {
                true => None,
                false => {
                    let at = usize::try_from(number).ok();
                    let corrected = at.and_then(|at| shown.get(at)).cloned();
                    Some(corrected.unwrap_or(clipping))
                }
            },
            progress: &|number| {
                let percent = number.saturating_mul(100) / total.max(1);
                self.state.send_if_modified(|state| {
                    let is_new = state.percent != Some(percent);
                    (state.clippings, state.percent) = (number, Some(percent));
                    is_new
                });
            },
        };
        let added = app.add_staged(&staged, &how, &self.stop);
        self.state.send_modify(|state| match added {
            Ok(added) => {
                state.phase = Phase::Done;
                state.added = Some(Arc::new(added));
            }
            // Back to the preview: the user may try again.
            Err(e) => {
                state.phase = Phase::Ready;
                state.clippings = total;
                state.error = Some(Arc::new(e));
            }
        });
        if self.phase() == Phase::Done {
            *self.staged() = None;
            let _ = fs::remove_dir_all(self.upload.dir.path());
        }
    }
}

/// The fields of a clipping that lists show, to save memory.
fn summary_of(clipping: &Clipping) -> Clipping {
    Clipping {
        headline: clipping.headline.chars().take(300).collect(),
        body: clipping.body.chars().take(100).collect(),
        outlet: clipping.outlet.clone(),
        published: clipping.published,
        ..Clipping::default()
    }
}

/// All jobs of the server.
#[derive(Debug)]
pub struct Jobs {
    jobs: Mutex<Vec<Arc<Job>>>,
    count: AtomicU64,
    running: Arc<Semaphore>,
    /// True once the server is shutting down.
    closing: watch::Sender<bool>,
    /// The same as a flag, for work without a job.
    stop: Arc<AtomicBool>,
}

/// The running jobs use up [`MAX_BYTES`] or [`MAX_JOBS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Full;

impl Default for Jobs {
    fn default() -> Jobs {
        Jobs {
            jobs: Mutex::default(),
            count: AtomicU64::new(0),
            running: Arc::new(Semaphore::new(MAX_RUNNING)),
            closing: watch::Sender::new(false),
            stop: Arc::default(),
        }
    }
}

impl Jobs {
    fn all(&self) -> MutexGuard<'_, Vec<Arc<Job>>> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn get(&self, id: &str) -> Option<Arc<Job>> {
        self.all().iter().find(|job| job.id == id).cloned()
    }

    /// Jobs that are running or waiting for the user, newest first.
    pub fn open(&self) -> Vec<Arc<Job>> {
        let mut open: Vec<_> = self
            .all()
            .iter()
            .filter(|job| job.phase().is_running() || job.phase() == Phase::Ready)
            .cloned()
            .collect();
        open.reverse();
        open
    }

    /// Stops and removes a job, with its files.
    pub fn discard(&self, id: &str) {
        let mut jobs = self.all();
        if let Some(at) = jobs.iter().position(|job| job.id == id) {
            jobs.remove(at).stop();
        }
    }

    /// Starts a job that extracts `sources`; `bytes` is the size of the uploaded files.
    ///
    /// # Errors
    /// When the operating system provides no random bytes for its id.
    pub fn begin(
        &self,
        upload: Upload,
        bytes: u64,
        title: String,
        sources: Sources,
    ) -> io::Result<Result<Arc<Job>, Full>> {
        let mut id = [0; 16];
        getrandom::fill(&mut id).map_err(io::Error::other)?;
        let job = Arc::new(Job {
            id: id.iter().map(|byte| format!("{byte:02x}")).collect(),
            number: self.count.fetch_add(1, Ordering::Relaxed),
            upload,
            bytes,
            title,
            state: watch::Sender::default(),
            staged: Mutex::default(),
            stop: Arc::default(),
        });
        if !self.keep(&job) {
            return Ok(Err(Full));
        }
        self.spawn(&job, move |job| job.read(sources.options()));
        Ok(Ok(job))
    }

    /// Registers a job, discarding the oldest ones that are not running if necessary. Returns false if
    /// there is no room.
    fn keep(&self, job: &Arc<Job>) -> bool {
        let mut jobs = self.all();
        let held = |jobs: &[Arc<Job>]| -> u64 {
            let holding = jobs.iter().filter(|job| job.phase() != Phase::Done);
            holding.map(|job| job.bytes).sum()
        };
        loop {
            let is_full = held(&jobs) + job.bytes > MAX_BYTES;
            if !is_full && jobs.len() < MAX_JOBS {
                break;
            }
            let numbered = jobs.iter().map(|job| (job.phase(), job.number));
            let idle = numbered.enumerate().filter(|(_, (phase, _))| {
                !(phase.is_running() || is_full && *phase == Phase::Done)
            });
            let oldest = idle.min_by_key(|(_, (phase, number))| (*phase == Phase::Ready, *number));
            let Some((oldest, _)) = oldest else {
                return false;
            };
            jobs.remove(oldest);
        }
        jobs.push(Arc::clone(job));
        true
    }

    /// Starts adding the clippings of a job, except those numbered in `left_out`. Does nothing unless the
    /// job is waiting for the user.
    pub fn add(&self, site: &Arc<super::Site>, job: &Arc<Job>, left_out: HashSet<u64>) {
        if job.begin_adding() {
            let site = Arc::clone(site);
            self.spawn(job, move |job| job.add(&site.app, &left_out));
        }
    }

    fn spawn(&self, job: &Arc<Job>, work: impl FnOnce(&Job) + Send + 'static) {
        let (running, job) = (Arc::clone(&self.running), Arc::clone(job));
        drop(tokio::spawn(async move {
            // The semaphore is never closed.
            if let Ok(permit) = running.acquire_owned().await {
                drop(spawn_blocking(move || {
                    let _permit = permit;
                    // A bug must not leave the job running for ever.
                    if catch_unwind(AssertUnwindSafe(|| work(&job))).is_err() {
                        job.state.send_modify(|state| state.phase = Phase::Failed);
                    }
                }));
            }
        }));
    }

    /// Runs `work` under the same limit as jobs, and waits for its result.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        let permit = Arc::clone(&self.running).acquire_owned().await.ok()?;
        let done = spawn_blocking(move || {
            let _permit = permit;
            work()
        });
        done.await.ok()
    }

    /// Set when the server is shutting down.
    pub fn stop(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.stop)
    }

    /// Becomes true when the server is shutting down.
    pub fn closing(&self) -> watch::Receiver<bool> {
        self.closing.subscribe()
    }

    /// Stops all jobs, for shutdown.
    pub fn close(&self) {
        self.closing.send_replace(true);
        self.stop.store(true, Ordering::Relaxed);
        for job in self.all().iter() {
            job.stop();
        }
    }

    /// Waits until no job is running, then removes their folders.
    pub async fn closed(&self) {
        let permits = u32::try_from(MAX_RUNNING).unwrap_or(1);
        let _all = self.running.acquire_many(permits).await;
        self.all().clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uploaded_names_cannot_leave_the_folder() {
        let mut upload = Upload::new().unwrap();
        let long = format!("{}.html", "가".repeat(300));
        for name in [
            "../../etc/passwd",
            "..",
            "C:\\x\\기사.html",
            "",
            "/",
            "a\u{0}b",
            "folder/a.html",
            "folder/sub/b.html",
            "folder",
            "folder",
            "folder/a.html",
            &long,
        ] {
            upload.create(name).unwrap();
        }
        let root = upload.root();
        for file in &upload.files {
            let path = root.join(file).canonicalize().unwrap();
            assert!(path.starts_with(root.canonicalize().unwrap()), "{path:?}");
        }
        assert_eq!(upload.files.len(), 12);
        let file = root.join("folder/a.html");
        assert_eq!(
            upload.display_source(&file.display().to_string()),
            "folder/a.html"
        );
        assert_eq!(
            upload.display_source("https://news.example/1"),
            "https://news.example/1"
        );
        let names = upload.files.iter().map(|file| file.display().to_string());
        assert!(
            names
                .into_iter()
                .any(|name| name.ends_with("가.html") && name.len() <= MAX_NAME_BYTES)
        );
    }

    fn job(jobs: &Jobs, number: u64, phase: Phase, bytes: u64) -> Arc<Job> {
        let job = Job {
            id: number.to_string(),
            number,
            upload: Upload::new().unwrap(),
            bytes,
            title: String::new(),
            state: watch::Sender::new(State {
                phase,
                ..State::default()
            }),
            staged: Mutex::default(),
            stop: Arc::default(),
        };
        let job = Arc::new(job);
        jobs.keep(&job);
        job
    }

    #[test]
    fn oldest_idle_jobs_are_discarded_first() {
        let jobs = Jobs::default();
        job(&jobs, 0, Phase::Adding, 0);
        job(&jobs, 1, Phase::Ready, 0);
        for number in 2..MAX_JOBS as u64 {
            job(&jobs, number, Phase::Done, 0);
        }
        job(&jobs, 100, Phase::Ready, 0);
        assert!(jobs.get("0").is_some() && jobs.get("1").is_some() && jobs.get("2").is_none());
        job(&jobs, 101, Phase::Ready, MAX_BYTES);
        assert!(jobs.get("1").is_some() && jobs.get("3").is_none());
        let large = job(&jobs, 102, Phase::Reading, MAX_BYTES);
        assert!(jobs.get("101").is_none() && jobs.get("0").is_some());
        job(&jobs, 103, Phase::Reading, 1);
        assert!(jobs.get("103").is_none());
        jobs.discard("102");
        assert!(jobs.get("102").is_none() && large.stop.load(Ordering::Relaxed));
    }
}
