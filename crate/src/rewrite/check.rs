//! A changed file is read again before it is handed out: every shape that the model had must be there still, and none may
//! be in contradiction that was not.

use crate::error::{Code, Error, Result};
use crate::ir::graph::Graph;
use crate::ir::import::import;
use crate::ir::infer::infer;
use crate::onnx::{self, Progress, ReadAt, Spliced, SplicedFile};

/// Infers the shapes of the changed file from the inputs of `graph`, and holds them against those of `graph`.
///
/// # Errors
/// `NotSupported` with the value whose shape differs; as reading.
pub(super) fn hold(
    file: &dyn ReadAt,
    spliced: &Spliced,
    graph: &Graph,
    progress: &mut Progress<'_>,
) -> Result<()> {
    let changed = SplicedFile::new(spliced, file);
    let skeleton = onnx::open("changed.onnx", &changed, progress)?;
    let mut written = import(&skeleton.model)?;
    for input in written.inputs.clone() {
        let name = written.value(input).name.clone();
        let Some(known) = graph.inputs.iter().find(|id| graph.value(**id).name == name) else { continue };
        let known = graph.value(*known);
        let value = written.value_mut(input);
        value.ty = known.ty.clone();
        value.constant.clone_from(&known.constant);
    }
    let known = by_name(graph);
    let find = |names: &[(&str, usize)], name: &str| {
        names
            .binary_search_by_key(&name, |(known, _)| known)
            .ok()
            .and_then(|at| names.get(at))
            .map(|(_, at)| *at)
    };
    // What the file declares, with the numbers that stand for its symbols.
    for value in &mut written.values {
        let same = find(&known, &value.name).and_then(|at| graph.values.get(at));
        value.declared = same.and_then(|same| same.declared.clone());
    }
    infer(&mut written);
    let names = by_name(&written);
    for (name, at) in known {
        let (Some(value), Some(other)) =
            (graph.values.get(at), find(&names, name).and_then(|at| written.values.get(at)))
        else {
            continue;
        };
        let fault = match (value.ty.shape(), other.ty.shape()) {
            (Some(was), Some(is)) if was.iter().all(|dim| dim.known().is_some()) && was != is => {
                "has another shape;"
            }
            _ if value.fault.is_none() && other.fault.is_some() => "cannot be made:",
            (Some(_), None) if value.why.is_none() && other.why.is_some() => "has no shape;",
            _ => continue,
        };
        let why = other.fault.clone().or_else(|| other.why.clone()).unwrap_or_default();
        return Err(Error::new(
            Code::NotSupported,
            format!("the changed file would be refused: a value {fault} {why}"),
        )
        .value(&value.name)
        .hint("keep the activations before it, or keep them by channel"));
    }
    Ok(())
}

/// Places of values by name, in order; names that several have (in branches) are left out.
fn by_name(graph: &Graph) -> Vec<(&str, usize)> {
    let mut names: Vec<(&str, usize)> =
        graph.values.iter().enumerate().map(|(at, value)| (value.name.as_str(), at)).collect();
    names.sort_unstable();
    let alone = |place: usize| {
        let name = |place: usize| names.get(place).map(|(name, _)| *name);
        let own = name(place);
        own != name(place + 1) && place.checked_sub(1).is_none_or(|before| name(before) != own)
    };
    (0..names.len()).filter(|place| alone(*place)).filter_map(|place| names.get(place).copied()).collect()
}
