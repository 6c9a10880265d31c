//! An export without what trained it: straight-through estimators leave their backward half in the graph.
//!
//! ReActNet's sign is written `S - T + T` in PyTorch (liuzechun/ReActNet at a6cd08d), T detached for the value and S for the
//! gradient; an export holds both. `Add(Sub(S, T), T)` is S, whatever finite T is; then nobody reads T. Looks at the main
//! graph; bodies and functions stay as they are, and what they read counts as read. Never reads weights.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::error::Result;
use crate::ir::graph::Graph;
use crate::onnx::{
    Edits, GraphProto, ModelEdits, ModelProto, NewNode, NodeEdit, NodeProto, Progress, ReadAt, Spliced,
    splice,
};

/// What went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cleaned {
    /// Results of the sums that were their first term.
    pub sums: Vec<String>,
    /// Nodes of the main graph before.
    pub before: usize,
    /// Those that stay.
    pub after: usize,
    /// Stored tensors that nobody reads any more.
    pub tensors: usize,
}

/// The file without its sums that cancel and without what nobody reads; the file as it is where there is neither.
///
/// # Errors
/// As reading; `NotSupported` where the changed file would be refused.
pub fn clean(
    file: &dyn ReadAt,
    model: &ModelProto,
    graph: &Graph,
    progress: &mut Progress<'_>,
) -> Result<(Spliced, Cleaned)> {
    let (edits, cleaned) = edits(model, graph);
    let spliced = splice(file, &edits, progress)?;
    super::check::hold(file, &spliced, graph, progress)?;
    Ok((spliced, cleaned))
}

/// Names that nodes read, bodies included, each as often as it is read.
fn reads<'m>(nodes: &'m [NodeProto], into: &mut HashMap<&'m str, usize>) {
    for node in nodes {
        for name in node.input.iter().filter(|name| !name.is_empty()) {
            *into.entry(name.as_str()).or_default() += 1;
        }
        captured(node, into);
    }
}

/// Names that the bodies of a node read or return: any of them may be from outside.
fn captured<'m>(node: &'m NodeProto, into: &mut HashMap<&'m str, usize>) {
    for attribute in &node.attribute {
        for body in attribute.g.as_deref().into_iter().chain(&attribute.graphs) {
            reads(&body.node, into);
            body.output.iter().for_each(|output| *into.entry(output.name()).or_default() += 1);
        }
    }
}

/// Of each value, the node of the main graph that makes it.
fn makers(graph: &GraphProto) -> HashMap<&str, usize> {
    let mut makers = HashMap::new();
    for (at, node) in graph.node.iter().enumerate() {
        makers.extend(node.output.iter().filter(|name| !name.is_empty()).map(|name| (name.as_str(), at)));
    }
    makers
}

fn is(node: &NodeProto, op: &str) -> bool {
    node.op_type() == op && matches!(node.domain(), "" | "ai.onnx")
}

/// S of `Add(Sub(S, T), T)`, and the difference; None for another sum.
fn first_term<'m>(
    graph: &'m GraphProto,
    makers: &HashMap<&str, usize>,
    sum: &'m NodeProto,
) -> Option<[&'m str; 2]> {
    let [a, b] = sum.input.as_slice() else { return None };
    let of = |difference: &'m String, other: &String| {
        let sub = graph.node.get(*makers.get(difference.as_str())?).filter(|node| is(node, "Sub"))?;
        let [s, t] = sub.input.as_slice() else { return None };
        (t == other).then_some([s.as_str(), difference.as_str()])
    };
    if is(sum, "Add") { of(a, b).or_else(|| of(b, a)) } else { None }
}

