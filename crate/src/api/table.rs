//! The layer table as CSV.

use super::score::{Extent, Score};

const HEAD: &str = "index,name,op,output,shape,stage,block,params,macs,macs_valid,activation,elements,\
                    average_pool,truncations,products,adds,bias,batch_norm,status,reason";

/// One line a row of `layers`, RFC 4180; an unknown number is empty. A cell that a spreadsheet would
/// run as a formula starts with an apostrophe.
pub fn csv(score: &Score) -> String {
    let mut text = format!("{HEAD}\r\n");
    let number = |n: Option<u64>| n.map(|n| n.to_string()).unwrap_or_default();
    for layer in &score.layers {
        let shape = layer.shape.as_ref().map(|dims| shape_text(dims)).unwrap_or_default();
        let activation = layer.activation.as_ref();
        let known = layer.macs.is_some();
        let cells = [
            layer.index.to_string(),
            quoted(&layer.name),
            quoted(&layer.op),
            quoted(&layer.output),
            quoted(&shape),
            quoted(&layer.stage),
            layer.block.to_string(),
            number(layer.params),
            number(layer.macs),
            number(layer.macs_valid),
            activation.map(|a| a.kind.clone()).unwrap_or_default(),
            number(activation.map(|a| a.elements)),
            number(known.then_some(layer.average_pool)),
            number(known.then_some(layer.truncations)),
            number(known.then_some(layer.products)),
            number(known.then_some(layer.adds)),
            number(known.then_some(layer.bias)),
            number(known.then_some(layer.batch_norm)),
            if known { "counted" } else { "unknown" }.to_owned(),
            quoted(layer.reason.as_deref().unwrap_or_default()),
        ];
        text.push_str(&cells.join(","));
        text.push_str("\r\n");
    }
    text
}

/// `1x3x32x32`.
pub fn shape_text(dims: &[Extent]) -> String {
    let part = |extent: &Extent| match extent {
        Extent::Known(n) => n.to_string(),
        Extent::Symbolic(text) => text.clone(),
    };
    dims.iter().map(part).collect::<Vec<_>>().join("x")
}

fn quoted(cell: &str) -> String {
    let guard = if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    if cell.contains([',', '"', '\n', '\r']) {
        format!("\"{guard}{}\"", cell.replace('"', "\"\""))
    } else {
        format!("{guard}{cell}")
    }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn cells_are_quoted_and_formulas_defused() {
        for (cell, text) in
            [("a", "a"), ("a,b", "\"a,b\""), ("a\"b", "\"a\"\"b\""), ("=1+1", "'=1+1"), ("-a,b", "\"'-a,b\"")]
        {
            assert_eq!(quoted(cell), text);
        }
    }
}
