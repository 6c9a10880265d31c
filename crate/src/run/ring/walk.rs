//! Runs a graph in the ring, next to itself in floating point.
//!
//! A node is computed in the ring, or moves elements (Reshape, Transpose, Concat: exact, by moving
//! their numbers), or is computed in floating point from decoded inputs and encoded again.

use std::collections::{BTreeMap, HashMap};

use super::arithmetic::{Array, Settings};
use super::layers::{Ctx, Operand, compute};
use crate::error::Result;
use crate::ir::graph::{Node, NodeId, ScopeId, ValueId};
use crate::ir::whole::whole_factor;
use crate::run::model::Runnable;
use crate::run::tensor::{Data, Tensor};

/// The same graph in floating point.
pub trait Floats {
    /// Computes one node, from inputs other than its weights.
    ///
    /// # Errors
    /// What the engine lacks.
    fn node(&mut self, id: NodeId, inputs: &[(ValueId, &Tensor)]) -> Result<Vec<(ValueId, Tensor)>>;

    /// A stored tensor; None for a value that is computed.
    ///
    /// # Errors
    /// What the engine lacks.
    fn weight(&mut self, id: ValueId) -> Result<Option<Tensor>>;
}

/// What happened in one layer, over all slices.
#[derive(Clone, Debug, Default)]
pub struct Layer {
    /// Sums and encodings that left the ring.
    pub wrapped: u64,
    /// Largest magnitude of a number before truncation.
    pub largest: u128,
    /// Elements compared with floating point.
    pub count: u64,
    /// Sum of squared differences.
    pub squares: f64,
    /// Largest difference.
    pub difference: f64,
}

/// A run, slice by slice.
pub struct Walk<'a> {
    ring: Settings,
    model: &'a Runnable,
    /// By node of the ring, in the graph's order.
    pub layers: BTreeMap<NodeId, Layer>,
    /// Operators that were computed in floating point, and how many nodes.
    pub outside: BTreeMap<String, usize>,
    /// Encodings of inputs that left the ring.
    pub wrapped_inputs: u64,
    /// Samples of the slices before.
    done: usize,
}

/// A value next to itself in floating point.
enum Value {
    Ring(Array),
    /// Integers, flags, and what does not depend on the inputs.
    Plain(Tensor),
}

/// Operators that move elements and never change one.
const MOVES: [&str; 14] = [
    "Reshape",
    "Flatten",
    "Transpose",
    "Squeeze",
    "Unsqueeze",
    "Identity",
    "Dropout",
    "Concat",
    "Slice",
    "Split",
    "Gather",
    "Pad",
    "Expand",
    "DepthToSpace",
];

impl<'a> Walk<'a> {
    /// Nothing run yet.
    ///
    /// # Errors
    /// `InvalidSetting` for sizes out of range.
    pub fn new(model: &'a Runnable, ring: Settings) -> Result<Self> {
        ring.check()?;
        let (layers, outside) = (BTreeMap::new(), BTreeMap::new());
        Ok(Self { ring, model, layers, outside, wrapped_inputs: 0, done: 0 })
    }

