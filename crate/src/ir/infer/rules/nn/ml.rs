//! Classic machine learning (ai.onnx.ml).

use super::{like, like_input, unknown, whole};
use crate::ir::attrs::Attr;
use crate::ir::dim::Dim;
use crate::ir::dtype::DType;
use crate::ir::graph::{Shape, Type};
use crate::ir::infer::rules::Rule;
use crate::ir::infer::{Ctx, Inferred, Why};

pub(super) fn find(domain: &str, op: &str) -> Option<Rule> {
    if domain != "ai.onnx.ml" {
        return None;
    }
    Some(match op {
        "ArrayFeatureExtractor" => extract,
        "Binarizer" | "Imputer" => like_input,
        "CategoryMapper" => category_mapper,
        "FeatureVectorizer" => feature_vectorizer,
        "LabelEncoder" => label_encoder,
        "LinearClassifier" | "TreeEnsembleClassifier" => classifier,
        "SVMClassifier" => support_vectors,
        "LinearRegressor" => |ctx| regressor(ctx, "targets", Some(1)),
        "TreeEnsembleRegressor" => |ctx| regressor(ctx, "n_targets", None),
        "TreeEnsemble" => tree_ensemble,
        "SVMRegressor" => |ctx| columns(ctx, Some(DType::F32), Dim::Known(1)),
        "Normalizer" | "Scaler" => |ctx| like(ctx, 0, 0, Some(DType::F32)),
        "OneHotEncoder" => one_hot,
        "ZipMap" => zip_map,
        "CastMap" | "DictVectorizer" => from_map,
        _ => return None,
    })
}

/// The last axis picked by indices: 3x4 with 2 indices: 3x2; a vector counts as one row.
fn extract(ctx: &mut Ctx<'_>) -> Inferred {
    let dtype = ctx.dtype(0);
    ctx.set_dtype(0, dtype);
    let rows = match ctx.shape(0)? {
        [_] => vec![Dim::Known(1)],
        [rows @ .., _] => rows.to_vec(),
        [] => return Err(Why::new("a scalar has no features")),
    };
    let picked = Dim::product(ctx.shape(1)?);
    let shape: Shape = rows.into_iter().chain([picked]).collect();
    ctx.set(0, dtype, shape);
    Ok(())
}

/// Strings to int64 and back.
fn category_mapper(ctx: &mut Ctx<'_>) -> Inferred {
    let dtype = swapped(ctx.dtype(0));
    like(ctx, 0, 0, dtype)
}

fn swapped(dtype: Option<DType>) -> Option<DType> {
    dtype.map(|dtype| if dtype == DType::Str { DType::I64 } else { DType::Str })
}

/// `[N, sum of inputdimensions]`.
fn feature_vectorizer(ctx: &mut Ctx<'_>) -> Inferred {
    let sizes = ctx.attrs().ints("inputdimensions").unwrap_or_default();
    let width = match sizes {
        [] => Dim::Unknown,
        sizes => sizes.iter().fold(Dim::Known(0), |sum, size| sum.add(&Dim::Known(*size))),
    };
    columns(ctx, Some(DType::F32), width)
}

/// Like the input, in the type of the values.
fn label_encoder(ctx: &mut Ctx<'_>) -> Inferred {
    let has = |name| ctx.attrs().get(name);
    let dtype = if has("classes_strings").is_some() {
        swapped(ctx.dtype(0))
    } else if has("values_strings").is_some() {
        Some(DType::Str)
    } else if has("values_int64s").is_some() {
        Some(DType::I64)
    } else if has("values_floats").is_some() {
        Some(DType::F32)
    } else if let Some(Attr::Tensor(tensor)) = has("values_tensor") {
        tensor.dtype
    } else {
        None
    };
    like(ctx, 0, 0, dtype)
}

