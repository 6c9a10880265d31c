//! NonMaxSuppression of several images and classes, one at a time: rten has it for one of each. Corners in the other order
//! are put right.

use super::{Made, attribute, input, int, output, without};
use crate::onnx::NodeProto;

/// Images times classes up to which it is written out.
const MAX_PAIRS: i64 = 256;

impl Made<'_> {
    pub(super) fn suppressed(&mut self, node: &NodeProto) -> Option<()> {
        let ([images, classes, _], y) =
            (<[i64; 3]>::try_from(self.sizes(input(node, 1))?).ok()?, output(node, 0));
        let corners = attribute(node, "center_point_box").is_none_or(|a| a.i() == 0);
        if images.checked_mul(classes)? > MAX_PAIRS || images < 1 || classes < 1 {
            return None;
        }
        let mut boxes = input(node, 0).to_owned();
        if corners {
            let ends = [(0, 2), (2, 4)].map(|(from, to)| self.cut(&boxes, 2, from, to, node));
            let order = ["Min", "Max"].map(|op| self.node(op, ends.to_vec(), Vec::new(), node));
            boxes = self.node("Concat", order.to_vec(), vec![int("axis", 2)], node);
        }
        // Without a threshold every score counts; rten takes none below 0.
        let mut limits: Vec<String> = node.input.iter().skip(2).cloned().collect();
        limits.resize(3, String::new());
        if let Some(threshold) = limits.last_mut().filter(|name| name.is_empty()) {
            *threshold = self.floats(&[f32::MIN], false, node);
        }
        let mut found = Vec::new();
        for image in 0..images {
            let of_image = self.cut(&boxes, 0, image, image + 1, node);
            let scores = self.cut(input(node, 1), 0, image, image + 1, node);
            for class in 0..classes {
                let of_class = self.cut(&scores, 1, class, class + 1, node);
                let mut inputs = vec![of_image.clone(), of_class];
                inputs.extend(limits.iter().cloned());
                let kept = self.node("NonMaxSuppression", inputs, without(node, &[]), node);
                let place = self.ints(&[image, class, 0], false, node);
                found.push(self.node("Add", vec![kept, place], Vec::new(), node));
            }
        }
        self.put("Concat", found, vec![int("axis", 0)], node, y.to_owned());
        Some(())
    }

    /// A range along an axis.
    fn cut(&mut self, name: &str, axis: i64, from: i64, to: i64, node: &NodeProto) -> String {
        let bounds = [from, to, axis].map(|n| self.ints(&[n], false, node));
        self.node("Slice", [vec![name.to_owned()], bounds.to_vec()].concat(), Vec::new(), node)
    }
}
