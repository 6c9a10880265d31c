//! What the wanted values hang on: a model is loaded with these nodes alone, so that an operator that nobody asked for
//! cannot stand in the way.

use std::collections::HashSet;

use crate::onnx::{GraphProto, NodeProto};

/// The nodes that these values hang on, in their order.
pub fn needed<'a>(graph: &'a GraphProto, wanted: impl Iterator<Item = &'a str>) -> Vec<NodeProto> {
    let mut values: HashSet<&str> = wanted.collect();
    let mut kept = Vec::with_capacity(graph.node.len());
    for node in graph.node.iter().rev() {
        if node.output.iter().any(|name| values.contains(name.as_str())) {
            reads(node, &mut values);
            kept.push(node.clone());
        }
    }
    kept.reverse();
    kept
}

/// What a node reads, its bodies included: names that a body makes itself do no harm.
fn reads<'a>(node: &'a NodeProto, values: &mut HashSet<&'a str>) {
    values.extend(node.input.iter().map(String::as_str));
    for body in node.attribute.iter().filter_map(|attribute| attribute.g.as_deref()) {
        values.extend(body.output.iter().map(|output| output.name()));
        body.node.iter().for_each(|node| reads(node, values));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hangs_on_nothing_goes() {
        let node = |op: &str, inputs: &[&str], output: &str| NodeProto {
            op_type: Some(op.to_owned()),
            input: inputs.iter().map(|name| (*name).to_owned()).collect(),
            output: vec![output.to_owned()],
            ..NodeProto::default()
        };
        let graph = GraphProto {
            node: vec![node("Relu", &["x"], "a"), node("Neg", &["x"], "b"), node("Add", &["a", "a"], "c")],
            ..GraphProto::default()
        };
        let kept = |wanted: &[&'static str]| -> Vec<String> {
            needed(&graph, wanted.iter().copied()).iter().map(|node| node.output.join(",")).collect()
        };
        assert_eq!(kept(&["c"]), ["a", "c"]);
        assert_eq!(kept(&["b"]), ["b"]);
        assert!(kept(&["x"]).is_empty());
    }
}
