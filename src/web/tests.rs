//! Tests of pages, API and middleware through the router, without a network.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use axum::routing::{get, post};
use tower::ServiceExt;

use super::problem::Code;
use super::protect::{PAGE_CSP, protected};
use super::{Config, Secret, Site, assets, routes};
use crate::app::add::{AddRequest, ReadOptions};
use crate::app::{App, SynonymSource};

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// A request as a browser sends it to this server.
fn request(method: &str, uri: &str) -> axum::http::request::Builder {
    Request::builder()
        .method(method)
        .uri(uri)
        .header(header::HOST, "127.0.0.1:7700")
}

/// A site whose index does not exist.
fn site(config: Config) -> Arc<Site> {
    let app = App::new("/nonexistent/index", SynonymSource::default());
    Arc::new(Site::new(app, "127.0.0.1:7700".parse().unwrap(), config).unwrap())
}

fn server(config: Config) -> Router {
    let extra = Router::new()
        .route("/panic", get(|| async { panic!("on purpose") as () }))
        .route("/change", post(|| async { "changed" }));
    protected(routes::router().merge(extra), site(config))
}

async fn send(server: &Router, request: Request<Body>) -> Answer {
    let response = server.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    Answer {
        status: parts.status,
        headers: parts.headers,
        body: String::from_utf8_lossy(&body).into_owned(),
    }
}

async fn get_page(server: &Router, uri: &str) -> Answer {
    send(server, request("GET", uri).body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn unknown_hosts_are_rejected_first() {
    let server = server(Config::default());
    for (host, status) in [
        ("127.0.0.1:7700", StatusCode::OK),
        ("localhost:7700", StatusCode::OK),
        ("[::1]:7700", StatusCode::OK),
        ("rebound.example:7700", StatusCode::MISDIRECTED_REQUEST),
        ("127.0.0.1:7701", StatusCode::MISDIRECTED_REQUEST),
        ("127.0.0.1", StatusCode::MISDIRECTED_REQUEST),
    ] {
        let request = Request::builder().uri("/login").header(header::HOST, host);
        let answer = send(&server, request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, status, "{host}");
        assert!(
            answer
                .header("content-security-policy")
                .contains("default-src 'none'")
        );
    }
    let none = Request::builder()
        .uri("/login")
        .body(Body::empty())
        .unwrap();
    assert_eq!(
        send(&server, none).await.status,
        StatusCode::MISDIRECTED_REQUEST
    );
}

#[tokio::test]
async fn every_response_has_the_security_headers() {
    let server = server(Config::default());
    for uri in ["/login", "/nowhere", "/api/nowhere", "/panic"] {
        let answer = get_page(&server, uri).await;
        assert_eq!(
            answer.header("content-security-policy"),
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
             connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; \
             require-trusted-types-for 'script'",
            "{uri}"
        );
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(answer.header(name), value, "{uri}");
        }
        assert!(!answer.header("cache-control").contains("public"), "{uri}");
    }
    let sandbox = PAGE_CSP;
    let sandbox = sandbox.to_str().unwrap();
    assert!(sandbox.starts_with("sandbox; default-src 'none';"));
    assert!(!sandbox.contains("allow-") && !sandbox.contains("script"));
}

#[tokio::test]
async fn cross_site_changes_are_rejected() {
    let server = server(Config::default());
    let cases: [(&[(&str, &str)], StatusCode); 8] = [
        (&[], StatusCode::OK),
        (&[("sec-fetch-site", "same-origin")], StatusCode::OK),
        (&[("sec-fetch-site", "none")], StatusCode::OK),
        (&[("origin", "http://127.0.0.1:7700")], StatusCode::OK),
        (
            &[
                ("sec-fetch-site", "cross-site"),
                ("origin", "https://evil.example"),
            ],
            StatusCode::FORBIDDEN,
        ),
        (&[("sec-fetch-site", "same-site")], StatusCode::FORBIDDEN),
        (
            &[("origin", "http://127.0.0.1:8000")],
            StatusCode::FORBIDDEN,
        ),
        (&[("origin", "null")], StatusCode::FORBIDDEN),
    ];
    for (headers, status) in cases {
        let mut builder = request("POST", "/change");
        for (name, value) in headers {
            builder = builder.header(*name, *value);
        }
        let answer = send(&server, builder.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, status, "{headers:?}");
    }
}

fn with_token() -> (tempfile::TempDir, Config, String) {
    let dir = tempfile::tempdir().unwrap();
    let (secret, token) = Secret::tokens(&dir.path().join("token")).unwrap();
    let config = Config {
        secret,
        ..Config::default()
    };
    (dir, config, token.unwrap())
}

#[tokio::test]
async fn requests_without_a_token_are_rejected() {
    let (_dir, config, token) = with_token();
    let server = server(config);
    let bearer = |token: &str| {
        let builder = request("POST", "/change").header("authorization", format!("Bearer {token}"));
        // With a token, the origin does not matter.
        builder
            .header("origin", "https://other.example")
            .body(Body::empty())
            .unwrap()
    };
    for (uri, status) in [
        ("/", StatusCode::SEE_OTHER),
        ("/search?q=a", StatusCode::SEE_OTHER),
        ("/nowhere", StatusCode::SEE_OTHER),
        ("/api/search?q=a", StatusCode::UNAUTHORIZED),
        ("/api/nowhere", StatusCode::UNAUTHORIZED),
        ("/api/search?token=wrong", StatusCode::UNAUTHORIZED),
        ("/login", StatusCode::OK),
    ] {
        assert_eq!(get_page(&server, uri).await.status, status, "{uri}");
    }
    assert_eq!(
        get_page(&server, "/search?q=%EA%B0%80")
            .await
            .header("location"),
        "/login?next=%2Fsearch%3Fq%3D%25EA%25B0%2580"
    );
    let change = request("POST", "/change").body(Body::empty()).unwrap();
    assert_eq!(send(&server, change).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(
        send(&server, bearer("wrong")).await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(send(&server, bearer(&token)).await.status, StatusCode::OK);

    // The printed URL starts a session and redirects to itself without the token.
    let answer = get_page(&server, &format!("/search?q=a&token={token}")).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(answer.header("location"), "/search?q=a");
    let cookie = answer.header("set-cookie");
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"),
        "{cookie}"
    );
    assert!(!cookie.contains(&token));
    let session = cookie.split(';').next().unwrap();
    let change = request("POST", "/change").header("cookie", session);
    assert_eq!(
        send(&server, change.body(Body::empty()).unwrap())
            .await
            .status,
        StatusCode::OK
    );
    let out = request("POST", "/logout").header("cookie", session);
    send(&server, out.body(Body::empty()).unwrap()).await;
    let change = request("POST", "/change").header("cookie", session);
    let after = send(&server, change.body(Body::empty()).unwrap()).await;
    assert_eq!(after.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn repeated_failures_are_rate_limited() {
    let (_dir, config, token) = with_token();
    let server = server(config);
    let attempt = |secret: &str| {
        let form = format!("secret={secret}&next=%2Fsearch");
        let builder = request("POST", "/login");
        builder
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(form))
            .unwrap()
    };
    let right = send(&server, attempt(&token)).await;
    assert_eq!(
        (right.status, right.header("location")),
        (StatusCode::SEE_OTHER, "/search")
    );
    for _ in 0..5 {
        assert_eq!(
            send(&server, attempt("wrong")).await.status,
            StatusCode::UNAUTHORIZED
        );
    }
    let answer = send(&server, attempt(&token)).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answer.header("retry-after"), "60");
}

#[tokio::test]
async fn a_password_authenticates() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("password");
    std::fs::write(&path, "correct horse\n").unwrap();
    let secret = Secret::password(&path).unwrap();
    let server = server(Config {
        secret,
        ..Config::default()
    });
    for (password, status) in [("wrong", 401), ("correct+horse", 303)] {
        let login = request("POST", "/login")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(format!("secret={password}")));
        assert_eq!(
            send(&server, login.unwrap()).await.status.as_u16(),
            status,
            "{password}"
        );
    }
    assert!(get_page(&server, "/login").await.body.contains("비밀번호"));
}

