#include "traces/programs/runtime/program.hpp"

#include <stdexcept>

namespace baton::programs {

#define BATON_PROGRAM_FILE(name) const Program& program_##name();
#include "program_list.inc"
#undef BATON_PROGRAM_FILE

std::span<const Program* const> all_programs() {
  static const std::vector<const Program*> programs = {
#define BATON_PROGRAM_FILE(name) &program_##name(),
#include "program_list.inc"
#undef BATON_PROGRAM_FILE
  };
  return programs;
}

const Program* find_program(std::string_view name) {
  for (const Program* program : all_programs())
    if (program->name() == name) return program;
  return nullptr;
}

Setup::Setup(const ParameterValues& values, const Environment& environment, Contents& contents, Names& names)
    : parameters(values), memory(traces::region_bytes, contents), environment_(environment), names_(names) {}

OperationKind Setup::kind(std::string_view name) {
  for (const std::string_view access : {"load", "store", "rmw"})
    if (name == access)
      throw std::invalid_argument("a kind of operation is called like the access \"" + std::string(name) +
                                  "\"");
  return {names_.kinds.intern(name)};
}

Placement placement_of(const ParameterValues& parameters, std::string_view name) {
  const std::string_view choice = parameters.choice(name);
  if (choice == "packed") return packed;
  if (choice == "padded") return padded(parameters.integer("padding"));
  return own_line;
}

std::vector<ParameterError> check_padding(const ParameterValues& parameters) {
  const std::uint64_t padding = parameters.integer("padding");
  if (padding % word_bytes == 0) return {};
  return {{"padding",
           "words would straddle lines, found " + std::to_string(padding) + ", allowed multiples of 8"}};
}

}  // namespace baton::programs
