//! `reluctant cost`, and what every verb that prices takes: protocols, link, machines.

use std::path::PathBuf;

use reluctant::api::{self, ActivationPlan, CostSettings, Error, Machine};

use super::{Source, calibrate, open, print_json, settings};

/// What a cost depends on besides the model.
#[derive(clap::Args)]
pub(super) struct Pricing {
    #[command(flatten)]
    pub(super) terms: Terms,
    /// What becomes of activations.
    #[arg(long, default_value = "keep")]
    activation: Plan,
    /// Part of the activations that stays, 0 to 1; the others become what --activation says.
    #[arg(long, value_name = "PART", requires = "activation")]
    activation_share: Option<f64>,
    /// What is kept or replaced together: pixel, spatial, channel, layer, stage.
    #[arg(long, default_value = "pixel", requires = "activation_share")]
    granularity: api::Granularity,
}

/// Protocols, link and machines.
#[derive(clap::Args)]
pub(super) struct Terms {
    /// A protocol, as `reluctant protocols` lists them; may be given several times.
    #[arg(long = "protocol", value_name = "ID")]
    pub(super) protocols: Vec<String>,
    /// A profile that `reluctant calibrate` saved: adds the protocol `calibrated`.
    #[arg(long, value_name = "FILE")]
    pub(super) profile: Option<PathBuf>,
    /// A preset of the link between the parties; lan by default.
    #[arg(long, value_name = "ID", conflicts_with_all = ["up", "down", "rtt"])]
    link: Option<String>,
    /// Rate from the client.
    #[arg(long, value_name = "MB/S", requires = "down")]
    up: Option<f64>,
    /// Rate to the client.
    #[arg(long, value_name = "MB/S", requires = "up")]
    down: Option<f64>,
    /// Round-trip time.
    #[arg(long, value_name = "MS", requires = "up")]
    rtt: Option<f64>,
    /// Threads for homomorphic layers.
    #[arg(long, value_name = "N")]
    he_threads: Option<u32>,
    /// Threads for garbled circuits.
    #[arg(long, value_name = "N")]
    gc_threads: Option<u32>,
    /// The client's processor, or the graphics processor of ckks:gpu.
    #[arg(long, default_value = "epyc")]
    client: Client,
    /// Width of the ring: 32, 64, 128.
    #[arg(long, value_name = "N")]
    ring_bits: Option<u32>,
    /// Bits of a share where a protocol chooses them freely (cheetah:paper, cheetah:window16, sci-ot).
    #[arg(long, value_name = "N")]
    share_bits: Option<u32>,
    /// Oblivious transfer of cheetah:spu: ferret or softspoken.
    #[arg(long, default_value = "ferret")]
    ot: api::Ot,
    /// Which side of zero errs under circa: pos-zero or neg-pass.
    #[arg(long, default_value = "pos-zero")]
    faults: api::FaultMode,
    /// Chooses the class under encryption: an argmax over the last linear layer.
    #[arg(long)]
    argmax: bool,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Client {
    Epyc,
    Atom,
    #[value(name = "a100-40")]
    A100x40,
    #[value(name = "a100-80")]
    A100x80,
    H100,
    Rtx5090,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Plan {
    Keep,
    Identity,
    #[value(name = "poly2:public")]
    Poly2Public,
    #[value(name = "poly2:secret")]
    Poly2Secret,
}

impl Terms {
    pub(super) fn settings(&self, layers: bool) -> Result<CostSettings, Error> {
        let calibration = self.profile.as_deref().map(calibrate::profile).transpose()?;
        let mut protocols = self.protocols.clone();
        if calibration.is_some() && !protocols.iter().any(|id| id == api::CALIBRATED) {
            protocols.push(api::CALIBRATED.to_owned());
        }
        Ok(CostSettings {
            protocols,
            calibration,
            link: self.link.clone(),
            up: self.up,
            down: self.down,
            rtt: self.rtt,
            he_threads: self.he_threads,
            gc_threads: self.gc_threads,
            machine: match self.client {
                Client::Epyc => Machine::Epyc,
                Client::Atom => Machine::Atom,
                Client::A100x40 => Machine::A100x40,
                Client::A100x80 => Machine::A100x80,
                Client::H100 => Machine::H100,
                Client::Rtx5090 => Machine::Rtx5090,
            },
            ring_bits: self.ring_bits,
            share_bits: self.share_bits,
            ot: self.ot,
            faults: self.faults,
            argmax: self.argmax,
            layers,
            ..CostSettings::default()
        })
    }
}

impl Pricing {
    pub(super) fn settings(&self, layers: bool) -> Result<CostSettings, Error> {
        Ok(CostSettings {
            activation: match self.activation {
                Plan::Keep => ActivationPlan::Keep,
                Plan::Identity => ActivationPlan::Identity,
                Plan::Poly2Public => ActivationPlan::Poly2Public,
                Plan::Poly2Secret => ActivationPlan::Poly2Secret,
            },
            activation_share: self.activation_share,
            granularity: self.granularity,
            ..self.terms.settings(layers)?
        })
    }
}

#[derive(clap::Args)]
pub(super) struct Cost {
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    pricing: Pricing,
    /// Adds the cost of each layer to the JSON.
    #[arg(long, requires = "json")]
    layers: bool,
    /// Compares every protocol in one table; seconds in brackets are those of the link alone.
    #[arg(long, conflicts_with_all = ["protocols", "layers"])]
    all: bool,
    /// Prints the estimates (reluctant.cost/1).
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// Prints one line of figures for each protocol.
    #[arg(long)]
    csv: bool,
}

pub(super) fn cost(args: &Cost) -> Result<(), Error> {
    let mut pricing = args.pricing.settings(args.layers)?;
    let scored = open(&args.source)?.score(&settings(&args.source)?)?;
    let report = if args.all {
        scored.compare(&pricing)?
    } else {
        if pricing.protocols.is_empty() {
            let all = api::protocols(&pricing)?;
            pricing.protocols = all.iter().map(|profile| profile.id.to_owned()).collect();
        }
        scored.cost(&pricing)?
    };
    if args.json {
        print_json(&report);
    } else if args.csv {
        say!("{}", api::cost_csv(&report).trim_end());
    } else if args.all {
        print_comparison(&report);
    } else {
        report.estimates.iter().for_each(print_estimate);
    }
    Ok(())
}

fn print_comparison(report: &api::Report) {
    say!(
        "{:<24} {:>16} {:>16} {:>15} {:>15} {:>8} {:>14}",
        "protocol",
        "offline s",
        "online s",
        "offline B",
        "online B",
        "rounds",
        "client keeps B"
    );
    for e in &report.estimates {
        // Seconds in brackets are those of the link alone.
        let seconds = |phase: &api::Phase| match phase.seconds {
            Some([_, middle, _]) => format!("{middle:.3} "),
            None => format!("({:.3})", phase.link_seconds),
        };
        let bytes = |phase: &api::Phase| phase.bytes_up + phase.bytes_down + phase.bytes_between;
        say!(
            "{:<24} {:>16} {:>16} {:>15} {:>15} {:>8} {:>14}{}",
            e.protocol,
            seconds(&e.offline),
            seconds(&e.online),
            bytes(&e.offline),
            bytes(&e.online),
            e.online.rounds,
            e.client_storage_bytes.map_or_else(|| "-".to_owned(), |n| n.to_string()),
            if e.partial {
                format!("  partial: {} without a price", e.unpriced.len())
            } else {
                String::new()
            }
        );
    }
}

pub(super) fn print_estimate(estimate: &api::Estimate) {
    say!("{} v{} over {}", estimate.protocol, estimate.profile_version, estimate.link);
    for (name, phase) in [("offline", &estimate.offline), ("online", &estimate.online)] {
        let time = match phase.seconds {
            Some([low, mid, high]) => format!("{mid:.3} s [{low:.3}-{high:.3}]"),
            None => format!("{:.3} s on the link; compute is not known", phase.link_seconds),
        };
        let bytes = phase.bytes_up + phase.bytes_down + phase.bytes_between;
        say!("  {name:<8} {time}, {bytes} B, {} rounds", phase.rounds);
    }
    let storage = estimate.client_storage_bytes.map_or_else(|| "not known".to_owned(), |n| format!("{n} B"));
    say!("  total {} B; set-up {} B; client keeps {storage}", estimate.bytes_total, estimate.setup_bytes);
    if estimate.partial {
        say!("  partial: {} pieces of work have no price", estimate.unpriced.len());
    }
    say!("  leaves out: {}", estimate.leaves_out);
}
