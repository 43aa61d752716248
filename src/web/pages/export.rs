//! `GET` and `POST /export`, `GET /api/export`: all results of a search, or the selected ones.

use std::collections::HashSet;
use std::io::{self, Write};
use std::sync::Arc;

use axum::Extension;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use tokio::sync::oneshot;
use url::form_urlencoded;

use crate::app::export::ExportRequest;
use crate::app::{self, App, AppError, ErrorKind, Hit, Sort};
use crate::messages::{Lang, msg};
use crate::report::export::{Export, ExportEntry, ExportError, ExportFormat, Group};
use crate::web::Site;
use crate::web::http::{BodyWriter, streamed};
use crate::web::params::Params;
use crate::web::problem::{Code, Problem, from_app, from_params};
use crate::web::render::Frame;

/// Response header: the number of clippings in the download.
const COUNT: HeaderName = HeaderName::from_static("clippings-count");

/// Maximum length of a passage in characters.
const PASSAGE_CHARS: usize = 240;

/// Maximum number of selected clippings.
const MAX_IDS: usize = 10_000;

/// `GET`: all results.
pub async fn get(
    State(site): State<Arc<Site>>,
    Extension(frame): Extension<Frame>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    export(site, frame, query.unwrap_or_default()).await
}

/// `POST`: a form that may contain thousands of ids.
pub async fn post(
    State(site): State<Arc<Site>>,
    Extension(frame): Extension<Frame>,
    form: Bytes,
) -> Result<Response, Problem> {
    export(site, frame, String::from_utf8_lossy(&form).into_owned()).await
}

/// A requested download.
struct Download {
    params: Params,
    ids: Option<Vec<String>>,
    format: ExportFormat,
    lang: Lang,
}

async fn export(site: Arc<Site>, frame: Frame, query: String) -> Result<Response, Problem> {
    let lang = frame.lang;
    let (ids, rest) = split_ids(&query);
    let params = Params::read(&rest).map_err(|e| from_params(e, lang))?;
    let is_all = ids.is_empty() && params.other("scope") != Some("selected");
    if ids.len() > MAX_IDS || (!is_all && ids.is_empty() && params.other("scope") != Some("all")) {
        let detail = match ids.is_empty() {
            true => frame.labels().export_none.to_owned(),
            false => {
                msg!(lang, ko: "{MAX_IDS}건까지 고를 수 있습니다", en: "at most {MAX_IDS} clippings")
            }
        };
        return Err(Problem::new(Code::BadRequest).with_detail(detail));
    }
    let format = match params.other("format").unwrap_or("jsonl") {
        "clipbook" => ExportFormat::Clipbook,
        "xlsx" => ExportFormat::Xlsx,
        "csv" => ExportFormat::Csv,
        "tsv" => ExportFormat::Tsv,
        "markdown" => ExportFormat::Markdown,
        "jsonl" => ExportFormat::Jsonl,
        _ => {
            return Err(Problem::new(Code::BadRequest)
                .with_detail("format: clipbook, xlsx, csv, tsv, markdown, jsonl"));
        }
    };
    let all = is_all || params.other("scope") == Some("all");
    let download = Download {
        params,
        ids: (!all).then_some(ids),
        format,
        lang,
    };
    respond(&site, download).await
}

/// Separates the ids of a form from its other parameters: there may be more ids than [`Params`]
/// allows.
fn split_ids(form: &str) -> (Vec<String>, String) {
    let mut ids = Vec::new();
    let mut rest = form_urlencoded::Serializer::new(String::new());
    for (key, value) in form_urlencoded::parse(form.as_bytes()) {
        match &*key {
            "id" => ids.push(value.into_owned()),
            _ => {
                rest.append_pair(&key, &value);
            }
        }
    }
    (ids, rest.finish())
}

/// Why a download failed.
enum DownloadError {
    App(AppError),
    Write(ExportError),
}

impl From<AppError> for DownloadError {
    fn from(e: AppError) -> DownloadError {
        DownloadError::App(e)
    }
}

impl From<ExportError> for DownloadError {
    fn from(e: ExportError) -> DownloadError {
        DownloadError::Write(e)
    }
}

