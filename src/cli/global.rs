//! The options that every command has.

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum, ValueHint};

use super::error::{lang, say_labelled};
use super::pager::Output;
use super::query_args::SynonymArgs;
use super::{CliError, Exit};
use crate::app::{App, Note, SynonymSource};
use crate::messages::{Label, Localize, msg};
use crate::report::Style;

/// The folder of the index below the current folder.
const LOCAL_INDEX: &str = "index";

#[derive(Debug, Args)]
#[command(next_help_heading = text!(ko: "공통 옵션", en: "Global options"))]
pub struct Global {
    #[arg(
        long, global = true, value_name = "DIR", value_hint = ValueHint::DirPath,
        long_help = text!(
            ko: "인덱스 폴더 [기본값: ./index가 있으면 그 폴더, 없으면 사용자 데이터 폴더]\n\nOpenSearch 클러스터의 인덱스도 됩니다: \
                opensearch+https://USER@HOST:9200/NAME. 비밀번호는 환경 변수 CLIPPINGS_OPENSEARCH_PASSWORD에 둡니다. 환경 변수 \
                CLIPPINGS_INDEX로도 지정할 수 있습니다.",
            en: "Folder of the index [default: ./index if it exists, else the user's data \
                folder]\n\nOr an index in an OpenSearch cluster: \
                opensearch+https://USER@HOST:9200/NAME. The password comes from the environment \
                variable CLIPPINGS_OPENSEARCH_PASSWORD. Also set by the environment variable \
                CLIPPINGS_INDEX.",
        ),
    )]
    index: Option<PathBuf>,

    #[arg(
        long,
        global = true,
        value_name = "FORMAT",
        value_enum,
        hide_possible_values = true,
        long_help = text!(
            ko: "출력 형식\n\n쓸 수 있는 형식은 명령마다 도움말에 있습니다.",
            en: "Output format\n\nEach command's help lists the formats it writes.",
        ),
    )]
    pub format: Option<OutputFormat>,

    #[arg(
        short, long, global = true, conflicts_with = "verbose",
        help = text!(
            ko: "결과와 오류만 보여 줍니다. 진행 상황, 참고, 요약은 보여 주지 않습니다",
            en: "Print only results and errors: no progress, notes or summaries",
        ),
    )]
    pub quiet: bool,

    #[arg(
        short, long, global = true,
        help = text!(ko: "더 자세히 보여 줍니다", en: "Show more detail"),
    )]
    pub verbose: bool,

    #[arg(
        long, global = true,
        long_help = text!(
            ko: "터미널에 보여 줄 글을 페이저로 보내지 않습니다\n\n페이저는 환경 변수 PAGER로 지정하며, 기본값은 `less`입니다.",
            en: "Do not send text for a terminal through a pager\n\nThe environment variable PAGER \
                names the pager, `less` by default.",
        ),
    )]
    no_pager: bool,

    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        value_enum,
        default_value_t = ColorChoice::Auto,
        help = text!(ko: "색을 쓸 때", en: "When to use colors"),
    )]
    pub color: ColorChoice,
}

/// When to write colors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ColorChoice {
    #[value(help = text!(
        ko: "터미널에서만(NO_COLOR를 설정하지 않았을 때)",
        en: "On a terminal, unless NO_COLOR is set",
    ))]
    Auto,
    #[value(help = text!(ko: "항상", en: "Always"))]
    Always,
    #[value(help = text!(ko: "쓰지 않음", en: "Never"))]
    Never,
}

/// Output formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OutputFormat {
    #[value(help = text!(ko: "사람이 읽는 글", en: "For people"))]
    Text,
    #[value(help = text!(ko: "JSON 문서 하나", en: "One JSON document"))]
    Json,
    #[value(help = text!(ko: "한 줄에 JSON 객체 하나", en: "One JSON object per line"))]
    Jsonl,
    #[value(help = text!(ko: "쉼표로 나눈 표(엑셀용)", en: "Comma-separated values, for spreadsheets"))]
    Csv,
    #[value(help = text!(ko: "trec_eval에 쓰는 TREC 실행 파일", en: "TREC run file, for trec_eval"))]
    Trec,
    #[value(help = text!(ko: "탭으로 나눈 표", en: "Tab-separated values"))]
    Tsv,
    #[value(alias = "md", help = text!(ko: "마크다운 문서", en: "Markdown document"))]
    Markdown,
    #[value(help = text!(ko: "엑셀 파일", en: "Excel workbook"))]
    Xlsx,
    #[value(alias = "html", help = text!(
        ko: "스크랩북: 인쇄하거나 메일로 보낼 HTML 파일 하나",
        en: "Clip book: one HTML file for printing and mailing",
    ))]
    Clipbook,
    #[value(help = text!(ko: "SVG 그래프", en: "SVG chart"))]
    Svg,
}

