//! Scan, which rten does not have: its body once for each step, under new names.

use std::collections::HashMap;

use super::{Made, attribute, int};
use crate::ir::infer::passes;
use crate::onnx::{GraphProto, NodeProto};

/// Nodes, inputs, outputs and weights of the body, over all steps, up to which a Scan is written out.
const MAX_NODES: usize = 20_000;

impl Made<'_> {
    /// The nodes of a Scan whose length is known. That of operator set 8 does each sample by itself, and cuts along the axis
    /// behind the samples.
    pub(super) fn scan(&mut self, node: &NodeProto) -> Option<()> {
        if node.op_type() != "Scan" || !node.domain().is_empty() {
            return None;
        }
        let known = node.output.iter().find(|name| !name.is_empty()).and_then(|name| self.lookup(name))?;
        let (_, known) = self.known.producer(known)?;
        let all = usize::try_from(passes(self.known, known)?).ok().filter(|all| *all > 0)?;
        let body = attribute(node, "body")?.g.as_deref()?.clone();
        if all.checked_mul(parts(&body).max(1))? > MAX_NODES {
            return None;
        }
        let old = known.opset < 9;
        let inputs = node.input.get(usize::from(old)..)?;
        let scans = usize::try_from(attribute(node, "num_scan_inputs")?.i()).ok()?;
        let (states, scanned) = inputs.split_at_checked(inputs.len().checked_sub(scans)?)?;
        // What every step reads.
        let mut shared: HashMap<String, String> = HashMap::new();
        for tensor in &body.initializer {
            let mut tensor = tensor.clone();
            let name = self.name(tensor.name());
            shared.insert(tensor.name().to_owned(), name.clone());
            tensor.name = Some(name);
            self.tensors.push(tensor);
        }
        let made = if old {
            let samples = usize::try_from(*self.sizes(scanned.first()?)?.first()?).ok().filter(|n| *n > 0)?;
            let mut made = vec![Vec::new(); body.output.len()];
            for sample in 0..samples {
                let index = self.ints(&[sample as i64], true, node);
                let mut of_sample = |all: &[String]| -> Vec<String> {
                    let cut = |name: &String| {
                        self.node("Gather", vec![name.clone(), index.clone()], vec![int("axis", 0)], node)
                    };
                    all.iter().map(cut).collect()
                };
                let (states, scanned) = (of_sample(states), of_sample(scanned));
                let steps = self.steps(node, &body, &shared, states, &scanned, all / samples)?;
                for (value, parts) in steps.into_iter().zip(&mut made) {
                    let axis = self.ints(&[0], false, node);
                    parts.push(self.node("Unsqueeze", vec![value, axis], Vec::new(), node));
                }
            }
            let join = |parts| self.node("Concat", parts, vec![int("axis", 0)], node);
            made.into_iter().map(join).collect()
        } else {
            self.steps(node, &body, &shared, states.to_vec(), scanned, all)?
        };
        for (value, output) in made.into_iter().zip(&node.output).filter(|(_, output)| !output.is_empty()) {
            self.put("Identity", vec![value], Vec::new(), node, output.clone());
        }
        Some(())
    }

    /// The body once for each step: the states after the last one, and what the steps made, stacked.
    fn steps(
        &mut self,
        node: &NodeProto,
        body: &GraphProto,
        shared: &HashMap<String, String>,
        mut state: Vec<String>,
        scanned: &[String],
        steps: usize,
    ) -> Option<Vec<String>> {
        let list = |name: &str, place: usize| -> i64 {
            attribute(node, name).and_then(|a| a.ints.get(place)).copied().unwrap_or(0)
        };
        // Operator set 8 has one list of directions, of what goes in.
        let directions =
            if attribute(node, "directions").is_some() { "directions" } else { "scan_input_directions" };
        let states = state.len();
        let mut slices: Vec<Vec<String>> =
            vec![vec![String::new(); steps]; body.output.len().checked_sub(states)?];
        for step in 0..steps {
            let mut names = shared.clone();
            for (input, value) in body.input.iter().zip(&state) {
                names.insert(input.name().to_owned(), value.clone());
            }
            for (place, (input, from)) in body.input.iter().skip(states).zip(scanned).enumerate() {
                let at = if list(directions, place) == 0 { step } else { steps - 1 - step };
                let index = self.ints(&[at as i64], true, node);
                let axis = vec![int("axis", list("scan_input_axes", place))];
                let slice = self.node("Gather", vec![from.clone(), index], axis, node);
                names.insert(input.name().to_owned(), slice);
            }
            self.copy(body, &mut names);
            let made = |name: &str| names.get(name).cloned().unwrap_or_else(|| name.to_owned());
            state = body.output.iter().take(states).map(|output| made(output.name())).collect();
            for (place, output) in body.output.iter().skip(states).enumerate() {
                let axis = self.ints(&[list("scan_output_axes", place)], false, node);
                let slice = self.node("Unsqueeze", vec![made(output.name()), axis], Vec::new(), node);
                let at = if list("scan_output_directions", place) == 0 { step } else { steps - 1 - step };
                *slices.get_mut(place)?.get_mut(at)? = slice;
            }
        }
        let stack = |(place, parts)| {
            self.node("Concat", parts, vec![int("axis", list("scan_output_axes", place))], node)
        };
        let stacked: Vec<String> = slices.into_iter().enumerate().map(stack).collect();
        Some([state, stacked].concat())
    }

    /// The nodes of a body with what they make under new names.
    fn copy(&mut self, body: &GraphProto, names: &mut HashMap<String, String>) {
        for node in &body.node {
            let mut node = node.clone();
            rename(&mut node, names);
            for output in node.output.iter_mut().filter(|output| !output.is_empty()) {
                let new = self.name(output);
                names.insert(std::mem::replace(output, new.clone()), new);
            }
            node.name = node.output.first().map(|output| format!("{output}{}", super::NODE));
            self.nodes.push(node);
        }
    }
}

/// What a step costs to write: the nodes, inputs, outputs and weights of a body and of those in it.
fn parts(body: &GraphProto) -> usize {
    let inner = body.node.iter().flat_map(|node| &node.attribute).filter_map(|one| one.g.as_deref());
    let own = [body.node.len(), body.input.len(), body.output.len(), body.initializer.len()];
    own.into_iter().chain(inner.map(parts)).fold(0, usize::saturating_add)
}

/// Puts new names in the place of those that a node reads, in its bodies too.
fn rename(node: &mut NodeProto, names: &HashMap<String, String>) {
    for input in &mut node.input {
        if let Some(new) = names.get(input) {
            input.clone_from(new);
        }
    }
    for body in node.attribute.iter_mut().filter_map(|attribute| attribute.g.as_deref_mut()) {
        body.node.iter_mut().for_each(|node| rename(node, names));
        for output in &mut body.output {
            if let Some(new) = names.get(output.name()) {
                output.name = Some(new.clone());
            }
        }
    }
}
