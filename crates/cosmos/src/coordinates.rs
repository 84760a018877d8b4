//! Where a trader lives: the season follows the latitude, the hour of the day the longitude.
//!
//! It refuses a place that is not on Earth.

/// A place on Earth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Coordinates {
    latitude_deg: f64,
    longitude_deg: f64,
}

/// Greenwich's meridian at the latitude of London.
impl Default for Coordinates {
    fn default() -> Coordinates {
        Coordinates { latitude_deg: 51.5, longitude_deg: 0.0 }
    }
}

impl Coordinates {
    /// North and east count positive, in degrees; `None` beyond +-90 and +-180.
    pub fn new(latitude_deg: f64, longitude_deg: f64) -> Option<Coordinates> {
        let on_earth = latitude_deg.abs() <= 90.0 && longitude_deg.abs() <= 180.0;
        on_earth.then_some(Coordinates { latitude_deg, longitude_deg })
    }

    /// North counts positive, deg.
    pub fn latitude_deg(&self) -> f64 {
        self.latitude_deg
    }

    /// East counts positive, deg.
    pub fn longitude_deg(&self) -> f64 {
        self.longitude_deg
    }
}
