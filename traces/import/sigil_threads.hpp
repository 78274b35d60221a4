#pragma once
// The file that SynchroTraceGen writes beside the threads' events: who made whom, and who meets at barriers.

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "traces/operation.hpp"

namespace baton::traces {

/// More threads than valgrind runs; a damaged number must not cost memory.
inline constexpr std::uint64_t maximum_sigil_threads = 65536;

/// sigil.pthread.out: "##ADDRESS,THREAD" a thread that thread 1 made, "**ADDRESS,THREAD,THREAD…" a barrier.
struct SigilThreads {
  std::map<std::uint64_t, std::uint64_t> by_address;
  std::set<std::uint64_t> created;
  struct Barrier {
    Address first_counter = 0;
    std::vector<std::uint64_t> threads;
  };
  std::map<std::uint64_t, Barrier> barriers;
};

/// Barriers get counters from `first_counter` on, one a thread. Throws InputError.
SigilThreads read_sigil_threads(const std::string& path, Address first_counter);

}  // namespace baton::traces
