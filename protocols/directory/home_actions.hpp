#pragma once
// The actions of a directory protocol's home, for its table to derive from, and the rows of recalls and far
// atomics, which are alike in all of them.

#include "protocols/core/context.hpp"
#include "protocols/core/table.hpp"
#include "protocols/directory/sharers.hpp"

namespace baton::directory {

/// Every sharer but the requestor; C is a HomeContext. The owner is not counted among the sharers.
template <class C, class F>
void for_each_other_sharer(const C& c, F&& f) {
  for_each_sharer(c.entry, c.format, c.caches, [&](NodeId sharer) {
    if (sharer != c.message.requestor && sharer != c.entry.owner) f(sharer);
  });
}
template <class C>
std::int16_t other_sharers(const C& c) {
  const auto& sharers = c.entry.sharers;
  if (c.entry.named != Named::regions && c.entry.owner == no_node)  // most often: no need to look at each
    return static_cast<std::int16_t>(sharers.size() - (sharers.contains(c.message.requestor) ? 1U : 0U));
  std::int16_t count = 0;
  for_each_other_sharer(c, [&](NodeId) { ++count; });
  return count;
}
template <class C>
void invalidate_other_sharers(C& c) {
  for_each_other_sharer(c, [&](NodeId sharer) { c.to_cache(sharer, C::Kind::Inv); });
}

/// Dir_i_NB: how many sharers have to give way to the requestor, 0 or 1.
template <class C>
std::int16_t missing_room(const C& c) {
  return !c.entry.sharers.contains(c.message.requestor) && c.entry.sharers.size() >= c.format.pointers;
}
template <class C>
void make_room(C& c) {
  if (missing_room(c) == 0) return;
  const NodeId gives_way = victim(c.entry, c.message.requestor);
  c.to_cache(gives_way, C::Kind::Inv);
  c.entry.sharers.erase(gives_way);
}

template <class P>
struct HomeActions {
  using C = HomeContext<P>;
  using A = Action<C>;
  using Kind = typename P::Kind;

  static constexpr A data_to_requestor{"data_to_requestor", Effect::sends,
                                       [](C& c) { c.to_requestor(Kind::Data, c.entry.data); }};
  static constexpr A dataE_to_requestor{"dataE_to_requestor", Effect::sends,
                                        [](C& c) { c.to_requestor(Kind::DataE, c.entry.data); }};
  static constexpr A fwd_GetS{"fwd_GetS_to_owner", Effect::sends,
                              [](C& c) { c.to_cache(c.entry.owner, Kind::FwdGetS); }};
  static constexpr A fwd_GetM{"fwd_GetM_to_owner", Effect::sends,
                              [](C& c) { c.to_cache(c.entry.owner, Kind::FwdGetM); }};
  static constexpr A put_ack{"send_PutAck", Effect::sends, [](C& c) { c.to_requestor(Kind::PutAck); }};

  // The answer leaves before the Invs: the requestor can do nothing before it has both.
  static constexpr A data_and_inv_sharers{"data_and_inv_sharers", Effect::sends, [](C& c) {
                                            c.to_requestor(Kind::Data, c.entry.data, other_sharers(c));
                                            invalidate_other_sharers(c);
                                          }};
  static constexpr A acks_and_inv_sharers{"acks_and_inv_sharers", Effect::sends, [](C& c) {
                                            c.to_requestor(Kind::AckCount, 0, other_sharers(c));
                                            invalidate_other_sharers(c);
                                          }};
  /// The owner's data will tell the requestor how many InvAcks come.
  static constexpr A fwd_GetM_and_inv_sharers{"fwd_GetM_to_owner_and_inv_sharers", Effect::sends, [](C& c) {
                                                c.to_cache(c.entry.owner, Kind::FwdGetM, 0, other_sharers(c));
                                                invalidate_other_sharers(c);
                                              }};
  /// Dir_i_NB: if all pointers are in use, a sharer gives way; its InvAck goes to the requestor, which waits
  /// for it, so that nobody overlooks the victim's copy. The new sharer is added by `share`.
  static constexpr A data_and_make_room{"data_and_make_room", Effect::sends, [](C& c) {
                                          c.to_requestor(Kind::Data, c.entry.data, missing_room(c));
                                          make_room(c);
                                        }};
  static constexpr A fwd_GetS_and_make_room{"fwd_GetS_to_owner_and_make_room", Effect::sends, [](C& c) {
                                              c.to_cache(c.entry.owner, Kind::FwdGetS, 0, missing_room(c));
                                              make_room(c);
                                            }};

  static constexpr A own{"set_owner", Effect::local, [](C& c) { c.entry.owner = c.message.requestor; }};
  static constexpr A disown{"clear_owner", Effect::local, [](C& c) { c.entry.owner = no_node; }};
  static constexpr A share{"add_sharer", Effect::local,
                           [](C& c) { add_sharer(c.entry, c.message.requestor, c.format); }};
  static constexpr A share_owner{"owner_to_sharers", Effect::local,
                                 [](C& c) { add_sharer(c.entry, c.entry.owner, c.format); }};
  static constexpr A unshare{"remove_sharer", Effect::local,
                             [](C& c) { c.entry.sharers.erase(c.message.requestor); }};
  static constexpr A unshare_all{"clear_sharers", Effect::local, [](C& c) { clear_sharers(c.entry); }};
  static constexpr A write_memory{"write_memory", Effect::local, [](C& c) { c.write_memory(); }};

  // A recall: the home asks on its own behalf, as if it wanted to write, and the answers come to it.
  static constexpr A recall_sharers{"recall_sharers", Effect::sends, [](C& c) {
                                      for_each_other_sharer(c, [&](NodeId sharer) {
                                        c.recall(sharer, Kind::Inv);
                                        ++c.entry.acks;
                                      });
                                    }};
  static constexpr A recall_all_sharers{"recall_all_sharers", Effect::sends, [](C& c) {
                                          for_each_sharer(c.entry, c.format, c.caches, [&](NodeId sharer) {
                                            c.recall(sharer, Kind::Inv);
                                            ++c.entry.acks;
                                          });
                                        }};
  static constexpr A recall_owner{"recall_owner", Effect::sends, [](C& c) {
                                    c.recall(c.entry.owner, Kind::FwdGetM);
                                    ++c.entry.acks;
                                  }};
  static constexpr A count_answer{"count_answer", Effect::local, [](C& c) { --c.entry.acks; }};

  static constexpr A perform_far{
      "perform_at_home", Effect::performs,
      [](C& c) { c.entry.data = c.far->perform(c.message.requestor, c.message.line, c.entry.data); }};
  static constexpr A answer_far{"send_Result", Effect::sends,
                                [](C& c) { c.to_requestor(Kind::Result, c.entry.data); }};
  /// The same at the end of a recall, for the cache that `own` has remembered.
  static constexpr A perform_owners{
      "perform_for_owner", Effect::performs,
      [](C& c) { c.entry.data = c.far->perform(c.entry.owner, c.message.line, c.entry.data); }};
  static constexpr A answer_owner{"send_Result_to_owner", Effect::sends, [](C& c) {
                                    c.out.emplace_back(c.message.line, c.entry.data, c.self, c.entry.owner,
                                                       c.entry.owner, std::int16_t{0}, Unit::cache,
                                                       static_cast<std::uint8_t>(Kind::Result));
                                  }};
};

}  // namespace baton::directory
