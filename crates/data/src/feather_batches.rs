//! The batches of an Arrow IPC file, each checked before the decoder sees it.
//!
//! The decoder slices and allocates as the metadata tells it, and panics or takes the memory where the metadata
//! lies: so every offset, length and unpacked size is compared with the file here first.

use crate::limits::{ENTRY_BYTES_MAX, GROUPS_MAX, ROWS_MAX};
use arrow_array::RecordBatch;
use arrow_buffer::Buffer;
use arrow_ipc::convert::try_fb_to_schema;
use arrow_ipc::reader::FileDecoder;
use arrow_ipc::{Block, Footer, MessageHeader, root_as_footer, root_as_message};
use arrow_schema::{Schema, SchemaRef};
use bytes::Bytes;
use std::sync::Arc;

const MAGIC: &[u8] = b"ARROW1";
/// Footer length and magic.
const TRAILER_BYTES: usize = 10;
/// Continuation mark and length before each message.
const PREFIX_BYTES: usize = 8;
/// The unpacked size before each compressed buffer; -1 says that it is not compressed after all.
const SIZE_BYTES: i64 = 8;

/// An IPC file whose footer makes sense.
pub(crate) struct Batches {
    bytes: Bytes,
    /// Its columns.
    pub schema: SchemaRef,
    blocks: Vec<Block>,
    version: arrow_ipc::MetadataVersion,
}

impl Batches {
    /// Reads the footer.
    pub(crate) fn new(bytes: &Bytes) -> Result<Batches, String> {
        if bytes.len() < 2 * TRAILER_BYTES || !bytes.ends_with(MAGIC) {
            return Err("it does not end as Feather does, so it was cut off".to_owned());
        }
        let footer = footer(bytes)?;
        let schema = footer.schema().ok_or("its footer has no schema")?;
        if !schema.endianness().equals_to_target_endianness() {
            return Err("its numbers are in the other byte order".to_owned());
        }
        let schema: Schema = try_fb_to_schema(schema).map_err(|error| error.to_string())?;
        let blocks: Vec<Block> = footer.recordBatches().into_iter().flatten().copied().collect();
        if blocks.len() > GROUPS_MAX {
            return Err("too many record batches".to_owned());
        }
        Ok(Batches { bytes: bytes.clone(), schema: Arc::new(schema), blocks, version: footer.version() })
    }

    /// Decodes these columns of each batch. Dictionaries are left alone: no wanted column has one.
    pub(crate) fn decode(
        &self,
        columns: Vec<usize>,
    ) -> impl Iterator<Item = Result<RecordBatch, String>> + '_ {
        let decoder = FileDecoder::new(self.schema.clone(), self.version).with_projection(columns);
        self.blocks.iter().map(move |block| {
            let bytes = self.checked(block)?;
            let batch = decoder.read_record_batch(block, &Buffer::from(bytes));
            batch.map_err(|error| error.to_string())?.ok_or_else(|| "a batch without rows".to_owned())
        })
    }

    /// The bytes of a batch, if what it says of itself is true.
    fn checked(&self, block: &Block) -> Result<Bytes, String> {
        let part = |n: i64| usize::try_from(n).map_err(|_| "a batch of negative size");
        let (start, head) = (part(block.offset())?, part(i64::from(block.metaDataLength()))?);
        let body = part(block.bodyLength())?;
        let end = start.checked_add(head).and_then(|end| end.checked_add(body));
        let end = end.filter(|&end| end <= self.bytes.len()).ok_or("a batch that lies outside the file")?;
        if head < PREFIX_BYTES {
            return Err("a batch without a head".to_owned());
        }
        let bytes = self.bytes.slice(start..end);
        check_message(&bytes[..head], &bytes[head..])?;
        Ok(bytes)
    }
}

fn footer(bytes: &[u8]) -> Result<Footer<'_>, String> {
    let at = bytes.len() - TRAILER_BYTES;
    let length = bytes[at..at + 4].try_into().expect("four bytes");
    let length = usize::try_from(i32::from_le_bytes(length)).map_err(|_| "a footer of negative size")?;
    let start = at.checked_sub(length).ok_or("a footer larger than the file")?;
    root_as_footer(&bytes[start..at]).map_err(|error| error.to_string())
}

/// Whether the buffers of a batch lie in its body, and unpack to what is allowed.
fn check_message(head: &[u8], body: &[u8]) -> Result<(), String> {
    // As the decoder does: older writers leave the continuation mark out.
    let start = if head.starts_with(&[0xFF; 4]) { PREFIX_BYTES } else { PREFIX_BYTES / 2 };
    let message = root_as_message(&head[start..]).map_err(|error| error.to_string())?;
    if message.header_type() != MessageHeader::RecordBatch {
        return Err("a block that is no batch".to_owned());
    }
    let batch = message.header_as_record_batch().ok_or("a batch without a head")?;
    let rows = batch.length();
    if !(0..=ROWS_MAX as i64).contains(&rows) {
        return Err("a batch with too many rows".to_owned());
    }
    for node in batch.nodes().into_iter().flatten() {
        if !(0..=ROWS_MAX as i64).contains(&node.length())
            || !(0..=node.length()).contains(&node.null_count())
        {
            return Err("a column with an impossible length".to_owned());
        }
    }
    for buffer in batch.buffers().into_iter().flatten() {
        let (offset, length) = (buffer.offset(), buffer.length());
        let end = offset.checked_add(length).filter(|&end| end <= body.len() as i64);
        if offset < 0 || length < 0 || end.is_none() {
            return Err("a column that lies outside its batch".to_owned());
        }
        if batch.compression().is_some() && length > 0 {
            check_unpacked(&body[offset as usize..], length)?;
        }
    }
    Ok(())
}

fn check_unpacked(buffer: &[u8], length: i64) -> Result<(), String> {
    let size =
        buffer.first_chunk::<8>().filter(|_| length >= SIZE_BYTES).ok_or("a packed column without a size")?;
    let size = i64::from_le_bytes(*size);
    if (-1..=ENTRY_BYTES_MAX as i64).contains(&size) {
        return Ok(());
    }
    Err("a column that unpacks to too much".to_owned())
}
