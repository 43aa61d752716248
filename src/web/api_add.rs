//! `POST /api/clippings` and `POST /api/extract`: a body of any size that `add` or `extract` reads.

use std::io::{self, Write};
use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use tokio::sync::oneshot;
use url::form_urlencoded;

use super::Site;
use super::http::{BodyWriter, streamed};
use super::jobs::{COMMAND, Received, Sources, WAIT};
use super::problem::{Code, Problem, of_app};
use super::render::Frame;
use super::upload::{self, of_disk};
use crate::app::add::is_web_address;
use crate::app::extract::{NotRead, extract};
use crate::app::staged::{AddStaged, stage};
use crate::messages::{Lang, Localize};
use crate::report;

/// The header that says how much of a body gave no clipping.
const SKIPPED: HeaderName = HeaderName::from_static("clippings-skipped");

/// What the parameters say of a body.
#[derive(Debug, Default, PartialEq, Eq)]
struct About {
    name: Option<String>,
    url: Option<String>,
    keep_pages: bool,
}

impl About {
    fn read(query: Option<String>) -> Result<About, Problem> {
        let mut about = About::default();
        let query = query.unwrap_or_default();
        for (key, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*key {
                "name" => about.name = Some(value.into_owned()),
                "url" if is_web_address(&value) => about.url = Some(value.into_owned()),
                "url" => {
                    let problem = Problem::new(Code::BadRequest);
                    return Err(problem.with_detail("url: http:// or https://"));
                }
                "keep_pages" => about.keep_pages = matches!(&*value, "1" | "true" | "on" | "yes"),
                _ => {}
            }
        }
        Ok(about)
    }

