//! `GET /clippings/{id}` and `GET /clippings/{id}/page` (the stored page).

use std::fmt::Write as _;
use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::view::{self, FULL_HEADLINE, Link, Piece, When};
use crate::app::read::{Neighbour, Ranges, ReadAnswer, ReadRequest};
use crate::app::similar::SimilarRequest;
use crate::clipping::Clipping;
use crate::messages::{Lang, Localize};
use crate::report::sanitize;
use crate::web::Site;
use crate::web::labels::Labels;
use crate::web::params::{PER_PAGE, Params};
use crate::web::problem::{Problem, from_app, from_params};
use crate::web::protect::PAGE_CSP;
use crate::web::render::Frame;

/// Maximum number of characters shown of a body. The longest articles have 50,000; browsers become
/// slow on far longer texts.
const MAX_BODY_CHARS: usize = 1_000_000;

/// Number of similar clippings listed.
const MAX_SIMILAR: usize = 5;

#[derive(Serialize)]
struct View {
    id: String,
    q: String,
    back: Option<String>,
    previous: Option<Link>,
    next: Option<Link>,
    headline: Vec<Piece>,
    plain_headline: String,
    subheads: Vec<Vec<Piece>>,
    outlet: Option<Link>,
    carrier: Option<String>,
    reporters: Vec<Link>,
    published: Option<When>,
    section: Option<String>,
    url: Option<String>,
    url_text: Option<String>,
    page: Option<String>,
    excerpt: bool,
    paragraphs: Vec<Vec<Piece>>,
    captions: Vec<Vec<Piece>>,
    copies: Vec<CopyView>,
    similar: Vec<SimilarView>,
    explanation: Vec<ShareView>,
    score: String,
    citations: Vec<Citation>,
    sources: Vec<String>,
    keywords: Vec<String>,
    warnings: Vec<String>,
}

#[derive(Serialize)]
struct CopyView {
    id: String,
    href: String,
    headline: String,
    outlet: Option<String>,
    published: Option<When>,
    only_here: Vec<String>,
    only_there: Vec<String>,
}

#[derive(Serialize)]
struct SimilarView {
    href: String,
    headline: String,
    outlet: Option<String>,
    published: Option<When>,
}

#[derive(Serialize)]
struct ShareView {
    term: String,
    field: &'static str,
    score: String,
}

#[derive(Serialize)]
struct Citation {
    label: &'static str,
    text: String,
}

/// `GET /clippings/{id}`.
pub async fn get(
    State(site): State<Arc<Site>>,
    Extension(frame): Extension<Frame>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let params =
        Params::read(&query.unwrap_or_default()).map_err(|e| from_params(e, frame.lang))?;
    let work = move |site: &Site, frame: &Frame| {
        let asked = ReadRequest {
            id,
            query: params.q.clone(),
            filters: params.filters(),
            sort: params.sort().unwrap_or_default(),
            all_copies: params.all_copies,
            rank: params
                .other("n")
                .and_then(|n| n.parse().ok())
                .filter(|n| *n > 0),
        };
        let rank = asked.rank;
        let failed = |e| from_app(&e, frame.lang);
        let answer = site.app.read(&asked).map_err(failed)?;
        let similar = site.app.similar(&SimilarRequest {
            id: answer.clipping.id.clone(),
            limit: MAX_SIMILAR,
            snippet_chars: 0,
            ..SimilarRequest::default()
        });
        let similar = similar.map_err(failed)?;
        let view = View {
            similar: similar
                .hits
                .iter()
                .map(|hit| SimilarView::new(&hit.clipping, frame.lang))
                .collect(),
            ..View::new(&answer, &params, rank, frame)
        };
        site.page(frame, "clipping.html", &view)
    };
    site.cached(&frame, &headers, work).await
}

