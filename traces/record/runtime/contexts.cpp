// Functions begin and end: keeps the thread's calling context, a node of a tree that all threads share. It
// names the user's line where the access itself lies in a function of a library's header.

#include "traces/record/runtime/thread.hpp"

namespace baton::record {
namespace {

std::uint32_t hash(std::uint32_t parent, std::uint64_t call) {
  return static_cast<std::uint32_t>(((call ^ std::uint64_t{parent} << 40) * 0x9E3779B97F4A7C15ULL) >> 32);
}

/// The node from the table, which two threads may fill at once: then there are two nodes of one context,
/// which does no harm. Without room: the parent.
std::uint32_t shared_context(std::uint32_t parent, std::uint64_t call) {
  std::uint32_t mine = 0;
  std::uint32_t place = hash(parent, call) % context_table_size;
  for (unsigned tries = 0; tries < 64; ++tries, place = (place + 1) % context_table_size) {
    std::uint32_t found = control->context_table[place].load(std::memory_order_acquire);
    if (found == 0) {
      if (mine == 0) {
        if (control->contexts.load(std::memory_order_relaxed) >= maximum_contexts) return parent;
        mine = control->contexts.fetch_add(1, std::memory_order_relaxed);
        if (mine >= maximum_contexts) return parent;
        control->context[mine] = {call, parent, 0};
      }
      if (control->context_table[place].compare_exchange_strong(found, mine)) return mine;
    }
    if (control->context[found].call == call && control->context[found].parent == parent) return found;
  }
  return parent;
}

std::uint32_t child_context(Thread& thread, std::uint64_t call) {
  const std::uint32_t parent = thread.context;
  Thread::Cached& cached = thread.cache[hash(parent, call) % context_cache_size];
  if (cached.call == call && cached.parent == parent) return cached.context;
  const std::uint32_t context = shared_context(parent, call);
  cached.call = 0;  // a signal handler that uses the entry meanwhile finds it empty or whole
  std::atomic_signal_fence(std::memory_order_seq_cst);
  cached.parent = parent;
  cached.context = context;
  std::atomic_signal_fence(std::memory_order_seq_cst);
  cached.call = call;
  return context;
}

}  // namespace
}  // namespace baton::record

BATON_INTERFACE void __tsan_func_entry(void* call) {
  using namespace baton::record;
  Thread* const thread = self;
  if (thread == nullptr) return;
  const std::uint32_t depth = thread->depth++;
  if (depth >= maximum_depth) return;
  thread->contexts[depth] = thread->context;
  if (control->level.load(std::memory_order_relaxed) == Level::off) return;
  thread->context = child_context(*thread, reinterpret_cast<std::uintptr_t>(call));
}

BATON_INTERFACE void __tsan_func_exit() {
  using namespace baton::record;
  Thread* const thread = self;
  if (thread == nullptr || thread->depth == 0) return;
  const std::uint32_t depth = --thread->depth;
  if (depth < maximum_depth) thread->context = thread->contexts[depth];
}
