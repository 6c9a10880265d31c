//! `reluctant calibrate`, and the profiles that it saves.

use std::fmt::Display;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use reluctant::api::{self, CalibrateSettings, CalibrationReport, Code, Error, OwnProfile, Rest};

use super::shared::print_json;

/// A longer file is no set of measurements: the core refuses what was read of it.
const LONGEST: u64 = 16 << 20;

#[derive(clap::Args)]
pub(super) struct Calibrate {
    /// A table or JSON of measurements: op, size, bytes, seconds, and where known rounds, calls, phase; - reads the standard input.
    measurements: PathBuf,
    /// The protocol that prices what was not measured, as `reluctant protocols` lists them.
    #[arg(long, value_name = "ID")]
    base: String,
    /// Name of the profile.
    #[arg(long, default_value = "")]
    name: String,
    /// Work that was not measured: the base's price, or none.
    #[arg(long, default_value = "base")]
    rest: Others,
    /// Keeps the rows of one op, variant, protocol, ring_bits or engine; may be given several times.
    #[arg(long, value_name = "COLUMN=VALUE")]
    only: Vec<String>,
    /// Saves the profile, for `--profile`.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Prints the profile and its fit (reluctant.profile/1).
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Others {
    Base,
    None,
}

pub(super) fn run(args: &Calibrate) -> Result<(), Error> {
    let only = args.only.iter().map(|text| {
        let pair = text.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
        pair.ok_or_else(|| {
            Error::new(Code::InvalidSetting, format!("{text:?} chooses no rows"))
                .hint("write variant=semi2k64")
        })
    });
    let calibrated = api::calibrate(&CalibrateSettings {
        text: text_of(&args.measurements)?,
        only: only.collect::<Result<_, _>>()?,
        base: args.base.clone(),
        name: args.name.clone(),
        rest: match args.rest {
            Others::Base => Rest::Base,
            Others::None => Rest::None,
        },
    })?;
    if let Some(path) = &args.output {
        let text = serde_json::to_string_pretty(&calibrated.report).map_err(|e| fault(path, &e))?;
        std::fs::write(path, text + "\n").map_err(|e| fault(path, &e))?;
    }
    if args.json {
        print_json(&calibrated);
        return Ok(());
    }
    print(&calibrated.report);
    for skipped in &calibrated.skipped {
        say!("left out: {} ({} rows): no layer of a network is that operation", skipped.op, skipped.rows);
    }
    if !calibrated.ignored.is_empty() {
        say!("columns not needed: {}", calibrated.ignored.join(", "));
    }
    Ok(())
}

/// The profile in a file.
pub(super) fn profile(path: &Path) -> Result<OwnProfile, Error> {
    Ok(api::open_profile(&text_of(path)?)?.profile)
}

fn fault(path: &Path, cause: &dyn Display) -> Error {
    Error::new(Code::Io, cause.to_string()).file(path.display().to_string())
}

fn text_of(path: &Path) -> Result<String, Error> {
    let mut text = String::new();
    let read = if path.as_os_str() == "-" {
        std::io::stdin().lock().take(LONGEST).read_to_string(&mut text)
    } else {
        File::open(path).and_then(|file| file.take(LONGEST).read_to_string(&mut text))
    };
    read.map_err(|e| fault(path, &e))?;
    Ok(text)
}

fn print(report: &CalibrationReport) {
    let profile = &report.profile;
    say!(
        "{} on {} v{}, {} measurements",
        profile.name,
        profile.base,
        profile.base_version,
        profile.measurements.len()
    );
    for fit in &report.fits {
        let phase = match fit.phase {
            Some(api::When::Offline) => " offline",
            Some(api::When::Online) => " online",
            None => "",
        };
        let value = |c: &api::Coefficient| {
            let value = c.value.map_or_else(|| "not determined".to_owned(), |value| format!("{value:.6e}"));
            format!("{} {value}", c.name)
        };
        let coefficients = fit.coefficients.iter().map(value).collect::<Vec<_>>().join(", ");
        let worst = fit.points.iter().filter_map(|point| point.relative).map(f64::abs).fold(0.0, f64::max);
        let r2 = fit.r2.map_or_else(String::new, |r2| format!(", R2 {r2:.6}"));
        let quantity = serde_json::to_value(fit.quantity).ok();
        let quantity = quantity.as_ref().and_then(serde_json::Value::as_str).unwrap_or_default();
        say!("{:<14} {quantity:<10}{phase} {coefficients}  (within {:.3} %{r2})", fit.op, worst * 100.0);
        for warning in &fit.warnings {
            say!("{:<14} {:<10} {warning}", "", "");
        }
    }
    report.warnings.iter().for_each(|warning| say!("{warning}"));
    say!("leaves out: {}", report.leaves_out);
}
