//! Findings in sentences: `Online 15.8 s: ReLUs are 99.9 %.`

use super::{Of, PhaseName, Side};
use crate::cost::cause::Cause;

/// Engines that run the masks of single elements as they come compare element by element. secretflow/spu issue 701: a
/// ResNet-18 with a tenth of its ReLUs, in 11,629 calls of comparisons where all of them take 41.
const SCATTERED: &str = "a public log (secretflow/spu 701) shows 41 calls becoming 11,629";

impl Side<'_> {
    /// `Online 15.8 s`, `Offline at least 385 s`.
    fn lead(&self) -> String {
        let phase = match self.phase {
            PhaseName::Offline => "Offline",
            PhaseName::Online => "Online",
        };
        let least = if self.ground.bound { "at least " } else { "" };
        match self.of() {
            Of::Time => format!("{phase} {least}{}", seconds(self.total())),
            Of::LinkTime => {
                format!("{phase} {least}{} on the link, computing not known", seconds(self.total()))
            }
            Of::Bytes => format!("{phase} {least}{}, no time known", bytes(self.total())),
        }
    }

    pub(super) fn says_nothing(&self) -> String {
        let phase = if self.phase == PhaseName::Offline { "Offline" } else { "Online" };
        match (self.ground.bound, self.phase, self.ground.uncounted) {
            (true, ..) => format!("{phase} nothing of what is priced is sent or computed."),
            (false, PhaseName::Offline, Some(uncounted)) => {
                format!("{phase} nothing is priced: {uncounted}.")
            }
            _ => format!("{phase} nothing is sent or computed."),
        }
    }

    /// `ReLUs are 99.9 %`, of what is priced where that is not all.
    pub(super) fn says(&self, cause: Cause, share: f64) -> String {
        let priced = if self.ground.bound { "of what is priced, " } else { "" };
        let body = match cause {
            Cause::Rounds => format!(
                "waiting for {} of {} is {}{}",
                plural(self.whole.rounds, "round"),
                milliseconds(self.ground.link.rtt_ms),
                percent(share),
                self.who(|share| share.rounds, self.whole.rounds, "them")
            ),
            Cause::Bandwidth => format!(
                "sending {} is {}{}",
                bytes(self.whole.bytes as f64),
                percent(share),
                self.who(|share| share.bytes, self.whole.bytes, "it")
            ),
            Cause::Link => format!(
                "the link is {}: {} and {} of {}",
                percent(share),
                bytes(self.whole.bytes as f64),
                plural(self.whole.rounds, "round"),
                milliseconds(self.ground.link.rtt_ms)
            ),
            cause if share > 0.5 => format!("{}{}", clause(cause, share), self.aside(cause)),
            cause => {
                let next = self.shares.get(1).map_or(String::new(), |next| {
                    format!(", {} {}", noun(next.cause).0, percent(self.amount(next) / self.total()))
                });
                format!("nothing is half: {}{next}", clause(cause, share))
            }
        };
        format!("{}: {priced}{body}.", self.lead())
    }

    /// Who fills the link: `, 92 % of it for ReLUs`.
    fn who(&self, amount: impl Fn(&super::CauseShare) -> u64, whole: u64, of: &str) -> String {
        let most = self.shares.iter().max_by_key(|share| amount(share));
        match most.filter(|share| whole > 0 && amount(share) > 0) {
            Some(share) => {
                let part = percent(amount(share) as f64 / whole as f64);
                format!(", {part} of {of} for {}", noun(share.cause).0)
            }
            None => String::new(),
        }
    }

    /// What is worth knowing of a cause that is more than half.
    fn aside(&self, cause: Cause) -> String {
        match (cause, self.ground.he_threads, self.ground.bootstraps) {
            (Cause::Linear, Some(1), _) if self.of() == Of::Time => ", on one thread".to_owned(),
            (Cause::Linear, Some(threads), _) if self.of() == Of::Time => format!(", on {threads} threads"),
            (Cause::Bootstrap, _, Some(n)) => format!(", {}", plural(n, "refresh")),
            _ => String::new(),
        }
    }

    pub(super) fn says_norms(&self, part: f64) -> String {
        let phase = if self.phase == PhaseName::Offline { "Offline" } else { "Online" };
        let priced = if self.ground.bound { " of what is priced" } else { "" };
        let why = if self.ground.separate_norms {
            "computed as the setting asks, where the weights before them could take them in at no cost"
        } else {
            "no weights stand before them that could take them in"
        };
        format!("{phase}, {}{priced}: {why}.", clause(Cause::BatchNorm, part))
    }

    pub(super) fn says_masks(&self) -> String {
        let [layers, kept] = self.ground.masked;
        format!(
            "Masks keep a part of {}: priced as {}, one vector each; an engine that does not gather what is kept makes up to \
             {}: {SCATTERED}.",
            plural(layers, "layer"),
            plural(layers, "call"),
            grouped(kept),
        )
    }
}

