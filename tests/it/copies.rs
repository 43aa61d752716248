//! Detection of copies, compared with `tests/scoreboards/copies.txt`.
//!
//! Every story is edited as papers edit a wire story, and compared with stories that share its
//! words and some of its sentences. `UPDATE_SCOREBOARD=1` rewrites the scoreboard;
//! `CLIPPINGS_STORIES=FILE.jsonl` takes the stories from an archive of yours and prints the table
//! for it.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use clippings_generator::{Generator, Lexicon};
use serde_json::{Value, json};

use crate::env::Env;
use crate::killed::state;

/// Number of stories.
const STORIES: usize = 200;
/// Minimum length of a story, in characters.
const SHORTEST: usize = 400;

/// Takes the sentences of a story and of an unrelated one.
type Edit = fn(&[String], &[String]) -> Vec<String>;

/// Edits that keep the story the same.
const SAME: [(&str, Edit); 11] = [
    ("another headline and outlet", |story, _| story.to_vec()),
    ("last 30% cut", |story, _| {
        story[..share(story, 0.7)].to_vec()
    }),
    ("last 50% cut", |story, _| {
        story[..share(story, 0.5)].to_vec()
    }),
    ("parts reordered", |story, _| {
        let mut moved = story.to_vec();
        moved.rotate_left(share(story, 0.4));
        moved
    }),
    ("10% of sentences rewritten", |s, o| sentences(s, o, 10)),
    ("20% of sentences rewritten", |s, o| sentences(s, o, 5)),
    ("a third of sentences rewritten", |s, o| sentences(s, o, 3)),
    ("10% of words rewritten", |s, o| words(s, o, 10)),
    ("20% of words rewritten", |s, o| words(s, o, 5)),
    ("a third of words rewritten", |s, o| words(s, o, 3)),
    ("cut, reordered, 10% rewritten", |s, o| {
        let mut cut = sentences(&s[..share(s, 0.8)], o, 10);
        let middle = cut.len() / 2;
        cut.rotate_left(middle);
        cut
    }),
];

/// Different stories on the same topic.
const OTHER: [(&str, Edit); 3] = [
    ("its words in other sentences", |story, _| shuffled(story)),
    ("10% of its sentences quoted", |s, o| quoting(s, o, 0.1)),
    ("20% of its sentences quoted", |s, o| quoting(s, o, 0.2)),
];

fn share(story: &[String], share: f64) -> usize {
    ((story.len() as f64 * share).ceil() as usize).clamp(1, story.len())
}

/// Replaces every `nth` sentence by one of the other story.
fn sentences(story: &[String], other: &[String], nth: usize) -> Vec<String> {
    let replaced = |(i, own): (usize, &String)| match i % nth == nth / 2 {
        true => other[i % other.len()].clone(),
        false => own.clone(),
    };
    story.iter().enumerate().map(replaced).collect()
}

/// Replaces every `nth` word by one of the other story.
fn words(story: &[String], other: &[String], nth: usize) -> Vec<String> {
    let mut others = other.iter().flat_map(|s| s.split(' ')).cycle();
    let mut count = 0;
    let rewrite = |sentence: &String| {
        let words = sentence.split(' ').map(|word| {
            count += 1;
            match count % nth == 0 {
                true => others.next().unwrap(),
                false => word,
            }
        });
        words.collect::<Vec<_>>().join(" ")
    };
    story.iter().map(rewrite).collect()
}

/// Shuffles the words of the story.
fn shuffled(story: &[String]) -> Vec<String> {
    let words: Vec<&str> = story.iter().flat_map(|s| s.split(' ')).collect();
    let step = 37;
    let order = (0..step).flat_map(|from| words[from.min(words.len())..].iter().step_by(step));
    let order: Vec<&str> = order.copied().collect();
    order.chunks(12).map(|c| c.join(" ")).collect()
}

