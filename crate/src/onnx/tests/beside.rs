//! External data: what a tensor says, and which file at hand that is.

use crate::onnx::external::tensor_bytes;
use crate::onnx::*;

fn tensor(entries: &[(&str, &str)]) -> TensorProto {
    let entry = |(k, v): &(&str, &str)| StringStringEntryProto {
        key: Some((*k).to_owned()),
        value: Some((*v).to_owned()),
    };
    TensorProto {
        dims: vec![3, 5],
        data_type: Some(1),
        data_location: Some(1),
        external_data: entries.iter().map(entry).collect(),
        ..Default::default()
    }
}

fn present(files: &[(&str, u64)]) -> Vec<Present> {
    files.iter().map(|(name, bytes)| Present { name: (*name).to_owned(), bytes: *bytes }).collect()
}

fn found(entries: &[(&str, &str)], files: &[(&str, u64)]) -> Found {
    resolve(&external(&tensor(entries)).unwrap(), &present(files))
}

#[test]
fn data_inside_the_model_is_not_external() {
    assert_eq!(external(&TensorProto::default()), None);
    assert_eq!(external(&TensorProto { data_location: Some(0), ..tensor(&[("location", "w")]) }), None);
}

#[test]
fn a_length_that_is_not_given_follows_from_dims_and_type() {
    let data = external(&tensor(&[("location", "w.bin"), ("offset", "4096")])).unwrap();
    assert_eq!(
        (data.location.as_str(), data.offset, data.length, data.fault),
        ("w.bin", 4096, Some(60), None)
    );
    let data = external(&tensor(&[("location", "w.bin"), ("length", "64")])).unwrap();
    assert_eq!((data.offset, data.length), (0, Some(64)));
}

#[test]
fn bytes_of_every_width() {
    let bytes = |data_type| tensor_bytes(&TensorProto { data_type: Some(data_type), ..tensor(&[]) });
    // 15 elements: 2, 4, 6 bits are packed; strings have no size.
    let want = [(25, 4), (22, 8), (27, 12), (3, 15), (10, 30), (16, 30), (1, 60), (7, 120), (15, 240)];
    for (data_type, expected) in want {
        assert_eq!(bytes(data_type), Some(expected), "type {data_type}");
    }
    assert_eq!((bytes(8), bytes(0), bytes(99)), (None, None, None));
    assert_eq!(tensor_bytes(&TensorProto { dims: vec![i64::MAX, 8], ..tensor(&[]) }), None);
    assert_eq!(tensor_bytes(&TensorProto { dims: vec![-1], ..tensor(&[]) }), None);
}

#[test]
fn files_match_by_name_without_folders() {
    let at = [("location", "sub/w.bin")];
    assert_eq!(found(&at, &[("model.onnx", 9), ("w.bin", 60)]), Found::Here(1));
    assert_eq!(found(&at, &[("elsewhere/w.bin", 60)]), Found::Here(0));
    assert_eq!(found(&[("location", "./w.bin")], &[("w.bin", 60)]), Found::Here(0));
    // The whole path decides between two of one name; without it, neither is taken.
    assert_eq!(found(&at, &[("w.bin", 60), ("sub/w.bin", 60)]), Found::Here(1));
    assert!(matches!(found(&at, &[("a/w.bin", 60), ("b/w.bin", 60)]), Found::Missing { .. }));
    assert!(matches!(found(&at, &[("W.BIN", 60), ("w.bin.tmp", 60)]), Found::Missing { .. }));
}

#[test]
fn a_file_that_ends_too_early_is_named_with_what_it_needs() {
    let at = [("location", "w.bin"), ("offset", "100"), ("length", "60")];
    assert_eq!(found(&at, &[("w.bin", 160)]), Found::Here(0));
    assert_eq!(found(&at, &[("w.bin", 159)]), Found::TooShort { file: 0, needs: 160 });
    let far = [("location", "w.bin"), ("offset", "18446744073709551615"), ("length", "60")];
    assert_eq!(found(&far, &[("w.bin", 160)]), Found::TooShort { file: 0, needs: u64::MAX });
}

#[test]
fn locations_that_leave_the_folder_are_never_matched() {
    let outside =
        ["/etc/passwd", "\\\\host\\passwd", "C:\\passwd", "../passwd", "a/../../passwd", "", ".", "a\0b"];
    for location in outside {
        let got = found(&[("location", location)], &[("passwd", 999), ("a\0b", 999)]);
        let Found::Missing { reason } = got else { panic!("{location:?}: {got:?}") };
        assert!(!reason.is_empty());
    }
    for entry in [("offset", "-1"), ("length", "1e9"), ("offset", "")] {
        let got = found(&[("location", "w.bin"), entry], &[("w.bin", 999)]);
        assert!(matches!(got, Found::Missing { .. }), "{entry:?}: {got:?}");
    }
}
