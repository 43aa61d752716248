//! `/add`: forms for pasted text, files and URLs; the preview with corrections; progress.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Path, RawQuery, Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{MethodRouter, post};
use serde::Serialize;
use url::form_urlencoded;

use super::view::{self, line};
use crate::app::add::is_web_address;
use crate::app::staged::corrected;
use crate::clipping::{Clipping, Published};
use crate::messages::{Lang, Localize, number};
use crate::report::sanitize;
use crate::web::Site;
use crate::web::http::streamed;
use crate::web::jobs::{
    Job, MAX_EDITABLE, Phase, PreviewItem, Sources, State as JobState, Upload, pasted_name,
};
use crate::web::labels::Labels;
use crate::web::params::form_value;
use crate::web::problem::{Code, Problem, from_app};
use crate::web::render::Frame;
use crate::web::upload::{self, FileWriter, MAX_FILES, MAX_UPLOAD_BYTES, from_io, within_timeout};

/// Maximum number of URLs of a job.
const MAX_ADDRESSES: usize = 200;

/// Maximum length in characters of a body that can be corrected.
const MAX_BODY_CHARS: usize = 100_000;

/// Minimum time between two progress events.
const PAUSE: std::time::Duration = std::time::Duration::from_millis(200);

#[derive(Serialize, Default)]
struct FormView {
    bookmarklet: String,
    problem: Option<&'static str>,
    text: String,
    url: String,
    addresses: String,
    /// A page sent by the bookmarklet, to be submitted by the user.
    received: Option<Page>,
    open: Vec<OpenView>,
}

#[derive(Serialize)]
struct Page {
    url: String,
    html: String,
}

#[derive(Serialize)]
struct OpenView {
    href: String,
    title: String,
    status: String,
}

#[derive(Serialize)]
struct JobView {
    id: String,
    phase: Phase,
    clippings: String,
    count: u64,
    percent: Option<u64>,
    current: String,
    shown: Vec<ClippingView>,
    listed: Vec<ListedView>,
    more: u64,
    skips: Vec<SkipView>,
    more_skips: u64,
    done: Option<DoneView>,
    problem: Option<String>,
    has_bad_fields: bool,
}

#[derive(Serialize)]
struct DoneView {
    counts: [String; 4],
    interrupted: bool,
    clippings: Vec<view::Link>,
}

#[derive(Serialize)]
struct SkipView {
    source: String,
    reason: String,
}

#[derive(Serialize)]
struct ListedView {
    n: usize,
    headline: String,
    outlet: Option<String>,
    published: Option<view::When>,
}

#[derive(Serialize)]
struct ClippingView {
    n: usize,
    fields: Fields,
    can_edit_body: bool,
    is_left_out: bool,
    source: String,
    captions: Vec<String>,
    warnings: Vec<String>,
    provenance: Vec<ProvenanceView>,
    /// URL of the stored clipping that this one would update.
    stored: Option<String>,
    bad_date: bool,
    is_empty: bool,
}

#[derive(Serialize)]
struct ProvenanceView {
    field: String,
    origin: String,
}

/// `POST /add/files`.
pub fn files_route() -> MethodRouter<Arc<Site>> {
    let max = usize::try_from(MAX_UPLOAD_BYTES).unwrap_or(usize::MAX);
    post(files).layer(DefaultBodyLimit::max(max))
}

/// `GET /add`.
pub async fn get(
    State(site): State<Arc<Site>>,
    Extension(frame): Extension<Frame>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    forms(&site, &frame, &headers, FormView::default())
}

fn forms(
    site: &Site,
    frame: &Frame,
    headers: &HeaderMap,
    view: FormView,
) -> Result<Response, Problem> {
    if frame.read_only {
        return Err(Problem::new(Code::ReadOnly));
    }
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let open = site.jobs.open();
    let has_problem = view.problem.is_some();
    let view = FormView {
        bookmarklet: bookmarklet(host.unwrap_or_default()),
        // A response to another site must not list the open jobs.
        open: match view.received {
            Some(_) => Vec::new(),
            None => open
                .iter()
                .map(|job| open_view(job, frame.labels()))
                .collect(),
        },
        ..view
    };
    let mut response = site.page(frame, "add.html", &view)?;
    if has_problem {
        *response.status_mut() = axum::http::StatusCode::BAD_REQUEST;
    }
    Ok(response)
}

