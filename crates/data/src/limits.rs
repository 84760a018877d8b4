//! The maxima of every importer: what a file may ask of this process. Beyond them a file is refused, not tried.

/// Largest file read, in bytes.
pub const FILE_BYTES_MAX: u64 = 2 << 30;
/// Largest unpacked archive entry, in bytes; a zip's own word for the size is not believed.
pub const ENTRY_BYTES_MAX: u64 = 1 << 30;
/// Most entries of an archive.
pub const ENTRIES_MAX: usize = 1_024;
/// Most rows of a file: 63 years of minutes.
pub const ROWS_MAX: usize = 1 << 25;
/// Most columns of a file.
pub const COLUMNS_MAX: usize = 256;
/// Most row groups or record batches of a file.
pub const GROUPS_MAX: usize = 1 << 16;
/// Most decimals of a price.
pub const PRICE_DECIMALS_MAX: u8 = 10;
/// Largest price, in its own ticks: below it every tick count is exact in a double.
pub const TICKS_MAX: i64 = 1 << 51;
/// Largest funding rate that is not taken for a percentage, in percent of notional an instant.
pub const FUNDING_RATE_PERCENT_MAX: i64 = 10;
/// First instant a file may name: 2000-01-01, in milliseconds.
pub const TIME_MS_MIN: i64 = 946_684_800_000;
/// First instant a file may no longer name: 2100-01-01, in milliseconds.
pub const TIME_MS_MAX: i64 = 4_102_444_800_000;
