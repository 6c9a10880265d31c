//! Sizes of measurements: text to amounts, and to one spelling that reads back as itself.
//!
//! A size is what a person types (`65536`, `16x64`, `64x32x32 -> 128 k3 s2`, `1x512x100`) or the shapes of
//! the operands, as engines log them (`[[1,32,32,64],[3,3,64,64]]`). Every number is bounded before it is
//! multiplied.

use super::class::{Amounts, Class, Form};
use crate::cost::job::product;
use crate::count::Conv;
use crate::limits::MAX_MEASURED;

/// What is wrong with a field, and what to write instead.
#[derive(Debug)]
pub(super) struct Wrong {
    pub message: String,
    pub hint: &'static str,
}

pub(super) type Read<T> = Result<T, Wrong>;

pub(super) fn wrong<T>(message: impl Into<String>, hint: &'static str) -> Read<T> {
    Err(Wrong { message: message.into(), hint })
}

/// A size that was understood.
#[derive(Debug)]
pub(super) struct Sized {
    /// A convolution of groups is a kind of its own.
    pub class: Class,
    /// In its one spelling.
    pub text: String,
    pub amounts: Amounts,
}

const CONV_HINT: &str =
    "write CxHxW -> CHANNELS k3 s1, as in 64x56x56 -> 128 k3 s2 (the same padding on each side)";
const MATMUL_HINT: &str = "write MxKxN, as in 1x512x100, a batch before it";
const ROWS_HINT: &str = "write ROWSxLENGTH, as in 16x64";
const POOL_HINT: &str = "write OUTPUTS of WINDOW, as in 16384 of 4, or CxHxW k2 s2";
const ELEMENTS_HINT: &str = "write the number of elements, as in 65536";
/// Operands of a shape list, and dimensions of each.
const MAX_SHAPES: usize = 8;

/// Reads the size of one call. `window` is what the operation's name said; `elements` what a column did.
pub(super) fn read(class: Class, window: Option<u64>, text: &str, elements: Option<u64>) -> Read<Sized> {
    let text = text.trim().to_ascii_lowercase().replace('×', "x");
    let shapes = if text.starts_with('[') { Some(shapes(&text)?) } else { None };
    match class.form() {
        Form::Elements => {
            let sizes = shapes.and_then(|shapes| shapes.into_iter().next());
            let sizes = sizes.map_or_else(|| dims(&text, ELEMENTS_HINT), Ok)?;
            let elements = bounded(product(&sizes))?;
            Ok(Sized { class, text: elements.to_string(), amounts: Amounts::elements(elements) })
        }
        Form::Rows => {
            let sizes = shapes.and_then(|shapes| shapes.into_iter().next());
            let sizes = sizes.map_or_else(|| dims(&text, ROWS_HINT), Ok)?;
            let [before @ .., length] = &sizes[..] else { return wrong("the size is empty", ROWS_HINT) };
            if before.is_empty() {
                return wrong("the length of a row is missing", ROWS_HINT);
            }
            bounded(product(&sizes))?;
            let rows = bounded(product(before))?;
            Ok(Sized { class, text: format!("{rows}x{length}"), amounts: Amounts::rows(rows, *length) })
        }
        Form::Windows => {
            let (outputs, window) = match shapes {
                Some(shapes) => logged_pool(&shapes, window)?,
                None => typed_pool(&text, window)?,
            };
            bounded(product(&[outputs, window]))?;
            let amounts = Amounts { elements: outputs.into(), ..Amounts::rows(outputs, window) };
            Ok(Sized { class, text: format!("{outputs} of {window}"), amounts })
        }
        Form::MatMul => {
            let (batch, sizes) = match shapes {
                Some(shapes) => logged_matmul(&shapes)?,
                None => match dims(&text, MATMUL_HINT)?[..] {
                    [m, k, n] => (1, [m, k, n]),
                    [batch, m, k, n] => (batch, [m, k, n]),
                    _ => return wrong("a product has three sizes", MATMUL_HINT),
                },
            };
            let [m, k, n] = sizes;
            let amounts = Amounts::matmul(batch, sizes, class == Class::SecretMatMul);
            bounded(amounts.macs.max(amounts.moved))?;
            let text = if batch == 1 { format!("{m}x{k}x{n}") } else { format!("{batch}x{m}x{k}x{n}") };
            Ok(Sized { class, text, amounts })
        }
        Form::Conv => {
            let transposed = class == Class::ConvTranspose;
            let conv = match shapes {
                Some(shapes) => logged_conv(&shapes, elements)?,
                None => typed_conv(&text, window, transposed)?,
            };
            sized_conv(class, &conv)
        }
    }
}