/// A `javascript:` link that posts the current page to this server in a new tab. It submits a form
/// because cross-site scripts cannot read our responses.
fn bookmarklet(host: &str) -> String {
    format!(
        "javascript:(()=>{{const f=document.createElement('form');f.method='post';f.target='_blank';\
         f.acceptCharset='utf-8';f.action='http://{host}/add/received';for(const[n,v]of[['url',location.href],\
         ['html',document.documentElement.outerHTML]]){{const t=document.createElement('textarea');t.name=n;\
         t.value=v;f.append(t)}}f.hidden=true;document.body.append(f);f.submit();f.remove()}})()"
    )
}

fn open_view(job: &Job, labels: &Labels) -> OpenView {
    let state = job.state();
    let text = match state.phase {
        Phase::Ready => labels.add_waiting,
        _ => labels.add_progress,
    };
    OpenView {
        href: job_url(job),
        title: line(&job.title),
        status: text.replace("{n}", &number(state.clippings)),
    }
}

fn job_url(job: &Job) -> String {
    format!("/add/{}", job.id)
}

/// `POST /add/received`: shows a form with a page sent by the bookmarklet. The request is cross-site,
/// so nothing happens until the user submits the form.
pub async fn received(
    State(site): State<Arc<Site>>,
    Extension(frame): Extension<Frame>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let _place = site.forms.permit().await?;
    let form = upload::form(body).await?;
    let view = FormView {
        received: Some(Page {
            url: form_value(&form, "url"),
            html: form_value(&form, "html"),
        }),
        ..FormView::default()
    };
    forms(&site, &frame, &headers, view)
}

/// Starts a job and redirects to its page.
fn begin(
    site: &Site,
    received: Upload,
    bytes: u64,
    title: String,
    sources: Sources,
) -> Result<Response, Problem> {
    let job = site.jobs.begin(received, bytes, title, sources);
    match job.map_err(|e| from_io(&e))? {
        Ok(job) => Ok(Redirect::to(&job_url(&job)).into_response()),
        Err(_) => Err(Problem::new(Code::NoSpace)),
    }
}

/// `POST /add/text`: pasted text, or a page sent by the bookmarklet.
pub async fn text(
    State(site): State<Arc<Site>>,
    Extension(frame): Extension<Frame>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let _place = site.forms.permit().await?;
    let form = upload::form(body).await?;
    let (text, html, url) = (
        form_value(&form, "text"),
        form_value(&form, "html"),
        form_value(&form, "url"),
    );
    let url = url.trim();
    let problem = if !url.is_empty() && !is_web_address(url) {
        Some(frame.labels().add_no_addresses)
    } else if text.trim().is_empty() && html.trim().is_empty() {
        Some(frame.labels().add_nothing)
    } else {
        None
    };
    if problem.is_some() {
        let url = url.to_owned();
        let view = FormView {
            problem,
            text,
            url,
            ..FormView::default()
        };
        return forms(&site, &frame, &headers, view);
    }
    let is_page = !html.trim().is_empty();
    let first_line = text.lines().map(str::trim).find(|line| !line.is_empty());
    let title = match (url, first_line) {
        ("", first_line) => first_line.unwrap_or(frame.labels().add_received),
        (url, _) => url,
    };
    let title = title.to_owned();
    let (name, content) = match is_page {
        // The byte order mark overrides the charset that the page declares.
        true => (pasted_name("html"), format!("\u{feff}{html}")),
        false => (pasted_name("txt"), text),
    };
    let mut received = Upload::new().map_err(|e| from_io(&e))?;
    let file = received.create(&name).map_err(|e| from_io(&e))?;
    let mut out = FileWriter::new(file);
    let bytes = content.len() as u64;
    out.write(Bytes::from(content)).await?;
    out.finish().await?;
    let sources = Sources {
        paths: received.paths(),
        page_url: (!url.is_empty()).then(|| url.to_owned()),
        keep_pages: is_page,
    };
    begin(&site, received, bytes, title, sources)
}

