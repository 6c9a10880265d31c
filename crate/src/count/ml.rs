//! Classic machine learning (ai.onnx.ml), and what stands around networks: suppression of boxes, texts.
//!
//! A tree is evaluated without telling its path: every inner node compares, every inner node's two sides follow from its
//! parent's by one product of bits, and each leaf adds its weight. 5 rows, a forest of 12 inner nodes: 60 comparisons and 60
//! products of bits. Texts are read in the clear, before the input is shared, and labels are named after the result is
//! opened: both are free.

use super::basics::{OVERFLOW, activates, activation, adds, free, product, scales};
use super::linear::matrix;
use super::view::View;
use super::{Activation, Counted, Kind, NodeCount, Work};
use crate::ir::attrs::Attr;

pub(super) fn find(domain: &str, op: &str) -> Option<fn(&View<'_>) -> Counted> {
    Some(match (domain, op) {
        ("ai.onnx.ml", "TreeEnsembleClassifier" | "TreeEnsembleRegressor" | "TreeEnsemble") => trees,
        ("ai.onnx.ml", "LinearClassifier" | "LinearRegressor") => linear,
        ("ai.onnx.ml", "SVMClassifier" | "SVMRegressor") => support_vectors,
        ("ai.onnx.ml", "Scaler") => |v| {
            let elements = v.out_elements()?;
            let mut count = scales(elements);
            count.adds = elements;
            count.work.push(Work::Add { elements });
            Ok(count)
        },
        ("ai.onnx.ml", "Normalizer") => normalizer,
        ("ai.onnx.ml", "Binarizer") => {
            |v| Ok(activates("activation", activation(Kind::LessThan, v.out_elements()?)?))
        }
        ("ai.onnx.ml", "Imputer") => imputer,
        ("ai.onnx.ml", "ArrayFeatureExtractor") => extractor,
        ("ai.onnx.ml", "FeatureVectorizer") => |_| Ok(free()),
        ("ai.onnx.ml", "OneHotEncoder") => {
            |v| Ok(activates("activation", activation(Kind::Equality, v.out_elements()?)?))
        }
        ("ai.onnx.ml", "ZipMap" | "LabelEncoder" | "CategoryMapper" | "CastMap" | "DictVectorizer") => named,
        ("", "NonMaxSuppression") => suppression,
        ("", "StringSplit" | "StringConcat" | "StringNormalizer" | "RegexFullMatch" | "TfIdfVectorizer")
        | ("com.microsoft", "Tokenizer" | "WordConvEmbedding")
        | ("ai.onnx.contrib" | "com.microsoft.extensions", _) => clear_text,
        _ => return None,
    })
}

/// Rows and features: `[N, C]`, or one row of `[C]`.
fn features(view: &View<'_>) -> Result<(u64, u64), String> {
    match *view.sizes(0)?.as_slice() {
        [features] => Ok((1, features)),
        [rows, features] => Ok((rows, features)),
        _ => Err("features need a rank of 1 or 2".to_owned()),
    }
}

/// What turns scores into probabilities, and the search for the label.
fn finish(view: &View<'_>, mut count: NodeCount, rows: u64, classes: u64) -> Counted {
    let elements = product(&[rows, classes])?;
    let transform = view.node.attrs.str("post_transform").unwrap_or("NONE");
    let mut push = |a: Activation| {
        count.activation.get_or_insert(a);
        count.work.push(Work::Activation(a));
    };
    match transform {
        "NONE" => {}
        "LOGISTIC" => push(activation(Kind::Sigmoid, elements)?),
        "SOFTMAX" | "SOFTMAX_ZERO" => {
            push(Activation { rows, row_length: classes, ..activation(Kind::Softmax, elements)? })
        }
        other => return Err(format!("post_transform {other} has no rule")),
    }
    // Of two classes the sign of a score says which; the label is an output of its own.
    if view.node.op.ends_with("Classifier") {
        let comparisons = product(&[rows, classes.saturating_sub(1)])?;
        let kind = Kind::ArgMax;
        push(Activation { kind, elements: rows, rows, row_length: classes, comparisons, folded: false });
    }
    Ok(count)
}

