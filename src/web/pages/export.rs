//! `GET` and `POST /export`, `GET /api/export`: everything that a search finds, or what was ticked.

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
use crate::app::search::SearchRequest;
use crate::app::{self, App, AppError, ErrorKind, Hit, Sort};
use crate::messages::{Lang, msg};
use crate::report::export::{Export, ExportEntry, ExportError, ExportFormat, Group};
use crate::web::Site;
use crate::web::http::{BodyWriter, streamed};
use crate::web::params::Params;
use crate::web::problem::{Code, Problem, bad_params, of_app};
use crate::web::render::Frame;

/// The header that says how many clippings are in a download.
const COUNT: HeaderName = HeaderName::from_static("clippings-count");

/// Characters of a passage.
const PASSAGE: usize = 240;

/// Clippings that may be ticked.
const MAX_IDS: usize = 10_000;

/// `GET`: everything.
pub async fn get(
    State(site): State<Arc<Site>>,
    Extension(frame): Extension<Frame>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    export(site, frame, query.unwrap_or_default()).await
}

/// `POST`: a form that may hold thousands of ids.
pub async fn post(
    State(site): State<Arc<Site>>,
    Extension(frame): Extension<Frame>,
    form: Bytes,
) -> Result<Response, Problem> {
    export(site, frame, String::from_utf8_lossy(&form).into_owned()).await
}

/// What is asked for.
struct Asked {
    params: Params,
    ids: Option<Vec<String>>,
    format: ExportFormat,
    lang: Lang,
}

async fn export(site: Arc<Site>, frame: Frame, query: String) -> Result<Response, Problem> {
    let lang = frame.lang;
    let (ids, rest) = apart(&query);
    let params = Params::read(&rest).map_err(|e| bad_params(e, lang))?;
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
    let asked = Asked {
        params,
        ids: (!all).then_some(ids),
        format,
        lang,
    };
    respond(&site, asked).await
}

