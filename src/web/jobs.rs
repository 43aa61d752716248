//! Adding through the pages: what was received is extracted first, shown, and added when the person
//! says so. Each of these is a job with a folder of its own.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;
use tempfile::TempDir;
use tokio::sync::{Semaphore, watch};
use tokio::task::spawn_blocking;

use crate::app::add::{Extraction, ReadOptions, ReadProgress, Skip};
use crate::app::staged::{self, AddStaged, AddedStaged, StageEvent, Staged};
use crate::app::{App, AppError, today};
use crate::clipping::Clipping;
use crate::korean_time;

/// Jobs that are remembered; the oldest are forgotten with what they received.
const MAX_JOBS: usize = 32;

/// Bytes that all jobs together hold on disk.
const MAX_BYTES: u64 = 16 << 30;

/// Clippings of a preview that can be corrected.
pub const SHOWN: usize = 20;

/// Further clippings of a preview that are listed.
pub const LISTED: usize = 200;

/// Skips of a preview that are listed.
const SKIPS: usize = 200;

/// Jobs that read or write at a time; the others wait.
const AT_A_TIME: usize = 2;

/// How long to wait for another process that writes the index.
pub const WAIT: Duration = Duration::from_secs(if cfg!(test) { 0 } else { 10 });

/// The command that other processes see as the holder of the lock.
pub const COMMAND: &str = "serve";

/// Bytes of a file's name that are kept: file systems take 255.
const NAME_BYTES: usize = 200;

/// Folders that a file may be in.
const DEEPEST: usize = 32;

/// What a job does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// Its sources are read.
    #[default]
    Reading,
    /// It waits for the person.
    Ready,
    /// Its clippings are added.
    Adding,
    /// They are in the index.
    Done,
    /// It cannot go on.
    Failed,
}

impl Phase {
    /// Whether it changes by itself.
    pub fn is_running(self) -> bool {
        matches!(self, Phase::Reading | Phase::Adding)
    }
}

/// What a person sees of a job.
#[derive(Debug, Clone, Default, Serialize)]
pub struct State {
    pub phase: Phase,
    /// Clippings so far.
    pub clippings: u64,
    /// Per cent of the bytes or clippings, when their number is known.
    pub percent: Option<u64>,
    /// The source being read.
    pub current: String,
    pub skipped: u64,
    #[serde(skip)]
    pub skips: Vec<Skip>,
    #[serde(skip)]
    pub shown: Vec<Shown>,
    #[serde(skip)]
    pub listed: Vec<Clipping>,
    #[serde(skip)]
    pub added: Option<Arc<AddedStaged>>,
    #[serde(skip)]
    pub error: Option<Arc<AppError>>,
}

/// A clipping of a preview.
#[derive(Debug, Clone)]
pub struct Shown {
    pub clipping: Clipping,
    /// Field, and where the page says it.
    pub provenance: Vec<(&'static str, String)>,
}

/// What a job reads.
#[derive(Debug, Default)]
pub struct Sources {
    /// Files, folders and addresses.
    pub paths: Vec<PathBuf>,
    /// The address of a page that names none.
    pub page_url: Option<String>,
    /// Store the pages with the clippings.
    pub keep_pages: bool,
}

impl Sources {
    /// What `extract` and `add` are to read.
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

/// A folder for what one request sends.
#[derive(Debug)]
pub struct Received {
    dir: TempDir,
    files: HashSet<PathBuf>,
    folders: HashSet<PathBuf>,
    /// What its top level holds, in the order of arrival.
    top: Vec<PathBuf>,
}

impl Received {
    /// An empty folder.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn new() -> io::Result<Received> {
        let mut builder = tempfile::Builder::new();
        builder.prefix("clippings-");
        let dir = match large_folder() {
            Some(folder) => builder.tempdir_in(folder)?,
            None => builder.tempdir()?,
        };
        fs::create_dir(dir.path().join("files"))?;
        Ok(Received {
            dir,
            files: HashSet::new(),
            folders: HashSet::new(),
            top: Vec::new(),
        })
    }

    fn root(&self) -> PathBuf {
        self.dir.path().join("files")
    }

    /// A new file for one that calls itself `name`, which may name folders too.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn create(&mut self, name: &str) -> io::Result<File> {
        let mut relative = safe_path(name);
        // Two of the same name, or a file with the name of a folder.
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

    /// Whether nothing was received.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// The files and folders at its top level.
    pub fn paths(&self) -> Vec<PathBuf> {
        self.top.clone()
    }

