//! `clippings ls`

use super::query_args::{FilterArgs, SynonymArgs};
use super::search::{Output, Session};
use super::{CliResult, Global};

/// List clippings, newest first
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  clippings ls
  clippings ls --outlet 한겨레 -n 50
  clippings ls --from 7d --format csv")]
pub struct Args {
    #[command(flatten)]
    filters: FilterArgs,

    /// At most this many clippings
    #[arg(short = 'n', long, value_name = "N", default_value_t = 20)]
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
