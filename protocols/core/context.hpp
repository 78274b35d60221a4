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

 protected:
  ~PendingAccess() = default;
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
  NodeId home;  ///< node of the line's home

  void to_home(Kind kind, Value data = 0) { to_home_for(self, kind, data); }
  /// A message to the home about another cache's request (MESI's copy-back).
  void to_home_for(NodeId requestor, Kind kind, Value data = 0) {
    out.emplace_back(message.line, data, self, home, requestor, std::int16_t{0}, Unit::home,
                     static_cast<std::uint8_t>(kind));
  }
  void to_cache(NodeId cache, Kind kind, Value data = 0) {
    out.emplace_back(message.line, data, self, cache, cache, std::int16_t{0}, Unit::cache,
                     static_cast<std::uint8_t>(kind));
  }
  void to_requestor(Kind kind, Value data = 0) { to_cache(message.requestor, kind, data); }
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

  void to_cache(NodeId cache, Kind kind, Value data = 0, std::int16_t acks = 0) {
    out.emplace_back(message.line, data, self, cache, message.requestor, acks, Unit::cache,
                     static_cast<std::uint8_t>(kind));
  }
  void to_requestor(Kind kind, Value data = 0, std::int16_t acks = 0) {
    to_cache(message.requestor, kind, data, acks);
  }
};

}  // namespace baton