/// `GET /clippings/{id}/page`: the stored page, which is untrusted HTML and therefore sandboxed.
pub async fn page(
    State(site): State<Arc<Site>>,
    Extension(frame): Extension<Frame>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let work = move |site: &Site, frame: &Frame| {
        let bytes = site.app.page(&id).map_err(|e| from_app(&e, frame.lang))?;
        // Anything but HTML is offered as a download.
        let head = bytes.get(..1024.min(bytes.len())).unwrap_or_default();
        let is_html = head.contains(&b'<') && !head.starts_with(b"%PDF") && !head.contains(&0);
        let kind = match is_html {
            true => "text/html",
            false => "application/octet-stream",
        };
        let headers = [
            (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
            (header::CONTENT_SECURITY_POLICY, PAGE_CSP),
            (
                header::CONTENT_DISPOSITION,
                HeaderValue::from_static(if is_html { "inline" } else { "attachment" }),
            ),
        ];
        Ok((headers, bytes).into_response())
    };
    site.cached(&frame, &headers, work).await
}

impl SimilarView {
    fn new(clipping: &Clipping, lang: Lang) -> SimilarView {
        SimilarView {
            href: view::path(&clipping.id),
            headline: view::plain_headline(clipping),
            outlet: clipping.outlet.as_deref().map(view::line),
            published: clipping
                .published
                .map(|published| view::when(published, lang)),
        }
    }
}

impl View {
    fn new(answer: &ReadAnswer, params: &Params, rank: Option<usize>, frame: &Frame) -> View {
        let (lang, labels) = (frame.lang, frame.labels());
        let c = &answer.clipping;
        let neighbour = |n: &Neighbour| Link {
            label: view::line(&n.headline),
            href: view::url(&n.id, params, Some(n.rank)),
        };
        let filter = |params: Params| params.search();
        let no_ranges = Ranges::new();
        let marked = |texts: &[String], highlights: &[Ranges]| {
            let ranges = highlights.iter().chain(std::iter::repeat(&no_ranges));
            let pairs = texts.iter().zip(ranges);
            pairs
                .map(|(text, ranges)| view::pieces(text, ranges, FULL_HEADLINE))
                .filter(|pieces| !pieces.is_empty())
                .collect()
        };
        let plain = view::plain_headline(c);
        let mut headline = view::pieces(&c.headline, &answer.headline_highlights, FULL_HEADLINE);
        if headline.is_empty() {
            headline = view::pieces(&plain, &[], FULL_HEADLINE);
        }
        View {
            id: c.id.clone(),
            q: params.q.clone(),
            back: rank.map(|rank| {
                let page = rank.saturating_sub(1) / PER_PAGE + 1;
                format!("{}#hit-{rank}", params.search_page(page))
            }),
            previous: answer.previous.as_ref().map(neighbour),
            next: answer.next.as_ref().map(neighbour),
            headline,
            plain_headline: plain,
            subheads: marked(&c.subheads, &answer.subhead_highlights),
            outlet: c.outlet.as_ref().map(|name| Link {
                label: view::line(name),
                href: filter(Params {
                    outlets: vec![name.clone()],
                    ..Params::default()
                }),
            }),
            carrier: c.carrier.as_deref().map(view::line),
            reporters: c
                .reporters
                .iter()
                .map(|name| Link {
                    label: view::line(name),
                    href: filter(Params {
                        reporters: vec![name.clone()],
                        ..Params::default()
                    }),
                })
                .collect(),
            published: c.published.map(|published| view::when(published, lang)),
            section: c.section.as_deref().map(view::line),
            url: view::http_url(c).map(str::to_owned),
            url_text: c.url.as_deref().map(|url| sanitize::line(url).into_owned()),
            page: answer
                .has_page
                .then(|| format!("{}/page", view::path(&c.id))),
            excerpt: c.excerpt,
            paragraphs: paragraphs(&c.body, &answer.body_highlights),
            captions: marked(&c.captions, &answer.caption_highlights),
            copies: answer
                .copies
                .iter()
                .map(|copy| CopyView {
                    href: view::url(&copy.id, params, None),
                    id: copy.id.clone(),
                    headline: view::line(&copy.headline),
                    outlet: copy.outlet.as_deref().map(view::line),
                    published: copy.published.map(|published| view::when(published, lang)),
                    only_here: copy.only_here.iter().map(|s| view::line(s)).collect(),
                    only_there: copy.only_there.iter().map(|s| view::line(s)).collect(),
                })
                .collect(),
            similar: Vec::new(),
            explanation: answer
                .explanation
                .iter()
                .map(|share| ShareView {
                    term: sanitize::line(&share.cause.text(lang)).into_owned(),
                    field: field_name(share.field.as_deref().unwrap_or_default(), labels),
                    score: format!("{:.2}", share.score),
                })
                .collect(),
            score: format!("{:.2}", answer.score),
            citations: citations(c, lang),
            sources: std::iter::once(&c.source)
                .chain(&c.other_sources)
                .filter(|source| !source.is_empty())
                .map(|source| sanitize::line(source).into_owned())
                .collect(),
            keywords: c
                .keywords
                .iter()
                .map(|keyword| view::line(keyword))
                .collect(),
            warnings: c
                .warnings
                .iter()
                .map(|warning| view::line(&warning.text(lang)))
                .collect(),
        }
    }
}

fn field_name(field: &str, labels: &Labels) -> &'static str {
    match field {
        "headline" => labels.field_headline,
        "body" => labels.field_body,
        "caption" | "subhead" | "extra" => labels.field_extra,
        _ => "",
    }
}

