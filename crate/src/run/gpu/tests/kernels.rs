//! Convolutions and products of random shapes: below, at and above every tile.

use proptest::prelude::*;

use super::build::{Model, float, int, ints};
use super::gpu;
use super::naive::{Array, Form, conv, conv_transposed, difference, product};

/// Single precision over sums of at most a few hundred terms near 1.
const CLOSE: f64 = 2e-6;

fn pair(values: [usize; 2]) -> [i64; 2] {
    values.map(|v| v as i64)
}

fn attrs(form: &Form, k: [usize; 2]) -> Vec<crate::onnx::AttributeProto> {
    let [[t, b], [l, r]] = form.pads;
    vec![
        int("group", form.groups as i64),
        ints("kernel_shape", &pair(k)),
        ints("strides", &pair(form.stride)),
        ints("dilations", &pair(form.dilation)),
        ints("pads", &[t, l, b, r].map(|v| v as i64)),
    ]
}

fn forms() -> impl Strategy<Value = (Form, [usize; 2])> {
    let two = || [1..=3usize, 1..=3usize];
    let pads = [[0..=2usize, 0..=2usize], [0..=2usize, 0..=2usize]];
    let groups = prop_oneof![3 => Just(1usize), 1 => Just(2), 1 => Just(3)];
    (groups, two(), [1..=2usize, 1..=2], pads, [1..=4usize, 1..=4])
        .prop_map(|(groups, stride, dilation, pads, k)| (Form { groups, stride, dilation, pads }, k))
}

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config(48))]

    #[test]
    fn convolutions((form, k) in forms(), batch in 1..=3usize, c in 1..=5usize, m in 1..=11usize,
                    h in 4..=18usize, w in 4..=18usize, bias: bool, relu: bool, residual: bool, seed: u64) {
        let Some(gpu) = gpu() else { return Ok(()) };
        let reach = |k: usize, d: usize| d * (k - 1) + 1;
        let (h, w) = (h.max(reach(k[0], form.dilation[0])), w.max(reach(k[1], form.dilation[1])));
        let (c, m) = (c * form.groups, m * form.groups);
        let x = Array::random(&[batch, c, h, w], seed);
        let weight = Array::random(&[m, c / form.groups, k[0], k[1]], seed ^ 1);
        let mut want = conv(&x, &weight, &form);
        let shift = Array::random(&[m], seed ^ 2);
        let skip = Array::random(&want.dims, seed ^ 3);
        let area = want.dims[2] * want.dims[3];
        for (at, y) in want.values.iter_mut().enumerate() {
            *y += if bias { shift.values[at / area % m] } else { 0.0 } + if residual { skip.values[at] } else { 0.0 };
            if relu { *y = y.max(0.0) }
        }
        let mut model = Model::default();
        model.input("x", x.tensor()).weight("w", &weight.dims, weight.floats()).weight("b", &[m], shift.floats());
        if residual {
            model.input("r", skip.tensor());
        }
        model.node("Conv", if bias { &["x", "w", "b"] } else { &["x", "w"] }, "y", attrs(&form, k));
        if residual {
            model.node("Add", &["y", "r"], "s", vec![]);
        }
        if relu {
            model.node("Relu", &[if residual { "s" } else { "y" }], "z", vec![]);
        }
        let off = difference(&model.run(&gpu), &want);
        prop_assert!(off < CLOSE, "{off}");
    }

    /// Windows three wide that move by one, which have a kernel of their own.
    #[test]
    fn three_wide(groups in 1..=2usize, batch in 1..=3usize, c in 1..=5usize, m in 1..=17usize,
                  h in 5..=9usize, w in 1..=14usize, rows in 1..=3usize, stride in 1..=3usize, dilation in 1..=2usize,
                  pads in [[0..=2usize, 0..=2usize], [1..=3usize, 1..=3usize]], seed: u64) {
        let Some(gpu) = gpu() else { return Ok(()) };
        let form = Form { groups, stride: [stride, 1], dilation: [dilation, 1], pads };
        let x = Array::random(&[batch, c * groups, h, w], seed);
        let weight = Array::random(&[m * groups, c, rows, 3], seed ^ 1);
        let want = conv(&x, &weight, &form);
        let mut model = Model::default();
        model.input("x", x.tensor()).weight("w", &weight.dims, weight.floats());
        model.node("Conv", &["x", "w"], "y", attrs(&form, [rows, 3])).node("Tanh", &["y"], "z", vec![]);
        let want = Array { values: want.values.iter().map(|v| v.tanh()).collect(), ..want };
        let off = difference(&model.run(&gpu), &want);
        prop_assert!(off < CLOSE, "{off}");
    }

    #[test]
    fn transposed_convolutions((form, k) in forms(), batch in 1..=2usize, c in 1..=4usize, m in 1..=9usize,
                               h in 3..=9usize, w in 3..=9usize, seed: u64) {
        let Some(gpu) = gpu() else { return Ok(()) };
        let c = c * form.groups;
        // Each pad must leave something.
        let fits = |axis: usize, size: usize| {
            form.stride[axis] * (size - 1) + form.dilation[axis] * (k[axis] - 1) + 1
                > form.pads[axis][0] + form.pads[axis][1]
        };
        prop_assume!(fits(0, h) && fits(1, w));
        let x = Array::random(&[batch, c, h, w], seed);
        let weight = Array::random(&[c, m, k[0], k[1]], seed ^ 1);
        let want = conv_transposed(&x, &weight, &form);
        let mut model = Model::default();
        model.input("x", x.tensor()).weight("w", &weight.dims, weight.floats());
        model.node("ConvTranspose", &["x", "w"], "y", attrs(&form, k));
        let off = difference(&model.run(&gpu), &want);
        prop_assert!(off < CLOSE, "{off}");
    }

    #[test]
    fn products(m in prop_oneof![1..=9usize, 15..=18usize, 24..=33usize], n in prop_oneof![1..=9usize, 60..=70usize, 250..=260usize],
                k in 1..=40usize, ta: bool, tb: bool, stored: bool, seed: u64) {
        let Some(gpu) = gpu() else { return Ok(()) };
        let a = Array::random(&if ta { [k, m] } else { [m, k] }, seed);
        let b = Array::random(&if tb { [n, k] } else { [k, n] }, seed ^ 1);
        let c = Array::random(&[n], seed ^ 2);
        let mut want = product(&a, &b, [ta, tb]);
        for (at, y) in want.values.iter_mut().enumerate() {
            *y = (0.5 * *y + 2.0 * c.values[at % n]).tanh();
        }
        let mut model = Model::default();
        model.input("a", a.tensor());
        if stored { model.weight("b", &b.dims, b.floats()); } else { model.input("b", b.tensor()); }
        model.weight("c", &[n], c.floats());
        let flags = vec![int("transA", ta.into()), int("transB", tb.into()), float("alpha", 0.5), float("beta", 2.0)];
        model.node("Gemm", &["a", "b", "c"], "y", flags).node("Tanh", &["y"], "z", vec![]);
        let off = difference(&model.run(&gpu), &want);
        prop_assert!(off < CLOSE, "{off}");
    }

    #[test]
    fn products_in_batches(outer in 1..=3usize, m in 1..=9usize, n in 1..=20usize, k in 1..=9usize,
                           one_a: bool, one_b: bool, seed: u64) {
        let Some(gpu) = gpu() else { return Ok(()) };
        let a = Array::random(&[if one_a { 1 } else { outer }, 2, m, k], seed);
        let b = Array::random(&[if one_b { 1 } else { outer }, 1, k, n], seed ^ 1);
        let batches = if one_a && one_b { 1 } else { outer };
        let mut want = Array { dims: vec![batches, 2, m, n], values: Vec::new() };
        for o in 0..batches {
            for h in 0..2 {
                let part = |x: &Array, at: usize, dims: [usize; 2]| {
                    let size = dims[0] * dims[1];
                    Array { dims: dims.to_vec(), values: x.values[at * size..(at + 1) * size].to_vec() }
                };
                let left = part(&a, if one_a { h } else { o * 2 + h }, [m, k]);
                let right = part(&b, if one_b { 0 } else { o }, [k, n]);
                want.values.extend(product(&left, &right, [false, false]).values);
            }
        }
        let mut model = Model::default();
        model.input("a", a.tensor()).input("b", b.tensor()).node("MatMul", &["a", "b"], "y", vec![]);
        let off = difference(&model.run(&gpu), &want);
        prop_assert!(off < CLOSE, "{off}");
    }
}