    /// The folder around the files, for what is made of them.
    pub fn folder(&self) -> &Path {
        self.dir.path()
    }

    /// A source as the person knows it: without the folder.
    pub fn own(&self, source: &str) -> String {
        let root = self.root();
        let own = source.strip_prefix(&*root.to_string_lossy());
        own.unwrap_or(source)
            .trim_start_matches(['/', '\\'])
            .to_owned()
    }
}

/// A folder for large temporary files: `/tmp` is memory on many systems.
fn large_folder() -> Option<&'static Path> {
    let folder = Path::new("/var/tmp");
    let is_chosen = std::env::var_os("TMPDIR").is_some();
    (cfg!(unix) && !is_chosen && folder.is_dir()).then_some(folder)
}

/// The path of an uploaded file below a folder, whatever it calls itself.
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
            // The end has the extension.
            let from = part.len().saturating_sub(NAME_BYTES);
            let from = (from..part.len()).find(|at| part.is_char_boundary(*at));
            part.get(from.unwrap_or(0)..).unwrap_or_default().to_owned()
        })
        .collect();
    let parts = parts
        .get(parts.len().saturating_sub(DEEPEST)..)
        .unwrap_or_default();
    match parts.is_empty() {
        true => PathBuf::from("clippings"),
        false => parts.iter().collect(),
    }
}

/// A name for something pasted, such as `2024-02-22 103100.txt`.
pub fn pasted_name(ending: &str) -> String {
    let time = korean_time::now().time();
    let (h, m, s) = (time.hour(), time.minute(), time.second());
    format!("{} {h:02}{m:02}{s:02}.{ending}", today())
}

/// See the module.
#[derive(Debug)]
pub struct Job {
    pub id: String,
    /// Its number, in the order of arrival.
    number: u64,
    received: Received,
    bytes: u64,
    /// What it is called in a list.
    pub title: String,
    state: watch::Sender<State>,
    staged: Mutex<Option<Arc<Staged>>>,
    stop: Arc<AtomicBool>,
}

impl Job {
    /// What a person sees of it now.
    pub fn state(&self) -> State {
        self.state.borrow().clone()
    }

    /// What it does.
    pub fn phase(&self) -> Phase {
        self.state.borrow().phase
    }

    /// Its changes.
    pub fn watch(&self) -> watch::Receiver<State> {
        self.state.subscribe()
    }

    /// Stops it. What was added until then is kept.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    fn read(&self, options: ReadOptions) {
        let folder = self.received.folder();
        let progress = |progress: &ReadProgress| {
            let current = self.received.own(&progress.current);
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
                if state.shown.len() < SHOWN {
                    state.shown.push(Shown {
                        clipping: item.clipping.clone(),
                        provenance: item.provenance.clone(),
                    });
                } else if state.listed.len() < LISTED {
                    state.listed.push(for_a_list(&item.clipping));
                }
            }),
            StageEvent::Skipped(skip) => self.state.send_modify(|state| {
                state.skipped += 1;
                if state.skips.len() < SKIPS {
                    state.skips.push(skip.clone());
                }
            }),
        };
        let name = |source: &str| self.received.own(source);
        let staged = staged::stage(options, folder, &name, &self.stop, Some(&progress), &mut on);
        // What was uploaded is extracted now.
        let _ = fs::remove_dir_all(self.received.root());
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

    /// Replaces the clippings that are shown by corrected ones.
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
            wait: WAIT,
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
            // It can be tried again.
            Err(e) => {
                state.phase = Phase::Ready;
                state.clippings = total;
                state.error = Some(Arc::new(e));
            }
        });
        if self.phase() == Phase::Done {
            *self.staged() = None;
            let _ = fs::remove_dir_all(self.received.dir.path());
        }
    }
}

/// What a list shows of a clipping.
fn for_a_list(clipping: &Clipping) -> Clipping {
    Clipping {
        headline: clipping.headline.chars().take(300).collect(),
        body: clipping.body.chars().take(100).collect(),
        outlet: clipping.outlet.clone(),
        published: clipping.published,
        ..Clipping::default()
    }
}

/// The jobs of a server.
#[derive(Debug)]
pub struct Jobs {
    jobs: Mutex<Vec<Arc<Job>>>,
    count: AtomicU64,
    running: Arc<Semaphore>,
    /// Whether the server is about to end.
    closing: watch::Sender<bool>,
    /// The same for work without a job.
    stop: Arc<AtomicBool>,
}

/// The folders of other jobs take all the room that there is for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Full;