/// `POST /add/addresses`: URLs, one per line.
pub async fn addresses(
    State(site): State<Arc<Site>>,
    Extension(frame): Extension<Frame>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let _place = site.forms.permit().await?;
    let form = upload::form(body).await?;
    let addresses = form_value(&form, "addresses");
    let lines = || {
        addresses
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
    };
    let count = lines().count();
    let problem = if count == 0 || !lines().all(is_web_address) {
        Some(frame.labels().add_no_addresses)
    } else if count > MAX_ADDRESSES {
        Some(frame.labels().add_too_many_addresses)
    } else {
        None
    };
    if problem.is_some() {
        let view = FormView {
            problem,
            addresses,
            ..FormView::default()
        };
        return forms(&site, &frame, &headers, view);
    }
    let title = match (lines().next(), count) {
        (Some(first), 1) => first.to_owned(),
        (first, _) => format!("{} (+{})", first.unwrap_or_default(), count - 1),
    };
    let sources = Sources {
        paths: lines().map(PathBuf::from).collect(),
        ..Sources::default()
    };
    let received = Upload::new().map_err(|e| from_io(&e))?;
    begin(&site, received, 0, title, sources)
}

/// `POST /add/files`: uploaded files, written to disk as they arrive.
async fn files(
    State(site): State<Arc<Site>>,
    Extension(frame): Extension<Frame>,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Problem> {
    upload::check_length(&headers)?;
    let _place = site.uploads.permit().await?;
    let parts = Multipart::from_request(request, &()).await;
    let mut parts = parts.map_err(|e| Problem::new(Code::BadRequest).with_detail(e.body_text()))?;
    let broken = |e: axum::extract::multipart::MultipartError| Problem {
        status: e.status(),
        ..Problem::new(Code::BadRequest).with_detail(e.body_text())
    };
    let mut received = Upload::new().map_err(|e| from_io(&e))?;
    let (mut bytes, mut count, mut first) = (0, 0, String::new());
    let mut keep_pages = false;
    while let Some(mut part) =
        within_timeout(async { parts.next_field().await.map_err(broken) }).await?
    {
        if part.name() == Some("keep_pages") {
            keep_pages = true;
            continue;
        }
        let name = part.file_name().unwrap_or_default().to_owned();
        if name.is_empty() {
            continue;
        }
        count += 1;
        if count > MAX_FILES {
            return Err(Problem::new(Code::TooLarge));
        }
        let file = received.create(&name).map_err(|e| from_io(&e))?;
        let mut out = FileWriter::new(file);
        while let Some(piece) = within_timeout(async { part.chunk().await.map_err(broken) }).await?
        {
            bytes += piece.len() as u64;
            out.write(piece).await?;
        }
        out.finish().await?;
        if first.is_empty() {
            first = name;
        }
    }
    if received.is_empty() {
        let problem = Some(frame.labels().add_no_files);
        return forms(
            &site,
            &frame,
            &headers,
            FormView {
                problem,
                ..FormView::default()
            },
        );
    }
    let title = match count {
        1 => first,
        _ => format!("{first} (+{})", count - 1),
    };
    let sources = Sources {
        paths: received.paths(),
        page_url: None,
        keep_pages,
    };
    begin(&site, received, bytes, title, sources)
}

/// `GET /add/{id}`: progress, preview or result of a job.
pub async fn job(
    State(site): State<Arc<Site>>,
    Extension(frame): Extension<Frame>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let job = site.jobs.get(&id).ok_or_else(Problem::not_found)?;
    let worker = Arc::clone(&site);
    let work = move || {
        let state = job.state();
        let shown = state.shown.iter().enumerate();
        let shown = shown.map(|(n, shown)| {
            let stored = worker.answer(frame.lang, |app| app.stored_as(&shown.clipping))?;
            Ok(ClippingView {
                stored: stored.flatten().map(|id| view::path(&id)),
                ..ClippingView::new(n, shown, frame.lang)
            })
        });
        let view = JobView {
            shown: match state.phase {
                Phase::Ready => shown.collect::<Result<_, Problem>>()?,
                _ => Vec::new(),
            },
            ..JobView::new(&worker, &job, &state, &frame)
        };
        worker.page(&frame, "job.html", &view)
    };
    site.pool.run(work).await?
}

impl JobView {
    fn new(site: &Site, job: &Job, state: &JobState, frame: &Frame) -> JobView {
        let lang = frame.lang;
        let is_ready = state.phase == Phase::Ready;
        let listed = state.listed.iter().zip(MAX_EDITABLE..);
        let shown = state.shown.len() + state.listed.len();
        JobView {
            id: job.id.clone(),
            phase: state.phase,
            clippings: number(state.clippings),
            count: state.clippings,
            percent: state.percent,
            current: line(&state.current),
            shown: Vec::new(),
            listed: match is_ready {
                true => listed.map(|(c, n)| ListedView::new(n, c, lang)).collect(),
                false => Vec::new(),
            },
            more: state.clippings.saturating_sub(shown as u64),
            skips: state
                .skips
                .iter()
                .map(|skip| SkipView {
                    source: line(&skip.source),
                    reason: line(&skip.reason.text(lang)),
                })
                .collect(),
            more_skips: state.skipped.saturating_sub(state.skips.len() as u64),
            done: state.added.as_ref().map(|added| {
                let summary = &added.report.summary;
                DoneView {
                    counts: [
                        number(summary.added),
                        number(summary.updated),
                        number(summary.unchanged),
                        number(state.skipped),
                    ],
                    interrupted: summary.interrupted,
                    clippings: added_links(site, &added.ids),
                }
            }),
            problem: match &state.error {
                Some(e) => Some(from_app(e, lang)),
                None => (state.phase == Phase::Failed).then(|| Problem::new(Code::Internal)),
            }
            .map(|problem| {
                let title = problem.title(lang);
                match problem.detail {
                    Some(detail) => format!("{title}: {}", line(&detail)),
                    None => title.to_owned(),
                }
            }),
            has_bad_fields: false,
        }
    }
}

/// Links to the added clippings. Ids that were replaced since are left out.
fn added_links(site: &Site, ids: &[String]) -> Vec<view::Link> {
    let shown = ids
        .iter()
        .filter_map(|id| site.app.show(std::slice::from_ref(id)).ok());
    let link = |clipping: Clipping| view::Link {
        label: view::plain_headline(&clipping),
        href: view::path(&clipping.id),
    };
    shown.flatten().map(link).collect()
}

impl ListedView {
    fn new(n: usize, clipping: &Clipping, lang: Lang) -> ListedView {
        ListedView {
            n,
            headline: view::plain_headline(clipping),
            outlet: clipping.outlet.as_deref().map(line),
            published: clipping
                .published
                .map(|published| view::when(published, lang)),
        }
    }
}

impl ClippingView {
    fn new(
        n: usize,
        PreviewItem {
            clipping: c,
            provenance,
        }: &PreviewItem,
        lang: Lang,
    ) -> ClippingView {
        ClippingView {
            n,
            fields: Fields::of(c),
            can_edit_body: can_edit_body(c),
            is_left_out: false,
            source: line(&c.source),
            captions: c.captions.iter().map(|caption| line(caption)).collect(),
            warnings: c.warnings.iter().map(|w| line(&w.text(lang))).collect(),
            provenance: provenance
                .iter()
                .map(|found| ProvenanceView {
                    field: found.field.text(lang),
                    origin: line(&found.origin.text(lang)),
                })
                .collect(),
            stored: None,
            bad_date: false,
            is_empty: false,
        }
    }
}

fn can_edit_body(clipping: &Clipping) -> bool {
    clipping.body.chars().nth(MAX_BODY_CHARS).is_none()
}

/// The fields of a clipping as form values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Fields {
    headline: String,
    subheads: String,
    outlet: String,
    reporters: String,
    published: String,
    section: String,
    url: String,
    body: String,
}

