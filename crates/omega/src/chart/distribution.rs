//! How figures are distributed in several groups: a box with its whiskers, and below it every figure as a dot.
//!
//! It refuses to hide the shape behind the box, and to cut far figures off without saying so.

use super::axis::{Axis, Scale};
use super::{GROUND, GROUPS, INK, NET, QUIET, words};
use analytics::population::summarise;
use analytics::statistics::{ascending, quantile};
use plotters::coord::Shift;
use plotters::prelude::{Circle, DrawingArea, IntoDrawingArea, PathElement, Rectangle, SVGBackend, Text};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontStyle, RGBColor, TextStyle};

/// One group.
#[derive(Clone, Copy, Debug)]
pub struct Group<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its figures, in any order; one at least, all finite.
    pub values: &'a [f64],
}

/// Groups below each other on one axis.
#[derive(Clone, Copy, Debug)]
pub struct Distribution<'a> {
    /// What is shown, with its unit.
    pub title: &'a str,
    /// Of what.
    pub subtitle: &'a str,
    /// How the axis is read.
    pub scale: Scale,
    /// The groups; one at least.
    pub groups: &'a [Group<'a>],
}

const WIDTH: i32 = 900;
const LEFT: i32 = 118;
const RIGHT: i32 = 24;
const TOP: i32 = 74;
const BOTTOM: i32 = 62;
const ROW: i32 = 74;
/// Dots of one group: more of them are one blot, and a heavy file.
const DOTS_MAX: usize = 300;
/// The share of figures at either end that does not stretch the axis.
const FAR: f64 = 0.005;

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// A canvas in memory cannot fail.
const CANVAS: &str = "a drawing in memory does not fail";

impl Distribution<'_> {
    /// The picture.
    pub fn svg(&self) -> String {
        assert!(!self.groups.is_empty(), "a picture shows something");
        let mut svg = String::new();
        {
            let height = TOP + ROW * self.groups.len() as i32 + BOTTOM;
            let area = SVGBackend::with_string(&mut svg, (WIDTH as u32, height as u32)).into_drawing_area();
            area.fill(&GROUND).expect(CANVAS);
            let (axis, outside) = self.axis();
            self.draw_frame(&area, &axis, height, outside);
            for (i, group) in self.groups.iter().enumerate() {
                draw_group(&area, &axis, group, TOP + ROW * i as i32, GROUPS[i % GROUPS.len()]);
            }
            area.present().expect(CANVAS);
        }
        svg
    }

    /// The axis over all but the farthest figures, and how many lie outside it.
    fn axis(&self) -> (Axis, usize) {
        let sorted: Vec<Vec<f64>> = self.groups.iter().map(|group| ascending(group.values)).collect();
        let ends = |at: f64| sorted.iter().map(move |values| quantile(values, at));
        let low = ends(FAR).fold(f64::INFINITY, f64::min);
        let high = ends(1.0 - FAR).fold(f64::NEG_INFINITY, f64::max);
        // Zero is what most figures are held against: it is shown where it is near.
        let reach = (high - low) * 0.25;
        let low = if low > 0.0 && low < reach { 0.0 } else { low };
        let high = if high < 0.0 && -high < reach { 0.0 } else { high };
        let axis = Axis::over(low, high, self.scale);
        let outside = |value: &&f64| !(axis.low..=axis.high).contains(*value);
        let count = self.groups.iter().map(|group| group.values.iter().filter(outside).count()).sum();
        (axis, count)
    }

    fn draw_frame(&self, area: &Area<'_>, axis: &Axis, height: i32, outside: usize) {
        let bottom = height - BOTTOM + 4;
        text(
            area,
            self.title,
            (LEFT - 94, 18),
            words(19, INK, FontStyle::Bold),
            Pos::new(HPos::Left, VPos::Top),
        );
        let beside = words(13, QUIET, FontStyle::Normal);
        text(area, self.subtitle, (LEFT - 94, 44), beside.clone(), Pos::new(HPos::Left, VPos::Top));
        for (at, name) in &axis.ticks {
            let x = place(axis, *at);
            let (colour, width) = if *at == 0.0 { (QUIET, 2) } else { (NET, 1) };
            line(area, &[(x, TOP - 6), (x, bottom)], colour, width);
            text(
                area,
                name,
                (x, bottom + 6),
                words(13, INK, FontStyle::Normal),
                Pos::new(HPos::Center, VPos::Top),
            );
        }
        let mut note = "Box: middle half and median; whiskers: 5 % to 95 %; dots: runs".to_owned();
        if self.groups.iter().any(|group| group.values.len() > DOTS_MAX) {
            note.push_str(&format!(", {DOTS_MAX} of each evenly taken"));
        }
        if outside > 0 {
            note.push_str(&format!("; {outside} lie outside the picture"));
        }
        text(area, &note, (LEFT - 94, height - 22), beside, Pos::new(HPos::Left, VPos::Top));
    }
}