/// The other story with the first sentences of this one in its middle.
fn quoting(story: &[String], other: &[String], part: f64) -> Vec<String> {
    let mut quoting = other.to_vec();
    let middle = quoting.len() / 2;
    quoting.splice(middle..middle, story[..share(story, part)].iter().cloned());
    quoting
}

/// Splits a body into sentences.
fn cut(body: &str) -> Vec<String> {
    let sentences = body.split_inclusive(". ").flat_map(|s| s.split('\n'));
    let sentences = sentences.map(|s| s.trim().to_owned());
    sentences.filter(|s| !s.is_empty()).collect()
}

/// The bodies to edit: made up, or from `CLIPPINGS_STORIES`.
fn bodies() -> Vec<Vec<String>> {
    let bodies: Vec<String> = match std::env::var_os("CLIPPINGS_STORIES") {
        Some(path) => fs::read_to_string(path)
            .unwrap()
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap())
            .filter_map(|record| Some(record["body"].as_str()?.to_owned()))
            .collect(),
        None => {
            let generator = Generator::new(Lexicon::embedded().unwrap(), 7);
            (0..2 * STORIES as u64)
                .map(|n| generator.article(n).body)
                .collect()
        }
    };
    let long = bodies.iter().filter(|b| b.chars().count() >= SHORTEST);
    // Spread out, so that few are copies of each other.
    let step = (long.clone().count() / STORIES).max(1);
    long.step_by(step).take(STORIES).map(|b| cut(b)).collect()
}

/// Share of stories that are grouped with their edited version.
fn grouped(stories: &[Vec<String>], edit: Edit) -> f64 {
    let env = Env::new();
    let mut records = Vec::new();
    for (n, story) in stories.iter().enumerate() {
        let other = &stories[(n + stories.len() / 2) % stories.len()];
        let day = format!("2024-03-{:02}", n % 28 + 1);
        records.push(json!({
            "id": format!("{n}"), "outlet": "한빛신문", "headline": format!("첫째 {n}"),
            "published": day, "body": story.join(" "),
        }));
        records.push(json!({
            "id": format!("{n}-edited"), "outlet": "저녁일보", "headline": format!("둘째 {n}"),
            "published": day, "body": edit(story, other).join(" "),
        }));
    }
    env.records("stories.jsonl", &records);
    env.done("add stories.jsonl");
    let state = state(&env.path("index"));
    let group: HashMap<&str, u64> = state.iter().map(|(id, (_, g))| (id.as_str(), *g)).collect();
    let same = |n: &usize| group[n.to_string().as_str()] == group[format!("{n}-edited").as_str()];
    (0..stories.len()).filter(same).count() as f64 / stories.len() as f64
}

#[test]
fn copies_are_detected_as_on_the_scoreboard() {
    let stories = bodies();
    let mut board = format!(
        "# Stories that are grouped with an edited copy, of {}; see tests/it/copies.rs.\n\n",
        stories.len()
    );
    let (mut found, mut wrong) = (0.0, 0.0);
    for (name, edit) in SAME {
        let share = grouped(&stories, edit);
        found += share;
        writeln!(board, "{share:.3}  {name}").unwrap();
    }
    board.push('\n');
    for (name, edit) in OTHER {
        let share = grouped(&stories, edit);
        wrong += share;
        writeln!(board, "{share:.3}  another story: {name}").unwrap();
    }
    let recall = found / SAME.len() as f64;
    let precision = found / (found + wrong);
    writeln!(board, "\nrecall {recall:.3}  precision {precision:.3}").unwrap();
    if std::env::var_os("CLIPPINGS_STORIES").is_some() {
        print!("{board}");
        return;
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scoreboards/copies.txt");
    if std::env::var_os("UPDATE_SCOREBOARD").is_some() {
        fs::write(&path, &board).unwrap();
    }
    assert_eq!(fs::read_to_string(&path).unwrap_or_default(), board);
}
