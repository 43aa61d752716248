//! dom_smoothie, a port of Mozilla's Readability, on saved pages.
//!
//! ```text
//! readability-peer time FOLDER       pages and seconds of three rounds, as `name TAB value`
//! readability-peer extract PAGE...   JSON lines as `clippings extract` prints them, for a scorer
//! ```
//!
//! Only pages in UTF-8 are read: the library takes text, and decoding is not its job.

use std::time::Instant;
use std::{env, fs, process};

use dom_smoothie::Readability;
use serde_json::json;

fn read(html: &str) -> Option<(String, String, Option<String>, Option<String>)> {
    let article = Readability::new(html, None, None).ok()?.parse().ok()?;
    Some((
        article.title,
        article.text_content.to_string(),
        article.byline,
        article.published_time,
    ))
}

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.split_first() {
        Some((command, [folder])) if command == "time" => {
            let pages: Vec<String> = fs::read_dir(folder)
                .into_iter()
                .flatten()
                .filter_map(|entry| String::from_utf8(fs::read(entry.ok()?.path()).ok()?).ok())
                .collect();
            let start = Instant::now();
            let mut read_pages = 0;
            for _ in 0..3 {
                read_pages += pages.iter().filter(|html| read(html).is_some()).count();
            }
            println!("pages\t{}", pages.len() * 3);
            println!("read\t{read_pages}");
            println!("seconds\t{:.3}", start.elapsed().as_secs_f64());
        }
        Some((command, files)) if command == "extract" => {
            for file in files {
                let Some((title, text, byline, published)) = fs::read(file)
                    .ok()
                    .and_then(|bytes| String::from_utf8(bytes).ok())
                    .and_then(|html| read(&html))
                else {
                    continue;
                };
                let reporters: Vec<String> = byline.into_iter().collect();
                println!(
                    "{}",
                    json!({"source": file, "headline": title, "body": text, "reporters": reporters,
                           "published": published, "outlet": null, "subheads": []})
                );
            }
        }
        _ => {
            eprintln!("usage: readability-peer time FOLDER | extract PAGE...");
            process::exit(2);
        }
    }
}
