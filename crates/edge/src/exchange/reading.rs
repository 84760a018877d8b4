//! One request and its answer, as bytes: written at once, read as they come.
//!
//! The rules of HTTP are `ureq-proto`'s, which has no sockets. Refuses heads and bodies that are too long, bodies in an
//! encoding nobody asked for, and an answer that was cut: half an answer is none.

use super::limits::Limits;
use super::stream::is_nothing_yet;
use super::urls::Place;
use std::io::Read;
use ureq_proto::client::state::{RecvBody, RecvResponse};
use ureq_proto::client::{Call, RecvBodyResult, RecvResponseResult, SendRequestResult};
use ureq_proto::http::{Method, Request, Response};
use ureq_proto::{BodyMode, Error};
use venue_bitget::adapter::Signed;

/// What is read at once.
const CHUNK_BYTES: usize = 16_384;
/// A head we write.
const HEAD_SENT_BYTES_MAX: usize = 16_384;
/// What is left of the second's quota of an endpoint, as Bitget says it.
const REMAINING: &str = "x-mbx-used-remain-limit";

/// A whole answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) body: String,
    pub(super) remaining: Option<u32>,
    pub(super) after: After,
}

/// What may be done with the connection after an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum After {
    Keep,
    Close,
}

enum Stage {
    Head(Call<RecvResponse>),
    Body(Call<RecvBody>),
    Over,
}

/// An answer that is being read.
pub(super) struct Reading {
    stage: Stage,
    /// What came and was not understood yet.
    unread: Vec<u8>,
    body: Vec<u8>,
    status: u16,
    remaining: Option<u32>,
}

/// The bytes of a request, and who reads the answer to it.
pub(super) fn begin(signed: &Signed, place: &Place) -> Result<(Vec<u8>, Reading), String> {
    let words = |error: Error| error.to_string();
    let method = match signed.method {
        venue_bitget::http::Method::Get => Method::GET,
        venue_bitget::http::Method::Post => Method::POST,
    };
    let has_body = method == Method::POST;
    let mut request = Request::builder()
        .method(method)
        .uri(signed.target.as_str())
        .header("host", place.authority())
        .header("user-agent", concat!("omega/", env!("CARGO_PKG_VERSION")))
        .header("accept", "application/json");
    for (name, value) in &signed.headers {
        request = request.header(*name, value.as_str());
    }
    if has_body {
        request = request.header("content-length", signed.body.len());
    }
    let request = request.body(()).map_err(|error| error.to_string())?;
    let mut sending = Call::new(request).map_err(words)?.proceed();
    let mut bytes = vec![0; HEAD_SENT_BYTES_MAX];
    let length = sending.write(&mut bytes).map_err(words)?;
    bytes.truncate(length);
    let call = match sending.proceed().map_err(words)? {
        Some(SendRequestResult::RecvResponse(call)) => call,
        Some(SendRequestResult::SendBody(mut sending)) => {
            bytes.extend_from_slice(signed.body.as_bytes());
            sending.consume_direct_write(signed.body.len()).map_err(words)?;
            sending.proceed().ok_or("the body is not as long as it says")?
        }
        Some(SendRequestResult::Await100(_)) | None => return Err("its head is too long".to_owned()),
    };
    Ok((bytes, Reading::of(call)))
}

impl Reading {
    fn of(call: Call<RecvResponse>) -> Reading {
        Reading { stage: Stage::Head(call), unread: Vec::new(), body: Vec::new(), status: 0, remaining: None }
    }

    /// Reads what is there; the answer, if that was the last of it.
    pub(super) fn read(&mut self, stream: &mut impl Read, limits: &Limits) -> Result<Option<Reply>, String> {
        let mut chunk = [0; CHUNK_BYTES];
        loop {
            match stream.read(&mut chunk) {
                Ok(0) => return self.ended().map(Some),
                Ok(read) => {
                    self.unread.extend_from_slice(&chunk[..read]);
                    if let Some(reply) = self.understand(limits)? {
                        return Ok(Some(reply));
                    }
                }
                Err(error) if is_nothing_yet(&error) => return Ok(None),
                Err(error) => return Err(error.to_string()),
            }
        }
    }