impl Fields {
    fn of(c: &Clipping) -> Fields {
        let shown = |text: &str| sanitize::line(text).into_owned();
        let optional = |text: &Option<String>| text.as_deref().map(shown).unwrap_or_default();
        let lines = |texts: &[String], between| {
            let texts: Vec<String> = texts.iter().map(|text| shown(text)).collect();
            texts.join(between)
        };
        let body: String = match can_edit_body(c) {
            true => c.body.clone(),
            false => c.body.chars().take(MAX_BODY_CHARS).collect(),
        };
        Fields {
            headline: shown(&c.headline),
            subheads: lines(&c.subheads, "\n"),
            outlet: optional(&c.outlet),
            reporters: lines(&c.reporters, ", "),
            published: c.published.map(typed_date).unwrap_or_default(),
            section: optional(&c.section),
            url: optional(&c.url),
            body: sanitize::paragraphs(&body).into_owned(),
        }
    }

    /// Replaces fields by those that `form` has for clipping `n`.
    fn typed(self, form: &HashMap<String, String>, n: usize) -> Fields {
        let typed = |name: &str, shown: String| match form.get(&format!("{name}-{n}")) {
            // Browsers submit line breaks as CR LF.
            Some(typed) => typed.replace("\r\n", "\n"),
            None => shown,
        };
        Fields {
            headline: typed("headline", self.headline),
            subheads: typed("subheads", self.subheads),
            outlet: typed("outlet", self.outlet),
            reporters: typed("reporters", self.reporters),
            published: typed("published", self.published),
            section: typed("section", self.section),
            url: typed("url", self.url),
            body: typed("body", self.body),
        }
    }

