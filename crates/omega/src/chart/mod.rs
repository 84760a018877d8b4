//! Pictures of figures: one self-contained SVG each, on a light ground, for files, pages and messages alike.
//!
//! It refuses colour as the only carrier of a meaning: whatever a colour says, a word or a place says too.

mod axis;
mod distribution;

pub use axis::Scale;
pub use distribution::{Distribution, Group};

use plotters::style::{FontDesc, FontFamily, FontStyle, RGBColor, TextStyle};

/// The ground.
const GROUND: RGBColor = RGBColor(255, 255, 255);
/// Words and the lines that carry the message.
const INK: RGBColor = RGBColor(31, 35, 40);
/// Words beside the point.
const QUIET: RGBColor = RGBColor(99, 108, 118);
/// The net of the axis.
const NET: RGBColor = RGBColor(226, 229, 233);

/// Okabe and Ito's colours, which the colour-blind can tell apart; without their yellow, which a light ground swallows.
const GROUPS: [RGBColor; 7] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(86, 180, 233),
    RGBColor(230, 159, 0),
    RGBColor(99, 108, 118),
];

fn words(size_px: u32, colour: RGBColor, style: FontStyle) -> TextStyle<'static> {
    FontDesc::new(FontFamily::SansSerif, f64::from(size_px), style).color(&colour)
}
