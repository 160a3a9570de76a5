//! The name somebody meant.

/// Longer names are not compared: the cost grows with the square of the length.
const LONGEST: usize = 64;

/// The candidate nearest to `name`, if one is near enough to be what was meant: equal but for case, `-` and
/// `_`, or a third of its letters apart at most. The first one if several are equally near.
///
/// ```
/// use flexconnect_core::nearest;
///
/// let names = ["page_size", "page_token"];
/// assert_eq!(nearest("page_sze", names), Some("page_size"));
/// assert_eq!(nearest("pageSize", names), Some("page_size"));
/// assert_eq!(nearest("columns", names), None);
/// ```
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let name = letters(name)?;
    candidates
        .into_iter()
        .filter_map(|candidate| {
            let letters = letters(candidate)?;
            let distance = distance(&name, &letters);
            let near =
                distance <= name.len().max(letters.len()).div_ceil(3).min(3) && distance < letters.len();
            near.then_some((distance, candidate))
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

fn letters(name: &str) -> Option<Vec<char>> {
    if name.len() > LONGEST {
        return None;
    }
    Some(name.chars().filter(|c| !matches!(c, '_' | '-')).flat_map(char::to_lowercase).collect())
}

/// Insertions, deletions, replacements and swaps of neighbours that turn one word into the other.
fn distance(from: &[char], to: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in to.iter().enumerate() {
            let mut best = (above[j] + usize::from(a != b)).min(above[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *a == to[j - 1] && from[i - 1] == *b {
                best = best.min(before[j - 1] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut above, row);
    }
    above[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_swap_counts_once() {
        let letters = |text: &str| text.chars().collect::<Vec<_>>();
        assert_eq!(distance(&letters("form"), &letters("from")), 1);
        assert_eq!(distance(&letters(""), &letters("abc")), 3);
        assert_eq!(distance(&letters("kitten"), &letters("sitting")), 3);
    }

    #[test]
    fn far_and_endless_names_have_no_neighbour() {
        assert_eq!(nearest("x", ["y"]), None);
        assert_eq!(nearest("", ["y"]), None);
        assert_eq!(nearest(&"a".repeat(100_000), ["aaaa"]), None);
    }
}
