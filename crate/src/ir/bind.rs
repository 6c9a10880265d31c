//! Values for symbolic dimensions: what the person set, then guesses that are marked as such.

use std::collections::BTreeMap;

use super::dim::{Dim, SymbolId};
use super::dtype::DType;
use super::graph::{Const, Data, Graph, Type, ValueId};
use super::small_map::SmallMap;
use crate::error::{Code, Error, Result};

/// What the person set.
#[derive(Clone, Debug, Default)]
pub struct Bindings {
    /// Shapes by input name; None keeps the dimension as it is.
    pub shapes: BTreeMap<String, Vec<Option<i64>>>,
    /// Elements of small integer or boolean inputs, by name.
    pub values: BTreeMap<String, Vec<i64>>,
    /// Values by symbol name.
    pub symbols: BTreeMap<String, i64>,
    /// What is guessed instead of the usual sizes; the last of a kind holds.
    pub guesses: Vec<Guess>,
}

/// What a symbol is taken to be the size of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SizeOf {
    /// Samples.
    Batch,
    /// The side of an image.
    Image,
    /// What a cache holds already.
    Past,
    /// A text or signal.
    Length,
}

/// A guess for all symbols of a kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guess {
    /// Which.
    pub size: SizeOf,
    /// The value; None leaves them symbolic.
    pub value: Option<i64>,
    /// Why this one and not the usual.
    pub why: String,
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
    /// What it was taken for, where it was guessed.
    pub guess: Option<SizeOf>,
    /// Why another value was guessed than the usual; may be empty.
    pub why: String,
}

