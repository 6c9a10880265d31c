//! The table as a page for people.

use crate::{Fit, Line};

const HEAD: &str = "# Predicted against measured

Every row of three tables of published measurements (`crate/src/cost/fixtures/`), with what a profile predicts for it.
*fitted*: the row went into the profile's constants, so its ratio says how well one rule holds all of them. *validated*:
nothing of its log did, and the prediction is within 5 %: of another source, or of the same engine in another shape.
*checked*: it is further off, or agreement would prove little: another figure of the log was fitted to, or another engine ran
it. *bound*: the source gives a bound, which nothing can agree with. *not predicted*: no profile prices it.
*not recomputable*: the network, or what was done to it, is not public. Made by `tests/validation`; a test fails when
this file is stale.

The tables come from logs and tables that systems' authors and users published, and from runs of SPU 0.9.5 and
CrypTen 0.4.1 in which the engine counted its own bytes and messages (seconds of those runs are not used). Seconds of
SPU's protocols were fitted to single operations of other runs (`compute.csv`), whose errors the tests of
`crate/src/cost/protocols/spu` print; the digits network, to which no constant was fitted, stands
here (of linear rules that single operations bear out alike, the one kept was chosen with it in sight).

| | predictions | within 1 % | within 5 % | beyond |
|---|---|---|---|---|
";

pub(crate) fn page(lines: &[Line]) -> String {
    let mut text = HEAD.to_owned();
    type Of = fn(&Line) -> bool;
    let kinds: [(&str, Of); 5] = [
        ("fitted", |line| line.fit == Some(Fit::Fitted)),
        ("not fitted: another source", |line| line.fit == Some(Fit::OtherSource)),
        ("not fitted: the same engine in another shape or on another machine", |line| {
            line.fit == Some(Fit::OtherShape)
        }),
        ("another figure of a log that was fitted to, or another engine", |line| {
            matches!(line.fit, Some(Fit::SameLog | Fit::OtherEngine))
        }),
        ("bounds", |line| line.fit == Some(Fit::Bound)),
    ];
    for (name, of) in kinds {
        let ratios: Vec<f64> = lines.iter().filter(|line| of(line)).filter_map(Line::ratio).collect();
        let within = |far: f64| ratios.iter().filter(|ratio| (**ratio - 1.0).abs() <= far).count();
        text += &format!(
            "| {name} | {} | {} | {} | {} |\n",
            ratios.len(),
            within(0.01),
            within(0.05),
            ratios.len() - within(0.05)
        );
    }
    for (name, status) in [("not predicted", "not-predicted"), ("not recomputable", "not-recomputable")] {
        let count = lines.iter().filter(|line| line.status() == status).count();
        text += &format!("| {name} | {count} | | | |\n");
    }
    text += "\n## Validated\n\n| profile | rows | of another source | of the same engine, in another shape or on another machine |\n|---|--:|--:|--:|\n";
    let mut profiles: Vec<&str> = lines.iter().filter_map(|line| line.protocol.as_deref()).collect();
    profiles.sort_unstable();
    profiles.dedup();
    for profile in profiles {
        let of = |fit: Option<Fit>| {
            let lines = lines.iter().filter(|line| line.protocol.as_deref() == Some(profile));
            lines.filter(|l| l.status() == "validated" && (fit.is_none() || l.fit == fit)).count()
        };
        let [all, source, shape] = [None, Some(Fit::OtherSource), Some(Fit::OtherShape)].map(of);
        text += &format!("| {profile} | {all} | {source} | {shape} |\n");
    }
    let networks: Vec<&Line> = lines.iter().filter(|line| !is_engine(line)).collect();
    text += "\n## Networks\n\n";
    table(&networks, &mut text);
    for (title, name) in [
        ("SPU, Cheetah", "cheetah"),
        ("SPU, SEMI2K", "semi2k"),
        ("SPU, ABY3", "aby3"),
        ("CrypTen", "crypten"),
    ] {
        let of = lines.iter().filter(|line| is_engine(line) && line.setting.starts_with(name));
        text += &format!("\n## Operations: {title}\n\n");
        table(&of.collect::<Vec<_>>(), &mut text);
    }
    text
}

fn is_engine(line: &Line) -> bool {
    line.system.starts_with("SPU 0") || line.system.starts_with("CrypTen 0")
}

fn table(lines: &[&Line], text: &mut String) {
    let systems = lines.iter().any(|line| !is_engine(line));
    let head = if systems { "System" } else { "Run" };
    *text +=
        &format!("| {head} | What | Quantity | Predicted | Measured | Ratio | Profile | Status | Note |\n");
    *text += "|---|---|---|--:|--:|--:|---|---|---|\n";
    for line in lines {
        let first = if systems { &line.system } else { &line.setting };
        let what = match (systems, line.setting.is_empty()) {
            (true, false) => format!("{} ({})", line.subject, line.setting),
            _ => line.subject.clone(),
        };
        let number = |value: Option<f64>| value.map(|v| shown(v, line.quantity)).unwrap_or_default();
        let ratio = line.ratio().map(|ratio| format!("{ratio:.4}")).unwrap_or_default();
        let cells = [
            first,
            &what,
            line.quantity,
            &number(line.predicted),
            &number(line.measured),
            &ratio,
            line.protocol.as_deref().unwrap_or_default(),
            line.status(),
            &line.note,
        ];
        *text += &format!("| {} |\n", cells.map(|cell| cell.replace('|', "/")).join(" | "));
    }
}

/// Counts in full, seconds to three decimals.
fn shown(value: f64, quantity: &str) -> String {
    if quantity.ends_with("seconds") {
        return format!("{value:.3}");
    }
    let digits = format!("{value:.0}");
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
