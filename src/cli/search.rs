//! `clippings search`

use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use clap::ValueHint;
use clap_complete::ArgValueCompleter;

use super::candidates::queries;
use super::error::{lang, say_labelled};
use super::global::found;
use super::help::examples;
use super::ingest_args::{ReadArgs, WaitArgs, add};
use super::pager;
use super::query_args::{FilterArgs, SortArg, StrictArgs, SynonymArgs};
use super::{CliError, CliResult, Exit, Global, OutputFormat};
use crate::app::analyze::decode_strictly;
use crate::app::search::SearchRequest;
use crate::app::{App, Note};
use crate::messages::{Label, Localize, msg};
use crate::report::{Format, Printer, ResultPage, trec};

/// What `search` writes.
pub(super) const FORMATS: &[OutputFormat] = &[
    OutputFormat::Text,
    OutputFormat::Json,
    OutputFormat::Jsonl,
    OutputFormat::Csv,
    OutputFormat::Trec,
];

#[derive(Debug, clap::Args)]
#[command(
    long_about = text!(
        ko: "\
기사를 찾아 맞는 대목과 함께 관련도순으로 보여 줍니다

단어가 모두 있는 기사를 찾으며, 순서와 어미는 달라도 됩니다. 이런 기사로 한 쪽이 차지 않으면 단어가 일부만 있는 기사 \
가운데 가장 나은 것을 줄 아래에 보여 주고 총 건수에 넣지 않습니다.

  \"생성형 AI\"         이 문구 그대로
  -광고               이 단어가 없는 기사
  삼성 OR 하이닉스    둘 중 하나
  (A OR B) C          묶기
  제목:반도체         제목에서. 본문: 기자: 언론사:도 있습니다
  인물:홍길동         빅카인즈 자료에서. 기관: 위치: 분류:도 있습니다
  날짜:2024-02..03    이 기간의 기사
  @이름               그 이름으로 저장한 검색
  '*'                 조건에 맞는 모든 기사, 최신순",
        en: "\
Find clippings: ranked, with the passages that match

All words must match, in any order and with any endings. Where these matches do not fill the page, \
the best of those with some of the words follow below a line; they are not in the total.

  \"생성형 AI\"         this exact phrase
  -광고               without this word
  삼성 OR 하이닉스    either
  (A OR B) C          grouped
  headline:반도체     in the headline; also body: reporter: outlet:
  person:홍길동       in BIGKinds exports; also organization: place: category:
  date:2024-02..03    published in this period
  @NAME               the saved search of that name
  '*'                 everything matching the filters, newest first",
    ),
    after_help = examples("\
  clippings search '생성형 AI'
  clippings search '\"금리 인하\" -미국' --outlet 한겨레 --from 2024-02 --to 2024-03
  clippings search --reporter 김하나 --sort newest
  clippings search '생성형 AI' --add ~/scraps
  clippings search 반도체 --format jsonl | jq .headline") + text!(
        ko: "\n\ntrec 출력은 비슷한 기사를 묶지 않습니다.",
        en: "\n\ntrec output does not fold copies.",
    ),
)]
pub struct Args {
    #[arg(
        value_name = "QUERY", add = ArgValueCompleter::new(queries),
        help = text!(
            ko: "검색식. 없으면 조건에 맞는 기사를 모두 보여 줍니다",
            en: "Query; omit it to list everything that matches the filters",
        ),
    )]
    query: Vec<String>,

    #[command(flatten)]
    filters: FilterArgs,

    #[command(flatten)]
    strict: StrictArgs,

    #[command(flatten)]
    output: Output,

    #[command(flatten)]
    synonyms: SynonymArgs,

    #[arg(
        long, value_name = "PATH", value_hint = ValueHint::AnyPath,
        help = text!(
            ko: "먼저 경로에서 새 파일과 바뀐 파일을 추가합니다(여러 번 쓸 수 있음)",
            en: "Add new and changed files from PATH first (repeatable)",
        ),
    )]
    add: Vec<PathBuf>,

    #[arg(
        long,
        value_name = "FILE",
        value_hint = ValueHint::FilePath,
        conflicts_with_all = ["query", "facets", "explain"],
        help = text!(
            ko: "`id<탭>검색식` 줄로 된 파일의 검색을 모두 실행합니다",
            en: "Run every query of a file with lines `id<TAB>query`",
        ),
    )]
    batch: Option<PathBuf>,
}

