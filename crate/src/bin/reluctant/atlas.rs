//! `reluctant atlas`.

use std::path::PathBuf;

use reluctant::api::{self, Error, Model, Settings};

use super::diff::source;
use super::shared::{name, open, print_json};

#[derive(clap::Args)]
pub(super) struct Atlas {
    /// Models or specs beside the examples.
    models: Vec<PathBuf>,
    /// Prints every figure, a line each.
    #[arg(long, conflicts_with = "json")]
    csv: bool,
    /// Prints everything (reluctant.atlas/1).
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Atlas) -> Result<(), Error> {
    let mut networks = Vec::new();
    for example in api::examples() {
        networks.push((example.id.to_owned(), Model::example(example.id)?.score(&Settings::default())?));
    }
    for path in &args.models {
        networks.push((name(path), open(&source(path))?.score(&Settings::default())?));
    }
    let atlas = api::atlas(&networks)?;
    if args.json {
        print_json(&atlas);
    } else if args.csv {
        say!("{}", api::atlas_csv(&atlas).trim_end());
    } else {
        say!(
            "{:<24} {:<8} {:>8} {:>6} {:>14} {:>16} {:>14}",
            "protocol",
            "link",
            "networks",
            "pairs",
            "bytes against",
            "seconds against",
            "seconds open"
        );
        for entry in &atlas.entries {
            let p = &entry.pairs;
            let (protocol, link, count) = (entry.protocol, entry.link, entry.priced.len());
            say!(
                "{protocol:<24} {link:<8} {count:>8} {:>6} {:>14} {:>16} {:>14}",
                p.pairs,
                p.bytes_against,
                p.seconds_against,
                p.seconds_open
            );
        }
    }
    Ok(())
}
