//! Predicted against measured, for every published row: `docs/validation.md` and the page's copy are made here.
//!
//! `WRITE=1 cargo test -p reluctant-tests --test validation` makes them anew; without it a stale one fails.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod digits;
mod flows;
mod nets;
mod networks;
mod ops;
mod page;

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::json;

/// How a row stands to the constants that predict it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fit {
    /// It went into them.
    Fitted,
    /// Another figure of the same log did.
    SameLog,
    /// The source gives a bound, not a measurement.
    Bound,
    /// Another engine, whose operations are not those that were priced.
    OtherEngine,
    /// The same engine, in another shape, at another size or on another machine.
    OtherShape,
    /// Another source: a log or a run that nothing was read off.
    OtherSource,
}

impl Fit {
    /// What agreement with such a row is of; None where it proves nothing.
    pub(crate) fn proves(self) -> Option<&'static str> {
        match self {
            Fit::OtherSource => Some("another source"),
            Fit::OtherShape => Some("the same engine, in another shape or on another machine"),
            Fit::Fitted | Fit::SameLog | Fit::Bound | Fit::OtherEngine => None,
        }
    }
}

/// One quantity of one row.
#[derive(Clone, Debug, Default)]
pub(crate) struct Line {
    pub(crate) system: String,
    pub(crate) subject: String,
    pub(crate) setting: String,
    pub(crate) quantity: &'static str,
    pub(crate) measured: Option<f64>,
    pub(crate) predicted: Option<f64>,
    pub(crate) protocol: Option<String>,
    pub(crate) fit: Option<Fit>,
    /// Its network, or what was done to it, is not public: nobody could predict it.
    pub(crate) not_public: bool,
    /// Why nothing is predicted, or what to know about what is.
    pub(crate) note: String,
}

impl Line {
    fn predicted(mut self, protocol: &str, version: u32, value: f64, fit: Fit) -> Self {
        (self.protocol, self.predicted, self.fit) =
            (Some(format!("{protocol}@{version}")), Some(value), Some(fit));
        self
    }

    fn without(mut self, reason: &str) -> Self {
        self.note = reason.to_owned();
        self
    }

    fn noting(mut self, note: &str) -> Self {
        self.note = note.to_owned();
        self
    }

    /// As both documents write it. Validated is what comes out within 5 % of a measurement that nothing of its log was
    /// fitted to.
    fn status(&self) -> &'static str {
        match (self.fit, self.ratio()) {
            (None, _) if self.not_public => "not-recomputable",
            (None, _) => "not-predicted",
            (Some(Fit::Fitted), _) => "fitted",
            (Some(Fit::Bound), _) => "bound",
            (Some(fit), Some(ratio)) if fit.proves().is_some() && (ratio - 1.0).abs() <= 0.05 => "validated",
            _ => "checked",
        }
    }

    /// What agreement would be of; empty where it would prove nothing.
    fn against(&self) -> &'static str {
        self.fit.and_then(Fit::proves).unwrap_or_default()
    }

    /// What its figures count: the quantity says of what.
    fn unit(&self) -> &'static str {
        let is = |unit| self.quantity.split(' ').any(|word| word == unit);
        if is("bytes") {
            "bytes"
        } else if is("seconds") {
            "seconds"
        } else {
            "counts"
        }
    }

    fn ratio(&self) -> Option<f64> {
        match (self.predicted?, self.measured?) {
            (0.0, 0.0) => Some(1.0),
            (predicted, measured) => Some(predicted / measured),
        }
    }
}

/// Names of the columns of the page's copy, then rows as lists: a third of the size of objects.
fn document(lines: &[Line]) -> String {
    let columns = [
        "system",
        "subject",
        "setting",
        "quantity",
        "predicted",
        "measured",
        "ratio",
        "protocol",
        "status",
        "against",
        "note",
        "unit",
    ];
    let mut text =
        format!("{{\"schema\":\"reluctant.validation/1\",\"columns\":{},\"rows\":[\n", json!(columns));
    let number = |value: Option<f64>| value.map(|v| json!((v * 1e6).round() / 1e6)).unwrap_or(json!(null));
    let rows: Vec<String> = lines
        .iter()
        .map(|line| {
            json!([
                line.system,
                line.subject,
                line.setting,
                line.quantity,
                number(line.predicted),
                number(line.measured),
                number(line.ratio()),
                line.protocol,
                line.status(),
                line.against(),
                line.note,
                line.unit()
            ])
            .to_string()
        })
        .collect();
    text += &rows.join(",\n");
    text + "\n]}\n"
}

fn lines() -> Vec<Line> {
    let mut lines = networks::lines();
    lines.extend(flows::lines());
    lines.extend(ops::lines());
    lines.extend(digits::lines());
    lines
}

#[test]
fn documents_are_what_the_profiles_predict() {
    let lines = lines();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for (path, text) in
        [("docs/validation.md", page::page(&lines)), ("www/src/lib/validation.json", document(&lines))]
    {
        let path = root.join(path);
        if std::env::var_os("WRITE").is_some() {
            std::fs::write(&path, &text).unwrap();
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            kept == text,
            "{} is stale: WRITE=1 cargo test -p reluctant-tests --test validation",
            path.display()
        );
    }
}

