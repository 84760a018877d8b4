//! Numbers and words as bytes, little end first, and back.
//!
//! It refuses to read past the end, to take a length on trust, and to panic at whatever it is given.

use super::JournalError;

/// The longest text or list there is: nothing that a journal holds is longer.
pub(super) const LENGTH_MAX: usize = 1 << 20;

/// Bytes in the making.
#[derive(Debug, Default)]
pub(super) struct Writer(pub(super) Vec<u8>);

impl Writer {
    pub(super) fn byte(&mut self, value: u8) {
        self.0.push(value);
    }

    pub(super) fn u16(&mut self, value: u16) {
        self.0.extend(value.to_le_bytes());
    }

    pub(super) fn u32(&mut self, value: u32) {
        self.0.extend(value.to_le_bytes());
    }

    pub(super) fn u64(&mut self, value: u64) {
        self.0.extend(value.to_le_bytes());
    }

    pub(super) fn i64(&mut self, value: i64) {
        self.0.extend(value.to_le_bytes());
    }

    pub(super) fn ints<const N: usize>(&mut self, values: [i64; N]) {
        for value in values {
            self.i64(value);
        }
    }

    /// By its bits: what is read back is the same number, not a near one.
    pub(super) fn f64(&mut self, value: f64) {
        self.u64(value.to_bits());
    }

    pub(super) fn length(&mut self, length: usize) {
        assert!(length <= LENGTH_MAX, "nothing in a journal is longer than {LENGTH_MAX}");
        self.u32(u32::try_from(length).expect("LENGTH_MAX fits"));
    }

    pub(super) fn text(&mut self, text: &str) {
        self.length(text.len());
        self.0.extend(text.as_bytes());
    }

    /// Whether it is there, then itself.
    pub(super) fn optional<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Writer, T)) {
        self.byte(u8::from(value.is_some()));
        if let Some(value) = value {
            write(self, value);
        }
    }
}

/// Bytes being read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn take(&mut self, n: usize) -> Result<&'a [u8], JournalError> {
        let (taken, rest) = self.0.split_at_checked(n).ok_or(JournalError::Content("it ends too early"))?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], JournalError> {
        Ok(self.take(N)?.try_into().expect("N bytes were taken"))
    }

    pub(super) fn byte(&mut self) -> Result<u8, JournalError> {
        Ok(self.array::<1>()?[0])
    }

    pub(super) fn u16(&mut self) -> Result<u16, JournalError> {
        Ok(u16::from_le_bytes(self.array()?))
    }

    pub(super) fn u32(&mut self) -> Result<u32, JournalError> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    pub(super) fn u64(&mut self) -> Result<u64, JournalError> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    pub(super) fn i64(&mut self) -> Result<i64, JournalError> {
        Ok(i64::from_le_bytes(self.array()?))
    }

    pub(super) fn f64(&mut self) -> Result<f64, JournalError> {
        Ok(f64::from_bits(self.u64()?))
    }

    pub(super) fn flag(&mut self) -> Result<bool, JournalError> {
        match self.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(JournalError::Content("a flag is neither 0 nor 1")),
        }
    }

    pub(super) fn length(&mut self) -> Result<usize, JournalError> {
        let length = usize::try_from(self.u32()?).expect("32 bits fit");
        if length > LENGTH_MAX {
            return Err(JournalError::Content("a length is longer than anything a journal holds"));
        }
        Ok(length)
    }

    pub(super) fn text(&mut self) -> Result<String, JournalError> {
        let length = self.length()?;
        let bytes = self.take(length)?;
        let text = std::str::from_utf8(bytes).map_err(|_| JournalError::Content("a text is not UTF-8"))?;
        Ok(text.to_owned())
    }

    pub(super) fn optional<T>(
        &mut self,
        read: impl FnOnce(&mut Reader<'a>) -> Result<T, JournalError>,
    ) -> Result<Option<T>, JournalError> {
        if self.flag()? { Ok(Some(read(self)?)) } else { Ok(None) }
    }

    pub(super) fn end(self) -> Result<(), JournalError> {
        if self.0.is_empty() { Ok(()) } else { Err(JournalError::Content("something follows it")) }
    }
}
