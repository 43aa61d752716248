//! Ctrl-C and SIGTERM while an index is written.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use super::CliError;
use super::error::lang;
use crate::messages::{Localize, msg};

/// A flag that the first signal sets, so that work ends after the current clipping. A second signal
/// ends the process at once; nothing committed is lost.
///
/// # Errors
/// When the system refuses the handlers.
pub fn stop_flag() -> Result<Arc<AtomicBool>, CliError> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        flag::register_conditional_shutdown(signal, 130, Arc::clone(&stop))
            .and_then(|_| flag::register(signal, Arc::clone(&stop)))
            .map_err(|e| {
                let e = e.text(lang());
                CliError::new(msg!(lang(),
                    ko: "신호를 받을 수 없습니다: {e}",
                    en: "signals cannot be handled: {e}",
                ))
            })?;
    }
    Ok(stop)
}
