//! `clippings serve`

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use clap::ValueHint;

use super::error::{one_line, say};
use super::query_args::SynonymArgs;
use super::{CliError, CliResult, Exit, Global, lang};
use crate::messages::msg;
use crate::web::{Config, Secret, SecretError, ServeError, Server};

/// Open the index in a web browser
///
/// Serves search, reading, export and statistics as web pages, and the same as a JSON API under
/// /api/. Only this computer can connect unless --listen names another address; that needs a token
/// or a password. Everything is built in: no other server, no internet connection.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  clippings serve --open
  clippings serve --read-only --listen 127.0.0.1:8080
  clippings serve --listen 0.0.0.0:7700 --host clips.example --token-file ~/.clippings-token
  curl 'http://127.0.0.1:7700/api/search?q=반도체'

Ctrl-C lets running requests finish; a second one stops at once.")]
pub struct Args {
    /// Address and port
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:7700")]
    listen: SocketAddr,

    /// Open the page in the default browser
    #[arg(long)]
    open: bool,

    /// Refuse changes to the index and to saved searches
    #[arg(long)]
    read_only: bool,

    /// Another name under which browsers reach this server, such as that of a reverse proxy
    /// (repeatable)
    #[arg(long, value_name = "NAME")]
    host: Vec<String>,

    /// Require a token; FILE keeps its hash and is created with a new token if it does not exist
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with = "password_file")]
    token_file: Option<PathBuf>,

    /// Require the password in FILE, which is replaced by its hash
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    password_file: Option<PathBuf>,

    #[command(flatten)]
    synonyms: SynonymArgs,
}

pub fn run(args: &Args, global: &Global) -> CliResult {
    let (secret, token) = args.secret()?;
    let config = Config {
        hosts: args.host.clone(),
        read_only: args.read_only,
        secret,
    };
    let app = global.app_with(&args.synonyms);
    let server = Server::bind(app, args.listen, config).map_err(refused)?;
    let mut address = format!("http://{}/", server.address());
    if let Some(token) = token {
        address.push_str(&format!("?token={token}"));
    }
    let shown = one_line(&address);
    say(format_args!(
        "{}",
        msg!(lang(), ko: "{shown} 에서 열렸습니다(끝내기: Ctrl-C)", en: "listening on {shown} (Ctrl-C stops)")
    ));
    if args.open {
        open(&address);
    }
    server.run();
    Ok(Exit::Done)
}

impl Args {
    /// What lets a request in, and the token when it is a new one.
    fn secret(&self) -> Result<(Secret, Option<String>), CliError> {
        if let Some(path) = &self.token_file {
            return Secret::tokens(path).map_err(bad_secret);
        }
        match &self.password_file {
            Some(path) => Ok((Secret::password(path).map_err(bad_secret)?, None)),
            None => Ok((Secret::Open, None)),
        }
    }
}

fn bad_secret(e: SecretError) -> CliError {
    match e {
        SecretError::Io(path, e) => CliError::file(&path, &e),
        SecretError::BadToken(path, line) => {
            let path = path.display();
            CliError::new(msg!(lang(),
                ko: "{path} {line}행: 토큰의 해시(`blake3:`와 16진수 64자)가 아닙니다",
                en: "{path}, line {line}: not a token hash (`blake3:` and 64 hexadecimal digits)",
            ))
            .with_hint(msg!(lang(),
                ko: "파일을 지우면 새 토큰을 만듭니다",
                en: "delete the file to get a new token",
            ))
        }
        SecretError::Empty(path) => {
            let path = path.display();
            CliError::new(msg!(lang(), ko: "{path}: 비어 있습니다", en: "{path}: empty"))
        }
        SecretError::BadPassword(path) => {
            let path = path.display();
            CliError::new(msg!(lang(),
                ko: "{path}: 비밀번호도 argon2id 해시도 아닙니다",
                en: "{path}: neither a password nor an argon2id hash",
            ))
        }
        SecretError::Random(e) => CliError::new(msg!(lang(),
            ko: "난수를 얻지 못했습니다: {e}",
            en: "cannot get random numbers: {e}",
        )),
    }
}

fn refused(e: ServeError) -> CliError {
    match e {
        ServeError::Listen(address, e) => CliError::new(msg!(lang(),
            ko: "{address}에서 열 수 없습니다: {e}",
            en: "cannot listen on {address}: {e}",
        ))
        .with_hint(msg!(lang(),
            ko: "다른 포트를 쓰려면 --listen 127.0.0.1:0",
            en: "use another port: --listen 127.0.0.1:0",
        )),
        ServeError::NeedsSecret(address) => CliError::new(msg!(lang(),
            ko: "{address}에는 다른 컴퓨터도 접속할 수 있습니다",
            en: "other computers can connect to {address}",
        ))
        .with_hint(msg!(lang(),
            ko: "--token-file이나 --password-file로 보호하세요",
            en: "protect it with --token-file or --password-file",
        )),
        ServeError::Start(e) => CliError::new(msg!(lang(),
            ko: "시작하지 못했습니다: {e}",
            en: "cannot start: {e}",
        )),
        ServeError::Secret(e) => bad_secret(e),
        ServeError::Template(e) => CliError::new(e.to_string()),
    }
}

/// Opens the browser. The address is printed as well, for machines without one.
fn open(address: &str) {
    let (program, arguments): (&str, &[&str]) = match () {
        () if cfg!(target_os = "macos") => ("open", &[]),
        () if cfg!(windows) => ("rundll32", &["url.dll,FileProtocolHandler"]),
        () => ("xdg-open", &[]),
    };
    let started = Command::new(program)
        .args(arguments)
        .arg(address)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    if started.is_err() {
        say(format_args!(
            "{}",
            msg!(lang(), ko: "브라우저를 열지 못했습니다. 위 주소를 여세요", en: "no browser found: open the address above")
        ));
    }
}
