//! The analyzer as tantivy calls it.
//!
//! tantivy clones its tokenizers for every segment it writes and starts its threads anew after
//! every commit. An analyzer is worth keeping, since it carries a cache of words, so they live in a
//! pool that all clones share: whoever tokenizes a text takes one out and puts it back.

use std::mem;
use std::sync::Arc;

use tantivy::tokenizer::{TextAnalyzer, Token, TokenStream, Tokenizer, TokenizerManager};

use super::pool::Pool;
use super::term::{encode, fold_name};
use crate::analyze::{Analyzer, Language};

/// Name of the tokenizer of running text.
pub const KOREAN: &str = "korean";
/// Name of the tokenizer of names: one folded term per value.
pub const NAME: &str = "name";

/// Terms longer than this many bytes are left out: no one types them, and they would bloat the
/// term dictionary (data URLs, base64).
pub const LONGEST_TERM: usize = 512;

/// An arena that grew beyond this many bytes for one huge text is let go of afterwards.
const KEPT_ARENA: usize = 4 << 20;

/// The tokenizers that the schema names.
pub fn tokenizers(language: &Language) -> TokenizerManager {
    let analyzer = Analyzer::new(language.clone());
    let manager = TokenizerManager::default();
    manager.register(KOREAN, TextAnalyzer::from(KoreanTokenizer::new(analyzer)));
    manager.register(NAME, TextAnalyzer::from(NameTokenizer));
    manager
}

/// Where one token lies.
struct Entry {
    /// End of its text in the arena; it starts where the one before ends.
    text_end: usize,
    position: u32,
    start: u32,
    end: u32,
}

/// An analyzer with the buffers of the text it is at.
struct Worker {
    analyzer: Analyzer,
    arena: String,
    entries: Vec<Entry>,
    token: Token,
}

impl Worker {
    fn new(analyzer: Analyzer) -> Box<Worker> {
        Box::new(Worker {
            analyzer,
            arena: String::new(),
            entries: Vec::new(),
            token: Token::default(),
        })
    }

    /// Fills the arena with all terms of `text`, in one pass.
    fn read(&mut self, text: &str) {
        self.arena.clear();
        self.entries.clear();
        let (arena, entries) = (&mut self.arena, &mut self.entries);
        self.analyzer.terms(text, &mut |term| {
            if term.text.len() >= LONGEST_TERM {
                return;
            }
            encode(term.kind, term.text, arena);
            entries.push(Entry {
                text_end: arena.len(),
                position: term.position,
                start: term.start,
                end: term.end,
            });
        });
    }
}

/// Analyzers waiting for work.
type Workers = Arc<Pool<Box<Worker>>>;

/// Cuts running text into the encoded terms of the analyzer.
#[derive(Clone)]
pub struct KoreanTokenizer {
    model: Analyzer,
    pool: Workers,
}

impl KoreanTokenizer {
    /// A tokenizer whose workers are clones of `model`.
    pub fn new(model: Analyzer) -> Self {
        KoreanTokenizer {
            model,
            pool: Workers::default(),
        }
    }
}

impl Tokenizer for KoreanTokenizer {
    type TokenStream<'a> = KoreanTokens;

    fn token_stream(&mut self, text: &str) -> KoreanTokens {
        let mut worker = self
            .pool
            .take()
            .unwrap_or_else(|| Worker::new(self.model.clone()));
        worker.read(text);
        KoreanTokens {
            token: mem::take(&mut worker.token),
            worker: Some(worker),
            pool: Arc::clone(&self.pool),
            next: 0,
        }
    }
}

/// The terms of one text.
pub struct KoreanTokens {
    worker: Option<Box<Worker>>,
    pool: Workers,
    next: usize,
    token: Token,
}

impl TokenStream for KoreanTokens {
    fn advance(&mut self) -> bool {
        let Some(worker) = &self.worker else {
            return false;
        };
        let Some(entry) = worker.entries.get(self.next) else {
            return false;
        };
        let text_start = match self.next.checked_sub(1) {
            Some(before) => worker.entries[before].text_end,
            None => 0,
        };
        self.token.text.clear();
        self.token
            .text
            .push_str(&worker.arena[text_start..entry.text_end]);
        self.token.position = entry.position as usize;
        self.token.offset_from = entry.start as usize;
        self.token.offset_to = entry.end as usize;
        self.token.position_length = 1;
        self.next += 1;
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

impl Drop for KoreanTokens {
    fn drop(&mut self) {
        let Some(mut worker) = self.worker.take() else {
            return;
        };
        if worker.arena.capacity() > KEPT_ARENA {
            worker.arena = String::new();
            worker.entries = Vec::new();
        }
        worker.token = mem::take(&mut self.token);
        self.pool.put(worker);
    }
}

/// A whole value as one folded term.
#[derive(Clone)]
pub struct NameTokenizer;

impl Tokenizer for NameTokenizer {
    type TokenStream<'a> = NameToken;

    fn token_stream(&mut self, text: &str) -> NameToken {
        NameToken {
            token: Token {
                offset_from: 0,
                offset_to: text.len(),
                position: 0,
                text: fold_name(text),
                position_length: 1,
            },
            read: false,
        }
    }
}

/// The one term of a name.
pub struct NameToken {
    token: Token,
    read: bool,
}

impl TokenStream for NameToken {
    fn advance(&mut self) -> bool {
        !mem::replace(&mut self.read, true) && !self.token.text.is_empty()
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyze::Language;

    fn terms(tokenizer: &mut KoreanTokenizer, text: &str) -> Vec<(String, usize)> {
        let mut stream = tokenizer.token_stream(text);
        let mut terms = Vec::new();
        stream.process(&mut |t| terms.push((t.text.clone(), t.position)));
        terms
    }

    #[test]
    fn tokens_are_the_encoded_terms_of_the_analyzer() {
        let text = "생성형 AI 시장이 커졌다. 국회의원도 쓴다.";
        let mut expected = Vec::new();
        Analyzer::new(Language::embedded().unwrap()).terms(text, &mut |t| {
            let mut encoded = String::new();
            encode(t.kind, t.text, &mut encoded);
            expected.push((encoded, t.position as usize));
        });
        let mut tokenizer = KoreanTokenizer::new(Analyzer::new(Language::embedded().unwrap()));
        assert_eq!(terms(&mut tokenizer, text), expected);
        // The worker that comes back from the pool keeps nothing of the text before.
        assert_eq!(terms(&mut tokenizer, ""), []);
        assert_eq!(terms(&mut tokenizer, text), expected);
    }

    #[test]
    fn workers_go_back_to_the_pool() {
        let mut tokenizer = KoreanTokenizer::new(Analyzer::new(Language::embedded().unwrap()));
        let mut other = tokenizer.clone();
        for _ in 0..3 {
            terms(&mut tokenizer, "가 나");
            terms(&mut other, "다 라");
        }
        assert_eq!(tokenizer.pool.len(), 1);
    }

    #[test]
    fn a_name_is_one_folded_term() {
        let mut stream_of = NameTokenizer;
        let mut stream = stream_of.token_stream("SBS Biz");
        assert!(stream.advance());
        assert_eq!(stream.token().text, "sbsbiz");
        assert!(!stream.advance());
    }
}
