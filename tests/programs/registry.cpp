// Every program: its description, its page, and a run.
#include <fstream>
#include <iterator>
#include <set>

#include "tests/programs/support.hpp"

using namespace baton::programs;
using namespace baton::programs::test;

TEST_CASE("every program's description is whole") {
  std::set<std::string> names;
  for (const Program* program : all_programs()) {
    INFO(program->name());
    CHECK(names.insert(std::string(program->name())).second);
    CHECK(program->summary().size() > 40);
    CHECK(find_program(program->name()) == program);
    std::set<std::string> parameters;
    for (const Parameter& parameter : program->parameters()) {
      INFO(parameter.name);
      for (const char* taken : {"kind", "program", "threads", "timer_granularity", "preempt"})
        CHECK(parameter.name != taken);
      CHECK(parameters.insert(std::string(parameter.name)).second);
      CHECK(parameter.minimum <= parameter.default_value);
      CHECK(parameter.default_value <= parameter.maximum);
      CHECK(!parameter.meaning.empty());
      if (parameter.type == Parameter::Type::choice)
        CHECK(parameter.maximum == static_cast<double>(parameter.choices.size()) - 1);
    }
    const Names found = names_of(*program, values(*program));
    CHECK(found.kinds.size() >= 1);
  }
  CHECK(names.contains("fetch_add_counter"));
  CHECK(find_program("no_such") == nullptr);
}

TEST_CASE("every program is in the README") {
  std::ifstream file(std::string(BATON_SOURCE_DIR) + "/traces/programs/README.md");
  const std::string readme{std::istreambuf_iterator<char>(file), {}};
  for (const Program* program : all_programs())
    // A failure must not print the whole page.
    if (readme.find("`" + std::string(program->name()) + "`") == std::string::npos)
      FAIL_CHECK("no row of the README has the program " << program->name());
}

TEST_CASE("every program passes its self-check under random interleavings, and ends operations") {
  for (const Program* program : all_programs())
    for (const std::uint32_t threads : {1U, 2U, 5U})
      for (std::uint64_t seed = 1; seed <= 3; ++seed) {
        INFO(program->name() << ", " << threads << " threads, seed " << seed);
        ParameterValues chosen = values(*program);
        for (const Parameter& parameter : program->parameters()) {
          if (parameter.name == "operations_per_thread") chosen.set(parameter.name, 50);
          if (parameter.name == "elements") chosen.set(parameter.name, 200);
        }
        if (!program->check(chosen, threads).empty()) {
          CHECK(threads > 1);
          continue;
        }
        Run run(*program, chosen, {.threads = threads, .cores = threads, .seed = seed});
        const Interpreted done = interpret(run, {.seed = seed});
        CHECK(done.failure == std::nullopt);
        std::uint64_t operations = 0;
        for (const std::uint64_t n : done.operations) operations += n;
        CHECK(operations > 0);
      }
}
