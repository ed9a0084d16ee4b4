//! Objects as files in one folder.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The longest id.
const MAX_ID: usize = 64;

/// Objects in a folder, one file each, with an index in memory.
#[derive(Debug)]
pub(super) struct Store {
    folder: PathBuf,
    /// Sizes by id.
    index: Mutex<HashMap<String, u64>>,
    /// One change at a time, so that the index and the folder agree.
    changes: tokio::sync::Mutex<()>,
}

/// What the store holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Usage {
    pub(super) objects: usize,
    pub(super) bytes: u64,
}

/// Why an object was not stored, read or deleted.
#[derive(Debug)]
pub(super) enum StoreError {
    /// The id is empty, too long, or has characters other than `a-z`, `0-9`, `-` and `_`.
    Id,
    /// There is no such object.
    Missing,
    Io(io::Error),
}

impl std::fmt::Display for StoreError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Id => write!(f, "an id is 1 to {MAX_ID} of a-z, 0-9, - and _"),
            Self::Missing => f.write_str("no such object"),
            Self::Io(error) => error.fmt(f),
        }
    }
}

impl From<io::Error> for StoreError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::Missing,
            _ => Self::Io(error),
        }
    }
}

impl Store {
    /// The store in `folder`, which is made if need be.
    pub(super) fn open(folder: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let mut index = HashMap::new();
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            // A file whose name is no id is a write that was cut short, or none of ours.
            if let Some(id) = entry.file_name().to_str().filter(|name| is_id(name)) {
                index.insert(id.to_owned(), entry.metadata()?.len());
            }
        }
        Ok(Self {
            folder: folder.to_owned(),
            index: Mutex::new(index),
            changes: tokio::sync::Mutex::new(()),
        })
    }

    /// Stores an object and tells whether it is new.
    pub(super) async fn put(&self, id: &str, body: &[u8]) -> Result<bool, StoreError> {
        let path = self.path(id)?;
        let _change = self.changes.lock().await;
        // Written aside and renamed: a reader sees the old object or the new one, never a part.
        let partial = self.folder.join(format!("{id}.partial"));
        tokio::fs::write(&partial, body).await?;
        tokio::fs::rename(&partial, &path).await?;
        let size = u64::try_from(body.len()).unwrap_or(u64::MAX);
        Ok(self.index().insert(id.to_owned(), size).is_none())
    }

    /// Reads an object.
    pub(super) async fn get(&self, id: &str) -> Result<Vec<u8>, StoreError> {
        Ok(tokio::fs::read(self.path(id)?).await?)
    }

    /// Deletes an object.
    pub(super) async fn delete(&self, id: &str) -> Result<(), StoreError> {
        let path = self.path(id)?;
        let _change = self.changes.lock().await;
        tokio::fs::remove_file(path).await?;
        self.index().remove(id);
        Ok(())
    }

    /// How much there is.
    pub(super) fn usage(&self) -> Usage {
        let index = self.index();
        Usage {
            objects: index.len(),
            bytes: index.values().sum(),
        }
    }

    fn path(&self, id: &str) -> Result<PathBuf, StoreError> {
        if is_id(id) {
            Ok(self.folder.join(id))
        } else {
            Err(StoreError::Id)
        }
    }

    fn index(&self) -> MutexGuard<'_, HashMap<String, u64>> {
        // No change of the index can stop halfway.
        self.index.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ids have no dot and no slash, so that no id leads out of the folder or meets a partial write.
fn is_id(text: &str) -> bool {
    (1..=MAX_ID).contains(&text.len())
        && text
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn objects_come_back_and_survive_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        assert!(store.put("a", b"first").await.unwrap());
        assert!(!store.put("a", b"second").await.unwrap());
        assert!(store.put("b", b"").await.unwrap());
        assert_eq!(store.get("a").await.unwrap(), b"second");

        let store = Store::open(folder.path()).unwrap();
        assert_eq!(
            store.usage(),
            Usage {
                objects: 2,
                bytes: 6
            }
        );
        store.delete("a").await.unwrap();
        assert!(matches!(store.get("a").await, Err(StoreError::Missing)));
        assert!(matches!(store.delete("a").await, Err(StoreError::Missing)));
        assert_eq!(
            store.usage(),
            Usage {
                objects: 1,
                bytes: 0
            }
        );
    }

    #[tokio::test]
    async fn an_id_never_leads_out_of_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        for id in ["", "..", "../a", "a/b", "a.partial", "A", &"a".repeat(65)] {
            assert!(
                matches!(store.put(id, b"x").await, Err(StoreError::Id)),
                "{id:?}"
            );
            assert!(matches!(store.get(id).await, Err(StoreError::Id)), "{id:?}");
        }
    }
}
