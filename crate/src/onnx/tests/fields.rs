//! The walk's table against the schema's text, both ways.

use std::collections::BTreeMap;

use super::super::fields::{Field, Message, Number, field};

const PROTO: &str = include_str!("../../../proto/onnx-ml.proto");

const MESSAGES: &[(&str, Message)] = &[
    ("ModelProto", Message::Model),
    ("GraphProto", Message::Graph),
    ("NodeProto", Message::Node),
    ("AttributeProto", Message::Attribute),
    ("TensorProto", Message::Tensor),
    ("Segment", Message::Segment),
    ("SparseTensorProto", Message::SparseTensor),
    ("ValueInfoProto", Message::ValueInfo),
    ("TypeProto", Message::Type),
    ("Tensor", Message::TypeTensor),
    ("Sequence", Message::TypeSequence),
    ("Map", Message::TypeMap),
    ("Optional", Message::TypeOptional),
    ("SparseTensor", Message::TypeSparse),
    ("Opaque", Message::TypeOpaque),
    ("TensorShapeProto", Message::Shape),
    ("Dimension", Message::Dimension),
    ("StringStringEntryProto", Message::Entry),
    ("OperatorSetIdProto", Message::OpsetId),
    ("FunctionProto", Message::Function),
    ("TrainingInfoProto", Message::Training),
    ("TensorAnnotation", Message::Annotation),
    ("DeviceConfigurationProto", Message::Device),
    ("NodeDeviceConfigurationProto", Message::NodeDevice),
    ("ShardingSpecProto", Message::Sharding),
    ("IntIntListEntryProto", Message::IntIntList),
    ("ShardedDimProto", Message::ShardedDim),
    ("SimpleShardedDimProto", Message::SimpleSharding),
];

/// (message, number) -> (repeated, type, name), read from the .proto line by line.
fn declared() -> BTreeMap<(String, u32), (bool, String, String)> {
    let mut open: Vec<String> = Vec::new();
    let mut found = BTreeMap::new();
    for line in PROTO.lines() {
        let line = line.split("//").next().unwrap_or_default().trim();
        let words: Vec<&str> = line.split([' ', ';', '=']).filter(|w| !w.is_empty()).collect();
        match words.as_slice() {
            ["message" | "enum" | "oneof", name, "{"] => open.push(format!("{} {name}", words[0])),
            [first, ..] if first.starts_with('}') => drop(open.pop()),
            ["optional" | "repeated", kind, name, number, ..] => {
                let owner = message_of(&open);
                found.insert(
                    (owner, number.parse().unwrap()),
                    (words[0] == "repeated", (*kind).to_owned(), (*name).to_owned()),
                );
            }
            [kind, name, number] if open.last().is_some_and(|o| o.starts_with("oneof")) => {
                let owner = message_of(&open);
                found.insert(
                    (owner, number.parse().unwrap()),
                    (false, (*kind).to_owned(), (*name).to_owned()),
                );
            }
            _ => {}
        }
    }
    found
}

fn message_of(open: &[String]) -> String {
    open.iter().rev().find_map(|o| o.strip_prefix("message ")).unwrap().to_owned()
}

#[test]
fn the_table_is_the_schema() {
    let declared = declared();
    assert!(declared.len() > 120, "{} fields were found in the schema", declared.len());
    let mut wrong = Vec::new();
    for (name, message) in MESSAGES {
        for number in (1..=100).chain([20000]) {
            let ours = field(*message, number);
            let theirs = declared.get(&((*name).to_owned(), number)).filter(|_| number != 20000);
            let ok = match (ours, theirs) {
                (None, None) => true,
                (Some(ours), Some((repeated, kind, member))) => {
                    agrees(ours, *repeated, kind, member, *message)
                }
                _ => false,
            };
            if !ok {
                wrong.push(format!("{name} {number}: table {ours:?}, schema {theirs:?}"));
            }
        }
    }
    for (name, number) in declared.keys() {
        if !MESSAGES.iter().any(|(n, _)| n == name) {
            wrong.push(format!("{name} {number}: no such message in the table"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn agrees(ours: Field, repeated: bool, kind: &str, member: &str, message: Message) -> bool {
    let number = match kind {
        "int32" | "int64" | "uint64" | "DataType" | "AttributeType" | "DataLocation" => Some(Number::Varint),
        "float" => Some(Number::Fixed32),
        "double" => Some(Number::Fixed64),
        _ => None,
    };
    match ours {
        Field::One(n) => !repeated && number == Some(n),
        Field::Many(n) | Field::Numbers(n) => repeated && number == Some(n),
        Field::Str => kind == "string" && member != "doc_string",
        Field::Blob(many) => kind == "bytes" && repeated == many,
        Field::Drop => match member {
            "doc_string" => kind == "string",
            "metadata_props" => message != Message::Model,
            _ => false,
        },
        Field::Msg(inner) => MESSAGES.iter().any(|(name, m)| *m == inner && *name == kind),
    }
}
