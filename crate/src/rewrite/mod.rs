//! A plan becomes a changed model: chosen activations give way to polynomials.
//!
//! A replaced activation becomes Mul and Add by Horner, with coefficients as scalars or one a
//! channel; where only some elements are replaced, Where takes each element from the activation or
//! the polynomial by a stored mask. The result keeps the name of its value and of its node. `locate`
//! finds the nodes in the file (inside functions and bodies too), `emit` writes the new ones, and
//! [`crate::onnx`] splices them in. Assumes that activations and graph are of this model; never
//! reads weights.
//!
//! `plan` is the file of a plan, and carries it out. `clean` takes out what an export holds of training.
//!
//! Names of what is new: `reluctant/VALUE/..` with `c0, c1, ..` (coefficients), `keep` (the mask),
//! `act` (the activation's own result), `h0, h1, ..` and `poly`. The metadata entry
//! `reluctant.kept/reluctant/VALUE` says how many elements of one sample stay. Where linear outputs are
//! dropped with them, a Where puts 0 in their places, and `reluctant.kept/LINEAR` says how many of the
//! layer's outputs are needed, by the name that its value has then.

mod check;
mod clean;
mod emit;
mod locate;
mod plan;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashSet};

use crate::error::{Code, Error, Result};
use crate::ir::graph::{Graph, NodeId};
use crate::limits::MAX_POLY_DEGREE;
use crate::onnx::{
    Edits, ModelEdits, ModelProto, NewNode, NodeEdit, NodeProto, Progress, ReadAt, Spliced, splice,
};
use crate::select::{Activation, Dropped, Mask, Site as Layer};
pub use clean::clean;
use emit::Site;
pub use emit::multiplications;
use locate::{Located, Step};
pub use plan::{PLAN_SCHEMA, Plan, PlanLayer, PlanMask};

/// Keys of the metadata that counts read: `reluctant.kept/BASE` -> elements of a sample that stay.
pub const KEPT: &str = "reluctant.kept/";
/// Key of the plan as text.
pub const PLAN: &str = "reluctant.plan";

/// What becomes of one activation.
#[derive(Clone, Copy, Debug)]
pub struct Replacement<'a> {
    /// Which.
    pub activation: &'a Activation,
    /// Its elements that stay.
    pub mask: &'a Mask,
    /// Ascending powers of x: one list, or one a channel.
    pub coefficients: &'a [Vec<f64>],
    /// Linear outputs that go with the others.
    pub drops: &'a [Dropped],
}

/// The model with these activations replaced. `plan` is recorded as it is; nothing is where none of
/// their elements goes.
///
/// # Errors
/// As [`edits`]; `InvalidSetting` for coefficients that are no numbers; `NotSupported` where a file that is handed out
/// would be refused; as reading.
pub fn change(
    file: &dyn ReadAt,
    model: &ModelProto,
    graph: &Graph,
    replacements: &[Replacement<'_>],
    plan: Option<&str>,
    progress: &mut Progress<'_>,
) -> Result<Spliced> {
    for Replacement { activation, mask, coefficients, .. } in replacements {
        if mask.uniform() != Some(true) {
            sound(coefficients, &activation.site)
                .map_err(|why| broken(why, &graph.value(activation.output).name))?;
        }
    }
    let spliced = splice(file, &edits(model, graph, replacements, plan)?, progress)?;
    // What is only tried is not handed out.
    if plan.is_some() {
        check::hold(file, &spliced, graph, progress)?;
    }
    Ok(spliced)
}

/// Whether polynomials can stand for an activation; what is wrong where not.
fn sound(coefficients: &[Vec<f64>], site: &Layer) -> Result<(), &'static str> {
    let rows = coefficients.len() as u64;
    if rows != 1 && rows != site.channels() {
        return Err("neither one polynomial nor one a channel");
    }
    if coefficients.iter().any(|row| row.len() > MAX_POLY_DEGREE + 1) {
        return Err("a degree is too high");
    }
    if coefficients.iter().flatten().any(|c| !c.is_finite()) {
        return Err("a coefficient is no number");
    }
    Ok(())
}

fn broken(why: &str, output: &str) -> Error {
    Error::new(Code::InvalidSetting, format!("the plan does not hold together: {why}")).value(output)
}

