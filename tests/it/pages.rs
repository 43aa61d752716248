//! Adding saved pages.

use serde_json::json;

use crate::env::{Env, body, settle};

/// A page like an outlet's.
fn page(url: &str, headline: &str, body: &str) -> String {
    let paragraphs: String = body
        .lines()
        .map(|line| format!("<p>{line}</p>\n"))
        .collect();
    format!(
        "<!DOCTYPE html><html lang=\"ko\"><head><meta charset=\"utf-8\">\
         <title>{headline} - 한빛신문</title>\
         <link rel=\"canonical\" href=\"{url}\">\
         <meta property=\"og:type\" content=\"article\">\
         <meta property=\"og:title\" content=\"{headline}\">\
         <meta property=\"og:site_name\" content=\"한빛신문\">\
         <meta property=\"article:published_time\" content=\"2024-02-22T10:31:00+09:00\">\
         </head><body><nav><a href=\"/\">홈</a> <a href=\"/eco\">경제</a></nav>\
         <article><h1>{headline}</h1><div class=\"article-body\">\n{paragraphs}</div></article>\
         <footer>무단 전재 및 재배포 금지</footer></body></html>"
    )
}

#[test]
fn a_page_is_extracted_and_a_changed_one_replaces_it() {
    let env = Env::new();
    let url = "https://hanbit.example/news/1";
    env.write("a.html", page(url, "새 다리 놓는다", &body(1)));
    assert_eq!(
        env.done("add a.html"),
        "added 1, updated 0, unchanged 0, skipped 0\n"
    );
    let record = env.run("extract a.html");
    assert_eq!(record.code, 0);
    let record: serde_json::Value = serde_json::from_str(&record.out).unwrap();
    assert_eq!(record["headline"], "새 다리 놓는다");
    assert_eq!(record["published"], "2024-02-22T10:31:00+09:00");
    assert_eq!(record["source"], "a.html");
    assert_eq!(record["body"], body(1));

    env.write("a.html", page(url, "새 다리 끝내 놓는다", &body(1)));
    assert_eq!(
        env.done("add a.html"),
        "added 0, updated 1, unchanged 0, skipped 0\n"
    );
    assert_eq!(env.count(), 1);
    // Saved again under another name.
    env.write("copy of a.html", page(url, "새 다리 끝내 놓는다", &body(1)));
    env.done("add .");
    assert_eq!(env.count(), 1);
}

#[test]
fn a_text_without_url_is_replaced_when_its_file_changes() {
    let env = Env::new();
    let text = |seed| format!("새 다리 놓는다\n\n{}\n", body(seed).replace('\n', "\n\n"));
    env.write("a.txt", text(1));
    env.done("add a.txt");
    env.write("a.txt", text(2));
    assert_eq!(
        env.done("add a.txt"),
        "added 0, updated 1, unchanged 0, skipped 0\n"
    );
    assert_eq!(env.count(), 1);

    // A clipping also found elsewhere stays, without the file that changed.
    env.write("b.txt", text(2));
    env.done("add b.txt");
    assert_eq!(env.count(), 1);
    env.write("a.txt", text(3));
    env.done("add a.txt");
    assert_eq!(env.count(), 2);
    let mut records: Vec<serde_json::Value> = Vec::new();
    for first in "0123456789abcdefghjkmnpqrstvwxyz".chars() {
        let run = env.run(&format!("show --format jsonl {first}"));
        if run.code == 0 {
            records.push(serde_json::from_str(&run.out).unwrap());
        }
    }
    if let Some(kept) = records.iter().find(|r| r["body"] == body(2)) {
        assert_eq!(kept["source"], env.source("b.txt"));
        assert_eq!(kept["other_sources"], json!([]));
    }
}

