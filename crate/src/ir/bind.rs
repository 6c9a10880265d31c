//! Values for symbolic dimensions: what the person set, then guesses that are marked as such.

use std::collections::BTreeMap;

use super::dim::{Dim, SymbolId};
use super::graph::{Graph, Type, ValueId};
use super::small_map::SmallMap;
use crate::error::{Code, Error, Result};

/// What the person set.
#[derive(Clone, Debug, Default)]
pub struct Bindings {
    /// Shapes by input name; None keeps the dimension as it is.
    pub shapes: BTreeMap<String, Vec<Option<i64>>>,
    /// Values by symbol name.
    pub symbols: BTreeMap<String, i64>,
}

/// How a symbol got its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bound {
    /// Which symbol.
    pub symbol: SymbolId,
    /// The value; None leaves it symbolic.
    pub value: Option<i64>,
    /// Chosen by the person, not by us.
    pub set: bool,
}

/// Replaces symbols in the types of the inputs (and in declared types) by numbers. Returns each
/// symbol of an input, in order of appearance.
///
/// # Errors
/// `InvalidSetting` for an input or symbol that the model does not have, a rank that differs, or a
/// value below 0; `Overflow` where an input's elements pass 63 bits.
pub fn bind(graph: &mut Graph, bindings: &Bindings) -> Result<Vec<Bound>> {
    let set = bindings.symbols.clone();
    let mut values: SmallMap<SymbolId, i64> = SmallMap::default();
    let inputs = graph.inputs.clone();
    for (name, shape) in &bindings.shapes {
        let input = inputs.iter().find(|v| graph.value(**v).name == *name).copied();
        let Some(input) = input else {
            let names: Vec<&str> = inputs.iter().map(|v| graph.value(*v).name.as_str()).collect();
            return Err(Error::new(Code::InvalidSetting, format!("there is no input {name}"))
                .hint(format!("inputs: {}", names.join(", "))));
        };
        set_shape(graph, input, shape)?;
    }
    let mut bound: Vec<Bound> = Vec::new();
    for input in &inputs {
        let shape = graph.shape(*input).unwrap_or_default().to_vec();
        for (axis, dim) in shape.iter().enumerate() {
            let Dim::Expr(terms) = dim else { continue };
            for symbol in terms.keys().flatten() {
                if bound.iter().any(|b| b.symbol == *symbol) {
                    continue;
                }
                let name = graph.symbols.name(*symbol);
                let chosen = set.get(name).copied();
                let value = chosen.or_else(|| guess(name, axis, shape.len()));
                bound.push(Bound { symbol: *symbol, value, set: chosen.is_some() });
                if let Some(value) = value {
                    values.insert(*symbol, value);
                }
            }
        }
    }
    for (name, value) in &set {
        if *value < 0 {
            return Err(Error::new(Code::InvalidSetting, format!("{name} = {value} is below 0"))
                .hint("write a size of 0 or more"));
        }
        if !bound.iter().any(|b| graph.symbols.name(b.symbol) == name) {
            let names: Vec<&str> = bound.iter().map(|b| graph.symbols.name(b.symbol)).collect();
            return Err(Error::new(Code::InvalidSetting, format!("there is no symbolic dimension {name}"))
                .hint(format!("symbols: {}", names.join(", "))));
        }
    }
    for value in &mut graph.values {
        substitute(&mut value.ty, &values);
        if !bindings.shapes.is_empty() {
            // What the file declares was true for its own input shapes only.
            value.declared = None;
        } else if let Some(declared) = &mut value.declared {
            substitute(declared, &values);
        }
    }
    for input in inputs {
        let sizes = graph.sizes(input);
        if sizes.is_some() && graph.elements(input).is_none() {
            return Err(Error::new(Code::Overflow, "the input's dimensions multiply past 63 bits")
                .value(graph.value(input).name.clone())
                .hint("set a smaller shape"));
        }
    }
    Ok(bound)
}

fn set_shape(graph: &mut Graph, input: ValueId, shape: &[Option<i64>]) -> Result<()> {
    let value = graph.value_mut(input);
    let Type::Tensor(tensor) = &mut value.ty else {
        return Err(Error::new(Code::InvalidSetting, "this input is not a tensor")
            .value(value.name.clone())
            .hint("only the shapes of tensors can be set"));
    };
    let rank = tensor.shape.as_ref().map_or(shape.len(), Vec::len);
    if rank != shape.len() || shape.iter().flatten().any(|n| *n < 0) {
        return Err(Error::new(Code::InvalidSetting, format!("the shape needs {rank} sizes of 0 or more"))
            .value(value.name.clone())
            .hint("write it as 1x3x224x224; ? keeps a dimension"));
    }
    let old = tensor.shape.take().unwrap_or_else(|| vec![Dim::Unknown; rank]);
    let new = old.into_iter().zip(shape).map(|(old, new)| new.map_or(old, Dim::Known)).collect();
    tensor.shape = Some(new);
    Ok(())
}

fn substitute(ty: &mut Type, values: &SmallMap<SymbolId, i64>) {
    match ty {
        Type::Tensor(tensor) | Type::Sparse(tensor) => {
            for dim in tensor.shape.iter_mut().flatten() {
                *dim = substituted(dim, values);
            }
        }
        Type::Sequence(one) | Type::Optional(one) => substitute(one, values),
        Type::Map | Type::Unknown => {}
    }
}

fn substituted(dim: &Dim, values: &SmallMap<SymbolId, i64>) -> Dim {
    let Dim::Expr(terms) = dim else { return dim.clone() };
    terms.iter().fold(Dim::Known(0), |sum, (monomial, coefficient)| {
        let product = monomial.iter().fold(Dim::Known(*coefficient), |product, symbol| {
            product.mul(&values.get(symbol).map_or_else(|| Dim::symbol(*symbol), |v| Dim::Known(*v)))
        });
        sum.add(&product)
    })
}

/// A usual value for a symbol, from its name and place: batch 1, images 224, text 128.
fn guess(name: &str, axis: usize, rank: usize) -> Option<i64> {
    let lower = name.to_ascii_lowercase();
    let has = |parts: &[&str]| parts.iter().any(|part| lower.contains(part));
    if has(&["batch", "num_images", "bsz"]) || matches!(lower.as_str(), "n" | "b" | "bs") {
        return Some(1);
    }
    if has(&["height", "width"]) || matches!(lower.as_str(), "h" | "w" | "img_h" | "img_w") {
        return Some(224);
    }
    if has(&["past", "cache"]) {
        return Some(0);
    }
    if has(&["seq", "token", "length", "text"]) || matches!(lower.as_str(), "t" | "s" | "l") {
        return Some(128);
    }
    // The first axis of an input is the batch, whatever its name (`s0`, `unk__12`, `input[0]`).
    (axis == 0 && rank > 1).then_some(1)
}
