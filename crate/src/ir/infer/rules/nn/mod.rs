//! Operators of networks: convolution, pooling, normalisation, recurrent cells, attention, resizing,
//! images, quantisation, losses, training steps, classic machine learning.

use super::Rule;

mod attention;
mod contrib;
mod contrib_attention;
mod conv;
mod image;
mod loss;
mod ml;
mod norm;
mod pool;
mod quant;
mod recurrent;
mod resize;
mod shapes;
mod suppress;
#[cfg(test)]
mod tests;
mod training;

use shapes::{channels_first, channels_last, dtype_attr, like, like_input, of_rank, unknown, whole};

pub(super) fn find(domain: &str, op: &str) -> Option<Rule> {
    let families = [
        conv::find,
        pool::find,
        norm::find,
        recurrent::find,
        attention::find,
        resize::find,
        image::find,
        suppress::find,
        quant::find,
        loss::find,
        training::find,
        ml::find,
        contrib::find,
        contrib_attention::find,
    ];
    families.iter().find_map(|family| family(domain, op))
}
