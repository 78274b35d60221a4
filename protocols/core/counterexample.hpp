#pragma once
// The steps of a checked system as plain data: what is printed, written to files and replayed in the
// simulator.

#include <cstdint>
#include <string>
#include <vector>

namespace baton {

/// A message with its kind by name.
struct CheckMessage {
  std::string kind;
  int line = 0;
  int source = 0;
  int destination = 0;
  bool to_home = false;  ///< else to the cache at the destination
  int requestor = 0;     ///< -1: none
  int acks = 0;
  std::uint64_t data = 0;
  bool carries_data = false;
  bool has_content = false;  ///< false: it carries what a wrong protocol took from a line without content

  bool operator==(const CheckMessage&) const = default;
};

/// One step: a core's access or the replacement of a line, or the delivery of a message.
struct CheckStep {
  enum class Kind : std::uint8_t {
    access,   ///< event is Load, Store or Rmw
    replace,  ///< of the line in the cache
    buffer,   ///< a store enters the core's store buffer; the cache does not see it yet
    deliver,  ///< of `message`
    recall,   ///< the home of a bounded directory gives up the line's entry
  };
  Kind kind = Kind::access;
  int cache = -1;  ///< where; -1: at the home
  int line = 0;
  bool ticks = false;               ///< an access behind a tick of the core's logical clock
  std::string event;                ///< of the table
  std::string before;               ///< state of the line or entry
  std::string after;                ///< the same as before if the step ends in an impossible cell
  CheckMessage message;             ///< delivered
  std::vector<CheckMessage> sends;  ///< in the order of sending
  std::string text;                 ///< the step on one line, changes only
};

/// A message-sequence chart in Mermaid's notation: the caches and the home, every message at its delivery.
std::string to_mermaid(const std::vector<CheckStep>& steps, int caches, const std::string& violation);

}  // namespace baton
