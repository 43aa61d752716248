//! `POST /api/clippings` and `POST /api/extract`: `add` and `extract` for a request body.

use std::io::{self, Write};
use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use tokio::sync::{OwnedSemaphorePermit, oneshot};
use url::form_urlencoded;

use super::Site;
use super::http::{BodyWriter, streamed};
use super::jobs::{COMMAND, LOCK_WAIT, Sources, Upload};
use super::params::flag;
use super::problem::{Code, Problem, from_app};
use super::render::Frame;
use super::upload::{self, from_io};
use crate::app::add::is_web_address;
use crate::app::extract::{NotRead, extract};
use crate::app::staged::{AddStaged, stage};
use crate::messages::{Lang, Localize};
use crate::report;

/// Response header of `extract`: the number of items skipped before the first clipping.
const SKIPPED: HeaderName = HeaderName::from_static("clippings-skipped");

/// The query parameters of both requests.
#[derive(Debug, Default, PartialEq, Eq)]
struct UploadParams {
    name: Option<String>,
    url: Option<String>,
    keep_pages: bool,
}

impl UploadParams {
    fn read(query: Option<String>) -> Result<UploadParams, Problem> {
        let mut params = UploadParams::default();
        let query = query.unwrap_or_default();
        for (key, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*key {
                "name" => params.name = Some(value.into_owned()),
                "url" if is_web_address(&value) => params.url = Some(value.into_owned()),
                "url" => {
                    let problem = Problem::new(Code::BadRequest);
                    return Err(problem.with_detail("url: http:// or https://"));
                }
                "keep_pages" => params.keep_pages = flag("keep_pages", &value) == Ok(true),
                _ => {}
            }
        }
        Ok(params)
    }

    /// A file name for the body. Its extension decides the format if the content is ambiguous.
    fn file_name(&self, headers: &HeaderMap) -> String {
        if let Some(name) = &self.name {
            return name.clone();
        }
        let kind = headers.get(header::CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let extension = match kind.split(';').next().unwrap_or_default().trim() {
            "application/x-ndjson" | "application/jsonl" | "application/json-lines" => ".jsonl",
            "application/json" => ".json",
            "text/html" | "application/xhtml+xml" => ".html",
            "text/plain" => ".txt",
            "text/csv" => ".csv",
            "application/pdf" => ".pdf",
            "application/zip" => ".zip",
            _ => "",
        };
        format!("clippings{extension}")
    }
}

/// Saves the body. The permit is to be held as long as its files are.
async fn receive(
    site: &Site,
    query: Option<String>,
    headers: &HeaderMap,
    body: Body,
) -> Result<(Upload, Sources, OwnedSemaphorePermit), Problem> {
    let params = UploadParams::read(query)?;
    upload::check_length(headers)?;
    let permit = site.uploads.permit().await?;
    let mut upload = Upload::new().map_err(|e| from_io(&e))?;
    let file = upload.create(&params.file_name(headers));
    upload::save(body, file.map_err(|e| from_io(&e))?).await?;
    let sources = Sources {
        paths: upload.paths(),
        page_url: params.url,
        keep_pages: params.keep_pages,
    };
    Ok((upload, sources, permit))
}

/// `POST /api/clippings`: adds the clippings in the body.
pub async fn add(
    State(site): State<Arc<Site>>,
    Extension(frame): Extension<Frame>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let (upload, sources, permit) = receive(&site, query, &headers, body).await?;
    let lang = frame.lang;
    let worker = Arc::clone(&site);
    let work = move || -> Result<Response, Problem> {
        let _permit = permit;
        let failed = |e| from_app(&e, lang);
        let name = |source: &str| upload.display_source(source);
        let stop = worker.jobs.stop();
        let options = sources.options();
        let staged = stage(options, upload.folder(), &name, &stop, None, &mut |_| {});
        let staged = staged.map_err(failed)?;
        let how = AddStaged {
            command: COMMAND,
            wait: LOCK_WAIT,
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
    let done = site.jobs.run(work).await;
    done.unwrap_or_else(|| Err(Problem::new(Code::Internal)))
}

/// `POST /api/extract`: the clippings that `add` would extract from the body.
pub async fn extracted(
    State(site): State<Arc<Site>>,
    Extension(frame): Extension<Frame>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let (upload, sources, permit) = receive(&site, query, &headers, body).await?;
    let (writer, body) = streamed();
    let (begun, begins) = oneshot::channel();
    let worker = Arc::clone(&site);
    site.exports
        .begin(move || {
            let _permit = permit;
            let mut out = ArrayStream {
                begun: Some(begun),
                writer,
                array: report::clipping::JsonArray::default(),
            };
            let written = out.write(&worker, &upload, sources, frame.lang);
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

/// Streams a JSON array of clippings. Errors before the first clipping become a [`Problem`].
struct ArrayStream {
    begun: Option<oneshot::Sender<Result<u64, Problem>>>,
    writer: BodyWriter,
    array: report::clipping::JsonArray,
}

impl ArrayStream {
    fn write(
        &mut self,
        site: &Site,
        upload: &Upload,
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
                        item.clipping.source = upload.display_source(&item.clipping.source);
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
                let _ = begun.send(Err(from_io(&e)));
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
    fn file_name_follows_name_or_content_type() {
        for (kind, name) in [
            ("text/html; charset=euc-kr", "clippings.html"),
            ("application/x-ndjson", "clippings.jsonl"),
            ("image/png", "clippings"),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, kind.parse().unwrap());
            assert_eq!(UploadParams::default().file_name(&headers), name);
        }
        let params = UploadParams::read(Some(
            "name=a.csv&url=https%3A%2F%2Fx.example%2F&keep_pages=1".to_owned(),
        ));
        let params = params.unwrap();
        assert_eq!(params.file_name(&HeaderMap::new()), "a.csv");
        assert_eq!(params.url.as_deref(), Some("https://x.example/"));
        assert!(params.keep_pages);
        assert!(UploadParams::read(Some("url=javascript:1".to_owned())).is_err());
    }
}
