//! The equity of everybody over time.
//!
//! It refuses to smooth: a line joins what was known.

use super::Picture;
use super::palette::Palette;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::symbols::Marker;
use ratatui::text::Line;
use ratatui::widgets::{Axis, Chart, Dataset, GraphType};

/// At least this much of a per cent is shown on each side of the start.
const REACH_MIN: f64 = 0.5;

/// Draws it: all, or the one that is looked at alone.
pub fn equity(frame: &mut Frame<'_>, picture: &Picture<'_>, palette: Palette, area: Rect) {
    let seats = || {
        let seats = picture.seats.iter().enumerate();
        seats.filter(|(seat, _)| picture.focus.is_none_or(|focus| focus == *seat))
    };
    let last = seats().filter_map(|(_, seat)| seat.curve.last()).fold(1.0_f64, |last, (x, _)| last.max(x));
    let gains = || seats().flat_map(|(_, seat)| seat.curve.points().iter().map(|(_, y)| *y));
    let (low, high) = (gains().fold(-REACH_MIN, f64::min), gains().fold(REACH_MIN, f64::max));
    let start = [(0.0, 0.0), (last, 0.0)];
    let mut lines = vec![
        Dataset::default()
            .marker(Marker::Dot)
            .graph_type(GraphType::Line)
            .style(palette.quiet())
            .data(&start),
    ];
    // The first seats are drawn last: where lines cross, they are on top.
    for (seat, drawn) in seats().collect::<Vec<_>>().into_iter().rev() {
        lines.push(
            Dataset::default()
                .marker(Marker::Braille)
                .graph_type(GraphType::Line)
                .style(palette.seat(seat))
                .data(drawn.curve.points()),
        );
    }
    let labels = [low, (low + high) / 2.0, high].map(|percent| label(percent, high - low));
    let y = Axis::default().bounds([low, high]).style(palette.quiet()).labels(labels);
    let x = Axis::default()
        .bounds([0.0, last])
        .style(palette.quiet())
        .labels(picture.ends.clone().map(Line::from));
    let chart = Chart::new(lines).x_axis(x).y_axis(y).style(Style::new());
    frame.render_widget(chart, area);
}

fn label(percent: f64, range: f64) -> Line<'static> {
    if range < 5.0 { Line::from(format!("{percent:+.1}%")) } else { Line::from(format!("{percent:+.0}%")) }
}
