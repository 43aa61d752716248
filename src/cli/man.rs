//! `clippings man`

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;

use clap::ValueHint;
use clap_mangen::Man;

use super::error::lang;
use super::help::examples;
use super::{CliError, CliResult, Exit};
use crate::messages::Lang;

/// Headings of man pages, as the Korean pages of Linux have them.
const HEADINGS: [(&str, &str); 6] = [
    ("NAME", "이름"),
    ("SYNOPSIS", "개요"),
    ("DESCRIPTION", "설명"),
    ("OPTIONS", "옵션"),
    ("EXTRA", "추가 정보"),
    ("VERSION", "버전"),
];

#[derive(Debug, clap::Args)]
#[command(
    after_help = examples("\
  clippings man | man -l -
  clippings man --dir ~/.local/share/man/man1"),
    about = text!(
        ko: "매뉴얼 페이지를 보여 주거나, 모든 명령의 매뉴얼을 폴더에 씁니다",
        en: "Print the man page, or write man pages for every command to a folder",
    ),
)]
pub struct Args {
    #[arg(
        long, value_name = "DIR", value_hint = ValueHint::DirPath,
        help = text!(
            ko: "clippings.1, clippings-add.1 등을 이 폴더에 씁니다",
            en: "Write clippings.1, clippings-add.1, ... there",
        ),
    )]
    dir: Option<PathBuf>,
}

pub fn run(args: &Args) -> CliResult {
    let command = super::help::command();
    match &args.dir {
        None => io::stdout().write_all(page(command)?.as_bytes())?,
        Some(dir) => {
            let failed = |e: io::Error| CliError::file(dir, &e);
            fs::create_dir_all(dir).map_err(failed)?;
            let mut commands = vec![command];
            while let Some(command) = commands.pop() {
                commands.extend(command.get_subcommands().cloned());
                let path = dir.join(Man::new(command.clone()).get_filename());
                fs::write(&path, page(command)?).map_err(|e| CliError::file(&path, &e))?;
            }
        }
    }
    Ok(Exit::Done)
}

/// The page of a command.
fn page(command: clap::Command) -> io::Result<String> {
    let mut page = Vec::new();
    Man::new(command).render(&mut page)?;
    let page = String::from_utf8_lossy(&page).into_owned();
    Ok(match lang() {
        Lang::En => page,
        Lang::Ko => HEADINGS.iter().fold(page, |page, (english, korean)| {
            page.replace(&format!("\n.SH {english}\n"), &format!("\n.SH {korean}\n"))
        }),
    })
}