/// Splits a body into paragraphs, and its highlights with it.
fn paragraphs(body: &str, highlights: &[(usize, usize)]) -> Vec<Vec<Piece>> {
    let mut paragraphs = Vec::new();
    let mut begin = 0;
    let mut rest = highlights;
    for text in body.split('\n') {
        let end = begin + text.chars().count();
        let mut own = Vec::new();
        while let Some((&(from, to), later)) = rest.split_first() {
            if from >= end {
                break;
            }
            own.push((from.max(begin) - begin, to.min(end) - begin));
            // A highlight across paragraphs continues in the next one.
            if to > end {
                break;
            }
            rest = later;
        }
        let pieces = view::pieces(text, &own, MAX_BODY_CHARS.saturating_sub(begin));
        if pieces.iter().any(|piece| !piece.text.trim().is_empty()) {
            paragraphs.push(pieces);
        }
        begin = end + 1;
        if begin > MAX_BODY_CHARS {
            break;
        }
    }
    paragraphs
}

/// Citations of a clipping: outlet, headline, reporters, date, URL.
fn citations(clipping: &Clipping, lang: Lang) -> Vec<Citation> {
    let labels = Labels::of(lang);
    let headline = view::plain_headline(clipping);
    let url = view::http_url(clipping).map(|url| sanitize::line(url).into_owned());
    let mut facts = Vec::new();
    facts.extend(clipping.outlet.as_deref().map(view::line));
    if !clipping.reporters.is_empty() {
        facts.push(view::line(&clipping.reporters.join(", ")));
    }
    facts.extend(
        clipping
            .published
            .map(|published| published.date.to_string()),
    );
    let facts = facts.join(", ");
    let mut text = headline.clone();
    let mut markdown = match &url {
        Some(url) => format!(
            "[{}](<{}>)",
            in_markdown(&headline),
            url.replace('>', "%3E")
        ),
        None => in_markdown(&headline),
    };
    let mut html = match &url {
        Some(url) => format!("<a href=\"{}\">{}</a>", in_html(url), in_html(&headline)),
        None => in_html(&headline),
    };
    if !facts.is_empty() {
        let _ = write!(text, ", {facts}");
        let _ = write!(markdown, ", {}", in_markdown(&facts));
        let _ = write!(html, ", {}", in_html(&facts));
    }
    if let Some(url) = &url {
        let _ = write!(text, ", {url}");
    }
    vec![
        Citation {
            label: labels.cite_text,
            text,
        },
        Citation {
            label: "Markdown",
            text: markdown,
        },
        Citation {
            label: "HTML",
            text: html,
        },
    ]
}

fn in_markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(
            c,
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' | '~' | '!' | '&'
        ) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

fn in_html(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn highlights_are_split_by_paragraph() {
        let body = "가나다\n\n라마바";
        let shown: Vec<String> = paragraphs(body, &[(0, 1), (2, 6), (7, 8)])
            .iter()
            .map(|pieces| {
                let piece = |p: &Piece| {
                    if p.marked {
                        format!("[{}]", p.text)
                    } else {
                        p.text.clone()
                    }
                };
                pieces.iter().map(piece).collect()
            })
            .collect();
        assert_eq!(shown, ["[가]나[다]", "[라]마[바]"]);
    }

    #[test]
    fn citations_escape_markup() {
        let clipping = Clipping {
            headline: "<b>*굵게*</b>".to_owned(),
            outlet: Some("모두일보".to_owned()),
            url: Some("https://example.com/?a=\"<1>".to_owned()),
            ..Clipping::default()
        };
        let texts: Vec<String> = citations(&clipping, Lang::Ko)
            .into_iter()
            .map(|c| c.text)
            .collect();
        assert_eq!(
            texts[1],
            "[\\<b\\>\\*굵게\\*\\</b\\>](<https://example.com/?a=\"<1%3E>), 모두일보"
        );
        assert_eq!(
            texts[2],
            "<a href=\"https://example.com/?a=&quot;&lt;1&gt;\">&lt;b&gt;*굵게*&lt;/b&gt;</a>, 모두일보"
        );
    }
}
