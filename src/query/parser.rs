//! Parses tokens into a tree.
//!
//! ```text
//! all      = any any*                        juxtaposition: all of them
//! any      = both (("OR" | "|") both)*
//! both     = part (("AND" | "&") part)*
//! part     = ("NOT" | "-" | "!" | name ":")* (word | phrase | word "*" | "*" | range | "(" all
//! ")")
//! ```
//!
//! `OR` binds tighter than juxtaposition, as in web search: `반도체 수출 OR 수입` is 반도체 and one of the
//! other two. `AND` binds tightest, as in Lucene and databases.

use jiff::civil::Date;

use super::date_range::DateRange;
use super::field::Label;
use super::lexer::{self, Token};
use super::notes::{Notes, QueryNote};
use super::signs;
use super::tree::Node;

/// Deeper parentheses are ignored, so that recursive descent does not overflow the stack.
const MAX_DEPTH: usize = 100;

/// Deeper parts of the tree are cut, so that it can be walked recursively. Less than [`MAX_DEPTH`],
/// so that a printed tree, with parentheses at every level, parses again.
const MAX_TREE_DEPTH: usize = 40;

/// Further words are ignored. A longer query is a pasted text.
const MAX_LEAVES: usize = 1024;

/// A parsed query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parsed {
    /// The tree.
    pub tree: Node,
    /// Whether `AND`, `&` or `+` requires all words to match.
    pub require_all: bool,
    /// Whether it is nothing but a sentence in typographic quotation marks: a pasted headline.
    pub is_pasted: bool,
    /// What was ignored or read differently than the user may expect.
    pub notes: Vec<QueryNote>,
}

/// A shorter quotation is a name or phrase.
const MIN_HEADLINE_WORDS: usize = 4;

/// Whether `text` is one quotation with typographic marks (`“…”`), which articles have and keyboards
/// do not, as long as a headline.
fn is_pasted(text: &str) -> bool {
    let is_mark = |c: char| c != '"' && signs::DOUBLE_QUOTES.contains(c);
    let inner = text.trim().strip_prefix(is_mark);
    let inner = inner.and_then(|rest| rest.strip_suffix(is_mark));
    inner.is_some_and(|inner| {
        !inner.contains(|c| signs::DOUBLE_QUOTES.contains(c))
            && inner.split_whitespace().count() >= MIN_HEADLINE_WORDS
    })
}

/// Parses a query. Never fails: parts that make no sense are ignored, with a note. An empty query
/// is [`Node::All`]; one without anything to search for (`...`, `제목:`) matches nothing.
///
/// `today` is the date in Korea, for dates like `7d` and `오늘`.
pub fn parse(text: &str, today: Date) -> Parsed {
    let mut notes = Notes::default();
    let (tokens, plus) = lexer::tokens(text, &mut notes);
    let require_all = plus || tokens.contains(&Token::And);
    let mut parser = Parser {
        tokens,
        at: 0,
        leaves: 0,
        last_name: None,
        inherited: None,
        ignored_open: 0,
        or_noted: false,
        today,
        notes,
    };
    let mut parts = Vec::new();
    while parser.at < parser.tokens.len() {
        parts.extend(parser.all(0, None));
        if parser.peek() == Some(&Token::Close) {
            parser.at += 1;
            parser.notes.add(QueryNote::UnmatchedParenthesis);
        }
    }
    if parts.is_empty() && text.chars().any(char::is_alphanumeric) {
        parts.extend(parser.operators_as_words());
    }
    if parts.is_empty() && !signs::prepare(text).iter().all(|c| c.c == ' ') {
        // A query that is not empty must not match everything.
        if parser.notes.is_empty() {
            parser.notes.add(QueryNote::OnlySigns);
        }
        return Parsed {
            tree: Node::All.negated(),
            require_all,
            is_pasted: is_pasted(text),
            notes: parser.notes.into_list(),
        };
    }
    let tree = match Node::and(parts).pruned(MAX_TREE_DEPTH) {
        (tree, false) => tree,
        (tree, true) => {
            parser.notes.add(QueryNote::TooDeep);
            tree
        }
    };
    if tree.only_excludes() {
        parser.notes.add(QueryNote::OnlyExclusions);
    }
    Parsed {
        tree,
        require_all,
        is_pasted: is_pasted(text),
        notes: parser.notes.into_list(),
    }
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    leaves: usize,
    /// The field of the last part, and the field that the next part inherits: in `기자:가|나` both are
    /// reporters.
    last_name: Option<Label>,
    inherited: Option<Label>,
    /// Ignored opening parentheses whose closing ones have not been read yet.
    ignored_open: usize,
    or_noted: bool,
    today: Date,
    notes: Notes,
}

