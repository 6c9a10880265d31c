//! `reluctant diff` and `reluctant design gradient`.

use std::path::{Path, PathBuf};

use reluctant::api::{self, Error, StageFigures, WholeCost};

use super::cost::Pricing;
use super::shared::{Source, open, print_json, settings};

#[derive(clap::Args)]
pub(super) struct Diff {
    /// The first: an .onnx file, a .json with a spec, or the id of an example.
    a: PathBuf,
    /// The second.
    b: PathBuf,
    #[command(flatten)]
    pricing: Pricing,
    /// Prints everything (reluctant.diff/1).
    #[arg(long)]
    json: bool,
}

#[derive(clap::Args)]
pub(super) struct Gradient {
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    pricing: Pricing,
    /// Prints everything (reluctant.gradient/1).
    #[arg(long)]
    json: bool,
}

/// A file, or an example where there is no file of that name.
pub(super) fn source(path: &Path) -> Source {
    let text = path.to_string_lossy().into_owned();
    let is_example = !path.exists() && api::examples().iter().any(|example| example.id == text);
    Source {
        model: Some(path.to_path_buf()).filter(|_| !is_example),
        example: Some(text).filter(|_| is_example),
        set: Vec::new(),
    }
}

pub(super) fn run(args: &Diff) -> Result<(), Error> {
    let score = |path: &Path| open(&source(path))?.score(&api::Settings::default());
    let diff = api::diff(&score(&args.a)?, &score(&args.b)?, &args.pricing.ask()?)?;
    if args.json {
        print_json(&diff);
        return Ok(());
    }
    let (a, b) = (&diff.a, &diff.b);
    say!("a: {}\nb: {}", a.name, b.name);
    if diff.same_structure {
        say!("they have the same structure");
    }
    say!(
        "{:<8} {:>6} {:>6} {:>12} {:>12} {:>16} {:>16}",
        "stage",
        "ch a",
        "ch b",
        "ReLUs a",
        "ReLUs b",
        "MACs a",
        "MACs b"
    );
    for stage in &diff.stages {
        let text = |side: &Option<StageFigures>, of: fn(&StageFigures) -> Option<u64>| {
            side.as_ref().and_then(of).map_or_else(|| "-".to_owned(), |n| n.to_string())
        };
        let both = |of: fn(&StageFigures) -> Option<u64>| (text(&stage.a, of), text(&stage.b, of));
        let channels = both(|side| side.channels.and_then(|n| u64::try_from(n).ok()));
        let (relus, macs) = (both(|side| Some(side.relus)), both(|side| Some(side.macs)));
        say!(
            "{:<8} {:>6} {:>6} {:>12} {:>12} {:>16} {:>16}",
            stage.name,
            channels.0,
            channels.1,
            relus.0,
            relus.1,
            macs.0,
            macs.1
        );
    }
    say!("{:<8} {:>6} {:>6} {:>12} {:>12} {:>16} {:>16}", "all", "", "", a.relus, b.relus, a.macs, b.macs);
    for cost in &diff.costs {
        say!("{}: a {}; b {}", cost.protocol, whole(&cost.a), whole(&cost.b));
    }
    Ok(())
}

fn whole(cost: &WholeCost) -> String {
    let least = if cost.bound { "> " } else { "" };
    let seconds = |s: Option<[f64; 3]>| {
        s.map_or_else(|| "unknown".to_owned(), |[_, middle, _]| format!("{least}{middle:.3} s"))
    };
    let (offline, online) = (seconds(cost.offline_seconds), seconds(cost.online_seconds));
    format!("{least}{} B, offline {offline}, online {online}", cost.bytes)
}

pub(super) fn gradient(args: &Gradient) -> Result<(), Error> {
    let scored = open(&args.source)?.score(&settings(&args.source)?)?;
    let mut ask = args.pricing.ask()?;
    if ask.terms.protocols.is_empty() {
        let opens = scored.opens_under();
        ask.terms.protocols = opens.iter().take(1).map(|opening| opening.protocol.to_owned()).collect();
    }
    let gradient = scored.gradient(&ask)?;
    if args.json {
        print_json(&gradient);
        return Ok(());
    }
    for set in &gradient.sets {
        let first = set.layers.first().map_or("", String::as_str);
        let more = set.layers.len().saturating_sub(1);
        say!("{first} and {more} more, {} channels: {} ReLUs, {} MACs", set.channels, set.relus, set.macs);
        for price in &set.prices {
            let seconds = |s: Option<f64>| s.map_or_else(|| "unknown".to_owned(), |s| format!("{s:.6} s"));
            let (offline, online) = (seconds(price.offline_seconds), seconds(price.online_seconds));
            say!("  {}: {} B, offline {offline}, online {online}", price.protocol, price.bytes);
        }
    }
    for open in &gradient.open {
        say!("{}: not by itself: {}", open.layers.join(", "), open.reason);
    }
    Ok(())
}
