//! Files that are whole at every moment.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

/// Puts `text` in the place of `path`: written beside it, and renamed. What is there already is left as it is if it is
/// the same, so that nothing looks changed that is not.
pub(super) fn write(path: &Path, text: &str) -> Result<(), String> {
    if fs::read(path).is_ok_and(|known| known == text.as_bytes()) {
        return Ok(());
    }
    replace(path, text).map_err(|error| format!("can't write `{}`: {error}", path.display()))
}

fn replace(path: &Path, text: &str) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    fs::create_dir_all(folder)?;
    let mut file = tempfile::Builder::new()
        .prefix(".")
        .suffix(".part")
        .tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    // A temporary file is its owner's alone; a configuration is read by the server that it is for.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        file.as_file()
            .set_permissions(fs::Permissions::from_mode(0o644))?;
    }
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_that_fails_leaves_the_old_file_and_nothing_beside_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("deploy").join("prometheus.yml");
        write(&path, "old\n").expect("the folder is made");
        // A folder can't be replaced by a file: the rename is what fails, after all has been written.
        let taken = folder.path().join("deploy").join("taken");
        fs::create_dir(&taken).expect("a folder");
        fs::write(taken.join("inside"), "x").expect("a file in it");
        let error = write(&taken, "new\n").expect_err("it is a folder");
        assert!(error.starts_with(&format!("can't write `{}`: ", taken.display())));
        let mut left: Vec<_> = fs::read_dir(folder.path().join("deploy"))
            .expect("it is there")
            .map(|entry| entry.expect("an entry").file_name())
            .collect();
        left.sort();
        assert_eq!(left, ["prometheus.yml", "taken"]);
        write(&path, "new\n").expect("the file is replaced");
        assert_eq!(fs::read_to_string(&path).expect("it is there"), "new\n");
    }
}
