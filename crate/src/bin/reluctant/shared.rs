//! What verbs share: the model that is asked about, names that an argument takes, JSON.

use std::path::{Path, PathBuf};

use clap::builder::{PossibleValuesParser, TypedValueParser};
use reluctant::api::{Code, Error, Model, Present, Settings, Spec};

pub use super::beside::name;
use super::beside::{alone, beside};

/// Which model.
#[derive(clap::Args)]
pub struct Source {
    /// An .onnx file, or a .json with a spec; files of external data are looked for beside it and in folders below.
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
    if is_spec(&path) {
        return Model::of_spec(&spec(&path)?, &name(&path));
    }
    let model = alone(&path)?;
    let present = beside(&path, &model).into_iter().filter_map(|(name, path)| {
        let about = std::fs::metadata(path).ok()?;
        Some(Present { name, bytes: about.len() })
    });
    let present = present.collect();
    Ok(model.beside(present))
}

/// A path that holds a spec rather than a model.
pub fn is_spec(path: &Path) -> bool {
    path.extension().is_some_and(|end| end.eq_ignore_ascii_case("json"))
}

/// Reads a spec.
pub fn spec(path: &Path) -> Result<Spec, Error> {
    Spec::parse(&read(path)?).map_err(|e| e.file(path.display().to_string()))
}

/// Reads a text.
pub fn read(path: &Path) -> Result<String, Error> {
    let fault = |e: std::io::Error| {
        Error::new(Code::Io, format!("the file cannot be read: {e}")).file(path.display().to_string())
    };
    std::fs::read_to_string(path).map_err(fault)
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
