//! Runs a case and compares it with stored outputs.

use std::ops::ControlFlow;

use reluctant::api::{
    self, LocalFile, NamedFile, OwnFile, ReadAt, ReplaceSettings, RunOptions, RunRequest, RunSession,
    Settings, Tensor, Workbench,
};

use super::{here, settings};

pub fn arrays(file: &str) -> Vec<(String, Tensor)> {
    api::arrays(file, &std::fs::read(here(file)).unwrap()).unwrap()
}

/// The outputs of a model on the arrays of a file, as the command line runs it. `beside`: files of external data.
pub fn run(
    name: &str,
    input: &str,
    set: &[&str],
    outputs: &[&str],
    beside: &[&str],
) -> Vec<(String, Tensor)> {
    let names: Vec<String> =
        [format!("{name}.onnx")].into_iter().chain(beside.iter().map(|b| (*b).to_owned())).collect();
    let opened: Vec<LocalFile> = names.iter().map(|file| LocalFile::open(&here(file)).unwrap()).collect();
    let files: Vec<NamedFile<'_>> = names
        .iter()
        .zip(&opened)
        .map(|(name, file)| NamedFile { name: name.clone(), bytes: file as &dyn ReadAt })
        .collect();
    let mut arrays = arrays(input);
    // What is set needs no array.
    arrays.retain(|(name, _)| !set.iter().any(|set| set.split('=').next() == Some(name)));
    let shapes = arrays.iter().map(|(name, tensor)| (name.clone(), tensor.shape().to_vec())).collect();
    let options = RunOptions { shapes, ..RunOptions::default() };
    let mut go = |_: u64, _: u64| ControlFlow::Continue(());
    let mut session = RunSession::open(&files, &settings(set), &options, &mut go).unwrap();
    let given = session.given(arrays, None).unwrap();
    let outputs = outputs.iter().map(|name| (*name).to_owned()).collect();
    let ask = RunRequest { outputs, ..RunRequest::default() };
    api::ready(session.run(given, &ask, &mut go)).unwrap().outputs
}

/// What is wrong with outputs, against those of a file, by name; each within a share of the largest magnitude of its own.
pub fn faults(found: &[(String, Tensor)], wanted: &str, tolerance: f64) -> Vec<String> {
    let mut faults = Vec::new();
    for (name, wanted) in arrays(wanted) {
        let Some((_, found)) = found.iter().find(|(known, _)| *known == name) else {
            faults.push(format!("{name} is missing"));
            continue;
        };
        let (a, b): (Vec<f64>, Vec<f64>) = (found.data().convert(), wanted.data().convert());
        let largest = b.iter().fold(1.0, |largest: f64, v| largest.max(v.abs()));
        let off = a.iter().zip(&b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        if found.shape() != wanted.shape() || off > tolerance * largest || a.iter().any(|v| v.is_nan()) {
            faults.push(format!("{name}: {:?} for {:?}, {off:e} off", found.shape(), wanted.shape()));
        }
    }
    faults
}

/// The model with half its elements replaced, as a file.
pub fn replace_half(files: Vec<(String, LocalFile)>, settings: &Settings) -> Vec<u8> {
    let files: Vec<OwnFile> =
        files.into_iter().map(|(name, file)| (name, Box::new(file) as Box<dyn ReadAt>)).collect();
    let mut bench = Workbench::open(files, settings, &RunOptions::default()).unwrap();
    bench.set_wish(&ReplaceSettings { budget: "50%".to_owned(), ..ReplaceSettings::default() }).unwrap();
    let (_, spliced, _) = api::ready(bench.replace()).unwrap();
    let mut bytes = Vec::new();
    let source = bench.file().unwrap().bytes;
    let mut put = |part: &[u8]| {
        bytes.extend_from_slice(part);
        Ok(())
    };
    spliced.write(source, &mut put).unwrap();
    bytes
}
