//! Sliding windows, resolved: what a convolution or a pooling layer really does along each axis once
//! defaults, `auto_pad` and `output_shape` are worked out.
//!
//! Shape rules and counts both read these numbers, so they cannot disagree. Pure functions over
//! shapes and attributes: nothing here reads weights or loops over sizes. What symbols leave open is
//! [`Dim::Unknown`]; attributes that contradict the shapes are a [`Why`].

use super::attrs::Attrs;
use super::dim::Dim;
use super::graph::Shape;
use super::infer::Why;

/// One spatial axis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WindowAxis {
    /// Elements along the input.
    pub input: Dim,
    /// Elements along the output.
    pub output: Dim,
    /// Taps of the window.
    pub kernel: Dim,
    /// Elements from one window to the next (of the input; of the output where transposed).
    pub stride: i64,
    /// Elements from one tap to the next.
    pub dilation: i64,
    /// Elements added before and after; cut off from the output where transposed.
    pub pads: [Dim; 2],
}

/// A convolution: `[batch, in_channels, input...]` to `[batch, out_channels, output...]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConvSizes {
    /// Samples.
    pub batch: Dim,
    /// Channels of the input, all groups together.
    pub in_channels: Dim,
    /// Channels of the output, all groups together.
    pub out_channels: Dim,
    /// Groups, at least 1.
    pub groups: i64,
    /// Spatial axes, outermost first.
    pub axes: Vec<WindowAxis>,
}

/// A pooling layer: `[batch, channels, input...]` to `[batch, channels, output...]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolSizes {
    /// Samples.
    pub batch: Dim,
    /// Channels.
    pub channels: Dim,
    /// Spatial axes, outermost first.
    pub axes: Vec<WindowAxis>,
}

/// How the file asks for padding.
#[derive(Clone, Copy, PartialEq, Eq)]
enum AutoPad {
    Explicit,
    SameUpper,
    SameLower,
    Valid,
}

impl ConvSizes {
    /// Sizes of Conv (also ConvInteger, QLinearConv, DeformConv): input `[N, C, ...]`, weight
    /// `[M, C/groups, ...]`. A 1x3x224x224 input, 64 kernels of 7x7, stride 2, pads 3: 1x64x112x112.
    ///
    /// # Errors
    /// Where ranks, channels, groups or attributes contradict each other, or no window fits.
    pub fn conv(attrs: &Attrs, input: &[Dim], weight: &[Dim]) -> Result<Self, Why> {
        let (spatial, kernel) = split(attrs, input, weight)?;
        let groups = groups(attrs)?;
        agree(&input[1], &weight[1].mul(&Dim::Known(groups)), "input channels against weight and groups")?;
        divides(&weight[0], groups, "output channels")?;
        Ok(Self {
            batch: input[0].clone(),
            in_channels: input[1].clone(),
            out_channels: weight[0].clone(),
            groups,
            axes: windows(attrs, spatial, &kernel, None)?,
        })
    }

    /// Sizes of ConvTranspose: input `[N, C, ...]`, weight `[C, M/groups, ...]`. A 1x1x3x3 input and
    /// a 3x3 kernel with stride 2, pads 1, output padding 1: 2*(3-1) + 1 + 3 - 2 = 6 along each axis.
    ///
    /// # Errors
    /// As [`conv`](Self::conv).
    pub fn transposed(attrs: &Attrs, input: &[Dim], weight: &[Dim]) -> Result<Self, Why> {
        let (spatial, kernel) = split(attrs, input, weight)?;
        let groups = groups(attrs)?;
        agree(&input[1], &weight[0], "input channels against weight")?;
        divides(&input[1], groups, "input channels")?;
        Ok(Self {
            batch: input[0].clone(),
            in_channels: input[1].clone(),
            out_channels: weight[1].mul(&Dim::Known(groups)),
            groups,
            axes: transposed_windows(attrs, spatial, &kernel)?,
        })
    }

    /// Shape of the output.
    pub fn output(&self) -> Shape {
        shape(&self.batch, &self.out_channels, &self.axes)
    }
}