/// A part, with what surrounding parts need to know about its syntax.
struct Part {
    node: Node,
    /// Alternatives without parentheses, with white space around the operator.
    open_or: bool,
    /// A word or phrase without a field, as opposed to a filter.
    plain: bool,
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    /// Juxtaposed parts, up to a closing parenthesis or the end.
    fn all(&mut self, depth: usize, label: Option<Label>) -> Option<Node> {
        let mut parts = Vec::new();
        let (mut plain, mut open_or) = (0, false);
        while let Some(token) = self.peek() {
            match token {
                Token::Close if self.ignored_open > 0 => {
                    self.ignored_open -= 1;
                    self.at += 1;
                }
                Token::Close => break,
                Token::And | Token::Or { .. } => {
                    self.dangling();
                    self.at += 1;
                }
                _ => {
                    if let Some(part) = self.any(depth, label) {
                        plain += usize::from(part.plain);
                        open_or |= part.open_or;
                        parts.push(part.node);
                    }
                }
            }
        }
        if parts.is_empty() {
            return None;
        }
        let beside = parts.len() > 1 && plain > 0;
        let node = Node::and(parts);
        if open_or && beside {
            self.mixed(&node);
        }
        Some(node)
    }

    /// Adds a note on how `OR` next to words was read.
    fn mixed(&mut self, node: &Node) {
        if !self.or_noted {
            self.or_noted = true;
            let read: String = node.to_string().chars().take(200).collect();
            self.notes.add(QueryNote::OrReadAs { query: read });
        }
    }

    fn any(&mut self, depth: usize, label: Option<Label>) -> Option<Part> {
        let mut parts = Vec::new();
        let (mut open, mut plain) = (false, false);
        let mut both = self.both(depth, label);
        loop {
            if let Some(part) = both {
                plain |= part.plain;
                parts.push(part.node);
            }
            let Some(Token::Or { glued }) = self.peek() else {
                break;
            };
            let glued = *glued;
            open |= !glued;
            self.at += 1;
            self.skip_operators();
            if self.ends() {
                self.dangling();
                break;
            }
            if glued {
                self.inherited = self.last_name;
            }
            both = self.both(depth, label);
        }
        let several = parts.len() > 1;
        (!parts.is_empty()).then(|| Part {
            node: Node::or(parts),
            open_or: several && open,
            plain: plain && !several,
        })
    }

    fn both(&mut self, depth: usize, label: Option<Label>) -> Option<Part> {
        let mut parts = Vec::new();
        let mut plain = false;
        let mut part = self.part(depth, label);
        loop {
            if let Some((node, is_plain)) = part {
                plain |= is_plain;
                parts.push(node);
            }
            if self.peek() != Some(&Token::And) {
                break;
            }
            self.at += 1;
            self.skip_operators();
            if self.ends() {
                self.dangling();
                break;
            }
            part = self.part(depth, label);
        }
        (!parts.is_empty()).then(|| Part {
            node: Node::and(parts),
            open_or: false,
            plain,
        })
    }

    /// Skips operators right after an operator.
    fn skip_operators(&mut self) {
        while matches!(self.peek(), Some(Token::And | Token::Or { .. })) {
            self.notes.add(QueryNote::TwoOperators);
            self.at += 1;
        }
    }

    fn ends(&self) -> bool {
        matches!(self.peek(), None | Some(Token::Close))
    }

    fn dangling(&mut self) {
        self.notes.add(QueryNote::MissingOperand);
    }

    /// A leaf or group with its negations and field names.
    fn part(&mut self, depth: usize, outer: Option<Label>) -> Option<(Node, bool)> {
        let mut negated = false;
        let mut own = self.inherited.take();
        loop {
            match self.peek() {
                Some(Token::Not) => negated = !negated,
                Some(Token::Label(label)) => own = Some(*label),
                Some(Token::Open) if depth >= MAX_DEPTH => {
                    self.ignored_open += 1;
                    self.notes.add(QueryNote::TooDeep);
                }
                _ => break,
            }
            self.at += 1;
        }
        let label = own.or(outer);
        let node = match self.peek().cloned() {
            None | Some(Token::Close | Token::And | Token::Or { .. }) => {
                if own.is_some() {
                    self.notes.add(QueryNote::EmptyField);
                } else {
                    self.dangling();
                }
                None
            }
            Some(Token::Open) => {
                self.at += 1;
                self.group(depth, label)
            }
            Some(token) => {
                self.at += 1;
                self.leaf(token, label)
            }
        };
        self.last_name = own;
        let node = match own {
            Some(Label::Field(field)) => node?.in_field(field),
            _ => node?,
        };
        Some(if negated {
            (node.negated(), false)
        } else {
            let plain = own.is_none() && !matches!(node, Node::Date(_) | Node::All);
            (node, plain)
        })
    }

    /// The content of a parenthesis, with the closing one.
    fn group(&mut self, depth: usize, label: Option<Label>) -> Option<Node> {
        let node = self.all(depth + 1, label);
        if self.peek() == Some(&Token::Close) {
            self.at += 1;
        } else {
            self.notes.add(QueryNote::UnclosedParenthesis);
        }
        node
    }

