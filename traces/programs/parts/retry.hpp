#pragma once
// Backoff in compare-and-swap loops: the same choice as for locks (parts/backoff.hpp).

#include "traces/programs/parts/backoff.hpp"

namespace baton::programs {

/// To be awaited after a compare-and-swap of `word` that failed: waits as the backoff says; gives the word's
/// value for the next attempt, which is `seen`, what the failed one saw, if there is no wait.
inline Task<std::uint64_t> after_failure(Thread& t, Backoff::Delays& delays, Address word,
                                         std::uint64_t seen) {
  const std::uint64_t delay = delays.next(t);
  if (delay == 0) co_return seen;
  co_await t.compute(delay);
  co_return co_await t.load(word);
}

}  // namespace baton::programs
