#pragma once
// What a thread's time goes into. At every moment of its life a thread is at exactly one of these.

#include <array>
#include <cstdint>
#include <string_view>

namespace baton::sim {

enum class Cause : std::uint8_t {
  compute,
  hit,
  miss,
  upgrade,
  spin,
  system_call,
  futex_wait,
  wake_latency,
  run_queue,
  context_switch,
  sleep,
  preempted,
  order,
};
inline constexpr std::size_t causes = 13;

struct CauseInfo {
  std::string_view name;
  std::string_view meaning;  ///< "…ing", of a thread
};
inline constexpr std::array<CauseInfo, causes> cause_infos{{
    {"compute", "working without memory"},
    {"hit", "accessing lines that its core's cache had"},
    {"miss", "waiting for lines"},
    {"upgrade", "waiting for the right to write lines that its core's cache could read"},
    {"spin", "spinning on a word"},
    {"system_call", "in the kernel on its own account"},
    {"futex_wait", "sleeping on futexes"},
    {"wake_latency", "woken, but not yet in a run queue"},
    {"run_queue", "waiting for a core"},
    {"context_switch", "waiting for its core to switch to it"},
    {"sleep", "sleeping by its own wish"},
    {"preempted", "kept from its core by injected pre-emption"},
    {"order", "waiting for its turn in the recorded order"},
}};

}  // namespace baton::sim
