//! `shapes`: the type of every value, as inferred.

use serde::Serialize;

use super::score::Extent;
use crate::error::Result;
use crate::ir::dim::{Dim, Symbols};
use crate::ir::graph::{Graph, Type};
use crate::ir::infer::infer;
use crate::onnx::{Progress, ReadAt};
use crate::open::{NamedFile, Opened};

/// A value and its type.
#[derive(Clone, Debug, Serialize)]
pub struct ValueShape {
    /// Name in the file; behind a prefix where a function was inlined.
    pub name: String,
    /// What is known of its type.
    #[serde(rename = "type")]
    pub ty: TypeView,
    /// Why not all of it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// A type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum TypeView {
    /// A tensor.
    Tensor {
        /// Element type, as ONNX writes it.
        dtype: Option<&'static str>,
        /// Dimensions; None when even their number is not known.
        shape: Option<Vec<Extent>>,
    },
    /// A sequence of one type.
    Sequence {
        /// Type of its elements.
        sequence: Box<TypeView>,
    },
    /// An optional.
    Optional {
        /// Type of what it may hold.
        optional: Box<TypeView>,
    },
    /// A map, or not known.
    Other {},
}

/// The types of the graph's outputs, then of all its values in order of execution.
#[derive(Clone, Debug, Serialize)]
pub struct Shapes {
    /// Outputs of the main graph.
    pub outputs: Vec<ValueShape>,
    /// All values, those of bodies and inlined functions included.
    pub values: Vec<ValueShape>,
}

/// Infers the types of every value of a model; nothing is bound, symbols stay symbols.
///
/// # Errors
/// What is wrong with the file: see [`Code`](crate::error::Code).
pub fn shapes(name: &str, bytes: &dyn ReadAt, progress: &mut Progress<'_>) -> Result<Shapes> {
    let mut graph = Opened::file(&NamedFile { name: name.to_owned(), bytes }, progress)?.graph;
    infer(&mut graph);
    let view = |value: &crate::ir::graph::Value| ValueShape {
        name: value.name.clone(),
        ty: type_view(&value.ty, &graph),
        why: value.why.clone(),
    };
    Ok(Shapes {
        outputs: graph.outputs.iter().map(|id| view(graph.value(*id))).collect(),
        values: graph.values.iter().map(view).collect(),
    })
}

fn type_view(ty: &Type, graph: &Graph) -> TypeView {
    match ty {
        Type::Tensor(tensor) | Type::Sparse(tensor) => TypeView::Tensor {
            dtype: tensor.dtype.map(crate::ir::dtype::DType::name),
            shape: tensor
                .shape
                .as_ref()
                .map(|shape| shape.iter().map(|dim| extent(dim, &graph.symbols)).collect()),
        },
        Type::Sequence(one, _) => TypeView::Sequence { sequence: Box::new(type_view(one, graph)) },
        Type::Optional(one) => TypeView::Optional { optional: Box::new(type_view(one, graph)) },
        Type::Map | Type::Unknown => TypeView::Other {},
    }
}

fn extent(dim: &Dim, symbols: &Symbols) -> Extent {
    dim.known().map_or_else(|| Extent::Symbolic(dim.display(symbols)), Extent::Known)
}