    /// `clipping` with the fields that the user changed.
    fn correct(&self, clipping: &Clipping) -> Result<Clipping, BadFields> {
        let shown = Fields::of(clipping);
        if *self == shown {
            return Ok(clipping.clone());
        }
        let mut changed = clipping.clone();
        let optional = |text: &str| (!text.trim().is_empty()).then(|| text.trim().to_owned());
        if self.headline != shown.headline {
            changed.headline.clone_from(&self.headline);
        }
        if self.subheads != shown.subheads {
            changed.subheads = self.subheads.lines().map(str::to_owned).collect();
        }
        if self.outlet != shown.outlet {
            changed.outlet = optional(&self.outlet);
        }
        if self.reporters != shown.reporters {
            let names = self.reporters.split([',', '、', '·']).map(str::to_owned);
            changed.reporters = names.collect();
        }
        if self.published != shown.published {
            changed.published = match optional(&self.published) {
                Some(text) => Some(text.parse().map_err(|_| BadFields::Date)?),
                None => None,
            };
        }
        if self.section != shown.section {
            changed.section = optional(&self.section);
        }
        if self.url != shown.url {
            changed.url = optional(&self.url);
        }
        if self.body != shown.body && can_edit_body(clipping) {
            changed.body.clone_from(&self.body);
        }
        corrected(changed).map_err(|_| BadFields::Empty)
    }
}

/// Why the fields of a clipping were rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum BadFields {
    /// Not a date.
    Date,
    /// Neither a headline nor a body.
    Empty,
}

/// A date in the form in which users type it: `2024-02-22 10:31`.
fn typed_date(published: Published) -> String {
    let date = published.date;
    match published.time {
        None => date.to_string(),
        Some(time) if time.second() == 0 => {
            format!("{date} {:02}:{:02}", time.hour(), time.minute())
        }
        Some(time) => {
            let (h, m, s) = (time.hour(), time.minute(), time.second());
            format!("{date} {h:02}:{m:02}:{s:02}")
        }
    }
}

/// `POST /add/{id}`: adds the clippings of a preview, with corrections.
pub async fn keep(
    State(site): State<Arc<Site>>,
    Extension(frame): Extension<Frame>,
    Path(id): Path<String>,
    body: Body,
) -> Result<Response, Problem> {
    let job = site.jobs.get(&id).ok_or_else(Problem::not_found)?;
    let _place = site.forms.permit().await?;
    let form = upload::form(body).await?;
    let state = job.state();
    // A second click: the job has already left the preview.
    if state.phase != Phase::Ready {
        return Ok(Redirect::to(&job_url(&job)).into_response());
    }
    let mut left_out = HashSet::new();
    let mut fields = HashMap::new();
    for (key, value) in form_urlencoded::parse(&form) {
        match &*key {
            "out" => left_out.extend(value.parse::<u64>().ok()),
            _ => {
                fields.insert(key.into_owned(), value.into_owned());
            }
        }
    }
    let mut clippings = Vec::new();
    let mut shown = Vec::new();
    let mut is_bad = false;
    for (n, before) in state.shown.iter().enumerate() {
        let is_left_out = left_out.contains(&(n as u64));
        let typed = Fields::of(&before.clipping).typed(&fields, n);
        let clipping = match is_left_out {
            true => Ok(before.clipping.clone()),
            false => typed.correct(&before.clipping),
        };
        is_bad |= clipping.is_err();
        shown.push(ClippingView {
            fields: typed,
            is_left_out,
            bad_date: clipping == Err(BadFields::Date),
            is_empty: clipping == Err(BadFields::Empty),
            ..ClippingView::new(n, before, frame.lang)
        });
        clippings.extend(clipping);
    }
    if is_bad {
        let view = JobView {
            shown,
            has_bad_fields: true,
            ..JobView::new(&site, &job, &state, &frame)
        };
        let mut response = site.page(&frame, "job.html", &view)?;
        *response.status_mut() = axum::http::StatusCode::BAD_REQUEST;
        return Ok(response);
    }
    job.correct(clippings);
    site.jobs.add(&site, &job, left_out);
    Ok(Redirect::to(&job_url(&job)).into_response())
}