/// Replaces symbols in the types of the inputs (and in declared types) by numbers. Returns each
/// symbol of an input, in order of appearance. A shape that is set binds the symbols that it meets,
/// everywhere; elements that are set are constants from here on.
///
/// # Errors
/// `InvalidSetting` for an input or symbol that the model does not have, a rank that differs, a
/// value below 0, or two settings that contradict each other; `Overflow` where an input's elements pass 63 bits.
pub fn bind(graph: &mut Graph, bindings: &Bindings) -> Result<Vec<Bound>> {
    let inputs = graph.inputs.clone();
    let mut met = Met::default();
    for (name, value) in &bindings.symbols {
        if *value < 0 {
            return Err(Error::new(Code::InvalidSetting, format!("{name} = {value} is below 0"))
                .hint("write a size of 0 or more"));
        }
        met.list.push((name.clone(), *value, format!("{name}={value}")));
    }
    let mut appearing: Vec<(SymbolId, usize, usize)> = Vec::new();
    for input in &inputs {
        let shape = graph.shape(*input).unwrap_or_default();
        for (axis, dim) in shape.iter().enumerate() {
            let Dim::Expr(terms) = dim else { continue };
            for symbol in terms.keys().flatten() {
                if !appearing.iter().any(|(known, ..)| known == symbol) {
                    appearing.push((*symbol, axis, shape.len()));
                }
            }
        }
    }
    for (name, shape) in &bindings.shapes {
        let input = find(graph, &inputs, name)?;
        for (symbol, size) in set_shape(graph, input, shape)? {
            let text: Vec<String> =
                shape.iter().map(|n| n.map_or("?".to_owned(), |n| n.to_string())).collect();
            met.add(graph.symbols.name(symbol), size, format!("{name}={}", text.join("x")))?;
        }
    }
    for (name, elements) in &bindings.values {
        let input = find(graph, &inputs, name)?;
        set_value(graph, input, elements)?;
    }
    let mut values: SmallMap<SymbolId, i64> = SmallMap::default();
    let mut bound: Vec<Bound> = Vec::new();
    for (symbol, axis, rank) in appearing {
        let name = graph.symbols.name(symbol);
        let chosen = met.list.iter().find(|(known, ..)| known == name).map(|(_, value, _)| *value);
        let (guess, usual) = match chosen {
            Some(_) => (None, None),
            None => guess(name, axis, rank).map_or((None, None), |(size, value)| (Some(size), Some(value))),
        };
        let moved = bindings.guesses.iter().rev().find(|moved| Some(moved.size) == guess);
        let value = chosen.or_else(|| moved.map_or(usual, |moved| moved.value));
        let why = moved.map(|moved| moved.why.clone()).unwrap_or_default();
        bound.push(Bound { symbol, value, set: chosen.is_some(), guess, why });
        if let Some(value) = value {
            values.insert(symbol, value);
        }
    }
    for name in bindings.symbols.keys() {
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

/// Values of symbols, by name, and the settings that gave them.
#[derive(Default)]
struct Met {
    list: Vec<(String, i64, String)>,
}

impl Met {
    fn add(&mut self, symbol: &str, value: i64, by: String) -> Result<()> {
        match self.list.iter().find(|(known, ..)| known == symbol) {
            Some((_, other, _)) if *other == value => Ok(()),
            Some((_, other, first)) => {
                let text = format!("{symbol} is {other} by {first} and {value} by {by}");
                Err(Error::new(Code::InvalidSetting, text).hint("inputs that share a symbol share its size"))
            }
            None => {
                self.list.push((symbol.to_owned(), value, by));
                Ok(())
            }
        }
    }
}

fn find(graph: &Graph, inputs: &[ValueId], name: &str) -> Result<ValueId> {
    inputs.iter().find(|v| graph.value(**v).name == *name).copied().ok_or_else(|| {
        let names: Vec<&str> = inputs.iter().map(|v| graph.value(*v).name.as_str()).collect();
        Error::new(Code::InvalidSetting, format!("there is no input {name}"))
            .hint(format!("inputs: {}", names.join(", ")))
    })
}

/// Makes an input a constant.
fn set_value(graph: &mut Graph, input: ValueId, elements: &[i64]) -> Result<()> {
    let count = graph.elements(input);
    let dims = graph.sizes(input).unwrap_or_default();
    let value = graph.value_mut(input);
    let boolean = value.ty.dtype() == Some(DType::Bool);
    let fits = count == Some(elements.len() as u64) && value.ty.dtype().is_some_and(DType::is_int);
    if !fits || (boolean && elements.iter().any(|e| !(0..=1).contains(e))) {
        let text = "the value does not fit: so many whole numbers (of a boolean input, 0 and 1) as the input has elements";
        return Err(Error::new(Code::InvalidSetting, text).value(value.name.clone()));
    }
    let data = Data::Ints(elements.iter().map(|e| Dim::Known(*e)).collect());
    value.constant = Some(Const { dims, data });
    Ok(())
}

/// Sets the shape of an input; the symbols that it met, with their sizes.
fn set_shape(graph: &mut Graph, input: ValueId, shape: &[Option<i64>]) -> Result<Vec<(SymbolId, i64)>> {
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
    let met = old.iter().zip(shape).filter_map(|(old, new)| Some((old.alone()?, (*new)?))).collect();
    let new = old.into_iter().zip(shape).map(|(old, new)| new.map_or(old, Dim::Known)).collect();
    tensor.shape = Some(new);
    Ok(met)
}

/// The symbols that shapes or values by name set.
pub fn set_symbols(graph: &Graph, bindings: &Bindings) -> Vec<SymbolId> {
    let mut set = Vec::new();
    for input in &graph.inputs {
        let shape = bindings.shapes.get(&graph.value(*input).name);
        for (place, dim) in graph.shape(*input).unwrap_or_default().iter().enumerate() {
            let Some(symbol) = dim.alone() else { continue };
            let by_shape = shape.is_some_and(|shape| matches!(shape.get(place), Some(Some(_))));
            if by_shape || bindings.symbols.contains_key(graph.symbols.name(symbol)) {
                set.push(symbol);
            }
        }
    }
    set
}

/// The symbol that counts samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Samples {
    /// The first size of an input.
    pub symbol: SymbolId,
    /// It stands first wherever an input or an output has it, so that arrays can be cut along it.
    pub sliced: bool,
}

/// The symbol that counts samples: the first size of the first input that has an open one there.
pub fn samples(graph: &Graph) -> Option<Samples> {
    let mut shapes = graph.inputs.iter().filter_map(|input| graph.shape(*input));
    let symbol = shapes.find_map(|shape| match shape.first()? {
        Dim::Expr(terms) => terms.keys().flatten().next().copied(),
        _ => None,
    })?;
    let ends = graph.inputs.iter().chain(&graph.outputs);
    let mut inner = ends.filter_map(|id| graph.shape(*id)).flat_map(|shape| shape.iter().skip(1));
    let sliced = !inner.any(|dim| match dim {
        Dim::Expr(terms) => terms.keys().flatten().any(|other| *other == symbol),
        _ => false,
    });
    Some(Samples { symbol, sliced })
}

fn substitute(ty: &mut Type, values: &SmallMap<SymbolId, i64>) {
    match ty {
        Type::Tensor(tensor) | Type::Sparse(tensor) => {
            for dim in tensor.shape.iter_mut().flatten() {
                *dim = substituted(dim, values);
            }
        }
        Type::Sequence(one, length) => {
            substitute(one, values);
            *length = substituted(length, values);
        }
        Type::Optional(one) => substitute(one, values),
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
fn guess(name: &str, axis: usize, rank: usize) -> Option<(SizeOf, i64)> {
    let lower = name.to_ascii_lowercase();
    let has = |parts: &[&str]| parts.iter().any(|part| lower.contains(part));
    if has(&["batch", "num_images", "bsz"]) || matches!(lower.as_str(), "n" | "b" | "bs") {
        return Some((SizeOf::Batch, 1));
    }
    if has(&["height", "width"]) || matches!(lower.as_str(), "h" | "w" | "img_h" | "img_w") {
        return Some((SizeOf::Image, 224));
    }
    if has(&["past", "cache"]) {
        return Some((SizeOf::Past, 0));
    }
    if has(&["seq", "token", "length", "text"]) || matches!(lower.as_str(), "t" | "s" | "l") {
        return Some((SizeOf::Length, 128));
    }
    // The first axis of an input is the batch, whatever its name (`s0`, `unk__12`, `input[0]`).
    (axis == 0 && rank > 1).then_some((SizeOf::Batch, 1))
}
