#pragma once
// What baton-bench measures. Each function elaborates SystemC, so it is called once a process.

#include <cstdint>

namespace baton::bench {

struct Run {
  std::uint64_t items = 0;
  double seconds = 0;
  std::uint64_t resident_bytes = 0;  ///< that the run added to the process
};

/// `modules` SC_METHODs, each of which notifies itself a random number of nanoseconds ahead, again and again:
/// what the kernel can do at most. Items: notifications.
Run bare_notifications(int modules);
/// Cores that share lines uniformly over a mesh with contention, MESI. Items: coherence messages.
Run messages(int cores);
/// The same with ports alone, and without contention: what of a message's time is the network's.
Run messages_by_crossbar(int cores);
Run messages_by_ideal(int cores);
/// As messages, with what each line costs: what --lines takes.
Run messages_with_lines(int cores);
/// Cores that replay traces of which 99 of 100 accesses hit. Items: hits.
Run hits(int cores);
/// The same without the accesses that miss (but for each line's first): what of it is theirs.
Run hits_alone(int cores);
/// As hits, one event an access: what streaming through hits saves.
Run exact_hits(int cores);

/// Registers the benchmarks of `baton record` and of reading recordings. Items: records.
void add_recordings();

}  // namespace baton::bench