impl Download {
    fn request(&self) -> ExportRequest {
        let params = &self.params;
        ExportRequest {
            query: params.q.clone(),
            filters: params.filters(),
            sort: params.sort().unwrap_or(Sort::Newest),
            limit: params.limit,
            all_copies: params.all_copies || !self.format.folds_copies(),
            snippet_chars: match params.is_on("links_only") {
                true => 0,
                false => PASSAGE_CHARS,
            },
        }
    }

    /// The selected clippings, if any, and the number of clippings to write.
    fn begin(&self, app: &App) -> app::Result<(Option<Vec<Hit>>, u64)> {
        if let Some(ids) = &self.ids {
            let hits = selected_hits(app, ids, &self.request())?;
            let count = hits.len() as u64;
            return Ok((Some(hits), count));
        }
        Ok((None, app.export_total(&self.request())?))
    }

    /// Writes the selected clippings, or all results.
    fn write(
        &self,
        app: &App,
        hits: Option<Vec<Hit>>,
        out: &mut dyn Write,
    ) -> Result<(), DownloadError> {
        let mut export = self.export(Vec::new());
        if let Some(hits) = hits {
            export.entries = entries(hits);
            return Ok(self.part(&export, out)?);
        }
        // Formats with one record per line are streamed batch by batch.
        let is_a_list = matches!(
            self.format,
            ExportFormat::Jsonl | ExportFormat::Csv | ExportFormat::Tsv
        );
        // The others are written at the end, so drop the fields that they do not show.
        let needs_body = is_a_list || self.format == ExportFormat::Xlsx || export.full_text;
        app.export(&self.request(), &mut |hits| -> Result<(), DownloadError> {
            let mut found = entries(hits);
            if export.links_only || !needs_body {
                for entry in &mut found {
                    entry.clipping.body = String::new();
                }
            }
            export.entries.extend(found);
            if is_a_list {
                self.part(&export, out)?;
                export.entries.clear();
                export.is_continued = true;
            }
            Ok(())
        })?;
        if !export.is_continued {
            self.part(&export, out)?;
        }
        Ok(())
    }

    fn part(&self, export: &Export, out: &mut dyn Write) -> Result<(), ExportError> {
        // CSV gets a byte order mark, since most users open it in Excel.
        export.write(self.format, None, self.format == ExportFormat::Csv, out)
    }

    fn title(&self) -> String {
        match self.params.q.as_str() {
            "" | "*" => msg!(self.lang, ko: "기사 모음", en: "Clippings"),
            query => query.to_owned(),
        }
    }

    fn export(&self, entries: Vec<ExportEntry>) -> Export {
        Export {
            lang: self.lang,
            title: self.title(),
            query: self.params.q.clone(),
            made: Some(app::today()),
            group: Group::Outlet,
            links_only: self.params.is_on("links_only"),
            full_text: self.params.is_on("full_text"),
            entries,
            ..Export::default()
        }
    }
}

fn entries(hits: Vec<Hit>) -> Vec<ExportEntry> {
    hits.into_iter().map(ExportEntry::new).collect()
}

/// The clippings with these ids, with passages if they match the query.
fn selected_hits(app: &App, ids: &[String], request: &ExportRequest) -> app::Result<Vec<Hit>> {
    let wanted: HashSet<&str> = ids.iter().map(String::as_str).collect();
    let mut hits: Vec<Hit> = Vec::with_capacity(ids.len());
    let mut have: HashSet<String> = HashSet::new();
    for ids in ids.chunks(100) {
        let names: Vec<String> = ids
            .iter()
            .map(|id| format!("id:\"{}\"", id.replace(['"', '\\'], "")))
            .collect();
        let names = names.join(" OR ");
        let query = match request.query.trim() {
            "" => names,
            query => format!("({query}) ({names})"),
        };
        let part = ExportRequest {
            query,
            all_copies: true,
            limit: None,
            ..request.clone()
        };
        app.export(&part, &mut |found| -> app::Result<()> {
            for hit in found {
                let id = &hit.clipping.id;
                if wanted.contains(id.as_str()) && have.insert(id.clone()) {
                    hits.push(hit);
                }
            }
            Ok(())
        })?;
    }
    // Partial matches come without passages; removed clippings are left out.
    for id in ids {
        if !have.insert(id.clone()) {
            continue;
        }
        match app.show(std::slice::from_ref(id)) {
            Ok(shown) => hits.extend(shown.into_iter().map(|clipping| Hit {
                clipping,
                ..Hit::default()
            })),
            Err(e) if e.kind() == ErrorKind::NotFound => {}
            Err(e) => return Err(e),
        }
    }
    hits.sort_by_key(|hit| std::cmp::Reverse(hit.clipping.published));
    Ok(hits)
}

