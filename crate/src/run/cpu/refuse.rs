//! What the engine lacks, with the node, its operator and what to do.

use std::collections::HashSet;

use crate::engines::cpu::{Fault, FaultKind};
use crate::error::{Code, Error, Result};
use crate::ir::dtype::DType;
use crate::ir::graph::{Graph, ScopeId, Type, ValueId};
use crate::onnx::NodeProto;

const OTHERWISE: &str = "counting and costs do not need it; only running does";

/// Refuses graphs whose inputs hold what no array here can.
///
/// # Errors
/// `NotSupported` with the input.
pub fn elements(graph: &Graph) -> Result<()> {
    for id in &graph.inputs {
        let value = graph.value(*id);
        let text = match (&value.ty, value.ty.dtype()) {
            (Type::Tensor(_), Some(DType::Str)) => "text is not run".to_owned(),
            (Type::Tensor(_), Some(dtype)) if !runs(dtype) => format!("{} is not run", dtype.name()),
            (Type::Tensor(_), _) => continue,
            _ => "only arrays can be given".to_owned(),
        };
        return Err(Error::new(Code::NotSupported, text).value(&value.name).hint(OTHERWISE));
    }
    Ok(())
}

/// Refuses forms that the library would read as another.
///
/// # Errors
/// `NotSupported` with the node.
pub fn unread(graph: &Graph, needed: &[NodeProto]) -> Result<()> {
    let made: HashSet<&str> = needed.iter().flat_map(|node| &node.output).map(String::as_str).collect();
    for node in &graph.nodes {
        // Nodes of bodies run with their owner, whoever that is.
        let here = |id: &ValueId| made.contains(graph.value(*id).name.as_str());
        if node.scope == ScopeId(0) && !node.outputs.iter().flatten().any(here) {
            continue;
        }
        let why = match node.op.as_str() {
            "Resize" if node.attrs.str("mode") == Some("cubic") => "cubic interpolation",
            "NonMaxSuppression" if node.input(1).and_then(|id| graph.sizes(id)).is_none() => {
                "an unknown number of images or classes at once"
            }
            _ => continue,
        };
        let error = Error::new(Code::NotSupported, format!("the CPU engine lacks {why}"));
        return Err(error.node(graph.label(node), node.op.clone()).hint(OTHERWISE));
    }
    Ok(())
}

fn runs(dtype: DType) -> bool {
    use DType::{I16, U16, U32, U64};
    matches!(dtype, I16 | U16 | U32 | U64)
        || matches!(
            dtype,
            DType::F32
                | DType::F16
                | DType::F64
                | DType::I32
                | DType::I64
                | DType::I8
                | DType::U8
                | DType::Bool
        )
}

/// A fault of the library, with the node and its operator.
pub fn fault(graph: &Graph, fault: &Fault) -> Error {
    let Fault { kind, node, text } = fault;
    let message = match kind {
        FaultKind::Operator => "the CPU engine lacks an operator, or a form of it",
        FaultKind::Prepare => "the CPU engine could not prepare the model",
        FaultKind::Read => "the CPU engine could not read the model",
        FaultKind::Input | FaultKind::Run => {
            let code = if *kind == FaultKind::Input { Code::InvalidSetting } else { Code::NotSupported };
            let stopped = Error::new(code, format!("the CPU engine stopped: {text}"));
            let stopped = if code == Code::NotSupported { stopped.hint(OTHERWISE) } else { stopped };
            return at_node(graph, node.as_deref(), stopped);
        }
        FaultKind::NoArray => return Error::new(Code::NotSupported, text.clone()),
        FaultKind::Memory => {
            return Error::new(Code::LimitExceeded, text.clone())
                .hint("run it with the command line, on a machine with more memory");
        }
        FaultKind::Stopped => {
            let error =
                Error::new(Code::NotSupported, format!("the CPU engine lacks a form of an operator: {text}"));
            return at_node(graph, node.as_deref(), error).hint(OTHERWISE);
        }
    };
    let detail =
        text.strip_prefix("in node ").and_then(|rest| rest.split_once(": ")).map_or(text.as_str(), |r| r.1);
    at_node(graph, node.as_deref(), Error::new(Code::NotSupported, format!("{message}: {detail}")))
        .hint(OTHERWISE)
}

fn at_node(graph: &Graph, name: Option<&str>, error: Error) -> Error {
    let Some(name) = name else { return error };
    let name = name.strip_suffix(super::forms::NODE).unwrap_or(name);
    let main = graph.nodes.iter().filter(|node| node.scope == ScopeId(0));
    match main.chain(&graph.nodes).find(|node| graph.label(node) == name) {
        Some(node) => error.node(name, node.op.clone()),
        None => error.node(name, ""),
    }
}
