//! Every file of tests/corpus/bad gives the code, the offset and the hint of expected.csv.

use super::{corpus, opened};

#[test]
fn each_bad_file_is_answered_as_expected() {
    let folder = corpus("bad");
    let table = std::fs::read_to_string(folder.join("expected.csv")).unwrap();
    let mut seen = Vec::new();
    let mut wrong = Vec::new();
    for line in table.lines().skip(1) {
        let [name, code, offset, hint] = line.splitn(4, ',').collect::<Vec<_>>()[..] else {
            panic!("a row has four cells: {line}");
        };
        seen.push(name.to_owned());
        let bytes = std::fs::read(folder.join(name)).unwrap();
        let Err(e) = opened(name, &bytes) else {
            wrong.push(format!("{name}: opened"));
            continue;
        };
        let offset_ok = match offset {
            "" => e.place.offset.is_some(),
            "end" => e.place.offset == Some(bytes.len() as u64),
            n => e.place.offset == n.parse().ok(),
        };
        let ok = format!("{:?}", e.code) == code && offset_ok && e.hint.contains(hint);
        if !ok || e.place.file.as_deref() != Some(name) || e.message.is_empty() {
            wrong.push(format!("{name}: wanted {code} at {offset}, {hint:?}; got {:?}: {e}", e.code));
        }
    }
    for entry in std::fs::read_dir(&folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if !["make.py", "expected.csv", "__pycache__"].contains(&name.as_str()) && !seen.contains(&name) {
            wrong.push(format!("{name}: no row in expected.csv"));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