/// The ids of a form, and the rest of it: there may be more ids than an address may hold parameters.
fn apart(form: &str) -> (Vec<String>, String) {
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

/// Why a download was not written.
enum Failed {
    App(AppError),
    Write(ExportError),
}

impl From<AppError> for Failed {
    fn from(e: AppError) -> Failed {
        Failed::App(e)
    }
}

impl From<ExportError> for Failed {
    fn from(e: ExportError) -> Failed {
        Failed::Write(e)
    }
}

impl Asked {
    fn request(&self) -> ExportRequest {
        let params = &self.params;
        ExportRequest {
            query: params.q.clone(),
            filters: params.filters(),
            sort: params.sort().unwrap_or(Sort::Newest),
            limit: params.limit,
            all_copies: params.all_copies || !self.format.folds_copies(),
            snippet_chars: match params.other("links_only") {
                Some(_) => 0,
                None => PASSAGE,
            },
        }
    }

    /// The clippings when they were ticked, and how many will be written.
    fn begin(&self, app: &App) -> app::Result<(Option<Vec<Hit>>, u64)> {
        if let Some(ids) = &self.ids {
            let hits = ticked(app, ids, &self.request())?;
            let count = hits.len() as u64;
            return Ok((Some(hits), count));
        }
        let request = self.request();
        let answer = app.search(&SearchRequest {
            query: request.query,
            filters: request.filters,
            all_copies: request.all_copies,
            limit: 0,
            suggest: false,
            ..SearchRequest::default()
        })?;
        let most = request.limit.map_or(u64::MAX, |limit| limit as u64);
        Ok((None, answer.total.min(most)))
    }

    /// Writes the clippings that were ticked, or all that are found.
    fn write(&self, app: &App, hits: Option<Vec<Hit>>, out: &mut dyn Write) -> Result<(), Failed> {
        let mut export = self.export(Vec::new());
        if let Some(hits) = hits {
            export.entries = entries(hits);
            return Ok(self.part(&export, out)?);
        }
        // Where the form allows it, what is found is sent before the next is fetched.
        let is_a_list = matches!(
            self.format,
            ExportFormat::Jsonl | ExportFormat::Csv | ExportFormat::Tsv
        );
        // The others are written when all is found, so what they do not show is not kept.
        let needs_body = is_a_list || self.format == ExportFormat::Xlsx || export.full_text;
        app.export(&self.request(), &mut |hits| -> Result<(), Failed> {
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
        // Tables are opened with Excel more often than not.
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
            links_only: self.params.other("links_only").is_some(),
            full_text: self.params.other("full_text").is_some(),
            entries,
            ..Export::default()
        }
    }
}

fn entries(hits: Vec<Hit>) -> Vec<ExportEntry> {
    hits.into_iter().map(ExportEntry::new).collect()
}

/// The clippings of these ids, with the passages that match the query where it finds them.
fn ticked(app: &App, ids: &[String], request: &ExportRequest) -> app::Result<Vec<Hit>> {
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
    // What the query finds only in part comes without passages; what is gone is left out.
    for id in ids {
        if !have.insert(id.clone()) {
            continue;
        }
        match app.show(std::slice::from_ref(id)) {
            Ok(shown) => hits.extend(shown.into_iter().map(|shown| Hit {
                clipping: shown.clipping,
                ..Hit::default()
            })),
            Err(e) if e.kind() == ErrorKind::NotFound => {}
            Err(e) => return Err(e),
        }
    }
    hits.sort_by_key(|hit| std::cmp::Reverse(hit.clipping.published));
    Ok(hits)
}

/// A download that is written while it is sent. What fails before the first byte is a problem;
/// what fails later breaks the download off.
async fn respond(site: &Arc<Site>, asked: Asked) -> Result<Response, Problem> {
    let lang = asked.lang;
    let (kind, ending) = match asked.format {
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
    let title = asked.title();
    let (writer, body) = streamed();
    let (begun, begins) = oneshot::channel();
    let worker = Arc::clone(site);
    site.exports
        .begin(move || {
            let (hits, count) = match asked.begin(&worker.app) {
                Ok(begun) => begun,
                Err(e) => {
                    let _ = begun.send(Err(of_app(&e, lang)));
                    return;
                }
            };
            let mut first = First {
                begun: Some((begun, count)),
                writer,
            };
            let written = asked.write(&worker.app, hits, &mut first);
            let flushed =
                written.and_then(|()| first.flush().map_err(|e| ExportError::Io(e).into()));
            let Err(e) = flushed else {
                return;
            };
            let problem = match e {
                Failed::App(e) => of_app(&e, lang),
                Failed::Write(e) => Problem::new(Code::BadRequest).with_detail(e.to_string()),
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
            file_name(&title, count, lang, ending),
        ),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (COUNT, HeaderValue::from(count)),
    ];
    Ok((headers, body).into_response())
}

/// Says when the first byte was written.
struct First {
    begun: Option<(oneshot::Sender<Result<u64, Problem>>, u64)>,
    writer: BodyWriter,
}

impl First {
    fn begin(&mut self) {
        if let Some((begun, count)) = self.begun.take() {
            let _ = begun.send(Ok(count));
        }
    }
}

impl Write for First {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.begin();
        self.writer.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.begin();
        self.writer.flush()
    }
}

/// `Content-Disposition` with the title and the number of clippings in the name of the file.
fn file_name(title: &str, count: u64, lang: Lang, ending: &str) -> HeaderValue {
    let title: String = title
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { ' ' })
        .take(60)
        .collect();
    let title = title.split_whitespace().collect::<Vec<_>>().join("-");
    let day = app::today();
    let name =
        msg!(lang, ko: "{title}-{count}건-{day}.{ending}", en: "{title}-{count}-{day}.{ending}");
    let encoded: String = form_urlencoded::byte_serialize(name.as_bytes()).collect();
    let value = format!(
        "attachment; filename=\"clippings-{count}.{ending}\"; filename*=UTF-8''{}",
        encoded.replace('+', "%20")
    );
    HeaderValue::try_from(value).unwrap_or(HeaderValue::from_static("attachment"))
}
