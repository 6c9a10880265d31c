//! Compares an inferred type with the expected one; both as JSON.

use serde_json::Value;

/// How an answer stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// All of it, and right.
    Right,
    /// Not all of it, and nothing wrong.
    Unknown,
    /// Something that is not so.
    Wrong,
}

use Verdict::{Right, Unknown, Wrong};

/// A type: `{"dtype", "shape"}`, `{"sequence"}`, `{"optional"}`, or `{}` where nothing is known.
/// Where the expectation is silent (null), any answer is right.
pub fn of_type(found: &Value, wanted: &Value) -> Verdict {
    for kind in ["sequence", "optional"] {
        match (found.get(kind), wanted.get(kind)) {
            (Some(found), Some(wanted)) => return of_type(found, wanted),
            (None, None) => {}
            (None, Some(_)) if found.as_object().is_some_and(|o| o.is_empty()) => return Unknown,
            _ => return Wrong,
        }
    }
    worst([
        of_word(found.get("dtype"), wanted.get("dtype")),
        of_shape(found.get("shape"), wanted.get("shape")),
    ])
}

/// The dimensions of a tensor.
pub fn of_shape(found: Option<&Value>, wanted: Option<&Value>) -> Verdict {
    let Some(wanted) = wanted.and_then(Value::as_array) else { return Right };
    let Some(found) = found.and_then(Value::as_array) else { return Unknown };
    if found.len() != wanted.len() {
        return Wrong;
    }
    worst(found.iter().zip(wanted).map(|(found, wanted)| match (found.as_i64(), wanted.as_i64()) {
        (_, None) => Right,
        (None, Some(_)) => Unknown,
        (Some(found), Some(wanted)) => {
            if found == wanted {
                Right
            } else {
                Wrong
            }
        }
    }))
}

fn of_word(found: Option<&Value>, wanted: Option<&Value>) -> Verdict {
    match (found.and_then(Value::as_str), wanted.and_then(Value::as_str)) {
        (_, None) => Right,
        (None, Some(_)) => Unknown,
        (Some(found), Some(wanted)) => {
            if found == wanted {
                Right
            } else {
                Wrong
            }
        }
    }
}

fn worst(verdicts: impl IntoIterator<Item = Verdict>) -> Verdict {
    verdicts.into_iter().fold(Right, |worst, verdict| match (worst, verdict) {
        (Wrong, _) | (_, Wrong) => Wrong,
        (Unknown, _) | (_, Unknown) => Unknown,
        _ => Right,
    })
}

#[test]
fn verdicts() {
    let cases = [
        (r#"{"dtype":"float32","shape":[2,3]}"#, Right),
        (r#"{"dtype":"float32","shape":[2,"n"]}"#, Unknown),
        (r#"{"dtype":"float32","shape":null}"#, Unknown),
        (r#"{"dtype":null,"shape":[2,3]}"#, Unknown),
        ("{}", Unknown),
        (r#"{"dtype":"int64","shape":[2,3]}"#, Wrong),
        (r#"{"dtype":"float32","shape":[2,4]}"#, Wrong),
        (r#"{"dtype":"float32","shape":["n"]}"#, Wrong),
        (r#"{"sequence":{"dtype":"float32","shape":[2,3]}}"#, Wrong),
    ];
    let json = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    let wanted = json(r#"{"dtype":"float32","shape":[2,3]}"#);
    let failed: Vec<_> = cases.iter().filter(|(found, v)| of_type(&json(found), &wanted) != *v).collect();
    assert!(failed.is_empty(), "{failed:?}");
}
