//! Resizing, an axis at a time: nearest, linear and cubic are tables of places and weights.

use crate::engines::gpu::shader::File;
use crate::error::Result;
use crate::ir::graph::Node;
use crate::run::gpu::program::Kind;

use super::{GROUP_ELEMENTS, Lower, View, axis_of, kernel, lacking};

/// How coordinates and weights are found.
struct Rule<'a> {
    mode: &'a str,
    coordinates: &'a str,
    nearest: &'a str,
    cubic: f64,
    exclude_outside: bool,
}

/// An axis that changes: its sizes, and by how much it is said to.
struct Change {
    before: usize,
    after: usize,
    scale: f64,
}

pub(super) fn resize(lower: &mut Lower<'_>, node: &Node) -> Result<()> {
    let mut x = lower.floats(node, 0)?;
    let out = lower.first_output(node)?;
    let dims = lower.sizes(out)?;
    let old = node.op == "Upsample" || node.opset < 11;
    let text = |name: &str, default: &'static str| node.attrs.str(name).unwrap_or(default).to_owned();
    let mode = text("mode", "nearest");
    let coordinates = text("coordinate_transformation_mode", if old { "asymmetric" } else { "half_pixel" });
    let nearest = text("nearest_mode", if old { "floor" } else { "round_prefer_floor" });
    if node.attrs.int_or("antialias", 0) != 0 {
        return Err(lacking("antialiasing"));
    }
    let rule = Rule {
        mode: &mode,
        coordinates: &coordinates,
        nearest: &nearest,
        cubic: f64::from(node.attrs.float("cubic_coeff_a").unwrap_or(-0.75)),
        exclude_outside: node.attrs.int_or("exclude_outside", 0) != 0,
    };
    let scales = scales(lower, node, &x, &dims)?;
    for axis in 0..x.dims.len() {
        let (Some(before), Some(after), Some(scale)) = (x.dims.get(axis), dims.get(axis), scales.get(axis))
        else {
            continue;
        };
        let change = Change { before: *before, after: *after, scale: *scale };
        if change.before != change.after || (change.scale - 1.0).abs() > 1e-9 {
            x = along(lower, &x, axis, &change, &rule)?;
        }
    }
    if x.dims != dims {
        return Err(lacking("a resize of another rank"));
    }
    lower.bind(out, x);
    Ok(())
}

/// The factor of every axis: as given, or what the sizes come to.
fn scales(lower: &Lower<'_>, node: &Node, x: &View, dims: &[usize]) -> Result<Vec<f64>> {
    let places = if node.op == "Upsample" || node.opset < 11 { (1, 9) } else { (2, 3) };
    let ratio = |(after, before): (&usize, &usize)| *after as f64 / (*before).max(1) as f64;
    let mut all: Vec<f64> = dims.iter().zip(&x.dims).map(ratio).collect();
    let axes: Vec<usize> = match node.attrs.ints("axes") {
        Some(axes) => axes.iter().map(|axis| axis_of(*axis, x.dims.len())).collect::<Result<_>>()?,
        None => (0..x.dims.len()).collect(),
    };
    let attribute = node.attrs.floats("scales").map(|list| list.iter().map(|v| f64::from(*v)).collect());
    let given: Option<Vec<f64>> = match attribute {
        Some(list) => Some(list),
        None => lower.numbers(node, places.0)?.filter(|list| !list.is_empty()),
    };
    if let Some(given) = given {
        for (axis, scale) in axes.iter().zip(given) {
            if let Some(slot) = all.get_mut(*axis) {
                *slot = scale;
            }
        }
        return Ok(all);
    }
    // One factor for all axes, where the proportions are kept.
    let policy = node.attrs.str("keep_aspect_ratio_policy").unwrap_or("stretch");
    if policy != "stretch" {
        let wanted = lower.numbers(node, places.1)?.unwrap_or_default();
        let size = |axis: &usize| x.dims.get(*axis).copied().unwrap_or(1).max(1) as f64;
        let ratios = axes.iter().zip(wanted).map(|(axis, wanted)| wanted / size(axis));
        let scale = match policy {
            "not_larger" => ratios.fold(f64::INFINITY, f64::min),
            _ => ratios.fold(0.0, f64::max),
        };
        for axis in &axes {
            if let Some(slot) = all.get_mut(*axis) {
                *slot = scale;
            }
        }
    }
    Ok(all)
}

