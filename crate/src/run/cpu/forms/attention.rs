//! Attention in the forms that rten lacks: sliding windows, masks shorter than the keys, scores as an
//! output. Said with products, sums and Softmax, where all sizes are numbers.

use super::{Made, attribute, input, int, int_list, output};
use crate::ir::dtype::DType;
use crate::onnx::{NodeProto, TensorProto};

/// Sizes of one attention.
struct Sizes {
    batch: i64,
    queries: i64,
    /// Keys, those of the past included.
    keys: i64,
    past: i64,
    heads: i64,
    key_heads: i64,
    /// Inputs are samples x tokens x features.
    flat: bool,
}

impl Made<'_> {
    /// The nodes of an Attention, in `self.nodes`; None where rten has the form.
    pub(super) fn attention(&mut self, node: &NodeProto) -> Option<()> {
        let of = |name: &str| attribute(node, name).map(|a| a.i());
        let windows = [of("left_window_size"), of("right_window_size")].map(|w| w.unwrap_or(-1));
        let sizes = self.attention_sizes(node)?;
        let mask = input(node, 3).to_owned();
        let short = !mask.is_empty() && *self.sizes(&mask)?.last()? < sizes.keys;
        let named =
            ["left_window_size", "right_window_size"].iter().any(|name| attribute(node, name).is_some());
        if output(node, 3).is_empty() && !named && !short {
            return None;
        }
        let q = self.heads(node, 0, sizes.heads, &sizes)?;
        let k = self.cached(node, 1, &sizes)?;
        let v = self.cached(node, 2, &sizes)?;
        let size = *self.sizes(input(node, 0))?.last()? / if sizes.flat { sizes.heads } else { 1 };
        let scale = attribute(node, "scale").map_or_else(|| 1.0 / (size as f32).sqrt(), |a| a.f()).sqrt();
        let scale = self.floats(&[scale], true, node);
        let (k, v) = (self.repeated(node, k, &sizes), self.repeated(node, v, &sizes));
        let q = self.node("Mul", vec![q, scale.clone()], Vec::new(), node);
        let k = self.node("Mul", vec![k, scale], Vec::new(), node);
        let k = self.node("Transpose", vec![k], vec![int_list("perm", vec![0, 1, 3, 2])], node);
        let mut scores = self.node("MatMul", vec![q, k], Vec::new(), node);
        if let Some(cap) = attribute(node, "softcap").map(|a| a.f()).filter(|cap| *cap > 0.0) {
            let cap = self.floats(&[cap], true, node);
            let small = self.node("Div", vec![scores, cap.clone()], Vec::new(), node);
            let tanh = self.node("Tanh", vec![small], Vec::new(), node);
            scores = self.node("Mul", vec![tanh, cap], Vec::new(), node);
        }
        let mode = of("qk_matmul_output_mode").unwrap_or(0);
        let mut shown = scores.clone();
        let bias = self.bias_of(node, &mask, windows, &sizes)?;
        if let Some(bias) = &bias {
            scores = self.node("Add", vec![scores, bias.clone()], Vec::new(), node);
        }
        if mode == 2 {
            shown = scores.clone();
        }
        let mut shares = self.node("Softmax", vec![scores], vec![int("axis", -1)], node);
        if let Some(bias) = bias {
            // A query that may attend to nothing gives 0.
            let axes = int_list("axes", vec![-1]);
            let largest = self.node("ReduceMax", vec![bias], vec![axes], node);
            let nothing = self.node("IsInf", vec![largest], Vec::new(), node);
            let zero = self.floats(&[0.0], true, node);
            shares = self.node("Where", vec![nothing, zero, shares], Vec::new(), node);
        }
        if mode == 3 {
            shown = shares.clone();
        }
        if !output(node, 3).is_empty() {
            self.put("Identity", vec![shown], Vec::new(), node, output(node, 3).to_owned());
        }
        let y = output(node, 0).to_owned();
        if !sizes.flat {
            self.put("MatMul", vec![shares, v], Vec::new(), node, y);
            return Some(());
        }
        let joined = self.node("MatMul", vec![shares, v], Vec::new(), node);
        let turned = self.node("Transpose", vec![joined], vec![int_list("perm", vec![0, 2, 1, 3])], node);
        let shape = self.ints(&[sizes.batch, sizes.queries, -1], false, node);
        self.put("Reshape", vec![turned, shape], Vec::new(), node, y);
        Some(())
    }

    fn attention_sizes(&self, node: &NodeProto) -> Option<Sizes> {
        let past = match input(node, 4) {
            "" => 0,
            name => *self.sizes(name)?.get(2)?,
        };
        let of = |name: &str| attribute(node, name).map(|a| a.i());
        let (q, k) = (self.sizes(input(node, 0))?, self.sizes(input(node, 1))?);
        match (q.as_slice(), k.as_slice()) {
            ([batch, queries, _], [_, keys, _]) => Some(Sizes {
                batch: *batch,
                queries: *queries,
                keys: keys + past,
                past,
                heads: of("q_num_heads")?,
                key_heads: of("kv_num_heads")?,
                flat: true,
            }),
            ([batch, heads, queries, _], [_, key_heads, keys, _]) => Some(Sizes {
                batch: *batch,
                queries: *queries,
                keys: keys + past,
                past,
                heads: *heads,
                key_heads: *key_heads,
                flat: false,
            }),
            _ => None,
        }
    }

    /// An input as samples x heads x tokens x features.
    fn heads(&mut self, node: &NodeProto, at: usize, heads: i64, sizes: &Sizes) -> Option<String> {
        let x = input(node, at).to_owned();
        if !sizes.flat {
            return Some(x);
        }
        let tokens = *self.sizes(&x)?.get(1)?;
        let shape = self.ints(&[sizes.batch, tokens, heads, -1], false, node);
        let split = self.node("Reshape", vec![x, shape], Vec::new(), node);
        Some(self.node("Transpose", vec![split], vec![int_list("perm", vec![0, 2, 1, 3])], node))
    }

    /// Keys (1) or values (2), behind those of the past; also an output.
    fn cached(&mut self, node: &NodeProto, at: usize, sizes: &Sizes) -> Option<String> {
        let mut x = self.heads(node, at, sizes.key_heads, sizes)?;
        if !input(node, at + 3).is_empty() {
            x = self.node("Concat", vec![input(node, at + 3).to_owned(), x], vec![int("axis", 2)], node);
        }
        if !output(node, at).is_empty() {
            self.put("Identity", vec![x.clone()], Vec::new(), node, output(node, at).to_owned());
        }
        Some(x)
    }

    /// Each head of the keys serves several of the queries.
    fn repeated(&mut self, node: &NodeProto, x: String, sizes: &Sizes) -> String {
        let times = sizes.heads.checked_div(sizes.key_heads).unwrap_or(1);
        if times <= 1 {
            return x;
        }
        let axis = self.ints(&[2], false, node);
        let apart = self.node("Unsqueeze", vec![x, axis], Vec::new(), node);
        let wide = self.ints(&[1, 1, times, 1, 1], false, node);
        let wide = self.node("Expand", vec![apart, wide], Vec::new(), node);
        let shape = self.ints(&[sizes.batch, sizes.heads, sizes.keys, -1], false, node);
        self.node("Reshape", vec![wide, shape], Vec::new(), node)
    }

    /// What is added to the scores: 0 where a query may attend, minus infinity where not.
    /// None inside where it may attend to everything.
    fn bias_of(
        &mut self,
        node: &NodeProto,
        mask: &str,
        windows: [i64; 2],
        sizes: &Sizes,
    ) -> Option<Option<String>> {
        let mut parts = Vec::new();
        if !mask.is_empty() {
            parts.push(self.mask(node, mask, sizes)?);
        }
        let valid = input(node, 6).to_owned();
        let right = if attribute(node, "is_causal").is_some_and(|a| a.i() != 0) { Some(0) } else { None };
        let right = [right, (windows[1] >= 0).then_some(windows[1])].into_iter().flatten().min();
        let left = (windows[0] >= 0).then_some(windows[0]);
        if left.is_some() || right.is_some() {
            // How far each key lies behind its query, when the block of queries starts at 0.
            let offset = if valid.is_empty() { sizes.past } else { -sizes.queries };
            let behind = (0..sizes.queries).flat_map(|i| (0..sizes.keys).map(move |j| i + offset - j));
            let dims = vec![sizes.queries, sizes.keys];
            let behind = self.array(behind.collect(), dims, node);
            let behind = if valid.is_empty() {
                behind
            } else {
                let start = self.each_sample(node, &valid);
                self.node("Add", vec![behind, start], Vec::new(), node)
            };
            for (limit, op) in [(left, "LessOrEqual"), (right.map(|r| -r), "GreaterOrEqual")] {
                if let Some(limit) = limit {
                    let limit = self.ints(&[limit], true, node);
                    let allowed = self.node(op, vec![behind.clone(), limit], Vec::new(), node);
                    parts.push(self.allowed(node, allowed));
                }
            }
        }
        if !valid.is_empty() {
            let places = self.array((0..sizes.keys).collect(), vec![sizes.keys], node);
            let until = self.each_sample(node, &valid);
            let allowed = self.node("Less", vec![places, until], Vec::new(), node);
            parts.push(self.allowed(node, allowed));
        }
        let sum = parts.into_iter().reduce(|a, b| self.node("Add", vec![a, b], Vec::new(), node));
        Some(sum)
    }

    /// The mask as a bias, with nothing allowed past its end.
    fn mask(&mut self, node: &NodeProto, mask: &str, sizes: &Sizes) -> Option<String> {
        let mut dims = self.sizes(mask)?;
        let flags = self.dtype(mask)? == DType::Bool;
        let bias = if flags { self.allowed(node, mask.to_owned()) } else { mask.to_owned() };
        let last = dims.last_mut()?;
        if *last >= sizes.keys {
            return Some(bias);
        }
        *last = sizes.keys - *last;
        let count = usize::try_from(dims.iter().product::<i64>()).ok().filter(|n| *n < 1 << 24)?;
        let tensor = TensorProto {
            data_type: Some(DType::F32 as i32),
            dims,
            float_data: vec![f32::NEG_INFINITY; count],
            ..TensorProto::default()
        };
        let rest = self.constant(tensor, node);
        Some(self.node("Concat", vec![bias, rest], vec![int("axis", -1)], node))
    }

    /// One number for each sample, against samples x heads x queries x keys.
    fn each_sample(&mut self, node: &NodeProto, value: &str) -> String {
        let shape = self.ints(&[-1, 1, 1, 1], false, node);
        self.node("Reshape", vec![value.to_owned(), shape], Vec::new(), node)
    }

    fn allowed(&mut self, node: &NodeProto, flags: String) -> String {
        let zero = self.floats(&[0.0], true, node);
        let never = self.floats(&[f32::NEG_INFINITY], true, node);
        self.node("Where", vec![flags, zero, never], Vec::new(), node)
    }

    fn array(&mut self, values: Vec<i64>, dims: Vec<i64>, node: &NodeProto) -> String {
        let data_type = Some(DType::I64 as i32);
        self.constant(TensorProto { data_type, dims, int64_data: values, ..TensorProto::default() }, node)
    }
}