/// The edits that carry out a plan; none where every element stays. `plan` is recorded as it is.
///
/// # Errors
/// `NotSupported` for an activation that the file does not show by name once, `InvalidSetting` for
/// coefficients or masks that do not fit.
pub fn edits(
    model: &ModelProto,
    graph: &Graph,
    replacements: &[Replacement<'_>],
    plan: Option<&str>,
) -> Result<ModelEdits> {
    let changed: Vec<&Replacement<'_>> =
        replacements.iter().filter(|r| r.mask.uniform() != Some(true)).collect();
    if changed.is_empty() {
        return Ok(ModelEdits::default());
    }
    let name_of = |id: NodeId| {
        let output = graph.nodes.get(id.0 as usize).and_then(|node| node.output(0));
        output.map(|v| graph.value(v).name.as_str()).unwrap_or_default()
    };
    let wanted: HashSet<&str> = changed
        .iter()
        .flat_map(|r| {
            let dropped = r.drops.iter().filter_map(|one| one.made_by.last());
            r.activation.inner.iter().chain([&r.activation.node]).chain(dropped)
        })
        .map(|id| name_of(*id))
        .collect();
    let located = locate::locate(model, &wanted)?;
    let mut names = Names::of(model);
    let mut tree = Tree::default();
    let mut kept: Vec<(String, String)> = Vec::new();
    for replacement in changed {
        let place = |id: NodeId| {
            located.nodes.get(name_of(id)).and_then(Option::as_ref).ok_or_else(|| {
                Error::new(Code::NotSupported, "this activation cannot be told apart in the file")
                    .node(graph.label(graph.node(id)), graph.node(id).op.clone())
                    .hint("give every value of the model a name of its own")
            })
        };
        one(model, graph, replacement, &place, &mut names, &mut tree, &mut kept)?;
        for dropped in replacement.drops {
            drop_outputs(model, graph, (replacement, dropped), &place, &mut names, &mut tree, &mut kept)?;
        }
    }
    let mut edits = ModelEdits::default();
    let initializers = model.ir_version() >= 4;
    edits.graph = tree.root.edits(initializers, &located, model, &mut edits, &mut names)?;
    let fresh: HashSet<&str> = kept.iter().map(|(key, _)| key.as_str()).chain([PLAN]).collect();
    let old = model.metadata_props.iter().enumerate();
    edits.dropped_metadata = old.filter(|(_, e)| fresh.contains(e.key())).map(|(i, _)| i).collect();
    edits.metadata = kept;
    edits.metadata.extend(plan.map(|plan| (PLAN.to_owned(), plan.to_owned())));
    Ok(edits)
}

/// One activation: its new nodes go into the tree.
fn one<'m>(
    model: &ModelProto,
    graph: &Graph,
    replacement: &Replacement<'_>,
    place: &dyn Fn(NodeId) -> Result<&'m Located<'m>>,
    names: &mut Names,
    tree: &mut Tree,
    kept: &mut Vec<(String, String)>,
) -> Result<()> {
    let Replacement { activation, mask, coefficients, .. } = *replacement;
    let closing = place(activation.node)?;
    let node = graph.node(activation.node);
    // The name under which the file's own nodes read the input.
    let mut input = None;
    for id in activation.inner.iter().chain([&activation.node]) {
        let at = place(*id)?;
        if at.steps != closing.steps {
            return Err(Error::new(Code::NotSupported, "this activation crosses the border of a function")
                .node(graph.label(node), node.op.clone()));
        }
        let reads = graph.node(*id).inputs.iter().position(|v| *v == Some(activation.input));
        input = input.or(reads.and_then(|p| at.proto.input.get(p)));
    }
    let (Some(input), Some(output)) = (input, closing.proto.output.first()) else {
        return Err(Error::new(Code::NotSupported, "the input of this activation is not in the file")
            .node(graph.label(node), node.op.clone()));
    };
    let site = Site {
        activation,
        input,
        output,
        base: names.base(output),
        node_name: closing.proto.name(),
        opset: opset(model, node.opset, closing),
    };
    let made =
        emit::emit(&site, mask, coefficients).map_err(|e| e.node(graph.label(node), node.op.clone()))?;
    if mask.uniform().is_none() {
        // Under the name that counts see.
        let key = format!("{KEPT}{}{}", closing.prefix, site.base);
        kept.push((key, mask.kept(&activation.site).to_string()));
    }
    let holder = tree.root.at(&closing.steps);
    for inner in &activation.inner {
        if mask.uniform() == Some(false) {
            holder.nodes.insert(place(*inner)?.node, Vec::new());
        }
    }
    holder.nodes.insert(closing.node, made.nodes);
    holder.tensors.extend(made.tensors.into_iter().map(|tensor| (closing.node, tensor)));
    Ok(())
}

/// A linear layer that goes with an activation's places.
fn drop_outputs<'m>(
    model: &ModelProto,
    graph: &Graph,
    (replacement, dropped): (&Replacement<'_>, &Dropped),
    place: &dyn Fn(NodeId) -> Result<&'m Located<'m>>,
    names: &mut Names,
    tree: &mut Tree,
    kept: &mut Vec<(String, String)>,
) -> Result<()> {
    let Some((last, before)) = dropped.made_by.split_last() else { return Ok(()) };
    let (made_by, node) = (place(*last)?, graph.node(*last));
    let output = made_by.proto.output.first().map_or("", String::as_str);
    let site = Site {
        activation: replacement.activation,
        input: "",
        output,
        base: names.base(output),
        node_name: made_by.proto.name(),
        opset: opset(model, node.opset, made_by),
    };
    let made = emit::drop_outputs(&site, replacement.mask)
        .map_err(|e| e.node(graph.label(node), node.op.clone()))?;
    let needed = replacement.mask.kept(&replacement.activation.site).to_string();
    kept.push((format!("{KEPT}{}{}/act", made_by.prefix, site.base), needed.clone()));
    for id in before {
        let value = graph.node(*id).output(0).map(|value| graph.value(value).name.as_str());
        kept.extend(value.map(|name| (format!("{KEPT}{name}"), needed.clone())));
    }
    let holder = tree.root.at(&made_by.steps);
    holder.nodes.insert(made_by.node, made.nodes);
    holder.tensors.extend(made.tensors.into_iter().map(|tensor| (made_by.node, tensor)));
    Ok(())
}

