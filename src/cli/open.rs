//! `clippings open`

use std::process::{Command, Stdio};

use super::error::lang;
use super::{CliError, CliResult, Exit, Global};
use crate::messages::msg;

/// Open the original article in the browser
///
/// IDs are printed by `search`; a unique prefix is enough. The environment variable BROWSER names
/// another program.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  clippings open 7kq2m4
  BROWSER=firefox clippings open 7kq2m4")]
pub struct Args {
    /// Clipping ID
    #[arg(value_name = "ID")]
    id: String,
}

pub fn run(args: &Args, global: &Global) -> CliResult {
    let app = global.opened(global.app())?;
    let shown = app.show(std::slice::from_ref(&args.id))?;
    let url = shown.iter().find_map(|shown| shown.clipping.url.as_deref());
    // A page may name any address as its own.
    let is_web = |url: &&str| {
        ["http://", "https://"]
            .iter()
            .any(|scheme| url.to_ascii_lowercase().starts_with(scheme))
    };
    let Some(url) = url.filter(is_web) else {
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
            CliError::new(format!("{program}: {e}")).with_hint(msg!(lang(),
                ko: "BROWSER에 프로그램을 지정하세요",
                en: "name a program in BROWSER",
            )),
        ),
    }
}