/// What a cause is called, and whether it is many.
fn noun(cause: Cause) -> (&'static str, bool) {
    match cause {
        Cause::Linear => ("linear layers", true),
        Cause::Product => ("products of two secrets", true),
        Cause::Relu => ("ReLUs", true),
        Cause::Gelu => ("GELU", false),
        Cause::Activation => ("activations", true),
        Cause::Softmax => ("softmax", false),
        Cause::MaxPool => ("max-pooling", false),
        Cause::Norm => ("norms", true),
        Cause::BatchNorm => ("batch norms", true),
        Cause::Polynomial => ("polynomials", true),
        Cause::Function => ("other functions", true),
        Cause::Truncation => ("truncation", false),
        Cause::Bootstrap => ("bootstrapping", false),
        Cause::Bandwidth => ("sending", false),
        Cause::Rounds => ("waiting", false),
        Cause::Link => ("the link", false),
        Cause::Masks => ("masks", true),
        Cause::Nothing => ("nothing", false),
    }
}

/// `ReLUs are 99.9 %`.
fn clause(cause: Cause, share: f64) -> String {
    let (noun, many) = noun(cause);
    format!("{noun} {} {}", if many { "are" } else { "is" }, percent(share))
}

/// `85 %`; a decimal where it is close to all, and no false nought or hundred.
fn percent(share: f64) -> String {
    let percent = 100.0 * share;
    match percent {
        p if p >= 100.0 => "100 %".to_owned(),
        p if p >= 99.95 => "over 99.9 %".to_owned(),
        p if p >= 99.0 => format!("{p:.1} %"),
        p if p > 0.0 && p < 1.0 => "under 1 %".to_owned(),
        p => format!("{p:.0} %"),
    }
}

/// Three significant figures, whole from a hundred on: 0.0515, 14.1, 330.
fn significant(value: f64) -> String {
    let size = value.abs();
    if size == 0.0 {
        return "0".to_owned();
    }
    // The decade after rounding: 99.96 reads 100.
    let decade = format!("{size:.2e}").split_once('e').and_then(|(_, e)| e.parse::<i32>().ok()).unwrap_or(0);
    let decimals = usize::try_from((2 - decade).clamp(0, 8)).unwrap_or(0);
    if decade >= 3 {
        let unit = 10_f64.powi(decade - 2);
        return grouped(((size / unit).round() * unit) as u64);
    }
    format!("{size:.decimals$}")
}

/// `330 s`; below a tenth of a second in ms, below 0.1 ms in us; 2,200 s is `36 min 40 s`.
fn seconds(value: f64) -> String {
    match value {
        value if value >= 999.5 => clock(value),
        value if value == 0.0 || value >= 0.1 => format!("{} s", significant(value)),
        value if value >= 1e-4 => milliseconds(value * 1e3),
        value => format!("{} \u{b5}s", significant(value * 1e6)),
    }
}

/// To three significant figures, as every other figure: 56,700 s is `15 h 45 min`.
fn clock(value: f64) -> String {
    let unit = 10_f64.powi(value.log10().floor() as i32 - 2);
    let whole = ((value / unit).round() * unit).round() as u64;
    let (hours, minutes, rest) = (whole / 3600, whole % 3600 / 60, whole % 60);
    let parts = match (whole, hours) {
        (360_000.., _) => [((whole + 1800) / 3600, "h"), (0, "")],
        (_, 1..) => [(hours, "h"), (minutes, "min")],
        _ => [(minutes, "min"), (rest, "s")],
    };
    let said = parts.iter().filter(|(amount, _)| *amount > 0);
    said.map(|(amount, unit)| format!("{} {unit}", grouped(*amount))).collect::<Vec<_>>().join(" ")
}

fn milliseconds(value: f64) -> String {
    format!("{} ms", significant(value))
}

/// Decimal units: `11.7 GB`.
fn bytes(value: f64) -> String {
    let (mut rest, mut unit) = (value, "B");
    for next in ["kB", "MB", "GB", "TB", "PB"] {
        if rest < 999.95 {
            break;
        }
        (rest, unit) = (rest / 1e3, next);
    }
    match unit {
        "B" => format!("{rest:.0} B"),
        _ if rest < 9.995 => format!("{rest:.2} {unit}"),
        _ => format!("{rest:.1} {unit}"),
    }
}

/// `1 round`, `1,287 rounds`.
fn plural(n: u64, one: &str) -> String {
    let end = match (n, one.ends_with("sh")) {
        (1, _) => "",
        (_, true) => "es",
        (_, false) => "s",
    };
    format!("{} {one}{end}", grouped(n))
}

/// 11629: `11,629`.
fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn numbers_read_as_on_the_page() {
        let texts = [0.0, 2e-5, 0.0515, 0.1, 14.06, 99.96, 330.1].map(super::seconds);
        assert_eq!(texts, ["0 s", "20.0 \u{b5}s", "51.5 ms", "0.100 s", "14.1 s", "100 s", "330 s"]);
        let texts = [999.4, 999.6, 2_200.0, 56_700.0, 123_456.0, 9_999_999.0].map(super::seconds);
        assert_eq!(texts, ["999 s", "16 min 40 s", "36 min 40 s", "15 h 45 min", "34 h 10 min", "2,778 h"]);
        let texts = [0.0, 999.0, 197_000.0, 1_814_073_344.0].map(super::bytes);
        assert_eq!(texts, ["0 B", "999 B", "197.0 kB", "1.81 GB"]);
        let texts = [0.0, 0.004, 0.853, 0.9912, 0.99986, 1.0].map(super::percent);
        assert_eq!(texts, ["0 %", "under 1 %", "85 %", "99.1 %", "over 99.9 %", "100 %"]);
        assert_eq!([1, 2, 11_629].map(|n| super::plural(n, "refresh"))[2], "11,629 refreshes");
    }
}