/// What was promised of each profile; bounds stand apart.
#[test]
fn predictions_are_as_close_as_promised() {
    let mut faults = Vec::new();
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for line in lines() {
        let (Some(protocol), Some(ratio)) = (&line.protocol, line.ratio()) else { continue };
        if matches!(line.fit, Some(Fit::OtherEngine | Fit::Bound)) {
            continue;
        }
        let id = protocol.split('@').next().unwrap();
        let small = ["exp", "s", "digits"].iter().any(|start| line.subject.starts_with(start));
        let large = line.quantity == "bytes" && !small;
        let (name, tolerance) = match (id, line.quantity) {
            (_, "bootstraps") => ("bootstraps", 0.0),
            ("crypten", _) => ("crypten", 0.0),
            ("semi2k" | "aby3", "bytes") => ("shares, bytes", 0.0),
            ("semi2k" | "aby3", "compute seconds") => ("shares, seconds", 0.4),
            ("cheetah:spu-shared", "compute seconds") => ("cheetah, seconds", 0.6),
            ("semi2k" | "aby3", _) => ("shares, rounds", 0.17),
            ("cheetah:spu" | "cheetah:spu-shared", _) if large => ("cheetah", 0.035),
            ("ckks:cpu" | "ckks:openfhe" | "ckks:gpu", _) => ("ckks", 0.05),
            (
                "delphi:server-garbler" | "delphi:client-garbler",
                "offline bytes with keys" | "online bytes",
            ) => ("delphi, bytes", 1e-4),
            ("delphi:server-garbler" | "delphi:client-garbler", _) => ("delphi, seconds", 0.10),
            ("sci-ot", "bytes") => ("sci-ot", 0.05),
            ("trio", _) => ("trio", 0.002),
            ("quad", _) => ("quad", 0.0005),
            _ => continue,
        };
        *seen.entry(name).or_default() += 1;
        if (ratio - 1.0).abs() > tolerance + 1e-9 {
            faults.push(format!("{protocol} {} {} {}: {ratio}", line.system, line.subject, line.quantity));
        }
    }
    println!("{seen:?}");
    let h100 = lines().into_iter().find(|line| line.setting.contains("H100")).unwrap();
    assert_eq!(h100.status(), "validated");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    for name in [
        "bootstraps",
        "crypten",
        "shares, bytes",
        "cheetah",
        "ckks",
        "delphi, bytes",
        "sci-ot",
        "trio",
        "quad",
    ] {
        assert!(seen.contains_key(name), "no row of {name}");
    }
}

/// Agreement counts where it proves something: not with a bound, not with the log that was fitted to, not with another engine.
#[test]
fn validated_is_what_nothing_of_its_log_was_fitted_to() {
    let lines = lines();
    for line in lines.iter().filter(|line| line.status() == "validated") {
        assert!(matches!(line.fit, Some(Fit::OtherSource | Fit::OtherShape)), "{line:?}");
        assert!((line.ratio().unwrap() - 1.0).abs() <= 0.05, "{line:?}");
    }
    let of = |system: &str, quantity: &str| {
        let mut found = lines.iter().filter(|l| l.system.starts_with(system) && l.quantity == quantity);
        found.next().unwrap_or_else(|| panic!("no {quantity} of {system}")).status()
    };
    assert_eq!(of("Cheetah", "bytes"), "bound");
    assert_eq!(of("LowMemoryFHEResNet20", "bootstraps"), "checked");
    assert_eq!(of("MP-SPDZ replicated", "bytes"), "checked");
    assert_eq!(of("SPU SEMI2K user", "online bytes"), "validated");
    assert_eq!(of("HPMPC Quad", "online bytes"), "validated");
    assert_eq!(of("Flash", "seconds"), "not-recomputable");
    // A claim whose network nobody has is no failure of a profile: it is never told as one.
    for line in &lines {
        assert!(!line.note.contains("reproduced"), "{line:?}");
        assert_eq!(line.not_public, line.status() == "not-recomputable", "{line:?}");
    }
}

/// Every row of both tables is there, with a prediction or a reason.
#[test]
fn no_row_is_left_out() {
    let lines = lines();
    assert!(lines.iter().all(|line| line.predicted.is_some() != line.protocol.is_none()));
    assert!(lines.iter().all(|line| line.predicted.is_some() || line.note.len() > 10));
    let count = |text: &str| text.lines().filter(|line| !line.is_empty()).count() - 1;
    let runs = count(include_str!("../../crate/src/cost/fixtures/mpc-ops.csv"));
    let nets = include_str!("../../crate/src/cost/fixtures/compute.csv").matches(",net_").count();
    let engines = lines.iter().filter(|l| l.system.starts_with("SPU 0") || l.system.starts_with("CrypTen"));
    assert_eq!(engines.filter(|line| line.quantity == "bytes").count(), runs + nets);
}
