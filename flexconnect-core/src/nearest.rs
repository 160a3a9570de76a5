//! The name somebody probably meant.

/// The candidate nearest to `name`, if one is near enough to be worth asking about.
///
/// Near means few letters added, left out, replaced or swapped: one for short names, a third of the letters
/// for longer ones. Upper and lower case do not count.
pub(crate) fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Longer names are not typed by hand, and the distance takes the product of both lengths.
    const LONGEST: usize = 100;
    let name: Vec<char> = name.to_lowercase().chars().take(LONGEST).collect();
    let most = (name.len() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| {
            let letters: Vec<char> = candidate.to_lowercase().chars().take(LONGEST).collect();
            (distance(&name, &letters), candidate)
        })
        .filter(|(distance, _)| *distance <= most)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// How many letters to change; two neighbours that are swapped count once.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, &left) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, &right) in b.iter().enumerate() {
            let replaced = last[j] + usize::from(left != right);
            let mut best = replaced.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && left == b[j - 1] && a[i - 1] == right {
                best = best.min(before[j - 1] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_mistakes_are_found() {
        let names = ["id", "name", "page_size", "created_at"];
        assert_eq!(nearest("page_sze", names), Some("page_size"));
        assert_eq!(nearest("nmae", names), Some("name"));
        assert_eq!(nearest("ID", names), Some("id"));
        assert_eq!(nearest("createdat", names), Some("created_at"));
        assert_eq!(nearest("price", names), None);
        assert_eq!(nearest("", names), None);
        assert_eq!(nearest("x", []), None);
    }
}
