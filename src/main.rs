//! The command line program: see `clippings --help`.

fn main() -> std::process::ExitCode {
    clippings::cli::main()
}
