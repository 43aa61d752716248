//! Pages made to break a parser: each yields a record or a reason for skipping, in bounded time and
//! memory.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::time::{Duration, Instant};

use clippings::extract::{Extractor, Page};

const ARTICLE: &str = "<h1>봄꽃 축제가 열린다</h1><p>시청 앞 광장에서 봄꽃 축제가 열려 시민 천여 명이 꽃길을 걸으며 주말 오후를 보냈다고 시가 밝혔다.</p><p>시는 내년에도 같은 자리에서 축제를 열 계획이라고 설명했다. 예산은 올해와 같다.</p>";

/// Extracts a page and fails if that takes as long as a quadratic algorithm would.
fn survives(name: &str, page: &[u8]) -> Option<String> {
    let started = Instant::now();
    let read = Extractor::default().extract(&Page::new(page, name));
    let took = started.elapsed();
    assert!(took < Duration::from_secs(60), "{name} took {took:?}");
    read.ok().map(|e| e.clipping.body)
}

#[test]
fn nesting_a_million_deep() {
    for tag in [
        "div",
        "b",
        "span",
        "table><tr><td",
        "a href=x",
        "p",
        "ul><li",
        "font",
    ] {
        let mut page = String::from("<html><body>");
        page.push_str(ARTICLE);
        page.push_str(&format!("<{tag}>").repeat(1_000_000));
        page.push('끝');
        let body = survives(tag, page.as_bytes());
        assert!(body.is_some_and(|b| b.contains("봄꽃 축제가")), "{tag}");
    }
}

#[test]
fn a_million_end_tags_and_attributes() {
    let mut page = format!("<html><body>{}", "<div>".repeat(600));
    page.push_str(&"</b></table></p></x>".repeat(250_000));
    page.push_str(ARTICLE);
    assert!(survives("end tags", page.as_bytes()).is_some());

    let mut page = String::from("<html><body><div ");
    for n in 0..1_000_000 {
        page.push_str(&format!("a{n}=1 "));
    }
    page.push('>');
    page.push_str(ARTICLE);
    assert!(survives("attributes", page.as_bytes()).is_some());

    let page = format!(
        "<html><body><div class=\"{}\" title='{}'>{ARTICLE}",
        "x ".repeat(2 << 20),
        "가".repeat(1 << 20)
    );
    assert!(survives("a long attribute", page.as_bytes()).is_some());
}

#[test]
fn everything_unclosed() {
    for opening in [
        "<!--",
        "<script>",
        "<style>",
        "<title>",
        "<div class=\"",
        "<textarea>",
        "<![CDATA[",
        "<?php",
        "<%",
    ] {
        let page = format!("<html><body>{ARTICLE}{}", opening.repeat(100_000));
        survives(opening, page.as_bytes());
        let page = format!("<html>{}{ARTICLE}", opening.repeat(100_000));
        survives(opening, page.as_bytes());
    }
}

#[test]
fn nul_bytes_and_noise() {
    let page = format!("<html><body>\0\0{}\0", ARTICLE.replace("축제", "축\0제"));
    assert!(survives("NUL", page.as_bytes()).is_some_and(|b| b.contains("봄꽃 축제가")));
    let mut noise = b"<html><body>".to_vec();
    let mut state = 1u32;
    for _ in 0..2_000_000 {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        noise.push((state >> 24) as u8);
    }
    survives("noise", &noise);
}

#[test]
fn a_hundred_megabytes() {
    let mut page = format!("<html><body><div id=articleBody>{ARTICLE}");
    let line = "<p>같은 문단이 끝없이 이어지는 쪽을 만들어 크기의 끝을 살펴보았다고 한다.</p><a href=x>다른 기사 제목이 여기에 있다</a>";
    while page.len() < 100 << 20 {
        page.push_str(line);
    }
    survives("100 MB", page.as_bytes());
    let text = "문장이 끝없이 이어지는 글을 만들어 보았다고 한다. ".repeat(1 << 20);
    survives("a long line", text.as_bytes());
}

#[test]
fn scripts_full_of_quotes() {
    let page = format!(
        "<html><body><script>var a=\"{}다.</script>{}",
        "\\\"".repeat(1 << 20),
        "<p>x"
    );
    survives("escapes", page.as_bytes());
    let page = format!(
        "<html><body><script>{} 다.</script>",
        "\"a\":'b\n".repeat(1 << 18)
    );
    survives("broken literals", page.as_bytes());
    let page = format!(
        "<script type=\"application/ld+json\">{{\"@type\":{}</script><p>x",
        "[".repeat(1 << 20)
    );
    survives("JSON-LD", page.as_bytes());
}