fn sized_conv(class: Class, conv: &Conv) -> Read<Sized> {
    let amounts = Amounts::conv(conv, class == Class::ConvTranspose);
    bounded(amounts.macs.max(amounts.moved))?;
    let by = |sizes: &[u64]| sizes.iter().map(u64::to_string).collect::<Vec<_>>().join("x");
    let groups = if conv.groups > 1 { format!(" g{}", conv.groups) } else { String::new() };
    let text = format!(
        "{}x{}x{} -> {}x{} k{}{groups}",
        conv.batch,
        conv.in_channels,
        by(&conv.input),
        conv.out_channels,
        by(&conv.output),
        by(&conv.kernel)
    );
    let class = match class {
        Class::ConvTranspose => class,
        _ if conv.groups > 1 => Class::GroupedConv,
        _ => Class::Conv,
    };
    Ok(Sized { class, text, amounts })
}

fn bounded(n: u128) -> Read<u64> {
    match u64::try_from(n).ok().filter(|n| (1..=MAX_MEASURED).contains(n)) {
        Some(n) => Ok(n),
        None => wrong("the size is zero, or too large", "sizes multiply to between 1 and 2^53"),
    }
}

fn number(text: &str, hint: &'static str) -> Read<u64> {
    match text.trim().replace('_', "").parse::<u64>() {
        Ok(n) => bounded(n.into()),
        Err(_) => wrong(format!("{:?} is no whole number", shorten(text)), hint),
    }
}

/// The start of a text, for a message.
pub(super) fn shorten(text: &str) -> String {
    let mut short: String = text.trim().chars().take(24).collect();
    if short.len() < text.trim().len() {
        short.push_str("...");
    }
    short
}

fn dims(text: &str, hint: &'static str) -> Read<Vec<u64>> {
    text.split('x').take(MAX_SHAPES + 1).map(|part| number(part, hint)).collect()
}

/// `[[1,32,32,64],[3,3,64,64]]` or `[1024]`.
fn shapes(text: &str) -> Read<Vec<Vec<u64>>> {
    const HINT: &str = "shapes are lists of sizes, as in [[1,512],[512,100]]";
    let inner = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
    let Some(inner) = inner else { return wrong("a bracket is missing", HINT) };
    let mut lists = Vec::new();
    if !inner.contains('[') {
        lists.push(inner);
    }
    for part in inner.split('[').skip(1).take(MAX_SHAPES) {
        let Some((list, _)) = part.split_once(']') else { return wrong("a bracket is missing", HINT) };
        lists.push(list);
    }
    let list = |text: &str| text.split(',').take(MAX_SHAPES + 1).map(|part| number(part, HINT)).collect();
    lists.into_iter().map(list).collect()
}

/// A window of `k x k` at a stride of `k`: the shapes do not say where the channels are, nor need they.
fn logged_pool(shapes: &[Vec<u64>], window: Option<u64>) -> Read<(u64, u64)> {
    let (Some(shape), Some(k)) = (shapes.first(), window) else {
        return wrong(
            "the window is missing",
            "name it in the operation, as in maxpool2, or write OUTPUTS of WINDOW",
        );
    };
    let window = k.saturating_mul(k);
    Ok((bounded(product(shape) / u128::from(window))?, window))
}

fn typed_pool(text: &str, window: Option<u64>) -> Read<(u64, u64)> {
    if let Some((outputs, window)) = text.split_once(" of ") {
        return Ok((number(outputs, POOL_HINT)?, number(window, POOL_HINT)?));
    }
    let mut words = text.split_whitespace();
    let sizes = dims(words.next().unwrap_or_default(), POOL_HINT)?;
    let options = Options::read(words, POOL_HINT)?;
    let Some([kh, kw]) = options.kernel.or(window.map(|k| [k, k])) else {
        return wrong("the window is missing", POOL_HINT);
    };
    let stride = options.stride.unwrap_or(kh.max(1));
    let [before @ .., h, w] = &sizes[..] else { return wrong("the image's sizes are missing", POOL_HINT) };
    let along = |size: u64, k: u64| size.checked_sub(k).map_or(0, |rest| rest / stride + 1);
    let outputs = product(before).saturating_mul(product(&[along(*h, kh), along(*w, kw)]));
    Ok((bounded(outputs)?, kh.saturating_mul(kw)))
}