impl PoolSizes {
    /// Sizes of MaxPool, AveragePool, LpPool: input `[N, C, ...]`, window from `kernel_shape`.
    /// A 4x4 input, 3x3 windows, stride 2, `ceil_mode`: ceil((4 - 3)/2) + 1 = 2 along each axis.
    ///
    /// # Errors
    /// Where attributes contradict the input's rank, or no window fits.
    pub fn pool(attrs: &Attrs, input: &[Dim]) -> Result<Self, Why> {
        let spatial = input.get(2..).ok_or_else(|| Why::new("pooling needs at least rank 2"))?;
        let kernel = list(attrs, "kernel_shape", spatial.len(), 1)?
            .ok_or_else(|| Why::new("kernel_shape is missing"))?;
        let kernel: Vec<Dim> = kernel.into_iter().map(Dim::Known).collect();
        Ok(Self {
            batch: input[0].clone(),
            channels: input[1].clone(),
            axes: windows(attrs, spatial, &kernel, Some(attrs.int_or("ceil_mode", 0) != 0))?,
        })
    }

    /// Shape of the output.
    pub fn output(&self) -> Shape {
        shape(&self.batch, &self.channels, &self.axes)
    }
}

fn shape(batch: &Dim, channels: &Dim, axes: &[WindowAxis]) -> Shape {
    let outer = [batch.clone(), channels.clone()];
    outer.into_iter().chain(axes.iter().map(|axis| axis.output.clone())).collect()
}

/// Spatial sizes of the input, and of the kernel: the weight's, held against `kernel_shape`.
fn split<'a>(attrs: &Attrs, input: &'a [Dim], weight: &[Dim]) -> Result<(&'a [Dim], Vec<Dim>), Why> {
    let (Some(spatial), Some(kernel)) = (input.get(2..), weight.get(2..)) else {
        return Err(Why::new("a convolution needs at least rank 2"));
    };
    if spatial.len() != kernel.len() {
        return Err(Why::new(format!(
            "input of rank {} with a weight of rank {}",
            input.len(),
            weight.len()
        )));
    }
    let mut kernel = kernel.to_vec();
    if let Some(said) = list(attrs, "kernel_shape", spatial.len(), 1)? {
        for (tap, said) in kernel.iter_mut().zip(said) {
            agree(tap, &Dim::Known(said), "kernel_shape against the weight")?;
            *tap = Dim::Known(said);
        }
    }
    Ok((spatial, kernel))
}

fn groups(attrs: &Attrs) -> Result<i64, Why> {
    let groups = attrs.int_or("group", 1);
    if groups < 1 { Err(Why::new(format!("group is {groups}"))) } else { Ok(groups) }
}

/// A reason where both are known to differ.
///
/// # Errors
/// Then.
pub fn agree(a: &Dim, b: &Dim, what: &str) -> Result<(), Why> {
    match (a, b) {
        (Dim::Known(a), Dim::Known(b)) if a != b => Err(Why::broken(format!("{what}: {a} and {b} differ"))),
        _ => Ok(()),
    }
}

fn divides(channels: &Dim, groups: i64, what: &str) -> Result<(), Why> {
    match channels.known() {
        Some(n) if n % groups != 0 => {
            Err(Why::new(format!("{what}: {n} is not a multiple of {groups} groups")))
        }
        _ => Ok(()),
    }
}

/// An integer list with one entry an axis, each at least `least`; None where absent or empty.
fn list(attrs: &Attrs, name: &str, len: usize, least: i64) -> Result<Option<Vec<i64>>, Why> {
    let Some(values) = attrs.ints(name) else {
        return if attrs.get(name).is_some() {
            Err(Why::new(format!("{name} is not a list")))
        } else {
            Ok(None)
        };
    };
    if values.is_empty() {
        return Ok(None);
    }
    if values.len() != len || values.iter().any(|v| *v < least) {
        return Err(Why::new(format!("{name} needs {len} numbers of at least {least}")));
    }
    Ok(Some(values.to_vec()))
}

fn auto_pad(attrs: &Attrs) -> Result<AutoPad, Why> {
    match attrs.str("auto_pad").unwrap_or("NOTSET") {
        "" | "NOTSET" => Ok(AutoPad::Explicit),
        "SAME_UPPER" => Ok(AutoPad::SameUpper),
        "SAME_LOWER" => Ok(AutoPad::SameLower),
        "VALID" => Ok(AutoPad::Valid),
        other => Err(Why::new(format!("auto_pad {other} is not known"))),
    }
}

/// Extent of a dilated window: `dilation*(kernel - 1) + 1`. Three taps two apart span 5.
pub fn extent(kernel: &Dim, dilation: i64) -> Dim {
    kernel.sub(&Dim::Known(1)).mul(&Dim::Known(dilation)).add(&Dim::Known(1))
}