    /// Runs a slice; gives the outputs in the ring (decoded) and in floating point.
    ///
    /// # Errors
    /// As the engine's; `InvalidGraph`.
    pub fn slice(
        &mut self,
        inputs: &[(ValueId, Tensor)],
        samples: usize,
        nodes: &mut dyn Floats,
    ) -> Result<Vec<(ValueId, Tensor, Tensor)>> {
        let graph = &self.model.graph;
        let mut floats: HashMap<ValueId, Tensor> = inputs.iter().cloned().collect();
        let mut values: HashMap<ValueId, Value> = HashMap::new();
        for (id, tensor) in inputs {
            let value = self.encoded(tensor);
            values.insert(*id, value);
        }
        let last = last_uses(self.model);
        for (index, node) in graph.nodes.iter().enumerate() {
            if node.scope != ScopeId(0) || node.is("Constant") {
                continue;
            }
            let id = NodeId(index as u32);
            let reads = |value: &ValueId| node.inputs.contains(&Some(*value)) || !node.bodies.is_empty();
            let feed: Vec<(ValueId, &Tensor)> =
                floats.iter().filter(|(value, _)| reads(value)).map(|(value, t)| (*value, t)).collect();
            let plain = nodes.node(id, &feed)?;
            let touched = values.keys().any(&reads);
            if touched {
                let made = self.node(id, node, &values, &floats, &plain, nodes)?;
                for (value, array) in &made {
                    let float = plain.iter().find(|(other, _)| other == value).map(|(_, tensor)| tensor);
                    if let (Value::Ring(array), Some(float)) = (array, float) {
                        self.compare(id, array, float);
                    }
                }
                values.extend(made);
            }
            floats.extend(plain);
            let dead = |value: &ValueId| last.get(value.0 as usize).is_none_or(|step| *step <= index);
            floats.retain(|value, _| !dead(value));
            values.retain(|value, _| !dead(value));
        }
        self.done += samples;
        let mut outputs = Vec::new();
        for id in &graph.outputs {
            let Some(float) = floats.get(id) else { continue };
            let ring = match values.get(id) {
                Some(Value::Ring(array)) => self.decoded(array)?,
                Some(Value::Plain(tensor)) => tensor.clone(),
                None => float.clone(),
            };
            outputs.push((*id, ring, float.clone()));
        }
        Ok(outputs)
    }

    fn encoded(&mut self, tensor: &Tensor) -> Value {
        if !tensor.dtype().is_float() {
            return Value::Plain(tensor.clone());
        }
        let mut ctx = Ctx { ring: &self.ring, node: 0, first: 0, wrapped: 0, whole: None };
        let data = ctx.encode(&tensor.to_f32(), self.ring.fraction_bits);
        self.wrapped_inputs += ctx.wrapped;
        Value::Ring(Array { shape: tensor.shape().to_vec(), data })
    }

    fn decoded(&self, array: &Array) -> Result<Tensor> {
        let values: Vec<f32> = array.data.iter().map(|v| self.ring.decode(*v) as f32).collect();
        Tensor::new(array.shape.clone(), values)
    }

    fn node(
        &mut self,
        id: NodeId,
        node: &Node,
        values: &HashMap<ValueId, Value>,
        floats: &HashMap<ValueId, Tensor>,
        plain: &[(ValueId, Tensor)],
        nodes: &mut dyn Floats,
    ) -> Result<Vec<(ValueId, Value)>> {
        // A flag or an index that the floating-point run found holds here too only where nothing
        // secret went in; with something secret it is computed again below.
        let ring = |id: ValueId| match values.get(&id) {
            Some(Value::Ring(array)) => Some(array),
            _ => None,
        };
        let whole = whole_factor(&self.model.graph, node);
        let mut ctx = Ctx { ring: &self.ring, node: u64::from(id.0), first: self.done, wrapped: 0, whole };
        let mut operands = Vec::new();
        for input in &node.inputs {
            operands.push(match input {
                None => None,
                Some(id) => match (ring(*id), floats.get(id)) {
                    (Some(array), _) => Some(Operand::Ring(array)),
                    (None, Some(tensor)) => Some(Operand::Stored(tensor.clone())),
                    (None, None) => nodes.weight(*id)?.map(Operand::Stored),
                },
            });
        }
        let known = matches!(node.domain.as_str(), "");
        if known
            && let Some(made) = compute(&mut ctx, node, &operands)?
            && let Some(output) = node.output(0)
        {
            let layer = self.layers.entry(id).or_default();
            layer.wrapped += made.wrapped;
            layer.largest = layer.largest.max(made.largest);
            return Ok(vec![(output, Value::Ring(made.array))]);
        }
        if known
            && MOVES.contains(&node.op.as_str())
            && let Some(moved) = self.moved(id, node, &operands, floats, nodes)
        {
            return Ok(moved);
        }
        // In floating point, from decoded inputs.
        let mut feed: Vec<(ValueId, Tensor)> = Vec::new();
        let reads = |value: &ValueId| node.inputs.contains(&Some(*value)) || !node.bodies.is_empty();
        for (value, tensor) in floats.iter().filter(|(value, _)| reads(value)) {
            let tensor = match values.get(value) {
                Some(Value::Ring(array)) => self.decoded(array)?,
                Some(Value::Plain(tensor)) => tensor.clone(),
                None => tensor.clone(),
            };
            feed.push((*value, tensor));
        }
        let feed: Vec<(ValueId, &Tensor)> = feed.iter().map(|(id, tensor)| (*id, tensor)).collect();
        let found = nodes.node(id, &feed)?;
        if plain.iter().any(|(_, tensor)| tensor.dtype().is_float()) && self.done == 0 {
            *self.outside.entry(node.op.clone()).or_default() += 1;
        }
        Ok(found.into_iter().map(|(id, tensor)| (id, self.encoded(&tensor))).collect())
    }

