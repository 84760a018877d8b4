//! Charts as SVG, drawn by `plotters`: the one place that every picture comes from.
//!
//! It refuses to say by colour alone what a label does not say as well.

pub mod boxes;
