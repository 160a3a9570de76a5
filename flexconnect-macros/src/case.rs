//! `rename_all`: the cases of serde, and the name of a table that has none.

use syn::Ident;

use crate::errors::Errors;

/// One of serde's cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Case {
    Lower,
    Upper,
    Pascal,
    Camel,
    Snake,
    ScreamingSnake,
    Kebab,
    ScreamingKebab,
}

const CASES: [(&str, Case); 8] = [
    ("lowercase", Case::Lower),
    ("UPPERCASE", Case::Upper),
    ("PascalCase", Case::Pascal),
    ("camelCase", Case::Camel),
    ("snake_case", Case::Snake),
    ("SCREAMING_SNAKE_CASE", Case::ScreamingSnake),
    ("kebab-case", Case::Kebab),
    ("SCREAMING-KEBAB-CASE", Case::ScreamingKebab),
];

impl Case {
    /// The case of this name; a mistake names all of them.
    pub(crate) fn parse(text: &syn::LitStr, errors: &mut Errors) -> Option<Self> {
        let value = text.value();
        let found = CASES.iter().find(|(name, _)| *name == value);
        if found.is_none() {
            let names: Vec<&str> = CASES.iter().map(|(name, _)| *name).collect();
            errors.at(text, format!("unknown case `{value}`, it can be `{}`", names.join("`, `")));
        }
        found.map(|(_, case)| *case)
    }

    /// The name of a field, which is written in `snake_case`.
    pub(crate) fn of_field(self, name: &str) -> String {
        match self {
            Case::Lower | Case::Snake => name.to_owned(),
            Case::Upper | Case::ScreamingSnake => name.to_ascii_uppercase(),
            Case::Pascal => name.split('_').map(capitalized).collect(),
            Case::Camel => uncapitalized(&Case::Pascal.of_field(name)),
            Case::Kebab => name.replace('_', "-"),
            Case::ScreamingKebab => name.to_ascii_uppercase().replace('_', "-"),
        }
    }

    /// The name of a variant, which is written in `PascalCase`.
    pub(crate) fn of_variant(self, name: &str) -> String {
        match self {
            Case::Pascal => name.to_owned(),
            Case::Lower => name.to_ascii_lowercase(),
            Case::Upper => name.to_ascii_uppercase(),
            Case::Camel => uncapitalized(name),
            Case::Snake => {
                let mut snake = String::new();
                for (at, letter) in name.char_indices() {
                    if at > 0 && letter.is_uppercase() {
                        snake.push('_');
                    }
                    snake.extend(letter.to_lowercase());
                }
                snake
            }
            Case::ScreamingSnake => Case::Snake.of_variant(name).to_ascii_uppercase(),
            Case::Kebab => Case::Snake.of_variant(name).replace('_', "-"),
            Case::ScreamingKebab => Case::ScreamingSnake.of_variant(name).replace('_', "-"),
        }
    }
}

/// The identifier without the `r#` of a keyword.
pub(crate) fn plain(ident: &Ident) -> String {
    let text = ident.to_string();
    text.strip_prefix("r#").map(str::to_owned).unwrap_or(text)
}

/// A type's name in `snake_case`, an abbreviation kept as one word: `HTTPCall` is `http_call`.
pub(crate) fn table_name(ident: &str) -> String {
    let letters: Vec<char> = ident.chars().collect();
    let mut name = String::new();
    for (at, letter) in letters.iter().enumerate() {
        let previous = at.checked_sub(1).map(|at| letters[at]);
        let begins_word = previous.is_some_and(|previous| {
            previous.is_lowercase()
                || previous.is_numeric()
                || (previous.is_uppercase() && letters.get(at + 1).is_some_and(|next| next.is_lowercase()))
        });
        if letter.is_uppercase() && begins_word {
            name.push('_');
        }
        name.extend(letter.to_lowercase());
    }
    name
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn uncapitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_serde() {
        let all = |field: &str, variant: &str| {
            CASES.map(|(_, case)| (case.of_field(field), case.of_variant(variant)))
        };
        let expected = [
            ("very_tasty", "verytasty"),
            ("VERY_TASTY", "VERYTASTY"),
            ("VeryTasty", "VeryTasty"),
            ("veryTasty", "veryTasty"),
            ("very_tasty", "very_tasty"),
            ("VERY_TASTY", "VERY_TASTY"),
            ("very-tasty", "very-tasty"),
            ("VERY-TASTY", "VERY-TASTY"),
        ];
        assert_eq!(
            all("very_tasty", "VeryTasty"),
            expected.map(|(field, variant)| (field.to_owned(), variant.to_owned()))
        );
    }

    #[test]
    fn a_table_keeps_abbreviations_together() {
        let names = ["Person", "SalesOrder", "HTTPCall", "Api2Key", "X"].map(table_name);
        assert_eq!(names, ["person", "sales_order", "http_call", "api2_key", "x"]);
    }
}
