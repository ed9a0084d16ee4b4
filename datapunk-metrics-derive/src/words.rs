//! Words: the spelling of variants.

/// The words of a name in `UpperCamelCase` or `snake_case`.
fn words(name: &str) -> Vec<String> {
    let characters: Vec<char> = name.chars().collect();
    let mut words = vec![String::new()];
    for (at, &character) in characters.iter().enumerate() {
        let after_lower = at > 0 && !characters[at - 1].is_uppercase() && characters[at - 1] != '_';
        let before_lower = characters
            .get(at + 1)
            .is_some_and(|next| next.is_lowercase());
        let in_word = words.last().is_some_and(|word| !word.is_empty());
        let begins = character == '_'
            || in_word && character.is_uppercase() && (after_lower || before_lower);
        if begins {
            words.push(String::new());
        }
        if character != '_'
            && let Some(word) = words.last_mut()
        {
            word.extend(character.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// The spellings that `rename_all` knows.
pub(crate) const SPELLINGS: &[&str] = &[
    "snake_case",
    "lowercase",
    "UPPERCASE",
    "camelCase",
    "PascalCase",
    "SCREAMING_SNAKE_CASE",
    "kebab-case",
    "SCREAMING-KEBAB-CASE",
];

/// `name` in one of [`SPELLINGS`].
pub(crate) fn spell(name: &str, spelling: &str) -> String {
    let words = words(name);
    let capitalised = |word: &String| {
        let mut characters = word.chars();
        characters.next().map_or_else(String::new, |first| {
            first.to_uppercase().chain(characters).collect()
        })
    };
    match spelling {
        "lowercase" => words.concat(),
        "UPPERCASE" => words.concat().to_uppercase(),
        "PascalCase" => words.iter().map(capitalised).collect(),
        "camelCase" => words
            .iter()
            .enumerate()
            .map(|(at, word)| {
                if at == 0 {
                    word.clone()
                } else {
                    capitalised(word)
                }
            })
            .collect(),
        "SCREAMING_SNAKE_CASE" => words.join("_").to_uppercase(),
        "kebab-case" => words.join("-"),
        "SCREAMING-KEBAB-CASE" => words.join("-").to_uppercase(),
        _ => words.join("_"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variants_are_spelled_as_asked() {
        for (name, spelling, spelled) in [
            ("HalfOpen", "snake_case", "half_open"),
            ("HTTPServer", "snake_case", "http_server"),
            ("Http2Server", "snake_case", "http2_server"),
            ("Get", "UPPERCASE", "GET"),
            ("NotFound", "kebab-case", "not-found"),
            ("NotFound", "camelCase", "notFound"),
            ("not_found", "PascalCase", "NotFound"),
            ("NotFound", "SCREAMING_SNAKE_CASE", "NOT_FOUND"),
            ("NotFound", "lowercase", "notfound"),
        ] {
            assert_eq!(spell(name, spelling), spelled);
        }
    }
}