/// Windows that fit: `floor((input + pads - extent)/stride) + 1`; 224 wide, pads 3 and 3, extent 7,
/// stride 2: floor(223/2) + 1 = 112. With `ceil`, rounded up, so that the last window may hang over
/// the end, but it may not start in the end padding: 3 wide, pads 1 and 1, extent 2, stride 4:
/// ceil(3/4) + 1 = 2, but the second window would start at 4 >= 3 + 1, so 1.
fn fitting(input: &Dim, pads: &[Dim; 2], extent: &Dim, stride: i64, ceil: bool) -> Result<Dim, Why> {
    let room = input.add(&pads[0]).add(&pads[1]).sub(extent);
    let (stride, one) = (Dim::Known(stride), Dim::Known(1));
    let steps = if ceil { room.div_ceil(&stride) } else { room.div_floor(&stride) };
    if steps.known().is_some_and(|steps| steps < 0) {
        return Err(Why::broken("the window is wider than the padded input"));
    }
    if !ceil {
        return Ok(steps.add(&one));
    }
    // The last window starts at steps*stride, counted from the begin padding.
    let past = steps.mul(&stride).sub(&input.add(&pads[0]));
    Ok(match past.known() {
        Some(past) if past >= 0 => steps,
        Some(_) => steps.add(&one),
        None => Dim::Unknown,
    })
}

/// Axes of a window that slides over the input; `pooling` says whether a pooling layer rounds up.
fn windows(
    attrs: &Attrs,
    input: &[Dim],
    kernel: &[Dim],
    pooling: Option<bool>,
) -> Result<Vec<WindowAxis>, Why> {
    let rank = input.len();
    let auto = auto_pad(attrs)?;
    let ones = || vec![1; rank];
    let strides = list(attrs, "strides", rank, 1)?.unwrap_or_else(ones);
    let dilations = list(attrs, "dilations", rank, 1)?.unwrap_or_else(ones);
    let said = pads(attrs, rank, auto)?;
    (0..rank)
        .map(|i| {
            let (input, kernel, stride, dilation) = (&input[i], &kernel[i], strides[i], dilations[i]);
            let extent = extent(kernel, dilation);
            not_empty(input, kernel)?;
            let (pads, output) = match auto {
                // Runtimes leave the dilation out here, against the standard.
                AutoPad::SameUpper | AutoPad::SameLower if pooling.is_some() && dilation > 1 => {
                    return Err(Why::new("auto_pad SAME with dilated pooling windows"));
                }
                AutoPad::SameUpper | AutoPad::SameLower => {
                    let output = input.div_ceil(&Dim::Known(stride));
                    let covered = output.sub(&Dim::Known(1)).mul(&Dim::Known(stride)).add(&extent);
                    let total = covered.sub(input).max(&Dim::Known(0));
                    (halves(&total, auto == AutoPad::SameUpper), output)
                }
                _ => (said[i].clone(), fitting(input, &said[i], &extent, stride, pooling == Some(true))?),
            };
            Ok(WindowAxis { input: input.clone(), output, kernel: kernel.clone(), stride, dilation, pads })
        })
        .collect()
}

/// Axes of a transposed window: `stride*(input - 1) + output_padding + extent - pads`, or what
/// `output_shape` says, with pads that make it so.
fn transposed_windows(attrs: &Attrs, input: &[Dim], kernel: &[Dim]) -> Result<Vec<WindowAxis>, Why> {
    let rank = input.len();
    let auto = auto_pad(attrs)?;
    let ones = || vec![1; rank];
    let strides = list(attrs, "strides", rank, 1)?.unwrap_or_else(ones);
    let dilations = list(attrs, "dilations", rank, 1)?.unwrap_or_else(ones);
    let extra = list(attrs, "output_padding", rank, 0)?.unwrap_or_else(|| vec![0; rank]);
    let wanted = list(attrs, "output_shape", rank, 0)?;
    let said = pads(attrs, rank, auto)?;
    (0..rank)
        .map(|i| {
            let (input, kernel, stride, dilation) = (&input[i], &kernel[i], strides[i], dilations[i]);
            not_empty(input, kernel)?;
            if extra[i] >= stride.max(dilation) {
                return Err(Why::new(format!("output_padding {} is not below stride {stride}", extra[i])));
            }
            let full = input
                .sub(&Dim::Known(1))
                .mul(&Dim::Known(stride))
                .add(&extent(kernel, dilation))
                .add(&Dim::Known(extra[i]));
            let same = matches!(auto, AutoPad::SameUpper | AutoPad::SameLower);
            let target = match &wanted {
                Some(wanted) => Some(Dim::Known(wanted[i])),
                None if same => Some(input.mul(&Dim::Known(stride))),
                None => None,
            };
            let (pads, output) = match target {
                Some(output) => {
                    let total = full.sub(&output);
                    // Less than a stride more is a row that no window meets, as output_padding adds.
                    let slack = if same { 0 } else { stride - 1 };
                    if total.at_most(-1 - slack) {
                        return Err(Why::new("the wanted output is wider than all windows together"));
                    }
                    let total = total.max(&Dim::Known(0));
                    (halves(&total, auto == AutoPad::SameUpper), output)
                }
                None => {
                    let output = full.sub(&said[i][0]).sub(&said[i][1]);
                    if output.known().is_some_and(|n| n < 0) {
                        return Err(Why::new("the pads are wider than the transposed output"));
                    }
                    (said[i].clone(), output)
                }
            };
            Ok(WindowAxis { input: input.clone(), output, kernel: kernel.clone(), stride, dilation, pads })
        })
        .collect()
}

