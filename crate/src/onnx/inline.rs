//! Functions of a model put in place of their calls, for engines that know none.
//!
//! Names come out as the import of the model with its functions gives them: a value inside is called
//! `CALL/NAME`, a result of the call keeps the outer name, so that what is said of a layer by name is
//! said of the same layer. Attribute references take the call's attributes; a body inside a function
//! is renamed along. What a tensor holds is copied with each call. Never reads a payload.

use std::collections::HashMap;

use super::schema::{AttributeProto, FunctionProto, GraphProto, ModelProto, NodeProto, attribute_proto};
use crate::error::{Code, Error, Result};
use crate::limits::{MAX_CALL_DEPTH, MAX_NODES};

/// Domain, operator and overload.
type Key = (String, String, String);

/// The model without functions; as it is where it has none.
///
/// # Errors
/// `InvalidGraph` for functions in a circle; `NotSupported` for one written in another operator set
/// than the model; `LimitExceeded` where calls of calls multiply.
pub fn inline(mut model: ModelProto) -> Result<ModelProto> {
    if model.functions.is_empty() {
        return Ok(model);
    }
    let functions = std::mem::take(&mut model.functions);
    let Some(graph) = model.graph.take() else { return Ok(model) };
    for function in &functions {
        for opset in &function.opset_import {
            let domain = |text: &str| domain(text).to_owned();
            let ours =
                model.opset_import.iter().find(|known| domain(known.domain()) == domain(opset.domain()));
            match ours {
                None => model.opset_import.push(opset.clone()),
                Some(ours) if ours.version() == opset.version() => {}
                Some(ours) => {
                    let text = format!(
                        "a function is written in operator set {}, the model in {}",
                        opset.version(),
                        ours.version()
                    );
                    return Err(Error::new(Code::NotSupported, text)
                        .node(function.name(), function.name())
                        .hint("inline the functions (onnx.inliner) and save the model again"));
                }
            }
        }
    }
    let key =
        |f: &FunctionProto| (domain(f.domain()).to_owned(), f.name().to_owned(), f.overload().to_owned());
    let functions = functions.iter().map(|function| (key(function), function)).collect();
    let mut inliner = Inliner { functions, made: 0 };
    let scope = Scope::default();
    model.graph = Some(inliner.graph(graph, &scope)?);
    Ok(model)
}

fn domain(text: &str) -> &str {
    if text == "ai.onnx" { "" } else { text }
}

/// Names and attributes in force.
#[derive(Default)]
struct Scope<'p> {
    parent: Option<&'p Scope<'p>>,
    /// Names that are not what stands in the file.
    names: HashMap<String, String>,
    prefix: String,
    depth: u32,
    /// Attributes of the call.
    attributes: Option<&'p HashMap<String, AttributeProto>>,
}

impl Scope<'_> {
    fn find(&self, name: &str) -> String {
        let mut scope = Some(self);
        while let Some(here) = scope {
            if let Some(known) = here.names.get(name) {
                return known.clone();
            }
            scope = here.parent;
        }
        name.to_owned()
    }

    /// A new value.
    fn define(&mut self, name: &mut String) {
        if name.is_empty() {
            return;
        }
        // The results of a call are named before it is entered.
        let known = self.names.get(name).cloned().unwrap_or_else(|| format!("{}{name}", self.prefix));
        if known != *name {
            self.names.insert(std::mem::replace(name, known.clone()), known);
        }
    }
}

struct Inliner<'a> {
    functions: HashMap<Key, &'a FunctionProto>,
    made: usize,
}

