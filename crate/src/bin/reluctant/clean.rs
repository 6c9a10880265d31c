//! `reluctant clean`: an export without what trained it.

use std::path::PathBuf;

use reluctant::api::{self, Code, Error, LocalFile, NamedFile};

use super::replace::save;
use super::shared::{Source, name, print_json, settings};

/// Takes the backward half of straight-through estimators out of an export, S - T + T, and what nobody reads.
#[derive(clap::Args)]
pub(super) struct Clean {
    #[command(flatten)]
    source: Source,
    /// The changed model.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Prints what went (reluctant.clean/1).
    #[arg(long)]
    json: bool,
}

pub(super) fn clean(args: &Clean) -> Result<(), Error> {
    let path = args.source.model.as_deref().filter(|_| args.source.example.is_none());
    let path = path.ok_or_else(|| Error::new(Code::MissingData, "an example is no export"))?;
    let file = LocalFile::open(path)?;
    let named = NamedFile { name: name(path), bytes: &file };
    let mut quiet = |_, _| std::ops::ControlFlow::Continue(());
    let (spliced, report) = api::clean(&named, &settings(&args.source)?, &mut quiet)?;
    save(args.output.as_deref(), &spliced, &file)?;
    if args.json {
        print_json(&report);
        return Ok(());
    }
    say!(
        "{}: {} of {} nodes stay, {} bytes",
        report.model,
        report.nodes_after,
        report.nodes_before,
        report.bytes
    );
    for sum in &report.sums {
        say!("  {sum}: S - T + T is S");
    }
    if report.tensors > 0 {
        say!("  {} stored tensors that nobody reads went", report.tensors);
    }
    Ok(())
}
