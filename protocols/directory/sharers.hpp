#pragma once
// The sharers in a directory entry. One format serves all organisations: up to `pointers` sharers are named;
// when one more comes, the entry turns coarse and keeps a bit for each region of `region` caches.
//
//   full map          any number of pointers
//   Dir_i_B           i pointers, then one region of all caches: a write invalidates all (Agarwal, Simoni,
//                     Hennessy, Horowitz, An Evaluation of Directory Schemes for Cache Coherence, ISCA 1988)
//   broadcast         the same with i = 0
//   Dir_i_CV_r        i pointers, then regions of r caches (Gupta, Weber, Mowry, Reducing Memory and Traffic
//                     Requirements for Scalable Directory-Based Cache Coherence Schemes, ICPP 1990)
//   Dir_i_NB          i pointers, and the home invalidates a sharer when one more comes (Agarwal et al.)

#include <algorithm>
#include <cstdint>
#include <utility>

#include "protocols/core/context.hpp"
#include "protocols/core/node_set.hpp"

namespace baton::directory {

/// What an entry's `sharers` are.
enum class Named : std::uint8_t {
  sharers,     ///< the caches that share the line, all of them and no others
  candidates,  ///< caches that share it or have silently dropped it
  regions      ///< of caches, numbered from 0
};

template <class Entry>
void add_sharer(Entry& entry, NodeId cache, const SharerFormat& format) {
  if (entry.named != Named::regions) {
    if (entry.sharers.size() < format.pointers || entry.sharers.contains(cache)) {
      if (format.silent) entry.named = Named::candidates;
      return entry.sharers.insert(cache);
    }
    const NodeSet named = std::exchange(entry.sharers, {});
    named.for_each([&](NodeId sharer) { entry.sharers.insert(static_cast<NodeId>(sharer / format.region)); });
    entry.named = Named::regions;
  }
  entry.sharers.insert(static_cast<NodeId>(cache / format.region));
}

template <class Entry>
void clear_sharers(Entry& entry) {
  entry.sharers.clear();
  entry.named = Named::sharers;
}

/// Calls f(NodeId) for every cache that the entry counts among the sharers, in ascending order.
template <class Entry, class F>
void for_each_sharer(const Entry& entry, const SharerFormat& format, NodeId caches, F&& f) {
  if (entry.named != Named::regions) return entry.sharers.for_each(f);
  entry.sharers.for_each([&](NodeId region) {
    const std::uint32_t first = std::uint32_t{region} * format.region;
    const std::uint32_t end = std::min<std::uint32_t>(first + format.region, caches);
    for (std::uint32_t cache = first; cache < end; ++cache) f(static_cast<NodeId>(cache));
  });
}

/// Dir_i_NB: the sharer that gives way to `requestor`: the next one in the order of numbers, and around.
template <class Entry>
NodeId victim(const Entry& entry, NodeId requestor) {
  NodeId first = no_node;
  NodeId next = no_node;
  entry.sharers.for_each([&](NodeId sharer) {
    if (first == no_node) first = sharer;
    if (next == no_node && sharer > requestor) next = sharer;
  });
  return next != no_node ? next : first;
}

}  // namespace baton::directory