impl Inliner<'_> {
    fn graph(&mut self, graph: GraphProto, around: &Scope<'_>) -> Result<GraphProto> {
        let mut scope = Scope {
            parent: Some(around),
            names: HashMap::new(),
            prefix: around.prefix.clone(),
            depth: around.depth,
            attributes: around.attributes,
        };
        let mut graph = graph;
        let defined = graph.input.iter_mut().filter_map(|info| info.name.as_mut());
        let stored = graph.initializer.iter_mut().filter_map(|tensor| tensor.name.as_mut());
        // Before IR 4 an initializer is an input too: one name, defined once.
        for name in defined.chain(stored) {
            let known = scope.names.get(name).cloned();
            match known {
                Some(known) => *name = known,
                None => scope.define(name),
            }
        }
        let mut nodes = Vec::with_capacity(graph.node.len());
        for node in std::mem::take(&mut graph.node) {
            self.node(node, &mut scope, &mut nodes)?;
        }
        for info in &mut graph.output {
            let name = scope.find(info.name());
            if name != info.name() && scope.prefix.is_empty() {
                // A function that hands an input on: a result of the graph keeps its name.
                nodes.push(identity(&name, info.name()));
            } else {
                info.name = Some(name);
            }
        }
        if !scope.prefix.is_empty() {
            graph.value_info.clear();
        }
        graph.node = nodes;
        Ok(graph)
    }

    fn node(&mut self, mut node: NodeProto, scope: &mut Scope<'_>, out: &mut Vec<NodeProto>) -> Result<()> {
        self.made += 1;
        if self.made > MAX_NODES {
            return Err(Error::new(Code::LimitExceeded, format!("more than {MAX_NODES} nodes"))
                .hint("functions that call functions may multiply"));
        }
        let mut attributes = Vec::with_capacity(node.attribute.len());
        for attribute in std::mem::take(&mut node.attribute) {
            attributes.extend(self.attribute(attribute, scope)?);
        }
        node.attribute = attributes;
        for input in node.input.iter_mut().filter(|name| !name.is_empty()) {
            *input = scope.find(input);
        }
        let key = (domain(node.domain()).to_owned(), node.op_type().to_owned(), node.overload().to_owned());
        match self.functions.get(&key).copied() {
            Some(function) => self.call(&node, function, scope, out),
            None => {
                node.output.iter_mut().for_each(|name| scope.define(name));
                if !node.name().is_empty() {
                    node.name = Some(format!("{}{}", scope.prefix, node.name()));
                }
                out.push(node);
                Ok(())
            }
        }
    }

    /// An attribute as it is at the call; None for a reference to one that the call leaves out.
    fn attribute(&mut self, attribute: AttributeProto, scope: &Scope<'_>) -> Result<Option<AttributeProto>> {
        if !attribute.ref_attr_name().is_empty() {
            let given = scope.attributes.and_then(|all| all.get(attribute.ref_attr_name()));
            return Ok(given.map(|given| AttributeProto { name: attribute.name, ..given.clone() }));
        }
        let mut attribute = attribute;
        if let Some(graph) = attribute.g.take() {
            attribute.g = Some(Box::new(self.graph(*graph, scope)?));
            attribute.r#type = Some(attribute_proto::AttributeType::Graph as i32);
        }
        for graph in &mut attribute.graphs {
            *graph = self.graph(std::mem::take(graph), scope)?;
        }
        Ok(Some(attribute))
    }

    fn call(
        &mut self,
        node: &NodeProto,
        function: &FunctionProto,
        scope: &mut Scope<'_>,
        out: &mut Vec<NodeProto>,
    ) -> Result<()> {
        if scope.depth >= MAX_CALL_DEPTH {
            let text = "functions call each other too deeply, or in a circle";
            return Err(Error::new(Code::InvalidGraph, text).node(node.name(), node.op_type()));
        }
        let defaults = function.attribute_proto.iter().chain(&node.attribute);
        let attributes = defaults.map(|a| (a.name().to_owned(), a.clone())).collect();
        let label = match node.name() {
            "" => node.output.iter().find(|name| !name.is_empty()).map_or("", String::as_str),
            name => name,
        };
        let mut inner = Scope {
            parent: None,
            names: HashMap::new(),
            prefix: format!("{}{label}/", scope.prefix),
            depth: scope.depth + 1,
            attributes: Some(&attributes),
        };
        for (place, name) in function.input.iter().enumerate() {
            // One that the call leaves out is left out inside.
            inner.names.insert(name.clone(), node.input.get(place).cloned().unwrap_or_default());
        }
        for (inside, outside) in function.output.iter().zip(&node.output) {
            if !outside.is_empty() && !function.input.contains(inside) {
                let outer = scope.names.get(outside).cloned();
                let outer = outer.unwrap_or_else(|| format!("{}{outside}", scope.prefix));
                inner.names.entry(inside.clone()).or_insert(outer);
            }
        }
        for node in &function.node {
            self.node(node.clone(), &mut inner, out)?;
        }
        for (inside, outside) in function.output.iter().zip(&node.output) {
            let name = inner.find(inside);
            if !outside.is_empty() && name != *outside {
                scope.names.insert(outside.clone(), name);
            }
        }
        Ok(())
    }
}

fn identity(from: &str, to: &str) -> NodeProto {
    NodeProto {
        input: vec![from.to_owned()],
        output: vec![to.to_owned()],
        name: Some(format!("{to}/identity")),
        op_type: Some("Identity".to_owned()),
        ..NodeProto::default()
    }
}
