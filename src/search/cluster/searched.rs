//! What a query searches for, in order to index only the runs that may have it.
//!
//! A query needs few of the runs of 200 clippings, and analyzing all of them takes most of the program's time in a search.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::analyze::particles::particle;
use crate::index::RunFilter;
use crate::search::intent::WordIntent;
use crate::search::literal::{End, Literal};
use crate::search::run_prefilter::RunPrefilter;
use crate::search::same_forms;

/// Everything that the local engine looks up for a query.
#[derive(Debug, Default, Clone)]
pub struct Searched {
    /// Texts of terms.
    terms: Vec<String>,
    /// Beginnings of terms.
    prefixes: Vec<String>,
    /// Folded letters of words, quotations and beginnings of words, which match in a row with any spacing.
    letters: Vec<(String, End)>,
}

impl Searched {
    /// Adds a word with its forms, spellings, synonyms and components.
    pub fn add_word(&mut self, word: &WordIntent) {
        let forms = word.exact.iter().chain(&word.loose);
        self.terms.extend(forms.map(|form| form.text.clone()));
        for text in word.written.iter().chain(&word.apart) {
            self.add_text(text);
        }
        for text in &word.synonyms {
            self.add_letters(text, End::Word);
        }
        for atom in &word.atoms {
            self.add_word(atom);
        }
    }

    /// Adds a text that matches in all its spellings.
    pub fn add_text(&mut self, text: &str) {
        self.add_letters(text, End::Word);
        for text in same_forms::spellings(text) {
            self.add_letters(&text, End::Word);
        }
    }