#[tokio::test]
async fn read_only_rejects_changes() {
    let server = server(Config {
        read_only: true,
        ..Config::default()
    });
    let answer = send(
        &server,
        request("POST", "/change").body(Body::empty()).unwrap(),
    )
    .await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.body.contains("읽기 전용"));
}

#[tokio::test]
async fn a_panic_yields_a_page_with_an_id() {
    let server = server(Config::default());
    let answer = get_page(&server, "/panic").await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(answer.body.contains("id ") && !answer.body.contains("on purpose"));
    assert_eq!(get_page(&server, "/login").await.status, StatusCode::OK);
}

#[tokio::test]
async fn problems_are_html_on_pages_and_json_in_the_api() {
    let server = server(Config::default());
    let page = get_page(&server, "/nowhere?lang=en").await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert!(page.body.contains("<h1>Not found</h1>") && page.body.contains("<html lang=\"en\">"));
    assert_eq!(
        page.header("set-cookie"),
        "lang=en; Path=/; Max-Age=31536000; SameSite=Lax"
    );
    let json = get_page(&server, "/api/nowhere?lang=en").await;
    assert_eq!(json.header("content-type"), "application/problem+json");
    let expected = serde_json::json!({
        "type": "about:blank", "title": "Not found", "status": 404, "code": "not_found",
    });
    assert_eq!(json.json(), expected);
    let method = send(
        &server,
        request("DELETE", "/login").body(Body::empty()).unwrap(),
    )
    .await;
    assert_eq!(method.status, StatusCode::METHOD_NOT_ALLOWED);
    assert!(method.body.contains("지원하지 않는 방식"));
}

#[tokio::test]
async fn assets_are_immutable_and_compressed() {
    let server = server(Config::default());
    let style = &assets::url("style.css");
    let gzip = request("GET", style).header("accept-encoding", "gzip");
    let answer = send(&server, gzip.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(
        answer.header("cache-control"),
        "public, max-age=31536000, immutable"
    );
    assert_eq!(answer.header("content-encoding"), "gzip");
    assert_eq!(
        get_page(&server, "/static/style.css").await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        get_page(&server, "/static/..%2Fmod.rs").await.status,
        StatusCode::NOT_FOUND
    );
}

// With an index.

const CLIPPINGS: &str = r#"{"id":"a","headline":"생성형 AI 지역신문","body":"지역신문이 생성형 AI를 쓴 기사에 표시를 붙인다.\n독자가 알아보게 한다.","outlet":"모두일보","reporters":["김하나"],"published":"2024-02-22T10:31:00+09:00","url":"https://example.com/a"}
{"id":"b","headline":"AI 반도체 수출","body":"AI 반도체 수출이 늘었다.","outlet":"저녁신문","published":"2024-03-02"}
{"id":"hostile/1","headline":"<script>alert(1)</script> \u202eAI\u202c \"'><img src=x onerror=alert(1)>","body":"</p><script>alert(2)</script> AI {{ 7*7 }}","outlet":"<b>일보</b>","reporters":["</a><script>"],"url":"javascript:alert(3)","published":"2024-03-03"}
"#;

fn indexed(clippings: &str, config: Config) -> (tempfile::TempDir, Router) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("clippings.jsonl");
    std::fs::write(&path, clippings).unwrap();
    let app = App::new(dir.path().join("index"), SynonymSource::default());
    let read = ReadOptions {
        paths: vec![path],
        ..ReadOptions::default()
    };
    let request = AddRequest {
        read,
        command: "test",
        ..AddRequest::default()
    };
    app.add(request, &Arc::default(), &|_| {}).unwrap();
    let site = Site::new(app, "127.0.0.1:7700".parse().unwrap(), config).unwrap();
    (dir, protected(routes::router(), Arc::new(site)))
}

