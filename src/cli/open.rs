//! `clippings open`

use std::process::{Command, Stdio};

use super::error::lang;
use super::help::examples;
use super::{CliError, CliResult, Exit, Global};
use crate::app::add::is_web_address;
use crate::messages::{Localize, msg};

#[derive(Debug, clap::Args)]
#[command(
    after_help = examples("\
  clippings open 7kq2m4
  BROWSER=firefox clippings open 7kq2m4"),
    long_about = text!(
        ko: "원문을 브라우저로 엽니다\n\nID는 `search`가 보여 주며, 앞부분만 써도 됩니다. 다른 프로그램으로 열려면 환경 변수 BROWSER에 지정하세요.",
        en: "Open the original article in the browser\n\nIDs are printed by `search`; a unique \
            prefix is enough. The environment variable BROWSER names another program.",
    ),
)]
pub struct Args {
    #[arg(
        value_name = "ID",
        help = text!(ko: "기사 ID", en: "Clipping ID"),
    )]
    id: String,
}

pub fn run(args: &Args, global: &Global) -> CliResult {
    let app = global.opened(global.app())?;
    let shown = app.show(std::slice::from_ref(&args.id))?;
    let url = shown.iter().find_map(|clipping| clipping.url.as_deref());
    // A page may name any address as its own.
    let Some(url) = url.filter(|url| is_web_address(url)) else {
        let id = &args.id;
        return Err(CliError::new(msg!(lang(),
            ko: "'{id}' 기사에는 웹 주소가 없습니다",
            en: "clipping '{id}' has no URL",
        )));
    };
    let browser = std::env::var_os("BROWSER").filter(|name| !name.is_empty());
    let mut command = match &browser {
        Some(browser) => Command::new(browser),
        None if cfg!(target_os = "macos") => Command::new("open"),
        None if cfg!(windows) => Command::new("explorer"),
        None => Command::new("xdg-open"),
    };
    let program = command.get_program().to_string_lossy().into_owned();
    let status = command.arg(url).stdin(Stdio::null()).status();
    match status {
        Ok(status) if status.success() => Ok(Exit::Done),
        Ok(_) => Err(CliError::new(msg!(lang(),
            ko: "{program}(으)로 열지 못했습니다: {url}",
            en: "{program} could not open {url}",
        ))),
        Err(e) => Err(
            CliError::new(format!("{program}: {}", e.text(lang()))).with_hint(msg!(lang(),
                ko: "BROWSER에 프로그램을 지정하세요",
                en: "name a program in BROWSER",
            )),
        ),
    }
}
