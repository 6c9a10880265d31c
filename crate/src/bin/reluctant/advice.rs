//! `reluctant cost --advice`: what stands in the way, and what changes would do about it.

use reluctant::api::{Advice, Advised, Delta};

/// Lines of changes; all of them are in the JSON.
const LISTED: usize = 30;

pub(super) fn print_advice(advice: &Advice) {
    let of = if advice.starts_from == "plan" { ", with what is replaced" } else { "" };
    say!("{} v{} over {}{of}", advice.protocol, advice.profile_version, advice.link);
    advice.findings.iter().for_each(|finding| say!("  {}", finding.text));
    say!("{:>14} {:>14} {:>18} {:>8}  each change by itself", "offline s", "online s", "bytes", "rounds");
    advice.changes.iter().take(LISTED).for_each(print_change);
    if let Some(more) = advice.changes.len().checked_sub(LISTED).filter(|more| *more > 0) {
        say!("  and {more} more: --json has all of them");
    }
    advice.left_out.iter().for_each(|left| say!("  not tried: {}: {}", left.id, left.reason));
}

fn print_change(change: &Advised) {
    let Delta { offline_seconds, online_seconds, bytes, rounds } = change.delta;
    let seconds = |value: Option<f64>| value.map_or_else(|| "not known".to_owned(), |s| format!("{s:+.3}"));
    let whole = |value: Option<i64>| value.map_or_else(|| "not known".to_owned(), |n| format!("{n:+}"));
    let reason = change.reason.as_deref().map_or(String::new(), |reason| format!(" ({reason})"));
    say!(
        "{:>14} {:>14} {:>18} {:>8}  {}{reason}",
        seconds(offline_seconds),
        seconds(online_seconds),
        whole(bytes),
        whole(rounds),
        change.text
    );
}