/// Classes of a classifier, targets of a regressor.
fn classes(view: &View<'_>) -> Result<u64, String> {
    for name in ["classlabels_strings", "classlabels_int64s", "classlabels_ints"] {
        match view.node.attrs.get(name) {
            Some(Attr::Strs(labels)) if !labels.is_empty() => return Ok(labels.len() as u64),
            Some(Attr::Ints(labels)) if !labels.is_empty() => return Ok(labels.len() as u64),
            _ => {}
        }
    }
    if view.node.op.ends_with("Classifier") {
        return Err("the classes of this model are not named".to_owned());
    }
    let targets =
        ["n_targets", "targets"].into_iter().find_map(|name| view.node.attrs.int(name)).unwrap_or(1);
    u64::try_from(targets).map_err(|_| "the number of targets is below 0".to_owned())
}

fn trees(view: &View<'_>) -> Counted {
    let (rows, _) = features(view)?;
    // Which nodes are leaves: words before version 5, and since then a tensor of inner nodes alone.
    let (inner, leaves) = match view.node.attrs.get("nodes_modes") {
        Some(Attr::Strs(modes)) => {
            let leaves = modes.iter().filter(|mode| *mode == "LEAF").count() as u64;
            (modes.len() as u64 - leaves, leaves)
        }
        Some(Attr::Tensor(modes)) => {
            let inner = product(&modes.dims)?;
            let roots = view.node.attrs.ints("tree_roots").map_or(1, <[i64]>::len) as u64;
            (inner, inner.checked_add(roots).ok_or(OVERFLOW)?)
        }
        _ => return Err("the nodes of the trees are not known".to_owned()),
    };
    let kind = Kind::LessThan;
    let compared = activation(kind, product(&[rows, inner])?)?;
    let mut count = activates("trees", compared);
    count.work.push(Work::Activation(activation(Kind::Logic, product(&[rows, inner])?)?));
    let weighed = product(&[rows, leaves])?;
    count.adds = weighed;
    count.work.push(Work::Add { elements: weighed });
    let found = if view.node.op == "TreeEnsemble" {
        view.node.attrs.int("n_targets").map_or(1, |n| n.max(1) as u64)
    } else {
        classes(view)?
    };
    finish(view, count, rows, found)
}

/// 5 rows of 4 features to 3 classes: 60 MACs.
fn linear(view: &View<'_>) -> Counted {
    let ((rows, features), classes) = (features(view)?, classes(view)?);
    let mut count = matrix(1, rows, features, classes, false)?;
    if view.node.attrs.get("intercepts").is_some() {
        count.bias = count.truncations;
    }
    finish(view, count, rows, classes)
}

/// The kernel of each row with each support vector, and their weighted sums.
fn support_vectors(view: &View<'_>) -> Counted {
    let (rows, features) = features(view)?;
    let attrs = &view.node.attrs;
    let vectors = match attrs.ints("vectors_per_class") {
        Some(each) if !each.is_empty() => each.iter().sum::<i64>(),
        _ => attrs.int("n_supports").unwrap_or(0),
    };
    let vectors = u64::try_from(vectors).unwrap_or(0);
    let classes = if view.node.op == "SVMClassifier" { classes(view)? } else { 1 };
    if vectors == 0 {
        // Without support vectors it is linear.
        let count = matrix(1, rows, features, classes, false)?;
        return finish(view, count, rows, classes);
    }
    let mut count = matrix(1, rows, features, vectors, false)?;
    let pairs = product(&[rows, vectors])?;
    let kernel = match attrs.str("kernel_type").unwrap_or("LINEAR") {
        "LINEAR" => None,
        "RBF" => Some(Kind::Exp),
        "POLY" => Some(Kind::Power),
        "SIGMOID" => Some(Kind::Tanh),
        other => return Err(format!("the kernel {other} has no rule")),
    };
    if let Some(kind) = kernel {
        let a = activation(kind, pairs)?;
        count.activation = Some(a);
        count.work.push(Work::Activation(a));
    }
    // One against another: a sum for each pair of classes.
    let sums = if classes > 1 { product(&[classes, classes - 1])? / 2 } else { 1 };
    let mixed = matrix(1, rows, vectors, sums, false)?;
    count.macs = count.macs.checked_add(mixed.macs).ok_or(OVERFLOW)?;
    count.macs_valid = count.macs;
    count.truncations = count.truncations.checked_add(mixed.truncations).ok_or(OVERFLOW)?;
    count.work.extend(mixed.work);
    finish(view, count, rows, classes)
}

