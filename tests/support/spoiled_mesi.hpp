#pragma once
// Programs under directory MESI with a wrong table.

#include "protocols/core/mutable_table.hpp"
#include "protocols/mesi/mesi.hpp"
#include "protocols/ownership/ownership.hpp"
#include "sim/machine/machine.hpp"
#include "tests/support/programs.hpp"

namespace baton::test::spoiled_mesi {

using mesi::CacheState;
using mesi::HomeState;
using CacheTable = MutableTable<CacheContext<mesi::Protocol>>;
using HomeTable = MutableTable<HomeContext<mesi::Protocol>>;

/// How directory MESI fails with tables that `spoil` has changed, "" if it does not.
template <class Spoil>
std::string spoiled(const MachineParameters& machine, traces::Workload& workload, const RunOptions& options,
                    Spoil spoil) {
  return Result(in_child([&] {
           CacheTable cache(mesi::cache_table(false));
           HomeTable home(mesi::home_table(false));
           spoil(cache, home);
           sim::Machine<mesi::Protocol> instance("machine", machine, full_map, {cache.view(), home.view()},
                                                 options);
           return written(instance.run(workload));
         }))
      .failure;
}
/// The same of a program on four cores.
template <class Spoil>
std::string spoiled(const ProgramRun& run, Spoil spoil) {
  const MachineParameters machine = machine_of(4);
  auto workload = run.on(machine);
  RunOptions options;
  options.watchdog_cycles = 100'000;
  return spoiled(machine, workload, options, spoil);
}

inline void no_fault(CacheTable&, HomeTable&) {}
inline void data_are_not_taken(CacheTable& cache, HomeTable&) {
  cache.drop_action(CacheState::IM_AD, mesi::CacheEvent::DataLast, "fill");
}
inline void owner_keeps_the_line(CacheTable& cache, HomeTable&) {
  cache.set_next(CacheState::M, mesi::CacheEvent::FwdGetM, CacheState::M);
}
inline void sharer_keeps_the_line(CacheTable& cache, HomeTable&) {
  cache.set_next(CacheState::S, mesi::CacheEvent::Inv, CacheState::S);
}
inline void copy_back_is_lost(CacheTable&, HomeTable& home) {
  home.drop_action(HomeState::S_D, mesi::HomeEvent::Data, "write_memory");
}

}  // namespace baton::test::spoiled_mesi
