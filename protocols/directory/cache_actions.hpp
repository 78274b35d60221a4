#pragma once
// The actions of a directory protocol's cache, for its table to derive from. P::Kind names the messages; an
// action whose message a protocol does not have is never instantiated.

#include "protocols/core/context.hpp"
#include "protocols/core/table.hpp"

namespace baton::directory {

template <class P>
struct CacheActions {
  using C = CacheContext<P>;
  using A = Action<C>;
  using Kind = typename P::Kind;

  static constexpr A send_GetS{"send_GetS", Effect::sends, [](C& c) { c.to_home(Kind::GetS); }};
  static constexpr A send_GetM{"send_GetM", Effect::sends, [](C& c) { c.to_home(Kind::GetM); }};
  static constexpr A send_Atomic{"send_Atomic", Effect::sends, [](C& c) { c.to_home(Kind::Atomic); }};
  static constexpr A send_PutS{"send_PutS", Effect::sends, [](C& c) { c.to_home(Kind::PutS); }};
  static constexpr A send_PutE{"send_PutE", Effect::sends, [](C& c) { c.to_home(Kind::PutE); }};
  static constexpr A send_PutF{"send_PutF", Effect::sends, [](C& c) { c.to_home(Kind::PutF); }};
  static constexpr A send_PutO{"send_PutO", Effect::sends, [](C& c) { c.to_home(Kind::PutO, c.line.data); }};
  static constexpr A send_PutM{"send_PutM", Effect::sends, [](C& c) { c.to_home(Kind::PutM, c.line.data); }};
  /// With the acknowledgements that the home's forward announced: other caches' to the requestor.
  static constexpr A data_to_requestor{"data_to_requestor", Effect::sends,
                                       [](C& c) { c.to_requestor(Kind::Data, c.line.data, c.message.acks); }};
  static constexpr A data_to_home{"data_to_home", Effect::sends,
                                  [](C& c) { c.to_home_for(c.message.requestor, Kind::Data, c.line.data); }};
  static constexpr A send_InvAck{"send_InvAck_to_requestor", Effect::sends,
                                 [](C& c) { c.to_requestor(Kind::InvAck); }};

  static constexpr A fill{"fill", Effect::local, [](C& c) { c.line.data = c.message.data; }};
  static constexpr A expect_acks{"expect_acks", Effect::local, [](C& c) {
                                   c.line.acks = static_cast<std::int16_t>(c.line.acks + c.message.acks);
                                 }};
  static constexpr A count_ack{"count_ack", Effect::local, [](C& c) { --c.line.acks; }};

  static constexpr A perform{"perform", Effect::performs,
                             [](C& c) { c.line.data = c.access.perform(c.line.data); }};
  static constexpr A use_once{"use_once", Effect::performs,
                              [](C& c) { c.access.perform_snapshot(c.message.data); }};
  static constexpr A finish_far{"finish", Effect::performs, [](C& c) { c.access.performed_at_home(); }};
};

}  // namespace baton::directory