/// x / |x| a row, by the sum of squares, of magnitudes, or the greatest.
fn normalizer(view: &View<'_>) -> Counted {
    let (rows, features) = features(view)?;
    let elements = product(&[rows, features])?;
    let division = activation(Kind::Division, elements)?;
    let mut count = match view.node.attrs.str("norm").unwrap_or("MAX") {
        "L2" => super::pool::euclidean(rows, elements)?,
        "L1" => activates("norm", activation(Kind::Abs, elements)?),
        "MAX" => {
            let comparisons = product(&[rows, features.saturating_sub(1)])?;
            let kind = Kind::ReduceMax;
            let greatest =
                Activation { kind, elements: rows, rows, row_length: features, comparisons, folded: false };
            activates("norm", greatest)
        }
        other => return Err(format!("the norm {other} has no rule")),
    };
    count.activation = Some(division);
    count.work.push(Work::Activation(division));
    Ok(count)
}

/// Where a number is missing: no number of fixed point is NaN; another mark for it is a test and a choice an element.
fn imputer(view: &View<'_>) -> Counted {
    let marks_number = view.node.attrs.float("replaced_value_float").is_some_and(|value| !value.is_nan())
        || view.node.attrs.int("replaced_value_int64").is_some_and(|value| value != 0);
    if !marks_number {
        return Ok(free());
    }
    let elements = view.out_elements()?;
    let mut count = activates("choice", activation(Kind::Equality, elements)?);
    count.work.push(Work::Activation(activation(Kind::Choice, elements)?));
    Ok(count)
}

/// Public places are free; names of classes are looked up by whoever opens the result.
fn extractor(view: &View<'_>) -> Counted {
    if view.secret(0) && view.secret(1) {
        let (elements, table) = (view.out_elements()?, view.sizes(0)?.last().copied().unwrap_or(0));
        let kind = Kind::LookUp;
        let rows = view.elements(1)?;
        return Ok(activates(
            "look-up",
            Activation { kind, elements, rows, row_length: table, comparisons: 0, folded: false },
        ));
    }
    let mut count = free();
    if view.secret(1) {
        count.marks.push("names a label: whoever opens the result does".to_owned());
    }
    Ok(count)
}

fn named(_: &View<'_>) -> Counted {
    let mut count = free();
    count.marks.push("names a label: whoever opens the result does".to_owned());
    Ok(count)
}

fn clear_text(_: &View<'_>) -> Counted {
    let mut count = free();
    count.marks.push("text is read in the clear, before it is shared".to_owned());
    Ok(count)
}

/// Every pair of boxes of an image and class is compared, so that which ones stay tells nothing: 4 maxima and minima of
/// corners, 2 areas of products, one test against the threshold; and the scores are sorted. 1 image, 2 classes, 6 boxes: 30
/// pairs, 120 comparisons.
fn suppression(view: &View<'_>) -> Counted {
    let scores = view.sizes(1)?;
    let [images, classes, boxes] = *scores.as_slice() else {
        return Err("scores need a rank of 3".to_owned());
    };
    let lists = product(&[images, classes])?;
    let pairs = product(&[lists, product(&[boxes, boxes.saturating_sub(1)])? / 2])?;
    let corners = activation(Kind::Comparison, product(&[pairs, 4])?)?;
    let mut count = activates("suppression", corners);
    let areas = product(&[pairs, 2])?;
    (count.products, count.truncations) = (areas, areas);
    count.work.push(Work::Product { elements: areas });
    count.work.push(Work::Activation(activation(Kind::LessThan, pairs)?));
    let elements = product(&scores)?;
    let kind = Kind::TopK;
    let sorted = Activation { kind, elements, rows: lists, row_length: boxes, comparisons: 0, folded: false };
    count.work.push(Work::Activation(sorted));
    let united = adds(areas);
    count.adds = united.adds;
    count.work.extend(united.work);
    Ok(count)
}