    fn leaf(&mut self, token: Token, label: Option<Label>) -> Option<Node> {
        self.leaves += 1;
        if self.leaves > MAX_LEAVES {
            self.notes
                .add(QueryNote::TooManyWords { limit: MAX_LEAVES });
            return None;
        }
        let label = label.filter(|l| !matches!(l, Label::Field(_)));
        Some(match (token, label) {
            (
                Token::Range {
                    from,
                    to,
                    from_included,
                    to_included,
                },
                _,
            ) => return self.range(&from, &to, from_included, to_included, label.is_some()),
            (Token::All, Some(_)) => Node::Date(DateRange::default()),
            (Token::Word(text) | Token::Phrase { text, .. }, Some(label)) => {
                return self.date(text, label);
            }
            (Token::Prefix(text), Some(label)) => return self.date(text, label),
            (Token::Word(text), None) => Node::Word(text),
            (Token::Phrase { text, slop }, None) => Node::Phrase { text, slop },
            (Token::Prefix(text), None) => Node::Prefix(text),
            _ => Node::All,
        })
    }

    /// The value of `date:` or a similar field.
    fn date(&mut self, mut text: String, label: Label) -> Option<Node> {
        // `날짜:2024년 2월 22일` is one date in three words.
        for (ends, unit) in [('년', '월'), ('월', '일')] {
            match self.peek() {
                Some(Token::Word(next)) if text.ends_with(ends) && is_count(next, unit) => {
                    text.push_str(next);
                    self.at += 1;
                }
                _ => {}
            }
        }
        let today = self.today;
        let (sign, bare) = [">=", "<=", ">", "<", "="]
            .iter()
            .find_map(|sign| text.strip_prefix(sign).map(|rest| (*sign, rest)))
            .unwrap_or(("", &text));
        let from = || {
            DateRange::start(bare, today).map(|d| DateRange {
                from: Some(d),
                to: None,
            })
        };
        let to = |day: Result<Date, _>| {
            day.map(|d| DateRange {
                from: None,
                to: Some(d),
            })
        };
        let range = match (sign, label) {
            (">=", _) | ("", Label::From) => from(),
            (">", _) => DateRange::end(bare, today).map(|d| DateRange {
                from: d.tomorrow().ok(),
                to: None,
            }),
            ("<=", _) | ("", Label::Until) => to(DateRange::end(bare, today)),
            ("<", _) | ("", Label::Before) => {
                to(DateRange::start(bare, today).map(|d| d.yesterday().unwrap_or(d)))
            }
            _ => DateRange::parse(bare, today),
        };
        match range {
            Ok(range) => Some(Node::Date(range)),
            Err(error) => {
                self.notes.add(QueryNote::NotADate(error));
                None
            }
        }
    }

    /// `[a TO b]`: a range of dates, after `date:` or if both ends are dates.
    fn range(
        &mut self,
        from: &str,
        to: &str,
        from_included: bool,
        to_included: bool,
        dated: bool,
    ) -> Option<Node> {
        let open = |t: &str| t.is_empty() || t == "*";
        let today = self.today;
        let first = match open(from) {
            true => Ok(None),
            false if from_included => DateRange::start(from, today).map(Some),
            false => DateRange::end(from, today).map(|d| d.tomorrow().ok()),
        };
        let last = match open(to) {
            true => Ok(None),
            false if to_included => DateRange::end(to, today).map(Some),
            false => DateRange::start(to, today).map(|d| d.yesterday().ok()),
        };
        match (first, last) {
            (Ok(first), Ok(last)) if dated || first.is_some() || last.is_some() => {
                let swapped = matches!((first, last), (Some(a), Some(b)) if a > b);
                Some(Node::Date(if swapped {
                    DateRange {
                        from: last,
                        to: first,
                    }
                } else {
                    DateRange {
                        from: first,
                        to: last,
                    }
                }))
            }
            (Err(error), _) | (_, Err(error)) if dated => {
                self.notes.add(QueryNote::NotADate(error));
                None
            }
            _ => {
                self.notes.add(QueryNote::NotADateRange);
                let words = [from, to].into_iter().flat_map(signs::plain_words);
                Some(Node::and(words.map(Node::Word)))
            }
        }
    }

    /// For a query of only operators, searches for them as words.
    fn operators_as_words(&mut self) -> Vec<Node> {
        let words: Vec<Node> = self
            .tokens
            .iter()
            .take(MAX_LEAVES)
            .filter_map(|token| match token {
                Token::And => Some("and"),
                Token::Or { .. } => Some("or"),
                Token::Not => Some("not"),
                _ => None,
            })
            .map(|word| Node::Word(word.to_owned()))
            .collect();
        if !words.is_empty() {
            self.notes.add(QueryNote::OnlyOperators);
        }
        words
    }
}

/// Whether the word is a number of one or two digits followed by `unit`.
fn is_count(word: &str, unit: char) -> bool {
    word.strip_suffix(unit).is_some_and(|digits| {
        (1..=2).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())
    })
}
