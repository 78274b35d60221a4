#pragma once
// Why cores miss a line: the classes of Dubois, Skeppstedt, Ricciulli, Ramamurthy and Stenström (ISCA 1993),
// as far as they follow from who had a copy, and from whom it was taken. Which of the misses of sharing are
// true depends on bytes: see contended_lines.hpp.

#include <array>
#include <cstdint>
#include <functional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "protocols/core/types.hpp"
#include "traces/operation.hpp"

namespace baton::sim {

enum class Permission : std::uint8_t;

enum class MissCause : std::uint8_t {
  cold,      ///< the core's first of this line
  replaced,  ///< its copy has left by itself, for another line, or was recalled by a full directory
  renewed,   ///< logical time: the lease had run out, and nobody has written since
  sharing,   ///< another core's request has taken the copy, or the right to write it
  other,     ///< the first write to a copy that nobody else has, far atomics without rivals, …
};
inline constexpr std::size_t miss_causes = 5;

/// Eighths of a line, in which accesses are counted: words, where lines have 64 bytes.
inline constexpr std::size_t line_words = 8;
/// The bits of one of them in a mask that has a bit for each 64th of the line, or for each byte of shorter
/// ones.
constexpr std::uint64_t word_mask(std::size_t word) {
  return std::uint64_t{0xff} << (8 * word);
}

/// The causes of the misses of lines, from what happens in the caches, in its order.
class MissCauses {
 public:
  using Counts = std::array<std::uint64_t, miss_causes>;

  /// Of at most so many pairs of a line and a core; misses of others are `other`.
  explicit MissCauses(std::size_t most = std::size_t{1} << 20) : room_(most) {}

  /// A core's request for the line is about to leave; counts its cause. A load of a copy that the core may
  /// read is taken for a renewal until came() says more.
  void missed(LineNumber line, NodeId core, traces::Kind kind, Counts& counts);
  /// A load that has missed ends with this content.
  void came(LineNumber line, NodeId core, Value content, Counts& counts);
  /// The content that a core may still read while it asks for the line again.
  void asks_again(LineNumber line, NodeId core, Value content);
  void permission(LineNumber line, NodeId core, Permission before, Permission after);
  /// What the request is for, as a mask of the line's bytes. Then, when it ends: that the access has been
  /// performed.
  void asks_for(LineNumber line, NodeId core, std::uint64_t bytes);
  void performed(LineNumber line, NodeId core, traces::Kind kind);
  /// The core has had the line for a moment, or its access has been performed at the home.
  void passed(LineNumber line, NodeId core);
  /// The core's copy leaves for another line.
  void gave_up(LineNumber line, NodeId core);
  /// All copies leave: a directory without room.
  void recalled(LineNumber line);
  void forget(LineNumber line);

  /// Misses of sharing that can be true at most, if only those cores communicate for which meets(a, b): each
  /// miss is counted with all who took the line since the core lost it.
  std::uint64_t most_true(LineNumber line, const std::function<bool(NodeId, NodeId)>& meets) const;
  /// Requests for bytes that another core's request has written since this core asked for them last, or that
  /// wrote what another core then asked for: the essential ones, but for what hits have read and written.
  std::uint64_t essential(LineNumber line) const;
  /// The core's requests, each a part at every byte that it is for, by word.
  std::array<float, line_words> requests(LineNumber line, NodeId core) const;

 private:
  static constexpr std::size_t most_takers = 16;  ///< of one miss; and of a core twice as many
  static constexpr std::size_t log_size = 64;

  /// A core and a line; times are of clock_, 0: never.
  struct Holder {
    Permission has{};
    bool missed = false;
    bool gave_up = false;
    bool renews = false;
    std::uint64_t lost_copy = 0;
    std::uint64_t lost_write = 0;  ///< and has not had it again
    std::uint64_t took = 0;        ///< got the line, or the right to write it
    std::uint64_t asked = 0;
    Value content = 0;            ///< when it asked to renew
    std::uint64_t since = 0;      ///< when it got that
    std::uint64_t asked_for = 0;  ///< bytes; so are these:
    std::uint64_t unseen = 0;     ///< written by others, not asked for since then; of the log up to:
    std::uint64_t read_to = 0;
    std::uint64_t unused = 0;  ///< written here, not asked for by others since then
    std::array<float, line_words> requests{};
    std::uint64_t sharing = 0;
    std::uint64_t unexplained = 0;                         ///< of these: any core can have taken the line
    std::vector<std::pair<NodeId, std::uint32_t>> takers;  ///< of these: so many with this core among them
  };
  /// A machine can have a thousand cores: what a miss costs must not grow with them.
  struct Line {
    std::unordered_map<NodeId, Holder> holders;
    std::vector<NodeId> asking;                          ///< have not got it yet
    std::vector<std::pair<NodeId, std::uint64_t>> took;  ///< when, the last one first
    std::vector<NodeId> copies;
    // Bytes, by requests.
    std::uint64_t written = 0;
    std::uint64_t essential = 0;
    std::array<NodeId, 64> writer;  ///< by bit: the last one
    std::uint64_t writes = 0;       ///< of these the log has the last ones, at their number modulo its size
    std::vector<std::pair<NodeId, std::uint64_t>> log;  ///< who, which bytes
    Line() { writer.fill(no_node); }
  };

  Line* find_line(LineNumber line);
  Holder* find(LineNumber line, NodeId core);
  MissCause cause_of(const Line& line, const Holder& holder, NodeId core, bool writes) const;
  static bool any_taker(const Line& line, NodeId core, std::uint64_t since);
  static void count_takers(const Line& line, Holder& holder, NodeId core, std::uint64_t since,
                           bool and_sharers);
  static void read_log(const Line& line, Holder& holder, NodeId core);
  static void took(Line& line, NodeId core, std::uint64_t when);

  std::size_t room_;
  std::uint64_t clock_ = 0;
  std::unordered_map<LineNumber, Line> lines_;
};

}  // namespace baton::sim