    /// Adds texts of terms.
    pub fn add_terms<'t>(&mut self, terms: impl IntoIterator<Item = &'t String>) {
        self.terms.extend(terms.into_iter().cloned());
    }

    /// Adds the beginning of words, as typed and folded.
    pub fn add_prefix(&mut self, prefix: &str, folded: &str) {
        self.add_letters(prefix, End::Anywhere);
        self.prefixes.push(folded.to_owned());
    }

    /// Adds everything of `other`.
    pub fn add_all(&mut self, other: &Searched) {
        self.terms.extend_from_slice(&other.terms);
        self.prefixes.extend_from_slice(&other.prefixes);
        self.letters.extend_from_slice(&other.letters);
    }

    fn add_letters(&mut self, text: &str, end: End) {
        let letters = Literal::new(text, end);
        self.letters
            .extend(letters.map(|letters| (letters.chars().collect::<String>(), end)));
    }

    /// Accepts the runs that may have any of it; few others.
    pub fn runs(&self) -> RunFilter {
        let terms = self.terms.iter().map(String::as_str);
        let prefixes = self.prefixes.iter().map(String::as_str);
        let terms = RunPrefilter::with_prefixes(terms, prefixes);
        let mut ends: FxHashMap<char, Vec<(Arc<str>, End)>> = FxHashMap::default();
        for (letters, kind) in &self.letters {
            for (at, first) in letters.char_indices() {
                let ends = ends.entry(first).or_default();
                let end = letters.get(at..).unwrap_or_default();
                if !ends.iter().any(|(other, of)| **other == *end && of == kind) {
                    ends.push((end.into(), *kind));
                }
            }
        }
        // In a text with the letters in a row, a run of them is a part of the letters, or the last one: an end of the
        // letters, followed by a particle if they are a whole word. The prefilter accepts all runs with anything but
        // syllables, ASCII letters and digits, so lower case is all that folding changes here.
        let is_in_row = move |run: &str| {
            let ends = run.chars().next().and_then(|first| ends.get(&first));
            let mut ends = ends.into_iter().flatten();
            ends.any(|(end, kind)| {
                let rest = run.strip_prefix(&**end);
                let is_last = rest.is_some_and(|rest| match kind {
                    End::Word => rest.is_empty() || particle(rest).is_some(),
                    End::Anywhere => true,
                });
                is_last || end.starts_with(run)
            })
        };
        Arc::new(move |run: &str| {
            terms.has(run)
                || match run.bytes().any(|byte| byte.is_ascii_uppercase()) {
                    true => is_in_row(&run.to_ascii_lowercase()),
                    false => is_in_row(run),
                }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyze::synonyms::Synonyms;
    use crate::analyze::{Analyzer, Language};
    use crate::clipping::Clipping;
    use crate::index::{ClusterClipping, Result, WholeCounts, index_part};
    use crate::query::parse;
    use crate::search::cluster::dsl::{ClusterQuery, QueryBuilder};
    use crate::search::intent::Vocabulary;
    use crate::search::workers::AnalyzerPool;
    use crate::search::{Request, Searcher};

    struct Counts;

    impl WholeCounts for Counts {
        fn clippings(&self) -> u64 {
            100
        }

        fn average_length(&self, _: &str) -> f32 {
            8.0
        }

        fn doc_freq(&self, _: &str, _: &str) -> u64 {
            1
        }
    }

    impl Vocabulary for Counts {
        fn count(&self, _: &str) -> Result<u64> {
            Ok(4)
        }
    }

    const BODIES: [&str; 13] = [
        "한빛시가 인권침해 조사를 시작했다. 위원회는 바로 자료를 공개했다.",
        "위원회는 인권 침해를 막을 대책을 발표했다. 대책은 세 가지다.",
        "인권 단체가 사생활 침해를 걱정했다. 아무도 도와주지 않았다고 한다.",
        "생성형 AI 교과서가 나온다. 생성형AI가 쓴 글은 표시해야 한다.",
        "이웃을 도와줬다. 일손이 빨라졌고 하늘은 퍼렇게 물들었다.",
        "美대선을 앞두고 한미 정상이 만났다. 미국은 관세를 올렸다.",
        "李開復 박사가 R&D 예산 1,000억원을 요구했다. 3.1절 행사도 열렸다.",
        "전동킥보드 사고가 늘었다. 킥보드 대여 업체는 뒤처져 있었다.",
        "국회 법제사법위원회가 개정안을 의결했다. 법사위는 다시 모인다.",
        "구속 영장이 기각됐다. 구속영장을 다시 청구할지는 모른다.",
        "엘지전자와 LG화학이 손을 잡았다. (주)한빛전자도 참여했다.",
        "그는 말이 없었다. 물가가 크게 올라 시장에는 손님이 적었다.",
        "할 말을 아낀 것이다. 위원회는 “시간이 필요한 것”으로 풀이했다.",
    ];

    const QUERIES: [&str; 41] = [
        "인권",
        "침해",
        "인권침해",
        "인권 침해",
        "\"인권 침해\"",
        "\"침해를 막을 대책\"",
        "인권 -사생활",
        "침해 OR 교과서",
        "\"인권침해 조사를 시작\"",
        "인권 침해~3",
        "발표했*",
        "구속*",
        "미국*",
        "것으로*",
        "것으로",
        "\"것으로\"",
        "생성형AI",
        "\"생성형 AI\"",
        "ai 교과서",
        "도와줬다",
        "돕다",
        "빠르다",
        "퍼렇다",
        "미국",
        "한국",
        "이개복",
        "李開復",
        "R&D",
        "1000억원",
        "3.1절",
        "킥보드",
        "전동 킥보드",
        "뒤처지다",
        "법사위",
        "구속 영장",
        "\"구속영장을 청구\"",
        "LG전자",
        "주식회사 한빛전자",
        "있었다",
        "제목:소식",
        "한빛시가 위원회 인권 대책 발표했다 나온다 모인다 올라",
    ];

    fn clippings(analyzer: &mut Analyzer) -> Vec<ClusterClipping> {
        let mut length = |text: &str| {
            let mut count = 0;
            analyzer.terms(text, &mut |_| count += 1);
            count
        };
        let clipping = |(n, body): (u64, &&str)| {
            let headline = format!("{n}번 소식");
            ClusterClipping {
                lengths: [length(&headline), length(body), 0],
                clipping: Clipping {
                    id: format!("c{n}"),
                    headline,
                    body: (*body).to_owned(),
                    ..Clipping::default()
                },
                added: 0,
                group: n,
                order: 0,
            }
        };
        (0..).zip(&BODIES).map(clipping).collect()
    }

    #[test]
    fn hits_and_scores_are_those_of_all_runs() {
        let language = Language::embedded().unwrap();
        let mut analyzer = Analyzer::new(language.clone());
        let clippings = clippings(&mut analyzer);
        let analyzers = Arc::new(AnalyzerPool::new(language.clone()));
        let synonyms = Some(Arc::new(Synonyms::builtin().clone()));
        let searcher = |runs: Option<RunFilter>| {
            let archive = index_part(&clippings, &language, runs, Arc::new(Counts)).unwrap();
            Searcher::over(archive, Arc::clone(&analyzers), synonyms.clone())
        };
        let all = searcher(None);
        let mut having_hits = 0;
        for query in QUERIES {
            let tree = parse(query, jiff::civil::date(2026, 1, 1)).tree;
            let builder = QueryBuilder::new(&mut analyzer, synonyms.as_deref(), &Counts);
            let ClusterQuery { searched, .. } = builder.query(&tree, &[]).unwrap();
            let request = Request {
                tree,
                partial: true,
                ..Request::default()
            };
            let found = |searcher: &Searcher| {
                let answer = searcher.search(&request).unwrap();
                let hits = answer.hits.into_iter();
                hits.map(|hit| (hit.clipping.id, hit.score, hit.partial))
                    .collect::<Vec<_>>()
            };
            let expected = found(&all);
            having_hits += usize::from(!expected.is_empty());
            assert_eq!(found(&searcher(Some(searched.runs()))), expected, "{query}");
        }
        assert!(having_hits > 30, "{having_hits}");
    }

    #[test]
    fn few_other_runs_are_accepted() {
        let mut searched = Searched::default();
        searched.add_text("생성형 AI");
        let runs = searched.runs();
        for run in [
            "생성형",
            "생성형AI가",
            "AI",
            "ai는",
            "성형",
            "형",
            "Ai",
            "美",
        ] {
            assert!(runs(run), "{run}");
        }
        for run in ["생산", "생성형이", "성형외과", "형제", "인공지능", "a4"] {
            assert!(!runs(run), "{run}");
        }
    }
}