#[test]
fn pages_keep_the_order_of_the_input() {
    let env = Env::new();
    for i in 0..40 {
        // Different sizes, so that later ones are finished first.
        let text: Vec<String> = (0..=(40 - i)).map(body).collect();
        let url = format!("https://hanbit.example/news/{i}");
        env.write(
            &format!("p{i:02}.html"),
            page(&url, &format!("제목 {i} 번째"), &text.join("\n")),
        );
    }
    let run = env.run("extract .");
    let sources: Vec<String> = run
        .out
        .lines()
        .map(|line| {
            let record: serde_json::Value = serde_json::from_str(line).unwrap();
            record["source"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(sources.len(), 40);
    assert!(sources.is_sorted(), "{sources:?}");
}

#[test]
fn a_folder_added_again_is_unchanged() {
    let env = Env::new();
    for i in 0..5 {
        let url = format!("https://hanbit.example/news/{i}");
        env.write(&format!("p/{i}.html"), page(&url, "제목", &body(i)));
    }
    env.write("p/list.html", "<html><body><p>없음</p></body></html>");
    settle();
    env.done("add p");
    let again = env.done("add p");
    assert!(
        again.starts_with("added 0, updated 0, unchanged 5, skipped 1"),
        "{again}"
    );
}

#[test]
fn files_of_the_same_name_in_two_folders_are_two_clippings() {
    let env = Env::new();
    let text = |n| format!("제목 {n}\n\n{}\n", body(n));
    let add = |folder: &str| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_clippings"))
            .env("CLIPPINGS_LANG", "en")
            .args(["add", "--index", "../index", "memo.txt"])
            .current_dir(env.path(folder))
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    env.write("2023/memo.txt", text(1));
    env.write("2024/memo.txt", text(2));
    assert!(add("2023").starts_with("added 1, "));
    assert!(add("2024").starts_with("added 1, updated 0, "));
    assert_eq!(env.count(), 2);
    // Each replaces its own earlier version.
    env.write("2023/memo.txt", text(3));
    assert!(add("2023").starts_with("added 0, updated 1, "));
    assert_eq!(env.count(), 2);
    let kept = crate::killed::state(&env.path("index"));
    for (n, is_there) in [(1, false), (2, true), (3, true)] {
        let text = body(n);
        let last = text.lines().last().unwrap();
        let found = kept.values().any(|(record, _)| record.contains(last));
        assert_eq!(found, is_there, "{n}: {kept:?}");
    }
}

#[test]
fn texts_from_standard_input_never_replace_each_other() {
    let env = Env::new();
    for n in 1..4 {
        let run = env.run_with("add -", &format!("제목 {n}\n\n{}\n", body(n)));
        assert!(run.err.starts_with("added 1, updated 0, "), "{run:?}");
    }
    assert_eq!(env.count(), 3);
}

#[test]
fn extract_verbose_prints_the_deciding_signals() {
    let env = Env::new();
    let form = "<!DOCTYPE html><title>회원 가입</title><form><input type=password></form>\
        <p>비밀번호는 여덟 글자 이상이어야 하고 숫자와 기호를 하나씩 넣어야 합니다. 이름은 나중에 바꿀 수 있습니다.</p>";
    env.write("form.html", form);
    let refused = env.run("extract -v form.html");
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(
        refused.err.contains("article: -") && refused.err.contains("a form for a password"),
        "{refused:?}"
    );
    assert!(
        !env.run("extract form.html").err.contains("password"),
        "only with -v"
    );
    let article = page(
        "https://hanbit.example/1",
        "새 다리 놓는다",
        "가람시가 새 다리를 놓는다고 22일 밝혔다. 다리는 내년 봄에 열린다.\n▲ 다리 조감도. 가람시 제공\n시민은 누구나 걸어서 다리를 건널 수 있다.",
    );
    let article = article.replace("<p>▲", "<img src=a.jpg><p>▲");
    env.write("a.html", article);
    let run = env.run("extract -v a.html");
    assert!(run.err.contains("caption: ▲ 다리 조감도"), "{run:?}");
}
