//! Inputs that nobody thought of: the files of a corpus, whole and changed at random, the same in each run.

use std::fs;
use std::path::PathBuf;

/// The files of some folders, in the order of their names.
fn files(folders: &[PathBuf]) -> Vec<Vec<u8>> {
    let mut paths: Vec<PathBuf> = folders
        .iter()
        .flat_map(|folder| {
            fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        })
        .map(|entry| entry.expect("an entry").path())
        // Beside the files of compile-fail tests are programs and what the compiler says of them.
        .filter(|path| {
            !path
                .extension()
                .is_some_and(|end| end == "rs" || end == "stderr")
        })
        .collect();
    paths.sort();
    let files: Vec<Vec<u8>> = paths
        .iter()
        .map(|path| fs::read(path).expect("a file"))
        .collect();
    assert!(files.len() > 5, "{folders:?}");
    files
}

/// The files of some folders, and so many changes of them.
///
/// # Panics
///
/// If there are few files.
pub fn with_changes(folders: &[PathBuf], count: usize) -> impl Iterator<Item = Vec<u8>> + use<> {
    let corpus = files(folders);
    let mut random = Random(count as u64);
    let as_they_are = corpus.clone();
    let changed = (0..count).map(move |_| random.changed(&corpus));
    as_they_are.into_iter().chain(changed)
}

/// Numbers that are the same in each run.
struct Random(u64);

impl Random {
    /// The generator `SplitMix64`.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit.max(1) as u64).expect("it is below a usize")
    }

    /// One of `inputs`, changed in a few places: bytes flipped, cut, doubled, spliced with another one.
    fn changed(&mut self, inputs: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = inputs[self.below(inputs.len())].clone();
        for _ in 0..=self.below(4) {
            let at = self.below(bytes.len());
            match self.below(6) {
                0 if !bytes.is_empty() => bytes[at] = self.next().to_le_bytes()[0],
                1 => bytes.truncate(at),
                2 => {
                    let end = (at + self.below(40)).min(bytes.len());
                    let piece = bytes[at.min(end)..end].to_vec();
                    bytes.splice(at..at, piece);
                }
                3 => {
                    let other = &inputs[self.below(inputs.len())];
                    let from = self.below(other.len());
                    bytes.truncate(at);
                    bytes.extend_from_slice(&other[from..]);
                }
                4 => bytes.insert(at, b"\0\r\n :\"'{}[]%&\xff"[self.below(14)]),
                _ => {
                    let end = (at + 1 + self.below(8)).min(bytes.len());
                    bytes.drain(at.min(end)..end);
                }
            }
        }
        bytes
    }
}
