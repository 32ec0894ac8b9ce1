#pragma once

#include <string>
#include <vector>

namespace signalbox::headless {

/// `lab [--seed N] [--runs N] [--quiet] FILE`: runs a scenario in the simulated world and answers
/// the program's exit code: 0 right, 1 wrong, 2 no such scenario or a mistake in it, 3 it could not
/// be run.
int run_lab(std::string const& program, std::vector<std::string> const& arguments);

}  // namespace signalbox::headless
