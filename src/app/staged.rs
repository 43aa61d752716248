//! Adds clippings in two steps: extracts them into a staging folder for review and correction, then
//! adds them from there.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::add::{AddReport, ReadOptions, ReadProgress, Skip, Summary};
use super::extract::{NotRead, extract};
use super::{App, AppError, Result};
use crate::analyze::user_words::UserWords;
use crate::clipping::Clipping;
use crate::index::{
    Budget, ClippingSink, IncomingDoc, IndexError, PackedPage, WriterOptions, id_of,
};
use crate::ingest::{ExtractedItem, with_corrections};
use crate::query::{Field, Node};
use crate::search::Request;
use crate::source::{SkipReason, parse_record};

/// Maximum number of skips listed; all are counted.
const SKIPS_KEPT: usize = 10_000;

/// Bytes of clippings in flight between staging folder and index.
const IN_FLIGHT: usize = 24 << 20;

/// Memory per clipping, besides its text and page.
const OVERHEAD: usize = 512;

/// Maximum number of ids in the result.
const IDS_REPORTED: usize = 20;

/// Clippings in a staging folder.
#[derive(Debug, Default)]
pub struct Staged {
    folder: PathBuf,
    /// Number of clippings.
    pub count: u64,
    /// Number of skips.
    pub skipped: u64,
    /// The first 10,000 of them.
    pub skips: Vec<Skip>,
    /// Named paths and URLs that could not be opened.
    pub failures: Vec<Skip>,
}

/// An event while clippings are staged.
#[derive(Debug)]
pub enum StageEvent<'a> {
    /// A clipping was extracted; without its page.
    Extracted(&'a ExtractedItem),
    /// Something was skipped.
    Skipped(&'a Skip),
}

/// Options of [`App::add_staged`].
pub struct AddStaged<'a> {
    /// Shown to other processes as the holder of the lock.
    pub command: &'static str,
    /// How long to wait for the lock.
    pub wait: Duration,
    /// Corrects the clipping with this number; `None` to omit it.
    pub correct: &'a dyn Fn(u64, Clipping) -> Option<Clipping>,
    /// Called with the number of clippings so far.
    pub progress: &'a dyn Fn(u64),
}

/// Result of [`App::add_staged`].
#[derive(Debug, Clone, Serialize)]
pub struct AddedStaged {
    /// The same report as for `add`.
    #[serde(flatten)]
    pub report: AddReport,
    /// Ids of the first 20 clippings.
    pub ids: Vec<String>,
}

/// A line of `staged.jsonl`.
#[derive(Serialize, Deserialize)]
struct Line {
    clipping: Clipping,
    may_replace: bool,
    /// Length of its page in `staged.pages`, where pages are concatenated.
    page: Option<u64>,
}

