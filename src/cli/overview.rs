//! `clippings` alone on a terminal: what there is, and what to do next.

use std::io::{self, IsTerminal, Write};

use super::error::lang;
use super::{CliError, CliResult, Exit, Global, help};
use crate::app::{App, ErrorKind, Filters};
use crate::messages::{msg, number};

/// Columns of the commands.
const WIDTH: usize = 36;

pub fn run(global: &Global) -> CliResult {
    let mut out = global.output();
    if !io::stdout().is_terminal() {
        let help = help::command().render_help();
        // Where no person looks, a missing command is a mistake.
        let _ = write!(io::stderr(), "{help}");
        return Ok(Exit::Error);
    }
    let app = global.app();
    match app.notes() {
        Ok(_) => index(&app, &mut out)?,
        Err(e) if e.kind() == ErrorKind::NoIndex => no_index(&app, &mut out)?,
        Err(e) => return Err(CliError::from(e)),
    }
    out.flush()?;
    Ok(Exit::Done)
}

fn no_index(app: &App, out: &mut dyn Write) -> io::Result<()> {
    let place = place(app);
    let line = msg!(lang(),
        ko: "아직 인덱스가 없습니다({place}). 스크랩한 기사를 추가하면 만들어집니다.",
        en: "There is no index yet ({place}). Adding clippings makes one.",
    );
    writeln!(out, "{line}\n")?;
    commands(
        &[
            (
                "clippings add ~/scraps",
                text!(
                    ko: "저장한 페이지나 내보낸 자료가 있는 폴더를 추가합니다",
                    en: "add a folder of saved pages or exports",
                ),
            ),
            (
                "clippings add https://...",
                text!(ko: "웹 기사를 추가합니다", en: "add an article from the web"),
            ),
            (
                "clippings help",
                text!(ko: "모든 명령을 보여 줍니다", en: "list all commands"),
            ),
        ],
        out,
    )
}

fn index(app: &App, out: &mut dyn Write) -> Result<(), CliError> {
    let stats = app.stats(&Filters::default())?;
    let searches = app.saved_searches(&[])?;
    let (place, count) = (place(app), number(stats.clippings));
    let line = match stats.clippings {
        1 => msg!(lang(), ko: "기사 1건이 있습니다({place}).", en: "1 clipping in {place}."),
        _ => msg!(lang(),
            ko: "기사 {count}건이 있습니다({place}).",
            en: "{count} clippings in {place}.",
        ),
    };
    writeln!(out, "{line}")?;
    let last = searches
        .iter()
        .filter_map(|search| search.last_digest.as_deref())
        .max();
    let saved = searches.len();
    let line = match (saved, last) {
        (0, _) => msg!(lang(),
            ko: "저장한 검색이 없습니다.",
            en: "No saved searches.",
        ),
        (_, None) => msg!(lang(),
            ko: "저장한 검색 {saved}개. 아직 다이제스트를 만들지 않았습니다.",
            en: "Saved searches: {saved}. No digest yet.",
        ),
        (_, Some(last)) => msg!(lang(),
            ko: "저장한 검색 {saved}개. 마지막 다이제스트: {last}",
            en: "Saved searches: {saved}. Last digest: {last}",
        ),
    };
    writeln!(out, "{line}\n")?;
    let digest = match saved {
        0 => (
            text!(
                ko: "clippings saved add 이름 '검색식'",
                en: "clippings saved add NAME 'QUERY'",
            ),
            text!(
                ko: "검색을 저장해 두고 새 기사만 봅니다",
                en: "save a search, to see what is new in it",
            ),
        ),
        _ => (
            "clippings digest",
            text!(
                ko: "저장한 검색의 새 기사를 봅니다",
                en: "show what is new in the saved searches",
            ),
        ),
    };
    let search = (
        text!(ko: "clippings search '검색식'", en: "clippings search 'QUERY'"),
        text!(ko: "기사를 찾습니다", en: "find clippings"),
    );
    let serve = (
        "clippings serve --open",
        text!(ko: "웹 브라우저에서 엽니다", en: "open the index in a web browser"),
    );
    let help = (
        "clippings help",
        text!(ko: "모든 명령을 보여 줍니다", en: "list all commands"),
    );
    Ok(commands(&[search, digest, serve, help], out)?)
}

fn commands(lines: &[(&str, &str)], out: &mut dyn Write) -> io::Result<()> {
    use unicode_width::UnicodeWidthStr;

    for (command, purpose) in lines {
        let room = WIDTH.saturating_sub(command.width()).max(1);
        writeln!(out, "  {command}{}{purpose}", " ".repeat(room))?;
    }
    Ok(())
}

fn place(app: &App) -> String {
    let dir = app.dir();
    let full = std::path::absolute(dir).unwrap_or_else(|_| dir.to_owned());
    let full = full.display().to_string();
    super::error::one_line(&full).into_owned()
}