fn logged_matmul(shapes: &[Vec<u64>]) -> Read<(u64, [u64; 3])> {
    let [left, right, ..] = shapes else {
        return wrong("the shapes of both operands are needed", MATMUL_HINT);
    };
    match (&left[..], &right[..]) {
        ([batch @ .., m, k], [.., inner, n]) if k == inner => Ok((bounded(product(batch))?, [*m, *k, *n])),
        _ => wrong("the shapes do not multiply", MATMUL_HINT),
    }
}

/// NHWC with HWIO kernels, or NCHW with OIHW; the smaller kernel where both would do. Stride 1, padded to
/// the same size: `elements`, where given, are the outputs and must agree.
fn logged_conv(shapes: &[Vec<u64>], elements: Option<u64>) -> Read<Conv> {
    let [image, kernel, ..] = shapes else {
        return wrong("the shapes of image and kernel are needed", CONV_HINT);
    };
    let (&[a, b, c, d], &[p, q, r, s]) = (&image[..], &kernel[..]) else {
        return wrong("a convolution has four sizes and its kernel too", CONV_HINT);
    };
    let last = (d == r).then_some((a, [b, c], d, s, [p, q]));
    let first = (b == q).then_some((a, [c, d], b, p, [r, s]));
    let area = |found: &(u64, [u64; 2], u64, u64, [u64; 2])| product(&found.4);
    let Some((batch, input, channels, out_channels, kernel)) = last.into_iter().chain(first).min_by_key(area)
    else {
        return wrong("the channels of image and kernel differ", CONV_HINT);
    };
    let conv = conv_of(batch, channels, &input, out_channels, &input, kernel, 1);
    let outputs =
        Amounts::conv(&conv, false).moved.saturating_sub(product(&[batch, channels, input[0], input[1]]));
    match elements {
        Some(elements) if u128::from(elements) != outputs => wrong(
            format!("{elements} elements come out, and the shapes give {outputs} at stride 1"),
            CONV_HINT,
        ),
        _ => Ok(conv),
    }
}

fn typed_conv(text: &str, window: Option<u64>, transposed: bool) -> Read<Conv> {
    let Some((left, right)) = text.split_once("->") else { return wrong("the arrow is missing", CONV_HINT) };
    let (batch, channels, input) = match dims(left, CONV_HINT)?[..] {
        [c, h, w] => (1, c, [h, w]),
        [batch, c, h, w] => (batch, c, [h, w]),
        _ => return wrong("the image has three sizes", CONV_HINT),
    };
    let mut words = right.split_whitespace();
    let out = dims(words.next().unwrap_or_default(), CONV_HINT)?;
    let options = Options::read(words, CONV_HINT)?;
    let Some(kernel) = options.kernel.or(window.map(|k| [k, k])) else {
        return wrong("the kernel is missing", CONV_HINT);
    };
    let groups = options.groups.unwrap_or(1);
    let (out_channels, output) = match out[..] {
        [channels] => {
            let stride = options.stride.unwrap_or(1);
            let along = |n: u64| if transposed { n.saturating_mul(stride) } else { n.div_ceil(stride) };
            (channels, input.map(along))
        }
        [channels, h, w] => (channels, [h, w]),
        _ => return wrong("the output has its channels, or all three sizes", CONV_HINT),
    };
    if channels % groups != 0 || out_channels % groups != 0 {
        return wrong("the channels do not split into the groups", CONV_HINT);
    }
    Ok(conv_of(batch, channels, &input, out_channels, &output, kernel, groups))
}

fn conv_of(
    batch: u64,
    in_channels: u64,
    input: &[u64],
    out_channels: u64,
    output: &[u64],
    kernel: [u64; 2],
    groups: u64,
) -> Conv {
    Conv {
        batch,
        in_channels,
        out_channels,
        groups,
        input: input.to_vec(),
        output: output.to_vec(),
        kernel: kernel.to_vec(),
        strides: Vec::new(),
        dilations: Vec::new(),
        pads: Vec::new(),
        places: None,
    }
}

/// `k3`, `k3x5`, `s2`, `g32`.
#[derive(Default)]
struct Options {
    kernel: Option<[u64; 2]>,
    stride: Option<u64>,
    groups: Option<u64>,
}

impl Options {
    fn read<'a>(words: impl Iterator<Item = &'a str>, hint: &'static str) -> Read<Self> {
        let mut options = Self::default();
        for word in words {
            if let Some(kernel) = word.strip_prefix('k') {
                options.kernel = match dims(kernel, hint)?[..] {
                    [k] => Some([k, k]),
                    [h, w] => Some([h, w]),
                    _ => return wrong("a kernel has two sizes", hint),
                };
            } else if let Some(stride) = word.strip_prefix('s') {
                options.stride = Some(number(stride, hint)?);
            } else if let Some(groups) = word.strip_prefix('g') {
                options.groups = Some(number(groups, hint)?);
            } else {
                return wrong(format!("{:?} is no part of a size", shorten(word)), hint);
            }
        }
        Ok(options)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    fn sized(op: &str, text: &str, elements: Option<u64>) -> Read<Sized> {
        let (class, window) = Class::parse(op).unwrap();
        read(class, window, text, elements)
    }

