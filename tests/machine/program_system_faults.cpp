// Do the systems notice by themselves, without the monitor, that their protocol is wrong?

#include <catch2/catch.hpp>

#include "tests/support/spoiled_mesi.hpp"

using namespace baton;
using namespace baton::test;
using namespace baton::test::spoiled_mesi;

namespace {

struct System {
  const char* program;
  const char* parameter;
  std::vector<const char*> designs;
};

const std::vector<System> systems{
    {"allocator", "pool", {"mutex", "lock_free_walk", "lock_free_singles", "pages"}},
    {"key_value", "design", {"event_loop", "lock_free"}},
    {"run_queue", "design", {"locked", "lock_free", "locked_per_core"}},
    {"page_allocator", "design", {"locked", "lock_free"}},
    {"inode", "design", {"locked", "lock_free"}},
    {"socket", "design", {"locked", "lock_free"}},
    {"full_stack", "kernel", {"locked", "lock_free"}}};

ProgramRun small(const System& system, const char* design) {
  ProgramRun run{programs::find_program(system.program),
                 {{system.parameter, 0, design}, {"operations_per_thread", 100}}};
  const auto has = [&](std::string_view name) {
    for (const auto& parameter : run.program->parameters())
      if (parameter.name == name) return true;
    return false;
  };
  const std::pair<const char*, double> if_there[] = {{"batch", 1},  {"zone_batch", 1},
                                                     {"keys", 4},   {"read_fraction", 0.5},
                                                     {"window", 4}, {"inside_cycles", 50}};
  for (const auto& [name, value] : if_there)
    if (has(name)) run.settings.push_back({name, value});
  return run;
}

}  // namespace

TEST_CASE("systems fail or hang where lines go stale") {
  for (const System& system : systems)
    for (const char* design : system.designs) {
      const ProgramRun run = small(system, design);
      CAPTURE(system.program, design);
      CHECK(spoiled(run, no_fault) == "");
      CHECK(spoiled(run, data_are_not_taken) != "");
      CHECK(spoiled(run, owner_keeps_the_line) != "");
      CHECK(spoiled(run, sharer_keeps_the_line) != "");
      // Lost is what a modified line had when another core reads it: with so few refills nobody reads in the
      // allocator's shared lists what another has just written.
      if (system.program != std::string_view("allocator")) CHECK(spoiled(run, copy_back_is_lost) != "");
    }
}
