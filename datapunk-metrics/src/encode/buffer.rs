//! Text that is put together of whole lines, and whose numbers can be written over.

use core::ops::Range;

use super::number::NumberText;

/// Bytes that are copied at a time.
const BLOCK: usize = 32;

/// For each length of a number that fits into a word, the bits behind it.
const BEHIND: [u64; NumberText::WORD + 1] = {
    let mut behind = [0; NumberText::WORD + 1];
    let mut len = 0;
    while len < NumberText::WORD {
        behind[len] = u64::MAX << (8 * len);
        len += 1;
    }
    behind
};

/// Text that grows at its end.
#[derive(Default)]
pub(super) struct Buffer {
    /// UTF-8 always: it grows by strings, ASCII numbers and whole lines of another buffer, is cut between lines, and of
    /// what is there only numbers are written over, with numbers.
    bytes: Vec<u8>,
}

impl Buffer {
    pub(super) fn with_capacity(capacity: usize) -> Self {
        Self {
            bytes: Vec::with_capacity(capacity),
        }
    }

    /// A buffer that goes on behind `text`.
    pub(super) fn behind(text: String) -> Self {
        Self {
            bytes: text.into_bytes(),
        }
    }

    pub(super) fn reserve(&mut self, more: usize) {
        self.bytes.reserve(more);
    }

    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    pub(super) fn clear(&mut self) {
        self.bytes.clear();
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    #[cfg(feature = "serve")]
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    pub(super) fn into_string(self) -> String {
        // SAFETY: the bytes are UTF-8, as the field says of each way in which they come about; every range that the
        // methods below are given is one of whole lines or of a number.
        unsafe { String::from_utf8_unchecked(self.bytes) }
    }

    pub(super) fn push_str(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
    }

    /// Appends a number.
    pub(super) fn push_number(&mut self, number: &NumberText) {
        let end = self.bytes.len() + number.len();
        self.bytes.extend(number.words().flatten());
        self.bytes.truncate(end);
    }

    /// Appends a number and the end of its line.
    pub(super) fn push_number_line(&mut self, number: &NumberText) {
        self.push_number(number);
        self.bytes.push(b'\n');
    }

    /// Appends whole lines, or the beginning of one up to its number, of another buffer.
    #[inline]
    pub(super) fn push_lines(&mut self, of: &Self, range: Range<usize>) {
        self.bytes.extend_from_slice(&of.bytes[range]);
    }

    /// Appends the beginning of a line of another buffer, with a number behind it.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a call costs more than the copy")]
    pub(super) fn push_line(&mut self, of: &Self, beginning: Range<usize>, number: &NumberText) {
        let len = beginning.len();
        self.bytes.reserve(len + 2 * BLOCK);
        let room = self.bytes.spare_capacity_mut();
        // A line is a few dozen bytes, and how many is anybody's guess: blocks of a size that the compiler knows cost
        // less than a call for each piece. The last one reaches beyond the end, and what is too much is written over.
        let mut copied = 0;
        while copied < len {
            let at = beginning.start + copied;
            let (Some(from), Some(to)) = (
                of.bytes.get(at..at + BLOCK),
                room.get_mut(copied..copied + BLOCK),
            ) else {
                self.push_lines(of, beginning);
                return self.push_number_line(number);
            };
            to.write_copy_of_slice(from);
            copied += BLOCK;
        }
        let Some(room) = room.get_mut(len..len + BLOCK) else {
            return;
        };
        let (words, _) = room.as_chunks_mut::<{ NumberText::WORD }>();
        for (to, word) in words.iter_mut().zip(number.words()) {
            to.write_copy_of_slice(&word);
        }
        let digits = number.len().min(NumberText::ROOM);
        room[digits].write(b'\n');
        // SAFETY: the room up to `len` was written block by block, and behind it the number's words, which are more than
        // its digits, and the line feed.
        unsafe { self.bytes.set_len(self.bytes.len() + len + digits + 1) }
    }

    /// Puts what is in `by` from `start` on in the place of the lines of a range.
    pub(super) fn replace(&mut self, range: Range<usize>, by: &Self, start: usize) {
        let new = &by.bytes[start..];
        if range.end == self.bytes.len() {
            self.bytes.truncate(range.start);
            self.bytes.extend_from_slice(new);
        } else {
            self.bytes.splice(range, new.iter().copied());
        }
    }

    /// Writes a number over one that is as long; false if that one is not.
    #[inline]
    pub(super) fn overwrite(&mut self, range: Range<usize>, number: &NumberText) -> bool {
        let len = number.len();
        if range.len() != len || range.end > self.bytes.len() {
            return false;
        }
        let room = &mut self.bytes[range.start..];
        if let (1..=NumberText::WORD, Some(word)) = (len, room.first_chunk_mut()) {
            // What is behind the number stays as it is.
            let behind = BEHIND[len];
            let digits = (u64::from_le_bytes(*word) & behind) | (number.first_word() & !behind);
            *word = digits.to_le_bytes();
        } else {
            for (to, character) in room[..len].iter_mut().zip(number.words().flatten()) {
                *to = character;
            }
        }
        true
    }
}
