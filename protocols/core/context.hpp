#pragma once
// What an action may touch. A protocol's traits class P names its types; see protocols/README.md.

#include <vector>

#include "protocols/core/types.hpp"

namespace baton {

/// The core's pending access to a line, as the cache's table sees it. Implemented by the simulated cache
/// (which asks the core and the monitor) and by the checker (which compares with the one golden value).
class PendingAccess {
 public:
  /// Performs the access on the line's current content and returns the content afterwards (the same for a
  /// load). The line must be readable (load) or writable (store, read-modify-write) at this moment.
  virtual Value perform(Value content) = 0;
  /// A load that ends with a value which was current at some moment since the load was issued, and which the
  /// cache does not keep (a snapshot).
  virtual void perform_snapshot(Value content) = 0;
  /// A read-modify-write ends that the home has performed.
  virtual void performed_at_home() = 0;

 protected:
  ~PendingAccess() = default;
};

/// A core's pending read-modify-write, performed at the home (far atomics). Implemented as PendingAccess is.
class FarAccess {
 public:
  /// Performs the requestor's access on the line's content and returns the content afterwards. No cache may
  /// hold a copy at this moment. What the core reads travels in the answer.
  virtual Value perform(NodeId requestor, LineNumber line, Value content) = 0;

 protected:
  ~FarAccess() = default;
};

/// Of a core, in protocols that order accesses by logical time (`logical_time` in the traits).
struct Clock {
  Tick now = 1;  ///< of the core's last access; never falls
  Tick at = 0;   ///< of the access being performed: set before PendingAccess::perform
};

/// Does the protocol order accesses by logical time? Its lines and entries then have `wts` and `rts`, its
/// `classify_access(line, clock, event)` says which event of the table a core's access is, and a load may see
/// an older version than the newest: the one that was current at the load's logical time.
template <class P>
inline constexpr bool has_logical_time = requires {
  requires P::logical_time;
};

/// How a directory entry keeps its sharers; see protocols/directory/sharers.hpp.
struct SharerFormat {
  NodeId pointers = no_node;  ///< sharers that an entry can name; no_node: any number
  NodeId region = no_node;    ///< beyond: caches that share a bit, >= 1; no_node: all of them
  bool silent = false;        ///< sharers leave without notice, so the entry may name caches without a copy
};

template <class P>
struct CacheContext {
  using State = typename P::CacheState;
  using Event = typename P::CacheEvent;
  using Kind = typename P::Kind;

  typename P::Line& line;
  const Message& message;  ///< for a core's event: only `line` is meaningful
  PendingAccess& access;   ///< used only by actions with Effect::performs
  std::vector<Message>& out;
  NodeId self;
  NodeId home;             ///< node of the line's home
  Clock* clock = nullptr;  ///< the core's, in protocols with logical time; there `lease` has a meaning, too
  Tick lease = 0;

  void to_home(Kind kind, Value data = 0) { to_home_for(self, kind, data); }
  /// A message to the home about another cache's request (MESI's copy-back).
  void to_home_for(NodeId requestor, Kind kind, Value data = 0) {
    out.emplace_back(message.line, data, self, home, requestor, std::int16_t{0}, Unit::home,
                     static_cast<std::uint8_t>(kind));
  }
  void to_cache(NodeId cache, Kind kind, Value data = 0, std::int16_t acks = 0) {
    out.emplace_back(message.line, data, self, cache, cache, acks, Unit::cache,
                     static_cast<std::uint8_t>(kind));
  }
  /// The home itself, if it has sent the message on its own behalf (a recall): the requestor is no_node.
  void to_requestor(Kind kind, Value data = 0, std::int16_t acks = 0) {
    if (message.requestor == no_node) return to_home_for(no_node, kind, data);
    to_cache(message.requestor, kind, data, acks);
  }
};

template <class P>
struct HomeContext {
  using State = typename P::HomeState;
  using Event = typename P::HomeEvent;
  using Kind = typename P::Kind;

  typename P::Entry& entry;
  const Message& message;
  std::vector<Message>& out;
  NodeId self;    ///< node of this home
  NodeId caches;  ///< how many caches there are, nodes 0 .. caches-1
  SharerFormat format{};
  FarAccess* far = nullptr;  ///< used only by actions with Effect::performs
  Tick lease = 0;
  bool writes_memory = false;  ///< the step at hand does

  /// The message's data are what memory contains now.
  void write_memory() {
    entry.data = message.data;
    writes_memory = true;
  }
  void to_cache(NodeId cache, Kind kind, Value data = 0, std::int16_t acks = 0) {
    out.emplace_back(message.line, data, self, cache, message.requestor, acks, Unit::cache,
                     static_cast<std::uint8_t>(kind));
  }
  void to_requestor(Kind kind, Value data = 0, std::int16_t acks = 0) {
    to_cache(message.requestor, kind, data, acks);
  }
  /// A message that the home sends on its own behalf: what it asks for comes back to the home.
  void recall(NodeId cache, Kind kind) {
    out.emplace_back(message.line, Value{0}, self, cache, no_node, std::int16_t{0}, Unit::cache,
                     static_cast<std::uint8_t>(kind));
  }
};

}  // namespace baton
