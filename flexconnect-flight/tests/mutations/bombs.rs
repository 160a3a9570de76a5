//! Messages that are wrong by design: they ask for more than they bring.