fn draw_group(area: &Area<'_>, axis: &Axis, group: &Group<'_>, top: i32, colour: RGBColor) {
    let summary = summarise(group.values).expect("a group has finite figures");
    let [low, lower, middle, upper, high] = summary.quantiles.map(|value| place(axis, value));
    let centre = top + 20;
    let name = words(15, INK, FontStyle::Bold);
    text(area, group.name, (LEFT - 12, centre), name, Pos::new(HPos::Right, VPos::Center));
    let count = format!("{} runs", group.values.len());
    let beside = words(12, QUIET, FontStyle::Normal);
    text(area, &count, (LEFT - 12, centre + 18), beside, Pos::new(HPos::Right, VPos::Center));
    for end in [low, high] {
        line(area, &[(end, centre - 6), (end, centre + 6)], INK, 1);
    }
    line(area, &[(low, centre), (lower, centre)], INK, 1);
    line(area, &[(upper, centre), (high, centre)], INK, 1);
    let box_of = [(lower, centre - 11), (upper.max(lower + 1), centre + 11)];
    area.draw(&Rectangle::new(box_of, colour.mix(0.35).filled())).expect(CANVAS);
    area.draw(&Rectangle::new(box_of, colour.stroke_width(1))).expect(CANVAS);
    line(area, &[(middle, centre - 11), (middle, centre + 11)], INK, 3);
    let sorted = ascending(group.values);
    let dots = sorted.len().min(DOTS_MAX);
    for dot in 0..dots {
        // Evenly over the order, so that the shape stays.
        let value = sorted[(dot * sorted.len() + sorted.len() / 2) / dots];
        if (axis.low..=axis.high).contains(&value) {
            // The golden ratio scatters neighbours, without luck.
            let scatter = ((dot as f64 * 0.618_034).fract() * 18.0) as i32;
            let at = (place(axis, value), centre + 19 + scatter);
            area.draw(&Circle::new(at, 2, colour.mix(0.55).filled())).expect(CANVAS);
        }
    }
}

fn place(axis: &Axis, value: f64) -> i32 {
    let share = ((value - axis.low) / (axis.high - axis.low)).clamp(0.0, 1.0);
    LEFT + (share * f64::from(WIDTH - LEFT - RIGHT)).round() as i32
}

fn line(area: &Area<'_>, points: &[(i32, i32)], colour: RGBColor, width: u32) {
    area.draw(&PathElement::new(points.to_vec(), colour.stroke_width(width))).expect(CANVAS);
}

fn text(area: &Area<'_>, text: &str, at: (i32, i32), style: TextStyle<'_>, anchor: Pos) {
    area.draw(&Text::new(text.to_owned(), at, style.pos(anchor))).expect(CANVAS);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(values: &[f64]) -> String {
        let groups = [Group { name: "a<b", values }, Group { name: "c", values: &[0.01] }];
        Distribution { title: "Return", subtitle: "of runs", scale: Scale::Percent, groups: &groups }.svg()
    }

    #[test]
    fn a_picture_holds_every_run_once_and_stays_light() {
        let few: Vec<f64> = (0..20).map(|i| f64::from(i) / 100.0).collect();
        assert_eq!(picture(&few).matches("<circle").count(), 21);
        let many: Vec<f64> = (0..5_000).map(|i| f64::from(i) / 5_000.0).collect();
        let svg = picture(&many);
        assert_eq!(svg.matches("<circle").count(), DOTS_MAX + 1);
        assert!(svg.len() < 100_000 && svg.contains("evenly taken"), "{}", svg.len());
        assert!(svg.contains("a&lt;b") && !svg.contains("http://localhost") && !svg.contains("<image"));
        assert_eq!(picture(&few), picture(&few), "the same figures are the same picture");
    }

    #[test]
    fn what_lies_far_is_counted_not_hidden() {
        let mut values: Vec<f64> = (0..1_000).map(|i| f64::from(i) / 1e5).collect();
        values[0] = 50.0;
        assert!(picture(&values).contains("1 lie outside the picture"));
        assert!(!picture(&[0.0, 0.0]).contains("outside"));
    }
}
