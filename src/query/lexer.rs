//! Splits query text into tokens.
//!
//! A character is an operator only at the start or end of a word, or between white space. Inside a
//! word it belongs to the word, so `C++`, `R&D`, `3.1%`, `12:30`, URLs and email addresses are
//! words. Lookahead is bounded or cached, so lexing takes linear time.

use super::field::{self, Field, Label};
use super::notes::{Notes, QueryNote};
use super::signs::{
    BRACKET_QUOTES, Char, DOUBLE_QUOTES, SINGLE_QUOTES, is_company_mark, is_quote, is_sign, prepare,
};
use crate::analyze::particles;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    Open,
    Close,
    And,
    /// `glued`: without white space on either side, as in `매출|실적`.
    Or {
        glued: bool,
    },
    Not,
    /// A field name with its colon.
    Label(Label),
    All,
    Word(String),
    Prefix(String),
    Phrase {
        text: String,
        slop: Option<u32>,
    },
    /// `[a TO b]`. A brace instead of a bracket excludes that end.
    Range {
        from: String,
        to: String,
        from_included: bool,
        to_included: bool,
    },
}

/// Maximum lookahead, in characters, for a parenthesis inside a word or the end of a range.
const LOOK_AHEAD: usize = 80;

/// The tokens of a query, and whether `+` requires all words. Adds notes on what was ignored or
/// reinterpreted to `notes`.
pub(super) fn tokens(text: &str, notes: &mut Notes) -> (Vec<Token>, bool) {
    let mut lexer = Lexer {
        chars: prepare(text),
        at: 0,
        tokens: Vec::new(),
        no_closer: Vec::new(),
        require_all: false,
        notes,
    };
    while lexer.at < lexer.chars.len() {
        lexer.step();
    }
    (lexer.tokens, lexer.require_all)
}

struct Lexer<'n> {
    chars: Vec<Char>,
    at: usize,
    tokens: Vec<Token>,
    /// Opening quotation marks without a closing one: later ones of the same kind cannot be closed
    /// either.
    no_closer: Vec<char>,
    /// Whether a `+` precedes a word.
    require_all: bool,
    notes: &'n mut Notes,
}

/// End of a word, and whether a `*` follows.
struct WordEnd {
    end: usize,
    is_prefix: bool,
}

