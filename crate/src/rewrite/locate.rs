//! Where a value's node stands in the file: names as the importer makes them, back to messages.
//!
//! The importer puts functions in place of their calls and prefixes their values with the call's
//! name; what a function returns carries the name outside. This walks the messages the same way and
//! notes the path to each wanted value.

use std::collections::{HashMap, HashSet};

use crate::error::{Code, Error, Result};
use crate::limits::{MAX_CALL_DEPTH, MAX_NODES};
use crate::onnx::{ModelProto, NodeProto};

/// From a list of nodes into one inside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    /// The graph that an attribute of a node holds.
    Body { node: usize, attribute: usize },
    /// The function that a node calls.
    Call { node: usize, function: usize },
}

/// A node in the file.
#[derive(Clone, Debug)]
pub(super) struct Located<'m> {
    /// From the main graph to the list that holds it.
    pub(super) steps: Vec<Step>,
    /// Index in that list.
    pub(super) node: usize,
    pub(super) proto: &'m NodeProto,
    /// What the importer puts before the names of its list.
    pub(super) prefix: String,
}

/// What was found.
pub(super) struct Map<'m> {
    /// By full name of the first output; None where two nodes have it.
    pub(super) nodes: HashMap<String, Option<Located<'m>>>,
    /// How often each function is called, calls of calls counted each time.
    pub(super) calls: HashMap<usize, usize>,
}

pub(super) fn locate<'m>(model: &'m ModelProto, wanted: &HashSet<&str>) -> Result<Map<'m>> {
    let key = |domain: &str, name: &str, overload: &str| {
        let domain = if domain == "ai.onnx" { "" } else { domain };
        (domain.to_owned(), name.to_owned(), overload.to_owned())
    };
    let functions = model.functions.iter().enumerate();
    let functions = functions.map(|(i, f)| (key(f.domain(), f.name(), f.overload()), i)).collect();
    let mut walk = Walk {
        model,
        functions,
        wanted,
        found: Map { nodes: HashMap::new(), calls: HashMap::new() },
        visited: 0,
    };
    let nodes = model.graph.as_ref().map(|graph| graph.node.as_slice()).unwrap_or_default();
    walk.list(nodes, "", &HashMap::new(), &mut Vec::new(), 0)?;
    Ok(walk.found)
}

struct Walk<'m, 'w> {
    model: &'m ModelProto,
    functions: HashMap<(String, String, String), usize>,
    wanted: &'w HashSet<&'w str>,
    found: Map<'m>,
    visited: usize,
}

impl<'m> Walk<'m, '_> {
    /// One list of nodes. `outside` are the names that results of a function carry.
    fn list(
        &mut self,
        nodes: &'m [NodeProto],
        prefix: &str,
        outside: &HashMap<&str, String>,
        steps: &mut Vec<Step>,
        depth: u32,
    ) -> Result<()> {
        for (index, proto) in nodes.iter().enumerate() {
            self.visited += 1;
            if self.visited > MAX_NODES || depth > MAX_CALL_DEPTH {
                return Err(Error::new(Code::LimitExceeded, "functions that call functions multiply"));
            }
            let full = |name: &str| outside.get(name).cloned().unwrap_or_else(|| format!("{prefix}{name}"));
            let domain = if proto.domain() == "ai.onnx" { "" } else { proto.domain() };
            let key = (domain.to_owned(), proto.op_type().to_owned(), proto.overload().to_owned());
            if let Some(function) = self.functions.get(&key).copied() {
                *self.found.calls.entry(function).or_default() += 1;
                let Some(body) = self.model.functions.get(function) else { continue };
                let label = match proto.name() {
                    "" => proto.output.iter().find(|o| !o.is_empty()).cloned().unwrap_or_default(),
                    name => name.to_owned(),
                };
                let results = body.output.iter().zip(&proto.output).filter(|(_, o)| !o.is_empty());
                let results = results.map(|(inside, o)| (inside.as_str(), full(o))).collect();
                steps.push(Step::Call { node: index, function });
                self.list(&body.node, &format!("{prefix}{label}/"), &results, steps, depth + 1)?;
                steps.pop();
                continue;
            }
            if let Some(output) = proto.output.first().filter(|o| !o.is_empty()) {
                let name = full(output);
                if self.wanted.contains(name.as_str()) {
                    let prefix = prefix.to_owned();
                    let located = Located { steps: steps.clone(), node: index, proto, prefix };
                    let slot = self.found.nodes.entry(name);
                    slot.and_modify(|known| *known = None).or_insert(Some(located));
                }
            }
            for (attribute, body) in proto.attribute.iter().enumerate() {
                if let Some(graph) = body.g.as_deref() {
                    steps.push(Step::Body { node: index, attribute });
                    self.list(&graph.node, prefix, &HashMap::new(), steps, depth + 1)?;
                    steps.pop();
                }
            }
        }
        Ok(())
    }
}