// How many results, in which order, and how much of each; for `search` and `saved run`.
#[derive(Debug, Clone, clap::Args)]
pub struct Output {
    #[arg(
        long, value_enum, value_name = "ORDER", default_value_t = SortArg::Relevance,
        help = text!(ko: "결과의 순서", en: "Order of the results"),
    )]
    sort: SortArg,

    #[arg(
        short = 'n', long, value_name = "N", default_value_t = 10,
        help = text!(ko: "최대 건수", en: "At most this many results"),
    )]
    limit: usize,

    #[arg(
        long, value_name = "N", default_value_t = 0,
        help = text!(ko: "앞의 N건을 건너뜁니다", en: "Skip the first N results"),
    )]
    offset: usize,

    #[arg(
        long,
        help = text!(
            ko: "비슷한 기사를 묶지 않고 하나씩 보여 줍니다",
            en: "Show near-duplicates separately",
        ),
    )]
    all_copies: bool,

    #[arg(
        long,
        help = text!(
            ko: "같은 사건을 다룬 기사를 묶지 않고 하나씩 보여 줍니다",
            en: "Show reports of the same event separately",
        ),
    )]
    all_events: bool,

    #[arg(
        long, value_name = "N", default_value_t = 160,
        help = text!(ko: "발췌문의 글자 수", en: "Snippet length in characters"),
    )]
    snippet_chars: usize,

    #[arg(
        long, value_name = "N", default_value_t = 1,
        help = text!(ko: "결과마다 보여 줄 대목의 수", en: "Passages to show per result"),
    )]
    passages: usize,

    #[arg(
        long,
        help = text!(
            ko: "매체, 기자, 달마다 건수를 셉니다",
            en: "Count the results by outlet, reporter and month",
        ),
    )]
    facets: bool,

    #[arg(
        long,
        help = text!(
            ko: "검색식을 어떻게 읽었는지, 점수가 어디서 나왔는지 보여 줍니다",
            en: "Show how the query was read and where each score comes from",
        ),
    )]
    explain: bool,
}

impl Output {
    /// The newest `limit`, without snippets.
    pub(super) fn listing(limit: usize) -> Output {
        Output {
            sort: SortArg::Newest,
            limit,
            offset: 0,
            all_copies: false,
            all_events: true,
            snippet_chars: 0,
            passages: 1,
            facets: false,
            explain: false,
        }
    }
}

pub fn run(args: &Args, global: &Global) -> CliResult {
    let app = global.app_with(&args.synonyms);
    let filters = args.filters.filters();
    // Mistakes in the arguments end the command before anything is added.
    app.check_filters(&filters)?;
    global.format_among("search", FORMATS)?;
    if !args.add.is_empty() {
        let options = ReadArgs::default().options(&args.add, Vec::new());
        let report = add(global, &app, options, "search --add", WaitArgs::default())?;
        if report.summary.interrupted {
            return Ok(Exit::Interrupted);
        }
        if !report.summary.failures.is_empty() {
            return Ok(Exit::Error);
        }
    }
    let mut notes = app.notes()?;
    // `add` has said it.
    notes.retain(|note| args.add.is_empty() || *note != Note::UserWordsChanged);
    global.say_notes(&notes);
    let session = Session::new(&app, &args.output, args.batch.is_some(), global)?;
    let mut session = session.strict(args.strict);
    match &args.batch {
        None => session.answer(None, &args.query.join(" "), &filters)?,
        Some(path) => {
            for line in batch(path)? {
                let (id, query) = line?;
                session.answer(Some(&id), &query, &filters)?;
            }
        }
    }
    session.finish()
}

/// A query of a batch and its id.
type BatchLine = Result<(String, String), CliError>;

/// The queries of a batch.
fn batch(path: &Path) -> Result<impl Iterator<Item = BatchLine>, CliError> {
    let (name, bytes) = if path == Path::new("-") {
        let mut bytes = Vec::new();
        let read = io::stdin().lock().read_to_end(&mut bytes);
        ("stdin".to_owned(), read.map(|_| bytes))
    } else {
        (path.display().to_string(), fs::read(path))
    };
    let bytes = bytes.map_err(|e| CliError::new(format!("{name}: {}", e.text(lang()))))?;
    let Some(text) = decode_strictly(&bytes) else {
        // In no encoding: the first line that is not in the usual one.
        let is_utf8 = |line: &[u8]| std::str::from_utf8(line).is_ok();
        let valid = bytes
            .split(|b| *b == b'\n')
            .take_while(|line| is_utf8(line));
        let number = valid.count() + 1;
        return Err(CliError::new(msg!(lang(),
            ko: "{name} {number}행: 읽을 수 없는 글자가 있습니다",
            en: "{name} line {number}: not valid text",
        ))
        .with_hint(msg!(lang(), ko: "UTF-8로 저장하세요", en: "save the file as UTF-8")));
    };
    let lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let lines = lines.into_iter().enumerate();
    let lines = lines.filter(|(_, line)| !line.trim().is_empty());
    Ok(lines.map(move |(number, line)| {
        let number = number + 1;
        let (id, query) = line.split_once('\t').ok_or_else(|| {
            CliError::new(msg!(lang(),
                ko: "{name} {number}행: id<탭>검색식 형식이 아닙니다",
                en: "{name} line {number}: expected id<TAB>query",
            ))
        })?;
        Ok((id.to_owned(), query.to_owned()))
    }))
}

