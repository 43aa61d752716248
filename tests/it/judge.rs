//! Runs the tests of `benches/judge/judge.py` if Python is installed.

use std::path::Path;
use std::process::Command;

#[test]
fn the_judging_tool_passes_its_tests() {
    let version = Command::new("python3").arg("--version").output();
    if !version.is_ok_and(|run| run.status.success()) {
        return;
    }
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/judge");
    let run = Command::new("python3")
        .args(["-B", "-m", "unittest", "discover", "-s"])
        .arg(tests)
        .output()
        .unwrap();
    let report = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{report}");
}