/// Extracts what `options` names into `folder`, which must exist. `name` renames sources: it
/// returns the name under which a source is stored.
///
/// # Errors
/// When the folder cannot be written.
pub fn stage(
    options: ReadOptions,
    folder: &Path,
    name: &dyn Fn(&str) -> String,
    stop: &Arc<AtomicBool>,
    progress: Option<&(dyn Fn(&ReadProgress) + Sync)>,
    on: &mut dyn FnMut(StageEvent<'_>),
) -> Result<Staged> {
    let failed = |source| AppError::Unreadable {
        path: folder.to_owned(),
        source,
    };
    let create = |path: PathBuf| File::create(path).map(BufWriter::new);
    let mut records = create(records_of(folder)).map_err(failed)?;
    let mut pages = create(pages_of(folder)).map_err(failed)?;
    let mut staged = Staged {
        folder: folder.to_owned(),
        ..Staged::default()
    };
    let extracted = extract(options, stop, progress, &mut |item| -> io::Result<()> {
        match item {
            Ok(mut item) => {
                item.clipping.source = name(&item.clipping.source);
                let page = item.page.take();
                if let Some(page) = &page {
                    pages.write_all(page.as_bytes())?;
                }
                let line = Line {
                    clipping: item.clipping,
                    may_replace: item.may_replace,
                    page: page.map(|page| page.as_bytes().len() as u64),
                };
                serde_json::to_writer(&mut records, &line)?;
                records.write_all(b"\n")?;
                staged.count += 1;
                item.clipping = line.clipping;
                on(StageEvent::Extracted(&item));
            }
            Err(not_read) => {
                let (NotRead::Skipped(skip) | NotRead::Failed(skip)) = &not_read;
                let skip = Skip {
                    source: name(&skip.source),
                    reason: skip.reason.clone(),
                };
                on(StageEvent::Skipped(&skip));
                match not_read {
                    NotRead::Failed(_) => staged.failures.push(skip),
                    NotRead::Skipped(_) => {
                        staged.skipped += 1;
                        if staged.skips.len() < SKIPS_KEPT {
                            staged.skips.push(skip);
                        }
                    }
                }
            }
        }
        Ok(())
    });
    extracted
        .and_then(|()| records.flush())
        .and_then(|()| pages.flush())
        .map_err(failed)?;
    Ok(staged)
}

fn records_of(folder: &Path) -> PathBuf {
    folder.join("staged.jsonl")
}

fn pages_of(folder: &Path) -> PathBuf {
    folder.join("staged.pages")
}

impl Staged {
    /// Calls `each` with every clipping and its page, in order, until it returns `false`.
    fn each(
        &self,
        each: &mut dyn FnMut(u64, Line, Option<PackedPage>) -> Result<bool>,
    ) -> Result<()> {
        let failed = |source| AppError::Unreadable {
            path: self.folder.clone(),
            source,
        };
        let open = |path: PathBuf| File::open(path).map(BufReader::new);
        let records = open(records_of(&self.folder)).map_err(failed)?;
        let mut pages = open(pages_of(&self.folder)).map_err(failed)?;
        for (line, number) in records.split(b'\n').zip(0..) {
            let line = line.map_err(failed)?;
            let line: Line = serde_json::from_slice(&line).map_err(|e| failed(e.into()))?;
            let page = line.page.map(|length| read_page(&mut pages, length));
            let page = page.transpose().map_err(failed)?;
            if !each(number, line, page)? {
                break;
            }
        }
        Ok(())
    }
}

fn read_page(pages: &mut impl Read, length: u64) -> io::Result<PackedPage> {
    let mut bytes = Vec::new();
    pages.take(length).read_to_end(&mut bytes)?;
    match bytes.len() as u64 == length {
        true => Ok(PackedPage::from_bytes(bytes)),
        false => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

impl App {
    /// The id of the stored clipping that adding `clipping` would update: one with the same id or
    /// URL or, if it has neither, with the same headline and body.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn stored_as(&self, clipping: &Clipping) -> Result<Option<String>> {
        let exact = |field: Field, text: &str| Node::Field {
            field,
            node: Box::new(Node::Word(text.to_owned())),
        };
        let by_id = exact(Field::Id, &id_of(clipping));
        let by_url = clipping.url.as_deref().map(|url| exact(Field::Url, url));
        let answer = self.any_searcher()?.search(&Request {
            tree: Node::or([by_id].into_iter().chain(by_url)),
            limit: 1,
            all_copies: true,
            ..Request::default()
        })?;
        Ok(answer.hits.into_iter().next().map(|hit| hit.clipping.id))
    }

    /// Adds staged clippings until `stop` is set. Everything counted in the report is committed.
    ///
    /// # Errors
    /// When the index cannot be opened or written, or the folder cannot be read. Earlier commits
    /// are kept.
    pub fn add_staged(
        &self,
        staged: &Staged,
        how: &AddStaged<'_>,
        stop: &AtomicBool,
    ) -> Result<AddedStaged> {
        let begun = Instant::now();
        let mut summary = Summary {
            skipped: staged.skipped,
            skips: staged.skips.clone(),
            failures: staged.failures.clone(),
            ..Summary::default()
        };
        let mut ids = Vec::new();
        let mut merge_failure = None;
        if staged.count > 0 {
            let options = WriterOptions {
                command: how.command,
                wait: how.wait,
                threads: None,
            };
            let mut target = self.target(options, &UserWords::default())?;
            let sink = target.sink();
            let put = put_all(sink, staged, how, stop, &mut summary, &mut ids);
            put.map_err(|e| self.or_gone(e))?;
            sink.commit().map_err(|e| e.or_gone(&self.dir))?;
            summary.count(sink.take_outcomes());
            if !summary.interrupted {
                merge_failure = target.finish().map_err(|e| e.or_gone(&self.dir))?;
            }
        }
        let report = AddReport {
            summary,
            seconds: begun.elapsed().as_secs_f64(),
            merge_failure,
        };
        Ok(AddedStaged { report, ids })
    }

    fn or_gone(&self, e: AppError) -> AppError {
        match e {
            AppError::Index(e) => AppError::Index(e.or_gone(&self.dir)),
            e => e,
        }
    }
}

fn put_all(
    writer: &mut dyn ClippingSink,
    staged: &Staged,
    how: &AddStaged<'_>,
    stop: &AtomicBool,
    summary: &mut Summary,
    ids: &mut Vec<String>,
) -> Result<()> {
    let budget = Budget::new(IN_FLIGHT);
    staged.each(&mut |number, line, page| {
        if stop.load(Ordering::Relaxed) {
            summary.interrupted = true;
            return Ok(false);
        }
        (how.progress)(number);
        let Some(clipping) = (how.correct)(number, line.clipping.clone()) else {
            return Ok(true);
        };
        let page = match page {
            Some(page) if clipping != line.clipping => Some(
                with_corrections(&page, &line.clipping, &clipping)
                    .map_err(|e| IndexError::io(&staged.folder, e))?,
            ),
            page => page,
        };
        let page_bytes = page.as_ref().map_or(0, |page| page.as_bytes().len());
        let share = budget.take(clipping.body.len() + page_bytes + OVERHEAD);
        let incoming = IncomingDoc::new(clipping, false)
            .with_page(page)
            .with_may_replace(line.may_replace)
            .with_permit(Box::new(share));
        if ids.len() < IDS_REPORTED {
            ids.push(incoming.clipping.id.clone());
        }
        if let Some(outcome) = writer.put(incoming)? {
            summary.count(outcome.into());
        }
        if writer.is_commit_due() {
            writer.commit()?;
        }
        Ok(true)
    })
}

/// Normalizes a clipping changed by the user, as a record with the same fields would be. Drops
/// warnings that no longer hold.
///
/// # Errors
/// When neither headline nor body is left.
pub fn corrected(changed: Clipping) -> std::result::Result<Clipping, SkipReason> {
    let json = serde_json::to_vec(&changed).map_err(|e| SkipReason::Unreadable {
        detail: e.to_string(),
    })?;
    let mut clipping = parse_record(&json)?;
    clipping.source = changed.source;
    clipping.other_sources = changed.other_sources;
    clipping.drop_settled_warnings();
    Ok(clipping)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::SynonymSource;
    use crate::clipping::Warning;

    fn page(headline: &str) -> String {
        format!(
            "<!doctype html><html><head><meta charset=\"utf-8\"><title>{headline}</title>\
             <meta property=\"og:title\" content=\"{headline}\"><meta property=\"og:site_name\" content=\"모두일보\">\
             <link rel=\"canonical\" href=\"https://news.example/1\"></head><body><article><h1>{headline}</h1>\
             <p>시는 낡은 다리를 새로 놓는 공사를 다음 달에 시작한다고 밝혔다.</p>\
             <p>주민들은 공사 기간에 돌아가는 길이 좁다며 대책을 물었다.</p>\
             <p>시는 임시 보행로를 먼저 열고 버스 노선을 바꾸겠다고 답했다.</p></article></body></html>"
        )
    }

    fn staged(dir: &Path, file: &str, content: &str) -> Staged {
        let path = dir.join(file);
        std::fs::write(&path, content).unwrap();
        let mut options = ReadOptions {
            paths: vec![path],
            ..ReadOptions::default()
        };
        options.extraction.keep_pages = true;
        let folder = dir.join("staged");
        std::fs::create_dir_all(&folder).unwrap();
        let prefix = format!("{}/", dir.display());
        let name = |source: &str| source.replace(&prefix, "");
        stage(options, &folder, &name, &Arc::default(), None, &mut |_| {}).unwrap()
    }

    fn add(
        app: &App,
        staged: &Staged,
        correct: &dyn Fn(u64, Clipping) -> Option<Clipping>,
    ) -> AddedStaged {
        let how = AddStaged {
            command: "test",
            wait: Duration::ZERO,
            correct,
            progress: &|_| {},
        };
        app.add_staged(staged, &how, &AtomicBool::new(false))
            .unwrap()
    }

    #[test]
    fn corrections_are_kept_also_when_the_stored_page_is_read_again() {
        let dir = tempfile::tempdir().unwrap();
        let app = App::new(dir.path().join("index"), SynonymSource::default());
        let staged = staged(dir.path(), "page.html", &page("다리 공사 시작"));
        assert_eq!(staged.count, 1);
        let added = add(&app, &staged, &|_, clipping| {
            corrected(Clipping {
                headline: "  다리\u{0} 공사, 다음 달 시작 ".to_owned(),
                reporters: vec!["김하나".to_owned()],
                ..clipping
            })
            .ok()
        });
        assert_eq!((added.report.summary.added, added.ids.len()), (1, 1));
        let shown = || app.show(&added.ids).unwrap().remove(0);
        let before = shown();
        assert_eq!(before.headline, "다리 공사, 다음 달 시작");
        assert_eq!(before.source, "page.html");
        assert!(
            app.page(&added.ids[0])
                .unwrap()
                .starts_with(b"<!doctype html>")
        );
        app.reindex(true, Duration::ZERO, &AtomicBool::new(false))
            .unwrap();
        assert_eq!(shown(), before);
    }

    #[test]
    fn clippings_are_left_out_and_counted() {
        let dir = tempfile::tempdir().unwrap();
        let app = App::new(dir.path().join("index"), SynonymSource::default());
        let records = "{\"headline\":\"하나\"}\n{\"headline\":\"둘\"}\n{\"url\":\"x\"}\n{\"headline\":\"셋\"}\n";
        let staged = staged(dir.path(), "records.jsonl", records);
        assert_eq!((staged.count, staged.skipped), (3, 1));
        assert_eq!(staged.skips[0].source, "records.jsonl:3");
        let added = add(&app, &staged, &|n, clipping| (n != 1).then_some(clipping));
        let summary = &added.report.summary;
        assert_eq!((summary.added, summary.skipped), (2, 1));
        let again = add(&app, &staged, &|_, clipping| Some(clipping));
        assert_eq!(
            (again.report.summary.added, again.report.summary.unchanged),
            (1, 2)
        );
    }

    #[test]
    fn what_was_corrected_is_tidied_like_a_record() {
        let changed = Clipping {
            headline: " 제목\n둘째 줄 ".to_owned(),
            outlet: Some("모두일보".to_owned()),
            body: "하나\r\n\r\n 둘 ".to_owned(),
            source: "a.html".to_owned(),
            warnings: vec![Warning::NoOutlet, Warning::ShortBody],
            ..Clipping::default()
        };
        let clipping = corrected(changed).unwrap();
        assert_eq!(clipping.headline, "제목 둘째 줄");
        assert_eq!(clipping.body, "하나\n둘");
        assert_eq!(clipping.source, "a.html");
        assert_eq!(clipping.warnings, [Warning::ShortBody]);
        assert!(corrected(Clipping::default()).is_err());
    }
}
