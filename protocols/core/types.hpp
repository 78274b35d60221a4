#pragma once
// The few types that every protocol shares. Nothing here knows SystemC, JSON or a particular protocol.

#include <cstdint>
#include <string_view>

namespace baton {

/// Index of a tile: core i, its cache i and home i share node i. Range 0 .. 65,534.
using NodeId = std::uint16_t;
inline constexpr NodeId no_node = 0xFFFF;

/// A byte address divided by the line size.
using LineNumber = std::uint64_t;

/// The content of a line, as an opaque number: protocols copy it and never look inside. Every store replaces
/// it, so two different contents of one line never compare equal where a monitor could confuse them.
using Value = std::uint64_t;

/// Logical time, in protocols that order accesses by it. It begins at 1; 0 is "none", or before any clock.
using Tick = std::uint32_t;

/// Who handles a message at a node.
enum class Unit : std::uint8_t { cache, home };

/// Messages on different virtual networks never wait for each other (no cyclic waiting between classes):
/// Nagarajan et al., Primer 2nd ed., section 8.2.3.
enum class VirtualNetwork : std::uint8_t { request, forward, response };
inline constexpr int virtual_networks = 3;

/// One coherence message. `kind` indexes the protocol's own list of kinds (see KindInfo).
struct Message {
  LineNumber line = 0;
  Value data = 0;  ///< meaningful only if the kind carries data
  NodeId source = 0;
  NodeId destination = 0;
  NodeId requestor = 0;        ///< the cache whose request started the transaction
  std::int16_t acks = 0;       ///< how many InvAcks the requestor has to collect; 0 .. 32,767
  Unit receiver = Unit::home;  ///< the unit at `destination`
  std::uint8_t kind = 0;
  Tick wts = 0;  ///< logical time: of which version; protocols without logical time leave both alone
  Tick rts = 0;  ///< logical time: until when, or from when

  bool operator==(const Message&) const = default;
};

/// What the network and the statistics have to know of a kind of message.
struct KindInfo {
  std::string_view name;  ///< as in the field's books: "GetS", "FwdGetM", "InvAck", …
  VirtualNetwork network;
  bool carries_data;  ///< a whole line travels with it
};

}  // namespace baton
