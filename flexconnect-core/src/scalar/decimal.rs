//! Decimal numbers as text, exactly: digits and the place of the point.

use std::cmp::Ordering;

use arrow_buffer::i256;

/// The number `digits × 10^-scale`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Decimal {
    /// All digits, without the point.
    pub(crate) digits: i256,
    /// How many of them stand after the point; negative: zeros follow.
    pub(crate) scale: i32,
}

/// Where a number falls on a grid of whole steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// Below every step that can be counted.
    Below,
    /// On this step.
    On(i256),
    /// Above this step and below the next.
    After(i256),
    /// Above every step that can be counted.
    Above,
}

impl Decimal {
    /// A whole number.
    pub(crate) fn whole(value: impl Into<i256>) -> Self {
        Decimal { digits: value.into(), scale: 0 }
    }

    /// Reads `-12.50`, `+3`, `.5`, `1e3`; `None` for anything else or more digits than 256 bits hold.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (negative, rest) = match text.as_bytes().first()? {
            b'-' => (true, &text[1..]),
            b'+' => (false, &text[1..]),
            _ => (false, text),
        };
        let (mantissa, exponent) = match rest.find(['e', 'E']) {
            Some(at) => (&rest[..at], parse_exponent(&rest[at + 1..])?),
            None => (rest, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        // Zeros at the end of the fraction say nothing, and might not fit.
        let fraction = fraction_without_zeros(fraction)?;
        let ten = i256::from_i128(10);
        let mut digits = i256::ZERO;
        for byte in whole.bytes().chain(fraction.bytes()) {
            if !byte.is_ascii_digit() {
                return None;
            }
            digits = digits.checked_mul(ten)?.checked_add(i256::from_i128(i128::from(byte - b'0')))?;
        }
        let scale = i32::try_from(fraction.len()).ok()?.checked_sub(exponent)?;
        let digits = if negative { digits.wrapping_neg() } else { digits };
        Some(Decimal { digits, scale })
    }

    /// Where this number falls among the multiples of `10^-scale`.
    pub(crate) fn step(self, scale: i32) -> Step {
        let shift = i64::from(scale) - i64::from(self.scale);
        if self.digits == i256::ZERO {
            return Step::On(i256::ZERO);
        }
        let beyond = if self.digits.is_negative() { Step::Below } else { Step::Above };
        match (pow10(shift.unsigned_abs()), shift >= 0) {
            (None, true) => beyond,
            (Some(factor), true) => self.digits.checked_mul(factor).map_or(beyond, Step::On),
            // Fewer than one step away from zero.
            (None, false) => {
                Step::After(if self.digits.is_negative() { i256::MINUS_ONE } else { i256::ZERO })
            }
            (Some(divisor), false) => divide(self.digits, divisor),
        }
    }
}

/// The quotient as a step: rounded down when it is not whole.
pub(crate) fn divide(value: i256, divisor: i256) -> Step {
    let (quotient, rest) = (value.wrapping_div(divisor), value.wrapping_rem(divisor));
    match rest.cmp(&i256::ZERO) {
        Ordering::Equal => Step::On(quotient),
        Ordering::Greater => Step::After(quotient),
        Ordering::Less => Step::After(quotient.wrapping_sub(i256::ONE)),
    }
}

/// The digits with the point in its place.
pub(crate) fn format(digits: i256, scale: i8) -> String {
    let scale = i32::from(scale);
    let text = digits.to_string();
    let (sign, text) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text.as_str()),
    };
    match usize::try_from(scale) {
        Ok(0) => format!("{sign}{text}"),
        Ok(scale) => {
            let padded = format!("{text:0>width$}", width = scale + 1);
            let (whole, fraction) = padded.split_at(padded.len() - scale);
            format!("{sign}{whole}.{fraction}")
        }
        Err(_) if text == "0" => text.to_owned(),
        Err(_) => format!("{sign}{text}e{}", -scale),
    }
}

/// `10^exponent`, if it fits.
pub(crate) fn pow10(exponent: u64) -> Option<i256> {
    i256::from_i128(10).checked_pow(u32::try_from(exponent).ok().filter(|&exponent| exponent <= 76)?)
}

fn parse_exponent(text: &str) -> Option<i32> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

fn fraction_without_zeros(fraction: &str) -> Option<&str> {
    fraction.bytes().all(|byte| byte.is_ascii_digit()).then(|| fraction.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(text: &str, scale: i32) -> Step {
        Decimal::parse(text).unwrap().step(scale)
    }

    fn int(value: i128) -> i256 {
        i256::from_i128(value)
    }

    #[test]
    fn text_is_read_exactly() {
        assert_eq!(on("12.50", 2), Step::On(int(1250)));
        assert_eq!(on("12.5", 2), Step::On(int(1250)));
        assert_eq!(on("-.5", 1), Step::On(int(-5)));
        assert_eq!(on("+3.", 0), Step::On(int(3)));
        assert_eq!(on("1.5e3", 0), Step::On(int(1500)));
        assert_eq!(on("15E-1", 1), Step::On(int(15)));
        assert_eq!(on("1200", -2), Step::On(int(12)));
        assert_eq!(on(&format!("1.{}", "0".repeat(500)), 0), Step::On(int(1)));
        for text in
            ["", "-", ".", "e5", "1e", "1e+", "1.2.3", "0x10", "1 ", " 1", "NaN", "inf", "1_0", "--1", "1.٣"]
        {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_not_whole_lies_after_a_step() {
        assert_eq!(on("1.999", 2), Step::After(int(199)));
        assert_eq!(on("-1.999", 2), Step::After(int(-200)));
        assert_eq!(on("1e-900", 2), Step::After(int(0)));
        assert_eq!(on("-1e-900", 2), Step::After(int(-1)));
        assert_eq!(on("1e900", 2), Step::Above);
        assert_eq!(on("-1e900", 2), Step::Below);
        assert_eq!(on("0e900", 2), Step::On(int(0)));
        assert_eq!(on("1e2147483647", 127), Step::Above);
        assert_eq!(on(&i256::MAX.to_string(), 1), Step::Above);
        assert_eq!(Decimal { digits: i256::MIN, scale: 0 }.step(1), Step::Below);
    }

    #[test]
    fn digits_are_written_with_their_point() {
        assert_eq!(format(int(1250), 2), "12.50");
        assert_eq!(format(int(-5), 2), "-0.05");
        assert_eq!(format(int(0), 2), "0.00");
        assert_eq!(format(int(7), 0), "7");
        assert_eq!(format(int(12), -2), "12e2");
        assert_eq!(format(int(0), -2), "0");
    }
}
