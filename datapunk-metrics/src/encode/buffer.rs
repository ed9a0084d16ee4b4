//! Text that is put together of pieces, with copies whose size the compiler knows.
//!
//! A line of an exposition is a few short pieces whose lengths vary. A call of `memcpy` for each costs more than the
//! bytes, so a piece is copied in whole blocks, the last of which reaches beyond its end: behind every piece there is
//! [`PADDING`] to read, behind the text of a [`Buffer`] there is room to write, and what is too much is overwritten by
//! what comes next.

use core::mem::MaybeUninit;
use core::num::NonZeroU32;

/// The blocks of a name and of labels. A longer one costs more than it saves: what is overwritten was written too.
const BLOCK: usize = 32;

/// The first block of what stands between labels and value.
const SHORT: usize = 16;

/// Bytes behind the text of [`Pieces`], and room behind that of a [`Buffer`], so that a block may begin at its end.
const PADDING: usize = BLOCK;

/// Text that grows at its end.
pub(super) struct Buffer {
    /// UTF-8 always: it grows by whole pieces, strings and digits alone.
    bytes: Vec<u8>,
}

/// Pieces of text, one behind the other.
#[derive(Default)]
pub(super) struct Pieces {
    /// The text, and [`PADDING`] behind it as soon as there is some.
    bytes: Vec<u8>,
    len: usize,
}

/// Where a piece is among [`Pieces`].
///
/// Made by [`Pieces::push`] alone, so it begins and ends between characters. An `Option` of it has 8 bytes.
#[derive(Clone, Copy)]
pub(super) struct Span {
    /// One more than where it begins.
    behind: NonZeroU32,
    len: u32,
}

/// A piece of text.
#[derive(Clone, Copy)]
pub(super) struct Piece<'a> {
    /// The piece and [`PADDING`] bytes behind it, which may be read.
    bytes: &'a [u8],
    len: usize,
}

impl Pieces {
    /// How many bytes of text there are.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn clear(&mut self) {
        self.len = 0;
    }

    /// Adds a piece. There is never so much text that 32 bits can't say where.
    pub(super) fn push(&mut self, text: &str) -> Span {
        let behind = u32::try_from(self.len + 1).ok().and_then(NonZeroU32::new);
        let span = Span {
            behind: behind.unwrap_or(NonZeroU32::MAX),
            len: u32::try_from(text.len()).unwrap_or(u32::MAX),
        };
        self.bytes.truncate(self.len);
        self.bytes.extend_from_slice(text.as_bytes());
        self.len = self.bytes.len();
        self.bytes.extend([0; PADDING]);
        span
    }

    /// The piece of a span that [`push`](Self::push) gave, unless the pieces were cleared since.
    #[inline]
    pub(super) fn get(&self, span: Span) -> Piece<'_> {
        let (start, len) = (span.behind.get() as usize - 1, span.len as usize);
        Piece {
            bytes: &self.bytes[start..start + len + PADDING],
            len,
        }
    }
}

impl Piece<'_> {
    #[inline]
    pub(super) const fn len(self) -> usize {
        self.len
    }
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
        // SAFETY: the bytes are UTF-8: whole strings, strings that are pieces, and ASCII characters.
        unsafe { String::from_utf8_unchecked(self.bytes) }
    }

    pub(super) fn push_str(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
    }

    /// Has `write` append what fits; there is room for `least` bytes at least.
    ///
    /// The tail that comes back can't be another one: no two have one lifetime.
    #[inline]
    pub(super) fn append<R>(
        &mut self,
        least: usize,
        write: impl for<'a> FnOnce(Tail<'a>) -> (Tail<'a>, R),
    ) -> R {
        self.bytes.reserve(least);
        let (tail, result) = write(Tail {
            room: self.bytes.spare_capacity_mut(),
            len: 0,
        });
        let written = tail.len;
        // SAFETY: a tail's length is in its room, which is behind the text, and what is before it was written.
        unsafe { self.bytes.set_len(self.bytes.len() + written) }
        result
    }

    /// As [`append`](Self::append), where nothing comes of it.
    pub(super) fn push_with(&mut self, least: usize, write: impl FnOnce(&mut Tail<'_>)) {
        self.append(least, |mut tail| {
            write(&mut tail);
            (tail, ())
        });
    }
}

