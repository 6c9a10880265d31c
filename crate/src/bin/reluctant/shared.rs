//! What verbs share: the model that is asked about, names that an argument takes, JSON.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use clap::builder::{PossibleValuesParser, TypedValueParser};
use reluctant::api::{self, Error, LocalFile, Model, NamedFile, Present, Settings};

/// Which model.
#[derive(clap::Args)]
pub struct Source {
    /// An .onnx file; files of external data are looked for beside it.
    #[arg(required_unless_present = "example")]
    pub model: Option<PathBuf>,
    /// An example instead of a file.
    #[arg(long, conflicts_with = "model")]
    pub example: Option<String>,
    /// Sets an input's shape, a symbolic dimension, or the value of a small integer or boolean input: input=1x3x32x32,
    /// batch=4, sr=16000.
    #[arg(long = "set", value_name = "NAME=VALUE")]
    pub set: Vec<String>,
}

/// The inputs and dimensions that are set.
pub fn settings(source: &Source) -> Result<Settings, Error> {
    let mut settings = Settings::default();
    for text in &source.set {
        settings.add(text)?;
    }
    Ok(settings)
}

/// Opens the model; the files in its folder are offered as external data.
pub fn open(source: &Source) -> Result<Model, Error> {
    if let Some(id) = &source.example {
        return Model::example(id);
    }
    let path = source.model.clone().unwrap_or_default();
    let file = LocalFile::open(&path)?;
    let file = NamedFile { name: name(&path), bytes: &file };
    Model::open(&file, neighbours(&path), &mut |_, _| ControlFlow::Continue(()))
}

/// Names and sizes of the files in the model's folder.
fn neighbours(path: &Path) -> Vec<Present> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let plain = entries.flatten().filter_map(|entry| {
        let about = entry.metadata().ok().filter(std::fs::Metadata::is_file)?;
        Some(Present { name: name(&entry.path()), bytes: about.len() })
    });
    plain.take(api::MAX_FILES).collect()
}

/// The last part of a path.
pub fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Reads one of these names; the help and a refusal list them.
pub fn one_of<T>(all: &'static [T], name: fn(T) -> &'static str) -> impl TypedValueParser<Value = T>
where
    T: std::str::FromStr<Err = Error> + Copy + Send + Sync + 'static,
{
    PossibleValuesParser::new(all.iter().map(|one| name(*one))).try_map(|text| text.parse())
}

/// Prints a document.
pub fn print_json<T: serde::Serialize>(value: &T) {
    match serde_json::to_string_pretty(value) {
        Ok(text) => say!("{text}"),
        Err(error) => eprintln!("error: {error}"),
    }
}
