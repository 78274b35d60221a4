#include "sim/experiment/input_file.hpp"

#include "sim/experiment/problem.hpp"
#include "traces/error.hpp"
#include "traces/input_file.hpp"

namespace baton::experiment {

std::string read_whole(const std::string& path, const std::string& expected) try {
  return traces::read_file(path);
} catch (const traces::InputError& error) {
  throw InputProblems(std::string(error.what()) + "; " + expected + " was expected");
}

}  // namespace baton::experiment
