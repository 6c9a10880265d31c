//! Mutations that keep the file a model: attribute types, sizes, names, domains, payloads, places of external data.

use super::Random;

/// A field of a message: number, wire type, bytes of its value.
#[derive(Clone)]
struct Field(u64, u64, Vec<u8>);

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0u64;
    for place in 0..10 {
        let (first, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(first & 127) << (7 * place).min(63);
        if *first < 128 {
            return Some(value);
        }
    }
    None
}

fn put(out: &mut Vec<u8>, mut value: u64) {
    while value >= 128 {
        out.push(value as u8 | 128);
        value >>= 7;
    }
    out.push(value as u8);
}

fn fields(mut bytes: &[u8]) -> Option<Vec<Field>> {
    let mut all = Vec::new();
    while !bytes.is_empty() {
        let key = varint(&mut bytes)?;
        let length = match key & 7 {
            0 => {
                let value = varint(&mut bytes)?;
                let mut own = Vec::new();
                put(&mut own, value);
                all.push(Field(key >> 3, 0, own));
                continue;
            }
            1 => 8,
            5 => 4,
            2 => usize::try_from(varint(&mut bytes)?).ok()?,
            _ => return None,
        };
        let (own, rest) = bytes.split_at_checked(length)?;
        bytes = rest;
        all.push(Field(key >> 3, key & 7, own.to_vec()));
    }
    Some(all)
}

fn bytes(fields: &[Field]) -> Vec<u8> {
    let mut out = Vec::new();
    for Field(number, wire, value) in fields {
        put(&mut out, number << 3 | wire);
        if *wire == 2 {
            put(&mut out, value.len() as u64);
        }
        out.extend_from_slice(value);
    }
    out
}

/// Changes one field of a message of that number, picked at random; true where there was one.
fn change(
    message: &mut Vec<u8>,
    number: u64,
    random: &mut Random,
    with: &mut dyn FnMut(&mut Field, &mut Random),
) -> bool {
    let Some(mut all) = fields(message) else { return false };
    let places: Vec<usize> = (0..all.len()).filter(|at| all[*at].0 == number).collect();
    if places.is_empty() {
        return false;
    }
    with(&mut all[places[random.below(places.len())]], random);
    *message = bytes(&all);
    true
}

const GRAPH: u64 = 7;
const NODE: u64 = 1;
const INITIALIZER: u64 = 5;

/// One mutation; nothing where the model has no such place.
pub fn mutate(model: &mut Vec<u8>, random: &mut Random) {
    let kind = random.below(10);
    change(model, GRAPH, random, &mut |graph, random| {
        let graph = &mut graph.2;
        match kind {
            // An attribute of another type, or another number in it.
            0 | 1 => {
                change(graph, NODE, random, &mut |node, random| {
                    change(&mut node.2, 5, random, &mut |attribute, random| {
                        let number = [20, 3, 8, 2, 4][random.below(5)];
                        change(&mut attribute.2, number, random, &mut scramble);
                    });
                });
            }
            // A size of a weight, huge or below 0.
            2 => {
                change(graph, INITIALIZER, random, &mut |tensor, random| {
                    change(&mut tensor.2, 1, random, &mut scramble);
                });
            }
            // An element type.
            3 => {
                change(graph, INITIALIZER, random, &mut |tensor, random| {
                    change(&mut tensor.2, 2, random, &mut scramble);
                });
            }
            // A payload that is cut off.
            4 => {
                change(graph, INITIALIZER, random, &mut |tensor, random| {
                    change(&mut tensor.2, 9, random, &mut |raw, random| {
                        let keep = random.below(raw.2.len() + 1);
                        raw.2.truncate(keep);
                    });
                });
            }
            // Data elsewhere: places that climb, that are absolute, that are not there.
            5 => {
                change(graph, INITIALIZER, random, &mut |tensor, random| {
                    let places = ["../../etc/passwd", "/etc/passwd", "w/../../x", "", "nowhere.bin", "C:\\x"];
                    let mut entry = Vec::new();
                    let place = places[random.below(places.len())];
                    for (number, text) in [(1u64, "location"), (2, place)] {
                        entry.push(Field(number, 2, text.as_bytes().to_vec()));
                    }
                    let mut all = fields(&tensor.2).unwrap_or_default();
                    all.retain(|field| field.0 != 9);
                    all.extend([Field(13, 2, bytes(&entry)), Field(14, 0, vec![1])]);
                    tensor.2 = bytes(&all);
                });
            }
            // A node that reads what is made later, or itself: a cycle.
            6 | 7 => {
                let Some(all) = fields(graph) else { return };
                let outputs: Vec<Vec<u8>> = (all.iter().filter(|field| field.0 == NODE))
                    .flat_map(|node| fields(&node.2).unwrap_or_default())
                    .filter(|field| field.0 == 2)
                    .map(|field| field.2)
                    .collect();
                change(graph, NODE, random, &mut |node, random| {
                    change(&mut node.2, 1, random, &mut |input, random| {
                        if !outputs.is_empty() {
                            input.2.clone_from(&outputs[random.below(outputs.len())]);
                        }
                    });
                });
            }
            // Another operator, or another domain.
            8 => {
                const OPS: [&str; 14] = [
                    "Loop",
                    "If",
                    "Scan",
                    "Conv",
                    "Einsum",
                    "LSTM",
                    "Resize",
                    "MaxPool",
                    "Reshape",
                    "GRU",
                    "Unique",
                    "Tile",
                    "NonMaxSuppression",
                    "ConvInteger",
                ];
                change(graph, NODE, random, &mut |node, random| {
                    change(&mut node.2, 4, random, &mut |op, random| {
                        op.2 = OPS[random.below(OPS.len())].as_bytes().to_vec();
                    });
                });
            }
            _ => {
                const DOMAINS: [&str; 4] = ["com.microsoft", "ai.onnx.ml", "ai.onnx", "example"];
                change(graph, NODE, random, &mut |node, random| {
                    let mut all = fields(&node.2).unwrap_or_default();
                    all.retain(|field| field.0 != 7);
                    all.push(Field(7, 2, DOMAINS[random.below(4)].as_bytes().to_vec()));
                    node.2 = bytes(&all);
                });
            }
        }
    });
}

/// A number at the ends of what a field holds; any byte of anything else.
fn scramble(field: &mut Field, random: &mut Random) {
    const NUMBERS: [u64; 10] =
        [0, 1, 2, 7, 16, 1 << 20, u32::MAX as u64, i64::MAX as u64, u64::MAX, (i64::MIN as u64) + 1];
    if field.1 == 0 {
        field.2.clear();
        put(&mut field.2, NUMBERS[random.below(NUMBERS.len())]);
    } else if !field.2.is_empty() {
        let at = random.below(field.2.len());
        field.2[at] = random.below(256) as u8;
    }
}
