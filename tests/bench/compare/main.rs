//! datapunk-metrics side by side with the other metrics libraries of crates.io, in one process.
//!
//! What the rows mean and how to read them is in the README beside this package.

#![expect(
    clippy::cast_precision_loss,
    reason = "counts of recordings and of bytes are far below 2^53"
)]

mod arguments;
mod harness;
mod inputs;
mod libraries;
mod own;
mod report;
mod rows;

use std::process::ExitCode;

use arguments::{Arguments, HELP};

fn main() -> ExitCode {
    let arguments = match Arguments::parse(std::env::args().skip(1)) {
        Ok(arguments) => arguments,
        Err(error) => {
            eprintln!("error: {error}\n\n{HELP}");
            return ExitCode::FAILURE;
        }
    };
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), String> {
    if arguments.help {
        println!("{HELP}");
        return Ok(());
    }
    if arguments.own_costs {
        return own::measure_and_print();
    }
    if let Some(readme) = &arguments.readme {
        return report::write_readme(readme, &arguments.output());
    }
    let rows = rows::selected(&arguments.filter);
    let own = own::selected(&arguments.filter);
    if rows.is_empty() && !own {
        return Err(format!(
            "no row has `{}` in its name\n{}",
            arguments.filter,
            rows::names()
        ));
    }
    report::heading(arguments.effort());
    libraries::print_left_out();
    let mut results = report::Results::new(arguments.quick);
    for row in rows {
        let measured = harness::measure(row, arguments.effort());
        report::print(row, &measured);
        results.add(row, &measured);
    }
    if own {
        let costs = own::measure_in_child()?;
        report::print_own(&costs);
        results.add_own(&costs);
    }
    results.print_table()?;
    let path = arguments.output();
    results.write(&path)?;
    println!("\nwritten to {}", path.display());
    Ok(())
}