/// Rows of the input: `[N, C]` has N, `[C]` one.
fn rows(ctx: &Ctx<'_>) -> Result<Dim, Why> {
    match ctx.shape(0)? {
        [_] => Ok(Dim::Known(1)),
        [rows, _] => Ok(rows.clone()),
        other => Err(Why::new(format!("features of rank {}, not 1 or 2", other.len()))),
    }
}

/// `[N, width]`.
fn columns(ctx: &mut Ctx<'_>, dtype: Option<DType>, width: Dim) -> Inferred {
    let rows = rows(ctx);
    let shape = vec![rows.clone().unwrap_or(Dim::Unknown), width];
    ctx.set(0, dtype, shape.clone());
    rows?;
    whole(&shape)
}

/// Label type and how many.
fn labels(ctx: &Ctx<'_>) -> Option<(DType, usize)> {
    let names = ["classlabels_strings", "classlabels_int64s", "classlabels_ints"];
    names.iter().find_map(|name| match ctx.attrs().get(name)? {
        Attr::Strs(labels) if !labels.is_empty() => Some((DType::Str, labels.len())),
        Attr::Ints(labels) if !labels.is_empty() => Some((DType::I64, labels.len())),
        _ => None,
    })
}

/// Labels `[N]`, scores `[N, classes]`. 150x4 with 3 classes: 150 and 150x3.
fn classifier(ctx: &mut Ctx<'_>) -> Inferred {
    classified(ctx, true)
}

/// As other classifiers, but how many scores there are depends on how it was calibrated.
fn support_vectors(ctx: &mut Ctx<'_>) -> Inferred {
    classified(ctx, false)
}

fn classified(ctx: &mut Ctx<'_>, one_score_each: bool) -> Inferred {
    let labels = labels(ctx);
    let rows = rows(ctx);
    let count = rows.clone().unwrap_or(Dim::Unknown);
    let classes = labels.filter(|_| one_score_each).map_or(Dim::Unknown, |l| Dim::Known(l.1 as i64));
    ctx.set(0, labels.map(|l| l.0), vec![count.clone()]);
    let scores = vec![count, classes];
    ctx.set(1, Some(DType::F32), scores.clone());
    rows?;
    whole(&scores)
}

/// `[N, targets]`.
fn regressor(ctx: &mut Ctx<'_>, attr: &str, default: Option<i64>) -> Inferred {
    let targets = ctx.attrs().int(attr).or(default).map_or(Dim::Unknown, Dim::Known);
    columns(ctx, Some(DType::F32), targets)
}

/// `[N, n_targets]` in the input's type.
fn tree_ensemble(ctx: &mut Ctx<'_>) -> Inferred {
    let targets = ctx.attrs().int("n_targets").map_or(Dim::Unknown, Dim::Known);
    columns(ctx, ctx.dtype(0), targets)
}

/// `[..., categories]`. 3 values, 4 categories: 3x4.
fn one_hot(ctx: &mut Ctx<'_>) -> Inferred {
    let dtype = Some(DType::F32);
    ctx.set_dtype(0, dtype);
    let categories = ["cats_int64s", "cats_strings"].iter().find_map(|name| match ctx.attrs().get(name)? {
        Attr::Ints(list) => Some(list.len()),
        Attr::Strs(list) => Some(list.len()),
        _ => None,
    });
    let Some(categories) = categories else {
        return Err(Why::new("no categories are listed"));
    };
    let shape = ctx.shape(0)?.iter().cloned().chain([Dim::Known(categories as i64)]).collect();
    ctx.set(0, dtype, shape);
    Ok(())
}

/// A map for each sample.
fn zip_map(ctx: &mut Ctx<'_>) -> Inferred {
    let length = ctx.shape(0).ok().and_then(|shape| shape.first()).cloned().unwrap_or(Dim::Unknown);
    ctx.set_type(0, Type::Sequence(Box::new(Type::Map), length));
    Ok(())
}

/// `[1, keys]`, as many as the map holds.
fn from_map(ctx: &mut Ctx<'_>) -> Inferred {
    ctx.set(0, None, unknown(2));
    Err(Why::new("how many entries a map holds depends on the data"))
}