/// Symbols stand for sizes of 1 or more; a known 0 has no windows.
fn not_empty(input: &Dim, kernel: &Dim) -> Result<(), Why> {
    match (input, kernel) {
        (Dim::Known(0), _) => Err(Why::new("a spatial axis of size 0")),
        (_, Dim::Known(0)) => Err(Why::new("a window without taps")),
        _ => Ok(()),
    }
}

/// Shape that undoes a pooling layer (MaxUnpool): `stride*(input - 1) + kernel - pads`. 2 wide,
/// kernel 2, stride 2: 4.
///
/// # Errors
/// Where attributes contradict the input's rank.
pub fn unpooled(attrs: &Attrs, input: &[Dim]) -> Result<Shape, Why> {
    let (Some(outer), Some(spatial)) = (input.get(..2), input.get(2..)) else {
        return Err(Why::new("unpooling needs at least rank 2"));
    };
    let kernel =
        list(attrs, "kernel_shape", spatial.len(), 1)?.ok_or_else(|| Why::new("kernel_shape is missing"))?;
    let kernel: Vec<Dim> = kernel.into_iter().map(Dim::Known).collect();
    let axes = transposed_windows(attrs, spatial, &kernel)?;
    Ok(outer.iter().cloned().chain(axes.into_iter().map(|axis| axis.output)).collect())
}

/// Explicit pads, begin and end of each axis; zeros where `auto_pad` rules or none are given.
fn pads(attrs: &Attrs, rank: usize, auto: AutoPad) -> Result<Vec<[Dim; 2]>, Why> {
    let zeros = vec![0; rank * 2];
    let pads = match auto {
        AutoPad::Explicit => list(attrs, "pads", rank * 2, 0)?.unwrap_or(zeros),
        _ => zeros,
    };
    let (begin, end) = pads.split_at(rank);
    Ok(begin.iter().zip(end).map(|(begin, end)| [Dim::Known(*begin), Dim::Known(*end)]).collect())
}

