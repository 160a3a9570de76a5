//! The two numbers a measurement takes on its command line.

use flexconnect_core::Result;

/// How many rows and how many rounds are wanted: the numbers given, at least one each, or else these.
///
/// # Errors
/// How the measurement `name` is called, when what is given is no number.
pub fn rows_and_rounds(name: &str, rows: usize, rounds: usize) -> Result<(usize, usize)> {
    let numbers: Vec<usize> = std::env::args()
        .skip(1)
        // Cargo passes `--bench`.
        .filter(|argument| !argument.starts_with("--"))
        .map(|argument| argument.parse())
        .collect::<Result<_, _>>()
        .map_err(|error| format!("usage: {name} [ROWS [ROUNDS]], two numbers: {error}"))?;
    let given = |at: usize, usual| numbers.get(at).copied().unwrap_or(usual).max(1);
    Ok((given(0, rows), given(1, rounds)))
}