/// Streams a download. Errors before the first byte become a [`Problem`]; later ones abort the
/// download.
async fn respond(site: &Arc<Site>, download: Download) -> Result<Response, Problem> {
    let lang = download.lang;
    let (kind, extension) = match download.format {
        ExportFormat::Jsonl => ("application/x-ndjson", "jsonl"),
        ExportFormat::Csv => ("text/csv; charset=utf-8", "csv"),
        ExportFormat::Tsv => ("text/tab-separated-values; charset=utf-8", "tsv"),
        ExportFormat::Markdown => ("text/markdown; charset=utf-8", "md"),
        ExportFormat::Xlsx => (
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "xlsx",
        ),
        ExportFormat::Clipbook => ("text/html; charset=utf-8", "html"),
    };
    let title = download.title();
    let (writer, body) = streamed();
    let (begun, begins) = oneshot::channel();
    let worker = Arc::clone(site);
    site.exports
        .begin(move || {
            let (hits, count) = match download.begin(&worker.app) {
                Ok(begun) => begun,
                Err(e) => {
                    let _ = begun.send(Err(from_app(&e, lang)));
                    return;
                }
            };
            let mut first = FirstWrite {
                begun: Some((begun, count)),
                writer,
            };
            let written = download.write(&worker.app, hits, &mut first);
            let flushed =
                written.and_then(|()| first.flush().map_err(|e| ExportError::Io(e).into()));
            let Err(e) = flushed else {
                return;
            };
            let problem = match e {
                DownloadError::App(e) => from_app(&e, lang),
                DownloadError::Write(e) => {
                    Problem::new(Code::BadRequest).with_detail(e.to_string())
                }
            };
            match first.begun.take() {
                Some((begun, _)) => {
                    let _ = begun.send(Err(problem));
                }
                None => first.writer.fail(io::Error::other("the export failed")),
            }
        })
        .await?;
    let count = match begins.await {
        Ok(begun) => begun?,
        Err(_) => return Err(Problem::new(Code::Internal)),
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (
            header::CONTENT_DISPOSITION,
            file_name(&title, count, lang, extension),
        ),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (COUNT, HeaderValue::from(count)),
    ];
    Ok((headers, body).into_response())
}

/// Signals the first write, upon which the response starts.
struct FirstWrite {
    begun: Option<(oneshot::Sender<Result<u64, Problem>>, u64)>,
    writer: BodyWriter,
}

impl FirstWrite {
    fn begin(&mut self) {
        if let Some((begun, count)) = self.begun.take() {
            let _ = begun.send(Ok(count));
        }
    }
}

impl Write for FirstWrite {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.begin();
        self.writer.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.begin();
        self.writer.flush()
    }
}

/// `Content-Disposition`; the file name has the title and the number of clippings.
fn file_name(title: &str, count: u64, lang: Lang, extension: &str) -> HeaderValue {
    let title: String = title
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { ' ' })
        .take(60)
        .collect();
    let title = title.split_whitespace().collect::<Vec<_>>().join("-");
    let day = app::today();
    let name = msg!(lang, ko: "{title}-{count}건-{day}.{extension}", en: "{title}-{count}-{day}.{extension}");
    let encoded: String = form_urlencoded::byte_serialize(name.as_bytes()).collect();
    let value = format!(
        "attachment; filename=\"clippings-{count}.{extension}\"; filename*=UTF-8''{}",
        encoded.replace('+', "%20")
    );
    HeaderValue::try_from(value).unwrap_or(HeaderValue::from_static("attachment"))
}
