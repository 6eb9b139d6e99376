//! Encodings and characters: what an XML file may hold at all.

use crate::error::{Cause, Problem};

/// The file as text, or why it is none.
pub(crate) fn decode(bytes: &[u8]) -> Result<&str, Problem> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(Problem { at: Some(0), cause: Cause::Utf16 });
    }
    std::str::from_utf8(bytes).map_err(|error| {
        let cause = if bytes.starts_with(b"<\0") || bytes.starts_with(b"\0<") { Cause::Utf16 } else { Cause::NotUtf8 };
        Problem { at: Some(error.valid_up_to() as u32), cause }
    })
}

/// XML 1.0 has no control characters but tab, line feed and carriage return.
pub(crate) fn no_control_characters(bytes: &[u8]) -> Result<(), Problem> {
    let control = |byte: &u8| *byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r');
    if !bytes.iter().fold(false, |found, byte| found | control(byte)) {
        return Ok(());
    }
    let at = bytes.iter().position(control).unwrap_or_default();
    let cause = Cause::NotWellFormed(format!("the control character U+{:04X}", bytes[at]));
    Err(Problem { at: Some(at as u32), cause })
}

/// Whether an XML declaration says nothing but version, encoding and `standalone`, in this order: a misspelt
/// encoding would be none.
pub(crate) fn is_declaration(text: &str) -> bool {
    let mut rest = text.strip_prefix("xml").unwrap_or(text);
    for name in ["version", "encoding", "standalone"] {
        let spaced = rest.starts_with([' ', '\t', '\r', '\n']);
        let value = rest.trim_start().strip_prefix(name).and_then(|rest| rest.trim_start().strip_prefix('='));
        let Some(value) = value.filter(|_| spaced) else { continue };
        let mut parts = value.trim_start();
        let quote = parts.chars().next().filter(|quote| matches!(quote, '"' | '\''));
        let Some(quote) = quote else { return false };
        parts = &parts[1..];
        let Some((_, behind)) = parts.split_once(quote) else { return false };
        rest = behind;
    }
    rest.trim().is_empty()
}

/// Whether `text` is an XML name without a colon.
pub(crate) fn is_name(text: &str) -> bool {
    let first = text.as_bytes().first().is_some_and(|first| !matches!(first, b'-' | b'.' | b'0'..=b'9'));
    first && text.bytes().all(|byte| NAME_BYTES[byte as usize])
}

/// Bytes of an XML name: letters, digits, `_`, `-`, `.` and whatever is not ASCII.
const NAME_BYTES: [bool; 256] = {
    let mut bytes = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        bytes[byte] = byte >= 0x80 || (byte as u8).is_ascii_alphanumeric() || matches!(byte as u8, b'_' | b'-' | b'.');
        byte += 1;
    }
    bytes
};