    fn understand(&mut self, limits: &Limits) -> Result<Option<Reply>, String> {
        loop {
            match std::mem::replace(&mut self.stage, Stage::Over) {
                Stage::Head(call) => {
                    if let Some(after) = self.head(call, limits)? {
                        return Ok(Some(self.reply(after)));
                    }
                    if matches!(self.stage, Stage::Head(_)) {
                        return Ok(None);
                    }
                }
                Stage::Body(call) => {
                    let after = self.some_body(call, limits)?;
                    return Ok(after.map(|after| self.reply(after)));
                }
                Stage::Over => return Err("something was said after the answer".to_owned()),
            }
        }
    }

    fn head(&mut self, mut call: Call<RecvResponse>, limits: &Limits) -> Result<Option<After>, String> {
        let response = loop {
            let (used, response) =
                call.try_response(&self.unread, false).map_err(|error| error.to_string())?;
            self.unread.drain(..used);
            // Something was used without an answer: that was a word beforehand (100, 103).
            if response.is_some() || used == 0 {
                break response;
            }
        };
        let Some(response) = response else {
            if self.unread.len() > limits.head_bytes_max {
                return Err(format!("the head of an answer is longer than {} bytes", limits.head_bytes_max));
            }
            self.stage = Stage::Head(call);
            return Ok(None);
        };
        self.note(&response)?;
        match call.proceed() {
            Some(RecvResponseResult::RecvBody(call)) => {
                if let BodyMode::LengthDelimited(length) = call.body_mode()
                    && length > limits.body_bytes_max as u64
                {
                    return Err(format!("a body of {length} bytes was announced"));
                }
                self.stage = Stage::Body(call);
                Ok(None)
            }
            // Not followed: whoever asked sees the status.
            Some(RecvResponseResult::Redirect(call)) => Ok(Some(after(call.must_close_connection()))),
            Some(RecvResponseResult::Cleanup(call)) => Ok(Some(after(call.must_close_connection()))),
            None => Err("the answer has no end".to_owned()),
        }
    }

    fn note(&mut self, response: &Response<()>) -> Result<(), String> {
        self.status = response.status().as_u16();
        let headers = response.headers();
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        self.remaining = text(REMAINING).and_then(|value| value.trim().parse().ok());
        match text("content-encoding") {
            None | Some("identity" | "") => Ok(()),
            Some(encoding) => Err(format!("the answer is encoded as {encoding}, which nobody asked for")),
        }
    }

    fn some_body(&mut self, mut call: Call<RecvBody>, limits: &Limits) -> Result<Option<After>, String> {
        loop {
            let had = self.body.len();
            // What comes out is never more than what went in.
            self.body.resize(had + self.unread.len(), 0);
            let read = call.read(&self.unread, &mut self.body[had..]).map_err(|error| error.to_string());
            let (used, got) = read?;
            self.body.truncate(had + got);
            self.unread.drain(..used);
            if self.body.len() > limits.body_bytes_max {
                return Err(format!("a body is longer than {} bytes", limits.body_bytes_max));
            }
            if call.can_proceed() && !matches!(call.body_mode(), BodyMode::CloseDelimited) {
                return Ok(Some(over(call)));
            }
            if used == 0 || self.unread.is_empty() {
                // A head of a chunk is short: what cannot be understood in so many bytes never will be.
                if self.unread.len() > limits.head_bytes_max {
                    return Err("a chunk's head is too long".to_owned());
                }
                self.stage = Stage::Body(call);
                return Ok(None);
            }
        }
    }

    /// The other side has closed.
    fn ended(&mut self) -> Result<Reply, String> {
        match std::mem::replace(&mut self.stage, Stage::Over) {
            Stage::Body(call) if matches!(call.body_mode(), BodyMode::CloseDelimited) => {
                Ok(self.reply(After::Close))
            }
            Stage::Head(_) if self.unread.is_empty() => Err("closed without an answer".to_owned()),
            _ => Err("closed in the middle of an answer".to_owned()),
        }
    }

    fn reply(&mut self, after: After) -> Reply {
        let body = String::from_utf8(std::mem::take(&mut self.body))
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
        // Somebody who says more than was asked for is not spoken to again.
        let after = if self.unread.is_empty() { after } else { After::Close };
        Reply { status: self.status, body, remaining: self.remaining, after }
    }
}

fn after(close: bool) -> After {
    if close { After::Close } else { After::Keep }
}

fn over(call: Call<RecvBody>) -> After {
    match call.proceed() {
        Some(RecvBodyResult::Redirect(call)) => after(call.must_close_connection()),
        Some(RecvBodyResult::Cleanup(call)) => after(call.must_close_connection()),
        None => After::Close,
    }
}