/// The room behind a buffer's text, as far as it was written: lengths stay in registers meanwhile.
///
/// Callers ask for [`room`](Self::room) first. What does not fit all the same is not written.
pub(super) struct Tail<'a> {
    room: &'a mut [MaybeUninit<u8>],
    /// All before it was written.
    len: usize,
}

#[expect(
    clippy::inline_always,
    reason = "a call, with its arguments in memory, costs more than the copy"
)]
impl Tail<'_> {
    /// The room that it takes to append pieces of `len` bytes together.
    #[inline(always)]
    pub(super) const fn room_for(len: usize) -> usize {
        len + PADDING
    }

    /// How many bytes were written.
    #[inline(always)]
    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// How many more there may be.
    #[inline(always)]
    pub(super) const fn room(&self) -> usize {
        self.room.len() - self.len
    }

    /// Appends the beginning of a line: a name, labels, and what stands between them and the value.
    #[inline(always)]
    pub(super) fn push_start(
        &mut self,
        name: Piece<'_>,
        labels: Piece<'_>,
        end: Option<Piece<'_>>,
    ) {
        let len = name.len + labels.len + end.map_or(0, Piece::len);
        let is_room = self.room() >= Self::room_for(len);
        debug_assert!(is_room, "no room for a line");
        if !is_room {
            return;
        }
        let to = self.room[self.len..].as_mut_ptr().cast::<u8>();
        // SAFETY: there is room for the pieces and for one block behind the last of them, and no block is longer than
        // that beyond its piece. Each piece begins where the one before it ends.
        unsafe {
            copy_blocks::<BLOCK>(name, to);
            let to = to.add(name.len);
            copy_blocks::<BLOCK>(labels, to);
            if let Some(end) = end {
                copy_blocks::<SHORT>(end, to.add(labels.len));
            }
        }
        self.len += len;
    }

    /// Appends digits and a line feed.
    #[inline(always)]
    pub(super) fn push_digits_line(&mut self, digits: Digits) {
        debug_assert!(self.room() > 8, "no room for a value");
        if let Some(room) = self.room[self.len..].first_chunk_mut::<9>() {
            let len = digits.len.min(8);
            room[..8].write_copy_of_slice(&digits.ascii());
            room[len].write(b'\n');
            self.len += len + 1;
        }
    }

    /// Appends digits.
    #[inline(always)]
    pub(super) fn push_digits(&mut self, digits: Digits) {
        self.push_block(digits.ascii(), digits.len);
    }

    /// Appends an ASCII character.
    #[inline(always)]
    pub(super) fn push_character(&mut self, character: u8) {
        self.push_block([character & 0x7f], 1);
    }

    /// Appends a short text.
    #[inline(always)]
    pub(super) fn push_text(&mut self, text: &ShortText) {
        self.push_block(text.bytes, text.len);
    }

    /// Copies a block of which the first `len` bytes count.
    #[inline(always)]
    fn push_block<const SIZE: usize>(&mut self, block: [u8; SIZE], len: usize) {
        debug_assert!(self.room() >= SIZE, "no room for a value");
        if let Some(room) = self.room[self.len..].first_chunk_mut::<SIZE>() {
            room.write_copy_of_slice(&block);
            self.len += len.min(SIZE);
        }
    }
}

/// Up to eight digits.
#[derive(Clone, Copy)]
pub(super) struct Digits {
    /// The first one in the lowest byte.
    pub(super) ascii: u64,
    pub(super) len: usize,
}

impl Digits {
    /// Eight ASCII characters, whatever they are.
    #[inline]
    const fn ascii(self) -> [u8; 8] {
        (self.ascii & 0x7f7f_7f7f_7f7f_7f7f).to_le_bytes()
    }
}

/// Text that is no longer than a number.
pub(super) struct ShortText {
    bytes: [u8; Self::MOST],
    len: usize,
}

impl ShortText {
    /// The longest number is a float of 24 characters.
    pub(super) const MOST: usize = 32;

