//! Ratios per layer that SENet's released code holds.

/// One list.
#[derive(Clone, Debug, PartialEq)]
pub struct SenetRatios {
    /// Network, data set and budget, as the code names them: `ResNet18_c100_relu82k`.
    pub name: &'static str,
    /// Share of each activation layer that stays, in network order.
    pub ratios: Vec<f64>,
}

/// All lists.
pub fn senet_ratios() -> Vec<SenetRatios> {
    let lines = include_str!("senet-ratios.csv").lines().filter(|line| !line.starts_with('#'));
    let list = |line: &'static str| {
        let (name, ratios) = line.split_once(',')?;
        Some(SenetRatios { name, ratios: ratios.split(',').filter_map(|r| r.parse().ok()).collect() })
    };
    lines.filter_map(list).collect()
}