/// The version in force at a node: its function's own, else the model's.
fn opset(model: &ModelProto, seen: i64, at: &Located<'_>) -> i64 {
    if at.proto.domain().is_empty() || at.proto.domain() == "ai.onnx" {
        return seen;
    }
    let default = model.opset_import.iter().find(|o| matches!(o.domain(), "" | "ai.onnx"));
    default.map_or(seen, |o| o.version())
}

/// Graphs and functions with something to change, as calls and bodies nest.
#[derive(Default)]
struct Tree {
    root: Holder,
}

#[derive(Default)]
struct Holder {
    /// New nodes in place of the node of that index.
    nodes: BTreeMap<usize, Vec<NewNode>>,
    /// New tensors, with the node that they are for.
    tensors: Vec<(usize, crate::onnx::TensorProto)>,
    inside: BTreeMap<Step, Holder>,
}

impl Holder {
    fn at(&mut self, steps: &[Step]) -> &mut Self {
        steps.iter().fold(self, |holder, step| holder.inside.entry(*step).or_default())
    }

    /// As edits; calls of shared functions get a copy of their own.
    fn edits(
        self,
        initializers: bool,
        located: &locate::Map<'_>,
        model: &ModelProto,
        all: &mut ModelEdits,
        names: &mut Names,
    ) -> Result<Edits> {
        let mut edits = Edits::default();
        let mut nodes = self.nodes;
        for (node, tensor) in self.tensors {
            if initializers {
                edits.tensors.push(tensor);
            } else if let Some(list) = nodes.get_mut(&node) {
                list.insert(0, NewNode::Made(Box::new(emit::constant(tensor))));
            }
        }
        edits.nodes = nodes.into_iter().map(|(node, list)| (node, NodeEdit::Replace(list))).collect();
        for (step, holder) in self.inside {
            let (node, body, function) = match step {
                Step::Body { node, attribute } => (node, Some(attribute), None),
                Step::Call { node, function } => (node, None, Some(function)),
            };
            // Functions hold no initializers.
            let inner = holder.edits(initializers && body.is_some(), located, model, all, names)?;
            let entry = edits.nodes.entry(node);
            let edit = entry.or_insert_with(|| NodeEdit::Inside { bodies: BTreeMap::new(), op: None });
            let NodeEdit::Inside { bodies, op } = edit else { continue };
            if let Some(attribute) = body {
                bodies.insert(attribute, inner);
            } else if let Some(function) = function {
                if located.calls.get(&function) == Some(&1) {
                    all.functions.insert(function, inner);
                } else {
                    let name = names.function(model, function);
                    *op = Some(name.clone());
                    all.copies.push((function, name, inner));
                }
            }
        }
        Ok(edits)
    }
}

/// Names that are taken.
struct Names {
    taken: HashSet<String>,
}

impl Names {
    fn of(model: &ModelProto) -> Self {
        let mut taken = HashSet::new();
        let mut lists: Vec<&[NodeProto]> = model.functions.iter().map(|f| f.node.as_slice()).collect();
        taken.extend(model.functions.iter().map(|f| f.name().to_owned()));
        let mut graphs: Vec<_> = model.graph.iter().collect();
        while let Some(graph) = graphs.pop() {
            taken.extend(graph.initializer.iter().map(|t| t.name().to_owned()));
            taken.extend(graph.input.iter().map(|t| t.name().to_owned()));
            lists.push(&graph.node);
            graphs.extend(graph.node.iter().flat_map(|n| &n.attribute).filter_map(|a| a.g.as_deref()));
        }
        let ours = lists.into_iter().flatten().flat_map(|n| n.output.iter());
        taken.extend(ours.filter(|o| o.contains("reluctant/")).cloned());
        Self { taken }
    }

    /// A prefix for the new names of one value that nothing in the file has.
    fn base(&mut self, value: &str) -> String {
        let plain = format!("reluctant/{value}");
        let used = |base: &str| {
            let inside = format!("{base}/");
            self.taken.contains(base) || self.taken.iter().any(|name| name.starts_with(&inside))
        };
        let base = std::iter::once(plain.clone()).chain((2..1000).map(|n| format!("{plain}~{n}")));
        let base = base.into_iter().find(|base| !used(base)).unwrap_or(plain);
        self.taken.insert(base.clone());
        base
    }

    fn function(&mut self, model: &ModelProto, index: usize) -> String {
        let name = model.functions.get(index).map(|f| f.name().to_owned()).unwrap_or_default();
        let mut number = 1;
        loop {
            let copy = format!("{name}_reluctant_{number}");
            if self.taken.insert(copy.clone()) {
                return copy;
            }
            number += 1;
        }
    }
}