    /// The text, or as much of it as there is room for.
    pub(super) fn new(text: &str) -> Self {
        let text = &text[..text.floor_char_boundary(Self::MOST)];
        let mut bytes = [0; Self::MOST];
        bytes[..text.len()].copy_from_slice(text.as_bytes());
        Self {
            bytes,
            len: text.len(),
        }
    }
}

/// Copies a piece in blocks, the first of which has `FIRST` bytes.
///
/// # Safety
///
/// `to` may be written as far as the piece is long, and [`PADDING`] bytes beyond.
#[inline(always)]
#[expect(clippy::inline_always, reason = "as with the methods above")]
unsafe fn copy_blocks<const FIRST: usize>(piece: Piece<'_>, to: *mut u8) {
    const { assert!(FIRST <= PADDING && BLOCK <= PADDING) }
    let from = piece.bytes.as_ptr();
    // SAFETY: a block begins within the piece, or is the first one, so it ends at most `PADDING` behind the piece, as
    // far as there is something to read, and as far as the caller lets it be written. The two do not overlap, as one
    // of them is borrowed for writing.
    unsafe {
        to.copy_from_nonoverlapping(from, FIRST);
        if piece.len() > FIRST {
            to.add(FIRST)
                .copy_from_nonoverlapping(from.add(FIRST), BLOCK);
            if piece.len() > FIRST + BLOCK {
                copy_long(piece, to);
            }
        }
    }
}

/// Copies a piece for which blocks are too short.
///
/// # Safety
///
/// `to` may be written as far as the piece is long.
#[inline(never)]
unsafe fn copy_long(piece: Piece<'_>, to: *mut u8) {
    // SAFETY: the piece has `len` bytes, and `to` has room for them.
    unsafe { to.copy_from_nonoverlapping(piece.bytes.as_ptr(), piece.len()) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        // Lengths on both sides of every block's end, and characters of several bytes.
        #[test]
        fn pieces_are_copied_whole(name in ".{0,70}", labels in "[aé🦀]{0,140}", end in ".{0,70}") {
            let mut pieces = Pieces::default();
            let spans = [&name, &labels, &end].map(|text| pieces.push(text));
            let [a, b, c] = spans.map(|span| pieces.get(span));
            let room = Tail::room_for(a.len() + b.len() + c.len() + ShortText::MOST);
            let mut out = Buffer::with_capacity(0);
            out.push_with(room, |tail| {
                tail.push_start(a, b, Some(c));
                tail.push_character(b'!');
            });
            out.push_with(room, |tail| tail.push_start(b, c, Some(a)));
            out.push_with(room, |tail| tail.push_start(c, a, None));
            let digits = Digits {
                ascii: u64::from_le_bytes(*b"12345678"),
                len: 5,
            };
            out.push_with(room, |tail| {
                tail.push_start(a, b, Some(c));
                tail.push_digits_line(digits);
            });
            prop_assert_eq!(
                out.into_string(),
                format!("{name}{labels}{end}!{labels}{end}{name}{end}{name}{name}{labels}{end}12345\n")
            );
        }
    }

    #[test]
    #[cfg_attr(debug_assertions, should_panic = "no room for a line")]
    fn what_has_no_room_is_not_written() {
        let mut pieces = Pieces::default();
        let span = pieces.push("name");
        let piece = pieces.get(span);
        let mut out = Buffer::with_capacity(0);
        out.push_with(Tail::room_for(piece.len()), |tail| {
            tail.push_start(piece, piece, None);
        });
        assert_eq!(out.len(), 0);
    }

    #[test]
    fn a_piece_is_what_it_was_when_others_come_after_it() {
        let mut pieces = Pieces::default();
        let spans: Vec<_> = (0..200).map(|n| pieces.push(&"x".repeat(n))).collect();
        assert_eq!(pieces.len(), 199 * 200 / 2);
        for (n, span) in spans.iter().enumerate() {
            let mut out = Buffer::with_capacity(0);
            out.push_with(Tail::room_for(n), |tail| {
                tail.push_start(pieces.get(spans[0]), pieces.get(*span), None);
            });
            assert_eq!(out.into_string(), "x".repeat(n));
        }
        assert_eq!(size_of::<Option<Span>>(), 8);
    }
}
