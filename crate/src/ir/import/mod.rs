//! Messages to a resolved graph: names become indices, functions are inlined, bodies are entered,
//! nodes are put in order. The only file family of `ir` that knows `onnx`.

#[cfg(test)]
mod inline_tests;
mod order;
mod proto;
mod tensor;

use std::collections::HashMap;

use super::attrs::{Attr, Attrs, TensorAttr};
use super::dim::Symbols;
use super::dtype::DType;
use super::graph::{Body, Graph, Node, NodeId, Scope, ScopeId, Source, Type, Value, ValueId, Weight};
use crate::error::{Code, Error, Result};
use crate::limits::{MAX_ATTRIBUTES, MAX_CALL_DEPTH, MAX_NODES, MAX_VALUES};
use crate::onnx::{AttributeProto, FunctionProto, GraphProto, ModelProto, NodeProto, TensorProto};
use order::label;

/// What to do about a graph that contradicts itself.
const BROKEN: &str = "the graph contradicts itself: export it again; onnx.checker.check_model says more";

/// Builds the graph of a model. Types of inputs are as declared; nothing is inferred yet.
///
/// # Errors
/// `InvalidGraph` for a cycle, a value that nothing makes, a value made twice, a function that
/// calls itself; `Overflow` for a tensor whose dimensions multiply past 63 bits; `LimitExceeded`.
pub fn import(model: &ModelProto) -> Result<Graph> {
    let no_graph = || Error::new(Code::InvalidGraph, "the model holds no graph").hint(BROKEN);
    let proto = model.graph.as_ref().ok_or_else(no_graph)?;
    let mut opsets: HashMap<String, i64> = HashMap::new();
    for opset in &model.opset_import {
        opsets.insert(proto::domain(opset.domain()), opset.version());
    }
    let functions = model
        .functions
        .iter()
        .map(|f| ((proto::domain(f.domain()), f.name().to_owned(), f.overload().to_owned()), f))
        .collect();
    let graph = Graph {
        scopes: vec![Scope::default()],
        opsets: opsets.iter().map(|(k, v)| (k.clone(), *v)).collect(),
        image_side: image_side(model),
        ..Graph::default()
    };
    let mut importer =
        Importer { graph, functions, weights: 0, consumed_symbols: Symbols::default(), calls: 0 };
    importer.main(proto, &opsets)?;
    let mut graph = importer.graph;
    graph.symbols = importer.consumed_symbols;
    Ok(graph)
}

/// `imgsz` -> `[640, 640]`, `input_size` -> `320`: the first number of an entry that names the size of an image.
fn image_side(model: &ModelProto) -> Option<(String, i64)> {
    const NAMES: [&str; 6] = ["imgsz", "img_size", "image_size", "input_size", "imgsize", "resolution"];
    let entry = model.metadata_props.iter().find(|entry| {
        let key = entry.key().to_ascii_lowercase();
        NAMES.contains(&key.rsplit(['.', '/']).next().unwrap_or(&key))
    })?;
    let number = entry.value().split(|c: char| !c.is_ascii_digit()).find(|part| !part.is_empty())?;
    let side = number.parse().ok().filter(|side| (1..=1 << 16).contains(side))?;
    Some((entry.key().to_owned(), side))
}

type FunctionKey = (String, String, String);

struct Importer<'a> {
    graph: Graph,
    functions: HashMap<FunctionKey, &'a FunctionProto>,
    weights: u32,
    consumed_symbols: Symbols,
    /// Functions put in place so far: calls of calls multiply, even of empty functions.
    calls: usize,
}

/// Names in force while one list of nodes is read; a body sees the names around it.
struct Env<'p> {
    parent: Option<&'p Env<'p>>,
    names: HashMap<String, ValueId>,
    opsets: &'p HashMap<String, i64>,
    scope: ScopeId,
    /// `call/` prefix of inlined functions.
    prefix: String,
    calls: u32,
    /// Attributes of the call, for attribute references inside a function.
    call_attrs: Option<&'p HashMap<String, AttributeProto>>,
}