    #[test]
    fn one_spelling_that_reads_back() {
        for (op, text, want) in [
            ("relu", "65_536", "65536"),
            ("relu", "64x32x32", "65536"),
            ("mul", "[[16384],[16384]]", "16384"),
            ("softmax", "[[16,64]]", "16x64"),
            ("softmax", "2x8x64", "16x64"),
            ("maxpool2", "[[1,32,32,64]]", "16384 of 4"),
            ("maxpool", "64x32x32 k2", "16384 of 4"),
            ("maxpool", "64x112x112 k3 s2", "193600 of 9"),
            ("fc", "[[1,512],[512,100]]", "1x512x100"),
            ("matmul-secret", "8x64x32x64", "8x64x32x64"),
            ("conv3", "[[1,32,32,64],[3,3,64,64]]", "1x64x32x32 -> 64x32x32 k3x3"),
            ("conv3", "[[1,128,16,16],[128,128,3,3]]", "1x128x16x16 -> 128x16x16 k3x3"),
            ("conv", "64x56×56 -> 128 k3 s2", "1x64x56x56 -> 128x28x28 k3x3"),
            ("conv1", "64x16x16->128", "1x64x16x16 -> 128x16x16 k1x1"),
            ("conv", "32x16x16 -> 32 k3 g32", "1x32x16x16 -> 32x16x16 k3x3 g32"),
            ("conv-transpose", "8x4x4 -> 4 k2 s2", "1x8x4x4 -> 4x8x8 k2x2"),
        ] {
            let first = sized(op, text, None).unwrap();
            assert_eq!(first.text, want, "{op} {text}");
            let again = sized(&first.class.name(), &first.text, None).unwrap();
            assert_eq!((again.text, again.class, again.amounts), (first.text, first.class, first.amounts));
        }
    }

    #[test]
    fn amounts_of_layers() {
        let conv = sized("conv3", "[[1,32,32,64],[3,3,64,64]]", Some(65_536)).unwrap().amounts;
        assert_eq!((conv.macs, conv.moved), (37_748_736, 131_072));
        let fc = sized("fc", "1x512x100", None).unwrap().amounts;
        assert_eq!((fc.macs, fc.moved), (51_200, 612));
        let pool = sized("maxpool2", "[[1,32,32,64]]", Some(65_536)).unwrap().amounts;
        assert_eq!((pool.elements, pool.comparisons, pool.levels), (16_384, 49_152, 2));
        let depthwise = sized("conv", "32x16x16 -> 32 k3 g32", None).unwrap();
        assert_eq!((depthwise.class, depthwise.amounts.macs), (Class::GroupedConv, 9 * 32 * 256));
        let up = sized("conv-transpose", "8x4x4 -> 4 k2 s2", None).unwrap().amounts;
        assert_eq!((up.macs, up.moved), (16 * 8 * 4 * 4, 8 * 16 + 4 * 64));
    }

    #[test]
    fn what_is_no_size_is_said() {
        for (op, text) in [
            ("relu", ""),
            ("relu", "0"),
            ("relu", "-3"),
            ("relu", "many"),
            ("relu", "[[1,2]"),
            ("relu", "4294967296x4294967296x4294967296"),
            ("relu", "99999999999999999999999"),
            ("softmax", "64"),
            ("maxpool", "[[1,32,32,64]]"),
            ("maxpool", "64x32x32"),
            ("fc", "512"),
            ("fc", "[[1,512],[256,100]]"),
            ("conv", "64x32x32 -> 64"),
            ("conv", "64x32x32"),
            ("conv", "64x32x32 -> 64 k3 z1"),
            ("conv", "64x32x32 -> 64 k3 s0"),
            ("conv", "64x32x32 -> 64 k3 g5"),
            ("conv3", "[[1,32,32,64],[3,3,32,64]]"),
        ] {
            let error = sized(op, text, None).expect_err(&format!("{op} {text:?}"));
            assert!(!error.hint.is_empty() && !error.message.is_empty(), "{op} {text}");
        }
        assert!(sized("conv3", "[[1,32,32,64],[3,3,64,64]]", Some(16_384)).is_err());
    }
}