/// One run of a command that answers queries: an index, and where the answers go.
pub(super) struct Session<'a> {
    app: &'a App,
    global: &'a Global,
    output: &'a Output,
    strict: StrictArgs,
    format: OutputFormat,
    printer: Printer,
    out: pager::Output,
    any: bool,
}

impl<'a> Session<'a> {
    /// A session for one query or for `several`.
    pub(super) fn new(
        app: &'a App,
        output: &'a Output,
        several: bool,
        global: &'a Global,
    ) -> Result<Self, CliError> {
        let format = global.format_among("search", FORMATS)?;
        if output.facets
            && !global.quiet
            && matches!(format, OutputFormat::Csv | OutputFormat::Trec)
        {
            let name = format.name();
            let note = msg!(lang(),
                ko: "{name} 형식에는 --facets의 집계가 없습니다",
                en: "{name} output has no counts: use text, json or jsonl with --facets",
            );
            say_labelled(Label::Note, &note);
        }
        let kind = match format {
            OutputFormat::Json => Format::Json,
            OutputFormat::Jsonl => Format::Jsonl,
            OutputFormat::Csv => Format::Csv,
            OutputFormat::Trec => Format::Trec,
            _ => Format::Text,
        };
        Ok(Session {
            app,
            global,
            output,
            strict: StrictArgs::default(),
            format,
            printer: Printer::new(kind, global.style(), several),
            out: global.output_of(format),
            any: false,
        })
    }

    fn strict(self, strict: StrictArgs) -> Self {
        Session { strict, ..self }
    }

    /// Says what `notes` say where the output has no room for it.
    fn note(&self, id: Option<&str>, notes: &[Note]) -> Result<(), CliError> {
        let refused = self.strict.refuse_changes(notes);
        refused.map_err(|e| id.into_iter().fold(e, CliError::about))?;
        if !matches!(self.format, OutputFormat::Text | OutputFormat::Json) {
            self.global.say_notes(notes);
        }
        Ok(())
    }

    /// Finishes the document; whether anything was found.
    pub(super) fn finish(mut self) -> CliResult {
        self.printer.finish(&mut self.out)?;
        self.out.flush()?;
        Ok(found(self.any))
    }

    /// Answers one query. `id` is its name among several.
    pub(super) fn answer(
        &mut self,
        id: Option<&str>,
        query: &str,
        filters: &crate::app::Filters,
    ) -> Result<(), CliError> {
        let Output {
            sort,
            limit,
            offset,
            all_copies,
            all_events,
            snippet_chars,
            passages,
            facets,
            explain,
        } = *self.output;
        let is_trec = self.format == OutputFormat::Trec;
        let request = SearchRequest {
            query: query.to_owned(),
            filters: filters.clone(),
            sort: sort.into(),
            limit,
            offset,
            // In a TREC run, every clipping is judged separately.
            all_copies: all_copies || is_trec,
            all_events,
            snippet_chars,
            passages: passages.max(1),
            facets,
            days: false,
            explain,
            suggest: id.is_none(),
        };
        if is_trec {
            let (ids, notes) = self.app.search_ids(&request)?;
            self.note(id, &notes)?;
            self.any |= !ids.is_empty();
            let ranked = (offset as u64).saturating_add(1)..;
            let hits = ranked
                .zip(&ids)
                .map(|(rank, (id, score))| (rank, id.as_str(), *score));
            return Ok(trec::run(id.unwrap_or("1"), hits, &mut self.out)?);
        }
        let answer = self.app.search(&request)?;
        self.note(id, &answer.notes)?;
        self.any |= answer.total > 0 || answer.partial > 0;
        let page = ResultPage {
            query_id: id,
            query,
            total: answer.total,
            partial: answer.partial,
            clippings: answer.clippings,
            notes: &answer.notes,
            hits: &answer.hits,
            facets: answer.facets.as_ref(),
        };
        Ok(self.printer.page(&page, &mut self.out)?)
    }
}
