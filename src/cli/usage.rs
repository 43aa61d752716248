//! Help on demand, and errors in the arguments.

use std::borrow::Cow;
use std::ffi::OsString;
use std::io::{self, Write};
use std::net::AddrParseError;
use std::num::ParseIntError;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::error::lang;
use crate::messages::{Lang, particles};
use crate::report::sanitize;

/// Prints help or an error in the arguments. Arguments come from anywhere (`xargs`, names of files):
/// where one has characters that control a terminal, the message is printed without colors and
/// sanitized.
///
/// # Errors
/// Those of writing.
pub fn print(e: &mut clap::Error) -> io::Result<()> {
    best_suggestions_first(e);
    let is_clean = |argument: OsString| {
        argument
            .to_str()
            .is_some_and(|text| matches!(sanitize::paragraphs(text), Cow::Borrowed(_)))
    };
    if lang() == Lang::Ko
        && let Some(text) = in_korean(e)
    {
        write!(io::stderr(), "{}", sanitize::paragraphs(&text))
    } else if std::env::args_os().all(is_clean) {
        e.print()?;
        io::stdout().flush()
    } else {
        let text = e.render().to_string();
        write!(io::stderr(), "{}", sanitize::paragraphs(&text))
    }
}

/// clap sorts suggestions by their similarity, the most similar last.
fn best_suggestions_first(e: &mut clap::Error) {
    for kind in [
        ContextKind::SuggestedSubcommand,
        ContextKind::SuggestedValue,
    ] {
        if let Some(ContextValue::Strings(texts)) = e.get(kind) {
            let texts = texts.iter().rev().cloned().collect();
            e.insert(kind, ContextValue::Strings(texts));
        }
    }
}

/// The error in Korean; `None` for help and the version, which are in Korean already.
fn in_korean(e: &clap::Error) -> Option<String> {
    let get = |kind| value(e, kind);
    let arg = get(ContextKind::InvalidArg).unwrap_or_default();
    let given = get(ContextKind::InvalidValue).unwrap_or_default();
    let first = match e.kind() {
        ErrorKind::DisplayHelp
        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
        | ErrorKind::DisplayVersion => return None,
        ErrorKind::InvalidValue if given.is_empty() => format!("'{arg}'에 값이 없습니다"),
        ErrorKind::InvalidValue => format!("'{given}'은(는) '{arg}'에 쓸 수 없는 값입니다"),
        ErrorKind::ValueValidation => match reason(e) {
            Some(reason) => format!("'{given}'은(는) '{arg}'에 쓸 수 없는 값입니다: {reason}"),
            None => format!("'{given}'은(는) '{arg}'에 쓸 수 없는 값입니다"),
        },
        ErrorKind::UnknownArgument if arg.starts_with('-') => {
            format!("없는 옵션입니다: '{arg}'")
        }
        ErrorKind::UnknownArgument => format!("쓸 수 없는 인수입니다: '{arg}'"),
        ErrorKind::InvalidSubcommand => {
            let name = get(ContextKind::InvalidSubcommand).unwrap_or_default();
            format!("없는 명령입니다: '{name}'")
        }
        ErrorKind::NoEquals => format!("'{arg}'에는 '='를 붙여 값을 쓰세요"),
        ErrorKind::TooManyValues => format!("'{arg}'에 값이 너무 많습니다: '{given}'"),
        ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => {
            format!("'{arg}'에 값의 수가 맞지 않습니다")
        }
        ErrorKind::ArgumentConflict => {
            let other = get(ContextKind::PriorArg).unwrap_or_default();
            match other == arg || other.is_empty() {
                true => format!("'{arg}'은(는) 한 번만 쓸 수 있습니다"),
                false => format!("'{arg}'은(는) '{other}'과(와) 함께 쓸 수 없습니다"),
            }
        }
        ErrorKind::MissingRequiredArgument => format!("빠진 것이 있습니다: {arg}"),
        ErrorKind::MissingSubcommand => "명령을 쓰세요".to_owned(),
        ErrorKind::InvalidUtf8 => "인수에 UTF-8이 아닌 글자가 있습니다".to_owned(),
        _ => return None,
    };
    let first = particles::choose(&first);
    let mut text = format!("오류: {first}\n");
    let mut tip = |line: String| text += &format!("\n  도움말: {line}\n");
    let suggested = [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand]
        .into_iter()
        .chain([ContextKind::SuggestedValue])
        .find_map(get);
    if let Some(suggested) = suggested {
        let suggested = suggested.replace(", ", "', '");
        tip(format!("혹시 '{suggested}'인가요?"));
    } else if let Some(valid) = get(ContextKind::ValidValue) {
        tip(format!("쓸 수 있는 값: {valid}"));
    } else if let Some(valid) = get(ContextKind::ValidSubcommand) {
        tip(format!("쓸 수 있는 명령: {valid}"));
    }
    if let Some(usage) = get(ContextKind::Usage) {
        let usage = usage.replace("Usage:", "사용법:");
        text += &format!("\n{}\n", usage.replace("[OPTIONS]", "[옵션]").trim_end());
    }
    text += "\n자세한 내용은 '--help'를 보세요.\n";
    Some(text)
}

/// A part of an error as text.
fn value(e: &clap::Error, kind: ContextKind) -> Option<String> {
    match e.get(kind)? {
        ContextValue::String(text) => Some(text.clone()),
        ContextValue::Strings(texts) => Some(texts.join(", ")),
        ContextValue::StyledStr(text) => Some(text.to_string()),
        ContextValue::StyledStrs(texts) => {
            let texts: Vec<String> = texts.iter().map(ToString::to_string).collect();
            Some(texts.join(", "))
        }
        ContextValue::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// What the parser of a value says. Those of the standard library speak English only.
fn reason(e: &clap::Error) -> Option<String> {
    let source = std::error::Error::source(e)?;
    Some(if source.is::<ParseIntError>() {
        "0 이상의 정수를 쓰세요".to_owned()
    } else if source.is::<AddrParseError>() {
        "127.0.0.1:7700처럼 주소와 포트를 쓰세요".to_owned()
    } else {
        source.to_string()
    })
}