    /// The name of the file, which tells its format where its bytes do not.
    fn file_name(&self, headers: &HeaderMap) -> String {
        if let Some(name) = &self.name {
            return name.clone();
        }
        let kind = headers.get(header::CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let ending = match kind.split(';').next().unwrap_or_default().trim() {
            "application/x-ndjson" | "application/jsonl" | "application/json-lines" => ".jsonl",
            "application/json" => ".json",
            "text/html" | "application/xhtml+xml" => ".html",
            "text/plain" => ".txt",
            "text/csv" => ".csv",
            "application/pdf" => ".pdf",
            "application/zip" => ".zip",
            _ => "",
        };
        format!("clippings{ending}")
    }
}

/// Writes the body of a request to disk.
async fn receive(
    site: &Site,
    query: Option<String>,
    headers: &HeaderMap,
    body: Body,
) -> Result<(Received, Sources), Problem> {
    let about = About::read(query)?;
    upload::check_length(headers)?;
    let _place = site.uploads.permit().await?;
    let mut received = Received::new().map_err(|e| of_disk(&e))?;
    let file = received.create(&about.file_name(headers));
    upload::save(body, file.map_err(|e| of_disk(&e))?).await?;
    let sources = Sources {
        paths: received.paths(),
        page_url: about.url,
        keep_pages: about.keep_pages,
    };
    Ok((received, sources))
}

/// `POST /api/clippings`: adds what the body holds.
pub async fn add(
    State(site): State<Arc<Site>>,
    Extension(frame): Extension<Frame>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let (received, sources) = receive(&site, query, &headers, body).await?;
    let lang = frame.lang;
    let worker = Arc::clone(&site);
    let work = move || -> Result<Response, Problem> {
        let failed = |e| of_app(&e, lang);
        let name = |source: &str| received.own(source);
        let stop = worker.jobs.stop();
        let options = sources.options();
        let staged = stage(options, received.folder(), &name, &stop, None, &mut |_| {});
        let staged = staged.map_err(failed)?;
        let how = AddStaged {
            command: COMMAND,
            wait: WAIT,
            correct: &|_, clipping| Some(clipping),
            progress: &|_| {},
        };
        let added = worker
            .app
            .add_staged(&staged, &how, &stop)
            .map_err(failed)?;
        let mut json = Vec::new();
        report::stats::added_json(&added.report, &mut json)
            .map_err(|_| Problem::new(Code::Internal))?;
        let kind = HeaderValue::from_static("application/json");
        Ok(([(header::CONTENT_TYPE, kind)], json).into_response())
    };
    let done = site.jobs.wait_for(work).await;
    done.unwrap_or_else(|| Err(Problem::new(Code::Internal)))
}

/// `POST /api/extract`: what `add` would add of the body.
pub async fn extracted(
    State(site): State<Arc<Site>>,
    Extension(frame): Extension<Frame>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let (received, sources) = receive(&site, query, &headers, body).await?;
    let (writer, body) = streamed();
    let (begun, begins) = oneshot::channel();
    let worker = Arc::clone(&site);
    site.exports
        .begin(move || {
            let mut out = Extracting {
                begun: Some(begun),
                writer,
                array: report::clipping::JsonArray::default(),
            };
            let written = out.write(&worker, &received, sources, frame.lang);
            out.end(written);
        })
        .await?;
    let skipped = match begins.await {
        Ok(begun) => begun?,
        Err(_) => return Err(Problem::new(Code::Internal)),
    };
    let kind = HeaderValue::from_static("application/json");
    let headers = [
        (header::CONTENT_TYPE, kind),
        (SKIPPED, HeaderValue::from(skipped)),
    ];
    Ok((headers, body).into_response())
}

/// An array that is written while it is extracted. What fails before its first clipping is a problem.
struct Extracting {
    begun: Option<oneshot::Sender<Result<u64, Problem>>>,
    writer: BodyWriter,
    array: report::clipping::JsonArray,
}

impl Extracting {
    fn write(
        &mut self,
        site: &Site,
        received: &Received,
        sources: Sources,
        lang: Lang,
    ) -> io::Result<Option<Problem>> {
        let (mut skipped, mut problem) = (0, None);
        let stop = site.jobs.stop();
        extract(
            sources.options(),
            &stop,
            None,
            &mut |item| -> io::Result<()> {
                match item {
                    Ok(mut item) => {
                        item.clipping.source = received.own(&item.clipping.source);
                        if let Some(begun) = self.begun.take() {
                            let _ = begun.send(Ok(skipped));
                        }
                        self.array.item(&item.clipping, &mut self.writer)?;
                    }
                    Err(NotRead::Skipped(skip) | NotRead::Failed(skip)) => {
                        skipped += 1;
                        problem.get_or_insert(skip.reason);
                    }
                }
                Ok(())
            },
        )?;
        let no_article = || {
            let detail = problem.map(|reason| reason.text(lang));
            Problem {
                detail,
                ..Problem::new(Code::NoArticle)
            }
        };
        Ok(self.begun.is_some().then(no_article))
    }

    fn end(mut self, written: io::Result<Option<Problem>>) {
        match (written, self.begun.take()) {
            (Ok(Some(problem)), Some(begun)) => {
                let _ = begun.send(Err(problem));
            }
            (Err(e), Some(begun)) => {
                let _ = begun.send(Err(of_disk(&e)));
            }
            (Err(e), None) => self.writer.fail(e),
            (Ok(_), _) => {
                let ended = self.array.finish(&mut self.writer);
                if let Err(e) = ended.and_then(|()| self.writer.flush()) {
                    self.writer.fail(e);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_named_by_its_type() {
        for (kind, name) in [
            ("text/html; charset=euc-kr", "clippings.html"),
            ("application/x-ndjson", "clippings.jsonl"),
            ("image/png", "clippings"),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, kind.parse().unwrap());
            assert_eq!(About::default().file_name(&headers), name);
        }
        let about = About::read(Some(
            "name=a.csv&url=https%3A%2F%2Fx.example%2F&keep_pages=1".to_owned(),
        ));
        let about = about.unwrap();
        assert_eq!(about.file_name(&HeaderMap::new()), "a.csv");
        assert_eq!(about.url.as_deref(), Some("https://x.example/"));
        assert!(about.keep_pages);
        assert!(About::read(Some("url=javascript:1".to_owned())).is_err());
    }
}
