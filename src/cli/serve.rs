//! `clippings serve`

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use clap::ValueHint;

use super::error::{one_line, say};
use super::help::examples;
use super::query_args::SynonymArgs;
use super::{CliError, CliResult, Exit, Global, lang};
use crate::messages::{Localize, msg};
use crate::web::{Config, Secret, SecretError, ServeError, Server};

#[derive(Debug, clap::Args)]
#[command(
    after_help = examples("\
  clippings serve --open
  clippings serve --read-only --listen 127.0.0.1:8080
  clippings serve --listen 0.0.0.0:7700 --host clips.example --token-file ~/.clippings-token
  curl 'http://127.0.0.1:7700/api/search?q=반도체'") + text!(
        ko: "\n\nCtrl-C를 누르면 처리 중인 요청을 마치고 끝냅니다. 한 번 더 누르면 바로 끝냅니다.",
        en: "\n\nCtrl-C lets running requests finish; a second one stops at once.",
    ),
    long_about = text!(
        ko: "인덱스를 웹 브라우저에서 엽니다\n\n검색, 읽기, 내보내기, 현황을 웹 페이지로 보여 주고, /api/에서 같은 것을 JSON으로 내줍니다. \
            --listen으로 다른 주소를 지정하지 않으면 이 컴퓨터에서만 접속할 수 있으며, 다른 주소에는 토큰이나 비밀번호가 필요합니다. 모두 내장되어 있어 다른 \
            서버나 인터넷 연결이 필요 없습니다.",
        en: "Open the index in a web browser\n\nServes search, reading, export and statistics as web \
            pages, and the same as a JSON API under /api/. Only this computer can connect unless \
            --listen names another address; that needs a token or a password. Everything is built \
            in: no other server, no internet connection.",
    ),
)]
pub struct Args {
    #[arg(
        long, value_name = "ADDRESS", default_value = "127.0.0.1:7700",
        help = text!(ko: "주소와 포트", en: "Address and port"),
    )]
    listen: SocketAddr,

    #[arg(
        long,
        help = text!(ko: "기본 브라우저로 엽니다", en: "Open the page in the default browser"),
    )]
    open: bool,

    #[arg(
        long,
        help = text!(
            ko: "인덱스와 저장한 검색을 바꾸지 못하게 합니다",
            en: "Refuse changes to the index and to saved searches",
        ),
    )]
    read_only: bool,

    #[arg(
        long, value_name = "NAME",
        help = text!(
            ko: "리버스 프록시처럼 브라우저가 이 서버에 접속하는 다른 이름(여러 번 쓸 수 있음)",
            en: "Another name under which browsers reach this server, such as that of a reverse \
                proxy (repeatable)",
        ),
    )]
    host: Vec<String>,

    #[arg(
        long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with = "password_file",
        help = text!(
            ko: "토큰이 있어야 접속합니다. 파일에는 해시만 두며, 파일이 없으면 새 토큰을 만듭니다",
            en: "Require a token; FILE keeps its hash and is created with a new token if it does not \
                exist",
        ),
    )]
    token_file: Option<PathBuf>,

    #[arg(
        long, value_name = "FILE", value_hint = ValueHint::FilePath,
        help = text!(
            ko: "파일에 적은 비밀번호로 접속합니다. 파일의 비밀번호는 해시로 바꿉니다",
            en: "Require the password in FILE, which is replaced by its hash",
        ),
    )]
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
    /// The secret that requests need, and the token if it is new.
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
        ServeError::Listen(address, e) => {
            let e = e.text(lang());
            CliError::new(msg!(lang(),
                ko: "{address}에서 열 수 없습니다: {e}",
                en: "cannot listen on {address}: {e}",
            ))
            .with_hint(msg!(lang(),
                ko: "다른 포트를 쓰려면 --listen 127.0.0.1:0",
                en: "use another port: --listen 127.0.0.1:0",
            ))
        }
        ServeError::NeedsSecret(address) => CliError::new(msg!(lang(),
            ko: "{address}에는 다른 컴퓨터도 접속할 수 있습니다",
            en: "other computers can connect to {address}",
        ))
        .with_hint(msg!(lang(),
            ko: "--token-file이나 --password-file로 보호하세요",
            en: "protect it with --token-file or --password-file",
        )),
        ServeError::Start(e) => {
            let e = e.text(lang());
            CliError::new(msg!(lang(),
                ko: "시작하지 못했습니다: {e}",
                en: "cannot start: {e}",
            ))
        }
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
