//! `clippings ls`

use super::help::examples;
use super::query_args::{FilterArgs, SynonymArgs};
use super::search::{Output, Session};
use super::{CliResult, Global};

#[derive(Debug, clap::Args)]
#[command(
    after_help = examples("\
  clippings ls
  clippings ls --outlet 한겨레 -n 50
  clippings ls --from 7d --format csv"),
    about = text!(ko: "기사를 최신순으로 보여 줍니다", en: "List clippings, newest first"),
)]
pub struct Args {
    #[command(flatten)]
    filters: FilterArgs,

    #[arg(
        short = 'n', long, value_name = "N", default_value_t = 20,
        help = text!(ko: "최대 건수", en: "At most this many clippings"),
    )]
    limit: usize,
}

pub fn run(args: &Args, global: &Global) -> CliResult {
    let app = global.app_with(&SynonymArgs::default());
    let filters = args.filters.filters();
    app.check_filters(&filters)?;
    let app = global.opened(app)?;
    let output = Output::listing(args.limit);
    let mut session = Session::new(&app, &output, false, global)?;
    session.answer(None, "", &filters)?;
    session.finish()
}
