//! Judged queries over made-up articles (`tests/data/ranking`), compared with
//! `tests/scoreboards/ranking-judged.txt`.
//!
//! Every article is judged: those not listed in `qrels.tsv` have grade 0. Grade 3 is what the query
//! asks for, 2 is clearly about it, 1 mentions it. nDCG uses the grade as gain, like `trec_eval`;
//! the reciprocal rank is that of the first article of grade 2 or 3.
//!
//! `UPDATE_SCOREBOARD=1 cargo test --test it ranking_board` rewrites the scoreboard for review.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::env::Env;

const DEPTH: usize = 10;
const RELEVANT: u8 = 2;

struct Score {
    ndcg: f64,
    reciprocal_rank: f64,
}

fn dcg(grades: impl IntoIterator<Item = u8>) -> f64 {
    let discounted = (2_u32..).zip(grades).take(DEPTH);
    let sum: f64 = discounted
        .map(|(rank, grade)| f64::from(grade) / f64::from(rank).log2())
        .sum();
    // An empty sum of floats is -0.0, which would be printed with its sign.
    sum + 0.0
}

/// `found` has the grades of the results, best first; `judged` all grades of the query.
fn score(found: &[u8], judged: &[u8]) -> Score {
    let mut ideal = judged.to_vec();
    ideal.sort_unstable_by(|a, b| b.cmp(a));
    let first = found.iter().take(DEPTH).position(|&g| g >= RELEVANT);
    Score {
        ndcg: dcg(found.iter().copied()) / dcg(ideal),
        reciprocal_rank: first.map_or(0.0, |at| ((at + 1) as f64).recip()),
    }
}

fn mean_line(name: &str, scores: &[&Score]) -> String {
    let mean = |of: fn(&Score) -> f64| {
        scores.iter().map(|s| of(s)).sum::<f64>() / scores.len().max(1) as f64
    };
    format!(
        "{name:10} {:7} {:9.3} {:9.3}",
        scores.len(),
        mean(|s| s.ndcg),
        mean(|s| s.reciprocal_rank)
    )
}

fn columns(line: &str) -> [&str; 3] {
    let mut columns = line.split('\t');
    std::array::from_fn(|_| columns.next().expect(line))
}

#[test]
fn judged_queries_equal_the_scoreboard() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let data = root.join("tests/data/ranking");
    let queries = fs::read_to_string(data.join("queries.tsv")).unwrap();
    let qrels = fs::read_to_string(data.join("qrels.tsv")).unwrap();
    let mut judged: HashMap<&str, HashMap<&str, u8>> = HashMap::new();
    for line in qrels.lines() {
        let [query, clipping, grade] = columns(line);
        let grades = judged.entry(query).or_default();
        let known = grades.insert(clipping, grade.parse().unwrap());
        assert_eq!(known, None, "{line}");
    }

    let env = Env::new();
    let articles = data.join("articles.jsonl");
    let added = env.run_with_arguments(&["add", &articles.to_string_lossy()]);
    assert_eq!(added.code, 0, "{added:?}");
    let batch: String = queries
        .lines()
        .map(columns)
        .map(|[id, _, query]| format!("{id}\t{query}\n"))
        .collect();
    let batch = env.write("batch.tsv", batch);
    let run = env.run_query(&["--batch", &batch.to_string_lossy(), "--format", "trec"]);
    assert_eq!(run.code, 0, "{run:?}");
    let mut found: HashMap<&str, Vec<&str>> = HashMap::new();
    for line in run.out.lines() {
        let mut columns = line.split(' ');
        let query = columns.next().unwrap();
        found
            .entry(query)
            .or_default()
            .push(columns.nth(1).unwrap());
    }

    let mut scores = Vec::new();
    let mut each = String::new();
    for [id, class, query] in queries.lines().map(columns) {
        let grades = &judged[id];
        let results = found.remove(id).unwrap_or_default();
        let results: Vec<u8> = results
            .iter()
            .map(|clipping| grades.get(clipping).copied().unwrap_or(0))
            .collect();
        let score = score(&results, &grades.values().copied().collect::<Vec<_>>());
        let shown: String = results.iter().map(u8::to_string).collect();
        writeln!(
            each,
            "{id:10} {:7.3} {:9.3}  {shown:10}  {query}",
            score.ndcg, score.reciprocal_rank
        )
        .unwrap();
        scores.push((class, score));
    }

    let mut classes: Vec<&str> = scores.iter().map(|(class, _)| *class).collect();
    classes.dedup();
    let mut board = String::from(
        "# Judged queries over made-up articles; see tests/it/ranking_board.rs.\n\n\
         class      queries   nDCG@10    MRR@10\n",
    );
    let all: Vec<&Score> = scores.iter().map(|(_, score)| score).collect();
    writeln!(board, "{}", mean_line("all", &all)).unwrap();
    for class in classes {
        let of_class: Vec<&Score> = scores
            .iter()
            .filter(|(of, _)| *of == class)
            .map(|(_, score)| score)
            .collect();
        writeln!(board, "{}", mean_line(class, &of_class)).unwrap();
    }
    write!(
        board,
        "\nquery      nDCG@10    MRR@10  grades      text\n{each}"
    )
    .unwrap();

    let path = root.join("tests/scoreboards/ranking-judged.txt");
    if std::env::var_os("UPDATE_SCOREBOARD").is_some() {
        fs::write(&path, &board).unwrap();
    }
    assert_eq!(fs::read_to_string(&path).unwrap_or_default(), board);
}

#[test]
fn scores_equal_those_computed_by_hand() {
    // Found 3 0 2, ideal 3 2 1: (3 + 2/2) / (3 + 2/log2(3) + 1/2).
    let partly = score(&[3, 0, 2], &[1, 2, 3]);
    assert!((partly.ndcg - 4.0 / (3.5 + 2.0 / 3_f64.log2())).abs() < 1e-12);
    assert!((partly.ndcg - 0.840_01).abs() < 1e-5);
    assert!((partly.reciprocal_rank - 1.0).abs() < 1e-12);
    // The first of grade 2 or more is third.
    let late = score(&[1, 0, 2], &[1, 2]);
    assert!((late.reciprocal_rank - 1.0 / 3.0).abs() < 1e-12);
    // Results after the tenth do not count.
    let beyond = score(&[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3], &[3]);
    assert!(beyond.ndcg.abs() < 1e-12);
    assert!(beyond.reciprocal_rank.abs() < 1e-12);
    // With more than ten of grade 3, the ideal has ten of them.
    assert!((score(&[3; 10], &[3; 12]).ndcg - 1.0).abs() < 1e-12);
}
