//! `reluctant exits`: a network that may stop early.

use reluctant::api::{Error, ExitCost};

use super::cost::{Pricing, one_protocol};
use super::shared::{Source, open, print_json, settings};

#[derive(clap::Args)]
pub(super) struct Exits {
    #[command(flatten)]
    source: Source,
    /// Values that a head reads (names of outputs, or of their layers), in the order of the network.
    #[arg(long, value_delimiter = ',', required = true)]
    at: Vec<String>,
    /// Shares of the inputs that stop at each exit, and at the end: 0.4,0.3,0.2,0.1 for three exits.
    #[arg(long, value_delimiter = ',', required = true)]
    shares: Vec<f64>,
    /// Logits of each exit.
    #[arg(long)]
    classes: u64,
    #[command(flatten)]
    pricing: Pricing,
    /// Prints the report (reluctant.exits/1).
    #[arg(long)]
    json: bool,
}

pub(super) fn exits(args: &Exits) -> Result<(), Error> {
    let ask = args.pricing.ask()?;
    let scored = open(&args.source)?.score(&settings(&args.source)?)?;
    let report = scored.exits(&args.at, &args.shares, args.classes, &one_protocol(ask, &scored)?)?;
    if args.json {
        print_json(&report);
        return Ok(());
    }
    say!("{} v{} over {}", report.protocol, report.profile_version, report.link);
    say!("{:<28} {:>18} {:>8} {:>12}", "", "bytes", "rounds", "seconds");
    for (place, cost) in report.at.iter().zip(&report.exits.fixed) {
        print_cost(&format!("always at {}", place.value), cost);
    }
    let leak = report.exits.secure.leak_bits;
    print_cost(&format!("tested, {leak:.3} bits leak"), &report.exits.secure);
    print_cost("all, chosen in secret", &report.exits.all);
    print_cost("no exits", &report.exits.none);
    let [secure, all] = [&report.exits.secure, &report.exits.all].map(|cost| &cost.unpriced);
    for why in secure.iter().chain(all.iter().filter(|why| !secure.contains(why))) {
        say!("  missing: {why}");
    }
    say!("{}", report.note);
    Ok(())
}

fn print_cost(name: &str, cost: &ExitCost) {
    let least = if cost.bound { ">" } else { "" };
    let seconds = match cost.seconds {
        Some([_, middle, _]) => format!("{least}{middle:.3}"),
        None => format!("link {:.3}", cost.link_seconds),
    };
    say!("{name:<28} {:>18} {:>8.1} {seconds:>12}", format!("{least}{}", cost.bytes), cost.rounds);
}
