//! Distributions side by side: for each group a box of its quartiles, whiskers to 5 and 95 %, and every member as a dot.
//!
//! It refuses groups without members.

use analytics::population::summarise;
use plotters::prelude::*;
use plotters::style::FontStyle;

/// One group of figures.
#[derive(Clone, Debug)]
pub struct Group {
    /// Under its box.
    pub name: String,
    /// Its members.
    pub figures: Vec<f64>,
}

/// A chart of distributions.
#[derive(Clone, Debug)]
pub struct Boxes {
    /// Above it.
    pub title: String,
    /// What the axis counts, such as `return, %`.
    pub unit: String,
    /// Left to right.
    pub groups: Vec<Group>,
}

const SIZE: (u32, u32) = (1_000, 560);
const INK: RGBColor = RGBColor(38, 50, 56);
const BOX: RGBColor = RGBColor(66, 133, 180);
const QUIET: RGBColor = RGBColor(176, 190, 197);
/// At most this many dots a group: more are a smear.
const DOTS_MAX: usize = 400;
/// Half the width of a box, of the room of its group.
const HALF_BOX: f64 = 0.22;

fn font(size: i32) -> TextStyle<'static> {
    ("sans-serif", size).into_font().style(FontStyle::Normal).color(&INK)
}

impl Boxes {
    /// The picture.
    pub fn svg(&self) -> String {
        let mut text = String::new();
        {
            let root = SVGBackend::with_string(&mut text, SIZE).into_drawing_area();
            self.draw(&root).expect("a string takes every drawing");
        }
        text
    }

    fn range(&self) -> (f64, f64) {
        let all = self.groups.iter().flat_map(|group| &group.figures).copied();
        let (low, high) =
            all.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)));
        if !low.is_finite() || !high.is_finite() {
            return (-1.0, 1.0);
        }
        let room = ((high - low) * 0.06).max(1e-6);
        (low.min(0.0) - room, high.max(0.0) + room)
    }

    fn draw<B: DrawingBackend>(
        &self,
        root: &DrawingArea<B, plotters::coord::Shift>,
    ) -> Result<(), DrawingAreaErrorKind<B::ErrorType>> {
        root.fill(&WHITE)?;
        let (low, high) = self.range();
        let count = self.groups.len().max(1);
        let mut chart = ChartBuilder::on(root)
            .caption(&self.title, font(26))
            .margin(18)
            .x_label_area_size(44)
            .y_label_area_size(80)
            .build_cartesian_2d(-0.5..count as f64 - 0.5, low..high)?;
        let names = |x: &f64| {
            let at = x.round();
            let near = (x - at).abs() < 1e-6 && at >= 0.0;
            let group = if near { self.groups.get(at as usize) } else { None };
            group.map_or(String::new(), |group| format!("{} ({})", group.name, group.figures.len()))
        };
        chart
            .configure_mesh()
            .disable_x_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(QUIET.mix(0.6))
            .axis_style(QUIET)
            .x_labels(2 * count + 1)
            .x_label_formatter(&names)
            .x_label_style(font(16))
            .y_label_style(font(14))
            .y_desc(&self.unit)
            .axis_desc_style(font(16))
            .draw()?;
        let zero = vec![(-0.5, 0.0), (count as f64 - 0.5, 0.0)];
        chart.draw_series([PathElement::new(zero, INK.stroke_width(1))])?;
        for (i, group) in self.groups.iter().enumerate() {
            let Ok(summary) = summarise(&group.figures) else { continue };
            let x = i as f64;
            let step = group.figures.len().div_ceil(DOTS_MAX).max(1);
            let dots = group.figures.iter().step_by(step).enumerate().map(|(dot, figure)| {
                // Side by side without chance: a picture of the same figures is the same picture.
                let aside = ((dot * 37) % 100) as f64 / 100.0 * 0.5 - 0.25;
                Circle::new((x + aside * 0.9, *figure), 2, QUIET.filled())
            });
            chart.draw_series(dots)?;
            let [p5, p25, p50, p75, p95] = summary.quantiles;
            let line = |from: (f64, f64), to: (f64, f64), width: u32| {
                PathElement::new(vec![from, to], INK.stroke_width(width))
            };
            chart.draw_series([Rectangle::new(
                [(x - HALF_BOX, p25), (x + HALF_BOX, p75)],
                BOX.mix(0.45).filled(),
            )])?;
            chart.draw_series([
                line((x, p5), (x, p25), 1),
                line((x, p75), (x, p95), 1),
                line((x - HALF_BOX / 2.0, p5), (x + HALF_BOX / 2.0, p5), 1),
                line((x - HALF_BOX / 2.0, p95), (x + HALF_BOX / 2.0, p95), 1),
                line((x - HALF_BOX, p50), (x + HALF_BOX, p50), 3),
            ])?;
        }
        root.present()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_names_its_groups_and_is_the_same_twice() {
        let group = |name: &str, base: f64| Group {
            name: name.to_owned(),
            figures: (0..50).map(|i| base + f64::from(i * 7 % 50)).collect(),
        };
        let boxes = Boxes {
            title: "Returns".to_owned(),
            unit: "%".to_owned(),
            groups: vec![group("strategic", -20.0), group("newbie", 3.0), group("nobody", f64::NAN)],
        };
        let boxes = Boxes { groups: boxes.groups[..2].to_vec(), ..boxes };
        let svg = boxes.svg();
        for text in ["<svg", "Returns", "strategic (50)", "newbie (50)", "</svg>"] {
            assert!(svg.contains(text), "{text}");
        }
        assert_eq!(svg, boxes.svg());
        let empty = Boxes { groups: Vec::new(), ..boxes };
        assert!(empty.svg().contains("</svg>"));
    }
}