/// Pixels just below, at and above the tiles of 4 x 64, batches of 1, 3 and 64, groups, depthwise, one axis; by
/// the kernel for windows three wide and by the general one.
#[test]
fn edges_of_tiles() {
    let Some(gpu) = gpu() else { return };
    let mut cases = Vec::new();
    for w in [1, 3, 4, 5, 15, 16, 17, 63, 64, 65, 255, 256, 257] {
        cases.push((1, 3, 7, 1, w, 1));
        cases.push((3, 2, 8, 2, w, 1));
    }
    for m in [7, 8, 9, 15, 16, 17] {
        cases.push((3, 4, m, 5, 5, 1));
    }
    cases.extend([(64, 3, 5, 4, 4, 1), (2, 6, 6, 9, 9, 6), (1, 64, 64, 3, 3, 64), (64, 1, 1, 2, 2, 1)]);
    cases.extend([(2, 6, 20, 7, 7, 2), (64, 4, 6, 3, 5, 2)]);
    for (batch, c, m, h, w, groups) in cases {
        // Three wide, moving by one; three wide, by two and dilated; five wide.
        for (width, stride, dilation) in [(3, 1, 1), (3, 2, 2), (5, 1, 1)] {
            let reach = dilation * (width - 1);
            let form = Form {
                groups,
                stride: [1, stride],
                dilation: [1, dilation],
                pads: [[1, 1], [reach / 2, reach - reach / 2]],
            };
            let x = Array::random(&[batch, c, h, w], 7);
            let weight = Array::random(&[m, c / groups, 3, width], 8);
            let mut model = Model::default();
            model.input("x", x.tensor()).weight("w", &weight.dims, weight.floats());
            model.node("Conv", &["x", "w"], "y", attrs(&form, [3, width]));
            let off = difference(&model.run(&gpu), &conv(&x, &weight, &form));
            assert!(off < CLOSE, "batch {batch}, {c} to {m} channels, {h}x{w}, {form:?}: {off}");
        }
    }
    // One axis, and a weight that is computed while running.
    let (x, weight) = (Array::random(&[2, 3, 1, 50], 1), Array::random(&[4, 3, 1, 5], 2));
    let form = Form { groups: 1, stride: [1, 2], dilation: [1, 3], pads: [[0, 0], [4, 1]] };
    let want = conv(&x, &weight, &form);
    let line = |a: &Array| Array { dims: vec![a.dims[0], a.dims[1], a.dims[3]], values: a.values.clone() };
    let mut model = Model::default();
    model.input("x", line(&x).tensor()).input("w", line(&weight).tensor());
    let form = vec![ints("strides", &[2]), ints("dilations", &[3]), ints("pads", &[4, 1])];
    model.node("Conv", &["x", "w"], "y", form);
    assert!(difference(&model.run(&gpu), &line(&want)) < CLOSE);
}
