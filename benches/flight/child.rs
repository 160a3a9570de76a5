//! The other processes of a run: a line is asked, a line is answered.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{ChildStdin, ChildStdout, Command, Stdio};

use flexconnect_core::Result;

/// A server or a client. It ends when this is dropped, by the end of its input.
pub(crate) struct Child {
    child: std::process::Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    /// Where it listens, if it does.
    pub(crate) port: u16,
}

impl Child {
    /// This program in another role.
    pub(crate) fn own(arguments: &[&str]) -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(arguments);
        Child::start(command)
    }

    /// A program of these benches in Python.
    pub(crate) fn python(python: &Path, program: &str, arguments: &[&str]) -> Result<Self> {
        let mut command = Command::new(python);
        command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join(program)).args(arguments);
        Child::start(command)
    }

    fn start(mut command: Command) -> Result<Self> {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let input = child.stdin.take();
        let output = child.stdout.take().ok_or("a child without output")?;
        let mut child = Child { child, input, output: BufReader::new(output), port: 0 };
        child.port = child.answer()?.first().map_or(Ok(0), |port| (*port as i64).try_into())?;
        Ok(child)
    }

    /// Asks a line; the answer is numbers.
    pub(crate) fn ask(&mut self, line: &str) -> Result<Vec<f64>> {
        writeln!(self.input.as_mut().ok_or("a child without input")?, "{line}")?;
        self.answer()
    }

    fn answer(&mut self) -> Result<Vec<f64>> {
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        let numbers = line.split_whitespace().map(str::parse).collect::<Result<Vec<f64>, _>>();
        numbers.map_err(|_| format!("a process answered {line:?}").into())
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.input = None;
        // It has nothing to say any more; that it has ended is all there is to know.
        let _ = self.child.wait();
    }
}
