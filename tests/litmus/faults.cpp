// Can the litmus tests fail? Machines with a fault, which must show outcomes that the model forbids.

#include <catch2/catch.hpp>

#include "protocols/core/mutable_table.hpp"
#include "protocols/mesi/mesi.hpp"
#include "sim/machine/machine.hpp"
#include "tests/litmus/support.hpp"
#include "tests/support/simulate.hpp"
#include "tests/support/workloads.hpp"

using namespace baton;
using namespace baton::test;

namespace {

using CacheTable = MutableTable<CacheContext<mesi::Protocol>>;
using HomeTable = MutableTable<HomeContext<mesi::Protocol>>;
using mesi::CacheState;

sim::MachineParameters machine(const char* consistency) {
  sim::MachineParameters machine = machine_of(4, "mesh");
  machine.core.consistency = consistency;
  machine.network.jitter_cycles = 20;
  return machine;
}

/// An outcome of `executed` that `test` does not allow, of a few machines that run until they fail.
template <class Spoil>
std::string forbidden(const litmus::Test& test, const litmus::Test& executed, const char* consistency,
                      Spoil spoil) {
  const auto model = std::string(consistency) == "sc" ? litmus::Model::sc : litmus::Model::tso;
  const auto allowed = litmus::allowed_outcomes(test, model);
  const auto run = [&](std::uint64_t seed) {
    sim::LitmusCounts counts;
    sim::RunOptions options;  // no monitor: the outcomes alone must tell
    options.watchdog_cycles = 100'000;
    options.driver = [&](const std::vector<sim::Core*>& cores, sim::Shared& shared) {
      const sim::LitmusWork work{&executed, 300, &counts};
      return std::make_unique<sim::LitmusDriver>(std::vector{work}, seed, cores, shared);
    };
    CacheTable cache(mesi::cache_table({}));
    HomeTable home(mesi::home_table({}));
    spoil(cache, home);
    sim::Machine<mesi::Protocol> instance("machine", machine(consistency), full_map,
                                          {cache.view(), home.view()}, options);
    std::string end = "none";
    try {
      Programs nothing({});
      instance.run(nothing);
    } catch (const sim::RunFailure& failure) {
      end = std::string("failed: ") + failure.what();
    }
    for (const auto& [outcome, times] : counts)
      if (!allowed.contains(outcome)) return "forbidden: " + litmus::full_text(test, outcome);
    return end;
  };
  std::string worst = "none";
  for (std::uint64_t seed = 1; seed <= 20 && !worst.starts_with("forbidden"); ++seed)
    if (const Ended ended = in_child([&] { return run(seed); }); ended.text != "none") worst = ended.text;
  return worst;
}

void no_fault(CacheTable&, HomeTable&) {}

/// The test on cores whose fences do nothing.
litmus::Test without_fences(litmus::Test test) {
  for (auto& thread : test.threads)
    for (auto& instruction : thread.code)
      if (instruction.does == litmus::Does::fence) instruction.order = litmus::Order::relaxed;
  return test;
}

}  // namespace

TEST_CASE("without a fault nothing forbidden is seen") {
  for (const char* consistency : {"sc", "tso"})
    for (const char* name : {"SB+mfences", "MP", "CoRR2", "INC2", "IRIW"}) {
      CAPTURE(consistency, name);
      CHECK(forbidden(litmus_test(name), litmus_test(name), consistency, no_fault) == "none");
    }
}

TEST_CASE("a store buffer that MFENCE does not drain is found") {
  for (const char* name : {"SB+mfences", "R+mfences", "RWC+mfence"}) {
    CAPTURE(name);
    const litmus::Test test = litmus_test(name);
    CHECK_THAT(forbidden(test, without_fences(test), "tso", no_fault), Catch::StartsWith("forbidden: "));
    CHECK(forbidden(test, without_fences(test), "sc", no_fault) == "none");
  }
}

TEST_CASE("a cache that keeps a line after an invalidation is found") {
  const auto keeps = [](CacheTable& cache, HomeTable&) {
    cache.set_next(CacheState::S, mesi::CacheEvent::Inv, CacheState::S);
  };
  for (const char* name : {"MP", "WRC", "IRIW", "SB+mfences"}) {
    CAPTURE(name);
    CHECK_THAT(forbidden(litmus_test(name), litmus_test(name), "sc", keeps),
               Catch::StartsWith("forbidden: "));
  }
}

TEST_CASE("a cache that ignores the data it waited for is found") {
  const auto ignores = [](CacheTable& cache, HomeTable&) {
    cache.drop_action(CacheState::IM_AD, mesi::CacheEvent::DataLast, "fill");
  };
  for (const char* name : {"INC2", "XADD2", "CAS2"}) {
    CAPTURE(name);
    CHECK_THAT(forbidden(litmus_test(name), litmus_test(name), "tso", ignores),
               Catch::StartsWith("forbidden: "));
  }
}