/// A total split in two; the odd element goes to the end or to the begin.
fn halves(total: &Dim, odd_at_end: bool) -> [Dim; 2] {
    let small = total.div_floor(&Dim::Known(2));
    let large = total.sub(&small);
    if odd_at_end { [small, large] } else { [large, small] }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::ir::attrs::Attr;
    use crate::ir::dim::SymbolId;

    fn dims(sizes: &[i64]) -> Shape {
        sizes.iter().copied().map(Dim::Known).collect()
    }

    /// `strides=2,2 auto_pad=VALID group=2`.
    fn attrs(text: &str) -> Attrs {
        let mut attrs = Attrs::default();
        for (name, value) in text.split_whitespace().filter_map(|part| part.split_once('=')) {
            let attr = match name {
                "auto_pad" => Attr::Str(value.to_owned()),
                "group" | "ceil_mode" => Attr::Int(value.parse().unwrap()),
                _ => Attr::Ints(value.split(',').map(|n| n.parse().unwrap()).collect()),
            };
            attrs.0.insert(name.to_owned(), attr);
        }
        attrs
    }

    fn report(failures: Vec<String>) {
        assert!(failures.is_empty(), "{}", failures.join("\n"));
    }

    /// Shapes from ONNX Runtime 1.31; an empty expectation is its refusal (or ours, where the runtime
    /// and the standard differ).
    const CONV: &[(&str, &[i64], &[i64], &[i64])] = &[
        ("strides=2,2 pads=3,3,3,3", &[1, 3, 224, 224], &[64, 3, 7, 7], &[1, 64, 112, 112]),
        ("auto_pad=SAME_UPPER strides=2,3", &[1, 1, 7, 6], &[1, 1, 3, 2], &[1, 1, 4, 2]),
        ("auto_pad=SAME_LOWER strides=2,3", &[1, 1, 7, 6], &[1, 1, 3, 2], &[1, 1, 4, 2]),
        ("auto_pad=VALID strides=2,3", &[1, 1, 7, 6], &[1, 1, 3, 2], &[1, 1, 3, 2]),
        ("auto_pad=SAME_UPPER strides=4,3", &[1, 1, 7, 6], &[1, 1, 1, 2], &[1, 1, 2, 2]),
        ("auto_pad=VALID strides=2,1 dilations=2,2", &[1, 1, 7, 6], &[1, 1, 2, 2], &[1, 1, 3, 4]),
        ("", &[0, 1, 3, 6], &[1, 1, 1, 2], &[0, 1, 3, 5]),
        ("", &[1, 1, 2, 6], &[1, 1, 3, 2], &[]),
        ("strides=2,2", &[1, 1, 2, 6], &[1, 1, 3, 2], &[]),
        ("", &[1, 1, 0, 6], &[1, 1, 1, 2], &[]),
        ("pads=-1,0,0,0", &[1, 1, 7, 6], &[1, 1, 3, 2], &[]),
        ("group=2", &[1, 3, 7, 6], &[4, 2, 3, 2], &[]),
        ("strides=0,1", &[1, 1, 7, 6], &[1, 1, 3, 2], &[]),
        ("kernel_shape=5,5", &[1, 1, 7, 6], &[1, 1, 3, 2], &[]),
    ];

    #[test]
    fn convolutions_match_the_runtime() {
        let mut failures = Vec::new();
        for (text, input, weight, want) in CONV {
            let got = ConvSizes::conv(&attrs(text), &dims(input), &dims(weight)).map(|s| s.output());
            if got.clone().unwrap_or_default() != dims(want) {
                failures.push(format!("{text} {input:?} {weight:?}: {got:?}, want {want:?}"));
            }
        }
        report(failures);
    }

    /// As above.
    const TRANSPOSED: &[(&str, &[i64], &[i64], &[i64])] = &[
        ("auto_pad=SAME_UPPER strides=2,2", &[1, 1, 3, 3], &[1, 2, 3, 3], &[1, 2, 6, 6]),
        ("auto_pad=SAME_LOWER strides=2,2 output_padding=1,1", &[1, 1, 3, 3], &[1, 2, 3, 3], &[1, 2, 6, 6]),
        ("auto_pad=VALID strides=2,2 output_padding=1,1", &[1, 1, 3, 3], &[1, 2, 3, 3], &[1, 2, 8, 8]),
        ("strides=3,2 output_shape=10,8 output_padding=1,1", &[1, 1, 3, 3], &[1, 2, 3, 3], &[1, 2, 10, 8]),
        ("strides=3,2 output_shape=2,3", &[1, 1, 3, 3], &[1, 2, 3, 3], &[1, 2, 2, 3]),
        ("group=2 dilations=2,2 pads=1,0,2,1", &[1, 4, 3, 3], &[4, 3, 3, 3], &[1, 6, 4, 6]),
        ("strides=3,2 output_shape=10,8", &[1, 1, 3, 3], &[1, 2, 3, 3], &[1, 2, 10, 8]),
        ("strides=3,2 output_shape=11,8", &[1, 1, 3, 3], &[1, 2, 3, 3], &[1, 2, 11, 8]),
        ("strides=3,2 output_shape=12,8", &[1, 1, 3, 3], &[1, 2, 3, 3], &[]),
        ("strides=3,2 output_shape=20,8", &[1, 1, 3, 3], &[1, 2, 3, 3], &[]),
        ("output_padding=2,2", &[1, 1, 3, 3], &[1, 2, 3, 3], &[]),
        ("output_shape=1,2,10,8", &[1, 1, 3, 3], &[1, 2, 3, 3], &[]),
        // The runtime says 8, the standard 9.
        ("auto_pad=SAME_UPPER strides=3,3", &[1, 1, 3, 3], &[1, 2, 2, 2], &[]),
    ];

    #[test]
    fn transposed_convolutions_match_the_runtime() {
        let mut failures = Vec::new();
        for (text, input, weight, want) in TRANSPOSED {
            let got = ConvSizes::transposed(&attrs(text), &dims(input), &dims(weight)).map(|s| s.output());
            if got.clone().unwrap_or_default() != dims(want) {
                failures.push(format!("{text} {input:?} {weight:?}: {got:?}, want {want:?}"));
            }
        }
        report(failures);
    }

    /// As above, of the spatial axes.
    const POOL: &[(&str, &[i64], &[i64])] = &[
        ("kernel_shape=3,2 strides=2,3 auto_pad=SAME_UPPER", &[7, 6], &[4, 2]),
        ("kernel_shape=1,2 strides=4,3 auto_pad=SAME_LOWER ceil_mode=1", &[7, 6], &[2, 2]),
        ("kernel_shape=2,2 strides=2,1 dilations=2,2 auto_pad=VALID ceil_mode=1", &[7, 6], &[3, 4]),
        ("kernel_shape=3,1 strides=2,4 ceil_mode=1", &[4, 3], &[2, 1]),
        ("kernel_shape=2,2 strides=4,3 pads=1,1,1,1 ceil_mode=1", &[3, 3], &[1, 2]),
        ("kernel_shape=3,2 strides=2,1 ceil_mode=1", &[2, 3], &[1, 2]),
        ("kernel_shape=3,2 strides=2,1", &[2, 3], &[]),
        ("kernel_shape=3", &[4, 4], &[]),
        ("", &[4, 4], &[]),
        // The runtime says 3 by 5, the standard 4 by 6.
        ("kernel_shape=2,2 strides=2,1 dilations=2,2 auto_pad=SAME_UPPER", &[7, 6], &[]),
    ];

    #[test]
    fn pools_match_the_runtime() {
        let mut failures = Vec::new();
        for (text, input, want) in POOL {
            let input = [&[1, 1], *input].concat();
            let got = PoolSizes::pool(&attrs(text), &dims(&input)).map(|s| s.output());
            let spatial = got.as_ref().ok().and_then(|shape| shape.get(2..)).unwrap_or_default();
            if spatial != dims(want) {
                failures.push(format!("{text} {input:?}: {got:?}, want {want:?}"));
            }
        }
        report(failures);
    }

    #[test]
    fn automatic_pads_put_the_odd_element_where_asked() {
        let pads = |text| {
            let sizes = ConvSizes::conv(&attrs(text), &dims(&[1, 1, 6]), &dims(&[1, 1, 3])).unwrap();
            sizes.axes[0].pads.clone()
        };
        // 3 windows, stride 2: (3-1)*2 + 3 - 6 = 1.
        assert_eq!(pads("auto_pad=SAME_UPPER strides=2"), [Dim::Known(0), Dim::Known(1)]);
        assert_eq!(pads("auto_pad=SAME_LOWER strides=2"), [Dim::Known(1), Dim::Known(0)]);
    }

    #[test]
    fn symbols_stay_where_exact() {
        let side = Dim::symbol(SymbolId(0));
        let input = [Dim::symbol(SymbolId(1)), Dim::Known(3), side.clone(), side.mul(&Dim::Known(2))];
        let sizes = |text| ConvSizes::conv(&attrs(text), &input, &dims(&[8, 3, 3, 2])).unwrap().output();
        let same = sizes("pads=1,0,1,0 strides=1,2");
        assert_eq!(same[2..], [side.clone(), side.clone()]);
        assert_eq!(sizes("pads=1,0,1,0 strides=2,2")[..3], [input[0].clone(), Dim::Known(8), Dim::Unknown]);
        assert_eq!(sizes("auto_pad=SAME_UPPER")[2], side);
    }

    #[test]
    fn hostile_numbers_do_not_panic() {
        let big = i64::MAX;
        for text in [
            format!("strides={big} dilations={big} pads={big},{big}"),
            format!("strides={big} output_padding={big} output_shape={big}"),
            format!("kernel_shape={big} dilations={big} auto_pad=SAME_UPPER ceil_mode=1"),
        ] {
            let (attrs, input) = (attrs(&text), dims(&[big, big, big]));
            let _ = ConvSizes::conv(&attrs, &input, &input);
            let _ = ConvSizes::transposed(&attrs, &input, &input);
            let _ = PoolSizes::pool(&attrs, &input);
        }
        assert_eq!(extent(&Dim::Known(big), big), Dim::Unknown);
    }
}