    /// Moves elements by running the operator on their numbers, counted from 1; 0 is what padding adds.
    /// None where that cannot be done.
    fn moved(
        &self,
        id: NodeId,
        node: &Node,
        operands: &[Option<Operand<'_>>],
        floats: &HashMap<ValueId, Tensor>,
        nodes: &mut dyn Floats,
    ) -> Option<Vec<(ValueId, Value)>> {
        if node.is("Pad") {
            let filler = operands.get(2).and_then(Option::as_ref);
            let zero = match filler {
                None => node.attrs.float("value").unwrap_or(0.0) == 0.0,
                Some(Operand::Stored(tensor)) => tensor.to_f32().iter().all(|v| *v == 0.0),
                Some(Operand::Ring(_)) => false,
            };
            zero.then_some(())?;
        }
        let mut numbers: Vec<i64> = vec![0];
        let mut feed: Vec<(ValueId, Tensor)> = Vec::new();
        for (input, operand) in node.inputs.iter().zip(operands) {
            let (Some(input), Some(operand)) = (input, operand) else { continue };
            match operand {
                Operand::Ring(array) => {
                    let first = i32::try_from(numbers.len()).ok()?;
                    let end = first.checked_add(i32::try_from(array.data.len()).ok()?)?;
                    feed.push((
                        *input,
                        Tensor::new(array.shape.clone(), (first..end).collect::<Vec<i32>>()).ok()?,
                    ));
                    numbers.extend(&array.data);
                }
                Operand::Stored(_) => {
                    if let Some(tensor) = floats.get(input) {
                        feed.push((*input, tensor.clone()));
                    }
                }
            }
        }
        let feed: Vec<(ValueId, &Tensor)> = feed.iter().map(|(id, tensor)| (*id, tensor)).collect();
        let found = nodes.node(id, &feed).ok()?;
        let one = |(id, tensor): (ValueId, Tensor)| {
            let shape = tensor.shape().to_vec();
            let Data::I32(places) = tensor.into_data() else { return None };
            let at = |place: &i32| numbers.get(usize::try_from(*place).ok()?).copied();
            Some((id, Value::Ring(Array { shape, data: places.iter().map(at).collect::<Option<_>>()? })))
        };
        found.into_iter().map(one).collect()
    }

    fn compare(&mut self, id: NodeId, array: &Array, float: &Tensor) {
        let Some(layer) = self.layers.get_mut(&id) else { return };
        for (number, float) in array.data.iter().zip(float.to_f32().iter()) {
            let off = (self.ring.decode(*number) - f64::from(*float)).abs();
            layer.count += 1;
            layer.squares += off * off;
            layer.difference = layer.difference.max(off);
        }
    }
}

/// The last node that reads each value; outputs stay.
fn last_uses(model: &Runnable) -> Vec<usize> {
    let graph = &model.graph;
    let mut last = vec![0; graph.values.len()];
    for (step, node) in graph.nodes.iter().enumerate() {
        let handed = node.bodies.iter().flat_map(|body| &body.outputs);
        for input in node.inputs.iter().flatten().chain(handed) {
            if let Some(slot) = last.get_mut(input.0 as usize) {
                *slot = (*slot).max(step);
            }
        }
    }
    for output in &graph.outputs {
        if let Some(slot) = last.get_mut(output.0 as usize) {
            *slot = usize::MAX;
        }
    }
    last
}