/// `POST /add/{id}/discard`: stops a job, and removes it unless it was adding.
pub async fn discard(
    State(site): State<Arc<Site>>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let job = site.jobs.get(&id).ok_or_else(Problem::not_found)?;
    if job.phase() == Phase::Adding {
        job.stop();
        return Ok(Redirect::to(&job_url(&job)).into_response());
    }
    site.jobs.discard(&id);
    Ok(Redirect::to("/add").into_response())
}

/// `GET /add/{id}/events`: the state of a job as server-sent events, until it waits for the user or is
/// done. With `?once`, a single event.
pub async fn events(
    State(site): State<Arc<Site>>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let job = site.jobs.get(&id).ok_or_else(Problem::not_found)?;
    let is_one = query.as_deref() == Some("once");
    let (writer, body) = streamed();
    let mut changes = job.watch();
    let mut closing = site.jobs.closing();
    drop(job);
    tokio::spawn(async move {
        loop {
            let (event, is_running) = {
                let state = changes.borrow_and_update();
                let json = serde_json::to_string(&*state).unwrap_or_default();
                (format!("data: {json}\n\n"), state.phase.is_running())
            };
            let is_gone = writer.send_now(event).await.is_err();
            if is_gone || is_one || !is_running || *closing.borrow_and_update() {
                return;
            }
            tokio::time::sleep(PAUSE).await;
            let is_over = tokio::select! {
                changed = changes.changed() => changed.is_err(),
                _ = closing.changed() => true,
                () = writer.closed() => true,
            };
            if is_over {
                return;
            }
        }
    });
    let kind = HeaderValue::from_static("text/event-stream");
    let no_store = HeaderValue::from_static("no-store");
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, no_store),
    ];
    Ok((headers, body).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clipping() -> Clipping {
        Clipping {
            headline: "틀린 제목".to_owned(),
            outlet: Some("모두일보".to_owned()),
            reporters: vec!["김하나".to_owned()],
            published: "2024-02-22T10:31:00+09:00".parse().ok(),
            body: "첫째\n둘째".to_owned(),
            source: "a.html".to_owned(),
            ..Clipping::default()
        }
    }

    fn typed(pairs: &[(&str, &str)]) -> Result<Clipping, BadFields> {
        let pairs = pairs
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        let fields = Fields::of(&clipping()).typed(&pairs.collect(), 1);
        fields.correct(&clipping())
    }

    #[test]
    fn only_edited_fields_change() {
        let same = [
            ("headline-1", "틀린 제목"),
            ("body-1", "첫째\r\n둘째"),
            ("headline-2", "x"),
        ];
        assert_eq!(typed(&same), Ok(clipping()));
        let changed = typed(&[
            ("headline-1", " 맞는 제목 "),
            ("outlet-1", " "),
            ("reporters-1", "김하나, 이두리,"),
            ("published-1", "2024-02-23"),
            ("subheads-1", "부제\r\n"),
            ("body-1", "첫째\r\n\r\n셋째"),
        ]);
        let expected = Clipping {
            headline: "맞는 제목".to_owned(),
            outlet: None,
            reporters: vec!["김하나".to_owned(), "이두리".to_owned()],
            published: "2024-02-23".parse().ok(),
            subheads: vec!["부제".to_owned()],
            body: "첫째\n셋째".to_owned(),
            ..clipping()
        };
        assert_eq!(changed, Ok(expected));
    }

    #[test]
    fn invalid_fields_are_rejected() {
        assert_eq!(typed(&[("published-1", "어제쯤")]), Err(BadFields::Date));
        assert_eq!(typed(&[("published-1", " ")]).unwrap().published, None);
        let empty = [("headline-1", " "), ("body-1", "")];
        assert_eq!(typed(&empty), Err(BadFields::Empty));
    }

    #[test]
    fn dates_round_trip_through_the_form() {
        for text in ["2024-02-22", "2024-02-22 10:31", "2024-02-22 10:31:07"] {
            assert_eq!(typed_date(text.parse().unwrap()), text);
        }
    }
}