impl Env<'_> {
    fn find(&self, name: &str) -> Option<ValueId> {
        let here = self.names.get(name).copied();
        here.or_else(|| self.parent.and_then(|parent| parent.find(name)))
    }
}

impl<'a> Importer<'a> {
    fn main(&mut self, proto: &'a GraphProto, opsets: &HashMap<String, i64>) -> Result<()> {
        let mut env = Env {
            parent: None,
            names: HashMap::new(),
            opsets,
            scope: ScopeId(0),
            prefix: String::new(),
            calls: 0,
            call_attrs: None,
        };
        self.initializers(proto, &mut env)?;
        for info in &proto.input {
            // Before IR 4 every initializer was listed as an input too.
            if env.names.contains_key(info.name()) {
                continue;
            }
            let ty = proto::type_from(info.r#type.as_ref(), &mut self.consumed_symbols, Some(info.name()));
            let id = self.value(info.name(), Source::Input, ty)?;
            env.names.insert(info.name().to_owned(), id);
            self.graph.inputs.push(id);
        }
        self.nodes(&proto.node, &mut env)?;
        self.declared(proto, &env);
        for info in &proto.output {
            let id = env.find(info.name()).ok_or_else(|| {
                Error::new(Code::InvalidGraph, "nothing makes this output of the graph")
                    .value(info.name())
                    .hint(BROKEN)
            })?;
            self.graph.outputs.push(id);
        }
        Ok(())
    }

    /// Types from value_info: a fallback where an operator has no rule.
    fn declared(&mut self, proto: &GraphProto, env: &Env<'_>) {
        for info in proto.value_info.iter().chain(&proto.output) {
            let Some(id) = env.names.get(info.name()) else { continue };
            if matches!(self.graph.value(*id).source, Source::Node(..)) {
                let ty = proto::type_from(info.r#type.as_ref(), &mut self.consumed_symbols, None);
                self.graph.value_mut(*id).declared = Some(ty);
            }
        }
    }

    fn initializers(&mut self, proto: &GraphProto, env: &mut Env<'_>) -> Result<()> {
        for tensor in &proto.initializer {
            self.initializer(tensor.name(), tensor, env)?;
        }
        for sparse in &proto.sparse_initializer {
            let Some(values) = &sparse.values else { continue };
            let id = self.initializer(values.name(), values, env)?;
            // The values tensor is flat; the dense shape stands beside it.
            let dims = tensor::dims_of(&sparse.dims, values.name())?;
            let value = self.graph.value_mut(id);
            let dtype = value.ty.dtype();
            value.ty = Type::tensor(dtype, Some(tensor::shape_of(&dims)));
            value.constant = None;
        }
        Ok(())
    }

    fn initializer(&mut self, name: &str, proto: &TensorProto, env: &mut Env<'_>) -> Result<ValueId> {
        let id = self.value(&format!("{}{name}", env.prefix), Source::Initializer, Type::Unknown)?;
        let weight = self.weight(proto)?;
        let value = self.graph.value_mut(id);
        value.ty = Type::tensor(weight.dtype, Some(tensor::shape_of(&weight.dims)));
        value.constant = tensor::constant_from(proto, &weight.dims);
        value.weight = Some(weight);
        env.names.insert(name.to_owned(), id);
        Ok(id)
    }

    fn weight(&mut self, proto: &TensorProto) -> Result<Weight> {
        let dims = tensor::dims_of(&proto.dims, proto.name())?;
        let id = self.weights;
        self.weights += 1;
        Ok(Weight { dtype: DType::from_onnx(proto.data_type()), dims, stored: tensor::stored(proto), id })
    }

    fn value(&mut self, name: &str, source: Source, ty: Type) -> Result<ValueId> {
        if self.graph.values.len() >= MAX_VALUES {
            return Err(Error::new(Code::LimitExceeded, format!("more than {MAX_VALUES} values"))
                .hint("functions that call functions may multiply"));
        }
        let id = ValueId(self.graph.values.len() as u32);
        let (declared, constant, weight, why) = (None, None, None, None);
        self.graph.values.push(Value {
            name: name.to_owned(),
            source,
            ty,
            declared,
            constant,
            weight,
            why,
            fault: None,
        });
        Ok(id)
    }

    fn nodes(&mut self, nodes: &'a [NodeProto], env: &mut Env<'_>) -> Result<()> {
        for index in order::execution_order(nodes)? {
            let Some(proto) = nodes.get(index) else { continue };
            let domain = proto::domain(proto.domain());
            let key = (domain.clone(), proto.op_type().to_owned(), proto.overload().to_owned());
            match self.functions.get(&key).copied() {
                Some(function) => self.call(proto, function, env)?,
                None => self.node(proto, domain, env)?,
            }
        }
        Ok(())
    }

    fn node(&mut self, proto: &'a NodeProto, domain: String, env: &mut Env<'_>) -> Result<()> {
        if self.graph.nodes.len() >= MAX_NODES {
            return Err(Error::new(Code::LimitExceeded, format!("more than {MAX_NODES} nodes"))
                .hint("functions that call functions may multiply"));
        }
        let id = NodeId(self.graph.nodes.len() as u32);
        let inputs = self.inputs(proto, env)?;
        let node = Node {
            name: if proto.name().is_empty() {
                String::new()
            } else {
                format!("{}{}", env.prefix, proto.name())
            },
            opset: env.opsets.get(&domain).copied().unwrap_or(1),
            domain,
            op: proto.op_type().to_owned(),
            inputs,
            outputs: Vec::new(),
            attrs: Attrs::default(),
            scope: env.scope,
            bodies: Vec::new(),
        };
        self.graph.nodes.push(node);
        let mut attrs = Attrs::default();
        let mut bodies = Vec::new();
        if proto.attribute.len() > MAX_ATTRIBUTES {
            return Err(Error::new(
                Code::LimitExceeded,
                format!("a node has more than {MAX_ATTRIBUTES} attributes"),
            )
            .node(label(proto), proto.op_type())
            .hint("the file is damaged; export it again"));
        }
        for own in &proto.attribute {
            let Some(attr) = resolve_reference(own, env) else { continue };
            // A graph reached through an attribute reference has the call's lifetime; only graphs
            // that stand in the node itself are entered.
            if let Some(graph) = &own.g {
                bodies.push(self.body(own.name(), graph, id, env)?);
            } else if attr.g.is_none() {
                attrs.0.insert(own.name().to_owned(), self.attr(attr)?);
            }
        }
        let constant = self.constant_node(proto, &attrs)?;
        let outputs = self.outputs(proto, id, env)?;
        if let (Some((weight, constant)), Some(output)) = (constant, outputs.first().copied().flatten()) {
            let value = self.graph.value_mut(output);
            value.weight = Some(weight);
            value.constant = constant;
        }
        let node = &mut self.graph.nodes[id.0 as usize];
        (node.attrs, node.bodies, node.outputs) = (attrs, bodies, outputs);
        Ok(())
    }

    /// The stored tensor of a Constant node.
    fn constant_node(
        &mut self,
        proto: &NodeProto,
        attrs: &Attrs,
    ) -> Result<Option<(Weight, Option<super::graph::Const>)>> {
        if proto.op_type() != "Constant" || !proto::domain(proto.domain()).is_empty() {
            return Ok(None);
        }
        let tensor = proto.attribute.iter().find(|a| a.name() == "value").and_then(|a| a.t.as_ref());
        let (Some(tensor), Some(Attr::Tensor(kept))) = (tensor, attrs.get("value")) else { return Ok(None) };
        Ok(Some((self.weight(tensor)?, kept.constant.clone())))
    }

    fn inputs(&self, proto: &NodeProto, env: &Env<'_>) -> Result<Vec<Option<ValueId>>> {
        let one = |name: &String| {
            if name.is_empty() {
                return Ok(None);
            }
            env.find(name).map(Some).ok_or_else(|| {
                Error::new(Code::InvalidGraph, format!("nothing makes {name:?}, which this node reads"))
                    .node(label(proto), proto.op_type())
                    .value(name.clone())
                    .hint("a weight may have been lost in the export; export the model again")
            })
        };
        proto.input.iter().map(one).collect()
    }

    fn outputs(&mut self, proto: &NodeProto, id: NodeId, env: &mut Env<'_>) -> Result<Vec<Option<ValueId>>> {
        let mut outputs = Vec::new();
        for (slot, name) in proto.output.iter().enumerate() {
            if name.is_empty() {
                outputs.push(None);
                continue;
            }
            let full = format!("{}{name}", env.prefix);
            let value = self.value(&full, Source::Node(id, slot as u32), Type::Unknown)?;
            if env.names.insert(name.clone(), value).is_some() {
                return Err(Error::new(Code::InvalidGraph, "this value is made twice")
                    .node(label(proto), proto.op_type())
                    .value(name.clone())
                    .hint(BROKEN));
            }
            outputs.push(Some(value));
        }
        Ok(outputs)
    }

    fn body(&mut self, attr: &str, proto: &'a GraphProto, owner: NodeId, env: &Env<'_>) -> Result<Body> {
        let scope = ScopeId(self.graph.scopes.len() as u32);
        let node = self.graph.node(owner);
        let label = format!("{attr} of {} {}", node.op, node.name);
        self.graph.scopes.push(Scope { parent: Some((env.scope, owner)), label: label.trim().to_owned() });
        let mut inner = Env {
            parent: Some(env),
            names: HashMap::new(),
            opsets: env.opsets,
            scope,
            prefix: env.prefix.clone(),
            calls: env.calls,
            call_attrs: env.call_attrs,
        };
        self.initializers(proto, &mut inner)?;
        let mut inputs = Vec::new();
        for (place, info) in proto.input.iter().enumerate() {
            let ty = proto::type_from(info.r#type.as_ref(), &mut self.consumed_symbols, None);
            let name = format!("{}{}", inner.prefix, info.name());
            let id = self.value(&name, Source::BodyInput(scope, place as u32), ty)?;
            inner.names.insert(info.name().to_owned(), id);
            inputs.push(id);
        }
        let first = self.graph.nodes.len() as u32;
        self.nodes(&proto.node, &mut inner)?;
        self.declared(proto, &inner);
        let outputs = proto
            .output
            .iter()
            .map(|info| {
                inner.find(info.name()).ok_or_else(|| {
                    Error::new(Code::InvalidGraph, "nothing makes this output of a body")
                        .value(info.name())
                        .hint(BROKEN)
                })
            })
            .collect::<Result<_>>()?;
        let nodes = first..self.graph.nodes.len() as u32;
        Ok(Body { attr: attr.to_owned(), scope, inputs, outputs, nodes })
    }

    /// Puts a function's nodes in place of its call.
    fn call(&mut self, proto: &'a NodeProto, function: &'a FunctionProto, env: &mut Env<'_>) -> Result<()> {
        if env.calls >= MAX_CALL_DEPTH {
            return Err(Error::new(
                Code::InvalidGraph,
                "functions call each other too deeply, or in a circle",
            )
            .node(label(proto), proto.op_type())
            .hint("inline the functions (onnx.inliner) and save the model again"));
        }
        self.calls += 1;
        if self.calls > MAX_NODES {
            return Err(Error::new(Code::LimitExceeded, format!("more than {MAX_NODES} calls of functions"))
                .hint("functions that call functions may multiply"));
        }
        let mut attrs: HashMap<String, AttributeProto> = HashMap::new();
        for default in &function.attribute_proto {
            attrs.insert(default.name().to_owned(), default.clone());
        }
        for own in &proto.attribute {
            if let Some(attr) = resolve_reference(own, env) {
                attrs.insert(own.name().to_owned(), attr.clone());
            }
        }
        let mut opsets = env.opsets.clone();
        for opset in &function.opset_import {
            opsets.insert(proto::domain(opset.domain()), opset.version());
        }
        let inputs = self.inputs(proto, env)?;
        let prefix = format!("{}{}/", env.prefix, label(proto));
        let mut inner = Env {
            parent: None,
            names: HashMap::new(),
            opsets: &opsets,
            scope: env.scope,
            prefix,
            calls: env.calls + 1,
            call_attrs: Some(&attrs),
        };
        for (name, input) in function.input.iter().zip(inputs) {
            if let Some(input) = input {
                inner.names.insert(name.clone(), input);
            }
        }
        let missing = function.input.iter().filter(|name| !inner.names.contains_key(*name));
        let missing: Vec<String> = missing.cloned().collect();
        let first_inside = self.graph.values.len();
        self.function_nodes(function, &mut inner, &missing)?;
        for (inside, outside) in function.output.iter().zip(&proto.output) {
            if outside.is_empty() {
                continue;
            }
            let id = inner.find(inside).ok_or_else(|| {
                Error::new(Code::InvalidGraph, "nothing makes this output of a function")
                    .node(label(proto), proto.op_type())
                    .value(inside.clone())
                    .hint(BROKEN)
            })?;
            // The outer name is the one that people know.
            // What the function only hands on keeps its own.
            if id.0 as usize >= first_inside && matches!(self.graph.value(id).source, Source::Node(..)) {
                self.graph.value_mut(id).name = format!("{}{outside}", env.prefix);
            }
            if env.names.insert(outside.clone(), id).is_some() {
                return Err(Error::new(Code::InvalidGraph, "this value is made twice")
                    .value(outside.clone())
                    .hint(BROKEN));
            }
        }
        Ok(())
    }

    /// Optional inputs of a function that the call leaves out stay left out inside.
    fn function_nodes(
        &mut self,
        function: &'a FunctionProto,
        env: &mut Env<'_>,
        missing: &[String],
    ) -> Result<()> {
        if missing.is_empty() {
            return self.nodes(&function.node, env);
        }
        for name in missing {
            let id = self.value(&format!("{}{name}", env.prefix), Source::Initializer, Type::Unknown)?;
            env.names.insert(name.clone(), id);
        }
        let first = self.graph.nodes.len();
        self.nodes(&function.node, env)?;
        let left_out: Vec<ValueId> = missing.iter().filter_map(|name| env.find(name)).collect();
        for node in &mut self.graph.nodes[first..] {
            for input in &mut node.inputs {
                if input.is_some_and(|id| left_out.contains(&id)) {
                    *input = None;
                }
            }
        }
        Ok(())
    }

    fn attr(&mut self, proto: &AttributeProto) -> Result<Attr> {
        if let Some(tensor) = &proto.t {
            let dims = tensor::dims_of(&tensor.dims, tensor.name())?;
            let constant = tensor::constant_from(tensor, &dims);
            return Ok(Attr::Tensor(TensorAttr {
                dtype: DType::from_onnx(tensor.data_type()),
                dims,
                constant,
            }));
        }
        if let Some(sparse) = &proto.sparse_tensor {
            let dims = tensor::dims_of(&sparse.dims, proto.name())?;
            let dtype = sparse.values.as_ref().and_then(|v| DType::from_onnx(v.data_type()));
            return Ok(Attr::Tensor(TensorAttr { dtype, dims, constant: None }));
        }
        if let Some(tp) = &proto.tp {
            return Ok(Attr::Type(proto::type_from(Some(tp), &mut self.consumed_symbols, None)));
        }
        Ok(proto::plain_attr(proto))
    }
}

/// An attribute, with a reference to the call's attributes followed; None where the call has none.
fn resolve_reference<'e>(attr: &'e AttributeProto, env: &'e Env<'_>) -> Option<&'e AttributeProto> {
    match attr.ref_attr_name() {
        "" => Some(attr),
        name => env.call_attrs?.get(name),
    }
}