impl Default for Jobs {
    fn default() -> Jobs {
        Jobs {
            jobs: Mutex::default(),
            count: AtomicU64::new(0),
            running: Arc::new(Semaphore::new(AT_A_TIME)),
            closing: watch::Sender::new(false),
            stop: Arc::default(),
        }
    }
}

impl Jobs {
    fn all(&self) -> MutexGuard<'_, Vec<Arc<Job>>> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The job of this id.
    pub fn get(&self, id: &str) -> Option<Arc<Job>> {
        self.all().iter().find(|job| job.id == id).cloned()
    }

    /// Those that wait for a person, the newest first.
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

    /// Forgets a job with all that it received.
    pub fn discard(&self, id: &str) {
        let mut jobs = self.all();
        if let Some(at) = jobs.iter().position(|job| job.id == id) {
            jobs.remove(at).stop();
        }
    }

    /// Begins to read `sources` of what was received, `bytes` in all.
    ///
    /// # Errors
    /// [`Full`]; when there are no random numbers.
    pub fn begin(
        &self,
        received: Received,
        bytes: u64,
        title: String,
        sources: Sources,
    ) -> io::Result<Result<Arc<Job>, Full>> {
        let mut id = [0; 16];
        getrandom::fill(&mut id).map_err(io::Error::other)?;
        let job = Arc::new(Job {
            id: id.iter().map(|byte| format!("{byte:02x}")).collect(),
            number: self.count.fetch_add(1, Ordering::Relaxed),
            received,
            bytes,
            title,
            state: watch::Sender::default(),
            staged: Mutex::default(),
            stop: Arc::default(),
        });
        if !self.keep(&job) {
            return Ok(Err(Full));
        }
        let reading = Arc::clone(&job);
        self.run(move || reading.read(sources.options()));
        Ok(Ok(job))
    }

    /// Makes room for a job, at the cost of the oldest that does not run, and keeps it. Whether there was room.
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

    /// Begins to add what a job shows, without the clippings of these numbers. Does nothing while it is busy already.
    pub fn add(&self, site: &Arc<super::Site>, job: &Arc<Job>, left_out: HashSet<u64>) {
        if job.begin_adding() {
            let (site, job) = (Arc::clone(site), Arc::clone(job));
            self.run(move || job.add(&site.app, &left_out));
        }
    }

    fn run(&self, work: impl FnOnce() + Send + 'static) {
        let running = Arc::clone(&self.running);
        drop(tokio::spawn(async move {
            // The semaphore is never closed.
            if let Ok(permit) = running.acquire_owned().await {
                drop(spawn_blocking(move || {
                    let _permit = permit;
                    work();
                }));
            }
        }));
    }

    /// Runs `work` when it is its turn, and waits for it.
    pub async fn wait_for<T: Send + 'static>(
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

    /// Set when the server is about to end.
    pub fn stop(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.stop)
    }

    /// Whether the server is about to end.
    pub fn closing(&self) -> watch::Receiver<bool> {
        self.closing.subscribe()
    }

    /// Stops all jobs, before the server ends.
    pub fn close(&self) {
        self.closing.send_replace(true);
        self.stop.store(true, Ordering::Relaxed);
        for job in self.all().iter() {
            job.stop();
        }
    }

    /// Waits until no job runs, and removes their folders.
    pub async fn closed(&self) {
        let permits = u32::try_from(AT_A_TIME).unwrap_or(1);
        let _all = self.running.acquire_many(permits).await;
        self.all().clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_stay_in_the_folder() {
        let mut received = Received::new().unwrap();
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
            received.create(name).unwrap();
        }
        let root = received.root();
        for file in &received.files {
            let path = root.join(file).canonicalize().unwrap();
            assert!(path.starts_with(root.canonicalize().unwrap()), "{path:?}");
        }
        assert_eq!(received.files.len(), 12);
        let file = root.join("folder/a.html");
        assert_eq!(received.own(&file.display().to_string()), "folder/a.html");
        assert_eq!(
            received.own("https://news.example/1"),
            "https://news.example/1"
        );
        let names = received.files.iter().map(|file| file.display().to_string());
        assert!(
            names
                .into_iter()
                .any(|name| name.ends_with("가.html") && name.len() <= NAME_BYTES)
        );
    }

    fn job(jobs: &Jobs, number: u64, phase: Phase, bytes: u64) -> Arc<Job> {
        let job = Job {
            id: number.to_string(),
            number,
            received: Received::new().unwrap(),
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
    fn the_oldest_that_nobody_waits_for_makes_room() {
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