const PAGES: [&str; 10] = [
    "/",
    "/search?q=AI",
    "/clippings/a?q=AI&n=1",
    "/clippings/hostile%2F1?q=AI&n=3",
    "/stats",
    "/saved?q=AI",
    "/digest",
    "/trend?q=AI&q=%EB%B0%98%EB%8F%84%EC%B2%B4",
    "/related?q=AI",
    "/terms?terms=AI%0A%3Cscript%3E",
];

#[tokio::test]
async fn hostile_clippings_are_escaped_on_every_page() {
    let (_dir, server) = indexed(CLIPPINGS, Config::default());
    let save = request("POST", "/api/saved").header("content-type", "application/json");
    let save = send(&server, save.body(Body::from(save_body())).unwrap()).await;
    assert_eq!(save.status, StatusCode::CREATED, "{}", save.body);
    for uri in PAGES.iter().chain(&[
        "/search?q=%3Cscript%3Ealert(1)%3C/script%3E",
        "/saved/AI.atom",
    ]) {
        let answer = get_page(&server, uri).await;
        assert_eq!(answer.status, StatusCode::OK, "{uri}: {}", answer.body);
        nothing_hostile(uri, &answer.body);
    }
}

fn nothing_hostile(uri: &str, body: &str) {
    let body = body.to_lowercase();
    // The only script is our own, which is external.
    assert_eq!(
        body.matches("<script").count(),
        body.matches("<script type=\"module\" src=\"&#x2f;static&#x2f;page.")
            .count(),
        "{uri}"
    );
    for bad in [
        "<img",
        "<b>",
        "href=\"javascript",
        "onerror=alert(1)>",
        "\u{202e}",
        " style=",
    ] {
        assert!(!body.contains(bad), "{uri}: {bad}");
    }
}

fn save_body() -> &'static str {
    r#"{"name":"AI","query":"AI"}"#
}

#[tokio::test]
async fn links_to_results_carry_the_search() {
    let (_dir, server) = indexed(CLIPPINGS, Config::default());
    let page = get_page(
        &server,
        "/search?q=AI&outlet=%EB%AA%A8%EB%91%90%EC%9D%BC%EB%B3%B4",
    )
    .await;
    let document = scraper::Html::parse_document(&page.body);
    let texts = |selector: &str| -> Vec<String> {
        let selector = scraper::Selector::parse(selector).unwrap();
        document
            .select(&selector)
            .map(|e| e.text().collect::<String>().trim().to_owned())
            .collect()
    };
    let hrefs = |selector: &str| -> Vec<String> {
        let selector = scraper::Selector::parse(selector).unwrap();
        document
            .select(&selector)
            .map(|e| e.attr("href").unwrap().to_owned())
            .collect()
    };
    assert_eq!(texts(".hit h3"), ["생성형 AI 지역신문"]);
    assert_eq!(texts(".hit h3 mark"), ["AI"]);
    assert_eq!(texts(".count"), ["1건"]);
    assert_eq!(texts(".hit time"), ["2024. 2. 22. (목) 10:31"]);
    let q = "q=AI&outlet=%EB%AA%A8%EB%91%90%EC%9D%BC%EB%B3%B4";
    assert_eq!(hrefs(".hit h3 a"), [format!("/clippings/a?{q}&n=1")]);
    assert_eq!(hrefs(".chips a"), ["/search?q=AI"]);
    assert!(hrefs(".facet .value").contains(&"/search?q=AI".to_owned()));
    assert!(hrefs(".sorts a").contains(&format!("/search?{q}&sort=newest")));
    let english = get_page(&server, "/search?q=AI&lang=en").await.body;
    assert!(english.contains("3 results") && english.contains("Thu 22 Feb 2024, 10:31"));
}

