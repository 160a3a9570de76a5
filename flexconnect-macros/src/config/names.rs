//! Names: of parameters, in other cases, in words, and those somebody meant.

/// The values of `rename_all`.
pub(crate) const CASES: [&str; 8] = [
    "lowercase",
    "UPPERCASE",
    "PascalCase",
    "camelCase",
    "snake_case",
    "SCREAMING_SNAKE_CASE",
    "kebab-case",
    "SCREAMING-KEBAB-CASE",
];

/// An identifier (`num_rows`, `NumRows`) in one of the [`CASES`].
pub(crate) fn rename(ident: &str, case: &str) -> String {
    let words = words(ident);
    match case {
        "lowercase" => words.concat(),
        "UPPERCASE" => words.concat().to_uppercase(),
        "PascalCase" => words.iter().map(|word| capital(word)).collect(),
        "camelCase" => {
            let mut words = words.iter();
            let first = words.next().cloned().unwrap_or_default();
            words.fold(first, |name, word| name + &capital(word))
        }
        "SCREAMING_SNAKE_CASE" => words.join("_").to_uppercase(),
        "kebab-case" => words.join("-"),
        "SCREAMING-KEBAB-CASE" => words.join("-").to_uppercase(),
        _ => words.join("_"),
    }
}

/// An identifier as a label: `num_rows` and `NumRows` are "Num rows".
pub(crate) fn label(ident: &str) -> String {
    capital(&words(ident).join(" "))
}

/// The words of an identifier, in lower case. A run of capitals is one word: `HTTPProxy` is `http`, `proxy`.
fn words(ident: &str) -> Vec<String> {
    let letters: Vec<char> = ident.trim_start_matches("r#").chars().collect();
    let mut words = vec![String::new()];
    for (index, letter) in letters.iter().enumerate() {
        let before = index.checked_sub(1).map(|before| letters[before]);
        let after = letters.get(index + 1);
        let starts = letter.is_uppercase()
            && before.is_some_and(|before| {
                !before.is_uppercase() || after.is_some_and(|after| after.is_lowercase())
            });
        if *letter == '_' || starts {
            words.push(String::new());
        }
        if *letter != '_' {
            words.last_mut().expect("there is one word from the start").extend(letter.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The candidate that differs from `name` least, if that is little.
pub(crate) fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let most = name.chars().count().div_ceil(3).min(3);
    candidates
        .into_iter()
        .map(|candidate| (distance(name, candidate), candidate))
        .filter(|(distance, _)| *distance <= most)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Insertions, deletions and replacements that turn one word into the other.
fn distance(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.chars().count()).collect();
    for a in from.chars() {
        let mut diagonal = row[0];
        row[0] += 1;
        for (j, b) in to.chars().enumerate() {
            let replaced = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[to.chars().count()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_change_their_case() {
        let expected = [
            "apikeyheader",
            "APIKEYHEADER",
            "ApiKeyHeader",
            "apiKeyHeader",
            "api_key_header",
            "API_KEY_HEADER",
            "api-key-header",
            "API-KEY-HEADER",
        ];
        for ident in ["api_key_header", "ApiKeyHeader"] {
            for (case, expected) in CASES.iter().zip(expected) {
                assert_eq!(rename(ident, case), expected);
            }
        }
        assert_eq!(rename("HTTPProxy2", "snake_case"), "http_proxy2");
        assert_eq!(rename("r#type", "PascalCase"), "Type");
    }

    #[test]
    fn labels_are_words() {
        assert_eq!(label("num_rows"), "Num rows");
        assert_eq!(label("ApiKey"), "Api key");
        assert_eq!(label("r#type"), "Type");
        assert_eq!(label("_hidden"), "Hidden");
    }

    #[test]
    fn a_slip_finds_its_name() {
        assert_eq!(nearest("defualt", ["label", "default"]), Some("default"));
        assert_eq!(nearest("lable", ["label", "default"]), Some("label"));
        assert_eq!(nearest("colour", ["label", "default"]), None);
    }
}