impl Lexer<'_> {
    /// The character at `at`, unless it is escaped.
    fn sign(&self, at: usize) -> Option<char> {
        self.chars.get(at).filter(|c| !c.literal).map(|c| c.c)
    }

    fn is_space(&self, at: usize) -> bool {
        self.sign(at) == Some(' ')
    }

    /// Whether a word ends before `at`.
    fn is_border(&self, at: usize) -> bool {
        at >= self.chars.len() || matches!(self.sign(at), Some(' ' | ')' | '|'))
    }

    /// Number of consecutive `c` at `at`.
    fn run(&self, at: usize, c: char) -> usize {
        (at..).take_while(|i| self.sign(*i) == Some(c)).count()
    }

    fn text(&self, from: usize, to: usize) -> String {
        self.chars
            .get(from..to)
            .unwrap_or_default()
            .iter()
            .map(|c| c.c)
            .collect()
    }

    fn push(&mut self, token: Token) {
        self.tokens.push(token);
    }

    /// Reads the next token, at the start of a word or between words.
    fn step(&mut self) {
        let Some(c) = self.sign(self.at) else {
            return self.word();
        };
        match c {
            ' ' => self.at += 1,
            '(' if is_company_mark(self.chars.get(self.at..).unwrap_or_default()) => self.word(),
            '(' => {
                self.at += 1;
                self.push(Token::Open);
            }
            ')' => {
                self.at += 1;
                self.push(Token::Close);
                self.boost();
            }
            '|' => {
                let before = self.at > 0 && !self.is_space(self.at - 1);
                self.at += self.run(self.at, '|');
                let glued = before && !self.is_space(self.at);
                self.push(Token::Or { glued });
            }
            '&' => {
                self.at += self.run(self.at, '&');
                self.push(Token::And);
            }
            '+' => {
                self.at += self.run(self.at, '+');
                self.require_all |= !self.is_border(self.at);
            }
            '-' => {
                self.at += self.run(self.at, '-');
                // Between words it is just a dash.
                if !self.is_border(self.at) {
                    self.push(Token::Not);
                    self.maybe_number();
                }
            }
            '!' => {
                self.at += self.run(self.at, '!');
                if (self.at..self.chars.len()).any(|i| !self.is_space(i)) {
                    self.push(Token::Not);
                }
            }
            '*' => {
                self.at += self.run(self.at, '*');
                if self.is_border(self.at) {
                    self.push(Token::All);
                } else {
                    self.notes.add(QueryNote::MisplacedStar);
                }
            }
            '[' | '{' if self.range() => {}
            c if is_quote(c) && self.phrase(c) => {}
            _ => self.word(),
        }
    }

    /// `코스피 -3%` may mean a number.
    fn maybe_number(&mut self) {
        let digits = self.digits(self.at);
        if digits > 0 && matches!(self.sign(self.at + digits), Some('%' | '.')) {
            self.notes.add(QueryNote::ExcludedNumber);
        }
    }

    /// Reads `[a TO b]`, if there is one.
    fn range(&mut self) -> bool {
        let end = (self.at + LOOK_AHEAD).min(self.chars.len());
        let Some(close) = (self.at + 1..end).find(|i| matches!(self.sign(*i), Some(']' | '}')))
        else {
            return false;
        };
        let inside = self.text(self.at + 1, close);
        let Some((from, to)) = inside
            .split_once(" TO ")
            .or_else(|| inside.split_once(" to "))
        else {
            return false;
        };
        let token = Token::Range {
            from: from.trim().to_owned(),
            to: to.trim().to_owned(),
            from_included: self.sign(self.at) == Some('['),
            to_included: self.sign(close) == Some(']'),
        };
        self.push(token);
        self.at = close + 1;
        self.boost();
        true
    }

    /// Reads the phrase that `open` starts. Returns `false` if it does not start one: an
    /// apostrophe, or the closing mark of a pair.
    fn phrase(&mut self, open: char) -> bool {
        let start = self.at + 1;
        let end = match self.closer(open, start) {
            Some(end) => end,
            None if DOUBLE_QUOTES.contains(open) => {
                self.notes.add(QueryNote::UnclosedQuote);
                self.chars.len()
            }
            None => return false,
        };
        let text = self
            .text(start, end)
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        self.at = end + 1;
        self.particle();
        let slop = self.slop();
        self.boost();
        if text.chars().all(is_sign) {
            self.notes.add(QueryNote::EmptyQuote);
        } else {
            self.push(Token::Phrase { text, slop });
        }
        true
    }

    /// Finds the mark that closes the quotation starting at `start`.
    fn closer(&mut self, open: char, start: usize) -> Option<usize> {
        if self.no_closer.contains(&open) {
            return None;
        }
        let found = if DOUBLE_QUOTES.contains(open) {
            (start..self.chars.len())
                .find(|i| self.sign(*i).is_some_and(|c| DOUBLE_QUOTES.contains(c)))
        } else if SINGLE_QUOTES.contains(open) {
            // Apostrophes look the same. A closing mark is followed by the end of the word or by a
            // particle, and is not preceded by a space.
            (start..self.chars.len()).find(|i| {
                self.sign(*i).is_some_and(|c| SINGLE_QUOTES.contains(c))
                    && !self.is_space(i - 1)
                    && match self.sign(i + 1) {
                        None => i + 1 >= self.chars.len(),
                        Some(c) => !c.is_ascii_alphanumeric(),
                    }
            })
        } else {
            let (_, close) = BRACKET_QUOTES.iter().find(|(a, _)| *a == open)?;
            (start..self.chars.len()).find(|i| self.sign(*i) == Some(*close))
        };
        if found.is_none() {
            self.no_closer.push(open);
        }
        found
    }

    /// Skips a particle after a closing mark: `‘토스’가`. Phrases match with any particle.
    fn particle(&mut self) {
        let end = (self.at..self.at + particles::MAX_SYLLABLES + 1).find(|i| self.is_border(*i));
        if let Some(end) = end
            && particles::particle(&self.text(self.at, end)).is_some()
        {
            self.at = end;
        }
    }

    /// Reads `~5` after a phrase.
    fn slop(&mut self) -> Option<u32> {
        if self.sign(self.at) != Some('~') {
            return None;
        }
        let digits = self.digits(self.at + 1);
        let number = self.text(self.at + 1, self.at + 1 + digits).parse().ok();
        if digits > 0 || self.is_border(self.at + 1) {
            self.at += 1 + digits;
        }
        number
    }

    fn digits(&self, at: usize) -> usize {
        (at..)
            .take_while(|i| self.sign(*i).is_some_and(|c| c.is_ascii_digit()))
            .count()
    }

    /// Length of a Lucene boost (`^2`, `^0.5`) at the end of a word; 0 if there is none.
    fn boost_length(&self, at: usize) -> usize {
        if self.sign(at) != Some('^') {
            return 0;
        }
        let mut length = 1 + self.digits(at + 1);
        if length > 1 && self.sign(at + length) == Some('.') {
            length += 1 + self.digits(at + length + 1);
        }
        if length > 1 && self.is_border(at + length) {
            length
        } else {
            0
        }
    }

    fn boost(&mut self) {
        let length = self.boost_length(self.at);
        if length > 0 {
            self.at += length;
            self.notes.add(QueryNote::IgnoredWeight);
        }
    }

    /// End of the parenthesis at `at`, if it is inside a word as in `인공지능(AI)`.
    fn inner_parenthesis(&self, at: usize) -> Option<usize> {
        let mut depth = 0;
        for i in at..(at + LOOK_AHEAD).min(self.chars.len()) {
            match self.sign(i) {
                Some('(') => depth += 1,
                Some(')') => {
                    depth -= 1;
                    if depth == 0 {
                        return Some(i + 1);
                    }
                }
                Some(' ' | '|' | '"' | '“') => return None,
                _ => {}
            }
        }
        None
    }

    /// Reads a word or a field name.
    fn word(&mut self) {
        let start = self.at;
        let Some(WordEnd { end, is_prefix }) = self.word_end(start) else {
            return;
        };
        let operator = self.operator(start, end);
        let text = self.text(start, end);
        self.at = match is_prefix {
            true => end + self.run(end, '*'),
            false => end,
        };
        self.boost();
        let fuzzy = self.fuzzy(self.at);
        if fuzzy > 0 {
            self.at += fuzzy;
            self.notes.add(QueryNote::IgnoredFuzziness);
        }
        match operator {
            Some(token) if !is_prefix => self.push(token),
            _ if text.chars().all(is_sign) => {}
            _ if is_prefix => self.push(Token::Prefix(text)),
            _ => self.push(Token::Word(text)),
        }
        // Always make progress, even at a sign that is neither an operator nor part of a word.
        if self.at == start {
            self.at += 1;
        }
    }

    /// Finds the end of the word that begins at `start`; `None` if a field name was read instead.
    fn word_end(&mut self, start: usize) -> Option<WordEnd> {
        let mut end = start;
        let mut is_prefix = false;
        // URLs and ids contain colons.
        let mut has_label = matches!(
            self.tokens.last(),
            Some(Token::Label(Label::Field(Field::Url | Field::Id)))
        );
        while end < self.chars.len() && !self.is_border(end) {
            match self.sign(end) {
                Some('(') => {
                    if self.operator(start, end).is_some() {
                        break;
                    }
                    match self.inner_parenthesis(end) {
                        Some(after) => {
                            end = after;
                            continue;
                        }
                        None => break,
                    }
                }
                Some(':') if !has_label => {
                    has_label = true;
                    if self.label(start, end) {
                        return None;
                    }
                }
                Some('*') => {
                    let after = end + self.run(end, '*');
                    if self.is_border(after) || self.boost_length(after) > 0 {
                        is_prefix = true;
                        break;
                    }
                    self.notes.add(QueryNote::MisplacedStar);
                    end = after;
                    continue;
                }
                Some(c) if self.ends_word(c, start, end) => break,
                _ => {}
            }
            end += 1;
        }
        Some(WordEnd { end, is_prefix })
    }

    /// Whether `c` at `at` ends the word that begins at `start`: a boost, a fuzzy operator, a
    /// trailing `&`, or a quotation mark that is closed later.
    fn ends_word(&mut self, c: char, start: usize, at: usize) -> bool {
        match c {
            '^' => self.boost_length(at) > 0,
            '~' => self.fuzzy(at) > 0,
            '&' => {
                self.sign(at.wrapping_sub(1)) != Some('&') && self.is_border(at + self.run(at, '&'))
            }
            c => {
                at > start
                    && is_quote(c)
                    && !SINGLE_QUOTES.contains(c)
                    && self.closer(c, at + 1).is_some()
            }
        }
    }

    /// The operator in capitals, if the characters spell one.
    fn operator(&self, start: usize, end: usize) -> Option<Token> {
        if end - start > 3 || (start..end).any(|i| self.sign(i).is_none()) {
            return None;
        }
        match self.text(start, end).as_str() {
            "AND" => Some(Token::And),
            "OR" => Some(Token::Or { glued: false }),
            "NOT" => Some(Token::Not),
            _ => None,
        }
    }

    /// Length of Lucene's fuzzy operator (`~2`) at the end of a word; 0 if there is none. After
    /// `date:` it is a range.
    fn fuzzy(&self, at: usize) -> usize {
        if self.sign(at) != Some('~')
            || matches!(
                self.tokens.last(),
                Some(Token::Label(
                    Label::Date | Label::From | Label::Until | Label::Before
                ))
            )
        {
            return 0;
        }
        let digits = self.digits(at + 1);
        if (1..=3).contains(&digits) && self.is_border(at + 1 + digits) {
            1 + digits
        } else {
            0
        }
    }

    /// Reads `name:` if the letters before the colon are a field name or similar to one.
    fn label(&mut self, start: usize, colon: usize) -> bool {
        if colon == start
            || colon - start > 12
            || (start..colon).any(|i| !self.sign(i).is_some_and(char::is_alphabetic))
        {
            return false;
        }
        let name = self.text(start, colon);
        if let Some(label) = field::label(&name) {
            self.at = colon + 1;
            self.push(Token::Label(label));
            return true;
        }
        // `속보: 삼성` is text, and so is the beginning of a URL.
        let next = self.sign(colon + 1);
        if next.is_none_or(|c| !c.is_alphanumeric() && c != '(' && !is_quote(c)) {
            return false;
        }
        match field::nearest(&name) {
            Some(right) => {
                self.notes.add(QueryNote::MisspeltField {
                    name,
                    suggestion: right.to_owned(),
                });
                self.at = colon + 1;
                true
            }
            None => {
                self.notes.add(QueryNote::UnknownField { name });
                false
            }
        }
    }
}