/// The edits that clean a model.
fn edits(model: &ModelProto, resolved: &Graph) -> (ModelEdits, Cleaned) {
    let mut edits = Edits::default();
    let Some(graph) = &model.graph else { return (ModelEdits::default(), Cleaned::default()) };
    let makers = makers(graph);
    let mut read: HashMap<&str, usize> = HashMap::new();
    reads(&graph.node, &mut read);
    graph.output.iter().for_each(|output| *read.entry(output.name()).or_default() += 1);
    let alone = |name: &str| read.get(name) == Some(&1);
    let shapes = shapes(resolved);
    // Of a sum that is its first term, that term.
    let mut terms: BTreeMap<usize, &str> = BTreeMap::new();
    let mut nodes: BTreeMap<usize, Vec<NewNode>> = BTreeMap::new();
    let mut cleaned = Cleaned { before: graph.node.len(), ..Cleaned::default() };
    for (at, sum) in graph.node.iter().enumerate() {
        let (Some([term, difference]), Some(name)) = (first_term(graph, &makers, sum), sum.output.first())
        else {
            continue;
        };
        // T may be larger than S: then the sum is S repeated. Of unknown sizes nobody can tell.
        let of = |name: &str| shapes.get(name).copied().flatten();
        let (Some(was), Some(is)) = (of(name), of(term)) else { continue };
        if was.len() != is.len() || !was.iter().zip(is).all(|(a, b)| a.same(b) == Some(true)) {
            continue;
        }
        cleaned.sums.push(name.clone());
        terms.insert(at, term);
        let maker = makers.get(term).copied().filter(|maker| {
            let first = graph.node.get(*maker).and_then(|node| node.output.first());
            first.is_some_and(|first| first == term) && !nodes.contains_key(maker)
        });
        match maker.filter(|_| alone(term) && alone(difference)) {
            // What makes S makes it under the sum's name.
            Some(maker) => {
                nodes.insert(maker, vec![NewNode::Original(name.clone())]);
                nodes.insert(at, Vec::new());
            }
            None => {
                let node = NodeProto {
                    input: vec![term.to_owned()],
                    output: vec![name.clone()],
                    name: sum.name.clone(),
                    op_type: Some("Identity".to_owned()),
                    ..NodeProto::default()
                };
                nodes.insert(at, vec![NewNode::Made(Box::new(node))]);
            }
        }
    }
    let needed = needed(graph, &makers, &terms);
    for (at, node) in graph.node.iter().enumerate() {
        let read = node.output.iter().any(|name| needed.contains(name.as_str()));
        if !read && !node.output.is_empty() {
            nodes.insert(at, Vec::new());
        }
    }
    let gone: usize = nodes.values().filter(|list| list.is_empty()).count();
    cleaned.after = cleaned.before - gone;
    // Before IR 4 a stored tensor may be an input's default: without it the input would have to be given.
    let inputs: HashSet<&str> = graph.input.iter().map(|input| input.name()).collect();
    for (at, tensor) in graph.initializer.iter().enumerate() {
        let name = tensor.name();
        if !needed.contains(name) && !inputs.contains(name) {
            edits.dropped_tensors.insert(at);
        }
    }
    cleaned.tensors = edits.dropped_tensors.len();
    edits.nodes = nodes.into_iter().map(|(at, list)| (at, NodeEdit::Replace(list))).collect();
    (ModelEdits { graph: edits, ..ModelEdits::default() }, cleaned)
}

/// Shapes by name, where a name is one value's.
fn shapes(graph: &Graph) -> HashMap<&str, Option<&[crate::ir::dim::Dim]>> {
    let mut shapes = HashMap::new();
    let mut twice = HashSet::new();
    for value in &graph.values {
        if shapes.insert(value.name.as_str(), value.ty.shape()).is_some() {
            twice.insert(value.name.as_str());
        }
    }
    shapes.retain(|name, shape| shape.is_some() && !twice.contains(name));
    shapes
}

/// Values that the results hang on. A sum in `terms` reads its term alone.
fn needed<'m>(
    graph: &'m GraphProto,
    makers: &HashMap<&str, usize>,
    terms: &BTreeMap<usize, &'m str>,
) -> HashSet<&'m str> {
    let mut needed: HashSet<&str> = HashSet::new();
    let mut open: Vec<&str> = graph.output.iter().map(|output| output.name()).collect();
    let mut seen = vec![false; graph.node.len()];
    while let Some(name) = open.pop() {
        if !needed.insert(name) {
            continue;
        }
        let Some(at) = makers.get(name).copied() else { continue };
        let (Some(node), Some(false)) = (graph.node.get(at), seen.get(at).copied()) else { continue };
        if let Some(flag) = seen.get_mut(at) {
            *flag = true;
        }
        match terms.get(&at) {
            Some(term) => open.push(term),
            None => {
                let mut inside = HashMap::new();
                captured(node, &mut inside);
                open.extend(inside.into_keys());
                open.extend(node.input.iter().map(String::as_str).filter(|name| !name.is_empty()));
            }
        }
    }
    needed
}