fn along(lower: &mut Lower<'_>, x: &View, axis: usize, change: &Change, rule: &Rule<'_>) -> Result<View> {
    let (taps, places, weights) = rule.table(change)?;
    let mut dims = x.dims.clone();
    if let Some(slot) = dims.get_mut(axis) {
        *slot = change.after;
    }
    let result = lower.tensor(dims, Kind::F32)?;
    let total = result.dims.iter().product::<usize>();
    let inner = x.dims.iter().skip(axis + 1).product::<usize>();
    let params = [total, inner.max(1), change.before, change.after].map(|n| n as u32).to_vec();
    let reads = vec![x.tensor, lower.word_table(places), lower.table(&weights)];
    let kernel = kernel(File::Interpolate).set("TAPS", taps as u32);
    let step = lower.flat(kernel, params, reads, &result, (total, GROUP_ELEMENTS))?;
    lower.emit(vec![step]);
    Ok(result)
}

impl Rule<'_> {
    /// Places and weights of every output element: taps, then `after * taps` of each.
    fn table(&self, change: &Change) -> Result<(usize, Vec<u32>, Vec<f32>)> {
        let taps = match self.mode {
            "nearest" => 1,
            "linear" | "bilinear" => 2,
            "cubic" => 4,
            other => return Err(lacking(format!("interpolation {other}"))),
        };
        let last = change.before.saturating_sub(1) as i64;
        let (mut places, mut weights) = (Vec::new(), Vec::new());
        for at in 0..change.after {
            let x = self.origin(at as f64, change)?;
            let (first, row) = self.row(x);
            let outside = |tap: usize| !(0..=last).contains(&(first + tap as i64));
            let mut row: Vec<f64> = row;
            if self.exclude_outside {
                for (tap, weight) in row.iter_mut().enumerate().filter(|(tap, _)| outside(*tap)) {
                    let _ = tap;
                    *weight = 0.0;
                }
                let sum: f64 = row.iter().sum();
                row.iter_mut().for_each(|weight| *weight /= sum);
            }
            for (tap, weight) in row.iter().enumerate() {
                places.push((first + tap as i64).clamp(0, last) as u32);
                weights.push(*weight as f32);
            }
        }
        Ok((taps, places, weights))
    }

    /// Where an output element comes from.
    fn origin(&self, at: f64, change: &Change) -> Result<f64> {
        let (before, after, scale) = (change.before as f64, change.after as f64, change.scale);
        Ok(match self.coordinates {
            "half_pixel" => (at + 0.5) / scale - 0.5,
            "half_pixel_symmetric" => {
                // The middle stays the middle where the size was rounded.
                let adjustment = after / (scale * before);
                before / 2.0 * (1.0 - adjustment) + (at + 0.5) / scale - 0.5
            }
            "pytorch_half_pixel" if after > 1.0 => (at + 0.5) / scale - 0.5,
            "pytorch_half_pixel" => 0.0,
            // The size as the factor has it, not rounded.
            "align_corners" if after > 1.0 => at * (before - 1.0) / (scale * before - 1.0),
            "align_corners" => 0.0,
            "asymmetric" => at / scale,
            other => return Err(lacking(format!("coordinates {other}"))),
        })
    }

    /// First place and weights around a coordinate.
    fn row(&self, x: f64) -> (i64, Vec<f64>) {
        let floor = x.floor();
        let t = x - floor;
        match self.mode {
            "nearest" => {
                let place = match self.nearest {
                    "floor" => floor,
                    "ceil" => x.ceil(),
                    "round_prefer_ceil" => (x + 0.5).floor(),
                    _ => (x - 0.5).ceil(),
                };
                (place as i64, vec![1.0])
            }
            "cubic" => {
                let a = self.cubic;
                let near = |d: f64| ((a + 2.0) * d - (a + 3.0)) * d * d + 1.0;
                let far = |d: f64| ((a * d - 5.0 * a) * d + 8.0 * a) * d - 4.0 * a;
                (floor as i64 - 1, vec![far(1.0 + t), near(t), near(1.0 - t), far(2.0 - t)])
            }
            _ => (floor as i64, vec![1.0 - t, t]),
        }
    }
}
