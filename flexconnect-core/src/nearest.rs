//! The nearest right name, for messages about a wrong one.

/// The candidate a typo away from `wrong`: at most a third of its letters differ.
///
/// ```
/// use flexconnect_core::nearest;
///
/// assert_eq!(nearest("page_sze", ["page_size", "endpoint"]), Some("page_size"));
/// assert_eq!(nearest("x", ["page_size", "endpoint"]), None);
/// ```
pub fn nearest<'a>(wrong: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // A name is short; a long text from outside is not worth comparing.
    if wrong.chars().count() > 128 {
        return None;
    }
    let wrong: Vec<char> = wrong.to_lowercase().chars().collect();
    let near = |candidate: &&str| distance(&wrong, candidate);
    let best = candidates.into_iter().filter(|candidate| candidate.len() <= 256).min_by_key(near)?;
    let most = (wrong.len().max(best.chars().count()) / 3).max(1);
    (distance(&wrong, best) <= most && wrong.len() > 1).then_some(best)
}

/// Insertions, deletions, replacements and swaps of neighbours.
fn distance(a: &[char], b: &str) -> usize {
    let b: Vec<char> = b.to_lowercase().chars().collect();
    let (mut before, mut above): (Vec<usize>, Vec<usize>) = (Vec::new(), (0..=b.len()).collect());
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replaced = above[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = replaced.min(above[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(before[j - 2] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut above, row);
    }
    above[b.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_swap_is_one_mistake_and_a_stranger_is_none() {
        assert_eq!(nearest("nubmers", ["files", "numbers"]), Some("numbers"));
        assert_eq!(nearest("orders", ["files", "numbers"]), None);
        assert_eq!(nearest("", ["files"]), None);
    }
}
