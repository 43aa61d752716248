//! Accuracy of extraction on the fixtures, field by field, against
//! `tests/scoreboards/extraction.txt`.
//!
//! `UPDATE_SCOREBOARD=1 cargo test extraction_scoreboard` rewrites the file. Figures must not
//! decrease.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use clippings::clipping::Clipping;
use clippings::extract::{Extractor, Options, Page};
use clippings::source::{FileKind, SkipReason};
use serde::Deserialize;

/// Expected values of a page.
#[derive(Deserialize)]
struct Gold {
    file: String,
    headline: String,
    outlet: String,
    reporters: Vec<String>,
    published: Option<String>,
    body_first: String,
    body_last: String,
    must_not: Vec<String>,
    captions: Vec<String>,
    decks: Vec<String>,
    credit: Option<String>,
    portal: Option<String>,
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

fn extract(file: &str, rules: bool) -> Result<Clipping, SkipReason> {
    extract_file(&fixtures().join(file), file, rules)
}

fn extract_file(path: &Path, file: &str, rules: bool) -> Result<Clipping, SkipReason> {
    let bytes = fs::read(path).unwrap();
    Extractor::new(Options {
        rules,
        ..Options::default()
    })
    .extract(&Page::new(&bytes, file))
    .map(|e| e.clipping)
}

/// The pages of the scoreboard: the sample clippings, and pages in the markup of many more kinds of sites.
fn sets() -> [(&'static str, PathBuf, PathBuf); 2] {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let pages = root.join("tests/data/pages");
    [
        (
            "fixtures",
            fixtures(),
            root.join("tests/scoreboards/extraction-gold.jsonl"),
        ),
        ("tests/data/pages", pages.clone(), pages.join("gold.jsonl")),
    ]
}

fn gold(path: &Path) -> Vec<Gold> {
    let lines = fs::read_to_string(path).unwrap();
    lines
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect()
}

/// Removes white space and quotation marks, which are not compared.
fn squash(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace() && !"\"'“”‘’`´′″".contains(*c))
        .collect()
}

fn head(text: &str) -> String {
    text.chars().take(24).collect()
}

fn tail(text: &str) -> String {
    let skip = text.chars().count().saturating_sub(24);
    text.chars().skip(skip).collect()
}

/// Compares a record with the expected values, field by field.
fn judge(gold: &Gold, got: &Clipping) -> Vec<(&'static str, bool)> {
    let body = squash(&got.body);
    let want: BTreeSet<&str> = gold.reporters.iter().map(String::as_str).collect();
    let have: BTreeSet<&str> = got.reporters.iter().map(String::as_str).collect();
    let published = got.published.map(|p| p.to_string());
    let lead = match body.find(&head(&squash(&gold.body_first))) {
        Some(at) => {
            let mut before = body[..at].to_owned();
            for deck in &gold.decks {
                before = before.replace(&squash(deck), "");
            }
            before.chars().count() <= 40
        }
        None => gold.body_first.is_empty(),
    };
    let last = tail(&squash(&gold.body_last));
    let end = match body.rfind(&last) {
        Some(at) => {
            let after = body[at + last.len()..]
                .replace(&squash(gold.credit.as_deref().unwrap_or_default()), "");
            after.chars().count() <= 40
        }
        None => gold.body_last.is_empty(),
    };
    let day = |s: &str| s.chars().take(10).collect::<String>();
    let minute = |s: &str| s.chars().take(16).collect::<String>();
    vec![
        ("headline", squash(&got.headline) == squash(&gold.headline)),
        (
            "outlet",
            got.outlet.as_deref() == Some(gold.outlet.as_str()),
        ),
        ("reporters", want == have),
        (
            "published",
            published.as_deref().map(day) == gold.published.as_deref().map(day),
        ),
        (
            "minute",
            gold.published.as_deref().is_none_or(|w| w.len() < 16)
                || published.as_deref().map(minute) == gold.published.as_deref().map(minute),
        ),
        ("lead", lead),
        ("tail", end),
        (
            "clean",
            !gold.must_not.iter().any(|m| body.contains(&squash(m))),
        ),
        (
            "captions",
            !gold
                .captions
                .iter()
                .any(|c| squash(c).chars().count() >= 8 && body.contains(&squash(c))),
        ),
        ("decks", {
            let subheads = squash(&got.subheads.join(" "));
            gold.decks
                .iter()
                .map(|d| squash(d))
                .all(|d| subheads.contains(&d) || body.contains(&d))
        }),
        ("carrier", got.carrier == gold.portal),
    ]
}

#[test]
fn extraction_scoreboard() {
    const FIELDS: [&str; 11] = [
        "headline",
        "outlet",
        "reporters",
        "published",
        "minute",
        "lead",
        "tail",
        "clean",
        "captions",
        "decks",
        "carrier",
    ];
    let mut board = String::from(
        "# Pages read right, by field. Rewrite: UPDATE_SCOREBOARD=1 cargo test extraction_scoreboard\n",
    );
    for (set, folder, list) in sets() {
        let gold = gold(&list);
        for rules in [true, false] {
            let mut right = [0; FIELDS.len()];
            let mut whole = 0;
            let mut misses = String::new();
            for page in &gold {
                let verdicts = match extract_file(&folder.join(&page.file), &page.file, rules) {
                    Ok(got) => judge(page, &got),
                    Err(_) => FIELDS.iter().map(|f| (*f, false)).collect(),
                };
                let mut wrong = Vec::new();
                for (n, (field, ok)) in verdicts.iter().enumerate() {
                    right[n] += usize::from(*ok);
                    if !ok {
                        wrong.push(*field);
                    }
                }
                whole += usize::from(wrong.is_empty());
                if !wrong.is_empty() {
                    writeln!(misses, "  miss {}: {}", page.file, wrong.join(", ")).unwrap();
                }
            }
            let how = if rules { "with" } else { "without" };
            writeln!(board, "{set}, {how} outlet rules, of {}", gold.len()).unwrap();
            for (field, count) in FIELDS.iter().zip(right) {
                writeln!(board, "  {field} {count}").unwrap();
            }
            writeln!(board, "  whole {whole}").unwrap();
            board.push_str(&misses);
        }
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scoreboards/extraction.txt");
    if std::env::var_os("UPDATE_SCOREBOARD").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, &board).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        board, kept,
        "figures moved: look at them, then rewrite the scoreboard"
    );
}

