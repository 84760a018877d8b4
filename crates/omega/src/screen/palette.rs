//! Colours of a screen: few, from the terminal's own sixteen, none where the user wants none.
//!
//! It refuses to say anything by colour alone: a sign, a word or a shape says it too.

use super::Weight;
use super::diary::Kind;
use ratatui::style::{Color, Modifier, Style};

/// One colour a seat: neighbours differ in lightness too.
const SEATS: [Color; 8] = [
    Color::LightCyan,
    Color::LightYellow,
    Color::LightMagenta,
    Color::LightGreen,
    Color::LightBlue,
    Color::LightRed,
    Color::White,
    Color::Gray,
];

/// The colours, or none.
#[derive(Clone, Copy, Debug)]
pub struct Palette {
    /// Whether there is colour.
    pub colour: bool,
}

impl Palette {
    fn fg(self, colour: Color) -> Style {
        if self.colour { Style::new().fg(colour) } else { Style::new() }
    }

    /// Of a seat's name and line.
    pub fn seat(self, seat: usize) -> Style {
        self.fg(SEATS[seat % SEATS.len()])
    }

    /// Up is blue and down orange-red: a pair that the colour-blind tell apart.
    pub fn change(self, value: f64) -> Style {
        match value {
            value if value > 0.0 => self.fg(Color::LightBlue),
            value if value < 0.0 => self.fg(Color::LightRed),
            _ => Style::new(),
        }
    }

    /// What is less important.
    pub fn quiet(self) -> Style {
        if self.colour { Style::new().fg(Color::DarkGray) } else { Style::new().add_modifier(Modifier::DIM) }
    }

    /// What is more important.
    pub fn strong(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// What must be seen.
    pub fn alarm(self) -> Style {
        self.fg(Color::LightRed).add_modifier(Modifier::BOLD)
    }

    /// The bar at the top and at the bottom.
    pub fn bar(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    /// The row that is looked at: one bar, whatever colours its cells have.
    pub fn focus(self) -> Style {
        Style::new().fg(Color::Reset).bg(Color::Reset).add_modifier(Modifier::REVERSED)
    }

    /// Of words that weigh so much.
    pub fn weight(self, weight: Weight) -> Style {
        match weight {
            Weight::Plain => Style::new(),
            Weight::Quiet => self.quiet(),
            Weight::Strong => self.strong(),
            Weight::Alarm => self.alarm(),
        }
    }

    /// Of a line of the diary.
    pub fn line(self, kind: Kind) -> Style {
        match kind {
            Kind::Entry => Style::new(),
            Kind::Gain => self.change(1.0),
            Kind::Loss => self.change(-1.0),
            Kind::Feeling => self.fg(Color::LightMagenta),
            Kind::Refusal => self.quiet(),
            Kind::News => self.fg(Color::LightYellow).add_modifier(Modifier::BOLD),
        }
    }
}
