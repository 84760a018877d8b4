//! The only transcendental functions of the pure crates: `libm`, so the same bits on every machine.

/// e^x.
pub fn exp(x: f64) -> f64 {
    libm::exp(x)
}
/// Natural logarithm.
pub fn ln(x: f64) -> f64 {
    libm::log(x)
}
/// x^y.
pub fn pow(x: f64, y: f64) -> f64 {
    libm::pow(x, y)
}
/// Cosine.
pub fn cos(x: f64) -> f64 {
    libm::cos(x)
}
/// Sine.
pub fn sin(x: f64) -> f64 {
    libm::sin(x)
}
/// Complementary error function.
pub fn erfc(x: f64) -> f64 {
    libm::erfc(x)
}
/// The angle of the point `(x, y)`, in `-pi..=pi`.
pub fn atan2(y: f64, x: f64) -> f64 {
    libm::atan2(y, x)
}