#[test]
fn non_articles_are_skipped_with_a_reason() {
    let list = |articles| SkipReason::ArticleList { articles };
    for (file, reason) in [
        ("no-articles/section.html", list(24)),
        ("no-articles/search.html", list(10)),
        ("no-articles/board.html", list(20)),
        ("no-articles/latest.html", list(12)),
        ("no-articles/search-cards.html", list(28)),
        ("no-articles/app.html", SkipReason::NotAnArticle),
        ("no-articles/login.html", SkipReason::NoArticleText),
        ("no-articles/app-store.html", SkipReason::NotAnArticle),
        ("no-articles/tool.html", SkipReason::NotAnArticle),
        ("no-articles/terms.html", SkipReason::NotAnArticle),
        ("no-articles/not-found.html", SkipReason::NotAnArticle),
        ("no-articles/empty.html", SkipReason::Empty),
        (
            "no-articles/pixel.png",
            SkipReason::NotText {
                kind: Some(FileKind::Png),
            },
        ),
    ] {
        assert_eq!(extract(file, true).unwrap_err(), reason, "{file}");
    }
}

/// Pages that people keep of an article: nothing but a title and its text.
#[test]
fn small_pages_without_byline_and_date_are_articles() {
    for text in [
        "<p>가람시가 오래된 시장 골목에 차양을 새로 놓는다. 상인들은 그동안 옆 공터에서 장사를 이어 간다.</p>",
        "<p>가람시가 오래된 시장 골목에 차양을 새로 놓습니다. 상인들은 옆 공터에서 장사를 이어 갑니다.</p><p>시는 내년 봄에 문을 열 수 있을 것으로 보고 있습니다.</p>",
        "<p>“비가 새지 않는 시장을 보게 되다니 꿈만 같아요.” 30년째 시장에서 국수를 파는 박나래 씨가 말했다. 공사는 내년에 끝난다.</p>",
    ] {
        let page = format!(
            "<html><head><meta charset=utf-8><title>가람시장 공사 시작</title></head><body><h1>가람시장 공사 시작</h1>{text}</body></html>"
        );
        let got = Extractor::default()
            .extract(&Page::new(page.as_bytes(), "page.html"))
            .unwrap_or_else(|reason| panic!("{text}: {reason:?}"));
        assert_eq!(got.clipping.headline, "가람시장 공사 시작");
    }
}

#[test]
fn boilerplate_of_portals_is_removed() {
    let got = extract("copies/portal.txt", true).unwrap();
    assert_eq!(got.outlet.as_deref(), Some("세계일보"));
    assert_eq!(got.reporters, ["천보라"]);
    assert_eq!(got.published, None);
    assert_eq!(got.subheads, ["◇ 근거 문장 함께 보여주는 해설기"]);
    assert_eq!(got.captions.len(), 1);
    assert!(
        got.body.starts_with("다온박물관이 생성형 인공지능을"),
        "{}",
        got.body
    );
    for stray in ["댓글", "쇼핑", "주요뉴스", "머니투데이", "본문 바로가기"] {
        assert!(!got.body.contains(stray), "{stray}");
    }
}