#[tokio::test]
async fn clipping_page_shows_matches_and_neighbours() {
    let (_dir, server) = indexed(CLIPPINGS, Config::default());
    let page = get_page(&server, "/clippings/b?q=AI&sort=oldest&n=2").await;
    let document = scraper::Html::parse_document(&page.body);
    let count = |selector: &str| {
        document
            .select(&scraper::Selector::parse(selector).unwrap())
            .count()
    };
    assert_eq!(count("h1 mark"), 1);
    assert_eq!(count(".body mark"), 1);
    assert_eq!(count("a[rel=prev][href^='/clippings/a?']"), 1);
    assert_eq!(count("a[rel=next][href^='/clippings/hostile%2F1?']"), 1);
    assert_eq!(count("a[href='/search?q=AI&sort=oldest#hit-2']"), 1);
    assert_eq!(
        get_page(&server, "/clippings/none").await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        get_page(&server, "/clippings/a/page").await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn unchanged_responses_are_304() {
    let (_dir, server) = indexed(CLIPPINGS, Config::default());
    for uri in ["/search?q=AI", "/api/search?q=AI", "/clippings/a", "/stats"] {
        let first = get_page(&server, uri).await;
        let tag = first.header("etag");
        assert!(tag.starts_with("W/\""), "{uri}");
        let again = |tag: &str, uri: &str| {
            request("GET", uri)
                .header("if-none-match", tag)
                .body(Body::empty())
                .unwrap()
        };
        let second = send(&server, again(tag, uri)).await;
        assert_eq!(
            (second.status, second.body.as_str()),
            (StatusCode::NOT_MODIFIED, ""),
            "{uri}"
        );
        let other = format!("{uri}{}lang=en", if uri.contains('?') { '&' } else { '?' });
        assert_eq!(
            send(&server, again(tag, &other)).await.status,
            StatusCode::OK,
            "{other}"
        );
    }
    let tag = get_page(&server, "/search?q=AI").await;
    let save = request("POST", "/api/saved").header("content-type", "application/json");
    send(&server, save.body(Body::from(save_body())).unwrap()).await;
    let after = request("GET", "/search?q=AI").header("if-none-match", tag.header("etag"));
    assert_eq!(
        send(&server, after.body(Body::empty()).unwrap())
            .await
            .status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn compressed_responses_are_cached_until_the_index_changes() {
    let (_dir, server) = indexed(CLIPPINGS, Config::default());
    let compressed = async |uri: &str| {
        let request = request("GET", uri).header("accept-encoding", "gzip, br");
        let response = server.clone().oneshot(request.body(Body::empty()).unwrap());
        let (parts, body) = response.await.unwrap().into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        let mut text = String::new();
        let mut decoder = flate2::read::GzDecoder::new(&body[..]);
        std::io::Read::read_to_string(&mut decoder, &mut text).unwrap();
        (parts.headers, text)
    };
    for uri in ["/search?q=AI", "/api/search?q=AI", "/clippings/a"] {
        let plain = get_page(&server, uri).await;
        assert_eq!(plain.header("content-encoding"), "", "{uri}");
        let (first, second) = (compressed(uri).await, compressed(uri).await);
        assert_eq!(first.1, plain.body, "{uri}");
        assert_eq!(second, first, "{uri}");
        assert!(second.0.contains_key("content-security-policy"), "{uri}");
    }
    let before = compressed("/search?q=%EC%B6%95%EC%A0%9C").await;
    let line =
        r#"{"id":"new","headline":"여름 축제 개막","body":"여름 축제가 바닷가에서 막을 올렸다."}"#;
    let add = request("POST", "/api/clippings").header("content-type", "application/jsonl");
    let added = send(&server, add.body(Body::from(line)).unwrap()).await;
    assert!(added.status.is_success(), "{}", added.body);
    let after = compressed("/search?q=%EC%B6%95%EC%A0%9C").await;
    assert_ne!(after.0["etag"], before.0["etag"]);
    assert!(
        after.1.contains("여름 <mark>축제</mark> 개막"),
        "{}",
        after.1
    );
}

#[tokio::test]
async fn api_responses_equal_command_output() {
    let (_dir, server) = indexed(CLIPPINGS, Config::default());
    let json = get_page(&server, "/api/search?q=AI&sort=oldest&limit=1&facets=1")
        .await
        .json();
    assert_eq!(json["total"], 3);
    assert_eq!(json["hits"][0]["id"], "a");
    assert_eq!(
        json["hits"][0]["headline_highlights"],
        serde_json::json!([[4, 6]])
    );
    assert_eq!(json["facets"]["months"][0]["name"], "2024-02");
    let table = request("GET", "/api/search?q=AI").header("accept", "text/csv");
    let table = send(&server, table.body(Body::empty()).unwrap()).await;
    assert_eq!(table.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(
        csv::Reader::from_reader(table.body.as_bytes())
            .records()
            .count(),
        3
    );
    assert_eq!(
        get_page(&server, "/api/clippings/a").await.json()["outlet"],
        "모두일보"
    );
    let similar = get_page(&server, "/api/clippings/a/similar?limit=1")
        .await
        .json();
    assert_eq!(similar["id"], "a");
    assert!(similar["words"].is_array() && similar["hits"].is_array());
    assert_eq!(get_page(&server, "/api/stats").await.json()["clippings"], 3);
    for (uri, status, code) in [
        ("/api/clippings/none", 404, "not_found"),
        ("/api/clippings/none/similar", 404, "not_found"),
        ("/api/search?q=AI&from=soon", 400, "bad_date"),
        ("/api/search?limit=9999", 400, "bad_request"),
        ("/api/trend?by=hour", 400, "bad_request"),
        ("/api/export?format=doc", 400, "bad_request"),
        ("/api/digest", 404, "not_found"),
    ] {
        let answer = get_page(&server, uri).await;
        assert_eq!(answer.status.as_u16(), status, "{uri}: {}", answer.body);
        assert_eq!(answer.json()["code"], code, "{uri}");
        assert!(!answer.body.contains("`clippings"), "{}", answer.body);
    }
}

#[tokio::test]
async fn exports_are_complete_and_have_a_count() {
    let (_dir, server) = indexed(CLIPPINGS, Config::default());
    for (format, kind) in [
        ("jsonl", "application/x-ndjson"),
        ("csv", "text/csv; charset=utf-8"),
        ("clipbook", "text/html; charset=utf-8"),
        ("markdown", "text/markdown; charset=utf-8"),
    ] {
        let answer = get_page(&server, &format!("/export?q=AI&format={format}")).await;
        assert_eq!(answer.header("content-type"), kind);
        assert_eq!(answer.header("clippings-count"), "3");
        assert!(
            answer
                .header("content-disposition")
                .starts_with("attachment; filename=\"clippings-3.")
        );
        assert!(
            answer.body.contains("지역신문") && answer.body.contains("반도체"),
            "{format}"
        );
        assert!(format != "clipbook" || !answer.body.contains("<script>alert"));
    }
    let ticked = |form: &str| {
        let builder = request("POST", "/export");
        builder
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(form.to_owned()))
            .unwrap()
    };
    let two = send(
        &server,
        ticked("q=AI&scope=selected&format=jsonl&id=b&id=hostile%2F1&id=gone"),
    )
    .await;
    assert_eq!(
        (two.body.lines().count(), two.header("clippings-count")),
        (2, "2")
    );
    let all = send(&server, ticked("q=AI&scope=all&format=jsonl&id=b")).await;
    assert_eq!(all.body.lines().count(), 3);
    let none = send(&server, ticked("q=AI&scope=selected&format=jsonl")).await;
    assert_eq!(none.status, StatusCode::BAD_REQUEST);
    let links = get_page(&server, "/export?q=AI&format=jsonl&links_only=1").await;
    assert!(!links.body.contains("표시를 붙인다"));
}

#[tokio::test]
async fn saved_searches_are_stored_listed_and_removed() {
    let (_dir, server) = indexed(CLIPPINGS, Config::default());
    let post = |uri: &str, form: &str| {
        let builder = request("POST", uri);
        builder
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(form.to_owned()))
            .unwrap()
    };
    assert_eq!(
        send(&server, post("/saved", "q=AI&name=AI")).await.status,
        StatusCode::SEE_OTHER
    );
    let taken = send(&server, post("/saved", "q=AI&name=AI")).await;
    assert_eq!(taken.status, StatusCode::CONFLICT);
    assert!(taken.body.contains("role=\"alert\""));
    assert!(
        get_page(&server, "/saved")
            .await
            .body
            .contains("새 기사 3건")
    );
    assert_eq!(
        get_page(&server, "/api/saved").await.json()[0]["name"],
        "AI"
    );
    let feed = get_page(&server, "/saved/AI.atom").await;
    assert_eq!(
        feed.header("content-type"),
        "application/atom+xml; charset=utf-8"
    );
    assert_eq!(feed.body.matches("<entry>").count(), 3);
    assert!(
        feed.body
            .contains("<updated>2024-02-22T01:31:00Z</updated>")
    );

    // Clippings added after the page was rendered are not marked as seen.
    let digest = get_page(&server, "/digest").await.body;
    let version = digest.split("name=\"version\" value=\"").nth(1).unwrap();
    let version = version.split('"').next().unwrap();
    send(&server, post("/digest/seen", "version=old")).await;
    assert!(
        get_page(&server, "/digest")
            .await
            .body
            .contains("name=\"version\"")
    );
    send(&server, post("/digest/seen", &format!("version={version}"))).await;
    assert!(
        get_page(&server, "/digest")
            .await
            .body
            .contains("새 기사가 없습니다")
    );

    let renamed = send(&server, post("/saved/rename", "name=AI&new_name=%EC%B9%A9")).await;
    assert_eq!(renamed.status, StatusCode::SEE_OTHER);
    // A renamed search keeps its digest state.
    assert!(
        get_page(&server, "/digest")
            .await
            .body
            .contains("새 기사가 없습니다")
    );
    let taken = send(&server, post("/saved/rename", "name=AI&new_name=x")).await;
    assert_eq!(taken.status, StatusCode::NOT_FOUND);
    let patch = request("PATCH", "/api/saved/%EC%B9%A9").header("content-type", "application/json");
    let patch = send(&server, patch.body(Body::from(r#"{"name":"AI"}"#)).unwrap()).await;
    assert_eq!(
        (patch.status, patch.json()["name"].as_str()),
        (StatusCode::OK, Some("AI"))
    );

    assert_eq!(
        send(&server, post("/saved/remove", "name=AI")).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(
        get_page(&server, "/saved/AI.atom").await.status,
        StatusCode::NOT_FOUND
    );
    let delete = request("DELETE", "/api/saved/AI")
        .body(Body::empty())
        .unwrap();
    assert_eq!(send(&server, delete).await.status, StatusCode::NOT_FOUND);
}

// Adding.

const ARTICLE: &str = "\
시청 앞 다리 공사 다음 달 시작

한겨레 김하나 기자
입력 2024.02.22 10:31

시는 낡은 다리를 새로 놓는 공사를 다음 달 3일에 시작한다고 22일 밝혔다. 공사에는 200억원이 든다.
주민들은 공사 기간에 돌아가는 길이 좁아 아이들이 위험하다며 시에 대책을 물었다.
시는 임시 보행로를 먼저 열고 버스 노선 세 개를 바꾸겠다고 답했다.
공사는 2025년 6월에 끝난다.
";

fn form(uri: &str, pairs: &[(&str, &str)]) -> Request<Body> {
    let form = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish();
    request("POST", uri)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(form))
        .unwrap()
}

fn upload(parts: &[(&str, &str, &str)]) -> Request<Body> {
    let mut body = String::new();
    for (field, name, content) in parts {
        let name = match *name {
            "" => String::new(),
            name => format!("; filename=\"{name}\""),
        };
        body += &format!(
            "--edge\r\nContent-Disposition: form-data; name=\"{field}\"{name}\r\n\r\n{content}\r\n"
        );
    }
    body += "--edge--\r\n";
    request("POST", "/add/files")
        .header("content-type", "multipart/form-data; boundary=edge")
        .body(Body::from(body))
        .unwrap()
}

/// The page of a job that is no longer running.
async fn settled(server: &Router, started: &Answer) -> (String, String) {
    assert_eq!(started.status, StatusCode::SEE_OTHER, "{}", started.body);
    let address = started.header("location").to_owned();
    loop {
        let page = get_page(server, &address).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        if !page.body.contains("http-equiv=\"refresh\"") {
            return (address, page.body);
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
}

fn value_of(page: &str, selector: &str) -> String {
    let document = scraper::Html::parse_document(page);
    let selector = scraper::Selector::parse(selector).unwrap();
    let element = document.select(&selector).next().expect("no such field");
    match element.attr("value") {
        Some(value) => value.to_owned(),
        None => element.text().collect(),
    }
}

#[tokio::test]
async fn pasted_articles_are_previewed_corrected_and_added() {
    let (_dir, server) = indexed(CLIPPINGS, Config::default());
    let pairs = [("text", ARTICLE), ("url", "https://news.example/bridge")];
    let started = send(&server, form("/add/text", &pairs)).await;
    let (address, page) = settled(&server, &started).await;
    assert_eq!(
        value_of(&page, "[name=headline-0]"),
        "시청 앞 다리 공사 다음 달 시작"
    );
    assert_eq!(value_of(&page, "[name=outlet-0]"), "한겨레");
    assert_eq!(value_of(&page, "[name=reporters-0]"), "김하나");
    assert_eq!(value_of(&page, "[name=published-0]"), "2024-02-22 10:31");
    assert_eq!(
        value_of(&page, "[name=url-0]"),
        "https://news.example/bridge"
    );
    // Nothing is in the index yet.
    assert_eq!(get_page(&server, "/api/stats").await.json()["clippings"], 3);

    let bad = send(
        &server,
        form(
            &address,
            &[("published-0", "어제쯤"), ("outlet-0", "저녁신문")],
        ),
    )
    .await;
    assert_eq!(bad.status, StatusCode::BAD_REQUEST);
    assert_eq!(value_of(&bad.body, "[name=published-0]"), "어제쯤");
    assert_eq!(value_of(&bad.body, "[name=outlet-0]"), "저녁신문");
    assert_eq!(get_page(&server, "/api/stats").await.json()["clippings"], 3);

    let pairs = [
        ("headline-0", "다리 공사 시작"),
        ("outlet-0", "저녁신문"),
        ("published-0", "2024-02-23"),
    ];
    let kept = send(&server, form(&address, &pairs)).await;
    let (_, page) = settled(&server, &kept).await;
    assert!(page.contains("새로 추가 1건"), "{page}");
    let found = get_page(
        &server,
        "/api/search?q=%EC%9E%84%EC%8B%9C+%EB%B3%B4%ED%96%89%EB%A1%9C",
    )
    .await
    .json();
    assert_eq!(found["total"], 1);
    let clipping = get_page(
        &server,
        &format!(
            "/api/clippings/{}",
            found["hits"][0]["id"].as_str().unwrap()
        ),
    )
    .await
    .json();
    assert_eq!(clipping["headline"], "다리 공사 시작");
    assert_eq!(clipping["outlet"], "저녁신문");
    assert_eq!(clipping["published"], "2024-02-23");
    assert_eq!(clipping["url"], "https://news.example/bridge");
    assert!(clipping["source"].as_str().unwrap().ends_with(".txt"));
    assert!(!page.contains("이미 있는 기사"));

    // The same URL again: the preview names the stored clipping.
    let pairs = [("text", ARTICLE), ("url", "https://news.example/bridge")];
    let again = send(&server, form("/add/text", &pairs)).await;
    let (_, page) = settled(&server, &again).await;
    assert!(page.contains("이미 있는 기사"), "{page}");
    assert!(page.contains(clipping["id"].as_str().unwrap()), "{page}");
}

#[tokio::test]
async fn uploaded_files_can_be_left_out_or_added() {
    let dir = tempfile::tempdir().unwrap();
    let app = App::new(dir.path().join("index"), SynonymSource::default());
    let site = Site::new(app, "127.0.0.1:7700".parse().unwrap(), Config::default()).unwrap();
    let server = protected(routes::router(), Arc::new(site));
    let started = send(
        &server,
        upload(&[
            ("keep_pages", "", "1"),
            ("file", "../scraps/records.jsonl", CLIPPINGS),
            ("file", "scraps/deeper/article.txt", ARTICLE),
            ("file", "note.txt", "짧은 메모"),
        ]),
    )
    .await;
    let (address, page) = settled(&server, &started).await;
    assert!(
        page.contains("scraps&#x2f;deeper&#x2f;article.txt"),
        "{page}"
    );
    assert!(page.contains("note.txt"), "{page}");
    assert!(
        get_page(&server, "/add")
            .await
            .body
            .contains(&address.replace('/', "&#x2f;"))
    );
    nothing_hostile(&address, &page);
    let document = scraper::Html::parse_document(&page);
    let fields = scraper::Selector::parse("[name^=headline-]").unwrap();
    assert_eq!(document.select(&fields).count(), 4);
    let kept = send(&server, form(&address, &[("out", "0"), ("out", "1")])).await;
    let (_, page) = settled(&server, &kept).await;
    assert!(page.contains("새로 추가 2건"), "{page}");
    nothing_hostile(&address, &page);
    assert_eq!(get_page(&server, "/api/stats").await.json()["clippings"], 2);

    let none = send(&server, upload(&[("file", "a.txt", "")])).await;
    let (address, page) = settled(&server, &none).await;
    assert!(page.contains("기사를 찾지 못했습니다"), "{page}");
    let gone = send(&server, form(&format!("{address}/discard"), &[])).await;
    assert_eq!(gone.header("location"), "/add");
    assert_eq!(
        get_page(&server, &address).await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        send(&server, upload(&[])).await.status,
        StatusCode::BAD_REQUEST
    );
}

#[tokio::test]
async fn adding_can_be_retried_after_lock_conflict() {
    use std::io::Write;

    let (dir, server) = indexed(CLIPPINGS, Config::default());
    let started = send(&server, form("/add/text", &[("text", ARTICLE)])).await;
    let (address, _) = settled(&server, &started).await;
    let lock = dir.path().join("index/writer.lock");
    let mut lock = std::fs::File::create(lock).unwrap();
    lock.lock().unwrap();
    lock.write_all("reindex\t7\t2026-11-29 10:00:00\n".as_bytes())
        .unwrap();
    let (_, page) = settled(&server, &send(&server, form(&address, &[])).await).await;
    assert!(
        page.contains("role=\"alert\"") && page.contains("clippings reindex"),
        "{page}"
    );
    let api = request("POST", "/api/clippings").body(Body::from(CLIPPINGS));
    let refused = send(&server, api.unwrap()).await;
    assert_eq!(
        (refused.status, refused.json()["code"].as_str()),
        (StatusCode::CONFLICT, Some("locked"))
    );
    lock.unlock().unwrap();
    let (_, page) = settled(&server, &send(&server, form(&address, &[])).await).await;
    assert!(page.contains("새로 추가 1건"), "{page}");
}

#[tokio::test]
async fn progress_is_sent_as_events() {
    let (_dir, server) = indexed(CLIPPINGS, Config::default());
    let started = send(&server, form("/add/text", &[("text", ARTICLE)])).await;
    let (address, _) = settled(&server, &started).await;
    for query in ["", "?once"] {
        let events = get_page(&server, &format!("{address}/events{query}")).await;
        assert_eq!(events.header("content-type"), "text/event-stream");
        let json = events.body.strip_prefix("data: ").unwrap();
        let state: serde_json::Value = serde_json::from_str(json).unwrap();
        assert_eq!(
            (state["phase"].as_str(), state["clippings"].as_u64()),
            (Some("ready"), Some(1))
        );
    }
    assert_eq!(
        get_page(&server, "/add/none/events").await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn bookmarklet_posts_are_shown_but_not_added() {
    let page = "<html><body></textarea><script>alert(1)</script></body></html>";
    let sent = |uri: &str| {
        let mut sent = form(uri, &[("url", "https://news.example/1"), ("html", page)]);
        let headers = sent.headers_mut();
        headers.insert("origin", "https://news.example".parse().unwrap());
        headers.insert("sec-fetch-site", "cross-site".parse().unwrap());
        sent
    };
    let (_dir, config, _) = with_token();
    for server in [server(Config::default()), server(config)] {
        let answer = send(&server, sent("/add/received")).await;
        assert_eq!(answer.status, StatusCode::OK);
        nothing_hostile("/add/received", &answer.body);
        assert_eq!(value_of(&answer.body, "textarea[name=html]").trim(), page);
        assert_eq!(
            value_of(&answer.body, "[name=url]"),
            "https://news.example/1"
        );
        let added = send(&server, sent("/add/text")).await;
        assert_eq!(added.status, StatusCode::FORBIDDEN);
    }
    let read_only = Config {
        read_only: true,
        ..Config::default()
    };
    assert_eq!(
        send(&server(read_only), sent("/add/received")).await.status,
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
async fn the_api_adds_and_extracts() {
    let (_dir, server) = indexed(CLIPPINGS, Config::default());
    let post = |uri: &str, kind: &str, body: &str| {
        let builder = request("POST", uri).header("content-type", kind);
        builder.body(Body::from(body.to_owned())).unwrap()
    };
    let extracted = send(
        &server,
        post(
            "/api/extract?url=https://news.example/1",
            "text/plain",
            ARTICLE,
        ),
    )
    .await;
    assert_eq!(
        (extracted.status, extracted.header("content-type")),
        (StatusCode::OK, "application/json")
    );
    let json = extracted.json();
    assert_eq!(
        (json[0]["outlet"].as_str(), json[0]["url"].as_str()),
        (Some("한겨레"), Some("https://news.example/1"))
    );
    assert_eq!(json[0]["source"], "clippings.txt");
    assert_eq!(get_page(&server, "/api/stats").await.json()["clippings"], 3);
    let nothing = send(&server, post("/api/extract", "text/plain", "")).await;
    assert_eq!(
        (nothing.status.as_u16(), nothing.json()["code"].as_str()),
        (422, Some("no_article"))
    );
    let records =
        "{\"id\":\"n1\",\"headline\":\"하나\"}\n{\"id\":\"n2\",\"headline\":\"둘\"}\n[]\n";
    let added = send(
        &server,
        post(
            "/api/clippings?name=new.jsonl",
            "application/x-ndjson",
            records,
        ),
    )
    .await;
    assert_eq!(added.status, StatusCode::OK, "{}", added.body);
    let json = added.json();
    assert_eq!(
        (json["added"].as_u64(), json["skipped"].as_u64()),
        (Some(2), Some(1))
    );
    assert_eq!(json["skips"][0]["source"], "new.jsonl:3");
    assert_eq!(
        get_page(&server, "/api/clippings/n1").await.json()["source"],
        "new.jsonl#1"
    );
    let page = post("/api/clippings?keep_pages=1", "text/plain", ARTICLE);
    assert_eq!(send(&server, page).await.json()["added"], 1);
    let large = request("POST", "/api/clippings").header("content-length", "5000000000");
    let large = send(&server, large.body(Body::empty()).unwrap()).await;
    assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn read_only_hides_and_rejects_adding() {
    let config = Config {
        read_only: true,
        ..Config::default()
    };
    let (_dir, server) = indexed(CLIPPINGS, config);
    assert!(
        !get_page(&server, "/")
            .await
            .body
            .contains("href=\"&#x2f;add\"")
    );
    assert_eq!(
        get_page(&server, "/add").await.status,
        StatusCode::FORBIDDEN
    );
    for uri in [
        "/add/text",
        "/add/addresses",
        "/add/files",
        "/add/1",
        "/api/clippings",
    ] {
        let refused = send(&server, form(uri, &[("text", ARTICLE)])).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{uri}");
    }
    let extract = request("POST", "/api/extract").body(Body::from(ARTICLE));
    assert_eq!(send(&server, extract.unwrap()).await.status, StatusCode::OK);
}

#[tokio::test]
async fn urls_are_validated_before_fetching() {
    let server = server(Config::default());
    for addresses in [
        "",
        "file:///etc/passwd",
        "https://news.example/1\n/etc/passwd",
    ] {
        let answer = send(&server, form("/add/addresses", &[("addresses", addresses)])).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{addresses}");
        assert_eq!(value_of(&answer.body, "[name=addresses]").trim(), addresses);
    }
    let text = send(
        &server,
        form("/add/text", &[("text", "글"), ("url", "javascript:1")]),
    )
    .await;
    assert_eq!(text.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn pages_without_an_index_explain_how_to_add() {
    let server = server(Config::default());
    let page = get_page(&server, "/").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("아직 기사가 없습니다") && page.body.contains("clippings add"));
    let json = get_page(&server, "/api/search?q=AI").await;
    assert_eq!(
        (json.status, json.json()["code"].as_str()),
        (StatusCode::NOT_FOUND, Some("no_index"))
    );
}

#[tokio::test]
async fn overlong_queries_are_rejected() {
    let (_dir, server) = indexed(CLIPPINGS, Config::default());
    let long = "a".repeat(2001);
    for (uri, code) in [
        (format!("/api/search?q={long}"), "query_too_long"),
        (format!("/api/trend?q={long}"), "query_too_long"),
        (format!("/api/search?outlet={long}"), "bad_request"),
        ("/api/search?page=x".to_owned(), "bad_request"),
    ] {
        let answer = get_page(&server, &uri).await;
        assert_eq!(
            (answer.status, answer.json()["code"].as_str()),
            (StatusCode::BAD_REQUEST, Some(code))
        );
    }
    let large = request("POST", "/export")
        .body(Body::from(vec![b'x'; 3 << 20]))
        .unwrap();
    assert_eq!(
        send(&server, large).await.status,
        StatusCode::PAYLOAD_TOO_LARGE
    );
}

#[test]
fn openapi_lists_all_routes_and_codes() {
    let document: serde_json::Value =
        serde_json::from_str(include_str!("../../openapi.json")).unwrap();
    let described: Vec<&str> = document["paths"]
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    let mut routes: Vec<&str> = routes::paths()
        .filter(|path| path.starts_with("/api/"))
        .collect();
    routes.sort_unstable();
    let mut sorted = described.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, routes);
    let codes = &document["components"]["schemas"]["Problem"]["properties"]["code"]["enum"];
    let known: Vec<&str> = Code::ALL.iter().map(|code| code.name()).collect();
    assert_eq!(*codes, serde_json::json!(known));
}

#[tokio::test]
async fn undocumented_parameters_are_refused() {
    let (_dir, server) = indexed(CLIPPINGS, Config::default());
    for (uri, status) in [
        (
            "/api/search?q=AI&outlet=x&facets=true&lang=en",
            StatusCode::OK,
        ),
        (
            "/api/search?q=AI&outlets=x&lang=en",
            StatusCode::BAD_REQUEST,
        ),
        ("/api/search?q=AI&lang=fr", StatusCode::BAD_REQUEST),
        ("/api/trend?q=AI&format=svg", StatusCode::BAD_REQUEST),
        // Links get parameters for counting visitors.
        ("/search?q=AI&utm_source=mail", StatusCode::OK),
    ] {
        let answer = get_page(&server, uri).await;
        assert_eq!(answer.status, status, "{uri}: {}", answer.body);
    }
    let answer = get_page(&server, "/api/search?outlets=x&lang=en").await;
    assert!(
        answer.body.contains("unknown parameter: outlets"),
        "{}",
        answer.body
    );
}

#[tokio::test]
async fn errors_in_bodies_are_in_the_language_of_the_request() {
    let (_dir, server) = indexed(CLIPPINGS, Config::default());
    for (uri, detail) in [
        ("/api/saved?lang=ko", "1행 12열: 'name' 항목이 없습니다"),
        ("/api/saved?lang=en", "missing field `name`"),
    ] {
        let save = request("POST", uri).header("content-type", "application/json");
        let answer = send(&server, save.body(Body::from(r#"{"from":"x"}"#)).unwrap()).await;
        assert!(answer.status.is_client_error());
        assert!(answer.body.contains(detail), "{}", answer.body);
    }
}

#[tokio::test]
async fn api_methods_match_openapi() {
    let (_dir, server) = indexed(CLIPPINGS, Config::default());
    let document: serde_json::Value =
        serde_json::from_str(include_str!("../../openapi.json")).unwrap();
    for (path, methods) in document["paths"].as_object().unwrap() {
        let uri = path.replace("{id}", "a").replace("{name}", "AI");
        for method in ["get", "post", "put", "patch", "delete"] {
            let request = request(&method.to_uppercase(), &uri)
                .body(Body::empty())
                .unwrap();
            let status = send(&server, request).await.status;
            let is_refused = status == StatusCode::METHOD_NOT_ALLOWED;
            assert_eq!(
                is_refused,
                methods.get(method).is_none(),
                "{method} {path}: {status}"
            );
        }
    }
}