impl OutputFormat {
    /// The name by which it is chosen.
    pub fn name(self) -> String {
        let value = self.to_possible_value();
        value.map_or_else(String::new, |value| value.get_name().to_owned())
    }
}

/// Names of formats, for messages.
pub fn format_names(formats: &[OutputFormat]) -> String {
    let names: Vec<String> = formats.iter().map(|format| format.name()).collect();
    names.join(", ")
}

impl Global {
    /// The folder of the index: that of `--index`, else of CLIPPINGS_INDEX, else `./index` if it
    /// exists, else one in the user's data folder.
    pub fn index(&self) -> PathBuf {
        Global::index_or(self.index.clone())
    }

    /// The same, where `named` is that of `--index`.
    pub(super) fn index_or(named: Option<PathBuf>) -> PathBuf {
        if let Some(index) = named {
            return index;
        }
        let variable = std::env::var_os("CLIPPINGS_INDEX").filter(|value| !value.is_empty());
        if let Some(index) = variable {
            return index.into();
        }
        let local = Path::new(LOCAL_INDEX);
        match data_folder() {
            Some(data) if !local.is_dir() => data.join("clippings").join(LOCAL_INDEX),
            _ => local.to_owned(),
        }
    }

    /// The program over the index, without synonyms of the command line.
    pub fn app(&self) -> App {
        App::new(self.index(), SynonymSource::default())
    }

    /// The program over the index.
    pub fn app_with(&self, synonyms: &SynonymArgs) -> App {
        App::new(self.index(), synonyms.source())
    }

    /// Opens the index and prints its notes.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn opened(&self, app: App) -> Result<App, CliError> {
        let notes = app.notes()?;
        self.say_notes(&notes);
        Ok(app)
    }

    /// The format asked for, else the first of `known`.
    ///
    /// # Errors
    /// When it is not among `known`. `command` is the command's name.
    pub fn format_among(
        &self,
        command: &str,
        known: &[OutputFormat],
    ) -> Result<OutputFormat, CliError> {
        match self.format {
            None => Ok(known.first().copied().unwrap_or(OutputFormat::Text)),
            Some(format) if known.contains(&format) => Ok(format),
            Some(format) => {
                let (format, names) = (format.name(), format_names(known));
                Err(CliError::new(msg!(lang(),
                    ko: "{command}의 출력 형식에는 {format}이(가) 없습니다",
                    en: "{command} has no {format} output",
                ))
                .with_hint(msg!(lang(), ko: "쓸 수 있는 형식: {names}", en: "use: {names}")))
            }
        }
    }

    /// Whether standard output gets colors.
    pub fn colors(&self) -> bool {
        match self.color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => {
                io::stdout().is_terminal()
                    && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
                    && std::env::var_os("TERM").is_none_or(|v| v != "dumb")
            }
        }
    }

    /// How text is laid out on standard output.
    pub fn style(&self) -> Style {
        let width = io::stdout()
            .is_terminal()
            .then(terminal_size::terminal_size)
            .flatten()
            .map(|(width, _)| usize::from(width.0));
        Style {
            color: self.colors(),
            links: width.is_some() && self.colors(),
            width,
            lang: lang(),
        }
    }

    /// Writes notes to standard error, unless quiet.
    pub fn say_notes(&self, notes: &[Note]) {
        if !self.quiet {
            for note in notes {
                say_labelled(Label::Note, &note.text(lang()));
            }
        }
    }

    /// Standard output, buffered. The caller flushes it.
    pub fn output(&self) -> Output {
        Output::plain()
    }

    /// The same for a format: text goes through a pager on a terminal.
    pub fn output_of(&self, format: OutputFormat) -> Output {
        match format == OutputFormat::Text && !self.no_pager {
            true => Output::paged(),
            false => Output::plain(),
        }
    }
}

/// 0 when something was found, else 1.
pub fn found(any: bool) -> Exit {
    match any {
        true => Exit::Done,
        false => Exit::Nothing,
    }
}

/// Where programs keep the user's data: the XDG base directory, on Windows the local application
/// data, on macOS the application support folder.
fn data_folder() -> Option<PathBuf> {
    let variable = |name| {
        std::env::var_os(name)
            .filter(|v| !v.is_empty())
            .map(PathBuf::from)
    };
    if cfg!(windows) {
        return variable("LOCALAPPDATA");
    }
    let home = || variable("HOME");
    if cfg!(target_os = "macos") {
        return Some(home()?.join("Library/Application Support"));
    }
    // The specification: a relative path is invalid.
    variable("XDG_DATA_HOME")
        .filter(|path| path.is_absolute())
        .or_else(|| Some(home()?.join(".local/share")))
}
